/* What every grant at Entra's v2.0 endpoint has in common. The capability cp1 says that claims
 * challenges are understood here; the resource manager then makes tokens that live long and can be
 * revoked [Continuous access evaluation, azcore's policy for ARM]. */
#include <stdio.h>
#include <string.h>

#include "backend/auth/credential.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"

enum { FORM_MAX = 64 << 10 };

/* Both go into a URL or a message: a GUID, or for the tenant a domain name. */
static bool
is_name(const char *s)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";

	return *s && s[strspn(s, letters)] == '\0';
}

bool
entra_form(struct buf *form, const struct credential *credential, const struct token_ask *ask,
	const char *grant, struct err *err)
{
	char scope[200];

	buf_init(form, FORM_MAX);
	if (!is_name(ask->tenant))
		return err_set(err, ERR_DENIED, "BadTenant",
			"the tenant is neither a GUID nor a domain name; check AZURE_TENANT_ID and "
			"the profile's tenant");
	if (!is_name(credential->client_id))
		return err_set(err, ERR_DENIED, "BadClientId",
			"the client id is no GUID; check AZURE_CLIENT_ID and the profile's "
			"client-id");
	snprintf(scope, sizeof scope, "%s/.default", ask->audience);
	return (http_form_add(form, "client_id", credential->client_id) &&
		       http_form_add(form, "scope", scope) &&
		       http_form_add(form, "grant_type", grant) &&
		       (ask->claims == NULL || http_form_add(form, "claims", ask->claims))) ||
	       err_set(err, ERR_DENIED, "BadClaims", "the claims asked for are too long");
}

void
entra_request(const struct token_ask *ask, struct buf *form, struct request *out)
{
	*out = (struct request){
		.method = HTTP_POST,
		.audience = AUDIENCE_NONE,
		.url = mem_printf("%s/%s/oauth2/v2.0/token", ask->cloud->authority, ask->tenant),
		.body = mem_strdup(buf_text(form)),
		.form = true,
	};
	buf_free(form);
}
