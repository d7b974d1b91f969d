/* What PUT and PATCH may change on a Managed HSM, and how it is shown. */
#ifndef CLAVIGER_SANDBOX_HSM_CHANGE_H
#define CLAVIGER_SANDBOX_HSM_CHANGE_H

#include "backend/sandbox/call.h"
#include "backend/sandbox/rows/vaults.h"

/* The body onto hsm, in memory only; fresh: it is being created. Answers and is false when the body
 * is wrong. */
bool hsm_apply(struct call *call, struct vault *hsm, bool fresh) MUST_CHECK;

/* The HSM as ARM shows it; its further regions as GET .../regions does, or as names with commas
 * ("": none; in the arena). The lock must be held. */
json_t *hsm_json(struct call *call, const struct vault *hsm);
json_t *hsm_regions(const struct vault *hsm);
const char *hsm_extended(struct call *call, const struct vault *hsm);

#endif
