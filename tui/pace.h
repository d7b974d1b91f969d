/* How many frames may be on their way to the terminal: a slow line never queues more than two, nor
 * a second one behind one that is large. */
#ifndef CLAVIGER_TUI_PACE_H
#define CLAVIGER_TUI_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PACE_WINDOW = 2, PACE_LARGE = 1024, PACE_SLOW_MS = 50 };

/* Zeroed: nothing sent yet. Times are milliseconds of the monotonic clock. */
struct pace {
	bool off;                  /* the last question was not answered in time */
	bool proven;               /* this terminal has answered before */
	size_t open;               /* frames sent and not yet acknowledged */
	size_t bytes;              /* what they hold together */
	size_t held[PACE_WINDOW];  /* and each, oldest first */
	int64_t due[PACE_WINDOW];  /* when each answer is given up, oldest first */
	int64_t sent[PACE_WINDOW]; /* when each went out */
	int64_t took;              /* until the last answer came, in ms */
};

/* Whether a frame may be sent now. Gives up on an answer that is overdue. */
bool pace_ready(struct pace *pace, int64_t now);

/* Milliseconds until pace_ready turns true by itself, -1 if it is true. */
int pace_wait(const struct pace *pace, int64_t now);

/* A frame of so many bytes was sent with a question behind it. */
void pace_sent(struct pace *pace, int64_t now, size_t bytes);

/* The terminal answered. A late answer turns the questions on again. */
void pace_answered(struct pace *pace, int64_t now);

/* Whether it takes the terminal long to show a frame, or nobody knows how long. */
bool pace_slow(const struct pace *pace, int64_t now);

#endif
