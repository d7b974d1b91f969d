/* What a plan stands on: the facts that were read and the requests that follow from them. Its
 * digest is recorded; a plan that was kept in a file is carried out only on the same ground. */
#ifndef CLAVIGER_PLAN_GROUND_H
#define CLAVIGER_PLAN_GROUND_H

#include "backend/plans/plan.h"

/* {account, vault, key, steps} of a run that has been read and judged; new reference. */
json_t *ground_of(const struct run *run);

/* SHA-256 of it, hex. */
void ground_digest(const json_t *ground, char out[65]);

/* False, with the first differences in err (ERR_REFUSED, code "GroundMoved"), when they differ. */
bool ground_same(const json_t *was, const json_t *is, struct err *err) MUST_CHECK;

#endif
