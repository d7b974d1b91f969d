/* Without this a key held down on a 9600 baud line leaves seconds of stale frames to watch after it
 * is released. Two frames, not one, so that a satellite's round trip does not halve the frame rate;
 * but not behind a whole screen, which takes a slow line seconds.
 * Until a terminal has answered once it is given two seconds and no more, as it may never answer;
 * one that has is also given the time its bytes take at 9600 baud. */
#include "tui/pace.h"

#include <string.h>

enum { PATIENCE_MS = 2000, SLOWEST_BYTES_PER_SECOND = 960 };

static bool
has_room(const struct pace *pace)
{
	return pace->open == 0 || (pace->open < PACE_WINDOW && pace->bytes < PACE_LARGE);
}

bool
pace_ready(struct pace *pace, int64_t now)
{
	if (pace->open && now >= pace->due[0]) {
		pace->off = true;
		pace->open = pace->bytes = 0;
	}
	return has_room(pace);
}

int
pace_wait(const struct pace *pace, int64_t now)
{
	if (has_room(pace))
		return -1;
	return now < pace->due[0] ? (int)(pace->due[0] - now) : 0;
}

void
pace_sent(struct pace *pace, int64_t now, size_t bytes)
{
	int64_t due = now + PATIENCE_MS;

	pace->bytes += bytes;
	if (pace->proven)
		due += (int64_t)pace->bytes * 1000 / SLOWEST_BYTES_PER_SECOND;
	if (pace->open == PACE_WINDOW)
		return;
	pace->held[pace->open] = bytes;
	pace->sent[pace->open] = now;
	pace->due[pace->open++] = due;
}

void
pace_answered(struct pace *pace, int64_t now)
{
	pace->proven = true;
	pace->off = false;
	if (pace->open == 0)
		return;
	pace->took = now - pace->sent[0];
	pace->bytes -= pace->held[0];
	memmove(pace->due, pace->due + 1, (PACE_WINDOW - 1) * sizeof pace->due[0]);
	memmove(pace->sent, pace->sent + 1, (PACE_WINDOW - 1) * sizeof pace->sent[0]);
	memmove(pace->held, pace->held + 1, (PACE_WINDOW - 1) * sizeof pace->held[0]);
	if (--pace->open == 0)
		pace->bytes = 0;
}

bool
pace_slow(const struct pace *pace, int64_t now)
{
	return pace->off || !pace->proven || pace->took > PACE_SLOW_MS ||
	       (pace->open && now - pace->sent[0] > PACE_SLOW_MS);
}
