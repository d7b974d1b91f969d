/* Who may do what with the keys of which vault: one row per principal, vault and grant, with what
 * it holds by it, what the accounts behind it need, and the difference both ways. Principals that
 * are none of our accounts need nothing that we know of, which is not the same as holding too much.
 */
#include <stdio.h>
#include <string.h>

#include "backend/azure/role.h"
#include "backend/base/text.h"
#include "backend/estate/cell.h"
#include "backend/estate/show.h"

enum {
	COLUMN_PRINCIPAL,
	COLUMN_VAULT,
	COLUMN_HOLDS,
	COLUMN_NEEDS,
	COLUMN_MISSING,
	COLUMN_EXCESS,
	COLUMN_VIA,
	COLUMN_SCOPE,
};

static const struct kind_column columns[] = {
	[COLUMN_PRINCIPAL] =
		{.name = "principal", .title = "PRINCIPAL", .width = 34, .most = 43, .names = true},
	[COLUMN_VAULT] = {.name = "vault", .title = "VAULT", .width = 12, .most = 14},
	[COLUMN_HOLDS] = {.name = "holds", .title = "HOLDS", .width = 30, .rank = 1},
	[COLUMN_NEEDS] = {.name = "needs", .title = "NEEDS", .width = 30, .rank = 4},
	[COLUMN_MISSING] = {.name = "missing", .title = "MISSING", .width = 9, .most = 18},
	[COLUMN_EXCESS] = {.name = "excess", .title = "EXCESS", .width = 20, .rank = 2},
	[COLUMN_VIA] = {.name = "via", .title = "VIA", .width = 24, .rank = 3},
	[COLUMN_SCOPE] = {.name = "scope", .title = "SCOPE", .width = 12, .rank = 5},
};

static size_t
count(const struct estate *estate)
{
	const struct policy_row *rows;

	return joins_policies(estate, &rows);
}

static const struct policy_row *
row_at(const struct estate *estate, size_t at)
{
	const struct policy_row *rows;

	joins_policies(estate, &rows);
	return &rows[at];
}

/* The account's name, for which there is room, or that of the user-assigned identity; "" for a
 * stranger. */
static const char *
principal_name(const struct estate *estate, const struct policy_row *row, char room[ROW_NAME])
{
	const struct accounts *accounts = estate->accounts;
	const char *id, *slash;
	char guid[37];

	guid_print(row->principal, guid);
	if (guid[0] && text_casecmp(guid, session_object_id(estate->session)) == 0)
		return "this sign-in";
	if (row->identity != ROW_NONE)
		return identity_rows_text(
			estate->identities, estate->identities->rows[row->identity].name);
	if (row->account == ROW_NONE)
		return "";
	if (row->user_key == 0)
		return account_rows_name(accounts, row->account, room);
	id = account_rows_text(accounts, row->user_key);
	slash = strrchr(id, '/');
	return slash ? slash + 1 : id;
}

static const struct vault_row *
vault_of(const struct estate *estate, const struct policy_row *row)
{
	return &estate->vaults->rows[row->vault];
}

static bool
by_roles(const struct estate *estate, const struct policy_row *row)
{
	return vault_of(estate, row)->model != GRANT_POLICIES;
}

/* A vault heeds access policies or role assignments, never both. */
static bool
is_ignored(const struct estate *estate, const struct policy_row *row)
{
	return (row->entry && by_roles(estate, row)) || (row->scope && !by_roles(estate, row));
}

/* Why what the principal may do on the vault is not known; "" when it is. */
static const char *
why_unknown(const struct estate *estate, const struct policy_row *row)
{
	if (vault_of(estate, row)->hsm)
		return "a managed HSM keeps its role assignments itself, and they are not read";
	if (!by_roles(estate, row))
		return "";
	return estate_has(estate, ESTATE_GRANTS) ? row->maybe
						 : "the role assignments were not read";
}

/* What nothing can add to any more is missing, whatever else may be held. */
static perm_set
missing(const struct policy_row *row)
{
	return row->needs & ~row->all;
}

