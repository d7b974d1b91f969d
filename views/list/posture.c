/* Findings: every rule on everything that was read, the worst first. They are worked out beside the
 * lists, in pieces; what rules need beyond the lists is asked for once this was opened. */
#include "views/list/posture.h"

#include <stdio.h>
#include <string.h>

#include "backend/estate/posture_estate.h"
#include "tui/said.h"
#include "tui/words.h"
#include "views/app/keymap.h"
#include "views/list/list.h"
#include "views/list/remedy.h"
#include "views/page/meaning.h"
#include "views/value.h"

enum { POSTURE_MEND = LIST_ACTIONS + 1 };

void
finding_tell(struct page *page, const json_t *finding, const char *how)
{
	char text[700];

	page_head(page, "%s", value_text(finding, "rule", text, sizeof text));
	meaning_head(page, text);
	value_text(finding, "severity", text, sizeof text);
	page_field(page, _("severity"), value_severity(text), "%s", _(text));
	if (json_at(finding, "account"))
		value_field(page, finding, "account", _("account"));
	if (json_at(finding, "vault"))
		value_field(page, finding, "vault", _("vault"));
	if (json_at(finding, "key"))
		value_field(page, finding, "key", _("key"));
	page_head(page, "%s", _("What was seen"));
	page_text(page, ROLE_TEXT, 0, "%s",
		said(value_text(finding, "cause", text, sizeof text), (char[SAID]){0}));
	page_head(page, "%s", _("What mends it"));
	page_text(page, ROLE_TEXT, 0, "%s",
		said(value_text(finding, "remedy", text, sizeof text), (char[SAID]){0}));
	if (how && strncmp(text, "claviger ", 9) == 0)
		page_text(page, ROLE_DIM, 0, "%s", how);
	page_head(page, "%s", _("Where it is written"));
	page_text(page, ROLE_TEXT, 0, "%s", value_text(finding, "source", text, sizeof text));
}

static void
describe(struct list *list, size_t row, struct page *page)
{
	json_t *json = list->kind->json(list->estate, row);
	char label[KEY_LABEL], how[200];

	snprintf(how, sizeof how, _("%s begins it, with its form and a preview."),
		app_key(app_of(list->view), &view_posture, LIST_MAP_OWN, POSTURE_MEND, label));
	finding_tell(page, json, how);
	json_decref(json);
}

/* On to what it is wrong with. */
static void
go_on(struct list *list)
{
	const struct view_ops *ops = &view_vaults;
	char account[160], vault[128], key[140], title[200], filter[300];
	json_t *json;
	size_t row;

	if (!table_current(&list->table, &row))
		return;
	json = list->kind->json(list->estate, row);
	value_text(json, "account", account, sizeof account);
	value_text(json, "vault", vault, sizeof vault);
	value_text(json, "key", key, sizeof key);
	json_decref(json);
	snprintf(title, sizeof title, _("Vault %s"), vault);
	snprintf(filter, sizeof filter, "name:%s", vault);
	if (account[0]) {
		ops = &view_accounts;
		snprintf(title, sizeof title, _("Account %s"), account);
		snprintf(filter, sizeof filter, "name:%s", account);
	} else if (key[0]) {
		ops = &view_keys;
		snprintf(title, sizeof title, _("Key %s"), key);
		snprintf(filter, sizeof filter, "vault:%s name:%s", vault, key);
	}
	app_push(
		app_of(list->view), ops, &(struct list_argument){.title = title, .filter = filter});
}

static const char *
nowhere(const struct list *list, size_t row)
{
	json_t *json = list->kind->json(list->estate, row);
	char text[2][160];

	value_text(json, "account", text[0], sizeof text[0]);
	value_text(json, "vault", text[1], sizeof text[1]);
	json_decref(json);
	return text[0][0] || text[1][0] ? NULL : N_("It is about no one account, vault or key");
}

static bool
posture_open(struct view *view, const void *argument, struct err *err)
{
	static const struct list_ops ops = {describe, NULL, go_on, true, nowhere};
	struct list *list = view->state;

	(void)err;
	list_open(view, argument, &ops);
	list_sort(list, "severity");
	posture_follow(list->estate, true);
	return true;
}

static void
mend(struct list *list)
{
	char remedy[500];
	json_t *json;
	size_t row;

	if (!table_current(&list->table, &row))
		return;
	json = list->kind->json(list->estate, row);
	value_text(json, "remedy", remedy, sizeof remedy);
	json_decref(json);
	remedy_begin(app_of(list->view), remedy);
}

static bool
posture_act(struct view *view, int action, key_code key)
{
	if (list_act(view, action, key))
		return true;
	if (action == POSTURE_MEND)
		mend(view->state);
	return action == POSTURE_MEND;
}

static enum view_work
posture_work(const struct view *view)
{
	const struct list *list = view->state;
	struct posture_sight sight = posture_sight(list->estate);
	bool coming = !sight.known && estate_busy(list->estate);

	return sight.busy || coming ? VIEW_READING : list_work(view);
}

static void
posture_status(const struct view *view, char *out, size_t room)
{
	const struct list *list = view->state;
	struct posture_sight sight = posture_sight(list->estate);

	list_status(view, out, room);
	if (!sight.whole)
		snprintf(out + strlen(out), room - strlen(out), "%s",
			posture_work(view) & VIEW_READING
				? _(" · as far as the lists tell; the rest is being read")
				: _(" · as far as the lists tell"));
	else if (!sight.fresh)
		snprintf(out + strlen(out), room - strlen(out), "%s",
			_(" · as of before; they are being worked out again"));
}

static const struct binding keys[] = {
	{'M', KEY_NOTHING, POSTURE_MEND, "mend",
		"Mend: begin with the form of what mends it; changes nothing yet"},
	{0},
};

static const struct keymap keymaps[] = {
	[LIST_MAP_OWN] = {.title = "This finding", .bindings = keys},
	[LIST_MAP_LIST] = {.title = "The list", .bindings = list_keys},
	[LIST_MAP_FILTER] = {.title = "While the filter is typed",
		.bindings = list_filter_keys,
		.typing = true},
	[LIST_MAP_DETAIL] = {.title = "An opened row", .bindings = list_detail_keys},
	{0},
};

const struct view_ops view_posture = {
	.name = "findings",
	.title = "Findings",
	.kind = &kind_finding,
	.keys = keymaps,
	.begins = (const int[]){POSTURE_MEND, 0},
	.state_size = sizeof(struct list),
	.open = posture_open,
	.draw = list_draw,
	.act = posture_act,
	.close = list_close,
	.active = list_active,
	.hint = list_hint,
	.crumb = list_crumb,
	.copy = list_copy,
	.status = posture_status,
	.draw_line = list_draw_line,
	.changed = list_changed,
	.work = posture_work,
};
