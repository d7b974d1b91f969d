/* Key vaults of the control plane. Shapes: recordings of azure-cli and the Go and Python SDKs;
 * keyvault.json 2023-07-01. A vault's deletion keeps its row: its name stays taken until it is
 * recovered, and recovering brings the access policies back as they were. */
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/arm/arm.h"
#include "backend/sandbox/arm/vault_change.h"
#include "backend/sandbox/arm/vault_names.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/rights.h"
#include "backend/sandbox/route.h"

static const char type[] = "Microsoft.KeyVault/vaults";

/* Reads group and vault of the path, or answers 404. The lock must be held. */
static bool
load(struct call *call, struct vault *out)
{
	struct arm_group group;

	if (!arm_group(call, call->params[0], call->params[1], &group))
		return false;
	if (vaults_find_in(call->world->db, call->arena, STORE_VAULT, call->params[0],
		    call->params[1], call->params[2], out))
		return true;
	arm_refuse_missing(call, type, call->params[1], call->params[2]);
	return false;
}

/* No change has a condition (If-Match) to be sent along: of two at a time the one that ends later
 * is refused. Its words: Azure/AzureKeyVault issue 6, scylla-cluster-tests 13184, both of the
 * service. */
static bool
is_alone(struct call *call, const struct vault *vault)
{
	if (vault->modified_ms <= call->began_ms)
		return true;
	reply_error(call, 409, "ConflictError",
		"A conflict occurred that prevented the operation from completing. The operation failed because the Key Vault '%s' changed from the point the operation began. This can happen if parallel operations are being performed on the Key Vault. To prevent this error, serialize the operations so that only one operation is performed on the Key Vault at a time. Follow this link for more information: https://go.microsoft.com/fwlink/?linkid=2147741",
		vault->name);
	return false;
}

static void
get_vault(struct call *call)
{
	struct vault vault;

	if (!rights_action(call, "Microsoft.KeyVault/vaults/read", arm_scope(call, type)))
		return;
	db_lock(call->world->db);
	if (load(call, &vault))
		reply_json(call, 200, vault_json(call, &vault));
	db_unlock(call->world->db);
}

static json_t *
list_row(struct call *call, sqlite3_stmt *stmt, const void *user, int64_t *id)
{
	struct vault vault;

	(void)user;
	vaults_read(stmt, call->arena, &vault);
	*id = vault.id;
	return vault_json(call, &vault);
}

static void
list_vaults(struct call *call)
{
	static const struct arm_list list = {type, "Microsoft.KeyVault/vaults/read",
		vault_by_subscription, vault_by_group, list_row, NULL};

	arm_list(call, &list);
}

static void
finish(struct call *call, const struct vault *vault)
{
	json_t *json = vault_json(call, vault);

	if (db_commit(call->world->db)) {
		reply_json(call, 200, json);
	} else {
		json_decref(json);
		reply_broken(call);
	}
}

static void
write_policies(struct call *call, const struct vault *vault, const json_t *list)
{
	vaults_clear_policies(call->world->db, vault->id);
	for (size_t i = 0; i < json_array_size(list); i++)
		vaults_change_policy(
			call->world->db, vault->id, POLICY_REPLACE, json_array_get(list, i));
}

static void
patch_vault(struct call *call)
{
	struct db *db = call->world->db;
	const json_t *policies;
	struct vault vault;

	if (!rights_action(call, "Microsoft.KeyVault/vaults/write", arm_scope(call, type)) ||
		!vault_take_policies(call, false, &policies))
		return;
	db_begin(db);
	if (!load(call, &vault) || !is_alone(call, &vault) ||
		!vault_apply(call, &vault, VAULT_PATCH)) {
		db_rollback(db);
		return;
	}
	vaults_update(db, &vault);
	if (policies)
		write_policies(call, &vault, policies);
	finish(call, &vault);
}

static bool
create_vault(struct call *call, struct vault *vault, const char *location)
{
	struct arm_group group;

	if (!vault_name_free(call, STORE_VAULT) ||
		!arm_group(call, call->params[0], call->params[1], &group))
		return false;
	*vault = (struct vault){.group = group.id,
		.soft_delete = true,
		.retention = 90,
		.tags = "{}",
		.more = "{}",
		.created_by = call->caller.app,
		.modified_by = call->caller.app};
	snprintf(vault->subscription, sizeof vault->subscription, "%s", call->params[0]);
	snprintf(vault->group_name, sizeof vault->group_name, "%s", group.name);
	snprintf(vault->name, sizeof vault->name, "%s", call->params[2]);
	snprintf(vault->location, sizeof vault->location, "%s", location);
	if (!vault_apply(call, vault, VAULT_CREATE))
		return false;
	vault->created_ms = vault->modified_ms;
	vaults_insert(call->world->db, vault);
	return true;
}

/* createMode "recover" brings a deleted vault back whole, into the group that it was in; other
 * properties are not looked at. Refusal: as terraform-provider-azurerm 12972 and others quote it.
 */
static bool
recover_vault(struct call *call, struct vault *vault, const char *location)
{
	struct db *db = call->world->db;
	struct arm_group group;

	if (!arm_group(call, call->params[0], call->params[1], &group))
		return false;
	if (!vaults_find_deleted(db, call->arena, STORE_VAULT, call->params[0], location,
		    call->params[2], vault) ||
		text_casecmp(vault->group_name, call->params[1]) != 0) {
		reply_error(call, 400, "SoftDeletedVaultDoesNotExist",
			"A soft deleted vault with the given name does not exist. Ensure that the name for the vault that is being attempted to recover is in a recoverable state. For more information on soft delete please follow this link https://go.microsoft.com/fwlink/?linkid=2149745");
		return false;
	}
	vault->modified_by = call->caller.app;
	vault->modified_ms = vclock_ms(&call->world->clock);
	vaults_recover(db, vault);
	return true;
}

