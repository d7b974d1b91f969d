/* What grant and ungrant share: the same fields, and the same question who opens which key. */
#ifndef CLAVIGER_PLAN_GRANT_H
#define CLAVIGER_PLAN_GRANT_H

#include "backend/plans/judge.h"

enum { GRANT_FIELDS = 2 };

extern const struct plan_field grant_fields[GRANT_FIELDS];
extern const struct step *const grant_reads[];
bool grant_prepare(struct estate *estate, const struct subject *subject, const char *const *values,
	struct plan_facts *facts, struct err *err) MUST_CHECK;

/* Whether the account's own key is in this vault: its data then depend on what is granted there. */
bool grant_is_used(const struct plan_facts *facts);

/* What else gives the identity rights on the account's key, or on the key that is named. Returns
 * whether that is enough to read. */
bool grant_judge_stays(const struct plan_facts *facts, struct judging *judging);

/* Where it is in another tenant: then it is an application that holds the rights. */
void grant_judge_application(const struct plan_facts *facts, struct judging *judging);

#endif
