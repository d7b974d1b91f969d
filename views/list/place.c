/* Numbers of rows do not outlive a reading, names do: looked for only when rows were replaced, as
 * that takes a walk over all of them. */
#include "views/list/place.h"

#include <stdio.h>
#include <string.h>

void
place_name(const struct estate *estate, const struct kind *kind, size_t row, char *out, size_t room)
{
	char first[128], second[128] = "";

	kind->cell(estate, row, 0, first, sizeof first);
	if (kind->columns_len > 1)
		kind->cell(estate, row, 1, second, sizeof second);
	snprintf(out, room, "%s\n%s", first, second);
}

void
place_note(struct place *place, const struct estate *estate, const struct kind *kind,
	const struct table *table)
{
	size_t row;

	place->name[0] = '\0';
	place->replaced = estate_replaced(estate);
	if (table_current(table, &row) && row < kind->count(estate))
		place_name(estate, kind, row, place->name, sizeof place->name);
}

void
place_find(
	const char *name, const struct estate *estate, const struct kind *kind, struct table *table)
{
	char other[PLACE_NAME];
	size_t rows = kind->count(estate), row;

	if (table_current(table, &row)) {
		place_name(estate, kind, row, other, sizeof other);
		if (strcmp(other, name) == 0)
			return;
	}
	for (row = 0; row < rows; row++) {
		place_name(estate, kind, row, other, sizeof other);
		if (strcmp(other, name) == 0) {
			table_select(table, row);
			return;
		}
	}
}

void
place_update(const struct place *place, const struct estate *estate, const struct kind *kind,
	struct table *table)
{
	table_update(table);
	if (place->name[0] && place->replaced != estate_replaced(estate))
		place_find(place->name, estate, kind, table);
}
