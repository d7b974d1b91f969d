/* The order of the checks is the gateway's: token, api-version, subscription; only then the
 * provider sees the call. Error texts: recordings and public reports. */
#include "backend/sandbox/arm/arm.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/azure/armid.h"
#include "backend/base/text.h"
#include "backend/sandbox/access.h"
#include "backend/sandbox/arm/regions.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/rights.h"

/* Versions by type, from the specification repository, the recordings and the clients. */
static const struct {
	const char *type, *versions;
} known_versions
	[] =
		{
			{"Microsoft.Automation/automationAccounts",
				"2015-10-31, 2018-06-30, 2019-06-01, 2020-01-13-preview, 2021-06-22, 2022-08-08, 2023-05-15-preview, 2023-11-01, 2024-10-23"},
			{"Microsoft.Batch/batchAccounts",
				"2015-12-01, 2017-01-01, 2017-05-01, 2017-09-01, 2018-12-01, 2019-04-01, 2019-08-01, 2020-03-01, 2020-03-01-preview, 2020-05-01, 2020-09-01, 2021-01-01, 2021-06-01, 2022-01-01, 2022-06-01, 2022-10-01, 2023-05-01, 2023-11-01, 2024-02-01, 2024-07-01, 2025-06-01"},
			{"Microsoft.ResourceGraph/resources",
				"2018-09-01-preview, 2019-04-01, 2020-04-01-preview, 2020-07-01-preview, 2020-09-01-preview, 2021-03-01, 2021-06-01-preview, 2022-10-01, 2024-04-01"},
			{"Microsoft.ManagedIdentity/userAssignedIdentities",
				"2015-08-31-preview, 2018-11-30, 2021-09-30-preview, 2022-01-31-preview, 2023-01-31, 2023-07-31-preview, 2024-11-30, 2025-01-31-preview"},
			{"Microsoft.Authorization/roleAssignments",
				"2014-04-01-preview, 2014-07-01-preview, 2014-10-01-preview, 2015-05-01-preview, 2015-06-01, 2015-07-01, 2016-07-01, 2017-05-01, 2017-10-01-preview, 2018-01-01-preview, 2018-07-01, 2018-09-01-preview, 2018-12-01-preview, 2019-04-01-preview, 2020-03-01-preview, 2020-04-01-preview, 2020-08-01-preview, 2020-10-01-preview, 2021-04-01-preview, 2022-01-01-preview, 2022-04-01"},
			{"Microsoft.Authorization/roleDefinitions",
				"2014-04-01-preview, 2014-07-01-preview, 2014-10-01-preview, 2015-05-01-preview, 2015-06-01, 2015-07-01, 2016-07-01, 2017-05-01, 2018-01-01-preview, 2018-07-01, 2022-04-01, 2022-05-01-preview"},
			{"Microsoft.KeyVault/vaults",
				"2014-12-19-preview, 2015-06-01, 2016-10-01, 2018-02-14-preview, 2018-02-14, 2019-09-01, 2020-04-01-preview, 2021-04-01-preview, 2021-06-01-preview, 2021-10-01, 2021-11-01-preview, 2022-02-01-preview, 2022-07-01, 2022-11-01, 2023-02-01, 2023-07-01, 2023-08-01-preview, 2024-04-01-preview, 2024-11-01, 2024-12-01-preview, 2025-05-01, 2026-02-01"},
			{"Microsoft.Storage/storageAccounts", "2015-05-01-preview, 2015-06-15, 2016-01-01, 2016-05-01, 2016-12-01, 2017-06-01, 2017-10-01, 2018-02-01, 2018-03-01-preview, 2018-07-01, 2018-11-01, 2019-04-01, 2019-06-01, 2020-08-01-preview, 2021-01-01, 2021-02-01, 2021-04-01, 2021-05-01, 2021-06-01, 2021-08-01, 2021-09-01, 2022-05-01, 2022-09-01, 2023-01-01, 2023-04-01, 2023-05-01, 2024-01-01, 2025-01-01, 2025-06-01, 2025-08-01"},
			{"Microsoft.KeyVault/managedHSMs",
				"2020-04-01-preview, 2021-04-01-preview, 2021-06-01-preview, 2021-10-01, 2021-11-01-preview, 2021-12-01-preview, 2022-02-01-preview, 2022-07-01, 2022-11-01, 2023-02-01, 2023-07-01, 2023-08-01-preview, 2024-04-01-preview, 2024-11-01, 2024-12-01-preview, 2025-05-01, 2026-02-01"},
			{"Microsoft.Resources/subscriptions",
				"2014-04-01, 2015-01-01, 2015-11-01, 2016-02-01, 2016-06-01, 2016-07-01, 2016-09-01, 2017-05-10, 2018-02-01, 2018-05-01, 2019-03-01, 2019-05-01, 2019-05-10, 2019-06-01, 2019-08-01, 2019-10-01, 2019-11-01, 2020-01-01, 2020-06-01, 2020-08-01, 2020-10-01, 2021-01-01, 2021-04-01, 2022-01-01, 2022-09-01, 2022-12-01, 2023-07-01, 2024-03-01, 2024-07-01, 2024-11-01, 2025-03-01, 2025-04-01"},
};

