/* Deleted vaults by name, for those who wait for them. */
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/estate/inside.h"

/* What was there before stays, but for what it is: old. */
json_t *
estate_deleted(struct estate *estate, struct err *err)
{
	unsigned before = estate->read & ESTATE_GONE;

	if (!(estate_busy(estate) & ESTATE_GONE))
		estate_refresh(estate, ESTATE_GONE);
	estate->read &= ~(unsigned)ESTATE_GONE;
	if (estate_load(estate, ESTATE_GONE, err))
		return json_copy(estate->gone);
	estate->read |= before;
	estate->stale |= before;
	return NULL;
}

bool
estate_find_deleted(struct estate *estate, const char *name, struct armid *out, char location[64],
	struct err *err)
{
	json_t *list = estate_deleted(estate, err), *one;
	char shown[80];
	size_t i, found = 0;

	if (list == NULL)
		return false;
	json_array_foreach(list, i, one)
	{
		const char *id = json_string_value(json_object_get(one, "id"));

		if (text_casecmp(json_string_value(json_object_get(one, "name")), name) != 0 &&
			text_casecmp(id, name) != 0)
			continue;
		found++;
		snprintf(location, 64, "%s", json_string_value(json_object_get(one, "location")));
		if (!armid_take(out, id, err))
			found = 0;
		snprintf(out->type, sizeof out->type, "%s",
			vault_type(strcmp(json_string_value(json_object_get(one, "kind")),
					   "managedHsm") == 0));
	}
	json_decref(list);
	text_cleans(shown, sizeof shown, name);
	if (found > 1)
		return err_set(err, ERR_USAGE, "",
			"'%s' is among the deleted vaults more than once; give the id", shown);
	return found || err_set(err, ERR_NOT_FOUND, "",
				"vault '%s' is not among the deleted ones; claviger vault deleted "
				"lists them",
				shown);
}
