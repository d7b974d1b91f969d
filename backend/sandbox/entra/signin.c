/* What sign-in says about itself, and its token endpoints. Shapes: recordings of azure-sdk-for-js
 * identity; error codes: Entra's published list of AADSTS codes. A token's issuer is the one that
 * the metadata names, in the names of the asker, as MSAL insists; the claim xms_sandbox marks it as
 * one of ours. */
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/entra/assertion.h"
#include "backend/sandbox/entra/device.h"
#include "backend/sandbox/entra/form.h"
#include "backend/sandbox/entra/issue.h"
#include "backend/sandbox/entra/token.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/route.h"
#include "crypto/digest.h"

/* The id of a tenant by any of its names; answers when there is none. */
static bool
find_tenant(struct call *call, const char *name, char out[37])
{
	bool found;

	db_lock(call->world->db);
	found = principal_tenant(call->world->db, name, out);
	db_unlock(call->world->db);
	if (!found)
		form_refuse(call, 400, "invalid_tenant", 90002,
			"Tenant '%s' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.",
			name);
	return found;
}

/* Names that stand for no single tenant, or for another kind of server: the endpoints keep them. */
static bool
keeps_name(const char *name)
{
	return text_casecmp(name, "adfs") == 0 || text_casecmp(name, "common") == 0 ||
	       text_casecmp(name, "organizations") == 0;
}

/* The metadata of a path tenant; ADFS keeps its own paths, as MSAL asks for them. */
static void
reply_metadata(struct call *call, const char *name, const char *tenant, bool v2)
{
	char authority[NAMES_URL], base[NAMES_URL + 64], issuer[NAMES_URL + 64], graph[NAMES_URL];
	const char *version = v2 ? "/v2.0" : "";
	json_t *reply;

	names_authority(&call->naming, authority);
	names_graph(&call->naming, graph);
	snprintf(base, sizeof base, "%s/%s", authority, keeps_name(name) ? name : tenant);
	issue_issuer(&call->naming, tenant, v2, issuer);
	reply = json_pack(
		"{s:o,s:[s,s,s],s:o,s:[s,s,s],s:[s],s:[s],s:[s,s,s,s],s:[s,s,s,s],s:s,s:b,s:o,s:o,s:o}",
		"token_endpoint", json_sprintf("%s/oauth2%s/token", base, version),
		"token_endpoint_auth_methods_supported", "client_secret_post", "private_key_jwt",
		"client_secret_basic", "jwks_uri",
		json_sprintf("%s/discovery%s/keys", base, version), "response_modes_supported",
		"query", "fragment", "form_post", "subject_types_supported", "pairwise",
		"id_token_signing_alg_values_supported", "RS256", "response_types_supported",
		"code", "id_token", "code id_token", "id_token token", "scopes_supported", "openid",
		"profile", "email", "offline_access", "issuer", issuer,
		"request_uri_parameter_supported", 0, "authorization_endpoint",
		json_sprintf("%s/oauth2%s/authorize", base, version),
		"device_authorization_endpoint",
		json_sprintf("%s/oauth2%s/devicecode", base, version), "end_session_endpoint",
		json_sprintf("%s/oauth2%s/logout", base, version));
	json_object_update_new(reply,
		json_pack("{s:b,s:b,s:[s,s,s,s,s,s,s,s,s,s],s:s,s:s,s:s}", "http_logout_supported",
			1, "frontchannel_logout_supported", 1, "claims_supported", "sub", "iss",
			"aud", "exp", "iat", "tid", "ver", "preferred_username", "name", "email",
			"tenant_region_scope", "EU", "cloud_instance_name",
			strstr(authority, "login.") ? strstr(authority, "login.") + 6
						    : authority + strlen("https://"),
			"msgraph_host", graph + strlen("https://")));
	reply_json(call, 200, reply);
}

static void
metadata_v2(struct call *call)
{
	char tenant[37];

	if (find_tenant(call, call->params[0], tenant))
		reply_metadata(call, call->params[0], tenant, true);
}

