/* The ways to sign in, as a table: each tells whether it can be used here and why not, and builds
 * the token request. The order is that of the Azure SDKs' environment credential. */
#ifndef CLAVIGER_AUTH_CREDENTIAL_H
#define CLAVIGER_AUTH_CREDENTIAL_H

#include <stdint.h>

#include "backend/azure/cloud.h"
#include "backend/net/request.h"
#include "crypto/secret.h"

struct credential {
	const struct credential_kind *kind;
	char tenant[64];
	char client_id[64];
	struct secret secret; /* client secret; empty for other kinds */
};

struct credential_kind {
	const char *name;  /* client-secret */
	const char *title; /* one line for doctor */
	/* Whether the environment offers it; if not, reason gets one line. A tenant or client id
	 * that the environment does not name stays "". */
	bool (*find)(struct credential *out, char reason[160]);
	/* The token request for an audience such as https://vault.azure.net. */
	bool (*build)(const struct credential *, const struct cloud *, const char *audience,
		struct request *out, struct err *err);
};

/* In the order in which they are tried. */
extern const struct credential_kind *const credential_kinds[];
extern const size_t credential_kinds_len;

/* The first kind that the environment offers; ERR_DENIED naming what was looked for otherwise. */
bool credential_find(struct credential *out, struct err *err) MUST_CHECK;

/* The same where a profile names tenant or client id ("" if not): those win over the environment.
 */
bool credential_find_for(const char *tenant, const char *client_id, struct credential *out,
	struct err *err) MUST_CHECK;

/* A client id with its secret, as the embedded sandbox hands them over. */
void credential_secret(
	struct credential *out, const char *tenant, const char *client_id, const char *secret);

void credential_free(struct credential *credential);

/* Reads a token reply (Entra v2; expires_in as number or string). token is zeroed by the caller. */
bool credential_accept(const struct reply *reply, struct secret *token, int64_t *expires_in_s,
	struct err *err) MUST_CHECK;

#endif
