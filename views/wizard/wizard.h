/* One wizard for every plan, and one for plans made of plans; both begin in the same way. */
#ifndef CLAVIGER_VIEWS_WIZARD_H
#define CLAVIGER_VIEWS_WIZARD_H

#include "backend/journal/operation.h"
#include "backend/plans/plan.h"

struct app;

/* Argument of view_wizard and view_campaign; borrowed while it opens. */
struct wizard_argument {
	const struct plan_def *plan;
	struct subject subject;        /* of a fleet that of its first */
	const struct service *service; /* of an account, else NULL */
	const struct subject *fleet;   /* fleet_len 0: it is about one subject */
	size_t fleet_len;
	struct keyid used; /* key that all of a fleet are on; key "": none, or several */
	const char *values[PLAN_FIELDS_MAX]; /* of the plan's fields; NULL: to be asked for */
	const struct operation *operation;   /* is gone on with, or taken back; NULL: a new one */
	bool back;
};

/* Opens the wizard that carries it out; what stands in the way of any change is told instead. */
bool wizard_begin(struct app *app, const struct wizard_argument *argument);

/* The same with an operation of the journal, once that was read; says so when this version does not
 * know its plan. */
void wizard_again(struct app *app, const char *id, bool back);

/* Why no plan can be begun here, a sentence to be translated; NULL: plans can be. */
const char *wizard_why_not(const struct app *app);

#endif