static bool
well_formed(const char *version)
{
	static const char shape[] = "dddd-dd-dd";
	size_t i;

	for (i = 0; shape[i]; i++)
		if (shape[i] == 'd' ? !isdigit((unsigned char)version[i]) : version[i] != '-')
			return false;
	return version[i] == '\0' || (version[i] == '-' && isalpha((unsigned char)version[i + 1]));
}

static bool
listed(const char *versions, const char *version)
{
	size_t len = strlen(version);

	for (const char *at = versions; *at;) {
		size_t n = strcspn(at, ",");

		if (n == len && strncasecmp(at, version, n) == 0)
			return true;
		at += n;
		at += strspn(at, ", ");
	}
	return false;
}

static bool
check_version(struct call *call, const char *type)
{
	const char *slash = type ? strchr(type, '/') : NULL;

	if (!call->api_version[0]) {
		reply_error(call, 400, "MissingApiVersionParameter",
			"The api-version query parameter (?api-version=) is required for all requests.");
		return false;
	}
	if (!well_formed(call->api_version)) {
		reply_error(call, 400, "InvalidApiVersionParameter",
			"The api-version '%s' is invalid. The supported versions are '2025-04-01,2024-11-01,2022-12-01,2022-09-01,2021-04-01'.",
			call->api_version);
		return false;
	}
	for (size_t i = 0; slash && i < ARRAY_LEN(known_versions); i++) {
		if (strcmp(known_versions[i].type, type) != 0 ||
			listed(known_versions[i].versions, call->api_version))
			continue;
		reply_error(call, 400, "NoRegisteredProviderFound",
			"No registered resource provider found for location '' and API version '%s' for type '%s'. The supported api-versions are '%s'.",
			call->api_version, slash + 1, known_versions[i].versions);
		return false;
	}
	return true;
}

static bool
check_subscription(struct call *call, const char *id)
{
	char tenant[40] = "", authority[NAMES_URL];
	sqlite3_stmt *stmt;

	if (!armid_is_guid(id)) {
		reply_error(call, 400, "InvalidSubscriptionId",
			"The provided subscription identifier '%s' is malformed or invalid.", id);
		return false;
	}
	db_lock(call->world->db);
	stmt = db_ask(call->world->db, "SELECT tenant FROM subscription WHERE id=?", "t", id);
	if (db_next(call->world->db, stmt)) {
		db_copy(stmt, 0, tenant, sizeof tenant);
		db_done(stmt);
	}
	db_unlock(call->world->db);
	if (!tenant[0]) {
		reply_error(call, 404, "SubscriptionNotFound",
			"The subscription '%s' could not be found.", id);
		return false;
	}
	if (text_casecmp(tenant, call->caller.tenant) == 0)
		return true;
	names_authority(&call->naming, authority);
	reply_error(call, 401, "InvalidAuthenticationTokenTenant",
		"The access token is from the wrong issuer 'https://sts.windows.net/%s/'. It must match the tenant 'https://sts.windows.net/%s/' associated with this subscription. Please use the authority (URL) '%s/%s' to get the token. Note, if the subscription is transferred to another tenant there is no impact to the services, but information about new tenant could take time to propagate (up to an hour). If you just transferred your subscription and see this error message, please try back later.",
		call->caller.tenant, tenant, authority, tenant);
	reply_header(call, "WWW-Authenticate",
		"Bearer authorization_uri=\"%s/%s\", error=\"invalid_token\", error_description=\"The authentication failed because the access token is from the wrong issuer.\"",
		authority, tenant);
	return false;
}

bool
arm_prepare(struct call *call, const char *type)
{
	return access_arm(call) && check_version(call, type) &&
	       (call->segments_len < 2 || text_casecmp(call->segments[0], "subscriptions") != 0 ||
		       check_subscription(call, call->segments[1]));
}

const char *
arm_versions(const char *type)
{
	for (size_t i = 0; i < ARRAY_LEN(known_versions); i++)
		if (strcmp(known_versions[i].type, type) == 0)
			return known_versions[i].versions;
	return "";
}

void
arm_refuse_type(struct call *call)
{
	for (size_t i = 0; i + 1 < call->segments_len; i++) {
		const char *type;

		if (text_casecmp(call->segments[i], "providers") != 0)
			continue;
		type = i + 2 < call->segments_len ? call->segments[i + 2] : "";
		if (arm_namespace_known(call->segments[i + 1]))
			reply_error(call, 404, "InvalidResourceType",
				"The resource type '%s' could not be found in the namespace '%s' for api version '%s'.",
				type, call->segments[i + 1], call->api_version);
		else
			reply_error(call, 404, "InvalidResourceNamespace",
				"The resource namespace '%s' is invalid.", call->segments[i + 1]);
		return;
	}
	reply_error(call, 404, "NotFound", "The requested path '%s' was not found.", call->path);
}

