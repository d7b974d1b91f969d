/* A person's sign-in by device code, as it is kept: a refresh token in the kernel's keyring, or in
 * a credential that lasts as long as the process. */
#ifndef CLAVIGER_AUTH_LOGIN_H
#define CLAVIGER_AUTH_LOGIN_H

#include "backend/auth/credential.h"
#include "backend/auth/user_keyring.h"

enum { LOGIN_SECONDS = 12 * 3600 }; /* after its last use a sign-in is kept so long */

/* Where one signs in, and as which application. */
struct login_place {
	char tenant[64]; /* as a URL says it: a GUID, a domain, or "organizations" */
	char client_id[64];
	char name[USER_KEYRING_NAME_MAX]; /* in the keyring */
};

/* By the profile, else AZURE_TENANT_ID and AZURE_CLIENT_ID, else any organization's people and the
 * Azure CLI's public client id, which azidentity uses as well. After false reason has one line. */
bool login_place(const struct credential_wish *wish, struct login_place *out,
	char reason[CREDENTIAL_REASON]) MUST_CHECK;

/* Makes a credential of a sign-in in the tenant (its id). With keep it goes into the keyring too;
 * otherwise, or when that fails, it lasts as long as out. */
bool login_take(const struct login_place *place, const char *tenant, const struct secret *refresh,
	bool keep, struct credential *out, struct err *err) MUST_CHECK;

/* Whether somebody was signed in there. */
bool login_forget(const struct login_place *place);

#endif
