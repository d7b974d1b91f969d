/* What every grant at Entra's v2.0 endpoint has in common. The capability cp1 says that claims
 * challenges are understood here; the resource manager then makes tokens that live long and can be
 * revoked [Continuous access evaluation, azcore's policy for ARM]. */
#include <stdio.h>
#include <string.h>

#include "backend/auth/claims.h"
#include "backend/auth/ways.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"

enum { FORM_MAX = 64 << 10 };

bool
entra_is_name(const char *s)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";

	return *s && s[strspn(s, letters)] == '\0';
}

bool
entra_names(const struct credential *credential, const struct token_ask *ask, struct err *err)
{
	if (!entra_is_name(ask->tenant))
		return err_set(err, ERR_DENIED, "BadTenant",
			"the tenant is neither a GUID nor a domain name; check AZURE_TENANT_ID and "
			"the profile's tenant");
	return entra_is_name(credential->client_id) ||
	       err_set(err, ERR_DENIED, "BadClientId",
		       "the client id is no GUID; check AZURE_CLIENT_ID and the profile's "
		       "client-id");
}

static bool
begin_form(struct buf *form, const struct credential *credential, const struct token_ask *ask,
	const char *grant, struct err *err)
{
	char scope[200], *claims;
	bool ok;

	buf_init(form, FORM_MAX);
	if (!entra_names(credential, ask, err))
		return false;
	snprintf(scope, sizeof scope, "%s/.default%s", ask->audience,
		strcmp(grant, "refresh_token") == 0 ? " offline_access" : "");
	claims = ask->claims || strcmp(ask->audience, ask->cloud->arm_audience) == 0
			 ? claims_with_capability(ask->claims)
			 : NULL;
	ok = http_form_add(form, "client_id", credential->client_id) &&
	     http_form_add(form, "scope", scope) && http_form_add(form, "grant_type", grant) &&
	     (claims == NULL || http_form_add(form, "claims", claims));
	mem_zeroing_free(claims);
	return ok || err_set(err, ERR_DENIED, "BadClaims", "the claims asked for are too long");
}

static bool
add(struct buf *form, const char *name, const char *value, struct err *err)
{
	return http_form_add(form, name, value) ||
	       err_set(err, ERR_DENIED, "BadProof",
		       "its %s is longer than any that there is; look at where it comes from",
		       name);
}

static void
make_request(const struct buf *form, const struct token_ask *ask, struct request *out)
{
	*out = (struct request){
		.method = HTTP_POST,
		.audience = AUDIENCE_NONE,
		.url = mem_printf("%s/%s/oauth2/v2.0/token", ask->cloud->authority, ask->tenant),
		.body = mem_strdup(buf_text(form)),
		.form = true,
	};
}

bool
entra_prove(const struct credential *credential, const struct token_ask *ask, const char *grant,
	const char *name, struct request *out, struct err *err)
{
	char *proof = secret_text(&credential->secret);
	struct buf form;
	bool ok = begin_form(&form, credential, ask, grant, err) && add(&form, name, proof, err);

	if (ok)
		make_request(&form, ask, out);
	mem_zeroing_free(proof);
	buf_free(&form);
	return ok;
}

bool
entra_assert(const struct credential *credential, const struct token_ask *ask, const char *proof,
	struct request *out, struct err *err)
{
	static const char type[] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
	struct buf form;
	bool ok = begin_form(&form, credential, ask, "client_credentials", err) &&
		  add(&form, "client_assertion_type", type, err) &&
		  add(&form, "client_assertion", proof, err);

	if (ok)
		make_request(&form, ask, out);
	buf_free(&form);
	return ok;
}
