/* As much of Microsoft Graph as `az role assignment` and `az keyvault` ask for: who is who. Bodies:
 * "servicePrincipal resource type", "user resource type" and "directoryObject: getByIds" of the
 * Graph documentation; azure-cli's _graph_client.py. Everybody of the tenant may read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "backend/base/text.h"
#include "backend/sandbox/entra/principal.h"
#include "backend/sandbox/entra/token.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/route.h"
#include "backend/sandbox/rows/identities.h"

enum { PAGE = 100, PAGE_MAX = 999, IDS_MAX = 1000 };

static void
refuse(struct call *call, unsigned status, const char *code, const char *text)
{
	char date[32];
	struct tm tm;

	gmtime_r(&call->now, &tm);
	strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm);
	reply_json(call, status,
		json_pack("{s:{s:s,s:s,s:{s:s,s:s,s:s}}}", "error", "code", code, "message", text,
			"innerError", "date", date, "request-id", call->request_id,
			"client-request-id", call->correlation));
}

/* The caller, by a token for Graph; otherwise answers. */
static bool
access_graph(struct call *call, struct principal *out)
{
	enum token_state state;
	struct claims claims;
	bool found;

	state = token_check(call->world->tokens, call->authorization, call->now, &claims);
	if (state != TOKEN_GOOD) {
		refuse(call, 401, "InvalidAuthenticationToken",
			state == TOKEN_MISSING ? "Access token is empty."
			: state == TOKEN_EXPIRED
				? "Lifetime validation failed, the token is expired."
				: "Access token validation failure. Invalid token.");
		return false;
	}
	if (!names_is_graph_audience(&call->naming, claims.audience)) {
		refuse(call, 401, "InvalidAuthenticationToken",
			"Access token validation failure. Invalid audience.");
		return false;
	}
	memcpy(call->caller.tenant, claims.tenant, sizeof claims.tenant);
	db_lock(call->world->db);
	found = principal_by_object(call->world->db, claims.tenant, claims.object, out);
	db_unlock(call->world->db);
	if (!found)
		refuse(call, 401, "Authorization_IdentityNotFound",
			"The identity of the calling application could not be established.");
	return found;
}

static const char *
context(struct call *call, const char *what)
{
	char graph[NAMES_URL];

	return arena_printf(
		call->arena, "%s/v1.0/$metadata#%s", names_graph(&call->naming, graph), what);
}

static json_t *
show_person(const struct principal *p)
{
	return json_pack("{s:s,s:s,s:s,s:s,s:n,s:[]}", "id", p->object, "displayName", p->name,
		"userPrincipalName", p->upn, "mail", p->upn, "jobTitle", "businessPhones");
}

/* A managed identity names its resource among alternativeNames; a user-assigned one says
 * isExplicit.
 */
static json_t *
show_service(const struct principal *p)
{
	bool managed = p->kind != PRINCIPAL_APPLICATION;
	json_t *out = json_pack("{s:s,s:s,s:s,s:s,s:s,s:b,s:[s],s:[]}", "id", p->object, "appId",
		p->client, "displayName", p->name, "appDisplayName", p->name,
		"servicePrincipalType", managed ? "ManagedIdentity" : "Application",
		"accountEnabled", 1, "servicePrincipalNames", p->client, "alternativeNames");

	if (managed) {
		json_object_set_new(out, "appDisplayName", json_null());
		json_object_set_new(out, "alternativeNames",
			json_pack("[s,s]",
				p->kind == PRINCIPAL_USER_ASSIGNED ? "isExplicit=True"
								   : "isExplicit=False",
				p->resource));
	}
	json_object_set_new(
		out, "appOwnerOrganizationId", managed ? json_null() : json_string(p->tenant));
	return out;
}

static json_t *
show(const struct principal *p)
{
	return p->kind == PRINCIPAL_PERSON ? show_person(p) : show_service(p);
}

