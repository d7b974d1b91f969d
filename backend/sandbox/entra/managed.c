/* Managed identity: the virtual machine's endpoint (IMDS), App Service's two versions, and the one
 * that the Azure CLI's oldest way posts to. The machine that asks is the operator's: without a
 * choice the token is the operator's own; a user-assigned identity can be chosen. There is no
 * secret to know, as on a virtual machine; App Service's header must be there but its value is not
 * looked at. Shapes: "How to use managed identities for Azure resources on an Azure VM to acquire
 * an access token", "Managed identities for App Service"; msrestazure and azure-cli-core read them.
 */
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/entra/form.h"
#include "backend/sandbox/entra/issue.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/route.h"
#include "backend/sandbox/rows/identities.h"
#include "backend/sandbox/seed/seed.h"

enum { TOKEN_MAX = 16384 };

/* How a wish is worded: in the query, or in the form of a POST. */
struct wish {
	struct form form;
	bool posted;
};

static const char *
ask(struct call *call, const struct wish *wish, const char *name)
{
	const char *text = wish->posted ? form_get(&wish->form, name) : call_query(call, name);

	return text ? form_clean(call, text) : "";
}

static void
refuse(struct call *call, unsigned status, const char *error, const char *text)
{
	reply_json(call, status, json_pack("{s:s,s:s}", "error", error, "error_description", text));
}

/* App Service has a form of its own. */
static void
refuse_app(struct call *call, unsigned status, const char *text)
{
	reply_json(call, status,
		json_pack("{s:i,s:s,s:s}", "statusCode", (int)status, "message", text,
			"correlationId", call->correlation));
}

/* The identity of the machine, or the one that the client chose by any of its names. */
static bool
choose(struct call *call, const struct wish *wish, struct principal *out)
{
	static const char *const names[] = {
		"client_id", "clientid", "object_id", "principal_id", "msi_res_id", "mi_res_id"};
	struct db *db = call->world->db;
	struct identity identity;
	char tenant[37];
	const char *named = "";
	bool arm = false, found;

	for (size_t i = 0; i < ARRAY_LEN(names) && !*named; i++) {
		named = ask(call, wish, names[i]);
		arm = strstr(names[i], "res_id") != NULL;
	}
	db_lock(db);
	db_meta(db, "tenant", tenant, sizeof tenant);
	if (!*named)
		found = principal_by_client(db, tenant, seed_operator, out);
	else
		found = (arm ? identities_find_arm(db, call->arena, named, &identity)
			     : identities_find_guid(db, call->arena, named, &identity)) &&
			principal_by_object(db, tenant, identity.principal, out);
	db_unlock(db);
	return found;
}

static bool
mint(struct call *call, const struct principal *who, const char *resource, struct buf *out)
{
	struct issue issue = {.who = who, .audience = resource, .seconds = ISSUE_MANAGED_SECONDS};

	return issue_access(call, &issue, out);
}

static bool
is_resource(struct call *call, const char *resource, const char *tenant)
{
	if (issue_known(call, tenant, resource))
		return true;
	refuse(call, 400, "invalid_resource",
		arena_printf(call->arena,
			"AADSTS500011: The resource principal named %s was not found in the tenant named %s. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.",
			resource, tenant));
	return false;
}

static void
give_vm(struct call *call, const struct wish *wish)
{
	const char *resource = ask(call, wish, "resource");
	struct principal who;
	struct buf token;

	if (!*resource) {
		refuse(call, 400, "invalid_request", "Required audience parameter not specified");
		return;
	}
	if (!choose(call, wish, &who)) {
		refuse(call, 400, "invalid_request", "Identity not found");
		return;
	}
	if (!is_resource(call, resource, who.tenant))
		return;
	buf_init(&token, TOKEN_MAX);
	if (mint(call, &who, resource, &token))
		reply_json(call, 200,
			json_pack("{s:s,s:s,s:o,s:o,s:o,s:o,s:s,s:s}", "access_token",
				buf_text(&token), "client_id", who.client, "expires_in",
				json_sprintf("%d", ISSUE_MANAGED_SECONDS), "expires_on",
				json_sprintf("%lld", (long long)call->now + ISSUE_MANAGED_SECONDS),
				"ext_expires_in", json_sprintf("%d", ISSUE_MANAGED_SECONDS),
				"not_before", json_sprintf("%lld", (long long)call->now - 300),
				"resource", resource, "token_type", "Bearer"));
	buf_free(&token);
}

static bool
is_metadata(struct call *call)
{
	const char *metadata = call_header(call, "Metadata");

	if (metadata && text_casecmp(metadata, "true") == 0)
		return true;
	refuse(call, 400, "bad_request_102", "Required metadata header not specified");
	return false;
}

static void
machine(struct call *call)
{
	struct wish wish = {.posted = false};

	if (!is_metadata(call))
		return;
	if (!call->api_version[0]) {
		refuse(call, 400, "invalid_request",
			"Required api-version parameter not specified");
		return;
	}
	give_vm(call, &wish);
}

static void
posted(struct call *call)
{
	struct wish wish = {.posted = true};

	form_read(call, &wish.form);
	if (is_metadata(call))
		give_vm(call, &wish);
}

/* 2017-09-01 writes the time as 11/21/2026 22:40:00 +00:00, later versions as a number. */
static const char *
expiry(struct call *call, bool old)
{
	time_t at = call->now + ISSUE_MANAGED_SECONDS;
	char text[40];
	struct tm tm;

	gmtime_r(&at, &tm);
	strftime(text, sizeof text, "%m/%d/%Y %H:%M:%S +00:00", &tm);
	return old ? arena_strdup(call->arena, text)
		   : arena_printf(call->arena, "%lld", (long long)at);
}

static void
app_service(struct call *call)
{
	bool old = strcmp(call->api_version, "2017-09-01") == 0;
	const char *header = call_header(call, old ? "secret" : "X-IDENTITY-HEADER");
	struct wish wish = {.posted = false};
	const char *resource = ask(call, &wish, "resource");
	struct principal who;
	struct buf token;

	if (!old && strcmp(call->api_version, "2019-08-01") != 0) {
		refuse_app(call, 400,
			"The api-version must be 2019-08-01 or 2017-09-01 for managed identity.");
		return;
	}
	if (!header || !*header) {
		refuse_app(call, 401,
			old ? "The request has no 'secret' header."
			    : "The request has no 'X-IDENTITY-HEADER' header.");
		return;
	}
	if (!*resource) {
		refuse_app(call, 400, "The 'resource' parameter is missing.");
		return;
	}
	if (!choose(call, &wish, &who)) {
		refuse_app(call, 400,
			"No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.");
		return;
	}
	if (!is_resource(call, resource, who.tenant))
		return;
	buf_init(&token, TOKEN_MAX);
	if (mint(call, &who, resource, &token))
		reply_json(call, 200,
			json_pack("{s:s,s:s,s:s,s:s,s:s}", "access_token", buf_text(&token),
				"client_id", who.client, "expires_on", expiry(call, old),
				"resource", resource, "token_type", "Bearer"));
	buf_free(&token);
}

const struct route entra_managed_routes[] = {
	{ROUTE_ENTRA, VERB_GET, "/metadata/identity/oauth2/token", NULL, 0, machine},
	{ROUTE_ENTRA, VERB_GET, "/msi/token", NULL, 0, app_service},
	{ROUTE_ENTRA, VERB_POST, "/msi/token", NULL, 0, posted},
};
const size_t entra_managed_routes_len = ARRAY_LEN(entra_managed_routes);
