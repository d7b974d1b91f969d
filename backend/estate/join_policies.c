/* Who holds what on which vault: access policies and role assignments in one list, beside what the
 * accounts that use the vault need. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/join.h"

/* One line "id principal client" of an account's user-assigned identities; the next one. */
static const char *
user_line(const char *users, const char **id, size_t *id_len, uint8_t principal[16])
{
	size_t line = strcspn(users, "\n");
	char guid[37];

	*id = users;
	*id_len = strcspn(users, " \n");
	users += *id_len + (users[*id_len] == ' ');
	snprintf(guid, sizeof guid, "%.*s", (int)strcspn(users, " \n"), users);
	hex_pack(guid, principal);
	users = *id + line;
	return users + (*users == '\n');
}

void
joins_principal(const struct estate *estate, size_t at, uint8_t out[16])
{
	const struct accounts *accounts = estate->accounts;
	const struct account_shape *shape = account_shape(accounts, account_row(accounts, at));
	const char *users = account_rows_text(accounts, shape->users), *id;
	const char *wanted = account_rows_text(accounts, shape->user_key);
	size_t len;

	memcpy(out, account_rows_principal(accounts, at), 16);
	if (shape->user_key == 0)
		return;
	while (*users) {
		users = user_line(users, &id, &len, out);
		if (strlen(wanted) == len && text_case_starts(id, wanted))
			return;
	}
	memset(out, 0, 16);
}

static void
add_owner(struct joins *joins, const uint8_t principal[16], uint32_t account)
{
	struct owner *owner;

	if (hex_is_zero(principal))
		return;
	joins->owners = rows_grow(
		joins->owners, joins->owners_len, &joins->owners_room, sizeof *joins->owners);
	owner = &joins->owners[joins->owners_len++];
	memcpy(owner->principal, principal, 16);
	owner->account = account;
}

static int
compare_owners(const void *a, const void *b)
{
	const struct owner *x = a, *y = b;
	int order = memcmp(x->principal, y->principal, 16);

	return order ? order : (x->account > y->account) - (x->account < y->account);
}

