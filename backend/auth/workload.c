/* Workload identity: the platform writes a token of its own into a file, which Entra trusts by a
 * federated credential. The platform renews the file, so it is read for each token. Variables:
 * those that the webhook of azure-workload-identity sets. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/auth/ways.h"
#include "backend/base/file.h"
#include "backend/net/origin.h"

enum { TOKEN_FILE_MAX = 32 << 10 };

/* The profile's cloud says where to sign in; a variable that says otherwise is no reason to send
 * the token elsewhere. */
static bool
is_our_authority(const struct cloud *cloud, char reason[CREDENTIAL_REASON])
{
	const char *named = getenv("AZURE_AUTHORITY_HOST");

	if (named == NULL || !*named || origin_same(named, cloud->authority))
		return true;
	snprintf(reason, CREDENTIAL_REASON, "AZURE_AUTHORITY_HOST is not %.120s, where %s signs in",
		cloud->authority, cloud->name);
	return false;
}

static enum credential_offer
workload_find(
	const struct credential_wish *wish, struct credential *out, char reason[CREDENTIAL_REASON])
{
	if (!credential_variable(
		    "AZURE_FEDERATED_TOKEN_FILE", out->file, sizeof out->file, reason) ||
		!credential_variable("AZURE_TENANT_ID", out->tenant, sizeof out->tenant, reason) ||
		!credential_variable(
			"AZURE_CLIENT_ID", out->client_id, sizeof out->client_id, reason))
		return OFFER_NO;
	if (out->file[0])
		return is_our_authority(wish->cloud, reason) ? OFFER_YES : OFFER_NO;
	snprintf(reason, CREDENTIAL_REASON, "AZURE_FEDERATED_TOKEN_FILE is not set");
	return OFFER_NO;
}

static bool
is_jwt(const char *s)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=";

	return *s && s[strspn(s, letters)] == '\0';
}

static bool
workload_build(const struct credential *credential, const struct token_ask *ask,
	struct request *out, struct err *err)
{
	struct buf file;
	bool ok;

	buf_init(&file, TOKEN_FILE_MAX);
	ok = file_read(credential->file, false, &file, err) ||
	     err_prefix(err, "AZURE_FEDERATED_TOKEN_FILE");
	if (ok && file.len)
		file.data[strcspn(file.data, "\r\n")] = '\0';
	if (ok && !is_jwt(buf_text(&file)))
		ok = err_set(err, ERR_FAILED, "BadAssertion",
			"AZURE_FEDERATED_TOKEN_FILE %s: holds no token; look at what writes it",
			credential->file);
	ok = ok && entra_assert(credential, ask, buf_text(&file), out, err);
	buf_free(&file);
	return ok;
}

const struct credential_kind credential_workload_identity = {
	.name = "workload-identity",
	.title = "workload identity, from the token in AZURE_FEDERATED_TOKEN_FILE",
	.remedy = "check AZURE_CLIENT_ID and the application's federated credential",
	.needs_tenant = true,
	.needs_client_id = true,
	.find = workload_find,
	.build = workload_build,
};