static void
me(struct call *call)
{
	struct principal who;
	json_t *body;

	if (!access_graph(call, &who))
		return;
	if (who.kind != PRINCIPAL_PERSON) {
		refuse(call, 400, "BadRequest",
			"/me request is only valid with delegated authentication flow.");
		return;
	}
	body = show_person(&who);
	json_object_set_new(body, "@odata.context", json_string(context(call, "users/$entity")));
	reply_json(call, 200, body);
}

static void
give_one(struct call *call, bool found, const struct principal *p, const char *what, const char *id)
{
	json_t *body;

	if (!found) {
		refuse(call, 404, "Request_ResourceNotFound",
			arena_printf(call->arena,
				"Resource '%s' does not exist or one of its queried reference-property objects are not present.",
				id));
		return;
	}
	body = show(p);
	json_object_set_new(body, "@odata.context", json_string(context(call, what)));
	reply_json(call, 200, body);
}

static void
service_principal(struct call *call)
{
	struct principal who, found;
	bool ok;

	if (!access_graph(call, &who))
		return;
	db_lock(call->world->db);
	ok = principal_by_object(call->world->db, who.tenant, call->params[0], &found) &&
	     found.kind != PRINCIPAL_PERSON;
	db_unlock(call->world->db);
	give_one(call, ok, &found, "servicePrincipals/$entity", call->params[0]);
}

static void
user(struct call *call)
{
	struct db *db = call->world->db;
	struct principal who, found;
	bool ok;

	if (!access_graph(call, &who))
		return;
	db_lock(db);
	ok = principal_by_upn(db, who.tenant, call->params[0], &found) ||
	     (principal_by_object(db, who.tenant, call->params[0], &found) &&
		     found.kind == PRINCIPAL_PERSON);
	db_unlock(db);
	give_one(call, ok, &found, "users/$entity", call->params[0]);
}

/* The value in a filter that is head, 'value', tail; "" and false for any other. */
static bool
filter_value(const char *filter, const char *head, const char *tail, char out[130])
{
	size_t len = strlen(filter), before = strlen(head), after = strlen(tail), n = 0;

	out[0] = '\0';
	if (len < before + after || strncasecmp(filter, head, before) != 0 ||
		strcmp(filter + len - after, tail) != 0)
		return false;
	for (size_t i = before; i < len - after && n < 129; i++) {
		if (filter[i] == '\'' && filter[++i] != '\'') /* '' stands for ' */
			return out[0] = '\0', false;
		out[n++] = filter[i];
	}
	out[n] = '\0';
	return true;
}

static json_t *
list(struct call *call, const char *what)
{
	return json_pack("{s:s,s:[]}", "@odata.context", context(call, what), "value");
}

static void
bad_filter(struct call *call)
{
	refuse(call, 400, "Request_UnsupportedQuery",
		"Unsupported or invalid query filter clause specified.");
}

/* One by its application id, which is also its only name; system identities have theirs made up and
 * are found by object id only. */
static void
list_by_client(struct call *call, const char *tenant, const char *client, bool by_object)
{
	json_t *body = list(call, "servicePrincipals");
	struct principal p;
	bool found;

	db_lock(call->world->db);
	found = by_object ? principal_by_object(call->world->db, tenant, client, &p) &&
				    p.kind != PRINCIPAL_PERSON
			  : principal_by_client(call->world->db, tenant, client, &p);
	db_unlock(call->world->db);
	if (found)
		json_array_append_new(json_object_get(body, "value"), show_service(&p));
	reply_json(call, 200, body);
}

static int64_t
page_size(const struct call *call)
{
	const char *top = call_query(call, "$top");
	int64_t size = top ? strtoll(top, NULL, 10) : PAGE;

	return size < 1 ? PAGE : size > PAGE_MAX ? PAGE_MAX : size;
}

/* A filter as it goes into a URL. */
static const char *
encoded(struct call *call, const char *text)
{
	char *out = arena_alloc(call->arena, strlen(text) * 3 + 1), *to = out;

	for (; *text; text++)
		if (strchr("()',-._~", *text) || (*text >= '0' && *text <= '9') ||
			((*text | 0x20) >= 'a' && (*text | 0x20) <= 'z'))
			*to++ = *text;
		else
			to += snprintf(to, 4, "%%%02X", (unsigned char)*text);
	*to = '\0';
	return out;
}

