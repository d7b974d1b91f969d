/* Accounts: what is encrypted, by which key. The detail of the row under the cursor is read from
 * Azure only when it is looked at, and only after the cursor has rested: holding an arrow key over
 * a long list asks for nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/net/loop.h"
#include "backend/plans/plan.h"
#include "tui/said.h"
#include "tui/words.h"
#include "views/app/keymap.h"
#include "views/list/hierarchy.h"
#include "views/list/remedy.h"
#include "views/list/subjects.h"
#include "views/value.h"
#include "views/wizard/wizard.h"

enum { REST_MS = 150 };
enum { ACCOUNT_ONBOARD = LIST_ACTIONS + 1, ACCOUNT_ROTATE, ACCOUNT_MEND };

struct accounts {
	struct list list;
	struct job *rest;        /* the cursor has not rested long enough yet */
	struct reading *reading; /* replies are outstanding */
	bool known;              /* facts or failure belong to the row under the cursor */
	unsigned as_of;          /* estate_changes when it was asked for */
	struct facts facts;
	struct err failure; /* why the account itself could not be read */
};

static void
forget(struct accounts *accounts)
{
	if (accounts->rest)
		job_cancel(accounts->rest);
	if (accounts->reading)
		reading_cancel(accounts->reading);
	accounts->rest = NULL;
	accounts->reading = NULL;
	if (!accounts->known)
		return;
	facts_free(&accounts->facts);
	accounts->facts = (struct facts){0};
	accounts->failure = (struct err){0};
	accounts->known = false;
}

static void
was_read(void *user, struct facts *facts, const struct err *err)
{
	struct accounts *accounts = user;

	accounts->reading = NULL;
	accounts->known = true;
	if (err && err->kind != ERR_NONE) {
		accounts->failure = *err;
	} else {
		accounts->facts = *facts;
		*facts = (struct facts){0};
	}
	list_stale(&accounts->list);
}

static void
has_rested(void *user)
{
	struct accounts *accounts = user;
	struct armid id;
	const struct service *service;
	size_t row;

	accounts->rest = NULL;
	if (!table_current(&accounts->list.table, &row))
		return;
	kind_account_id(accounts->list.estate, row, &id, &service);
	accounts->as_of = estate_changes(accounts->list.estate);
	accounts->reading = estate_read_start(accounts->list.estate, &id, was_read, accounts);
}

static void
moved(struct list *list)
{
	forget((struct accounts *)list);
}

static void
add_summary(struct list *list, size_t row, struct page *page, const json_t *json,
	const struct service *service)
{
	char name[160], source[32], state[64];
	enum role role = list_cell(list, row, "state", state, sizeof state);

	page_head(page, "%s  (%s)", value_text(json, "name", name, sizeof name), service->title);
	value_text(json, "keySource", source, sizeof source);
	value_word(page, json, "keySource", _("key source"));
	if (strcmp(source, "customer") == 0) {
		value_field(page, json, "keyName", _("key"));
		value_field(page, json, "keyVersion", _("version in use"));
		value_field(page, json, "currentKeyVersion", _("newest version"));
		value_field(page, json, "vaultUri", _("vault"));
	}
	page_field(page, _("state"), role, "%s", said(state, (char[SAID]){0}));
	value_field(page, json, "location", _("location"));
	value_field(page, json, "resourceGroup", _("resource group"));
	value_field(page, json, "subscriptionId", _("subscription"));
}

static void
add_tags(struct app *app, struct page *page, const json_t *json)
{
	json_t *tags = json_object_get(json, "tags");

	if (json_object_size(tags) == 0)
		return;
	page_head(page, _("Tags"));
	for (void *at = json_object_iter(tags); at; at = json_object_iter_next(tags, at)) {
		const char *name = json_object_iter_key(at);
		const char *text = json_string_value(json_object_iter_value(at));

		app_learn(app, VEIL_NAME, name);
		if (text)
			app_learn(app, VEIL_NAME, text);
		page_field(page, name, ROLE_TEXT, "%s", text ? text : "");
	}
}

/* What is lost with the account, and that it is not alone. */
static void
add_impact(
	const struct estate *estate, size_t row, struct page *page, const struct service *service)
{
	size_t others = kind_account_sharing(estate, row);

	page_head(page, "%s", _("If its key goes dark"));
	page_text(page, ROLE_TEXT, 0, "%s", _(service->impact));
	if (others)
		page_text(page, ROLE_WARN, 0,
			_n("%zu other account is on the same key and goes dark with it.",
				"%zu other accounts are on the same key and go dark with it.",
				others),
			others);
}

