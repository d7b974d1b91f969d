/* Vaults: where customer keys live, how they are protected, who may use them. */
#include <stdio.h>
#include <string.h>

#include "backend/base/mem.h"
#include "tui/said.h"
#include "tui/words.h"
#include "views/list/subjects.h"
#include "views/value.h"
#include "views/wizard/wizard.h"

enum { VAULT_PROTECT = LIST_ACTIONS + 1, VAULT_RECOVER };
enum { USERS_MAX = 12, PRINCIPALS_MAX = 12 };

/* In the words and colours of the list. */
static void
add_switch(struct page *page, const json_t *json, const char *path, const char *label)
{
	const json_t *value = json_at(json, path);

	if (json_is_boolean(value))
		page_field(page, label, json_is_true(value) ? ROLE_OK : ROLE_BAD, "%s",
			json_is_true(value) ? _("on") : _("off"));
	else
		value_field(page, json, path, label);
}

static void
add_protection(struct page *page, const json_t *json)
{
	page_head(page, "%s", _("Protection"));
	add_switch(page, json, "softDelete", _("soft delete"));
	value_field(page, json, "retentionDays", _("retention days"));
	add_switch(page, json, "purgeProtection", _("purge protection"));
	if (json_is_false(json_at(json, "purgeProtection")))
		page_text(page, ROLE_BAD, 0, "%s",
			_("A deleted key could be purged for good: no service takes a customer key "
			  "from here until purge protection is on. Protect turns it on; so does onboarding."));
}

static void
add_keys(struct page *page, const json_t *json)
{
	const json_t *keys = json_at(json, "keys");
	char text[300];

	page_head(page, "%s", _("Keys"));
	if (keys == NULL)
		page_text(page, ROLE_WARN, 0, _("unknown: %s"),
			value_text(json, "unknown.keys", text, sizeof text));
	for (size_t i = 0; i < json_array_size(keys); i++)
		page_text(page, ROLE_TEXT, 0, "%s", json_string_value(json_array_get(keys, i)));
	if (keys && json_array_size(keys) == 0)
		page_text(page, ROLE_DIM, 0, "%s", _("none"));
}

static void
add_users(struct page *page, const struct estate *estate, size_t row)
{
	size_t users[USERS_MAX], len = kind_vault_users(estate, row, users, USERS_MAX);

	page_head(page, "%s", _("Who depends on it"));
	for (size_t i = 0; i < len && i < USERS_MAX; i++) {
		struct armid id;
		const struct service *service;

		kind_account_id(estate, users[i], &id, &service);
		page_text(page, ROLE_TEXT, 0, "%s  (%s)", id.name, _(service->title));
	}
	if (len > USERS_MAX)
		page_text(page, ROLE_DIM, 0, _("and %zu more"), len - USERS_MAX);
	if (len)
		return;
	if (estate_read(estate) & ESTATE_ACCOUNTS)
		page_text(page, ROLE_DIM, 0, "%s", _("none of the accounts that were read"));
	else
		page_text(page, ROLE_WARN, 0, "%s", _("unknown: the accounts were not read"));
}

/* While lists come in, who holds what would be worked out again with each page. */
static void
add_principals(struct page *page, const struct estate *estate, const char *vault)
{
	size_t found = 0, count = estate_busy(estate) ? 0 : kind_policy.count(estate);

	page_head(page, "%s", _("Principals"));
	for (size_t i = 0; i < count; i++) {
		char principal[37], name[120], holds[600];
		struct armid id;

		kind_policy_id(estate, i, &id, principal);
		if (strcmp(id.name, vault) != 0 || ++found > PRINCIPALS_MAX)
			continue;
		kind_policy.cell(estate, i, 0, name, sizeof name);
		kind_policy.cell(estate, i, 2, holds, sizeof holds);
		page_item(page, ROLE_TEXT, "%s  %s",
			strchr(name, ' ') ? said(name, (char[SAID]){0}) : name, holds);
	}
	if (found > PRINCIPALS_MAX)
		page_text(page, ROLE_DIM, 0, _("and %zu more"), found - PRINCIPALS_MAX);
	if (estate_busy(estate))
		page_text(page, ROLE_DIM, 0, "%s", draw_glyph(GLYPH_ELLIPSIS));
	else if (found == 0)
		page_text(page, ROLE_DIM, 0, "%s", _("none of those that were read"));
}

/* In the words of the list. */
static void
add_rights(struct page *page, const json_t *json)
{
	char model[16];

	if (strcmp(value_text(json, "grantModel", model, sizeof model), "rbac") == 0)
		page_field(page, _("rights by"), ROLE_TEXT, "%s", _("roles"));
	else
		value_word(page, json, "grantModel", _("rights by"));
}

/* What Azure's word for it comes to; a vault that was never given rules has none. */
static void
add_firewall(struct page *page, const json_t *json)
{
	char action[16];

	value_text(json, "network.defaultAction", action, sizeof action);
	if (strcmp(action, "Deny") == 0)
		page_field(page, _("firewall"), ROLE_TEXT, "%s",
			_("on (Deny): only chosen networks are let in"));
	else if (strcmp(action, "Allow") == 0)
		page_field(page, _("firewall"), ROLE_TEXT, "%s", _("off (Allow)"));
	else if (json_at(json, "unknown.network") == NULL)
		page_field(page, _("firewall"), ROLE_TEXT, "%s", _("no rules"));
	else
		value_field(page, json, "network", _("firewall"));
}

