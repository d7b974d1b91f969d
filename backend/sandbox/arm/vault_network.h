/* The firewall of a vault or Managed HSM as it is asked for: networkAcls and publicNetworkAccess.
 * Who it lets in is said in rows/vaults.h. */
#ifndef CLAVIGER_SANDBOX_VAULT_NETWORK_H
#define CLAVIGER_SANDBOX_VAULT_NETWORK_H

#include "backend/sandbox/call.h"

/* Takes both properties into more, an object, spelled as Azure spells them and with what was left
 * out; those that the body does not have stay as they are. Answers 400 and is false when one is
 * wrong. */
bool network_take(
	struct call *call, enum store_kind kind, const json_t *properties, json_t *more) MUST_CHECK;

/* The rules of something that has none: everybody may come in. */
json_t *network_open(void);

#endif
