/* Tokens only: no account key exists here, so a shared key or a signature is refused as an account
 * with allowSharedKeyAccess false does. Codes and words: "Common REST API error codes" and "Blob
 * Storage error codes" of the Storage documentation. */
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/blob/blob.h"
#include "backend/sandbox/entra/token.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/rights.h"
#include "backend/sandbox/service/reach.h"

static void
find_tenant(struct call *call, const struct account *account, char out[40])
{
	sqlite3_stmt *stmt;

	db_lock(call->world->db);
	stmt = db_ask(call->world->db, "SELECT tenant FROM subscription WHERE id=?", "t",
		account->subscription);
	out[0] = '\0';
	if (db_next(call->world->db, stmt)) {
		db_copy(stmt, 0, out, 40);
		db_done(stmt);
	}
	db_unlock(call->world->db);
}

static bool
challenge(struct call *call, const char *tenant, const char *code)
{
	char authority[NAMES_URL];

	reply_blob_error(call, 401, code,
		"Server failed to authenticate the request. Please refer to the information in the www-authenticate header.");
	reply_header(call, "WWW-Authenticate",
		"Bearer authorization_uri=%s/%s/oauth2/authorize resource_id=https://storage.azure.com",
		names_authority(&call->naming, authority), tenant);
	return false;
}

static bool
same_url(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);

	n -= n && a[n - 1] == '/';
	m -= m && b[m - 1] == '/';
	return n == m && strncasecmp(a, b, n) == 0;
}

/* Without a version a request is as old as can be: before tokens, and before the challenge. */
static bool
refuse_anonymous(struct call *call, const struct account *account, const char *tenant)
{
	json_t *more = reply_stored(account->more);
	bool open = json_is_true(
		json_object_get(json_object_get(more, "properties"), "allowBlobPublicAccess"));

	json_decref(more);
	if (call_header(call, "x-ms-version"))
		return challenge(call, tenant, "NoAuthenticationInformation");
	if (open)
		reply_blob_error(
			call, 404, "ResourceNotFound", "The specified resource does not exist.");
	else
		reply_blob_error(call, 409, "PublicAccessNotPermitted",
			"Public access is not permitted on this storage account.");
	return false;
}

/* Tokens came with version 2017-11-09. */
static bool
takes_tokens(struct call *call)
{
	const char *version = call_header(call, "x-ms-version");

	if (version && strcmp(version, "2017-11-09") >= 0)
		return true;
	reply_blob_error(call, 403, "AuthenticationFailed",
		"Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature. Authentication scheme Bearer is not supported in this version.");
	return false;
}

static bool
network_admits(struct call *call, const struct account *account)
{
	json_t *more = reply_stored(account->more), *properties;
	const char *action, *public;
	bool ok;

	properties = json_object_get(more, "properties");
	action = call_text(json_object_get(properties, "networkAcls"), "defaultAction");
	public = call_text(properties, "publicNetworkAccess");
	ok = (!action || strcmp(action, "Allow") == 0) &&
	     (!public || strcmp(public, "Enabled") == 0);
	json_decref(more);
	if (!ok)
		reply_blob_error(call, 403, "AuthorizationFailure",
			"This request is not authorized to perform this operation.");
	return ok;
}

bool
blob_access(struct call *call, const struct account *account)
{
	char tenant[40], own[NAMES_URL];
	struct claims claims;

	find_tenant(call, account, tenant);
	if ((call->authorization && !text_case_starts(call->authorization, "Bearer ")) ||
		(!call->authorization && call_query(call, "sig"))) {
		reply_blob_error(call, 403, "KeyBasedAuthenticationNotPermitted",
			"Key based authentication is not permitted on this storage account.");
		return false;
	}
	if (!call->authorization)
		return refuse_anonymous(call, account, tenant);
	if (!takes_tokens(call))
		return false;
	if (token_check(call->world->tokens, call->authorization, call->now, &claims) != TOKEN_GOOD)
		return challenge(call, tenant, "InvalidAuthenticationInfo");
	names_blob(&call->naming, account->name, own);
	if ((!same_url(claims.audience, "https://storage.azure.com") &&
		    !same_url(claims.audience, own)) ||
		text_casecmp(claims.tenant, tenant) != 0)
		return challenge(call, tenant, "InvalidAuthenticationInfo");
	memcpy(call->caller.tenant, claims.tenant, sizeof claims.tenant);
	memcpy(call->caller.object, claims.object, sizeof claims.object);
	memcpy(call->caller.app, claims.app, sizeof claims.app);
	return network_admits(call, account);
}

bool
blob_rights(struct call *call, const struct account *account, bool write)
{
	char id[ARMID_MAX];
	bool holds;

	db_lock(call->world->db);
	holds = rights_on_blobs(call, accounts_id(account, id, sizeof id), write);
	db_unlock(call->world->db);
	if (!holds)
		reply_blob_error(call, 403, "AuthorizationPermissionMismatch",
			"This request is not authorized to perform this operation using this permission.");
	return holds;
}

/* The three codes that the error list has for a key that is out of reach. A key that is there but
 * may not be used counts as not found. */
bool
blob_reachable(struct call *call, struct target *target)
{
	struct cmk_refusal refusal;

	if (reach_data(call->world, call->arena, target->account, call->now, &refusal))
		return true;
	switch (refusal.cause) {
	case CMK_NO_STORE:
		reply_blob_error(call, 403, "KeyVaultVaultNotFound",
			"The key vault vault is not found to unwrap the encryption key.");
		break;
	case CMK_NO_IDENTITY:
	case CMK_OTHER_TENANT:
		reply_blob_error(call, 403, "KeyVaultAccessTokenCannotBeAcquired",
			"The access token of the key vault cannot be acquired with the identity of this resource.");
		break;
	default:
		reply_blob_error(call, 403, "KeyVaultEncryptionKeyNotFound",
			"The key vault key is not found to unwrap the encryption key.");
	}
	return false;
}

bool
blob_key(struct call *call, const struct target *target, struct secret *out)
{
	if (reach_data_key(call->world, target->account, out))
		return true;
	reply_blob_error(call, 500, "InternalError",
		"Server encountered an internal error. Please try again after some time.");
	return false;
}
