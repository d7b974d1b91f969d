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
	return entra_prove(credential, ask, "client_credentials", "client_secret", out, err);
}

const struct credential_kind credential_client_secret = {
	.name = "client-secret",
	.title = "client id and secret of an application, from AZURE_CLIENT_ID and "
		 "AZURE_CLIENT_SECRET",
	.remedy = "check AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET",
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
