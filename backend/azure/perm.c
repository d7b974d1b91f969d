/* A set of bits: what is missing and what is in excess are then one operator each. */
#include "backend/azure/perm.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"

static const struct {
	perm_set bit;
	const char *name;
} names[] = {
	{PERM_GET, "get"},
	{PERM_LIST, "list"},
	{PERM_CREATE, "create"},
	{PERM_UPDATE, "update"},
	{PERM_IMPORT, "import"},
	{PERM_DELETE, "delete"},
	{PERM_BACKUP, "backup"},
	{PERM_RESTORE, "restore"},
	{PERM_RECOVER, "recover"},
	{PERM_PURGE, "purge"},
	{PERM_ENCRYPT, "encrypt"},
	{PERM_DECRYPT, "decrypt"},
	{PERM_WRAP, "wrapKey"},
	{PERM_UNWRAP, "unwrapKey"},
	{PERM_SIGN, "sign"},
	{PERM_VERIFY, "verify"},
	{PERM_RELEASE, "release"},
	{PERM_ROTATE, "rotate"},
	{PERM_GET_ROTATION, "getrotationpolicy"},
	{PERM_SET_ROTATION, "setrotationpolicy"},
	{PERM_ALL, "all"},
};

perm_set
perm_parse(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (text_casecmp(names[i].name, name) == 0)
			return names[i].bit;
	return 0;
}

const char *
perm_name(perm_set one)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].bit == one)
			return names[i].name;
	return "";
}

perm_set
perm_at(size_t i)
{
	return i < ARRAY_LEN(names) ? names[i].bit : 0;
}

perm_set
perm_effective(perm_set set)
{
	return set & PERM_ALL ? set | ((PERM_ALL - 1) & ~(perm_set)PERM_PURGE) : set;
}

char *
perm_print(perm_set set, char *out, size_t room)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(names) && used < room; i++)
		if (set & names[i].bit)
			used += (size_t)snprintf(
				out + used, room - used, "%s%s", used ? " " : "", names[i].name);
	return out;
}
