/* Who calls: tokens against resource servers. */
#ifndef CLAVIGER_SANDBOX_ACCESS_H
#define CLAVIGER_SANDBOX_ACCESS_H

#include "backend/sandbox/call.h"
#include "backend/sandbox/rows/vaults.h"

/* Fills call->caller from the token, or answers 401 in ARM's shape and is false. */
bool access_arm(struct call *call) MUST_CHECK;

/* Fills call->caller from the token, or answers 401 with the challenge of this vault. */
bool access_vault(struct call *call, const struct vault *vault) MUST_CHECK;

/* Whether the vault's firewall lets the caller in; otherwise answers 403. */
bool access_firewall(struct call *call, const struct vault *vault) MUST_CHECK;

#endif
