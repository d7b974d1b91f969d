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

/* canary_judge for a read through ARM. What the services answer there once their key is cut is
 * documented nowhere: only a 403 that speaks of the key is a refusal, and what ARM itself refuses
 * is none. */
enum canary service_canary_judge(const struct err *failure);

/* The URL of something in an account: tail begins with a slash. Owned by the caller. */
char *service_inner_url(
	const struct session *session, const struct armid *account, const char *tail);

#endif
