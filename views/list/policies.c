/* Policies: who holds which key rights in which vault, what is missing and what is too much. */
#include <stdio.h>
#include <string.h>

#include "tui/words.h"
#include "views/list/list.h"
#include "views/value.h"

static void
describe(struct list *list, size_t row, struct page *page)
{
	json_t *json = list->kind->json(list->estate, row);
	char name[200], missing[300], excess[300];

	value_text(json, "principal", name, sizeof name);
	if (name[0] == '\0')
		value_text(json, "principalId", name, sizeof name);
	page_head(page, "%s", name);
	value_field(page, json, "principalId", _("principal"));
	value_field(page, json, "vault", _("vault"));
	value_word(page, json, "via", _("given by"));
	if (json_at(json, "role"))
		value_field(page, json, "role", _("role"));
	value_field(page, json, "scope", _("scope"));
	page_head(page, _("Key rights"));
	value_field(page, json, "holds", _("holds"));
	value_field(page, json, "needs", _("needs"));
	value_text(json, "missing", missing, sizeof missing);
	value_text(json, "excess", excess, sizeof excess);
	if (json_at(json, "missing") == NULL)
		value_field(page, json, "missing", _("missing"));
	else
		page_field(page, _("missing"), missing[0] ? ROLE_BAD : ROLE_OK, "%s",
			missing[0] ? missing : _("none"));
	if (json_at(json, "excess") == NULL)
		value_field(page, json, "excess", _("excess"));
	else
		page_field(page, _("excess"), excess[0] ? ROLE_WARN : ROLE_TEXT, "%s",
			excess[0] ? excess : _("none"));
	json_decref(json);
}

/* From the detail of a policy on to the vault that it is in. */
static void
go_on(struct list *list)
{
	char principal[37], title[200], filter[200];
	struct armid vault;
	size_t row;

	if (!table_current(&list->table, &row))
		return;
	kind_policy_id(list->estate, row, &vault, principal);
	snprintf(title, sizeof title, _("Vault %s"), vault.name);
	snprintf(filter, sizeof filter, "name:%s", vault.name);
	app_push(app_of(list->view), &view_vaults,
		&(struct list_argument){.title = title, .filter = filter});
}

static bool
policies_open(struct view *view, const void *argument, struct err *err)
{
	static const struct list_ops ops = {describe, NULL, go_on, false, NULL};

	(void)err;
	list_open(view, argument, &ops);
	return true;
}

const struct view_ops view_policies = {
	.name = "policies",
	.title = "Policies",
	.kind = &kind_policy,
	.keys = list_keymaps,
	.state_size = sizeof(struct list),
	.open = policies_open,
	.draw = list_draw,
	.act = list_act,
	.close = list_close,
	.active = list_active,
	.hint = list_hint,
	.crumb = list_crumb,
	.copy = list_copy,
	.status = list_status,
	.draw_line = list_draw_line,
	.changed = list_changed,
	.work = list_work,
};
