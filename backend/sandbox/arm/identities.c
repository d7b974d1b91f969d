/* User-assigned identities. Shapes: recordings of azure-cli (test_identity_management) and
 * ManagedIdentity.json 2023-01-31. A new one is answered with a Location without a host, in the
 * provider's spelling of the id [recorded]. One that accounts use may be deleted: they keep an id
 * that leads nowhere, as in Azure. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/arm/arm.h"
#include "backend/sandbox/arm/federated.h"
#include "backend/sandbox/ident.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/rights.h"
#include "backend/sandbox/route.h"
#include "backend/sandbox/rows/assignments.h"
#include "backend/sandbox/rows/identities.h"

static const char type[] = "Microsoft.ManagedIdentity/userAssignedIdentities";

static bool
allowed(struct call *call, const char *verb)
{
	return rights_action(
		call, arena_printf(call->arena, "%s/%s", type, verb), arm_scope(call, type));
}

static json_t *
identity_json(struct call *call, const struct identity *i)
{
	char id[640];

	return json_pack("{s:s,s:o,s:s,s:s,s:s,s:{s:s,s:s,s:s}}", "location", i->location, "tags",
		reply_stored(i->tags), "id", identities_id(i, id, sizeof id), "name", i->name,
		"type", type, "properties", "tenantId", call->caller.tenant, "principalId",
		i->principal, "clientId", i->client);
}

static bool
find(struct call *call, struct identity *out)
{
	return identities_find(call->world->db, call->arena, call->params[0], call->params[1],
		call->params[2], out);
}

static void
get_identity(struct call *call)
{
	struct db *db = call->world->db;
	struct arm_group group;
	struct identity i;

	if (!allowed(call, "read"))
		return;
	db_lock(db);
	if (arm_group(call, call->params[0], call->params[1], &group)) {
		if (find(call, &i))
			reply_json(call, 200, identity_json(call, &i));
		else
			arm_refuse_missing(call, type, call->params[1], call->params[2]);
	}
	db_unlock(db);
}

/* 3 to 128 letters, digits, dashes and underscores; a letter or digit first [ARM naming rules]. */
static bool
name_checked(struct call *call)
{
	const char *name = call->params[2];
	size_t len = strlen(name);
	bool ok = len >= 3 && len <= 128 && isalnum((unsigned char)name[0]);

	for (size_t i = 0; ok && i < len; i++)
		ok = isalnum((unsigned char)name[i]) || name[i] == '-' || name[i] == '_';
	if (!ok)
		reply_error(call, 400, "InvalidResourceName",
			"The resource name '%s' is not valid for a user-assigned identity: 3 to 128 letters, digits, dashes and underscores, beginning with a letter or digit.",
			name);
	return ok;
}

static void
write_back(struct call *call, unsigned status, const struct identity *i)
{
	json_t *json = identity_json(call, i);
	char id[640];

	if (!db_commit(call->world->db)) {
		json_decref(json);
		reply_broken(call);
		return;
	}
	reply_json(call, status, json);
	if (status == 201)
		reply_header(call, "Location", "%s", identities_id(i, id, sizeof id));
}

static bool
make(struct call *call, const struct arm_group *group, struct identity *i)
{
	*i = (struct identity){.group = group->id};
	if (!name_checked(call) ||
		!arm_location(call, call_text(call->json, "location"), i->location) ||
		!arm_tags(call, "{}", &i->tags))
		return false;
	snprintf(i->subscription, sizeof i->subscription, "%s", call->params[0]);
	snprintf(i->group_name, sizeof i->group_name, "%s", group->name);
	snprintf(i->name, sizeof i->name, "%s", call->params[2]);
	ident_guid(i->principal);
	ident_guid(i->client);
	i->created_ms = vclock_ms(&call->world->clock);
	identities_insert(call->world->db, i);
	return true;
}

