/* The kinds of credential, one file each; credential.c puts them into the order in which they are
 * tried. */
#ifndef CLAVIGER_AUTH_WAYS_H
#define CLAVIGER_AUTH_WAYS_H

#include "backend/auth/credential.h"

extern const struct credential_kind credential_az_cli, credential_login;
extern const struct credential_kind credential_client_secret;
extern const struct credential_kind credential_client_certificate;
extern const struct credential_kind credential_workload_identity;
extern const struct credential_kind credential_managed_identity;

/* A variable of the environment into out; "" when it is not set. False with a reason when it is too
 * long. */
bool credential_variable(
	const char *name, char *out, size_t room, char reason[CREDENTIAL_REASON]) MUST_CHECK;

/* Whether it can stand in a header or a form as a token does: printable ASCII, of usable length. */
bool credential_is_token(const char *s, size_t len);

/* Reads what az said: its token for tenant (may be ""). now is this machine's own time. */
bool az_cli_accept(const char *text, size_t len, const char *tenant, time_t now,
	struct token_reply *out, struct err *err) MUST_CHECK;

/* Whether s is made as a GUID or a domain name is: it goes into a URL, or a message. */
bool entra_is_name(const char *s);

/* Whether tenant and client id may stand in a URL and in JSON as they are; ERR_DENIED otherwise. */
bool entra_names(const struct credential *credential, const struct token_ask *ask,
	struct err *err) MUST_CHECK;

/* A token request at Entra's v2.0 endpoint whose proof is the credential's secret, under the name
 * that the grant has for it: client_secret, refresh_token. */
bool entra_prove(const struct credential *credential, const struct token_ask *ask,
	const char *grant, const char *name, struct request *out, struct err *err) MUST_CHECK;

/* The same with a client assertion (RFC 7523): proof is a JWT. */
bool entra_assert(const struct credential *credential, const struct token_ask *ask,
	const char *proof, struct request *out, struct err *err) MUST_CHECK;

#endif
