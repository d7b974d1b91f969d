/* The lessons of the tour, a row each. */
#ifndef CLAVIGER_VIEWS_TOUR_LESSONS_H
#define CLAVIGER_VIEWS_TOUR_LESSONS_H

#include "backend/estate/facts.h"

/* What the drill's clock is read for, counted from the alarm. */
enum tour_time { TOUR_UNTIMED, TOUR_CUT, TOUR_DARK, TOUR_RESTORED, TOUR_TIMES };

/* What the server has just said of the account that a lesson is about. */
struct tour_seen {
	const struct facts *facts;
	enum canary canary; /* UNCLEAR where the lesson does not ask its service */
	unsigned same;      /* so often in a row */
};

struct lesson {
	const char *title, *text, *keys; /* to be translated where they are drawn */
	const char *account;             /* by its name in the demo estate */
	bool page;                       /* something to be looked at: a key leads on from it */
	bool asks;  /* its service, one whose canary has no name, is asked for what the key opens */
	bool waits; /* looks again and again, since the console does not cause what is awaited */
	bool alarm; /* what leads on from it sounds the alarm */
	enum tour_time time; /* read when it is over */
	/* Whether the server shows what the lesson is after; says gets what it shows, a few words.
	 */
	bool (*holds)(const struct tour_seen *seen, char *says, size_t room);
};

extern const struct lesson lessons[];
extern const size_t lessons_len;

#endif