static void
describe(struct list *list, size_t row, struct page *page)
{
	struct accounts *accounts = (struct accounts *)list;
	const struct service *service;
	struct armid id;
	bool have = accounts->known && accounts->failure.kind == ERR_NONE;
	json_t *json = have ? show_account(&accounts->facts) : list->kind->json(list->estate, row);
	const json_t *findings = json_at(json, "findings");

	kind_account_id(list->estate, row, &id, &service);
	if (!accounts->known && !accounts->rest && !accounts->reading)
		accounts->rest =
			job_after(app_loop(app_of(list->view)), REST_MS, has_rested, accounts);
	add_summary(list, row, page, json, service);
	hierarchy_describe(page, json, service, have ? &accounts->facts : NULL,
		accounts->failure.kind != ERR_NONE);
	page_head(page, _("Findings"));
	if (accounts->failure.kind != ERR_NONE)
		page_text(page, ROLE_WARN, 0, _("unknown, the account could not be read: %s"),
			accounts->failure.msg);
	else if (!have)
		page_text(page, ROLE_DIM, 0, _("reading the account, its vault and its key%s"),
			draw_glyph(GLYPH_ELLIPSIS));
	else if (json_array_size(findings))
		value_findings(page, findings);
	else
		page_text(page, ROLE_OK, 0, _("none"));
	add_impact(list->estate, row, page, service);
	add_tags(app_of(list->view), page, json);
	json_decref(json);
}

static bool
key_here(const struct view *view, struct keyid *out)
{
	const struct list *list = view->state;
	size_t row;

	return table_current(&list->table, &row) && subjects_account_key(list, row, out);
}

/* The one finding that a workflow mends, else the list of them to choose from. */
static void
mend(struct accounts *accounts)
{
	struct app *app = app_of(accounts->list.view);
	char title[200], filter[200], remedy[500] = "";
	const json_t *findings;
	struct armid id;
	size_t row, here, len;
	json_t *json;

	if (!subjects_one(&accounts->list, "", &row))
		return;
	json = accounts->known && accounts->failure.kind == ERR_NONE &&
			       table_current(&accounts->list.table, &here) && here == row
		       ? show_account(&accounts->facts)
		       : accounts->list.kind->json(accounts->list.estate, row);
	findings = json_at(json, "findings");
	len = json_array_size(findings);
	if (len == 1)
		value_text(json_array_get(findings, 0), "remedy", remedy, sizeof remedy);
	json_decref(json);
	kind_account_id(accounts->list.estate, row, &id, NULL);
	snprintf(title, sizeof title, _("Findings of %s"), id.name);
	snprintf(filter, sizeof filter, "what:%s", id.name);
	if (len == 0)
		app_say(app, ROLE_MESSAGE, "%s", _("Nothing is found wrong with it"));
	else if (len == 1)
		remedy_begin(app, remedy);
	else
		app_push(app, &view_posture,
			&(struct list_argument){.title = title, .filter = filter});
}

static void
subject_of(const struct list *list, size_t row, struct subject *out)
{
	kind_account_id(list->estate, row, &out->id, NULL);
}

static bool
subjects_here(const struct view *view, struct actions_argument *out)
{
	struct list *list = view->state;
	size_t *rows, len;

	subjects_list(list, SUBJECT_ACCOUNT, subject_of, out);
	len = subjects_rows(list, &rows);
	if (len == 1)
		out->service = service_find(out->subjects[0].id.type);
	if (kind_account_one_key(list->estate, rows, len))
		(void)subjects_account_key(list, rows[0], &out->key);
	free(rows);
	return true;
}

static void
onboard(const struct view *view)
{
	struct actions_argument on = {0};
	struct action action;

	subjects_here(view, &on);
	action = actions_find(app_of(view), &on, &plan_onboard);
	actions_begin(app_of(view), &on, &action);
	subjects_free(&on);
}

/* The reason for an account that can never have one is that of the plan that gives it one. */
static void
refuse_rotate(const struct view *view)
{
	struct app *app = app_of(view);
	struct action onboarding;
	struct actions_argument on = {0};

	subjects_here(view, &on);
	onboarding = actions_find(app, &on, &plan_onboard);
	if (onboarding.why_not)
		app_say(app, ROLE_ERROR, "%s", _(onboarding.why_not));
	else
		app_say(app, ROLE_ERROR,
			_("It uses no customer key that could be rotated; %s gives it one"),
			app_key(app, &view_accounts, LIST_MAP_OWN, ACCOUNT_ONBOARD,
				(char[KEY_LABEL]){0}));
	subjects_free(&on);
}

static void
rotate(struct accounts *accounts)
{
	struct app *app = app_of(accounts->list.view);
	struct wizard_argument argument = {.plan = &plan_rotate};
	struct keyid key;
	size_t row;

	if (!subjects_one(&accounts->list, _("; Rotate on marked keys has the command for several"),
		    &row))
		return;
	if (!subjects_account_key(&accounts->list, row, &key))
		refuse_rotate(accounts->list.view);
	else
		subjects_begin(app, &argument, &key);
}