static bool
is_missing_known(const struct estate *estate, const struct policy_row *row)
{
	return missing(row) == 0 || why_unknown(estate, row)[0] == '\0';
}

/* "all" in excess is said as it stands. A role that lets a key be read lets keys be listed too. */
static perm_set
excess(const struct estate *estate, const struct policy_row *row)
{
	perm_set spare = row->scope ? PERM_LIST : 0;

	return is_ignored(estate, row) ? 0 : row->holds & ~row->needs & ~spare;
}

static enum cell_state
holds_cell(const struct estate *estate, const struct policy_row *row, char *out, size_t room)
{
	const char *unknown = vault_rows_text(estate->vaults, row->unknown);
	size_t used;

	if (row->custom || (!row->entry && !row->scope && why_unknown(estate, row)[0]))
		return cell_unknown(out, room);
	perm_print(row->holds, out, room);
	used = strlen(out);
	if (unknown[0] && used < room)
		snprintf(out + used, room - used, "%s%s", used ? " " : "", unknown);
	return out[0] ? CELL_KNOWN : cell_none(out, room);
}

/* Needs, missing and excess wait for the accounts, unless the principal is known already. What a
 * principal is for that is none of theirs is not known here. */
static enum cell_state
judged_cell(const struct estate *estate, const struct policy_row *row, size_t column, char *out,
	size_t room)
{
	enum cell_state state;

	if (!row->uses && estate_unread(estate, ESTATE_ACCOUNTS))
		return cell_unread(estate, ESTATE_ACCOUNTS, out, room);
	if (row->account == ROW_NONE)
		return cell_unknown(out, room);
	if (column == COLUMN_NEEDS)
		return cell_perms(out, room, row->needs);
	if (column == COLUMN_MISSING) {
		if (!is_missing_known(estate, row))
			return cell_unknown(out, room);
		state = cell_perms(out, room, missing(row));
		return state == CELL_KNOWN ? CELL_BAD : state;
	}
	if (row->custom)
		return cell_unknown(out, room);
	state = cell_perms(out, room, excess(estate, row));
	return state == CELL_KNOWN ? CELL_WARN : state;
}

/* The role by name, or by its GUID when it is a custom one; "" where no role is. */
static const char *
role_name(const struct policy_row *row, char guid[37])
{
	const struct role *role;

	guid[0] = '\0';
	if (row->scope == 0)
		return guid;
	role = role_find(guid_print(row->role, guid));
	return role ? role->name : guid;
}

static enum cell_state
via_cell(const struct estate *estate, const struct policy_row *row, char *out, size_t room)
{
	const char *ignored = is_ignored(estate, row) ? ", ignored" : "";
	char guid[37];

	if (row->entry)
		snprintf(out, room, "access policy%s", ignored);
	else if (row->scope)
		snprintf(out, room, "%s%s", role_name(row, guid), ignored);
	else
		return cell_none(out, room);
	return CELL_KNOWN;
}

/* What the grant stands on, in one word. */
static const char *
scope_word(const struct estate *estate, const struct policy_row *row)
{
	const char *scope = grant_rows_text(estate->grants, row->scope);

	if (row->scope == 0)
		return "vault";
	if (!text_case_starts(scope, "/subscriptions/"))
		return "above";
	if (strstr(scope, "/keys/"))
		return "key";
	if (strstr(scope, "/providers/"))
		return "vault";
	return strstr(scope, "/resourcegroups/") ? "group" : "subscription";
}

static enum cell_state
cell(const struct estate *estate, size_t at, size_t column, char *out, size_t room)
{
	const struct policy_row *row = row_at(estate, at);
	const struct vaults *vaults = estate->vaults;
	const char *name;
	char guid[37], said[48], account[ROW_NAME];

	switch (column) {
	case COLUMN_PRINCIPAL:
		name = principal_name(estate, row, account);
		guid_print(row->principal, guid);
		if (row->application)
			snprintf(said, sizeof said, "%s by app", guid);
		return cell_text(out, room, name[0] ? name : row->application ? said : guid);
	case COLUMN_VAULT:
		return cell_text(out, room, vault_rows_text(vaults, vaults->rows[row->vault].name));
	case COLUMN_HOLDS:
		return holds_cell(estate, row, out, room);
	case COLUMN_VIA:
		return via_cell(estate, row, out, room);
	case COLUMN_SCOPE:
		return cell_text(out, room, scope_word(estate, row));
	default:
		return judged_cell(estate, row, column, out, room);
	}
}

