/* The customer key that an account is on, for the verbs that change that: repin, replace, detach.
 */
#ifndef CLAVIGER_PLAN_USED_H
#define CLAVIGER_PLAN_USED_H

#include "backend/plans/judge.h"

/* For plan_def.prepare: ERR_REFUSED for an account of a service that is not managed. */
bool used_prepare(const struct subject *subject, struct err *err) MUST_CHECK;

/* For accept of the plan's first read (step.reads_used): takes over why it failed, and remembers
 * the key in use as facts->former. Whoever has no customer key passes: see used_required. */
bool used_take(struct plan_facts *facts, const struct err *failure, struct err *err) MUST_CHECK;

/* ERR_REFUSED for an account on Microsoft's keys. */
bool used_required(const struct plan_facts *facts, struct err *err) MUST_CHECK;

/* What is in use becomes what is wanted: account, vault, key, version and identity. */
void used_want(struct plan_facts *facts);

/* Whether the key in use can be used: a service unwraps with it before it wraps anew. */
void used_judge(const struct plan_facts *facts, struct judging *judging);

/* That the account stops following new versions of its key. */
void used_judge_pinning(const struct plan_facts *facts, struct judging *judging);

#endif