/* By name, in pages: the object id that a page ends with continues it. */
static void
list_by_name(struct call *call, const char *tenant, const char *name, bool prefix)
{
	const char *after = call_query(call, "$skiptoken"), *filter = call_query(call, "$filter");
	int64_t size = page_size(call), n = 0;
	struct db *db = call->world->db;
	json_t *body = list(call, "servicePrincipals");
	char graph[NAMES_URL];
	struct principal p;
	sqlite3_stmt *stmt;

	db_lock(db);
	stmt = prefix ? db_ask(db, principal_list_prefixed, "ttti", tenant, name,
				after ? after : "", size + 1)
		      : db_ask(db, principal_list_named, "ttti", tenant, name, after ? after : "",
				size + 1);
	while (db_next(db, stmt)) {
		if (n++ == size) {
			json_object_set_new(body, "@odata.nextLink",
				json_sprintf(
					"%s/v1.0/servicePrincipals?$top=%lld&$skiptoken=%s%s%s",
					names_graph(&call->naming, graph), (long long)size,
					p.object, filter ? "&$filter=" : "",
					filter ? encoded(call, filter) : ""));
			continue;
		}
		principal_read(stmt, &p);
		json_array_append_new(json_object_get(body, "value"), show_service(&p));
	}
	db_unlock(db);
	reply_json(call, 200, body);
}

static void
service_principals(struct call *call)
{
	const char *filter = call_query(call, "$filter");
	struct principal who;
	char value[130];

	if (!access_graph(call, &who))
		return;
	if (!filter || !*filter)
		list_by_name(call, who.tenant, NULL, false);
	else if (filter_value(filter, "servicePrincipalNames/any(c:c eq '", "')", value) ||
		 filter_value(filter, "appId eq '", "'", value))
		list_by_client(call, who.tenant, value, false);
	else if (filter_value(filter, "id eq '", "'", value))
		list_by_client(call, who.tenant, value, true);
	else if (filter_value(filter, "displayName eq '", "'", value))
		list_by_name(call, who.tenant, value, false);
	else if (filter_value(filter, "startswith(displayName,'", "')", value) ||
		 filter_value(filter, "startswith(displayName, '", "')", value))
		list_by_name(call, who.tenant, value, true);
	else
		bad_filter(call);
}

/* The id in applications(appId='...'); false for any other form. */
static bool
named_by_client(const char *segment, char out[37])
{
	static const char head[] = "applications(appId='";
	size_t before = sizeof head - 1, len = strlen(segment);

	if (len != before + 36 + 2 || strncasecmp(segment, head, before) != 0 ||
		strcmp(segment + before + 36, "')") != 0)
		return false;
	snprintf(out, 37, "%.36s", segment + before);
	return armid_is_guid(out);
}

/* Applications are registered in the home tenant; the other one has service principals of them
 * only, and those have no credentials. */
static bool
find_registered(struct call *call, const char *tenant, const char *client, struct principal *out)
{
	char home[37];

	db_meta(call->world->db, "tenant", home, sizeof home);
	return text_casecmp(tenant, home) == 0 &&
	       principal_by_client(call->world->db, tenant, client, out) &&
	       out->kind == PRINCIPAL_APPLICATION;
}

static json_t *
show_credentials(struct call *call, const char *client)
{
	json_t *body = list(call, "federatedIdentityCredentials");
	sqlite3_stmt *stmt = federated_all(call->world->db, client);
	struct federated f;

	while (federated_next(call->world->db, stmt, call->arena, &f))
		json_array_append_new(json_object_get(body, "value"),
			json_pack("{s:s,s:s,s:s,s:n,s:o}", "name", f.name, "issuer", f.issuer,
				"subject", f.subject, "description", "audiences",
				reply_stored(f.audiences)));
	return body;
}