/* The first owner of a principal, or where it would stand. */
static size_t
find_owner(const struct estate *estate, const uint8_t principal[16])
{
	struct joins *joins = estate->joins;
	size_t low = 0, high;

	for (uint32_t i = 0; !joins->owners_known && i < estate->accounts->len; i++) {
		const struct accounts *accounts = estate->accounts;
		const struct account_row *row = account_row(accounts, i);
		const char *users =
			account_rows_text(accounts, account_shape(accounts, row)->users);
		const char *id;
		uint8_t user[16];
		size_t len;

		add_owner(joins, account_rows_principal(accounts, i), i);
		while (*users) {
			users = user_line(users, &id, &len, user);
			add_owner(joins, user, i);
		}
	}
	if (!joins->owners_known && joins->owners_len > 1)
		qsort(joins->owners, joins->owners_len, sizeof *joins->owners, compare_owners);
	joins->owners_known = true;
	high = joins->owners_len;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(joins->owners[middle].principal, principal, 16) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t
joins_owners(const struct estate *estate, const uint8_t principal[16])
{
	size_t first = find_owner(estate, principal), i = first;
	const struct joins *joins = estate->joins;

	while (i < joins->owners_len && memcmp(joins->owners[i].principal, principal, 16) == 0)
		i++;
	return i - first;
}

uint32_t
joins_owner(const struct estate *estate, const uint8_t principal[16], size_t i)
{
	return estate->joins->owners[find_owner(estate, principal) + i].account;
}

static struct policy_row *
add_policy(struct joins *joins, uint32_t vault, const uint8_t principal[16])
{
	struct policy_row *row;

	joins->policies = rows_grow(joins->policies, joins->policies_len, &joins->policies_room,
		sizeof *joins->policies);
	row = &joins->policies[joins->policies_len++];
	*row = (struct policy_row){
		.vault = vault, .account = ROW_NONE, .identity = ROW_NONE, .maybe = ""};
	memcpy(row->principal, principal, 16);
	return row;
}

static void
add_entries(const struct estate *estate)
{
	const struct vaults *vaults = estate->vaults;

	for (uint32_t v = 0; v < vaults->len; v++)
		for (uint32_t i = 0; i < vaults->rows[v].entries_len; i++) {
			const struct entry_row *entry =
				&vaults->entries[vaults->rows[v].entries + i];
			const struct entry_rights *rights = entry_rights(vaults, entry);
			struct policy_row *row =
				add_policy(estate->joins, v, entry_principal(vaults, entry));

			row->entry = true;
			row->holds = rights->keys;
			row->unknown = rights->unknown;
			row->others = rights->others;
			row->application = rights->application;
		}
}

static void
add_roles(const struct estate *estate)
{
	const struct role_right *roles;
	size_t len = joins_roles(estate, &roles);

	for (size_t i = 0; i < len; i++) {
		const struct grants *grants = estate->grants;
		const struct grant_row *grant = &grants->rows[roles[i].grant];
		const struct grant_shape *shape = grant_shape(grants, grant);
		struct policy_row *row =
			add_policy(estate->joins, roles[i].vault, grant_principal(grants, grant));

		row->scope = shape->scope;
		row->holds = roles[i].keys;
		row->custom = roles[i].custom;
		memcpy(row->role, shape->role, 16);
	}
}

/* One row for every account that opens a key in a vault we know, whatever grants it has. */
static void
add_users(const struct estate *estate)
{
	for (uint32_t i = 0; i < estate->accounts->len; i++) {
		const struct account_row *account = account_row(estate->accounts, i);
		const struct account_shape *shape = account_shape(estate->accounts, account);
		const struct service *service = services[account->service];
		uint32_t vault = joins_vault(estate, account);
		struct policy_row *row;
		uint8_t principal[16];

		joins_principal(estate, i, principal);
		if (vault == ROW_NONE || hex_is_zero(principal) || shape->federated)
			continue;
		row = add_policy(estate->joins, vault, principal);
		row->account = i;
		row->user_key = shape->user_key;
		row->needs = estate->vaults->rows[vault].model == GRANT_RBAC
				     ? service->role_perms
				     : service->policy_perms;
		row->uses = true;
	}
}

static int
compare_who(const struct policy_row *x, const struct policy_row *y)
{
	if (x->vault != y->vault)
		return x->vault < y->vault ? -1 : 1;
	if (x->application != y->application)
		return x->application ? 1 : -1;
	return memcmp(x->principal, y->principal, 16);
}

static bool
same_grant(const struct policy_row *x, const struct policy_row *y)
{
	return x->entry == y->entry && x->scope == y->scope && memcmp(x->role, y->role, 16) == 0;
}

/* Grants of one principal stand together: access policies, roles, and last the mere use. */
static int
compare_policies(const void *a, const void *b)
{
	const struct policy_row *x = a, *y = b;
	int order = compare_who(x, y);

	if (order)
		return order;
	if (x->entry != y->entry)
		return x->entry ? -1 : 1;
	if (x->scope != y->scope)
		return x->scope > y->scope ? -1 : 1;
	if ((order = memcmp(x->role, y->role, 16)))
		return order;
	return (x->account > y->account) - (x->account < y->account);
}

/* What the accounts behind a principal need, and what all its grants allow, into each of its rows.
 */
static void
judge_rows(const struct estate *estate, struct policy_row *rows, size_t len)
{
	const struct vault_row *vault = &estate->vaults->rows[rows[0].vault];
	struct policy_row who = {.account = ROW_NONE, .maybe = ""};
	const char *key = NULL;

	for (size_t i = 0; i < len; i++) {
		who.needs |= rows[i].needs;
		who.uses |= rows[i].uses;
		if (vault->model != GRANT_RBAC)
			who.all |= rows[i].entry ? perm_effective(rows[i].holds) : 0;
		if (rows[i].account < who.account) {
			who.account = rows[i].account;
			who.user_key = rows[i].user_key;
		}
	}
	if (who.account != ROW_NONE) {
		const struct account_row *account = account_row(estate->accounts, who.account);

		key = strchr(account_rows_text(estate->accounts, account->key), '/');
	}
	if (vault->model == GRANT_RBAC)
		who.all = joins_role_rights(
			estate, rows[0].vault, rows[0].principal, key ? key + 1 : NULL, &who.maybe);
	if (vault->why)
		who.maybe = vault_rows_text(estate->vaults, vault->why);
	for (size_t i = 0; i < len; i++) {
		rows[i].needs = who.needs;
		rows[i].uses = who.uses;
		rows[i].account = who.account;
		rows[i].user_key = who.user_key;
		rows[i].all = who.all;
		rows[i].maybe = who.maybe;
	}
}

/* Equal grants become one row; mere use beside a grant none. */
static size_t
keep(struct policy_row *rows, size_t len)
{
	size_t kept = 0;

	for (size_t i = 0; i < len; i++) {
		struct policy_row *last = kept ? &rows[kept - 1] : NULL;

		if (last && same_grant(last, &rows[i])) {
			last->holds |= rows[i].holds;
			last->others |= rows[i].others;
			if (rows[i].unknown)
				last->unknown = rows[i].unknown;
		} else if (last == NULL || rows[i].entry || rows[i].scope) {
			rows[kept++] = rows[i];
		}
	}
	return kept;
}

static void
merge(const struct estate *estate)
{
	struct joins *joins = estate->joins;
	struct policy_row *rows = joins->policies;
	size_t kept = 0, end;

	if (joins->policies_len > 1)
		qsort(rows, joins->policies_len, sizeof *rows, compare_policies);
	for (size_t i = 0; i < joins->policies_len; i = end) {
		size_t len;

		for (end = i + 1;
			end < joins->policies_len && compare_who(&rows[i], &rows[end]) == 0;)
			end++;
		judge_rows(estate, &rows[i], end - i);
		len = keep(&rows[i], end - i);
		memmove(&rows[kept], &rows[i], len * sizeof *rows);
		kept += len;
	}
	joins->policies_len = kept;
}

static int
compare_identities(const void *a, const void *b, void *user)
{
	const struct identities *identities = user;

	return memcmp(identities->rows[*(const uint32_t *)a].principal,
		identities->rows[*(const uint32_t *)b].principal, 16);
}

/* The row of the user-assigned identity with this principal, of rows in that order. */
static uint32_t
find_identity(const struct identities *identities, const uint32_t *order, const uint8_t who[16])
{
	size_t low = 0, high = identities->len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int way = memcmp(identities->rows[order[middle]].principal, who, 16);

		if (way == 0)
			return order[middle];
		if (way < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return ROW_NONE;
}

/* The account whose own identity this is. */
static uint32_t
own_account(const struct estate *estate, const uint8_t principal[16])
{
	size_t len = joins_owners(estate, principal);

	for (size_t i = 0; i < len; i++) {
		uint32_t account = joins_owner(estate, principal, i);

		if (memcmp(account_rows_principal(estate->accounts, account), principal, 16) == 0)
			return account;
	}
	return ROW_NONE;
}

/* Names who is behind principals that use no key of the vault: an identity that was granted its
 * rights before the switch is no stranger. */
static void
name_owners(const struct estate *estate)
{
	struct joins *joins = estate->joins;
	const struct identities *identities = estate->identities;
	uint32_t *order = mem_alloc((identities->len + 1) * sizeof *order);

	for (uint32_t i = 0; i < identities->len; i++)
		order[i] = i;
	if (identities->len > 1)
		qsort_r(order, identities->len, sizeof *order, compare_identities,
			estate->identities);
	for (size_t i = 0; i < joins->policies_len; i++) {
		struct policy_row *row = &joins->policies[i];

		row->identity = find_identity(identities, order, row->principal);
		if (row->account == ROW_NONE)
			row->account = own_account(estate, row->principal);
	}
	free(order);
}

size_t
joins_policies(const struct estate *estate, const struct policy_row **out)
{
	struct joins *joins = estate->joins;

	if (!joins->policies_known) {
		add_entries(estate);
		add_roles(estate);
		add_users(estate);
		merge(estate);
		name_owners(estate);
		joins->policies_known = true;
	}
	*out = joins->policies;
	return joins->policies_len;
}
