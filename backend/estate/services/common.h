/* What the services share in reading and writing their accounts. Internal to services/. */
#ifndef CLAVIGER_ESTATE_SERVICES_COMMON_H
#define CLAVIGER_ESTATE_SERVICES_COMMON_H

#include "backend/estate/reply.h"
#include "backend/estate/services/service.h"

/* An account from a GET or PATCH reply or an element of a list; key reads the customer key out of
 * properties.encryption. Without detailed, identity and encryption are left unknown. */
bool service_decode(const struct service *service, const json_t *json, bool detailed,
	bool (*key)(const json_t *encryption, const struct cloud *, struct account *, struct err *),
	const struct cloud *cloud, struct account *out, struct err *err) MUST_CHECK;

/* A key's URI into its parts. As with reply_vault_host one of another cloud is kept to be shown. */
void service_key_uri(const char *uri, const struct cloud *cloud, struct keyid *out);

/* encryption.identity.userAssignedIdentity into out->key_identity. */
bool service_key_identity(
	const json_t *encryption, struct account *out, struct err *err) MUST_CHECK;

/* The same for a PATCH: the identities as they are, plus the system-assigned one when asked. comma
 * stands between the two words of the type. New reference. */
json_t *service_identity_body(const struct account *account, bool system, const char *comma);

#endif
