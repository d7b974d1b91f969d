/* What goes over the sandbox's wire, collected while calls run and judged afterwards by the
 * documents. */
#ifndef CLAVIGER_TESTS_SPEC_TRAFFIC_H
#define CLAVIGER_TESTS_SPEC_TRAFFIC_H

#include <stdbool.h>
#include <stddef.h>

struct call;
struct traffic;

/* specs is the folder of the documents. */
struct traffic *traffic_new(const char *specs);
void traffic_free(struct traffic *traffic);

/* For sandbox_options.observe; takes a copy. May run in several threads at once. */
void traffic_observe(void *traffic, const struct call *call);

/* Whether the newest call had a route. */
bool traffic_routed(struct traffic *traffic);

/* Judges all that was collected since, and forgets it; each new mistake is printed once. Calls of
 * sign-in, Graph, managed identity and blobs are outside. Requests count when the program's own
 * client sent them or when they were obeyed. */
void traffic_judge(struct traffic *traffic);

/* Mistakes so far; exchanges judged, of those the program's own. */
size_t traffic_mistakes(const struct traffic *traffic);
size_t traffic_judged(const struct traffic *traffic);
size_t traffic_own(const struct traffic *traffic);

/* Prints every route and verb of the resource manager and of keys that no call was obeyed by, and
 * every deviation that nothing needed; returns how many. */
size_t traffic_unseen(struct traffic *traffic);

#endif
