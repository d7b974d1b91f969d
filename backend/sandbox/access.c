/* Messages are Azure's, quoted from public reports where no recording exists. */
#include "backend/sandbox/access.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/entra/token.h"
#include "crypto/b64.h"

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

/* Asks for a token that is newer than now. Clients keep tokens by their own clock, so one that the
 * sandbox's clock has outrun would be sent again and again; on a claims challenge Microsoft's
 * libraries pass over their cache [learn.microsoft.com, claims-challenge]. The two blanks make it a
 * multiple of three bytes, which needs no padding. */
static char *
newer_token(const struct call *call, char out[120])
{
	char claims[90];
	int len = snprintf(claims, sizeof claims,
		"{\"access_token\": {\"nbf\": {\"essential\":true,\"value\":\"%010lld\"}}}",
		(long long)call->now);

	b64_encode(out, claims, (size_t)len);
	return out;
}

static void
refuse_expired(struct call *call, const struct claims *claims)
{
	char expiry[40], now[40], newer[120], authority[NAMES_URL];

	short_time(expiry, (time_t)claims->exp);
	short_time(now, call->now);
	reply_error(call, 401, "ExpiredAuthenticationToken",
		"The access token expiry UTC time '%s' is earlier than current UTC time '%s'.",
		expiry, now);
	arm_challenge(call, "invalid_token", "The access token has expired.");
	reply_header(call, "WWW-Authenticate",
		"Bearer authorization_uri=\"%s/%s\", error=\"insufficient_claims\", claims=\"%s\"",
		names_authority(&call->naming, authority), claims->tenant,
		newer_token(call, newer));
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

/* A Managed HSM answers 401 with nothing, or with two letters on the paths of roles and settings;
 * both are called JSON (recorded). */
static void
refuse_hsm(struct call *call)
{
	bool says_ok = false;

	for (size_t i = 0; i < call->segments_len; i++)
		if (text_casecmp(call->segments[i], "providers") == 0 ||
			text_casecmp(call->segments[i], "settings") == 0)
			says_ok = true;
	reply_bytes(
		call, 401, "application/json; charset=utf-8", says_ok ? "OK" : "", says_ok ? 2 : 0);
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
	if (vault->kind == STORE_HSM)
		refuse_hsm(call);
	else
		reply_vault_error(call, 401, "Unauthorized", NULL, "%s", text);
	reply_header(call, "WWW-Authenticate", "Bearer authorization=\"%s/%s\", resource=\"%s\"",
		names_authority(&call->naming, authority), vault->tenant,
		names_store_audience(&call->naming, vault->kind, audience));
	return false;
}

static bool
refuse_old(struct call *call, const struct vault *vault)
{
	char authority[NAMES_URL], audience[NAMES_URL], newer[120];

	if (vault->kind == STORE_HSM)
		refuse_hsm(call);
	else
		reply_vault_error(call, 401, "Unauthorized", NULL,
			"[TokenExpired] Error validating token: 'S2S12086'.");
	reply_header(call, "WWW-Authenticate",
		"Bearer authorization=\"%s/%s\", resource=\"%s\", error=\"insufficient_claims\", claims=\"%s\"",
		names_authority(&call->naming, authority), vault->tenant,
		names_store_audience(&call->naming, vault->kind, audience),
		newer_token(call, newer));
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
		return refuse_old(call, vault);
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

/* Without public access the connection is refused, else the address. The lines after the first
 * follow the refusals of missing rights. */
bool
access_firewall(struct call *call, const struct vault *vault)
{
	const struct caller *who = &call->caller;
	json_t *more;
	const char *open;
	bool closed;

	if (vaults_admits(vault, VISITOR_CALLER))
		return true;
	more = json_loads(vault->more, 0, NULL);
	open = call_text(more, "publicNetworkAccess");
	closed = open && text_casecmp(open, "Enabled") != 0;
	json_decref(more);
	if (closed)
		reply_vault_error(call, 403, "Forbidden", "ForbiddenByConnection",
			"Public network access is disabled and request is not from a trusted service nor via an approved private link.\r\nCaller: appid=%s;oid=%s;iss=https://sts.windows.net/%s/\r\nVault: %s;location=%s",
			who->app, who->object, who->tenant, vault->name, vault->location);
	else
		reply_vault_error(call, 403, "Forbidden", "ForbiddenByFirewall",
			"Client address is not authorized and caller is not a trusted service.\r\nClient address: 127.0.0.1\r\nCaller: appid=%s;oid=%s;iss=https://sts.windows.net/%s/\r\nVault: %s;location=%s",
			who->app, who->object, who->tenant, vault->name, vault->location);
	return false;
}
