/* Sign-in. Shapes: recordings of azure-sdk-for-js identity; error codes: Entra's published list of
 * AADSTS codes. The token's issuer is the one that the metadata names, in the names of the asker;
 * the claim xms_sandbox marks it as one of ours. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/ident.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/route.h"
#include "backend/sandbox/entra/token.h"
#include "crypto/digest.h"

enum { LIFETIME = 3599, FORM_FIELDS = 32 };

struct form {
	struct pair fields[FORM_FIELDS];
	size_t len;
};

static void
refuse(struct call *call, unsigned status, const char *error, int number, const char *text)
{
	char trace[37], when[32];
	struct tm tm;

	gmtime_r(&call->now, &tm);
	strftime(when, sizeof when, "%Y-%m-%d %H:%M:%SZ", &tm);
	ident_guid(trace);
	reply_json(call, status,
		json_pack("{s:s,s:o,s:[i],s:s,s:s,s:s,s:o}", "error", error, "error_description",
			json_sprintf("AADSTS%d: %s Trace ID: %s Correlation ID: %s Timestamp: %s",
				number, text, trace, call->correlation, when),
			"error_codes", number, "timestamp", when, "trace_id", trace,
			"correlation_id", call->correlation, "error_uri",
			json_sprintf("https://login.microsoftonline.com/error?code=%d", number)));
}

/* A tenant by id or domain. "adfs", "organizations" and "common" mean the home tenant. */
static bool
find_tenant(struct call *call, const char *name, char out[37])
{
	struct db *db = call->world->db;
	sqlite3_stmt *stmt;
	bool home = text_casecmp(name, "adfs") == 0 || text_casecmp(name, "organizations") == 0 ||
		    text_casecmp(name, "common") == 0;

	out[0] = '\0';
	db_lock(db);
	if (home)
		db_meta(db, "tenant", out, 37);
	stmt = db_ask(db, "SELECT id FROM tenant WHERE id=? OR domain=?", "tt", name, name);
	if (db_next(db, stmt)) {
		db_copy(stmt, 0, out, 37);
		db_done(stmt);
	}
	db_unlock(db);
	if (out[0])
		return true;
	refuse(call, 400, "invalid_tenant", 90002,
		arena_printf(call->arena,
			"Tenant '%s' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.",
			name));
	return false;
}

