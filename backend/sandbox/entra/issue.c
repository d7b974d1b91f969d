/* Claims follow "Access token claims reference" of Entra's documentation. The endpoint decides the
 * version of a token, as its metadata says. The resource manager and Key Vault read appid, so it is
 * there in both versions; azp is what version 2.0 calls it. */
#include "backend/sandbox/entra/issue.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/entra/form.h"
#include "backend/sandbox/entra/token.h"
#include "backend/sandbox/reply.h"
#include "crypto/b64.h"

enum { TOKEN_MAX = 16384 };

char *
issue_issuer(const struct naming *naming, const char *tenant, bool v2, char out[NAMES_URL + 64])
{
	char authority[NAMES_URL];

	names_authority(naming, authority);
	snprintf(out, NAMES_URL + 64, "%s/%.40s/%s", authority, tenant, v2 ? "v2.0" : "");
	return out;
}

/* Words of OpenID Connect, which name no resource. */
static bool
is_openid(const char *word, size_t len)
{
	static const char *const words[] = {"openid", "profile", "email", "offline_access"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strlen(words[i]) == len && strncmp(words[i], word, len) == 0)
			return true;
	return false;
}

static bool
has_word(const char *scope, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = scope; *at; at += strspn(at, " ")) {
		size_t n = strcspn(at, " ");

		if (n == len && strncmp(at, word, len) == 0)
			return true;
		at += n;
	}
	return false;
}

static bool
ends(const char *word, size_t len, const char *tail)
{
	size_t n = strlen(tail);

	return len > n && strncasecmp(word + len - n, tail, n) == 0;
}

/* The audience in one word of a scope; NULL: none. */
static const char *
word_audience(struct call *call, const char *word, size_t len, bool person)
{
	static const char *const tails[] = {"/.default", "/user_impersonation"};
	char graph[NAMES_URL];

	for (size_t i = 0; i < (person ? 2 : 1); i++)
		if (ends(word, len, tails[i]))
			return arena_printf(
				call->arena, "%.*s", (int)(len - strlen(tails[i])), word);
	if (person && !memchr(word, '/', len))
		return arena_strdup(call->arena, names_graph(&call->naming, graph));
	return NULL;
}

bool
issue_scope(struct call *call, const char *scope, bool person, const char **audience)
{
	*audience = NULL;
	for (const char *at = scope; *at; at += strspn(at, " ")) {
		size_t len = strcspn(at, " ");

		if (len && !*audience && !is_openid(at, len)) {
			*audience = word_audience(call, at, len, person);
			if (!*audience)
				break;
		}
		at += len;
	}
	if (*audience)
		return true;
	if (person)
		form_refuse(call, 400, "invalid_scope", 70011,
			"The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope %s is not valid.",
			scope);
	else
		form_refuse(call, 400, "invalid_scope", 1002012,
			"The provided value for scope %s is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).",
			scope);
	return false;
}

/* What federated credentials exchange tokens of managed identities for, by cloud [Entra's
 * documentation, "Configure an application to trust a managed identity"]. */
static bool
is_exchange(const char *audience)
{
	static const char *const known[] = {"api://AzureADTokenExchange",
		"api://AzureADTokenExchangeChina", "api://AzureADTokenExchangeUSGov"};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (text_casecmp(audience, known[i]) == 0)
			return true;
	return false;
}

bool
issue_known(struct call *call, const char *tenant, const char *audience)
{
	if (names_is_audience(&call->naming, audience) ||
		names_is_graph_audience(&call->naming, audience) || is_exchange(audience))
		return true;
	form_refuse(call, 400, "invalid_resource", 500011,
		"The resource principal named %s was not found in the tenant named %s. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.",
		audience, tenant);
	return false;
}

static void
set(json_t *claims, const char *name, const char *value)
{
	json_object_set_new(claims, name, json_string(value));
}

/* Who a token is about, in all kinds of it. */
static json_t *
subject(struct call *call, const struct issue *issue, bool v2)
{
	const struct principal *who = issue->who;
	char issuer[NAMES_URL + 64];
	json_t *claims = json_pack("{s:s,s:s,s:s,s:s,s:s}", "iss",
		issue_issuer(&call->naming, who->tenant, v2, issuer), "oid", who->object, "sub",
		who->object, "tid", who->tenant, "ver", v2 ? "2.0" : "1.0");

	if (who->kind == PRINCIPAL_PERSON) {
		set(claims, "name", who->name);
		set(claims, "preferred_username", who->upn);
	}
	return claims;
}

