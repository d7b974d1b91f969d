/* Managed HSMs of the control plane. Shapes: azure-cli recordings test_keyvault_mhsm_region,
 * test_mhsm_private_link_resource, test_hsm_private_endpoint_connection; managedHsm.json
 * 2023-07-01. Who may use the keys is said by local roles on the data plane: the first
 * administrators get theirs here. */
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/arm/arm.h"
#include "backend/sandbox/arm/hsm_change.h"
#include "backend/sandbox/arm/operations.h"
#include "backend/sandbox/arm/vault_names.h"
#include "backend/sandbox/ident.h"
#include "backend/sandbox/kv/hsm_roles.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/rights.h"
#include "backend/sandbox/route.h"

static const char type[] = "Microsoft.KeyVault/managedHSMs";

/* Managed HSM Administrator [managed-hsm/built-in-roles.md]. */
static const char administrator[] = "a290e904-7015-4bba-90c8-60543313cdb4";

static bool
allowed(struct call *call, const char *action)
{
	return rights_action(call, action, arm_scope(call, type));
}

static bool
find(struct call *call, struct vault *out)
{
	return vaults_find_in(call->world->db, call->arena, STORE_HSM, call->params[0],
		call->params[1], call->params[2], out);
}

/* Reads group and HSM of the path, or answers 404. The lock must be held. */
static bool
load(struct call *call, struct vault *out)
{
	struct arm_group group;

	if (!arm_group(call, call->params[0], call->params[1], &group))
		return false;
	if (find(call, out))
		return true;
	arm_refuse_missing(call, type, call->params[1], call->params[2]);
	return false;
}

static void
get_hsm(struct call *call)
{
	struct vault hsm;

	if (!allowed(call, "Microsoft.KeyVault/managedHSMs/read"))
		return;
	db_lock(call->world->db);
	if (load(call, &hsm))
		reply_json(call, 200,
			call->segments_len > 8 ? hsm_regions(&hsm) : hsm_json(call, &hsm));
	db_unlock(call->world->db);
}

static json_t *
list_row(struct call *call, sqlite3_stmt *stmt, const void *user, int64_t *id)
{
	struct vault hsm;

	(void)user;
	vaults_read(stmt, call->arena, &hsm);
	*id = hsm.id;
	return hsm_json(call, &hsm);
}

static void
list_hsms(struct call *call)
{
	static const struct arm_list list = {type, "Microsoft.KeyVault/managedHSMs/read",
		hsm_by_subscription, hsm_by_group, list_row, NULL};

	arm_list(call, &list);
}

/* Ends the transaction and answers: 202, or the HSM at once. */
static void
finish(struct call *call, const struct vault *hsm)
{
	json_t *json = hsm_json(call, hsm);
	char id[640];

	if (!db_commit(call->world->db)) {
		json_decref(json);
		reply_broken(call);
	} else if (operation_accept(
			   call, OPERATION_HSM, hsm->location, vaults_id(hsm, id, sizeof id))) {
		json_decref(json);
	} else {
		reply_json(call, 200, json);
	}
}

static void
add_administrators(struct call *call, const struct vault *hsm)
{
	const json_t *all =
		call_member(call_member(call->json, "properties"), "initialAdminObjectIds");

	for (size_t i = 0; i < json_array_size(all); i++) {
		char name[37];

		hsm_assign(call->world->db, hsm->id, ident_guid(name), "/",
			json_string_value(json_array_get(all, i)), administrator, hsm->created_ms);
	}
}

static bool
create(struct call *call, struct vault *hsm, const char *location)
{
	struct arm_group group;

	if (!vault_name_free(call, STORE_HSM) ||
		!arm_group(call, call->params[0], call->params[1], &group))
		return false;
	*hsm = (struct vault){.kind = STORE_HSM,
		.group = group.id,
		.soft_delete = true,
		.retention = 90,
		.tags = "{}",
		.more = "{}",
		.created_by = call->caller.app,
		.modified_by = call->caller.app};
	snprintf(hsm->subscription, sizeof hsm->subscription, "%s", call->params[0]);
	snprintf(hsm->group_name, sizeof hsm->group_name, "%s", group.name);
	snprintf(hsm->name, sizeof hsm->name, "%s", call->params[2]);
	snprintf(hsm->location, sizeof hsm->location, "%s", location);
	if (!hsm_apply(call, hsm, true))
		return false;
	hsm->created_ms = hsm->modified_ms;
	vaults_insert(call->world->db, hsm);
	add_administrators(call, hsm);
	return true;
}

