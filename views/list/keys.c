/* Keys with their versions, and who uses which. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "tui/said.h"
#include "tui/words.h"
#include "views/command.h"
#include "views/list/rotation.h"
#include "views/list/subjects.h"
#include "views/list/versions.h"
#include "views/value.h"
#include "views/wizard/wizard.h"

enum { KEY_VERSIONS = LIST_ACTIONS + 1, KEY_ROTATE, KEY_RECOVER };
enum { USERS_MAX = 20, SCRIPT_BYTES = 1 << 20 };

struct keys_view {
	struct list list;
	struct rotation_look rotation;
};

static void
add_versions(struct page *page, const json_t *versions)
{
	for (size_t i = 0; i < json_array_size(versions); i++) {
		const json_t *one = json_array_get(versions, i);
		char version[64], state[120], created[40], expires[40], users[600];
		enum role role = versions_say(
			one, i ? json_array_get(versions, i - 1) : NULL, state, sizeof state);

		value_text(one, "created", created, sizeof created);
		value_text(one, "expires", expires, sizeof expires);
		value_text(one, "inUseBy", users, sizeof users);
		page_item(page, role, "%s  %s", value_text(one, "version", version, sizeof version),
			state);
		page_text(page, ROLE_DIM, 2, _("created %.10s, expires %.10s"),
			created[0] ? created : draw_glyph(GLYPH_NONE),
			expires[0] ? expires : draw_glyph(GLYPH_NONE));
		if (users[0])
			page_text(page, ROLE_TEXT, 2, _("in use by %s"), users);
	}
}

static void
add_user(struct page *page, const struct estate *estate, size_t account)
{
	char name[160] = "", state[80] = "", text[300] = "", cell[80];
	enum role role = ROLE_TEXT;

	for (size_t i = 0; i < kind_account.columns_len; i++) {
		const char *column = kind_account.columns[i].name;
		enum role of = list_role(kind_account.cell(estate, account, i, cell, sizeof cell));

		role = strcmp(column, "state") == 0 ? of : role;
		if (strcmp(column, "name") == 0)
			snprintf(name, sizeof name, "%s", cell);
		else if (strcmp(column, "state") == 0)
			snprintf(state, sizeof state, "%s", said(cell, (char[SAID]){0}));
		else if (strcmp(column, "mode") == 0)
			snprintf(text, sizeof text, "%s", said(cell, (char[SAID]){0}));
		else if (strcmp(column, "identity") == 0)
			snprintf(text + strlen(text), sizeof text - strlen(text),
				_(", %s identity"), said(cell, (char[SAID]){0}));
	}
	page_text(page, role, 0, "%s  %s, %s", name, text, state);
}

/* Who goes dark with it: on what version they are is told beside the versions. */
static void
add_users(struct page *page, const struct estate *estate, size_t row)
{
	size_t users[USERS_MAX], len = kind_key_users(estate, row, users, USERS_MAX);

	page_head(page, "%s", _("Used by"));
	for (size_t i = 0; i < len && i < USERS_MAX; i++)
		add_user(page, estate, users[i]);
	if (len > USERS_MAX)
		page_text(page, ROLE_DIM, 0, _("and %zu more: Enter lists them"), len - USERS_MAX);
	if (len)
		return;
	if (estate_read(estate) & ESTATE_ACCOUNTS)
		page_text(page, ROLE_DIM, 0, "%s", _("none of the accounts that were read"));
	else
		page_text(page, ROLE_WARN, 0, "%s", _("unknown: the accounts were not read"));
}

/* A deleted key keeps its versions, but tells of none until it is back. */
static void
describe_gone(struct page *page, const json_t *json)
{
	char name[160];

	page_head(page, "%s", value_text(json, "name", name, sizeof name));
	page_field(page, _("state"), ROLE_BAD, "%s", _("deleted"));
	value_field(page, json, "vault", _("vault"));
	value_field(page, json, "deleted", _("deleted on"));
	value_field(page, json, "purge", _("gone for good on"));
	value_field(page, json, "id", _("identifier"));
	page_head(page, "%s", _("What can be done"));
	page_text(page, ROLE_TEXT, 0, "%s",
		_("It can be recovered with all its versions, as they were, until that day."));
}

/* Of a key that only an account tells of: one reason for all that is not known. */
static void
describe_unread(struct page *page, const json_t *json)
{
	char text[400];

	value_field(page, json, "vault", _("vault"));
	value_field(page, json, "id", _("identifier"));
	if (value_unread(json, "kty"))
		page_field(page, _("all else"), ROLE_DIM, _("not read yet"));
	else
		page_field(page, _("all else"), ROLE_WARN, _("unknown: %s"),
			said(value_text(json, "unknown.kty", text, sizeof text), (char[SAID]){0}));
}

