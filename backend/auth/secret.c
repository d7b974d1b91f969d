/* Sign-in with a client secret: OAuth 2 client credentials at Entra's v2.0 endpoint. The variables
 * are those that Azure's own SDKs read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/auth/ways.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"

enum { FORM_MAX = 8192 };

static bool
read_variable(const char *name, char *out, size_t room, char reason[160])
{
	const char *value = getenv(name);

	if (value && !text_copy(out, room, value)) {
		snprintf(reason, 160, "%s is too long", name);
		return false;
	}
	return true;
}

static bool
secret_find(struct credential *out, char reason[160])
{
	const char *secret = getenv("AZURE_CLIENT_SECRET");

	*out = (struct credential){.kind = &credential_client_secret};
	if (secret == NULL || !*secret) {
		snprintf(reason, 160, "AZURE_CLIENT_SECRET is not set");
		return false;
	}
	if (!read_variable("AZURE_TENANT_ID", out->tenant, sizeof out->tenant, reason) ||
		!read_variable("AZURE_CLIENT_ID", out->client_id, sizeof out->client_id, reason))
		return false;
	secret_set(&out->secret, secret, strlen(secret));
	return true;
}

/* Both go into a URL or a message: a GUID, or for the tenant a domain name. */
static bool
is_name(const char *s)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";

	return *s && s[strspn(s, letters)] == '\0';
}

static bool
secret_build(const struct credential *credential, const struct cloud *cloud, const char *audience,
	struct request *out, struct err *err)
{
	char scope[200];
	struct buf form;
	char *secret;
	bool ok;

	if (!is_name(credential->tenant))
		return err_set(err, ERR_DENIED, "BadTenant",
			"the tenant is neither a GUID nor a domain name; check AZURE_TENANT_ID and "
			"the profile's tenant");
	if (!is_name(credential->client_id))
		return err_set(err, ERR_DENIED, "BadClientId",
			"the client id is no GUID; check AZURE_CLIENT_ID and the profile's "
			"client-id");
	snprintf(scope, sizeof scope, "%s/.default", audience);
	secret = mem_alloc(credential->secret.len + 1);
	if (credential->secret.len)
		memcpy(secret, credential->secret.bytes, credential->secret.len);
	buf_init(&form, FORM_MAX);
	ok = http_form_add(&form, "client_id", credential->client_id) &&
	     http_form_add(&form, "scope", scope) &&
	     http_form_add(&form, "grant_type", "client_credentials") &&
	     http_form_add(&form, "client_secret", secret);
	if (ok)
		*out = (struct request){
			.method = HTTP_POST,
			.audience = AUDIENCE_NONE,
			.url = mem_printf(
				"%s/%s/oauth2/v2.0/token", cloud->authority, credential->tenant),
			.body = mem_strdup(buf_text(&form)),
			.form = true,
		};
	else
		err_set(err, ERR_DENIED, "BadSecret",
			"the client secret is too long; check AZURE_CLIENT_SECRET");
	buf_free(&form);
	mem_zeroing_free(secret);
	return ok;
}

const struct credential_kind credential_client_secret = {
	.name = "client-secret",
	.title = "client id and secret of an application, from AZURE_CLIENT_ID and "
		 "AZURE_CLIENT_SECRET",
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
