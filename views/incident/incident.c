/* Somebody has an alarm. One question first, because the right order differs: a stolen key must not
 * be cut before the accounts have another one; data that must go dark is cut at once. Then who it
 * hits, known and unknown; what follows is a campaign like any other. */
#include <stdio.h>
#include <string.h>

#include "backend/estate/impact.h"
#include "backend/net/loop.h"
#include "tui/edit.h"
#include "tui/words.h"
#include "views/app/app_state.h"
#include "views/incident/incident_state.h"
#include "views/list/subjects.h"
#include "views/value.h"
#include "views/wizard/wizard.h"

static struct app *
app_for(const struct incident *incident)
{
	return app_of(incident->view);
}

static void
forget(struct incident *incident)
{
	job_cancel(incident->looking);
	incident->looking = NULL;
	json_decref(incident->impact);
	incident->impact = NULL;
}

/* Waits for Azure. */
static void
look(void *user)
{
	struct incident *incident = user;

	incident->impact =
		impact_of(incident->estate, &incident->subject.key, &incident->why_unknown);
}

static void
looked(void *user)
{
	struct incident *incident = user;

	incident->looking = NULL;
	if (incident->impact == NULL)
		app_say_err(app_for(incident), &incident->why_unknown);
	app_dirty(app_for(incident));
}

/* Once the lists it rests on were read, as far as they can be; anew when they have changed. */
static void
look_when_read(struct incident *incident)
{
	struct estate *estate = incident->estate;
	unsigned missing = IMPACT_PARTS & ~estate_read(estate);

	if (incident->at != INCIDENT_IMPACT)
		return;
	if (!estate_busy(estate) && incident->as_of != estate_changes(estate))
		forget(incident);
	if (incident->impact || incident->looking)
		return;
	if (!incident->asked && (missing & ~estate_busy(estate)))
		estate_refresh(estate, missing & ~estate_busy(estate));
	incident->asked = true;
	if (estate_busy(estate) & IMPACT_PARTS)
		return;
	incident->as_of = estate_changes(estate);
	incident->looking = job_beside(app_loop(app_for(incident)), look, looked, incident);
}

static void
take(struct incident *incident)
{
	forget(incident);
	incident->asked = false;
	incident->page.top = 0;
	incident->subject = incident->found;
	incident->at = INCIDENT_IMPACT;
	look_when_read(incident);
}

/* The list shows what fits the text typed so far; a name that fits nothing shows all again. */
static void
narrow(struct incident *incident)
{
	struct err err;

	incident->fits =
		table_search(&incident->table, incident->text, &err) && incident->table.order_len;
	if (!incident->fits && !table_filter(&incident->table, "", &err))
		app_say_err(app_for(incident), &err);
}

/* The key that was looked at is there at once, and what is typed or pasted takes its place. */
static void
ask_key(struct incident *incident, const struct keyid *here)
{
	incident->text[0] = '\0';
	if (here->key[0])
		snprintf(incident->text, sizeof incident->text, "%s/%s", here->vault, here->key);
	incident->caret = strlen(incident->text);
	incident->untouched = true;
	incident->at = INCIDENT_KEY;
	narrow(incident);
}

static void
answer(struct incident *incident, const struct plan_def *plan)
{
	incident->plan = plan;
	ask_key(incident, &incident->here);
}

/* Waits for Azure: for a key that was typed, and for a vault that no list has. */
static void
find(void *user)
{
	struct incident *incident = user;
	struct subject *found = &incident->found;
	struct err *err = &incident->not_found;

	*err = (struct err){0};
	if (found->key.key[0] == '\0' &&
		!estate_find_key(incident->estate, incident->text, NULL, &found->key, err))
		return;
	found->key.version[0] = '\0';
	(void)!estate_find_vault(incident->estate, found->key.vault, &found->id, err);
}

static void
found(void *user)
{
	struct incident *incident = user;

	incident->finding = NULL;
	if (incident->not_found.kind == ERR_NONE)
		take(incident);
	else
		app_say_err(app_for(incident), &incident->not_found);
	app_dirty(app_for(incident));
}

/* One that the lists do not have is looked for by its whole name. */
static void
take_typed(struct incident *incident)
{
	struct keyid key;
	size_t row;

	incident->found = (struct subject){.kind = SUBJECT_KEY};
	if ((incident->text[0] == '\0' || incident->fits) &&
		table_current(&incident->table, &row)) {
		kind_key_id(incident->estate, row, &key);
		if (subjects_key(incident->estate, &key, &incident->found)) {
			take(incident);
			return;
		}
	}
	incident->finding = job_beside(app_loop(app_for(incident)), find, found, incident);
}