bool
issue_access(struct call *call, const struct issue *issue, struct buf *out)
{
	const struct principal *who = issue->who;
	bool person = who->kind == PRINCIPAL_PERSON;
	/* the exchange takes version 2.0 only: issuers of federated credentials end in /v2.0 */
	bool v2 = issue->v2 || is_exchange(issue->audience);
	const char *client = issue->client ? issue->client : who->client;
	json_t *claims = subject(call, issue, v2);
	char idp[NAMES_URL + 64];
	struct err err;

	set(claims, "aud", issue->audience);
	set(claims, "appid", client);
	set(claims, "appidacr", person ? "0" : "1");
	set(claims, "idtyp", person ? "user" : "app");
	set(claims, "idp", issue_issuer(&call->naming, who->tenant, false, idp));
	if (v2) {
		set(claims, "azp", client);
		set(claims, "azpacr", person ? "0" : "1");
	}
	if (person) {
		set(claims, "upn", who->upn);
		set(claims, "unique_name", who->upn);
		set(claims, "scp", "user_impersonation");
	}
	if (who->resource[0])
		set(claims, "xms_mirid", who->resource);
	if (token_sign(call->world->tokens, claims, call->now, issue->seconds, out, &err))
		return true;
	reply_broken(call);
	return false;
}

/* Numbers are texts in version 1 [azure-sdk-for-js recordings]. */
static json_t *
v1_times(struct call *call, const struct issue *issue)
{
	return json_pack("{s:s,s:o,s:o,s:o,s:o,s:s}", "token_type", "Bearer", "expires_in",
		json_sprintf("%lld", (long long)issue->seconds), "ext_expires_in",
		json_sprintf("%lld", (long long)issue->seconds), "expires_on",
		json_sprintf("%lld", (long long)call->now + issue->seconds), "not_before",
		json_sprintf("%lld", (long long)call->now - 300), "resource", issue->audience);
}

static json_t *
v2_times(const struct issue *issue)
{
	return json_pack("{s:s,s:I,s:I}", "token_type", "Bearer", "expires_in",
		(json_int_t)issue->seconds, "ext_expires_in", (json_int_t)issue->seconds);
}

void
issue_application(struct call *call, const struct issue *issue)
{
	struct buf token;
	json_t *reply;

	buf_init(&token, TOKEN_MAX);
	if (issue_access(call, issue, &token)) {
		reply = issue->v2 ? v2_times(issue) : v1_times(call, issue);
		set(reply, "access_token", buf_text(&token));
		reply_json(call, 200, reply);
	}
	buf_free(&token);
}

static bool
identify(struct call *call, const struct issue *issue, struct buf *out)
{
	json_t *claims = subject(call, issue, issue->v2);
	struct err err;

	set(claims, "aud", issue->client);
	if (!issue->v2)
		set(claims, "upn", issue->who->upn);
	if (token_sign(call->world->tokens, claims, call->now, ISSUE_SECONDS, out, &err))
		return true;
	reply_broken(call);
	return false;
}

static void
add_client_info(json_t *reply, const struct principal *who)
{
	char text[160], coded[256];

	snprintf(text, sizeof text, "{\"uid\":\"%s\",\"utid\":\"%s\"}", who->object, who->tenant);
	b64_encode(coded, text, strlen(text));
	set(reply, "client_info", coded);
}

void
issue_person(struct call *call, const struct issue *issue, const char *scope, const char *refresh,
	bool info)
{
	struct buf token, id;
	json_t *reply;

	buf_init(&token, TOKEN_MAX);
	buf_init(&id, TOKEN_MAX);
	if (issue_access(call, issue, &token) && identify(call, issue, &id)) {
		reply = issue->v2 ? v2_times(issue) : v1_times(call, issue);
		json_object_set_new(reply, "scope",
			issue->v2 ? json_sprintf("%s/user_impersonation %s/.default",
					    issue->audience, issue->audience)
				  : json_string("user_impersonation"));
		set(reply, "access_token", buf_text(&token));
		if (*refresh)
			set(reply, "refresh_token", refresh);
		if (!issue->v2 || has_word(scope, "openid"))
			set(reply, "id_token", buf_text(&id));
		if (info)
			add_client_info(reply, issue->who);
		reply_json(call, 200, reply);
	}
	buf_free(&token);
	buf_free(&id);
}