static json_t *
holds_json(const struct estate *estate, const struct policy_row *row)
{
	const char *at = vault_rows_text(estate->vaults, row->unknown);
	json_t *out = show_perms(row->holds);

	while (*at) {
		size_t len = strcspn(at, " ");

		json_array_append_new(out, json_stringn(at, len));
		at += len + (at[len] == ' ');
	}
	return out;
}

static void
add_judged(json_t *out, const struct estate *estate, const struct policy_row *row)
{
	static const char *const fields[] = {"needs", "missing", "excess"};
	const char *why = why_unknown(estate, row);
	bool bare = !row->entry && !row->scope;

	json_object_set_new(out, "holds", holds_json(estate, row));
	json_object_set_new(out, "needs", show_perms(row->needs));
	json_object_set_new(out, "missing", show_perms(missing(row)));
	json_object_set_new(out, "excess", show_perms(excess(estate, row)));
	for (size_t i = 0; row->account == ROW_NONE && i < ARRAY_LEN(fields); i++)
		show_unknown(out, fields[i], "what this principal is for is not known here");
	for (size_t i = 0;
		!row->uses && estate_unread(estate, ESTATE_ACCOUNTS) && i < ARRAY_LEN(fields); i++)
		show_unknown(out, fields[i], "the accounts were not read");
	if (row->custom) {
		show_unknown(out, "holds", "the role is a custom one");
		show_unknown(out, "excess", "the role is a custom one");
	}
	if (bare && why[0])
		show_unknown(out, "holds", why);
	if (!is_missing_known(estate, row))
		show_unknown(out, "missing", why);
}

static void
add_grant(json_t *out, const struct estate *estate, const struct policy_row *row)
{
	char guid[37], scope[ARMID_MAX];
	struct armid id;

	estate_vault_id(estate, row->vault, &id);
	json_object_set_new(out, "via",
		show_text(row->entry   ? "policy"
			  : row->scope ? "role"
				       : ""));
	json_object_set_new(out, "role", show_text(role_name(row, guid)));
	json_object_set_new(out, "ignored", json_boolean(is_ignored(estate, row)));
	json_object_set_new(out, "scope",
		json_string(row->scope ? grant_rows_text(estate->grants, row->scope)
				       : armid_print(&id, scope)));
}

static json_t *
json(const struct estate *estate, size_t at)
{
	const struct policy_row *row = row_at(estate, at);
	const struct vaults *vaults = estate->vaults;
	char guid[37], account[ROW_NAME];
	const char *name = principal_name(estate, row, account);
	json_t *out;

	out = json_pack("{s:o, s:o, s:s}", "principalId",
		show_text(guid_print(row->principal, guid)), "principal", show_text(name), "vault",
		vault_rows_text(vaults, vaults->rows[row->vault].name));
	add_judged(out, estate, row);
	add_grant(out, estate, row);
	if (name[0] == '\0')
		show_reason(out, "principal", "it is none of the accounts that were read");
	show_end(out);
	return out;
}

const struct kind kind_policy = {
	.name = "policy",
	.title = "Policies",
	.one = "Policy",
	.empty = "No access policies and no roles on keys were found.",
	.part = ESTATE_ACCOUNTS | ESTATE_VAULTS,
	.also = ESTATE_IDENTITIES | ESTATE_GRANTS,
	.columns = columns,
	.columns_len = ARRAY_LEN(columns),
	.count = count,
	.cell = cell,
	.json = json,
};

void
kind_policy_id(const struct estate *estate, size_t at, struct armid *vault, char principal[37])
{
	const struct policy_row *row = row_at(estate, at);

	estate_vault_id(estate, row->vault, vault);
	guid_print(row->principal, principal);
}