static void
metadata_v1(struct call *call)
{
	char tenant[37];

	if (find_tenant(call, call->params[0], tenant))
		reply_metadata(call, call->params[0], tenant, false);
}

/* The issuer of the state directory's token file: what a cluster would serve. */
static void
metadata_federation(struct call *call)
{
	reply_json(call, 200,
		json_pack("{s:s,s:o,s:[s],s:[s],s:[s]}", "issuer", assertion_issuer, "jwks_uri",
			json_sprintf("%s/discovery/v2.0/keys", assertion_issuer),
			"response_types_supported", "id_token", "subject_types_supported", "public",
			"id_token_signing_alg_values_supported", "RS256"));
}

static void
jwks(struct call *call)
{
	reply_json(call, 200, token_jwks(call->world->tokens));
}

/* Hosts of sign-in and which of them mean the same [recording clientcertificatecredential]. On
 * local names the sandbox's own host comes first. */
static void
discovery(struct call *call)
{
	char authority[NAMES_URL], tenant[37];
	const char *own;
	json_t *hosts;

	if (!find_tenant(call, call->params[0], tenant))
		return;
	own = names_authority(&call->naming, authority) + strlen("https://");
	hosts = json_pack(
		"[{s:s,s:s,s:[s,s,s,s]},{s:s,s:s,s:[s,s]},{s:s,s:s,s:[s]},{s:s,s:s,s:[s,s]},{s:s,s:s,s:[s]}]",
		"preferred_network", "login.microsoftonline.com", "preferred_cache",
		"login.windows.net", "aliases", "login.microsoftonline.com", "login.windows.net",
		"login.microsoft.com", "sts.windows.net", "preferred_network",
		"login.partner.microsoftonline.cn", "preferred_cache",
		"login.partner.microsoftonline.cn", "aliases", "login.partner.microsoftonline.cn",
		"login.chinacloudapi.cn", "preferred_network", "login.microsoftonline.de",
		"preferred_cache", "login.microsoftonline.de", "aliases",
		"login.microsoftonline.de", "preferred_network", "login.microsoftonline.us",
		"preferred_cache", "login.microsoftonline.us", "aliases",
		"login.microsoftonline.us", "login.usgovcloudapi.net", "preferred_network",
		"login-us.microsoftonline.com", "preferred_cache", "login-us.microsoftonline.com",
		"aliases", "login-us.microsoftonline.com");
	if (!call->naming.cloud)
		json_array_insert_new(hosts, 0,
			json_pack("{s:s,s:s,s:[s]}", "preferred_network", own, "preferred_cache",
				own, "aliases", own));
	reply_json(call, 200,
		json_pack("{s:o,s:s,s:o}", "tenant_discovery_endpoint",
			json_sprintf("%s/%s/v2.0/.well-known/openid-configuration", authority,
				keeps_name(call->params[0]) ? call->params[0] : tenant),
			"api-version", "1.1", "metadata", hosts));
}

/* The application of a tenant, or a managed identity, which signs in by federation alone. */
static bool
find_client(struct call *call, const char *tenant, const char *client, struct principal *out,
	char secret[65])
{
	struct db *db = call->world->db;
	sqlite3_stmt *stmt;
	bool found;

	secret[0] = '\0';
	db_lock(db);
	found = principal_by_client(db, tenant, client, out);
	stmt = db_ask(db, "SELECT secret FROM application WHERE client=? AND tenant=?", "tt",
		client, tenant);
	if (db_next(db, stmt)) {
		db_copy(stmt, 0, secret, 65);
		db_done(stmt);
	}
	db_unlock(db);
	if (!found)
		form_refuse(call, 400, "unauthorized_client", 700016,
			"Application with identifier '%s' was not found in the directory '%s'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.",
			client, tenant);
	return found;
}

static bool
secret_right(const char *sent, const char *kept)
{
	char hex[65];
	unsigned char differs = 0;

	digest_sha256_hex(sent, strlen(sent), hex);
	for (size_t i = 0; i < 64 && kept[0]; i++)
		differs |= (unsigned char)(hex[i] ^ kept[i]);
	return kept[0] && differs == 0;
}

