/* Messages are Azure's, quoted from public reports where no recording exists. */
#include "backend/sandbox/access.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/entra/token.h"

static void
arm_challenge(struct call *call, const char *error, const char *text)
{
	char authority[NAMES_URL], tenant[40];

	db_lock(call->world->db);
	db_meta(call->world->db, "tenant", tenant, sizeof tenant);
	db_unlock(call->world->db);
	reply_header(call, "WWW-Authenticate",
		"Bearer authorization_uri=\"%s/%s\", error=\"%s\", error_description=\"%s\"",
		names_authority(&call->naming, authority), tenant, error, text);
}

/* The form of .NET's short dates, which ARM's messages use. */
static void
short_time(char out[40], time_t t)
{
	struct tm tm;

	gmtime_r(&t, &tm);
	snprintf(out, 40, "%d/%d/%d %d:%02d:%02d %s", tm.tm_mon + 1, tm.tm_mday, tm.tm_year + 1900,
		tm.tm_hour % 12 ? tm.tm_hour % 12 : 12, tm.tm_min, tm.tm_sec,
		tm.tm_hour < 12 ? "AM" : "PM");
}

static void
take_caller(struct call *call, const struct claims *claims)
{
	memcpy(call->caller.tenant, claims->tenant, sizeof claims->tenant);
	memcpy(call->caller.object, claims->object, sizeof claims->object);
	memcpy(call->caller.app, claims->app, sizeof claims->app);
}

static void
refuse_expired(struct call *call, const struct claims *claims)
{
	char expiry[40], now[40];

	short_time(expiry, (time_t)claims->exp);
	short_time(now, call->now);
	reply_error(call, 401, "ExpiredAuthenticationToken",
		"The access token expiry UTC time '%s' is earlier than current UTC time '%s'.",
		expiry, now);
	arm_challenge(call, "invalid_token", "The access token has expired.");
}

bool
access_arm(struct call *call)
{
	struct claims claims;

	switch (token_check(call->world->tokens, call->authorization, call->now, &claims)) {
	case TOKEN_GOOD:
		break;
	case TOKEN_MISSING:
		reply_error(call, 401, "AuthenticationFailed",
			"Authentication failed. The 'Authorization' header is missing.");
		arm_challenge(call, "invalid_token",
			"The authentication failed because of missing 'Authorization' header.");
		return false;
	case TOKEN_BAD:
		reply_error(
			call, 401, "InvalidAuthenticationToken", "The access token is invalid.");
		arm_challenge(call, "invalid_token", "The access token is invalid.");
		return false;
	case TOKEN_EXPIRED:
		refuse_expired(call, &claims);
		return false;
	}
	if (!names_is_arm_audience(&call->naming, claims.audience)) {
		reply_error(call, 401, "InvalidAuthenticationTokenAudience",
			"The access token has been obtained for wrong audience or resource '%s'. It should exactly match with one of the allowed audiences 'https://management.core.windows.net/','https://management.core.windows.net','https://management.azure.com/','https://management.azure.com'.",
			claims.audience);
		arm_challenge(call, "invalid_token", "The access token is for a wrong audience.");
		return false;
	}
	take_caller(call, &claims);
	return true;
}

static bool
refuse_vault(
	struct call *call, const struct vault *vault, const char *fmt, const char *a, const char *b)
{
	char authority[NAMES_URL], audience[NAMES_URL], text[800];

	if (a)
		snprintf(text, sizeof text, "%s%s%s%s", fmt, a, b ? ", found: " : "", b ? b : "");
	else
		snprintf(text, sizeof text, "%s", fmt);
	reply_vault_error(call, 401, "Unauthorized", NULL, "%s", text);
	reply_header(call, "WWW-Authenticate", "Bearer authorization=\"%s/%s\", resource=\"%s\"",
		names_authority(&call->naming, authority), vault->tenant,
		names_store_audience(&call->naming, vault->kind, audience));
	return false;
}

bool
access_vault(struct call *call, const struct vault *vault)
{
	char audience[NAMES_URL];
	struct claims claims;

	names_store_audience(&call->naming, vault->kind, audience);
	switch (token_check(call->world->tokens, call->authorization, call->now, &claims)) {
	case TOKEN_GOOD:
		break;
	case TOKEN_MISSING:
		return refuse_vault(call, vault,
			"AKV10000: Request is missing a Bearer or PoP token.", NULL, NULL);
	case TOKEN_BAD:
		return refuse_vault(call, vault,
			"AKV10046: Unable to resolve the key used for signature validation.", NULL,
			NULL);
	case TOKEN_EXPIRED:
		return refuse_vault(call, vault,
			"[TokenExpired] Error validating token: 'S2S12086'.", NULL, NULL);
	}
	if (text_casecmp(claims.audience, audience) != 0)
		return refuse_vault(call, vault, "AKV10022: Invalid audience. Expected ", audience,
			claims.audience);
	if (text_casecmp(claims.tenant, vault->tenant) != 0)
		return refuse_vault(call, vault,
			"AKV10032: Invalid issuer. Expected one of https://sts.windows.net/",
			vault->tenant, claims.tenant);
	take_caller(call, &claims);
	return true;
}
