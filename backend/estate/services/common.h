/* What the services share in reading and writing their accounts. Internal to services/. */
#ifndef CLAVIGER_ESTATE_SERVICES_COMMON_H
#define CLAVIGER_ESTATE_SERVICES_COMMON_H

#include "backend/estate/reply.h"
#include "backend/estate/services/service.h"

/* The member "identity" of an account; absent means none at all. */
bool service_identity(const json_t *json, struct identity *out, struct err *err) MUST_CHECK;

/* The same for a PATCH: the identities as they are, plus the system-assigned one when asked. comma
 * stands between the two words of the type. New reference. */
json_t *service_identity_body(const struct account *account, bool system, const char *comma);

#endif