static void
complete(struct incident *incident)
{
	struct keyid key;
	size_t row;

	if (!table_current(&incident->table, &row))
		return;
	kind_key_id(incident->estate, row, &key);
	ask_key(incident, &key);
}

static bool
type(struct incident *incident, key_code key)
{
	char before[sizeof incident->text], letter[4];
	bool eaten;

	memcpy(before, incident->text, sizeof before);
	if (incident->untouched && (key == TK_PASTE || key_utf8(key, letter)))
		incident->text[incident->caret = 0] = '\0';
	incident->untouched = false;
	eaten = edit_key(incident->text, sizeof incident->text, &incident->caret, key);
	if (strcmp(before, incident->text) != 0)
		narrow(incident);
	return eaten;
}

static void
back(struct incident *incident)
{
	if (incident->at == INCIDENT_IMPACT)
		forget(incident);
	incident->at = INCIDENT_QUESTION;
}

/* While a key is looked for the keyboard waits for it, or gives it up: what was typed stays. */
static void
wait_or_stop(struct incident *incident, int action)
{
	struct app *app = app_for(incident);

	if (action != INCIDENT_BACK) {
		app_say(app, ROLE_MESSAGE, _("The key is being looked for: Esc gives that up"));
		return;
	}
	job_cancel(incident->finding);
	incident->finding = NULL;
	app_say(app, ROLE_MESSAGE, _("The key is not looked for any more"));
}

static bool
incident_act(struct view *view, int action, key_code key)
{
	struct incident *incident = view->state;

	if (incident->finding) {
		wait_or_stop(incident, action);
		return true;
	}
	switch (action) {
	case INCIDENT_STOLEN:
		answer(incident, &plan_evacuate);
		return true;
	case INCIDENT_DARK:
		answer(incident, &plan_revoke);
		return true;
	case INCIDENT_ANSWER:
		answer(incident, incident->chosen ? &plan_revoke : &plan_evacuate);
		return true;
	case INCIDENT_CHOOSE:
		incident->chosen = !incident->chosen;
		return true;
	case INCIDENT_TAKE:
		take_typed(incident);
		return true;
	case INCIDENT_COMPLETE:
		complete(incident);
		return true;
	case INCIDENT_MOVE:
		return table_key(&incident->table, key, incident->rows);
	case INCIDENT_OTHER_KEY:
		ask_key(incident, &incident->subject.key);
		return true;
	case INCIDENT_GO_ON:
		incident->begun = true;
		wizard_begin(app_for(incident), &(struct wizard_argument){.plan = incident->plan,
							.subject = incident->subject});
		return true;
	case INCIDENT_SCROLL:
		return page_key(&incident->page, key, true);
	case INCIDENT_BACK:
		back(incident);
		return true;
	default:
		return incident->at == INCIDENT_KEY && type(incident, key);
	}
}

static bool
incident_open(struct view *view, const void *argument, struct err *err)
{
	struct incident *incident = view->state;

	(void)argument;
	(void)err;
	incident->view = view;
	incident->estate = app_options(app_of(view))->estate;
	incident->keys = (struct rows){.estate = incident->estate, .kind = &kind_key};
	rows_table(&incident->table, incident->columns, list_columns(&kind_key, incident->columns),
		&incident->keys);
	return true;
}

static void
incident_close(struct view *view)
{
	struct incident *incident = view->state;

	job_cancel(incident->finding);
	forget(incident);
	table_free(&incident->table);
	page_free(&incident->page);
}

static void
incident_changed(struct view *view)
{
	struct incident *incident = view->state;

	place_update(&incident->place, incident->estate, &kind_key, &incident->table);
	look_when_read(incident);
}

static unsigned
incident_active(const struct view *view)
{
	return 1u << ((const struct incident *)view->state)->at;
}

/* Coming back from the plan: what it hits now may be what the plan has left. */
static void
draw(struct view *view, struct area area)
{
	struct incident *incident = view->state;

	if (incident->begun) {
		incident->begun = false;
		forget(incident);
		look_when_read(incident);
	}
	incident_draw(view, area);
}

/* What was opened from here says itself what it is about. */
static void
incident_crumb(const struct view *view, char *out, size_t room)
{
	const struct incident *incident = view->state;
	const struct view_ops *top = app_top(app_for(incident))->ops;

	snprintf(out, room, _("Incident"));
	if (incident->at == INCIDENT_IMPACT && (top == view->ops || top == &view_palette))
		snprintf(out, room, _("Incident %s %s %s whom it hits"), draw_glyph(GLYPH_CRUMB),
			_(incident->plan->title), draw_glyph(GLYPH_CRUMB));
	if (incident->at == INCIDENT_KEY)
		snprintf(out, room, _("Incident %s %s %s which key?"), draw_glyph(GLYPH_CRUMB),
			_(incident->plan->title), draw_glyph(GLYPH_CRUMB));
}

