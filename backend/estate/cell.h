/* Cells of lists: how a value, its absence and not knowing it are written. For the kinds alone. */
#ifndef CLAVIGER_ESTATE_CELL_H
#define CLAVIGER_ESTATE_CELL_H

#include "backend/estate/inside.h"
#include "backend/estate/kind.h"

enum cell_state cell_text(char *out, size_t room, const char *text); /* "" is CELL_NONE */
/* The text of that member; absent or "" is CELL_NONE. */
enum cell_state cell_json(char *out, size_t room, const json_t *json, const char *member);
enum cell_state cell_number(char *out, size_t room, int64_t number);
enum cell_state cell_date(char *out, size_t room, int64_t t); /* 2026-11-21; 0 is CELL_NONE */
enum cell_state cell_perms(char *out, size_t room, perm_set set);
enum cell_state cell_none(char *out, size_t room);    /* – */
enum cell_state cell_loading(char *out, size_t room); /* … */
enum cell_state cell_unknown(char *out, size_t room); /* ? */

/* Text with another state than CELL_KNOWN. */
enum cell_state cell_say(char *out, size_t room, const char *text, enum cell_state state);

/* Loading while this part is being read for the first time, unknown otherwise. */
enum cell_state cell_unread(const struct estate *estate, unsigned part, char *out, size_t room);

/* By the texts of the cells, case ignored. */
int cell_compare(
	const struct kind *kind, const struct estate *estate, size_t a, size_t b, size_t column);

int cell_order(int64_t a, int64_t b);

#endif
