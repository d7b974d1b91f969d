/* The table of nouns: a new one is a file of its own and one line here. */
#include "backend/estate/kind.h"

#include "backend/base/text.h"

const struct kind *const kinds[] = {
	&kind_account, &kind_vault, &kind_key, &kind_policy, &kind_identity};
const size_t kinds_len = ARRAY_LEN(kinds);

const struct kind *
kind_find(const char *name)
{
	for (size_t i = 0; i < kinds_len; i++)
		if (text_casecmp(kinds[i]->name, name) == 0)
			return kinds[i];
	return NULL;
}