static void
incident_status(const struct view *view, char *out, size_t room)
{
	const struct incident *incident = view->state;

	snprintf(out, room, "%s",
		incident->finding ? _("looking for the key") : _("nothing is changed yet"));
}

static enum view_work
incident_work(const struct view *view)
{
	const struct incident *incident = view->state;

	return incident->looking || incident->finding ? VIEW_READING : VIEW_IDLE;
}

static bool
incident_key_here(const struct view *view, struct keyid *out)
{
	const struct incident *incident = view->state;

	*out = incident->subject.key;
	return incident->at == INCIDENT_IMPACT;
}

/* What is under way here already stays: another key does not come under somebody's fingers. */
static void
incident_take_key(struct view *view, const struct keyid *key)
{
	struct incident *incident = view->state;

	if (incident->at == INCIDENT_QUESTION)
		incident->here = *key;
}

static const struct binding question_keys[] = {
	{'s', KEY_NOTHING, INCIDENT_STOLEN, "stolen",
		"Key material was stolen: move the accounts to a new key, cut the old one last"},
	{'d', KEY_NOTHING, INCIDENT_DARK, "go dark now", "Data must go dark now: cut first"},
	{TK_ENTER, KEY_NOTHING, INCIDENT_ANSWER, "take the row", "Take the row under the cursor"},
	{TK_DOWN, 'j', INCIDENT_CHOOSE, NULL, "The row below"},
	{TK_UP, 'k', INCIDENT_CHOOSE, NULL, "The row above"},
	{0},
};

static const struct binding key_keys[] = {
	{TK_ENTER, KEY_NOTHING, INCIDENT_TAKE, "take it", "Take the key under the cursor"},
	{TK_TAB, KEY_NOTHING, INCIDENT_COMPLETE, "complete", "Complete the name from the row"},
	{TK_DOWN, KEY_NOTHING, INCIDENT_MOVE, NULL, "One row down"},
	{TK_UP, KEY_NOTHING, INCIDENT_MOVE, NULL, "One row up"},
	{TK_PAGE_DOWN, KEY_NOTHING, INCIDENT_MOVE, NULL, "One page down"},
	{TK_PAGE_UP, KEY_NOTHING, INCIDENT_MOVE, NULL, "One page up"},
	{TK_ESC, KEY_CTRL('g'), INCIDENT_BACK, "back", "Back to the question"},
	{0},
};

static const struct binding impact_keys[] = {
	{TK_ENTER, KEY_NOTHING, INCIDENT_GO_ON, "go on",
		"Choose how; nothing is cut before its name was typed"},
	{'c', KEY_NOTHING, INCIDENT_OTHER_KEY, "another key", "It is another key"},
	{TK_DOWN, 'j', INCIDENT_SCROLL, NULL, "Scroll down"},
	{TK_UP, 'k', INCIDENT_SCROLL, NULL, "Scroll up"},
	{TK_PAGE_DOWN, ' ', INCIDENT_SCROLL, NULL, "One page down"},
	{TK_PAGE_UP, 'b', INCIDENT_SCROLL, NULL, "One page up"},
	{TK_HOME, 'g', INCIDENT_SCROLL, NULL, "To the beginning"},
	{TK_END, 'G', INCIDENT_SCROLL, NULL, "To the end"},
	{TK_ESC, TK_BACKSPACE, INCIDENT_BACK, "back", "Back to the question"},
	{'q', KEY_CTRL('g'), INCIDENT_BACK, NULL, "The same, for slow terminals"},
	{0},
};

static const struct keymap keymaps[] = {
	[INCIDENT_QUESTION] = {.title = "What has happened", .bindings = question_keys},
	[INCIDENT_KEY] = {.title = "Which key", .bindings = key_keys, .typing = true},
	[INCIDENT_IMPACT] = {.title = "Whom it hits", .bindings = impact_keys},
	{0},
};

const struct view_ops view_incident = {
	.name = "incident",
	.title = "Incident",
	.keys = keymaps,
	.begins = (const int[]){INCIDENT_GO_ON, 0},
	.state_size = sizeof(struct incident),
	.open = incident_open,
	.draw = draw,
	.act = incident_act,
	.close = incident_close,
	.active = incident_active,
	.crumb = incident_crumb,
	.status = incident_status,
	.changed = incident_changed,
	.work = incident_work,
	.key_here = incident_key_here,
	.take_key = incident_take_key,
};