static bool
replace_vault(struct call *call, struct vault *vault)
{
	if (!is_alone(call, vault) ||
		!arm_stays(call, vault->name, vault->group_name, vault->location) ||
		!vault_apply(call, vault, VAULT_REPLACE))
		return false;
	vaults_update(call->world->db, vault);
	return true;
}

/* Access policies must be sent unless role assignments decide [keyvault.json VaultProperties]. */
static bool
policies_sent(struct call *call, const struct vault *vault, const json_t *policies)
{
	if (policies || vault->rbac)
		return true;
	reply_error(call, 400, "BadRequest", "The parameter accessPolicies is not specified.");
	return false;
}

static void
put_vault(struct call *call)
{
	const char *mode = call_text(call_member(call->json, "properties"), "createMode");
	bool recover = mode && text_casecmp(mode, "recover") == 0, ok;
	struct db *db = call->world->db;
	const json_t *policies = NULL;
	struct vault vault;
	char location[48];

	if (!rights_action(call, "Microsoft.KeyVault/vaults/write", arm_scope(call, type)) ||
		!arm_location(call, call_text(call->json, "location"), location) ||
		(!recover && !vault_take_policies(call, false, &policies)))
		return;
	db_begin(db);
	if (recover)
		ok = recover_vault(call, &vault, location);
	else if (vaults_find_in(db, call->arena, STORE_VAULT, call->params[0], call->params[1],
			 call->params[2], &vault))
		ok = replace_vault(call, &vault) && policies_sent(call, &vault, policies);
	else
		ok = create_vault(call, &vault, location) && policies_sent(call, &vault, policies);
	if (!ok) {
		db_rollback(db);
		return;
	}
	if (policies)
		write_policies(call, &vault, policies);
	finish(call, &vault);
}

static void
delete_vault(struct call *call)
{
	struct db *db = call->world->db;
	struct arm_group group;
	struct vault vault;

	if (!rights_action(call, "Microsoft.KeyVault/vaults/delete", arm_scope(call, type)))
		return;
	db_begin(db);
	if (!arm_group(call, call->params[0], call->params[1], &group)) {
		db_rollback(db);
		return;
	}
	if (!vaults_find_in(db, call->arena, STORE_VAULT, call->params[0], call->params[1],
		    call->params[2], &vault)) {
		db_rollback(db);
		reply_empty(call, 204);
		return;
	}
	vaults_delete(db, &vault, call->now);
	if (db_commit(db))
		reply_empty(call, 200);
	else
		reply_broken(call);
}

static bool
take_operation(struct call *call, enum policy_change *out)
{
	static const char *const names[] = {
		[POLICY_ADD] = "add",
		[POLICY_REPLACE] = "replace",
		[POLICY_REMOVE] = "remove",
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (text_casecmp(names[i], call->params[3]) == 0) {
			*out = (enum policy_change)i;
			return true;
		}
	reply_error(call, 400, "BadRequest",
		"The operation kind '%s' is not valid: it must be add, replace or remove.",
		call->params[3]);
	return false;
}

/* Answers the vault's policies after the change [R18 of the design's list: add gives the merged
 * set]. */
static void
change_policies(struct call *call)
{
	struct db *db = call->world->db;
	enum policy_change change;
	const json_t *list;
	struct vault vault;
	json_t *json;
	char id[640];

	if (!rights_action(call, "Microsoft.KeyVault/vaults/accessPolicies/write",
		    arm_scope(call, type)) ||
		!take_operation(call, &change) || !vault_take_policies(call, true, &list))
		return;
	db_begin(db);
	if (!load(call, &vault) || !is_alone(call, &vault)) {
		db_rollback(db);
		return;
	}
	if (change == POLICY_REPLACE)
		vaults_clear_policies(db, vault.id);
	for (size_t i = 0; i < json_array_size(list); i++)
		vaults_change_policy(db, vault.id, change, json_array_get(list, i));
	vault.modified_by = call->caller.app;
	vault.modified_ms = vclock_ms(&call->world->clock);
	vaults_update(db, &vault);
	json = json_pack("{s:o,s:s,s:{s:o}}", "id",
		json_sprintf("%s/accessPolicies/", vaults_id(&vault, id, sizeof id)), "type",
		"Microsoft.KeyVault/vaults/accessPolicies", "properties", "accessPolicies",
		vaults_policies(db, vault.id));
	if (db_commit(db)) {
		reply_json(call, 200, json);
	} else {
		json_decref(json);
		reply_broken(call);
	}
}

enum { ARM = ROUTE_ARM };
#define ONE "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.KeyVault/vaults/{}"

const struct route arm_vault_routes[] = {
	{ARM, VERB_GET, ONE, type, 0, get_vault},
	{ARM, VERB_PATCH, ONE, type, ROUTE_JSON, patch_vault},
	{ARM, VERB_PUT, ONE, type, ROUTE_JSON, put_vault},
	{ARM, VERB_DELETE, ONE, type, 0, delete_vault},
	{ARM, VERB_PUT, ONE "/accessPolicies/{}", type, ROUTE_JSON, change_policies},
	{ARM, VERB_GET, "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.KeyVault/vaults",
		type, 0, list_vaults},
	{ARM, VERB_GET, "/subscriptions/{}/providers/Microsoft.KeyVault/vaults", type, 0,
		list_vaults},
	{ARM, VERB_POST, "/subscriptions/{}/providers/Microsoft.KeyVault/checkNameAvailability",
		type, ROUTE_JSON, vault_name_check},
};
const size_t arm_vault_routes_len = ARRAY_LEN(arm_vault_routes);
