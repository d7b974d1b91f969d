/* Keys with their versions, and who uses which. */
#include <stdio.h>
#include <string.h>

#include "views/list.h"
#include "views/value.h"

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

const struct view_ops view_keys = {
	.name = "keys",
	.title = "Keys",
	.kind = &kind_key,
	.keys = list_keymaps,
	.state_size = sizeof(struct list),
	.open = keys_open,
	.draw = list_draw,
	.act = list_act,
	.close = list_close,
	.active = list_active,
	.crumb = list_crumb,
	.status = list_status,
	.draw_line = list_draw_line,
	.changed = list_changed,
};
