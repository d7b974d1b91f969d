/* From rows of lists to what plans are about. */
#ifndef CLAVIGER_VIEWS_SUBJECTS_H
#define CLAVIGER_VIEWS_SUBJECTS_H

#include "backend/plans/plan.h"
#include "views/list.h"

/* The customer key that the account of a row is on; false: none, or not known. */
bool subjects_account_key(const struct list *list, size_t row, struct keyid *out);

/* A key with its vault, without its version; why it cannot be had is told. */
bool subjects_key(struct app *app, const struct keyid *key, struct subject *out);

/* The marked rows in their order, else the one under the cursor; owned by the caller. */
size_t subjects_rows(const struct list *list, size_t **out);

/* Argument of view_actions. */
struct actions_argument {
	const struct subject *subjects; /* of one kind; copied */
	size_t subjects_len;
	const struct service *service; /* of one account, else NULL */
	struct keyid key;              /* that the account is on; key "": none */
};

#endif