static void
describe(struct list *list, size_t row, struct page *page)
{
	json_t *json = list->kind->json(list->estate, row);
	const json_t *versions = json_at(json, "versions");
	char name[160], text[400];
	enum role role;

	if (kind_key_gone(list->estate, row)) {
		describe_gone(page, json);
		if (row < kind_key.count(list->estate))
			add_users(page, list->estate, row);
		json_decref(json);
		return;
	}
	page_head(page, "%s", value_text(json, "name", name, sizeof name));
	if (json_at(json, "kty") == NULL && json_at(json, "enabled") == NULL) {
		describe_unread(page, json);
		if (name[0])
			add_users(page, list->estate, row);
		json_decref(json);
		return;
	}
	role = list_cell(list, row, "state", text, sizeof text);
	page_field(page, _("state"), role, "%s", said(text, (char[SAID]){0}));
	value_field(page, json, "vault", _("vault"));
	value_field(page, json, "kty", _("type"));
	value_field(page, json, "bits", _("bits"));
	value_field(page, json, "enabled", _("enabled"));
	value_field(page, json, "created", _("created"));
	value_field(page, json, "expires", _("expires"));
	value_field(page, json, "operations", _("operations"));
	value_field(page, json, "recoveryLevel", _("recovery level"));
	value_field(page, json, "id", _("identifier"));
	rotation_describe(&((struct keys_view *)list)->rotation, row, page);
	page_head(page, "%s", _("Versions, newest first"));
	value_text(json, "unknown.versions", text, sizeof text);
	if (versions)
		add_versions(page, versions);
	else
		page_text(page, ROLE_WARN, 0, _("unknown%s%s"), text[0] ? ": " : "", text);
	if (value_text(json, "name", name, sizeof name)[0])
		add_users(page, list->estate, row);
	json_decref(json);
}

static void
moved(struct list *list)
{
	rotation_forget(&((struct keys_view *)list)->rotation);
}

/* From the detail of a key on to the accounts that hang on it. */
static void
go_on(struct list *list)
{
	char title[240], filter[240];
	struct keyid id;
	size_t row;

	if (!table_current(&list->table, &row))
		return;
	kind_key_id(list->estate, row, &id);
	snprintf(title, sizeof title, _("Accounts on %s/%s"), id.vault, id.key);
	snprintf(filter, sizeof filter, "vault:%s key:%s", id.vault, id.key);
	app_push(app_of(list->view), &view_accounts,
		&(struct list_argument){.title = title, .filter = filter});
}

static const char *
nowhere(const struct list *list, size_t row)
{
	size_t user;

	if (kind_key_gone(list->estate, row))
		return N_("It was deleted: it can be recovered, nothing else can be done with it");
	if (!(estate_read(list->estate) & ESTATE_ACCOUNTS))
		return NULL;
	return kind_key_users(list->estate, row, &user, 1)
		       ? NULL
		       : N_("No account is known to use it: there is none to go on to");
}

static bool
keys_open(struct view *view, const void *argument, struct err *err)
{
	static const struct list_ops ops = {describe, moved, go_on, false, nowhere};
	struct keys_view *keys = view->state;

	(void)err;
	keys->rotation.list = &keys->list;
	list_open(view, argument, &ops);
	return true;
}

static bool
key_here(const struct view *view, struct keyid *out)
{
	const struct list *list = view->state;
	size_t row;

	if (!table_current(&list->table, &row))
		return false;
	kind_key_id(list->estate, row, out);
	return true;
}

/* Each rotation is a plan of its own, with accounts to be looked at: one at a time here. */
static void
show_rotations(struct list *list, const size_t *rows, size_t len)
{
	char(*room)[SUBJECT_NAME] = mem_alloc(len * sizeof *room), title[80];
	const char **names = mem_alloc(len * sizeof *names), *values[PLAN_FIELDS_MAX] = {NULL};
	struct buf command, script;
	size_t keys = 0;

	for (size_t i = 0; i < len; i++) {
		struct subject subject = {.kind = SUBJECT_KEY};

		kind_key_id(list->estate, rows[i], &subject.key);
		if (subject.key.key[0] == '\0' || kind_key_gone(list->estate, rows[i]))
			continue;
		names[keys] = subject_name(&subject, room[keys]);
		keys++;
	}
	buf_init(&command, SCRIPT_BYTES);
	buf_init(&script, SCRIPT_BYTES);
	snprintf(title, sizeof title, _("Rotate %zu keys"), keys);
	if (keys == 0)
		app_say(app_of(list->view), ROLE_MESSAGE, "%s",
			_("There is nothing here that it could be done with"));
	else if (command_claviger(&command, &plan_rotate, names, keys, values, NULL) &&
		 command_script(&script,
			 _("Here one key is rotated at a time; this rotates all that are marked"),
			 buf_text(&command)))
		app_push(app_of(list->view), &view_text,
			&(struct text_argument){title, buf_text(&script), true});
	buf_free(&command);
	buf_free(&script);
	free(names);
	free(room);
}

