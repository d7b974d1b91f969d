/* One spelling for what every list has to say. */
#include "backend/estate/cell.h"

#include <stdio.h>

#include "backend/base/clock.h"
#include "backend/base/text.h"

enum cell_state
cell_say(char *out, size_t room, const char *text, enum cell_state state)
{
	text_cleans(out, room, text);
	return state;
}

enum cell_state
cell_none(char *out, size_t room)
{
	return cell_say(out, room, "–", CELL_NONE);
}

enum cell_state
cell_loading(char *out, size_t room)
{
	return cell_say(out, room, "…", CELL_LOADING);
}

enum cell_state
cell_unknown(char *out, size_t room)
{
	return cell_say(out, room, "?", CELL_UNKNOWN);
}

enum cell_state
cell_text(char *out, size_t room, const char *text)
{
	return text[0] ? cell_say(out, room, text, CELL_KNOWN) : cell_none(out, room);
}

enum cell_state
cell_json(char *out, size_t room, const json_t *json, const char *member)
{
	const char *text = json_string_value(json_object_get(json, member));

	return cell_text(out, room, text ? text : "");
}

enum cell_state
cell_number(char *out, size_t room, int64_t number)
{
	snprintf(out, room, "%lld", (long long)number);
	return CELL_KNOWN;
}

enum cell_state
cell_date(char *out, size_t room, int64_t t)
{
	char iso[32];

	clock_iso((time_t)t, iso);
	iso[10] = '\0';
	return cell_text(out, room, iso);
}

enum cell_state
cell_perms(char *out, size_t room, perm_set set)
{
	perm_print(set, out, room);
	return set ? CELL_KNOWN : cell_none(out, room);
}

enum cell_state
cell_unread(const struct estate *estate, unsigned part, char *out, size_t room)
{
	return estate_unread(estate, part) && (estate_busy(estate) & part)
		       ? cell_loading(out, room)
		       : cell_unknown(out, room);
}

int
cell_compare(
	const struct kind *kind, const struct estate *estate, size_t a, size_t b, size_t column)
{
	char x[256], y[256];

	kind->cell(estate, a, column, x, sizeof x);
	kind->cell(estate, b, column, y, sizeof y);
	return text_casecmp(x, y);
}

int
cell_order(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}