static bool
proves(struct call *call, const struct form *form, const char *tenant, const char *client,
	const char *kept)
{
	const char *secret = form_get(form, "client_secret");
	const char *assertion = form_get(form, "client_assertion");

	if (*assertion) {
		if (strcmp(form_get(form, "client_assertion_type"),
			    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer") == 0)
			return assertion_proves(call, tenant, client, assertion);
		form_refuse(call, 400, "invalid_request", 900144,
			"The request body must contain the following parameter: 'client_assertion_type'.");
	} else if (!*secret) {
		form_refuse(call, 401, "invalid_client", 7000216,
			"'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.");
	} else if (secret_right(secret, kept)) {
		return true;
	} else {
		form_refuse(call, 401, "invalid_client", 7000215,
			"Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '%s'.",
			client);
	}
	return false;
}

static void
client_credentials(struct call *call, const struct form *form, const char *tenant, bool v2)
{
	const char *client = form_need(call, form, "client_id"), *wish;
	struct principal who;
	struct issue issue = {.who = &who, .v2 = v2, .seconds = ISSUE_SECONDS};
	char secret[65];

	if (!*client || !find_client(call, tenant, client, &who, secret))
		return;
	wish = form_need(call, form, v2 ? "scope" : "resource");
	if (!*wish || !proves(call, form, tenant, client, secret))
		return;
	issue.audience = wish;
	if ((!v2 || issue_scope(call, wish, false, &issue.audience)) &&
		issue_known(call, tenant, issue.audience))
		issue_application(call, &issue);
}

static void
token(struct call *call, bool v2)
{
	static const struct {
		const char *name;
		void (*grant)(struct call *, const struct form *, const char *tenant, bool v2);
	} grants[] = {
		{"client_credentials", client_credentials},
		{"urn:ietf:params:oauth:grant-type:device_code", device_poll},
		{"device_code", device_poll},
		{"refresh_token", device_refresh},
	};
	const char *grant;
	struct form form;
	char tenant[37];

	if (!find_tenant(call, call->params[0], tenant))
		return;
	form_read(call, &form);
	/* without `resource` a v1 endpoint that was sent a scope is ADFS as MSAL talks to it */
	v2 = v2 || (form_get(&form, "scope")[0] && !form_get(&form, "resource")[0]);
	grant = form_need(call, &form, "grant_type");
	if (!*grant)
		return;
	for (size_t i = 0; i < ARRAY_LEN(grants); i++)
		if (strcmp(grants[i].name, grant) == 0) {
			grants[i].grant(call, &form, tenant, v2);
			return;
		}
	form_refuse(call, 400, "unsupported_grant_type", 70003,
		"The app requested an unsupported grant type '%s'.", grant);
}

static void
token_v2(struct call *call)
{
	token(call, true);
}

static void
token_v1(struct call *call)
{
	token(call, false);
}

const struct route entra_signin_routes[] = {
	{ROUTE_ENTRA, VERB_GET, "/federation/.well-known/openid-configuration", NULL, 0,
		metadata_federation},
	{ROUTE_ENTRA, VERB_GET, "/{}/v2.0/.well-known/openid-configuration", NULL, 0, metadata_v2},
	{ROUTE_ENTRA, VERB_GET, "/{}/.well-known/openid-configuration", NULL, 0, metadata_v1},
	{ROUTE_ENTRA, VERB_GET, "/{}/discovery/instance", NULL, 0, discovery},
	{ROUTE_ENTRA, VERB_GET, "/{}/discovery/v2.0/keys", NULL, 0, jwks},
	{ROUTE_ENTRA, VERB_GET, "/{}/discovery/keys", NULL, 0, jwks},
	{ROUTE_ENTRA, VERB_GET, "/discovery/v2.0/keys", NULL, 0, jwks},
	{ROUTE_ENTRA, VERB_POST, "/{}/oauth2/v2.0/token", NULL, 0, token_v2},
	{ROUTE_ENTRA, VERB_POST, "/{}/oauth2/token", NULL, 0, token_v1},
};
const size_t entra_signin_routes_len = ARRAY_LEN(entra_signin_routes);