static void
rotate(struct list *list)
{
	struct wizard_argument argument = {.plan = &plan_rotate};
	size_t *rows, len = subjects_rows(list, &rows);
	struct keyid key;

	if (len > 1) {
		show_rotations(list, rows, len);
	} else if (len) {
		kind_key_id(list->estate, rows[0], &key);
		subjects_begin(app_of(list->view), &argument, &key);
	}
	free(rows);
}

/* The row under the cursor, if it was deleted. */
static bool
is_gone(const struct list *list)
{
	size_t row;

	return table_current(&list->table, &row) && kind_key_gone(list->estate, row);
}

static void
recover(struct list *list)
{
	struct wizard_argument argument = {
		.plan = &plan_key_recover, .subject = {.kind = SUBJECT_KEY}};

	if (!is_gone(list))
		app_say(app_of(list->view), ROLE_MESSAGE, "%s",
			_("It is there: only a deleted key can be recovered"));
	else if (key_here(list->view, &argument.subject.key))
		wizard_begin(app_of(list->view), &argument);
}

static void
subject_of(const struct list *list, size_t row, struct subject *out)
{
	struct keyid key;

	kind_key_id(list->estate, row, &key);
	(void)subjects_key(list->estate, &key, out);
}

static bool
subjects_here(const struct view *view, struct actions_argument *out)
{
	subjects_list(view->state, SUBJECT_KEY, subject_of, out);
	return true;
}

/* To what is done with one version alone. */
static void
show_versions(struct view *view)
{
	struct keyid key;

	if (!key_here(view, &key))
		return;
	if (key.key[0])
		app_push(app_of(view), &view_versions, &key);
	else
		app_say(app_of(view), ROLE_MESSAGE, "%s",
			_("The keys of this vault are not known, nor are their versions"));
}

static bool
keys_act(struct view *view, int action, key_code key)
{
	if (list_act(view, action, key))
		return true;
	if (action == KEY_RECOVER)
		recover(view->state);
	else if (action >= LIST_ACTIONS && is_gone(view->state))
		app_say(app_of(view), ROLE_MESSAGE, "%s",
			_("It was deleted: it can be recovered, nothing else can be done with it"));
	else if (action == KEY_VERSIONS)
		show_versions(view);
	else if (action == KEY_ROTATE)
		rotate(view->state);
	else if (action == LIST_ACTIONS)
		actions_show(view);
	return action >= LIST_ACTIONS && action <= KEY_RECOVER;
}

static void
keys_close(struct view *view)
{
	rotation_forget(&((struct keys_view *)view->state)->rotation);
	list_close(view);
}

static void
keys_changed(struct view *view)
{
	list_changed(view);
	rotation_changed(&((struct keys_view *)view->state)->rotation);
}

static enum view_work
keys_work(const struct view *view)
{
	const struct keys_view *keys = view->state;

	return keys->rotation.rest || keys->rotation.call ? VIEW_READING : list_work(view);
}

/* What was deleted can only be recovered, and nothing else can. */
static const char *
keys_hint(const struct view *view, const struct binding *binding)
{
	bool own = binding->action >= LIST_ACTIONS && binding->action <= KEY_RECOVER;

	return own && is_gone(view->state) != (binding->action == KEY_RECOVER)
		       ? NULL
		       : list_hint(view, binding);
}

static const struct binding keys[] = {
	{'r', KEY_NOTHING, KEY_ROTATE, "rotate",
		"Rotate: a new version, and every account that uses the key on it"},
	{'V', KEY_NOTHING, KEY_VERSIONS, "versions", "Versions: to enable or disable one alone"},
	{'R', KEY_NOTHING, KEY_RECOVER, "recover", "Recover: bring back a deleted key"},
	{'a', KEY_NOTHING, LIST_ACTIONS, "actions", "Actions: everything that can be done with it"},
	{0},
};

static const struct keymap keymaps[] = {
	[LIST_MAP_OWN] = {.title = "This key", .bindings = keys},
	[LIST_MAP_LIST] = {.title = "The list", .bindings = list_keys},
	[LIST_MAP_FILTER] = {.title = "While the filter is typed",
		.bindings = list_filter_keys,
		.typing = true},
	[LIST_MAP_DETAIL] = {.title = "An opened row", .bindings = list_detail_keys},
	{0},
};

const struct view_ops view_keys = {
	.name = "keys",
	.title = "Keys",
	.kind = &kind_key_any,
	.keys = keymaps,
	.begins = (const int[]){KEY_ROTATE, KEY_RECOVER, 0},
	.state_size = sizeof(struct keys_view),
	.open = keys_open,
	.draw = list_draw,
	.act = keys_act,
	.close = keys_close,
	.active = list_active,
	.hint = keys_hint,
	.crumb = list_crumb,
	.copy = list_copy,
	.status = list_status,
	.draw_line = list_draw_line,
	.changed = keys_changed,
	.work = keys_work,
	.key_here = key_here,
	.subjects = subjects_here,
};
