/* Who may send now. Azure counts requests by host, subscription and kind (reads, writes, deletes),
 * so there is a lane for each of these, where calls wait in the order of their age: until a place
 * is free at the host, and while Azure has said that nothing is left, or 429. Limits: "Understand
 * how Azure Resource Manager throttles requests"; "Guidance for throttled requests in Azure
 * Resource Graph"; "Scalability targets for the Azure Storage resource provider". */
#ifndef CLAVIGER_NET_GATE_H
#define CLAVIGER_NET_GATE_H

#include "backend/net/loop.h"

enum { GATE_WIDTH = 8, GATE_KEY = 340 };

struct gate;

/* One call's place in a lane; part of what owns it. All zero: in none. */
struct gate_place {
	struct gate_lane *lane;
	struct gate_place *next, *prev; /* while it waits */
	unsigned long number;           /* its age: smaller is older; set by the owner */
	bool inside;
	void (*pass)(void *user);
	void *user;
};

struct gate *gate_new(struct loop *loop);

/* Before the loop. Every place must have been left. */
void gate_free(struct gate *gate);

/* The lane of a request: "HOST", or for what the resource manager counts "HOST/SUBSCRIPTION/KIND",
 * KIND being reads, writes or deletes; storage-reads, storage-lists and storage-writes for Storage
 * accounts, which their provider counts on its own; "HOST/graph" for Resource Graph. In lower case.
 * Returns out. */
char *gate_key(const char *url, enum http_method method, char out[GATE_KEY]);

/* Takes a place that is in no lane. pass(user) is called once it may go: at once, or in a later
 * turn of the loop; the place is inside then. pass may leave it again. */
void gate_enter(struct gate *gate, const char *key, struct gate_place *place,
	void (*pass)(void *user), void *user);

/* Gives the place up, whether it waits or is inside; then others may pass. In no lane: nothing. */
void gate_leave(struct gate_place *place);

/* What a reply to a place inside says of the quota (reply->remaining, resets_after_s). */
void gate_learn(const struct gate_place *place, const struct reply *reply);

/* Nobody passes in this lane for so long: it throttled. At most two minutes. */
void gate_close(const struct gate_place *place, int wait_ms);

/* Time for which lanes have stood still with somebody waiting, so far. */
int64_t gate_held_back_ms(const struct gate *gate);

/* The longest time until a lane opens in which somebody waits; 0: none stands still. */
int gate_patience_ms(const struct gate *gate);

/* Hosts that are remembered, for tests. */
size_t gate_hosts(const struct gate *gate);

#endif
