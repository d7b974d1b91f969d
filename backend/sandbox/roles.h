/* The built-in roles of Azure, and what their action patterns allow. */
#ifndef CLAVIGER_SANDBOX_ROLES_H
#define CLAVIGER_SANDBOX_ROLES_H

#include <stdbool.h>
#include <stddef.h>

#include "backend/base/err.h"

enum { ROLE_PATTERNS = 13 };

/* Lists of patterns end with NULL. None of these roles has notDataActions. */
struct role {
	const char *id, *name, *about;
	const char *created, *updated; /* as Azure writes times */
	const char *actions[ROLE_PATTERNS], *not_actions[ROLE_PATTERNS],
		*data_actions[ROLE_PATTERNS];
	const char *condition; /* NULL, or it names the only roles that may be given on */
};

extern const struct role roles[];
extern const size_t roles_len;

/* By its GUID in any case; NULL when there is none. */
const struct role *roles_find(const char *id);

/* Whether a role allows an action of the resource manager, or one on data. */
bool roles_allow(const struct role *role, const char *action);
bool roles_allow_data(const struct role *role, const char *action);

/* Whether a role that may write role assignments may write one of the role with this GUID. */
bool roles_may_give(const struct role *role, const char *given);

/* Whether a pattern stands for an action; both in any case. A star is any text; between two slashes
 * it may also vanish with one of them, so that a pattern for all below a type is good for the type.
 */
bool roles_match(const char *pattern, const char *action);

#endif