/* With its keys and local roles; role assignments of ARM are gone. */
static bool
recover(struct call *call, struct vault *hsm, const char *location)
{
	struct arm_group group;

	if (!arm_group(call, call->params[0], call->params[1], &group))
		return false;
	if (!vaults_find_deleted(call->world->db, call->arena, STORE_HSM, call->params[0], location,
		    call->params[2], hsm) ||
		text_casecmp(hsm->group_name, call->params[1]) != 0) {
		reply_error(call, 404, "404",
			"A soft deleted managed HSM named '%s' does not exist in this resource group and location.",
			call->params[2]);
		return false;
	}
	hsm->modified_by = call->caller.app;
	hsm->modified_ms = vclock_ms(&call->world->clock);
	vaults_recover(call->world->db, hsm);
	return true;
}

static bool
change(struct call *call, struct vault *hsm)
{
	if (!hsm_apply(call, hsm, false))
		return false;
	vaults_update(call->world->db, hsm);
	return true;
}

static void
put_hsm(struct call *call)
{
	const char *mode = call_text(call_member(call->json, "properties"), "createMode");
	struct db *db = call->world->db;
	char location[48];
	struct vault hsm;
	bool ok;

	if (!allowed(call, "Microsoft.KeyVault/managedHSMs/write") ||
		!arm_location(call, call_text(call->json, "location"), location))
		return;
	db_begin(db);
	if (mode && text_casecmp(mode, "recover") == 0)
		ok = recover(call, &hsm, location);
	else if (find(call, &hsm))
		ok = arm_stays(call, hsm.name, hsm.group_name, hsm.location) && change(call, &hsm);
	else
		ok = create(call, &hsm, location);
	if (ok)
		finish(call, &hsm);
	else
		db_rollback(db);
}

static void
patch_hsm(struct call *call)
{
	struct vault hsm;

	if (!allowed(call, "Microsoft.KeyVault/managedHSMs/write"))
		return;
	db_begin(call->world->db);
	if (load(call, &hsm) && change(call, &hsm))
		finish(call, &hsm);
	else
		db_rollback(call->world->db);
}

/* 204 for none; otherwise whether it may go. */
static bool
deletable(struct call *call, struct vault *hsm)
{
	struct arm_group group;
	const char *extended;

	if (!arm_group(call, call->params[0], call->params[1], &group))
		return false;
	if (!find(call, hsm)) {
		reply_empty(call, 204);
		return false;
	}
	extended = hsm_extended(call, hsm);
	if (extended[0])
		reply_error(call, 400, "400",
			"Soft delete of a pool %s that is extended to regions (%s) is not allowed.",
			hsm->name, extended);
	return !extended[0];
}

static void
delete_hsm(struct call *call)
{
	struct db *db = call->world->db;
	struct vault hsm;

	if (!allowed(call, "Microsoft.KeyVault/managedHSMs/delete"))
		return;
	db_begin(db);
	if (!deletable(call, &hsm)) {
		db_rollback(db);
		return;
	}
	vaults_delete(db, &hsm, call->now);
	if (!db_commit(db))
		reply_broken(call);
	else if (!operation_accept(call, OPERATION_HSM, hsm.location, ""))
		reply_empty(call, 200);
}

#define ALL "/subscriptions/{}/providers/Microsoft.KeyVault/"
#define GROUP "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.KeyVault/managedHSMs"

const struct route arm_hsm_routes[] = {
	{ROUTE_ARM, VERB_GET, GROUP "/{}", type, 0, get_hsm},
	{ROUTE_ARM, VERB_PUT, GROUP "/{}", type, ROUTE_JSON, put_hsm},
	{ROUTE_ARM, VERB_PATCH, GROUP "/{}", type, ROUTE_JSON, patch_hsm},
	{ROUTE_ARM, VERB_DELETE, GROUP "/{}", type, 0, delete_hsm},
	{ROUTE_ARM, VERB_GET, GROUP "/{}/regions", type, 0, get_hsm},
	{ROUTE_ARM, VERB_GET, GROUP, type, 0, list_hsms},
	{ROUTE_ARM, VERB_GET, ALL "managedHSMs", type, 0, list_hsms},
	{ROUTE_ARM, VERB_POST, ALL "checkMhsmNameAvailability", type, ROUTE_JSON, hsm_name_check},
};
const size_t arm_hsm_routes_len = ARRAY_LEN(arm_hsm_routes);
