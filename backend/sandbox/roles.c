/* The table holds its patterns ready to be compared, so that a check of a role costs well under a
 * microsecond. That a star between slashes may be nothing follows from Managed Identity Operator:
 * its userAssignedIdentities and star and assign/action is what the operation
 * userAssignedIdentities/assign/action asks for [recording test_identity_management]. */
#include "backend/sandbox/roles.h"

#include <string.h>

#include "backend/base/text.h"

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

bool
roles_match(const char *pattern, const char *action)
{
	for (; *pattern != '*'; pattern++, action++) {
		if (*pattern == '/' && strncmp(pattern, "/*/", 3) == 0 && *action == '/' &&
			roles_match(pattern + 3, action + 1))
			return true;
		if (lower(*pattern) != lower(*action))
			return false;
		if (!*pattern)
			return true;
	}
	if (!pattern[1])
		return true;
	for (; *action; action++)
		if (roles_match(pattern + 1, action))
			return true;
	return false;
}

static bool
any(const char *const patterns[ROLE_PATTERNS], const char *action)
{
	for (size_t i = 0; patterns[i]; i++)
		if (roles_match(patterns[i], action))
			return true;
	return false;
}

const struct role *
roles_find(const char *id)
{
	for (size_t i = 0; i < roles_len; i++)
		if (text_casecmp(roles[i].id, id) == 0)
			return &roles[i];
	return NULL;
}

bool
roles_allow(const struct role *role, const char *action)
{
	return any(role->actions, action) && !any(role->not_actions, action);
}

bool
roles_allow_data(const struct role *role, const char *action)
{
	return any(role->data_actions, action);
}

bool
roles_may_give(const struct role *role, const char *given)
{
	return !role->condition || text_case_has(role->condition, given);
}
