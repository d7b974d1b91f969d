/* What the palette offers, shared by the files that are the palette. */
#ifndef CLAVIGER_VIEWS_PALETTE_STATE_H
#define CLAVIGER_VIEWS_PALETTE_STATE_H

#include "backend/estate/kind.h"
#include "backend/plans/plan.h"
#include "views/app/app_state.h"

enum entry_of { OF_ACTION, OF_VIEW, OF_CONSOLE, OF_TOPIC, OF_DEMO, OF_THEME, OF_ROW };

struct entry {
	enum entry_of of;
	const struct binding *binding; /* OF_VIEW, OF_CONSOLE */
	const struct plan_def *plan;   /* OF_ACTION */
	const struct kind *kind;       /* OF_ROW */
	size_t row;
	char name[160], what[200], keys[32];
	const char *why_not; /* NULL: it can be taken */
};

struct entries {
	struct entry *at;
	size_t len;
};

/* The kinds whose rows have a page of their own to go to. */
enum { PALETTE_PLACES = 3 };
struct palette_place {
	const struct kind *kind;
	const struct view_ops *view;
};
extern const struct palette_place palette_places[PALETTE_PLACES];

/* All but rows, for a palette over that view; out->at is the caller's to free. */
void entries_make(struct entries *out, const struct view *under);

/* Does it, with what the palette stood over on top again. */
void entry_take(struct app *app, const struct entry *entry);

#endif
