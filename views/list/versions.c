/* The versions of one key. A plan that can be about one of them alone is begun from here: in every
 * other list a key is meant with all its versions. */
#include "views/list/versions.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "tui/said.h"
#include "tui/table.h"
#include "tui/words.h"
#include "views/list/subjects.h"
#include "views/value.h"

enum { DAY = 86400 };
enum { VERSIONS_MOVE = 1, VERSIONS_ACTIONS };
enum { COLUMN_VERSION, COLUMN_STATE, COLUMN_CREATED, COLUMN_EXPIRES, COLUMN_USED };

static const struct table_column columns[] = {
	[COLUMN_VERSION] = {.name = "version", .title = N_("VERSION"), .width = 32},
	[COLUMN_STATE] = {.name = "state", .title = N_("STATE"), .width = 34},
	[COLUMN_CREATED] = {.name = "created", .title = N_("CREATED"), .width = 11, .rank = 1},
	[COLUMN_EXPIRES] = {.name = "expires", .title = N_("EXPIRES"), .width = 11, .rank = 1},
	[COLUMN_USED] = {.name = "usedBy", .title = N_("USED BY"), .width = 20, .rank = 2},
};

struct versions {
	struct view *view;
	struct estate *estate;
	struct keyid key;
	size_t row;    /* of the key, as far as it is known */
	json_t *shown; /* it, as `key show` has it; NULL: it has no row any more; owned */
	unsigned as_of;
	struct table table;
	int page;
};

/* Days since there is a newer version; -1: not known. */
static long
days_old(const json_t *newer)
{
	int64_t since = 0;
	struct err err;

	if (!json_time(newer, "created", &since, &err) || since == 0)
		return -1;
	return (long)((clock_wall() - since) / DAY);
}

enum role
versions_say(const json_t *one, const json_t *newer, char *out, size_t room)
{
	char text[600];
	bool off = strcmp(value_text(one, "enabled", text, sizeof text), "no") == 0;
	bool used = value_text(one, "inUseBy", text, sizeof text)[0] != '\0';
	long days = newer ? days_old(newer) : 0;

	if (newer == NULL)
		snprintf(out, room, "%s", _("CURRENT"));
	else if (days < 0)
		snprintf(out, room, "%s", _("OLD"));
	else
		snprintf(out, room, _n("OLD for %ld day", "OLD for %ld days", (size_t)days), days);
	snprintf(out + strlen(out), room - strlen(out), "%s%s", used ? _(", IN USE") : "",
		off ? _(", disabled") : "");
	return off && used ? ROLE_BAD : used && newer ? ROLE_WARN : used ? ROLE_OK : ROLE_TEXT;
}

static const json_t *
version_at(const struct versions *versions, size_t row)
{
	return json_array_get(json_at(versions->shown, "versions"), row);
}

static size_t
count(void *owner)
{
	return json_array_size(json_at(((struct versions *)owner)->shown, "versions"));
}

static enum role
cell(void *owner, size_t row, size_t column, char *out, size_t size)
{
	const struct versions *versions = owner;
	const json_t *one = version_at(versions, row);

	if (column == COLUMN_STATE)
		return versions_say(one, row ? version_at(versions, row - 1) : NULL, out, size);
	value_text(one,
		column == COLUMN_VERSION   ? "version"
		: column == COLUMN_CREATED ? "created"
		: column == COLUMN_EXPIRES ? "expires"
					   : "inUseBy",
		out, size);
	if (column == COLUMN_CREATED || column == COLUMN_EXPIRES)
		out[strcspn(out, "T")] = '\0';
	if (out[0] == '\0')
		snprintf(out, size, "%s", draw_glyph(GLYPH_NONE));
	return column == COLUMN_VERSION ? ROLE_TEXT : ROLE_DIM;
}

/* The newest is the first. */
static int
compare(void *owner, size_t a, size_t b, size_t column)
{
	(void)owner;
	(void)column;
	return a < b ? 1 : a > b ? -1 : 0;
}

static bool
is_key(const struct versions *versions, size_t row)
{
	struct keyid id;

	if (row >= kind_key.count(versions->estate))
		return false;
	kind_key_id(versions->estate, row, &id);
	return text_casecmp(id.key, versions->key.key) == 0 &&
	       text_casecmp(id.host, versions->key.host) == 0;
}

/* Rows go elsewhere when the keys are read again. */
static bool
find(struct versions *versions)
{
	size_t rows = kind_key.count(versions->estate);

	if (is_key(versions, versions->row))
		return true;
	for (versions->row = 0; versions->row < rows; versions->row++)
		if (is_key(versions, versions->row))
			return true;
	return false;
}

/* The version under the cursor; "": none. */
static void
here(const struct versions *versions, char out[33])
{
	size_t row;

	out[0] = '\0';
	if (table_current(&versions->table, &row))
		value_text(version_at(versions, row), "version", out, 33);
}

/* A new version comes in above: the cursor stays on its own. */
static void
look(struct versions *versions)
{
	char was[33], is[33];

	here(versions, was);
	json_decref(versions->shown);
	versions->shown = find(versions) && !kind_key_gone(versions->estate, versions->row)
				  ? kind_key.json(versions->estate, versions->row)
				  : NULL;
	versions->as_of = estate_changes(versions->estate);
	table_update(&versions->table);
	for (size_t i = 0; i < count(versions); i++)
		if (strcmp(value_text(version_at(versions, i), "version", is, sizeof is), was) == 0)
			table_select(&versions->table, i);
}

