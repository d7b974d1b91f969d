/* Vaults: where customer keys live, how they are protected, who may use them. */
#include <stdio.h>
#include <string.h>

#include "views/subjects.h"
#include "views/value.h"
#include "views/wizard.h"

enum { VAULT_PROTECT = LIST_ACTIONS, VAULT_ACTIONS };

static void
describe(struct list *list, size_t row, struct page *page)
{
	json_t *json = list->kind->json(list->estate, row);
	const json_t *keys = json_at(json, "keys");
	char name[160], text[200];

	page_head(page, "%s", value_text(json, "name", name, sizeof name));
	value_field(page, json, "uri", "address");
	value_field(page, json, "location", "location");
	value_field(page, json, "tenantId", "tenant");
	page_head(page, "Protection");
	value_field(page, json, "softDelete", "soft delete");
	value_field(page, json, "retentionDays", "retention days");
	value_field(page, json, "purgeProtection", "purge protection");
	if (strcmp(value_text(json, "purgeProtection", text, sizeof text), "no") == 0)
		page_text(page, ROLE_WARN, 0,
			"A deleted key could be purged for good: no service takes a customer key "
			"from here until purge protection is on. p turns it on; so does onboarding.");
	page_head(page, "Access");
	value_field(page, json, "grantModel", "rights by");
	value_field(page, json, "network.defaultAction", "firewall");
	value_field(page, json, "network.bypass", "bypass");
	value_field(page, json, "network.publicAccess", "public access");
	page_head(page, "Keys");
	if (keys == NULL)
		page_text(page, ROLE_WARN, 0, "unknown: %s",
			value_text(json, "unknown.keys", text, sizeof text));
	for (size_t i = 0; i < json_array_size(keys); i++)
		page_text(page, ROLE_TEXT, 0, "%s", json_string_value(json_array_get(keys, i)));
	if (keys && json_array_size(keys) == 0)
		page_text(page, ROLE_DIM, 0, "none");
	json_decref(json);
}

/* From the detail of a vault on to its keys. */
static void
go_on(struct list *list)
{
	char title[200], filter[200];
	struct armid id;
	size_t row;

	if (!table_current(&list->table, &row))
		return;
	kind_vault_id(list->estate, row, &id);
	snprintf(title, sizeof title, "Keys of %s", id.name);
	snprintf(filter, sizeof filter, "vault:%s", id.name);
	app_push(app_of(list->view), &view_keys, &(struct list_argument){title, filter});
}

static void
protect(struct list *list)
{
	struct wizard_argument argument = {
		.plan = &plan_protect, .subject = {.kind = SUBJECT_VAULT}};
	size_t row;

	if (!table_current(&list->table, &row))
		return;
	kind_vault_id(list->estate, row, &argument.subject.id);
	wizard_begin(app_of(list->view), &argument);
}

static void
show_actions(struct list *list)
{
	struct subject subject = {.kind = SUBJECT_VAULT};
	size_t row;

	if (!table_current(&list->table, &row))
		return;
	kind_vault_id(list->estate, row, &subject.id);
	app_push(app_of(list->view), &view_actions,
		&(struct actions_argument){.subjects = &subject, .subjects_len = 1});
}

static bool
vaults_open(struct view *view, const void *argument, struct err *err)
{
	static const struct list_ops ops = {describe, NULL, go_on};

	(void)err;
	list_open(view, argument, &ops);
	return true;
}

static bool
vaults_act(struct view *view, int action, key_code key)
{
	if (list_act(view, action, key))
		return true;
	if (action == VAULT_PROTECT)
		protect(view->state);
	else if (action == VAULT_ACTIONS)
		show_actions(view->state);
	return action == VAULT_PROTECT || action == VAULT_ACTIONS;
}

static const struct binding keys[] = {
	{'p', KEY_NOTHING, VAULT_PROTECT, "protect",
		"Protect: switch soft delete and purge protection on, for good"},
	{'a', KEY_NOTHING, VAULT_ACTIONS, "actions", "Everything that can be done with it"},
	{0},
};

static const struct keymap keymaps[] = {
	[LIST_MAP_OWN] = {.title = "This vault", .bindings = keys},
	[LIST_MAP_LIST] = {.title = "The list", .bindings = list_keys},
	[LIST_MAP_FILTER] = {.title = "While the filter is typed",
		.bindings = list_filter_keys,
		.typing = true},
	[LIST_MAP_DETAIL] = {.title = "An opened row", .bindings = list_detail_keys},
	{0},
};

const struct view_ops view_vaults = {
	.name = "vaults",
	.title = "Vaults",
	.kind = &kind_vault,
	.keys = keymaps,
	.state_size = sizeof(struct list),
	.open = vaults_open,
	.draw = list_draw,
	.act = vaults_act,
	.close = list_close,
	.active = list_active,
	.crumb = list_crumb,
	.copy = list_copy,
	.status = list_status,
	.draw_line = list_draw_line,
	.changed = list_changed,
	.work = list_work,
};
