/* The fields by which an account is given a key, and what they mean. */
#ifndef CLAVIGER_PLAN_CHOICE_H
#define CLAVIGER_PLAN_CHOICE_H

#include "backend/plans/plan.h"

enum { CHOICE_FIELDS = 8 };

extern const struct plan_field choice_fields[CHOICE_FIELDS];

/* plan_def.prepare: finds vault and key by name; ERR_REFUSED for what the service cannot do. */
bool choice_prepare(struct estate *estate, const struct armid *account, const char *const *values,
	struct plan_facts *facts, struct err *err) MUST_CHECK;

#endif
