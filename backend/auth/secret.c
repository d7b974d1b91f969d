/* Sign-in with a client secret: OAuth 2 client credentials at Entra's v2.0 endpoint. The variables
 * are those that Azure's own SDKs read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/auth/ways.h"
#include "backend/base/mem.h"

static enum credential_offer
secret_find(
	const struct credential_wish *wish, struct credential *out, char reason[CREDENTIAL_REASON])
{
	const char *secret = getenv("AZURE_CLIENT_SECRET");

	(void)wish;
	if (secret == NULL || !*secret) {
		snprintf(reason, CREDENTIAL_REASON, "AZURE_CLIENT_SECRET is not set");
		return OFFER_NO;
	}
	if (!credential_variable("AZURE_TENANT_ID", out->tenant, sizeof out->tenant, reason) ||
		!credential_variable(
			"AZURE_CLIENT_ID", out->client_id, sizeof out->client_id, reason))
		return OFFER_NO;
	secret_set(&out->secret, secret, strlen(secret));
	return OFFER_YES;
}

static bool
secret_build(const struct credential *credential, const struct token_ask *ask, struct request *out,
	struct err *err)
{
	char *secret = mem_alloc(credential->secret.len + 1);
	struct buf form;
	bool ok;

	if (credential->secret.len)
		memcpy(secret, credential->secret.bytes, credential->secret.len);
	ok = entra_form(&form, credential, ask, "client_credentials", err);
	if (ok && !http_form_add(&form, "client_secret", secret))
		ok = err_set(err, ERR_DENIED, "BadSecret",
			"the client secret is too long; check AZURE_CLIENT_SECRET");
	mem_zeroing_free(secret);
	if (ok)
		entra_request(ask, &form, out);
	else
		buf_free(&form);
	return ok;
}

const struct credential_kind credential_client_secret = {
	.name = "client-secret",
	.title = "client id and secret of an application, from AZURE_CLIENT_ID and "
		 "AZURE_CLIENT_SECRET",
	.needs_tenant = true,
	.needs_client_id = true,
	.find = secret_find,
	.build = secret_build,
};

void
credential_secret(
	struct credential *out, const char *tenant, const char *client_id, const char *secret)
{
	*out = (struct credential){.kind = &credential_client_secret};
	snprintf(out->tenant, sizeof out->tenant, "%s", tenant);
	snprintf(out->client_id, sizeof out->client_id, "%s", client_id);
	secret_set(&out->secret, secret, strlen(secret));
}
