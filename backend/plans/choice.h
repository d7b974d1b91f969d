/* The fields by which an account is given a key, and what they mean. */
#ifndef CLAVIGER_PLAN_CHOICE_H
#define CLAVIGER_PLAN_CHOICE_H

#include "backend/plans/plan.h"

enum { CHOICE_FIELDS = 8 };

extern const struct plan_field choice_fields[CHOICE_FIELDS];

/* plan_def.prepare: finds vault and key by name; ERR_REFUSED for what the service cannot do. */
bool choice_prepare(struct estate *estate, const struct subject *subject, const char *const *values,
	struct plan_facts *facts, struct err *err) MUST_CHECK;

/* Whether it stands for a version that another plan is to make: good for a preview, and nothing
 * with it is sent. */
bool choice_is_mark(const char *version);

/* Whether accounts of this service can follow new versions of their key; ERR_REFUSED if not. */
bool choice_may_follow(const struct service *service, struct err *err) MUST_CHECK;

/* Whether this service takes keys of a managed HSM; ERR_REFUSED if not. */
bool choice_takes_hsm(const struct service *service, struct err *err) MUST_CHECK;

#endif
