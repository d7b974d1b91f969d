/* Plans that are rebuilt from what was written down of them: an operation of the journal, or a file
 * with a plan that waits for its approval. */
#ifndef CLAVIGER_PLAN_PAST_H
#define CLAVIGER_PLAN_PAST_H

#include "backend/journal/operation.h"
#include "backend/plans/plan.h"

/* {subject, name, values, forced} of a run, as they are written down; new reference. values are by
 * index of plan->fields; forced: ids of rules that do not stop it, may be NULL. */
json_t *past_about(const struct plan_def *plan, const struct subject *subject, char *const *values,
	json_t *forced);
json_t *past_subject_json(const struct subject *subject);

/* Back from that: the subject; the values by index, borrowed. */
bool past_subject(const struct cloud *cloud, const json_t *about, struct subject *out,
	struct err *err) MUST_CHECK;
void past_values(const struct plan_def *plan, const json_t *about, const char **out);

/* plan_resume and plan_rollback without beginning to read. */
struct run *past_resume(struct estate *estate, struct journal *journal,
	const struct operation *operation, struct err *err) MUST_CHECK;
struct run *past_rollback(struct estate *estate, struct journal *journal,
	const struct operation *operation, struct err *err) MUST_CHECK;

/* Goes on with it under its own id, from what the reads show. Else as plan_start. It was taken
 * (operation_take): the run has it in hand from then on; where there is none whoever took it still
 * has. */
struct run *plan_resume(struct estate *estate, struct journal *journal,
	const struct operation *operation, void (*changed)(void *user), void *user,
	struct err *err) MUST_CHECK;

/* Reads, and stands at PLANNED with the recorded changes that can be undone as the steps that are
 * needed: plan_undo undoes them, last first. UNCHANGED when there are none. What stays says so in
 * its note. No rule stops it. */
struct run *plan_rollback(struct estate *estate, struct journal *journal,
	const struct operation *operation, void (*changed)(void *user), void *user,
	struct err *err) MUST_CHECK;

/* The plan of a plan file's object (plan_file.h), as new. approval: the digest that was typed for
 * it, recorded; NULL: none. */
struct run *plan_again(struct estate *estate, struct journal *journal, const json_t *file,
	const char *approval, void (*changed)(void *user), void *user, struct err *err) MUST_CHECK;

#endif
