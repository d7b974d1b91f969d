/* From rows of lists to what plans are about. */
#ifndef CLAVIGER_VIEWS_SUBJECTS_H
#define CLAVIGER_VIEWS_SUBJECTS_H

#include "backend/plans/plan.h"
#include "views/list/list.h"
#include "views/wizard/wizard.h"

/* The customer key that the account of a row is on; false: none, or not known. */
bool subjects_account_key(const struct list *list, size_t row, struct keyid *out);

/* A key, without its version, with its vault: false where no list has that yet. */
bool subjects_key(const struct estate *estate, const struct keyid *key, struct subject *out);

/* What a subject is called, as subject_name and with the beginning of the version if it is about
 * one alone. Returns out. */
char *subjects_name(const struct subject *subject, char out[SUBJECT_NAME]);

/* Begins it on a key, or on the version of it that the subject of the argument names. A vault that
 * no list has is looked up first; why it cannot be had is told. */
void subjects_begin(
	struct app *app, const struct wizard_argument *argument, const struct keyid *key);

/* The marked rows in their order, else the one under the cursor; owned by the caller. */
size_t subjects_rows(struct list *list, size_t **out);

/* The same for what is done with one alone; when several are marked says so, and what serves all
 * of them, as a translated sentence; "": nothing does. */
bool subjects_one(struct list *list, const char *instead, size_t *row);

/* Argument of view_actions. */
struct actions_argument {
	const struct subject *subjects; /* of one kind; copied */
	size_t subjects_len;
	const struct service *service; /* of one account, else NULL */
	struct keyid key;              /* that the accounts are on; key "": none, or several */
	json_t *row;                   /* what its list knows of the one; NULL: nothing; owned */
};

/* A plan as an action on them. */
struct action {
	const struct plan_def *plan;
	const char *why_not; /* NULL: it can be begun */
};

enum { ACTIONS_MAX = 40 };

/* All that can be done with them, and what cannot be with the reason; how many there are. */
size_t actions_of(
	const struct app *app, const struct actions_argument *on, struct action out[ACTIONS_MAX]);

/* The one of a plan about the like of them. */
struct action actions_find(
	const struct app *app, const struct actions_argument *on, const struct plan_def *plan);

/* Begins one, or tells why not. */
void actions_begin(struct app *app, const struct actions_argument *on, const struct action *action);

/* Opens the list of all that can be done with what a view is on. */
void actions_show(const struct view *view);

/* What the rows of a list are, marked or under the cursor; of a list without rows one subject
 * without a name: there is only something to be made. */
void subjects_list(struct list *list, enum subject_kind kind,
	void (*subject)(const struct list *list, size_t row, struct subject *out),
	struct actions_argument *out);

/* Frees what view_ops.subjects has given. */
void subjects_free(struct actions_argument *on);

#endif