/* From the detail of an account on to the key that it hangs on. */
static void
go_on(struct list *list)
{
	struct app *app = app_of(list->view);
	char title[200], filter[300];
	struct keyid key;

	if (!key_here(list->view, &key))
		return;
	snprintf(title, sizeof title, _("Key of %.*s"), (int)strcspn(list->here, "\n"), list->here);
	snprintf(filter, sizeof filter, "vault:%s name:%s", key.vault, key.key);
	app_push(app, &view_keys, &(struct list_argument){.title = title, .filter = filter});
}

static const char *
nowhere(const struct list *list, size_t row)
{
	struct keyid key;

	return subjects_account_key(list, row, &key) ? NULL
						     : N_("There is no customer key to go on to");
}

static bool
accounts_open(struct view *view, const void *argument, struct err *err)
{
	static const struct list_ops ops = {describe, moved, go_on, false, nowhere};

	(void)err;
	list_open(view, argument, &ops);
	return true;
}

static bool
accounts_act(struct view *view, int action, key_code key)
{
	struct accounts *accounts = view->state;

	if (list_act(view, action, key))
		return true;
	if (action == ACCOUNT_ONBOARD)
		onboard(view);
	else if (action == ACCOUNT_ROTATE)
		rotate(accounts);
	else if (action == ACCOUNT_MEND)
		mend(accounts);
	else if (action == LIST_ACTIONS)
		actions_show(view);
	return action >= LIST_ACTIONS && action <= ACCOUNT_MEND;
}

static void
accounts_close(struct view *view)
{
	forget(view->state);
	list_close(view);
}

/* Once the lists have been read again, the detail is out of date too. */
static void
accounts_changed(struct view *view)
{
	struct accounts *accounts = view->state;
	const struct estate *estate = accounts->list.estate;

	if (!estate_busy(estate) && accounts->as_of != estate_changes(estate))
		forget(accounts);
	list_changed(view);
}

static enum view_work
accounts_work(const struct view *view)
{
	const struct accounts *accounts = view->state;

	return accounts->rest || accounts->reading ? VIEW_READING : list_work(view);
}

static bool
is_locked(const struct list *list)
{
	const struct kind *kind = list->kind;
	size_t row, column = 0;
	char text[32] = "";

	while (column < kind->columns_len && strcmp(kind->columns[column].name, "state") != 0)
		column++;
	if (column < kind->columns_len && table_current(&list->table, &row))
		kind->cell(list->estate, row, column, text, sizeof text);
	return strcmp(text, "locked") == 0;
}

/* What is locked is mended: it has a customer key already. */
static const char *
accounts_hint(const struct view *view, const struct binding *binding)
{
	bool locked = (binding->action == ACCOUNT_ONBOARD || binding->action == ACCOUNT_MEND) &&
		      is_locked(view->state);

	if (!locked)
		return list_hint(view, binding);
	return binding->action == ACCOUNT_MEND ? N_("mend") : NULL;
}

static const struct binding keys[] = {
	{'o', KEY_NOTHING, ACCOUNT_ONBOARD, "onboard",
		"Onboard: move the account, or all marked ones, from Microsoft's keys to a "
		"customer key"},
	{'r', KEY_NOTHING, ACCOUNT_ROTATE, "rotate",
		"Rotate its key: a new version, and every account that uses the key on it"},
	{'M', KEY_NOTHING, ACCOUNT_MEND, NULL,
		"Mend: begin with what mends its finding; of several, choose one"},
	{'a', KEY_NOTHING, LIST_ACTIONS, "actions",
		"Actions: everything that can be done with it, or with all marked ones"},
	{0},
};

static const struct keymap keymaps[] = {
	[LIST_MAP_OWN] = {.title = "This account", .bindings = keys},
	[LIST_MAP_LIST] = {.title = "The list", .bindings = list_keys},
	[LIST_MAP_FILTER] = {.title = "While the filter is typed",
		.bindings = list_filter_keys,
		.typing = true},
	[LIST_MAP_DETAIL] = {.title = "An opened row", .bindings = list_detail_keys},
	{0},
};

const struct view_ops view_accounts = {
	.name = "accounts",
	.title = "Accounts",
	.kind = &kind_account,
	.keys = keymaps,
	.begins = (const int[]){ACCOUNT_ONBOARD, ACCOUNT_ROTATE, ACCOUNT_MEND, 0},
	.state_size = sizeof(struct accounts),
	.open = accounts_open,
	.draw = list_draw,
	.act = accounts_act,
	.close = accounts_close,
	.active = list_active,
	.hint = accounts_hint,
	.crumb = list_crumb,
	.copy = list_copy,
	.status = list_status,
	.draw_line = list_draw_line,
	.changed = accounts_changed,
	.work = accounts_work,
	.key_here = key_here,
	.subjects = subjects_here,
};
