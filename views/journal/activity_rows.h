/* The rows of Activity, and the readings of the journal that make them. */
#ifndef CLAVIGER_VIEWS_ACTIVITY_ROWS_H
#define CLAVIGER_VIEWS_ACTIVITY_ROWS_H

#include "backend/journal/operation.h"
#include "views/journal/past.h"

/* What is shown of an operation, made safe. */
struct activity_row {
	char id[OPERATION_ID];
	const char *plan, *subject, *started, *last;
	const char *standing;
	enum operation_state state;
	unsigned done, all;
	unsigned fleet; /* how many it is about; 0: it is none */
	bool on, back;  /* it may be gone on with; something of it may be taken back */
};

/* Newest first. A member is told of with its campaign. */
struct activity_rows {
	struct activity_row *all;
	size_t len;
	struct arena *texts;
	unsigned percent; /* of the journal that were read for them; 100: all of it */
};
void activity_rows_free(struct activity_rows *rows);

struct activity_reading {
	struct past past;
	struct survey *survey; /* as far as it has come; NULL: it begins */
	size_t bytes;          /* that are read now */
	struct activity_rows rows;
};

/* done as of struct past. whole: in one go; else the newest first, and then activity_reading_on. */
struct activity_reading *activity_reading_new(
	bool whole, void (*done)(void *user, struct past *past), void *user);

/* What goes on where this one has come to, with twice as much; NULL: that was all. */
struct activity_reading *activity_reading_on(struct activity_reading *reading);

#endif