static bool
versions_open(struct view *view, const void *argument, struct err *err)
{
	struct versions *versions = view->state;

	(void)err;
	versions->view = view;
	versions->estate = app_options(app_of(view))->estate;
	versions->key = *(const struct keyid *)argument;
	table_init(&versions->table, columns, ARRAY_LEN(columns),
		(struct table_source){count, cell, compare, versions});
	versions->table.sort = COLUMN_CREATED;
	versions->table.descending = true;
	look(versions);
	table_key(&versions->table, TK_HOME, 1);
	return true;
}

static void
versions_changed(struct view *view)
{
	struct versions *versions = view->state;

	if (versions->as_of == estate_changes(versions->estate))
		return;
	look(versions);
	app_dirty(app_of(view));
}

static bool
versions_subjects(const struct view *view, struct actions_argument *out)
{
	const struct versions *versions = view->state;
	struct subject *subject;
	time_t at;
	size_t row;

	if (!table_current(&versions->table, &row))
		return false;
	subject = mem_alloc(sizeof *subject);
	(void)subjects_key(versions->estate, &versions->key, subject);
	here(versions, subject->key.version);
	out->subjects = subject;
	out->subjects_len = 1;
	if (!estate_stale(versions->estate, ESTATE_KEYS, &at))
		out->row = json_incref((json_t *)version_at(versions, row));
	return true;
}

static bool
versions_act(struct view *view, int action, key_code key)
{
	struct versions *versions = view->state;

	if (action == VERSIONS_MOVE)
		return table_key(&versions->table, key, versions->page);
	if (action == VERSIONS_ACTIONS)
		actions_show(view);
	return action == VERSIONS_ACTIONS;
}

/* What the columns may have no room for, who is on it above all. */
static void
say_more(const struct versions *versions, char *out, size_t room)
{
	char created[40], expires[40], users[600];
	const json_t *one;
	size_t row;

	if (!table_current(&versions->table, &row))
		return;
	one = version_at(versions, row);
	value_text(one, "created", created, sizeof created);
	value_text(one, "expires", expires, sizeof expires);
	value_text(one, "inUseBy", users, sizeof users);
	snprintf(out, room, _("created %.10s, expires %.10s"),
		created[0] ? created : draw_glyph(GLYPH_NONE),
		expires[0] ? expires : draw_glyph(GLYPH_NONE));
	snprintf(out + strlen(out), room - strlen(out), "%s", _("; "));
	if (users[0])
		snprintf(out + strlen(out), room - strlen(out), _("in use by %s"), users);
	else
		snprintf(out + strlen(out), room - strlen(out), "%s",
			estate_read(versions->estate) & ESTATE_ACCOUNTS
				? _("none of the accounts that were read is on it")
				: _("unknown: the accounts were not read"));
}

static void
versions_draw(struct view *view, struct area area)
{
	struct versions *versions = view->state;
	char empty[440], why[400], text[800] = "";

	value_text(versions->shown, "unknown.versions", why, sizeof why);
	if (versions->shown == NULL)
		snprintf(empty, sizeof empty, "%s", _("It is not there any more"));
	else if (why[0] == '\0' || value_unread(versions->shown, "versions"))
		snprintf(empty, sizeof empty, "%s", _("not read yet"));
	else
		snprintf(empty, sizeof empty, _("unknown: %s"), said(why, (char[SAID]){0}));
	say_more(versions, text, sizeof text);
	versions->page = table_draw_over(&versions->table, area, empty, text);
}

static void
versions_close(struct view *view)
{
	struct versions *versions = view->state;

	json_decref(versions->shown);
	table_free(&versions->table);
}

static void
versions_crumb(const struct view *view, char *out, size_t room)
{
	const struct versions *versions = view->state;

	snprintf(out, room, _("Versions of %s/%s"), versions->key.vault, versions->key.key);
}

static void
versions_status(const struct view *view, char *out, size_t room)
{
	size_t len = count(view->state);

	snprintf(
		out, room, _n("%zu version, newest first", "%zu versions, newest first", len), len);
}

static char *
versions_copy(const struct view *view)
{
	const struct versions *versions = view->state;
	struct keyid key = versions->key;
	char uri[KEYID_MAX];

	here(versions, key.version);
	return key.version[0] ? mem_strdup(keyid_print(&key, uri)) : NULL;
}

static bool
versions_key_here(const struct view *view, struct keyid *out)
{
	*out = ((const struct versions *)view->state)->key;
	return true;
}

static const struct binding keys[] = {
	{TK_ENTER, 'a', VERSIONS_ACTIONS, "actions", "What can be done with this version alone"},
	{TK_UP, 'k', VERSIONS_MOVE, NULL, "One row up"},
	{TK_DOWN, 'j', VERSIONS_MOVE, NULL, "One row down"},
	{TK_HOME, 'g', VERSIONS_MOVE, NULL, "First row"},
	{TK_END, 'G', VERSIONS_MOVE, NULL, "Last row"},
	{TK_CLICK, KEY_NOTHING, VERSIONS_MOVE, NULL, "The row clicked on; % turns the mouse on"},
	{0},
};

static const struct keymap keymaps[] = {{.title = "The versions", .bindings = keys}, {0}};

const struct view_ops view_versions = {
	.name = "versions",
	.title = "Versions",
	.keys = keymaps,
	.state_size = sizeof(struct versions),
	.open = versions_open,
	.draw = versions_draw,
	.act = versions_act,
	.close = versions_close,
	.crumb = versions_crumb,
	.status = versions_status,
	.copy = versions_copy,
	.changed = versions_changed,
	.key_here = versions_key_here,
	.subjects = versions_subjects,
};
