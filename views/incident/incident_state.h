/* The inside of the Incident view, shared by its two files only. */
#ifndef CLAVIGER_VIEWS_INCIDENT_STATE_H
#define CLAVIGER_VIEWS_INCIDENT_STATE_H

#include "backend/plans/plan.h"
#include "views/list/list.h"
#include "views/list/place.h"
#include "views/list/rows.h"

/* Where it is, and which keymap holds there. */
enum incident_at { INCIDENT_QUESTION, INCIDENT_KEY, INCIDENT_IMPACT };

struct incident {
	struct view *view;
	struct estate *estate;
	enum incident_at at;
	const struct plan_def *plan; /* that answers it */
	bool chosen;                 /* of the question, the second row is under the cursor */
	struct keyid here;           /* under the cursor when it was called; key "": none */
	char text[256];              /* typed, of the key's name */
	size_t caret;
	bool untouched; /* the text is not the operator's: what is typed takes its place */
	bool fits;      /* the rows are those that the text fits */
	struct table_column columns[LIST_COLUMNS_MAX];
	struct rows keys;    /* that are known */
	struct table table;  /* of them */
	struct place place;  /* of its cursor */
	int rows;            /* of it, seen last */
	struct job *finding; /* the key that was typed; NULL: none is looked for */
	struct subject found;
	struct err not_found; /* ERR_NONE: it was found */
	struct subject subject;
	bool asked;          /* the lists it rests on were asked for */
	bool begun;          /* its plan was begun: whom it hits may be another matter now */
	struct job *looking; /* NULL: not yet, or done */
	unsigned as_of;      /* estate_changes when it began to look */
	struct err why_unknown;
	json_t *impact; /* as `claviger impact` prints it; NULL: not known yet */
	struct page page;
};

enum incident_action {
	INCIDENT_STOLEN = 1,
	INCIDENT_DARK,
	INCIDENT_ANSWER,
	INCIDENT_CHOOSE,
	INCIDENT_TAKE,
	INCIDENT_COMPLETE,
	INCIDENT_MOVE,
	INCIDENT_OTHER_KEY,
	INCIDENT_GO_ON,
	INCIDENT_SCROLL,
	INCIDENT_BACK,
};

/* incident_page.c */
void incident_draw(struct view *view, struct area area);

#endif
