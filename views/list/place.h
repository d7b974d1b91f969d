/* The row under a cursor, by what it is: rows move when they are read again. */
#ifndef CLAVIGER_VIEWS_PLACE_H
#define CLAVIGER_VIEWS_PLACE_H

#include "backend/estate/kind.h"
#include "tui/table.h"

enum { PLACE_NAME = 256 };

struct place {
	char name[PLACE_NAME]; /* "": no row was seen yet */
	unsigned replaced;     /* as of then (estate_replaced) */
};

/* The first two cells, which tell one row from another in every kind. */
void place_name(
	const struct estate *estate, const struct kind *kind, size_t row, char *out, size_t room);

/* Puts the cursor on the row of that name, where there is one. */
void place_find(const char *name, const struct estate *estate, const struct kind *kind,
	struct table *table);

/* What the operator sees under the cursor of a table of this kind's rows. */
void place_note(struct place *place, const struct estate *estate, const struct kind *kind,
	const struct table *table);

/* Updates the table after rows came or changed; the cursor goes back to what was noted. */
void place_update(const struct place *place, const struct estate *estate, const struct kind *kind,
	struct table *table);

#endif
