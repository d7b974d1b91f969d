/* Keys with their versions, and who uses which. */
#include <stdio.h>
#include <string.h>

#include "views/subjects.h"
#include "views/value.h"
#include "views/wizard.h"

enum { KEY_ROTATE = LIST_ACTIONS, KEY_ACTIONS };

static void
add_versions(struct page *page, const json_t *versions, const char *current)
{
	for (size_t i = 0; i < json_array_size(versions); i++) {
		const json_t *one = json_array_get(versions, i);
		char version[64], created[40], enabled[8], users[600];
		bool off;

		value_text(one, "version", version, sizeof version);
		value_text(one, "created", created, sizeof created);
		off = strcmp(value_text(one, "enabled", enabled, sizeof enabled), "no") == 0;
		value_text(one, "inUseBy", users, sizeof users);
		page_text(page, off ? ROLE_WARN : ROLE_TEXT, 0, "%s", version);
		page_text(page, ROLE_DIM, 2, "created %.10s%s%s", created,
			strcmp(version, current) == 0 ? ", newest" : "", off ? ", disabled" : "");
		if (users[0])
			page_text(page, ROLE_OK, 2, "in use by %s", users);
	}
}

static void
describe(struct list *list, size_t row, struct page *page)
{
	json_t *json = list->kind->json(list->estate, row);
	const json_t *versions = json_at(json, "versions");
	char name[160], current[64], text[400];

	page_head(page, "%s", value_text(json, "name", name, sizeof name));
	value_field(page, json, "vault", "vault");
	value_field(page, json, "kty", "type");
	value_field(page, json, "bits", "bits");
	value_field(page, json, "enabled", "enabled");
	value_field(page, json, "created", "created");
	value_field(page, json, "expires", "expires");
	value_field(page, json, "operations", "operations");
	value_field(page, json, "recoveryLevel", "recovery level");
	value_field(page, json, "id", "identifier");
	value_text(json, "current", current, sizeof current);
	if (versions) {
		page_head(page, "Versions, newest first");
		add_versions(page, versions, current);
	} else {
		page_head(page, "Versions");
		value_text(json, "unknown.versions", text, sizeof text);
		page_text(page, ROLE_WARN, 0, "unknown%s%s", text[0] ? ": " : "", text);
	}
	json_decref(json);
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
	snprintf(title, sizeof title, "Accounts on %s/%s", id.vault, id.key);
	snprintf(filter, sizeof filter, "vault:%s key:%s", id.vault, id.key);
	app_push(app_of(list->view), &view_accounts, &(struct list_argument){title, filter});
}

static bool
keys_open(struct view *view, const void *argument, struct err *err)
{
	static const struct list_ops ops = {describe, NULL, go_on};

	(void)err;
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

static void
rotate(struct list *list)
{
	struct wizard_argument argument = {.plan = &plan_rotate};
	struct keyid key;

	if (key_here(list->view, &key) && subjects_key(app_of(list->view), &key, &argument.subject))
		wizard_begin(app_of(list->view), &argument);
}

static void
show_actions(struct list *list)
{
	struct subject subject;
	struct keyid key;

	if (key_here(list->view, &key) && subjects_key(app_of(list->view), &key, &subject))
		app_push(app_of(list->view), &view_actions,
			&(struct actions_argument){.subjects = &subject, .subjects_len = 1});
}

static bool
keys_act(struct view *view, int action, key_code key)
{
	if (list_act(view, action, key))
		return true;
	if (action == KEY_ROTATE)
		rotate(view->state);
	else if (action == KEY_ACTIONS)
		show_actions(view->state);
	return action == KEY_ROTATE || action == KEY_ACTIONS;
}

static const struct binding keys[] = {
	{'r', KEY_NOTHING, KEY_ROTATE, "rotate",
		"Rotate: a new version, and every account that uses the key on it"},
	{'a', KEY_NOTHING, KEY_ACTIONS, "actions", "Everything that can be done with it"},
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
	.kind = &kind_key,
	.keys = keymaps,
	.state_size = sizeof(struct list),
	.open = keys_open,
	.draw = list_draw,
	.act = keys_act,
	.close = list_close,
	.active = list_active,
	.crumb = list_crumb,
	.copy = list_copy,
	.status = list_status,
	.draw_line = list_draw_line,
	.changed = list_changed,
	.work = list_work,
	.key_here = key_here,
};