static void
describe_gone(struct page *page, const json_t *json)
{
	char name[160];

	page_head(page, "%s", value_text(json, "name", name, sizeof name));
	page_field(page, _("state"), ROLE_BAD, "%s", _("deleted"));
	value_word(page, json, "kind", _("kind"));
	value_field(page, json, "location", _("location"));
	value_field(page, json, "resourceGroup", _("resource group"));
	value_field(page, json, "deleted", _("deleted on"));
	value_field(page, json, "purge", _("gone for good on"));
	add_switch(page, json, "purgeProtection", _("purge protection"));
	page_head(page, "%s", _("What can be done"));
	page_text(page, ROLE_TEXT, 0, "%s",
		_("It can be recovered with all its keys and access policies until that day. Role "
		  "assignments do not come back."));
}

static void
describe(struct list *list, size_t row, struct page *page)
{
	json_t *json = list->kind->json(list->estate, row);
	char name[160], state[64];
	enum role role;

	if (kind_vault_gone(list->estate, row)) {
		describe_gone(page, json);
		json_decref(json);
		return;
	}
	page_head(page, "%s", value_text(json, "name", name, sizeof name));
	role = list_cell(list, row, "state", state, sizeof state);
	page_field(page, _("state"), role, "%s", said(state, (char[SAID]){0}));
	value_field(page, json, "uri", _("address"));
	value_field(page, json, "location", _("location"));
	value_field(page, json, "tenantId", _("tenant"));
	add_protection(page, json);
	page_head(page, "%s", _("Access"));
	add_rights(page, json);
	add_firewall(page, json);
	value_field(page, json, "network.bypass", _("bypass"));
	value_field(page, json, "network.publicAccess", _("public access"));
	add_keys(page, json);
	add_users(page, list->estate, row);
	add_principals(page, list->estate, name);
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
	snprintf(title, sizeof title, _("Keys of %s"), id.name);
	snprintf(filter, sizeof filter, "vault:%s", id.name);
	app_push(app_of(list->view), &view_keys,
		&(struct list_argument){.title = title, .filter = filter});
}

static const char *
nowhere(const struct list *list, size_t row)
{
	char keys[16];

	if (kind_vault_gone(list->estate, row))
		return N_("It was deleted, and its keys with it: they are recovered together");
	list_cell(list, row, "keys", keys, sizeof keys);
	return strcmp(keys, "0") == 0 ? N_("There is no key in it to go on to") : NULL;
}

/* The row under the cursor, if it was deleted. */
static bool
is_gone(const struct list *list)
{
	size_t row;

	return table_current(&list->table, &row) && kind_vault_gone(list->estate, row);
}

static void
recover(struct list *list)
{
	struct wizard_argument argument = {
		.plan = &plan_vault_recover, .subject = {.kind = SUBJECT_VAULT}};
	size_t row;

	if (!table_current(&list->table, &row))
		return;
	kind_vault_id(list->estate, row, &argument.subject.id);
	if (is_gone(list))
		wizard_begin(app_of(list->view), &argument);
	else
		app_say(app_of(list->view), ROLE_MESSAGE, "%s",
			_("It is there: only a deleted vault can be recovered"));
}

static void
protect(struct list *list)
{
	struct wizard_argument argument = {
		.plan = &plan_protect, .subject = {.kind = SUBJECT_VAULT}};
	size_t row;

	if (!subjects_one(list, _("; Actions has it for all of them"), &row))
		return;
	kind_vault_id(list->estate, row, &argument.subject.id);
	wizard_begin(app_of(list->view), &argument);
}

static void
subject_of(const struct list *list, size_t row, struct subject *out)
{
	kind_vault_id(list->estate, row, &out->id);
}

static bool
subjects_here(const struct view *view, struct actions_argument *out)
{
	subjects_list(view->state, SUBJECT_VAULT, subject_of, out);
	return true;
}

static bool
vaults_open(struct view *view, const void *argument, struct err *err)
{
	static const struct list_ops ops = {describe, NULL, go_on, false, nowhere};

	(void)err;
	list_open(view, argument, &ops);
	return true;
}

static bool
vaults_act(struct view *view, int action, key_code key)
{
	if (list_act(view, action, key))
		return true;
	if (action == VAULT_RECOVER)
		recover(view->state);
	else if (action >= LIST_ACTIONS && is_gone(view->state))
		app_say(app_of(view), ROLE_MESSAGE, "%s",
			_("It was deleted: it can be recovered, nothing else can be done with it"));
	else if (action == VAULT_PROTECT)
		protect(view->state);
	else if (action == LIST_ACTIONS)
		actions_show(view);
	return action >= LIST_ACTIONS && action <= VAULT_RECOVER;
}

/* What was deleted can only be recovered, and nothing else can. */
static const char *
vaults_hint(const struct view *view, const struct binding *binding)
{
	bool own = binding->action >= LIST_ACTIONS && binding->action <= VAULT_RECOVER;

	return own && is_gone(view->state) != (binding->action == VAULT_RECOVER)
		       ? NULL
		       : list_hint(view, binding);
}

static const struct binding keys[] = {
	{'p', KEY_NOTHING, VAULT_PROTECT, "protect",
		"Protect: switch soft delete and purge protection on, for good"},
	{'R', KEY_NOTHING, VAULT_RECOVER, "recover", "Recover: bring back a deleted vault"},
	{'a', KEY_NOTHING, LIST_ACTIONS, "actions", "Actions: everything that can be done with it"},
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
	.kind = &kind_vault_any,
	.keys = keymaps,
	.begins = (const int[]){VAULT_PROTECT, VAULT_RECOVER, 0},
	.state_size = sizeof(struct list),
	.open = vaults_open,
	.draw = list_draw,
	.act = vaults_act,
	.close = list_close,
	.active = list_active,
	.hint = vaults_hint,
	.crumb = list_crumb,
	.copy = list_copy,
	.status = list_status,
	.draw_line = list_draw_line,
	.changed = list_changed,
	.work = list_work,
	.subjects = subjects_here,
};
