/* Role assignments stand at a scope and hold for everything below it. Here they are brought down to
 * the vaults they reach. Roles that give nothing on keys are left out: to manage a vault is not to
 * use its keys. What cannot be told from assignments is said: who is in a group, what a custom role
 * allows, which subscriptions lie below a management group. */
#include <stdlib.h>
#include <string.h>

#include "backend/azure/role.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/join.h"

/* Where an assignment stands. group, vault and key are parts of the scope, with their lengths. */
struct place {
	bool above;
	uint16_t subscription;
	const char *group, *vault, *key;
	size_t group_len, vault_len;
};

/* One part of a path when it begins with this name: the rest of the path, NULL otherwise. */
static const char *
part(const char *path, const char *name, const char **out, size_t *len)
{
	if (!text_case_starts(path, name))
		return NULL;
	*out = path + strlen(name);
	*len = strcspn(*out, "/");
	return *len ? *out + *len : NULL;
}

static bool
find_subscription(const struct estate *estate, const char *id, size_t len, uint16_t *out)
{
	for (size_t i = 0; i < estate->subscriptions_len; i++) {
		const char *one = estate->subscriptions[i].id;

		if (strlen(one) == len && text_case_starts(id, one)) {
			*out = (uint16_t)i;
			return true;
		}
	}
	return false;
}

/* False: not where a vault could be below, or in a subscription that is not read. */
static bool
parse(const struct estate *estate, const char *scope, struct place *out)
{
	const char *id, *rest;
	size_t len;

	*out = (struct place){0};
	out->above = strcmp(scope, "/") == 0 ||
		     text_case_starts(scope, "/providers/microsoft.management/");
	if (out->above)
		return true;
	rest = part(scope, "/subscriptions/", &id, &len);
	if (rest == NULL || !find_subscription(estate, id, len, &out->subscription))
		return false;
	if (*rest == '\0')
		return true;
	rest = part(rest, "/resourcegroups/", &out->group, &out->group_len);
	if (rest == NULL || *rest == '\0')
		return rest != NULL;
	rest = part(rest, "/providers/microsoft.keyvault/vaults/", &out->vault, &out->vault_len);
	if (rest == NULL || *rest == '\0')
		return rest != NULL;
	rest = part(rest, "/keys/", &out->key, &len);
	return rest && *rest == '\0';
}

static bool
same(const char *text, const char *part, size_t len)
{
	return strlen(text) == len && text_case_starts(part, text);
}

static bool
reaches(const struct estate *estate, const struct place *place, uint32_t vault)
{
	const struct vaults *vaults = estate->vaults;
	const struct vault_row *row = &vaults->rows[vault];

	if (row->hsm || (!place->vault && row->model != GRANT_RBAC))
		return false;
	if (place->above)
		return true;
	return row->subscription == place->subscription &&
	       (!place->vault ||
		       same(vault_rows_text(vaults, row->name), place->vault, place->vault_len)) &&
	       (!place->group ||
		       same(vault_rows_text(vaults, row->group), place->group, place->group_len));
}

static void
add(const struct estate *estate, const struct role_right *right)
{
	struct joins *joins = estate->joins;

	joins->roles =
		rows_grow(joins->roles, joins->roles_len, &joins->roles_room, sizeof *joins->roles);
	joins->roles[joins->roles_len++] = *right;
}

/* names: vaults by name, so that the many assignments on single vaults cost one look each. */
static void
add_grant(const struct estate *estate, const struct index *names, uint32_t at)
{
	const struct grant_shape *grant = grant_shape(estate->grants, &estate->grants->rows[at]);
	const char *scope = grant_rows_text(estate->grants, grant->scope);
	struct role_right right = {.grant = at};
	const struct role *role;
	struct place place;
	char text[128];

	role = role_find(guid_print(grant->role, text));
	if ((role && role->keys == 0) || !parse(estate, scope, &place))
		return;
	right.custom = role == NULL;
	right.keys = role ? role->keys : 0;
	right.above = place.above;
	right.key = place.key ? (uint16_t)(place.key - scope) : 0;
	if (place.vault) {
		text_clean(text, sizeof text, place.vault, place.vault_len);
		if (index_find(names, text, &right.vault) && reaches(estate, &place, right.vault))
			add(estate, &right);
		return;
	}
	for (right.vault = 0; right.vault < estate->vaults->len; right.vault++)
		if (reaches(estate, &place, right.vault))
			add(estate, &right);
}

static int
compare(const void *a, const void *b, void *user)
{
	const struct role_right *x = a, *y = b;
	const struct grants *grants = user;

	if (x->vault != y->vault)
		return x->vault < y->vault ? -1 : 1;
	return memcmp(grant_principal(grants, &grants->rows[x->grant]),
		grant_principal(grants, &grants->rows[y->grant]), 16);
}

size_t
joins_roles(const struct estate *estate, const struct role_right **out)
{
	struct joins *joins = estate->joins;
	struct index names = {0};

	if (!joins->roles_known) {
		for (uint32_t i = 0; i < estate->vaults->len; i++)
			if (!estate->vaults->rows[i].hsm)
				index_put(&names,
					vault_rows_text(
						estate->vaults, estate->vaults->rows[i].name),
					i);
		for (uint32_t i = 0; i < estate->grants->len; i++)
			add_grant(estate, &names, i);
		index_free(&names);
		if (joins->roles_len > 1)
			qsort_r(joins->roles, joins->roles_len, sizeof *joins->roles, compare,
				estate->grants);
		joins->roles_known = true;
	}
	*out = joins->roles;
	return joins->roles_len;
}

/* The first right of a vault. */
static size_t
first_of(const struct role_right *roles, size_t len, uint32_t vault)
{
	size_t low = 0, high = len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (roles[middle].vault < vault)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Some assignments of the estate could not be read. */
static bool
is_partial(const struct estate *estate)
{
	for (size_t i = 0; i < estate->notes_len; i++)
		if (estate->notes[i].parts & ESTATE_GRANTS)
			return true;
	return false;
}

perm_set
joins_role_rights(const struct estate *estate, uint32_t vault, const uint8_t principal[16],
	const char *key, const char **maybe)
{
	const struct role_right *roles;
	size_t len = joins_roles(estate, &roles);
	perm_set out = 0;

	*maybe = is_partial(estate) ? "not all role assignments could be read" : "";
	for (size_t i = first_of(roles, len, vault); i < len && roles[i].vault == vault; i++) {
		const struct role_right *right = &roles[i];
		const struct grants *grants = estate->grants;
		const struct grant_row *grant = &grants->rows[right->grant];
		const struct grant_shape *shape = grant_shape(grants, grant);
		const char *scope = grant_rows_text(grants, shape->scope);
		const char *type = grant_rows_text(grants, shape->type);
		bool ours = memcmp(grant_principal(grants, grant), principal, 16) == 0;

		if (right->key && (key == NULL || text_casecmp(scope + right->key, key) != 0))
			continue;
		if (!ours && text_casecmp(type, "Group") == 0)
			*maybe = "a group has a role there, and who is in it is not known";
		else if (ours && right->custom)
			*maybe = "it has a custom role there, and what that allows is not known";
		else if (ours && right->above)
			*maybe = "it has a role above the subscriptions, and which are below is "
				 "not known";
		else if (ours)
			out |= right->keys;
	}
	return out;
}