/* PUT says all that there is to say: tags that it leaves out are gone. */
static bool
overwrite(struct call *call, struct identity *i)
{
	if (!arm_stays(call, i->name, i->group_name, i->location) ||
		!arm_tags(call, "{}", &i->tags))
		return false;
	identities_update(call->world->db, i);
	return true;
}

static void
put_identity(struct call *call)
{
	struct db *db = call->world->db;
	struct arm_group group;
	struct identity i;
	bool found;

	if (!allowed(call, "write"))
		return;
	db_begin(db);
	if (!arm_group(call, call->params[0], call->params[1], &group)) {
		db_rollback(db);
		return;
	}
	found = find(call, &i);
	if (found ? overwrite(call, &i) : make(call, &group, &i))
		write_back(call, found ? 200 : 201, &i);
	else
		db_rollback(db);
}

static void
patch_identity(struct call *call)
{
	struct db *db = call->world->db;
	struct arm_group group;
	struct identity i;

	if (!allowed(call, "write"))
		return;
	db_begin(db);
	if (!arm_group(call, call->params[0], call->params[1], &group)) {
		db_rollback(db);
		return;
	}
	if (!find(call, &i)) {
		db_rollback(db);
		arm_refuse_missing(call, type, call->params[1], call->params[2]);
		return;
	}
	if (arm_tags(call, i.tags, &i.tags)) {
		identities_update(db, &i);
		write_back(call, 200, &i);
	} else {
		db_rollback(db);
	}
}

static void
delete_identity(struct call *call)
{
	struct db *db = call->world->db;
	struct arm_group group;
	struct identity i;
	bool found;

	if (!allowed(call, "delete"))
		return;
	db_begin(db);
	if (!arm_group(call, call->params[0], call->params[1], &group)) {
		db_rollback(db);
		return;
	}
	found = find(call, &i);
	if (found) {
		identities_delete(db, &i);
		assignments_drop(db, arm_scope(call, type), vclock_ms(&call->world->clock));
	}
	if (db_commit(db))
		reply_empty(call, found ? 200 : 204);
	else
		reply_broken(call);
}

static json_t *
list_row(struct call *call, sqlite3_stmt *stmt, const void *user, int64_t *id)
{
	struct identity i;

	(void)user;
	identities_read(stmt, call->arena, &i);
	*id = i.id;
	return identity_json(call, &i);
}

static void
list_identities(struct call *call)
{
	static const struct arm_list list = {
		.type = type,
		.read = "Microsoft.ManagedIdentity/userAssignedIdentities/read",
		.by_subscription = identities_by_subscription,
		.by_group = identities_by_group,
		.row = list_row,
	};

	arm_list(call, &list);
}

#define ALL \
	"/subscriptions/{}/resourceGroups/{}/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
#define FEDERATED ALL "/{}/federatedIdentityCredentials"

const struct route arm_identity_routes[] = {
	{ROUTE_ARM, VERB_GET, ALL "/{}", type, 0, get_identity},
	{ROUTE_ARM, VERB_PUT, ALL "/{}", type, ROUTE_JSON, put_identity},
	{ROUTE_ARM, VERB_PATCH, ALL "/{}", type, ROUTE_JSON, patch_identity},
	{ROUTE_ARM, VERB_DELETE, ALL "/{}", type, 0, delete_identity},
	{ROUTE_ARM, VERB_GET, ALL, type, 0, list_identities},
	{ROUTE_ARM, VERB_GET,
		"/subscriptions/{}/providers/Microsoft.ManagedIdentity/userAssignedIdentities",
		type, 0, list_identities},
	{ROUTE_ARM, VERB_GET, FEDERATED, type, 0, federated_list},
	{ROUTE_ARM, VERB_GET, FEDERATED "/{}", type, 0, federated_get},
	{ROUTE_ARM, VERB_PUT, FEDERATED "/{}", type, ROUTE_JSON, federated_write},
	{ROUTE_ARM, VERB_DELETE, FEDERATED "/{}", type, 0, federated_remove},
};
const size_t arm_identity_routes_len = ARRAY_LEN(arm_identity_routes);