/* The metadata of a path tenant; ADFS keeps its own paths, as MSAL asks for them. */
static void
reply_metadata(struct call *call, const char *name, const char *tenant, bool v2)
{
	char authority[NAMES_URL], base[NAMES_URL + 64];
	bool adfs = text_casecmp(name, "adfs") == 0;
	const char *version = v2 ? "/v2.0" : "";

	names_authority(&call->naming, authority);
	snprintf(base, sizeof base, "%s/%s", authority, adfs ? name : tenant);
	reply_json(call, 200,
		json_pack(
			"{s:o,s:[s,s,s],s:o,s:[s,s,s],s:[s],s:[s],s:[s,s,s,s],s:[s,s,s,s],s:o,s:b,s:o,s:o,s:[s,s,s,s,s,s,s],s:s,s:s}",
			"token_endpoint", json_sprintf("%s/oauth2%s/token", base, version),
			"token_endpoint_auth_methods_supported", "client_secret_post",
			"private_key_jwt", "client_secret_basic", "jwks_uri",
			json_sprintf("%s/discovery%s/keys", base, v2 ? "/v2.0" : ""),
			"response_modes_supported", "query", "fragment", "form_post",
			"subject_types_supported", "pairwise",
			"id_token_signing_alg_values_supported", "RS256",
			"response_types_supported", "code", "id_token", "code id_token",
			"id_token token", "scopes_supported", "openid", "profile", "email",
			"offline_access", "issuer", json_sprintf("%s%s", base, version),
			"request_uri_parameter_supported", 0, "authorization_endpoint",
			json_sprintf("%s/oauth2%s/authorize", base, version),
			"end_session_endpoint", json_sprintf("%s/oauth2%s/logout", base, version),
			"claims_supported", "sub", "iss", "aud", "exp", "iat", "tid", "ver",
			"tenant_region_scope", "EU", "cloud_instance_name",
			call->naming.cloud ? "microsoftonline.com" : "localhost"));
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

static void
jwks(struct call *call)
{
	reply_json(call, 200, token_jwks(call->world->tokens));
}

/* Decodes application/x-www-form-urlencoded in place of a copy in the arena. */
static char *
form_text(struct arena *arena, const char *text, size_t len)
{
	char *out = arena_alloc(arena, len + 1), *to = out;

	for (size_t i = 0; i < len; i++) {
		unsigned value;

		if (text[i] == '%' && i + 2 < len && sscanf(text + i + 1, "%2x", &value) == 1 &&
			value) {
			*to++ = (char)value;
			i += 2;
		} else {
			*to++ = text[i] == '+' ? ' ' : text[i];
		}
	}
	*to = '\0';
	return out;
}

static void
read_form(struct call *call, struct form *form)
{
	const char *at = buf_text(&call->body);

	form->len = 0;
	while (*at && form->len < FORM_FIELDS) {
		size_t len = strcspn(at, "&"), name = strcspn(at, "=&");
		struct pair *field = &form->fields[form->len++];

		field->name = form_text(call->arena, at, name);
		field->value =
			name < len ? form_text(call->arena, at + name + 1, len - name - 1) : "";
		at += len + (at[len] == '&');
	}
}

/* A field that must be there; "" and an answer when it is not. */
static const char *
need(struct call *call, const struct form *form, const char *name)
{
	for (size_t i = 0; i < form->len; i++)
		if (strcmp(form->fields[i].name, name) == 0 && form->fields[i].value[0])
			return form->fields[i].value;
	refuse(call, 400, "invalid_request", 900144,
		arena_printf(call->arena,
			"The request body must contain the following parameter: '%s'.", name));
	return "";
}

struct application {
	struct caller caller;
	char secret[65];
};

static bool
find_application(struct call *call, const char *tenant, const char *client, struct application *out)
{
	struct db *db = call->world->db;
	sqlite3_stmt *stmt;
	bool found;

	*out = (struct application){0};
	db_lock(db);
	stmt = db_ask(db,
		"SELECT client, tenant, object, secret FROM application WHERE client=? AND tenant=?",
		"tt", client, tenant);
	found = db_next(db, stmt);
	if (found) {
		db_copy(stmt, 0, out->caller.app, sizeof out->caller.app);
		db_copy(stmt, 1, out->caller.tenant, sizeof out->caller.tenant);
		db_copy(stmt, 2, out->caller.object, sizeof out->caller.object);
		db_copy(stmt, 3, out->secret, sizeof out->secret);
		db_done(stmt);
	}
	db_unlock(db);
	if (found)
		return true;
	refuse(call, 400, "unauthorized_client", 700016,
		arena_printf(call->arena,
			"Application with identifier '%s' was not found in the directory '%s'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.",
			client, tenant));
	return false;
}

static bool
secret_right(const struct application *application, const char *secret)
{
	char hex[65];
	unsigned char differs = 0;

	digest_sha256_hex(secret, strlen(secret), hex);
	for (size_t i = 0; i < 64; i++)
		differs |= (unsigned char)(hex[i] ^ application->secret[i]);
	return differs == 0;
}

/* The audience that scope (v2: AUDIENCE/.default; other words are left aside) asks for. */
static bool
take_scope(struct call *call, const char *scope, const char **audience)
{
	static const char tail[] = "/.default";
	const size_t tail_len = sizeof tail - 1;

	for (const char *at = scope; *at;) {
		size_t len = strcspn(at, " ");

		if (len > tail_len && strncasecmp(at + len - tail_len, tail, tail_len) == 0) {
			*audience = arena_printf(call->arena, "%.*s", (int)(len - tail_len), at);
			return true;
		}
		at += len;
		at += strspn(at, " ");
	}
	refuse(call, 400, "invalid_scope", 1002012,
		arena_printf(call->arena,
			"The provided value for scope %s is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).",
			scope));
	return false;
}

static void
give_token(struct call *call, const struct caller *who, const char *audience, bool v2)
{
	char issuer[NAMES_URL], authority[NAMES_URL];
	struct buf token;
	struct err err;

	if (!names_is_audience(&call->naming, audience)) {
		refuse(call, 400, "invalid_resource", 500011,
			arena_printf(call->arena,
				"The resource principal named %s was not found in the tenant named %s. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.",
				audience, who->tenant));
		return;
	}
	buf_init(&token, 16384);
	names_authority(&call->naming, authority);
	snprintf(issuer, sizeof issuer, "%.200s/%s/%s", authority, who->tenant, v2 ? "v2.0" : "");
	if (!token_mint(call->world->tokens, who, issuer, audience, v2 ? "2.0" : "1.0", call->now,
		    LIFETIME, &token, &err))
		reply_broken(call);
	else if (v2)
		reply_json(call, 200,
			json_pack("{s:s,s:i,s:i,s:s}", "token_type", "Bearer", "expires_in",
				LIFETIME, "ext_expires_in", LIFETIME, "access_token",
				buf_text(&token)));
	else
		reply_json(call, 200,
			json_pack("{s:s,s:o,s:o,s:o,s:o,s:s,s:s}", "token_type", "Bearer",
				"expires_in", json_sprintf("%d", LIFETIME), "ext_expires_in",
				json_sprintf("%d", LIFETIME), "expires_on",
				json_sprintf("%lld", (long long)call->now + LIFETIME), "not_before",
				json_sprintf("%lld", (long long)call->now - 300), "resource",
				audience, "access_token", buf_text(&token)));
	buf_free(&token);
}

static void
token(struct call *call, bool v2)
{
	const char *grant, *client, *secret, *wish, *audience;
	struct application application;
	struct form form;
	char tenant[37];

	if (!find_tenant(call, call->params_len ? call->params[0] : "adfs", tenant))
		return;
	read_form(call, &form);
	grant = need(call, &form, "grant_type");
	client = *grant ? need(call, &form, "client_id") : "";
	if (!*client)
		return;
	if (strcmp(grant, "client_credentials") != 0) {
		refuse(call, 400, "unsupported_grant_type", 70003,
			arena_printf(call->arena,
				"The app requested an unsupported grant type '%s'.", grant));
		return;
	}
	if (!find_application(call, tenant, client, &application))
		return;
	secret = need(call, &form, "client_secret");
	wish = *secret ? need(call, &form, v2 ? "scope" : "resource") : "";
	if (!*wish)
		return;
	if (!secret_right(&application, secret)) {
		refuse(call, 401, "invalid_client", 7000215,
			arena_printf(call->arena,
				"Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '%s'.",
				client));
		return;
	}
	audience = wish;
	if (!v2 || take_scope(call, wish, &audience))
		give_token(call, &application.caller, audience, v2);
}

static void
token_v2(struct call *call)
{
	token(call, true);
}

/* Without `resource` a v1 endpoint that was sent a scope is ADFS as MSAL talks to it. */
static void
token_v1(struct call *call)
{
	token(call, strstr(buf_text(&call->body), "scope=") != NULL &&
			    !strstr(buf_text(&call->body), "resource="));
}

const struct route entra_signin_routes[] = {
	{ROUTE_ENTRA, VERB_GET, "/{}/v2.0/.well-known/openid-configuration", NULL, 0, metadata_v2},
	{ROUTE_ENTRA, VERB_GET, "/{}/.well-known/openid-configuration", NULL, 0, metadata_v1},
	{ROUTE_ENTRA, VERB_GET, "/{}/discovery/v2.0/keys", NULL, 0, jwks},
	{ROUTE_ENTRA, VERB_GET, "/{}/discovery/keys", NULL, 0, jwks},
	{ROUTE_ENTRA, VERB_GET, "/discovery/v2.0/keys", NULL, 0, jwks},
	{ROUTE_ENTRA, VERB_POST, "/{}/oauth2/v2.0/token", NULL, 0, token_v2},
	{ROUTE_ENTRA, VERB_POST, "/{}/oauth2/token", NULL, 0, token_v1},
};
const size_t entra_signin_routes_len = ARRAY_LEN(entra_signin_routes);
