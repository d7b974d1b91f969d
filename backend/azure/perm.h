/* Key permissions of a vault's access policy, as a set. Names: keyvault.json, 2018-02-14 and
 * 2022-07-01; they compare without regard to case. */
#ifndef CLAVIGER_AZURE_PERM_H
#define CLAVIGER_AZURE_PERM_H

#include <stddef.h>
#include <stdint.h>

#include "backend/base/err.h"

typedef uint32_t perm_set;

enum {
	PERM_GET = 1 << 0,
	PERM_LIST = 1 << 1,
	PERM_CREATE = 1 << 2,
	PERM_UPDATE = 1 << 3,
	PERM_IMPORT = 1 << 4,
	PERM_DELETE = 1 << 5,
	PERM_BACKUP = 1 << 6,
	PERM_RESTORE = 1 << 7,
	PERM_RECOVER = 1 << 8,
	PERM_PURGE = 1 << 9,
	PERM_ENCRYPT = 1 << 10,
	PERM_DECRYPT = 1 << 11,
	PERM_WRAP = 1 << 12,
	PERM_UNWRAP = 1 << 13,
	PERM_SIGN = 1 << 14,
	PERM_VERIFY = 1 << 15,
	PERM_RELEASE = 1 << 16,
	PERM_ROTATE = 1 << 17,
	PERM_GET_ROTATION = 1 << 18,
	PERM_SET_ROTATION = 1 << 19,
	PERM_ALL = 1 << 20, /* the word "all": every permission but purge */
};

/* The bit of a name, 0 when it is none we know. */
perm_set perm_parse(const char *name);

/* The spelling of one bit as Azure writes it: wrapKey. */
const char *perm_name(perm_set one);

/* Every bit in order; NULL-ended walking: for (i = 0; perm_at(i); i++). 0 at the end. */
perm_set perm_at(size_t i);

/* What a policy entry really allows: "all" counts for everything except purge. */
perm_set perm_effective(perm_set set);

/* "get wrapKey unwrapKey" into out; "" for the empty set. Returns out. */
char *perm_print(perm_set set, char *out, size_t room);

#endif
