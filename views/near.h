/* Words that somebody may have meant. */
#ifndef CLAVIGER_VIEWS_NEAR_H
#define CLAVIGER_VIEWS_NEAR_H

#include <stddef.h>

/* The few best candidates so far, for one word. */
struct near {
	const char *word;
	char best[3][48];
	size_t distance[3];
	size_t len;
};

void near_start(struct near *near, const char *word);
void near_offer(struct near *near, const char *candidate);

/* "; nearest: a, b", or "" when nothing resembles it. out has room bytes. Returns out. */
char *near_print(const struct near *near, char *out, size_t room);

#endif
