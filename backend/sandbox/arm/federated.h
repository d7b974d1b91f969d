/* Credentials of other issuers at a user-assigned identity; params[0] the subscription, params[1]
 * the group, params[2] the identity, params[3] the credential. */
#ifndef CLAVIGER_SANDBOX_FEDERATED_H
#define CLAVIGER_SANDBOX_FEDERATED_H

#include "backend/sandbox/call.h"

void federated_list(struct call *call);
void federated_get(struct call *call);
void federated_write(struct call *call);
void federated_remove(struct call *call);

#endif
