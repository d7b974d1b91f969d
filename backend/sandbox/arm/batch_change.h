/* What PUT and PATCH may change on a Batch account, and how the provider refuses. */
#ifndef CLAVIGER_SANDBOX_BATCH_CHANGE_H
#define CLAVIGER_SANDBOX_BATCH_CHANGE_H

#include "backend/sandbox/service/change.h"

extern const struct account_change batch_change;

/* A member of an account's `more` that is true when it was made without a managed identity: such an
 * account can never take a customer key (the article's FAQ: new accounts only). */
extern const char batch_bare[];

/* {"error":{"code","message","target","details"}}; the message ends in the request's id and the
 * time (recorded: InvalidRequestBody). target and details may be NULL; details is taken over. */
void batch_refuse(struct call *call, unsigned status, const char *code, const char *target,
	json_t *details, const char *message);

/* The 403 to whatever needs the account's data while its key cannot be used. The article says that
 * only deletion works then; the code is not established. */
void batch_refuse_dark(struct call *call, const struct cmk_refusal *refusal);

#endif
