/* What a list answers for one vault reaches from the tenant down to single keys. Management groups
 * stand above every subscription that they are listed for. */
#include "backend/estate/assignment.h"

#include <stdlib.h>
#include <string.h>

#include "backend/azure/role.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/reply.h"

static bool
take_one(struct assignments *out, const json_t *json, const char *principal, struct err *err)
{
	struct assignment one = {0};
	char who[64], definition[ARMID_MAX];
	const char *role;

	if (!json_need_text(json, "name", one.name, sizeof one.name, err) ||
		!json_need_text(json, "properties.scope", one.scope, sizeof one.scope, err) ||
		!json_need_text(json, "properties.principalId", who, sizeof who, err) ||
		!json_text(json, "properties.principalType", one.type, sizeof one.type, err) ||
		!json_need_text(
			json, "properties.roleDefinitionId", definition, sizeof definition, err))
		return err_prefix(err, "role assignment");
	if (principal && text_casecmp(who, principal) != 0)
		return true;
	role = strrchr(definition, '/');
	role = role ? role + 1 : definition;
	if (!armid_is_guid(role) || !armid_is_guid(one.name) ||
		!text_copy(one.principal, sizeof one.principal, who))
		return err_set(err, ERR_FAILED, "BadReply",
			"role assignment %s: its name, role or principal is no GUID", one.name);
	memcpy(one.role, role, sizeof one.role);
	out->rows = mem_resize(out->rows, (out->len + 1) * sizeof *out->rows);
	out->rows[out->len++] = one;
	return true;
}

bool
assignments_take(struct assignments *assignments, const json_t *json, const char *principal,
	char **next, struct err *err)
{
	const json_t *list;
	size_t i;
	json_t *one;

	if (!reply_page(json, &list, next, err))
		return false;
	json_array_foreach(list, i, one)
	{
		if (!take_one(assignments, one, principal, err)) {
			free(*next);
			*next = NULL;
			return false;
		}
	}
	return true;
}

void
assignments_free(struct assignments *assignments)
{
	free(assignments->rows);
	*assignments = (struct assignments){0};
}

bool
assignment_covers(const struct assignment *assignment, const char *scope)
{
	const char *above = assignment->scope;
	size_t len = strlen(above);

	if (strcmp(above, "/") == 0 || text_case_starts(above, "/providers/Microsoft.Management/"))
		return true;
	return text_case_starts(scope, above) && (scope[len] == '\0' || scope[len] == '/');
}

perm_set
assignments_rights(const struct assignments *assignments, const char *scope, bool *custom)
{
	perm_set out = 0;

	*custom = false;
	for (size_t i = 0; i < assignments->len; i++) {
		const struct role *role = role_find(assignments->rows[i].role);

		if (!assignment_covers(&assignments->rows[i], scope))
			continue;
		if (role)
			out |= role->keys;
		else
			*custom = true;
	}
	return out;
}