bool
arm_group(struct call *call, const char *subscription, const char *name, struct arm_group *out)
{
	sqlite3_stmt *stmt = db_ask(call->world->db,
		"SELECT id, name, location FROM resource_group WHERE subscription=? AND name=?"
		" AND gone=0",
		"tt", subscription, name);

	if (!db_next(call->world->db, stmt)) {
		reply_error(call, 404, "ResourceGroupNotFound",
			"Resource group '%s' could not be found.", name);
		return false;
	}
	out->id = sqlite3_column_int64(stmt, 0);
	db_copy(stmt, 1, out->name, sizeof out->name);
	db_copy(stmt, 2, out->location, sizeof out->location);
	db_done(stmt);
	return true;
}

void
arm_refuse_missing(struct call *call, const char *type, const char *group, const char *name)
{
	reply_error(call, 404, "ResourceNotFound",
		"The Resource '%s/%s' under resource group '%s' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
		type, name, group);
}

bool
arm_location(struct call *call, const char *given, char out[48])
{
	if (!given) {
		reply_error(call, 400, "LocationRequired",
			"The location property is required for this definition.");
		return false;
	}
	if (region_read(given, out))
		return true;
	reply_error(call, 400, "LocationNotAvailableForResourceType",
		"The provided location '%s' is not available for this resource type.", given);
	return false;
}

bool
arm_stays(struct call *call, const char *name, const char *group, const char *place)
{
	char location[48];

	if (!arm_location(call, call_text(call->json, "location"), location))
		return false;
	if (strcmp(location, place) == 0)
		return true;
	reply_error(call, 409, "InvalidResourceLocation",
		"The resource '%s' already exists in location '%s' in resource group '%s'. A resource with the same name cannot be created in location '%s'. Please select a new resource name.",
		name, place, group, location);
	return false;
}

bool
arm_tags(struct call *call, const char *fallback, const char **out)
{
	json_t *tags = call_member(call->json, "tags");
	char *text;

	*out = fallback;
	if (!tags || json_is_null(tags))
		return true;
	if (!call_is_texts(tags, 512, 256) || json_object_size(tags) > 50) {
		reply_error(call, 400, "InvalidTags",
			"The tags of a resource must be at most 50 pairs of a name (512 characters) and a text (256 characters).");
		return false;
	}
	text = json_dumps(tags, JSON_COMPACT);
	*out = arena_strdup(call->arena, text);
	free(text);
	return true;
}

bool
arm_after(struct call *call, int64_t *after)
{
	const char *token = call_query(call, "$skiptoken");
	char *end;

	*after = 0;
	if (!token)
		return true;
	*after = strtoll(token, &end, 16);
	if (*token && !*end && *after > 0)
		return true;
	reply_error(
		call, 400, "InvalidSkipToken", "The provided skip token '%s' is invalid.", token);
	return false;
}

json_t *
arm_next_link(struct call *call, int64_t last)
{
	char base[NAMES_URL];

	names_arm(&call->naming, base);
	return json_sprintf("%s%s?api-version=%s&%%24skiptoken=%llX", base, call->path,
		call->api_version, (unsigned long long)last);
}

const char *
arm_scope(struct call *call, const char *type)
{
	if (call->params_len == 1)
		return arena_printf(call->arena, "/subscriptions/%s", call->params[0]);
	if (call->params_len == 2)
		return arena_printf(call->arena, "/subscriptions/%s/resourceGroups/%s",
			call->params[0], call->params[1]);
	return arena_printf(call->arena, "/subscriptions/%s/resourceGroups/%s/providers/%s/%s",
		call->params[0], call->params[1], type, call->params[2]);
}

size_t
arm_page_size(const struct call *call)
{
	const char *top = call_query(call, "$top");
	long rows = top ? strtol(top, NULL, 10) : ARM_PAGE;

	return rows < 1 || rows > ARM_PAGE ? ARM_PAGE : (size_t)rows;
}

/* One page, and the link to the next. The lock must be held. */
static json_t *
page_of(struct call *call, const struct arm_list *list, int64_t after)
{
	struct db *db = call->world->db;
	size_t page = arm_page_size(call);
	int64_t last = 0, limit = (int64_t)page + 1;
	json_t *value = json_array(), *json = json_pack("{s:o}", "value", value);
	sqlite3_stmt *stmt =
		call->params_len > 1
			? db_ask(db, list->by_group, "ttii", call->params[0], call->params[1],
				  after, limit)
			: db_ask(db, list->by_subscription, "tii", call->params[0], after, limit);

	while (db_next(db, stmt)) {
		if (json_array_size(value) == page) {
			json_object_set_new(json, "nextLink", arm_next_link(call, last));
			db_done(stmt);
			break;
		}
		json_array_append_new(value, list->row(call, stmt, list->user, &last));
	}
	return json;
}

void
arm_list(struct call *call, const struct arm_list *list)
{
	struct arm_group group;
	json_t *json = NULL;
	int64_t after;

	if (!rights_action(call, list->read, arm_scope(call, list->type)) ||
		!arm_after(call, &after))
		return;
	db_lock(call->world->db);
	if (call->params_len == 1 || arm_group(call, call->params[0], call->params[1], &group))
		json = page_of(call, list, after);
	db_unlock(call->world->db);
	if (json)
		reply_json(call, 200, json);
}
