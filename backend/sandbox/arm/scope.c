/* The segments of a scope are those of the call's path, so they are counted rather than parsed
 * again: subscriptions, S, resourceGroups, G, providers, NAMESPACE, TYPE, NAME[, TYPE, NAME]... */
#include "backend/sandbox/arm/scope.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/arm/arm.h"
#include "backend/sandbox/reply.h"

enum { OF_SUBSCRIPTION = 2, OF_GROUP = 4, OF_RESOURCE = 8 };

static bool
well_formed(const struct call *call, size_t len)
{
	const char *const *at = call->segments;

	for (size_t i = 0; i < len; i++)
		if (!at[i][0] || strchr(at[i], '/'))
			return false;
	return len == 0 ||
	       (len >= OF_SUBSCRIPTION && text_casecmp(at[0], "subscriptions") == 0 &&
		       (len == OF_SUBSCRIPTION ||
			       (len >= OF_GROUP && text_casecmp(at[2], "resourceGroups") == 0)) &&
		       (len <= OF_GROUP || (len >= OF_RESOURCE && len % 2 == 0 &&
						   text_casecmp(at[4], "providers") == 0)));
}

const char *
scope_of(struct call *call, size_t tail)
{
	size_t len = call->segments_len - tail;
	const char *scope = "";

	if (!well_formed(call, len)) {
		reply_error(call, 404, "NotFound", "The requested path '%s' was not found.",
			call->path);
		return NULL;
	}
	for (size_t i = 0; i < len; i++)
		scope = arena_printf(call->arena, "%s/%s", scope, call->segments[i]);
	return len ? scope : "/";
}

char *
scope_subscription(const char *scope, char out[37])
{
	static const char start[] = "/subscriptions/";

	out[0] = '\0';
	if (text_case_starts(scope, start))
		snprintf(out, 37, "%.36s", scope + strlen(start));
	return out;
}

static bool
resource_exists(struct call *call, int64_t group, const char *type, const char *name)
{
	static const char accounts[] = "SELECT 1 FROM account WHERE grp=? AND name=? AND service=?";
	static const char vaults[] =
		"SELECT 1 FROM vault WHERE grp=? AND name=? AND kind=? AND deleted_at IS NULL";
	static const char identities[] = "SELECT 1 FROM identity WHERE grp=? AND name=? AND 0=?";
	static const struct {
		const char *type, *sql;
		int64_t kind;
	} kinds[] = {
		{"Microsoft.Automation/automationAccounts", accounts, 0},
		{"Microsoft.Batch/batchAccounts", accounts, 1},
		{"Microsoft.Storage/storageAccounts", accounts, 2},
		{"Microsoft.KeyVault/vaults", vaults, 0},
		{"Microsoft.KeyVault/managedHSMs", vaults, 1},
		{"Microsoft.ManagedIdentity/userAssignedIdentities", identities, 0},
	};
	struct db *db = call->world->db;
	bool found = false;

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		sqlite3_stmt *stmt;

		if (text_casecmp(kinds[i].type, type) != 0)
			continue;
		stmt = db_ask(db, kinds[i].sql, "iti", group, name, kinds[i].kind);
		while (db_next(db, stmt))
			found = true;
	}
	return found;
}

bool
scope_exists(struct call *call, const char *scope)
{
	const char *const *at = call->segments;
	struct arm_group group;
	size_t slashes = 0;
	bool found = true;

	for (const char *c = scope; *c; c++)
		slashes += *c == '/';
	if (slashes < OF_GROUP)
		return true;
	db_lock(call->world->db);
	found = arm_group(call, at[1], at[3], &group);
	if (found && slashes >= OF_RESOURCE) {
		const char *type = arena_printf(call->arena, "%s/%s", at[5], at[6]);

		found = resource_exists(call, group.id, type, at[7]);
		if (!found)
			arm_refuse_missing(call, type, at[3], at[7]);
	}
	db_unlock(call->world->db);
	return found;
}