/* "List federatedIdentityCredentials" of the Graph documentation. */
static void
credentials(struct call *call)
{
	struct principal who, found;
	json_t *body = NULL;
	char client[37];

	if (!access_graph(call, &who))
		return;
	if (!named_by_client(call->params[0], client)) {
		refuse(call, 400, "BadRequest",
			arena_printf(call->arena, "Resource not found for the segment '%s'.",
				call->params[0]));
		return;
	}
	db_lock(call->world->db);
	if (find_registered(call, who.tenant, client, &found))
		body = show_credentials(call, client);
	db_unlock(call->world->db);
	if (body)
		reply_json(call, 200, body);
	else
		give_one(call, false, &found, "", client);
}

static void
users(struct call *call)
{
	const char *filter = call_query(call, "$filter");
	struct principal who, found;
	json_t *body;
	char value[130];
	bool ok;

	if (!access_graph(call, &who))
		return;
	if (!filter || !filter_value(filter, "userPrincipalName eq '", "'", value)) {
		bad_filter(call);
		return;
	}
	db_lock(call->world->db);
	ok = principal_by_upn(call->world->db, who.tenant, value, &found);
	db_unlock(call->world->db);
	body = list(call, "users");
	if (ok)
		json_array_append_new(json_object_get(body, "value"), show_person(&found));
	reply_json(call, 200, body);
}

/* Whether the asker wants objects of this kind: no types mean all. */
static bool
is_wanted(const json_t *types, enum principal_kind kind)
{
	const char *own = kind == PRINCIPAL_PERSON ? "user" : "servicePrincipal", *type;
	bool wanted = json_array_size(types) == 0;

	for (size_t i = 0; i < json_array_size(types) && !wanted; i++) {
		type = json_string_value(json_array_get(types, i));
		wanted = type && (text_casecmp(type, own) == 0 ||
					 text_casecmp(type, "directoryObject") == 0);
	}
	return wanted;
}

static void
add_object(
	struct call *call, const char *tenant, const char *id, const json_t *types, json_t *value)
{
	struct principal p;
	json_t *one;

	if (!principal_by_object(call->world->db, tenant, id, &p) || !is_wanted(types, p.kind))
		return;
	one = show(&p);
	json_object_set_new(one, "@odata.type",
		json_string(p.kind == PRINCIPAL_PERSON ? "#microsoft.graph.user"
						       : "#microsoft.graph.servicePrincipal"));
	json_array_append_new(value, one);
}

static void
get_by_ids(struct call *call)
{
	const json_t *ids = json_object_get(call->json, "ids");
	const json_t *types = json_object_get(call->json, "types");
	struct principal who;
	json_t *body;

	if (!access_graph(call, &who))
		return;
	if (!json_is_array(ids) || json_array_size(ids) == 0 || json_array_size(ids) > IDS_MAX) {
		refuse(call, 400, "Request_BadRequest",
			"The property 'ids' must hold from 1 to 1000 object ids.");
		return;
	}
	body = list(call, "directoryObjects");
	db_lock(call->world->db);
	for (size_t i = 0; i < json_array_size(ids); i++) {
		const char *id = json_string_value(json_array_get(ids, i));

		if (id)
			add_object(call, who.tenant, id, types, json_object_get(body, "value"));
	}
	db_unlock(call->world->db);
	reply_json(call, 200, body);
}

const struct route graph_routes[] = {
	{ROUTE_GRAPH, VERB_GET, "/v1.0/me", NULL, 0, me},
	{ROUTE_GRAPH, VERB_GET, "/v1.0/users", NULL, 0, users},
	{ROUTE_GRAPH, VERB_GET, "/v1.0/users/{}", NULL, 0, user},
	{ROUTE_GRAPH, VERB_GET, "/v1.0/servicePrincipals", NULL, 0, service_principals},
	{ROUTE_GRAPH, VERB_GET, "/v1.0/servicePrincipals/{}", NULL, 0, service_principal},
	{ROUTE_GRAPH, VERB_GET, "/v1.0/{}/federatedIdentityCredentials", NULL, 0, credentials},
	{ROUTE_GRAPH, VERB_POST, "/v1.0/directoryObjects/getByIds", NULL, ROUTE_JSON, get_by_ids},
};
const size_t graph_routes_len = ARRAY_LEN(graph_routes);
