/* The wizard of plans made of plans, and of fleets: the form of the other wizard, then a look at
 * all members, then one question, then nothing to do but to watch. It knows no verb by name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "tui/bar.h"
#include "tui/words.h"
#include "views/app/app_state.h"
#include "views/app/keymap.h"
#include "views/campaign/campaign_state.h"
#include "views/journal/timeline.h"
#include "views/value.h"

static struct app *
app_for(const struct campaign_view *view)
{
	return app_of(view->form.view);
}

static void
count_changes(const struct campaign *campaign, size_t *changing)
{
	*changing = 0;
	for (size_t i = 0; i < campaign->members_len; i++)
		*changing += campaign->members[i].changes;
}

/* Harmless: at once. Changes: y. What cuts off: the name. */
static void
begin(struct campaign_view *view)
{
	const struct campaign *campaign = view->campaign;
	char room[64], label[PROMPT_TEXT];
	const char *word;
	size_t changing;

	if (campaign->state == PLAN_PARKED) {
		app_ask(app_for(view), view->form.view, campaign_go_on,
			_("Look how it stands, to go on with %s? y/N"), campaign->name);
		return;
	}
	if (campaign_only_sees(view) || campaign->plan->danger == PLAN_HARMLESS) {
		campaign_carry_out(view->form.view);
		return;
	}
	word = campaign_word(view, room);
	if (word && !view->agreed) {
		view->typing = TYPING_NAME;
		snprintf(label, sizeof label, _("Type %s to go on (Esc: no): "), word);
		prompt_start(&view->prompt, label, "", true);
		return;
	}
	count_changes(campaign, &changing);
	app_ask(app_for(view), view->form.view, campaign_carry_out,
		view->back ? _("Take back what was done by %zu of %zu parts? y/N")
			   : _("Carry out the changes of %zu of %zu parts? y/N"),
		changing, campaign->members_len);
}

static void
name_typed(struct campaign_view *view)
{
	char room[64];
	const char *word = view->campaign ? campaign_word(view, room) : NULL;

	if (word == NULL || !campaign_is_ready(view) || !plan_confirmed(view->prompt.text, word)) {
		if (word)
			app_say(app_for(view), ROLE_ERROR, _("That is not %s: nothing was done"),
				word);
		else
			app_say(app_for(view), ROLE_ERROR,
				_("That is not asked for any more: nothing was done"));
		return;
	}
	view->agreed = true;
	campaign_carry_out(view->form.view);
}

static void
write_timeline(struct view *of)
{
	struct campaign_view *view = of->state;

	timeline_save(app_for(view), view->campaign->operation, view->prompt.text);
}

static void
file_named(struct campaign_view *view)
{
	if (view->prompt.text[0] == '\0')
		app_say(app_for(view), ROLE_MESSAGE, _("Cancelled: nothing was written"));
	else
		app_ask_names(app_for(view), view->form.view, write_timeline);
}

static void
prompt_pressed(struct campaign_view *view, key_code key)
{
	enum prompt_result result = prompt_key(&view->prompt, key);
	bool name = view->typing == TYPING_NAME;

	if (result == PROMPT_OPEN)
		return;
	view->typing = TYPING_NOTHING;
	if (result == PROMPT_CANCELLED)
		app_say(app_for(view), ROLE_MESSAGE, "%s",
			name ? _("Cancelled: nothing was done")
			     : _("Cancelled: nothing was written"));
	else if (name)
		name_typed(view);
	else
		file_named(view);
}

static void
ask_file(struct campaign_view *view)
{
	char name[64];

	snprintf(name, sizeof name, "timeline-%.8s.md", view->campaign->operation);
	view->typing = TYPING_FILE;
	prompt_start(&view->prompt, _("Write the timeline to (.md or .json): "), name, false);
}

static void
show_text(struct campaign_view *view, const char *title, char *text)
{
	if (text)
		app_push(app_for(view), &view_text, &(struct text_argument){title, text, true});
	free(text);
}

static void
show_json(struct campaign_view *view)
{
	json_t *json = campaign_json(view->campaign, !view->carried);

	show_text(view, _("Result as JSON"), json_dumps(json, JSON_INDENT(2)));
	json_decref(json);
}

static void
park(struct view *from)
{
	struct campaign_view *view = from->state;

	if (view->campaign)
		campaign_park(view->campaign, ERR_PARKED);
}

/* Several may be under way at once: none of them is cut short, and whoever asked is to know. */
static void
say_parking(const struct campaign_view *view)
{
	size_t running = 0;

	for (size_t i = 0; i < view->campaign->members_len; i++)
		running += view->campaign->members[i].progress == MEMBER_RUNNING;
	if (running > 1)
		app_say(app_for(view), ROLE_MESSAGE,
			_("Parking it: nothing more begins, %zu under way end what was sent"),
			running);
	else
		app_say(app_for(view), ROLE_MESSAGE,
			_("Parking it at the next safe point; what is done stays done"));
}

static void
edit(struct campaign_view *view)
{
	campaign_drop(view);
	if (view->form.plan->fields_len == 0)
		campaign_submit(view);
}

static void
move(struct campaign_view *view, int action)
{
	size_t len, place = campaign_place(view, &len);

	view->shown = action == CAMPAIGN_FIRST  ? 0
		      : action == CAMPAIGN_LAST ? SIZE_MAX
		      : action == CAMPAIGN_UP   ? place - (place > 0)
						: place + (place + 1 < len);
	view->text.top = view->request.top = 0;
}

static bool
act_pages(struct campaign_view *view, int action, key_code key)
{
	switch (action) {
	case CAMPAIGN_UP:
	case CAMPAIGN_DOWN:
	case CAMPAIGN_FIRST:
	case CAMPAIGN_LAST:
		move(view, action);
		return true;
	case CAMPAIGN_SCROLL:
		return page_key(&view->text, key, false);
	case CAMPAIGN_SCROLL_REQUEST:
		return page_key(&view->request, key == 'J' ? TK_PAGE_DOWN : TK_PAGE_UP, false);
	default:
		return false;
	}
}

static bool
act_campaign(struct campaign_view *view, int action, key_code key)
{
	switch (action) {
	case CAMPAIGN_GO:
		begin(view);
		return true;
	case CAMPAIGN_REQUESTS:
		show_text(view, view->carried ? _("Requests") : _("Dry run"),
			campaign_requests(view->campaign));
		return true;
	case CAMPAIGN_COMMANDS:
		show_text(view, _("Commands"), campaign_commands(view));
		return true;
	case CAMPAIGN_JSON:
		show_json(view);
		return true;
	case CAMPAIGN_TIMELINE:
		ask_file(view);
		return true;
	case CAMPAIGN_EDIT:
		edit(view);
		return true;
	case CAMPAIGN_BACK:
		campaign_take_back(view);
		return true;
	default:
		return act_pages(view, action, key);
	}
}

/* What it was begun from knows nothing of it, and may say that nothing is changed yet. */
static void
say_left(const struct campaign_view *view)
{
	const struct campaign *campaign = view->campaign;

	if (campaign && campaign_changed_any(view))
		app_say(app_for(view), ROLE_MESSAGE, _("%s %s: %s; %s Activity has it"),
			_(campaign->plan->title), view->form.who,
			_(value_state(plan_state_name(campaign->state))),
			app_key(app_for(view), NULL, 0, APP_ACTIVITY, (char[KEY_LABEL]){0}));
}

/* What is carried out is parked first. */
static void
leave(struct view *from)
{
	struct campaign_view *view = from->state;

	if (view->campaign && view->begun_ms && campaign_busy(view->campaign)) {
		say_parking(view);
		park(from);
		return;
	}
	say_left(view);
	app_pop(app_of(from));
}

static bool
campaign_act(struct view *from, int action, key_code key)
{
	struct campaign_view *view = from->state;

	if (view->typing != TYPING_NOTHING) {
		prompt_pressed(view, key);
		return true;
	}
	switch (action) {
	case WIZARD_SUBMIT:
		campaign_submit(view);
		return true;
	case WIZARD_LIST:
	case WIZARD_BACK:
		wizard_picker_focus(&view->form, action == WIZARD_LIST);
		return true;
	case WIZARD_TAKE:
		wizard_picker_take(&view->form);
		return true;
	case WIZARD_LEAVE:
	case CAMPAIGN_LEAVE:
		leave(from);
		return true;
	default:
		if (view->campaign)
			return act_campaign(view, action, key);
		return !view->past[0] && !view->starting && wizard_form_key(&view->form, key);
	}
}

static void
name_fleet(const struct wizard_argument *begun, char out[SUBJECT_NAME])
{
	size_t len = begun->fleet_len;

	switch (begun->fleet[0].kind) {
	case SUBJECT_ACCOUNT:
		snprintf(out, SUBJECT_NAME, _("%zu accounts"), len);
		break;
	case SUBJECT_VAULT:
		snprintf(out, SUBJECT_NAME, _("%zu vaults"), len);
		break;
	case SUBJECT_KEY:
		snprintf(out, SUBJECT_NAME, _("%zu keys"), len);
		break;
	case SUBJECT_IDENTITY:
		snprintf(out, SUBJECT_NAME, _("%zu identities"), len);
		break;
	}
}

/* As Activity calls it. */
static void
name_past(const struct operation *operation, char out[SUBJECT_NAME])
{
	size_t len = json_array_size(json_object_get(operation->begin, "fleet"));

	if (len > 1)
		snprintf(out, SUBJECT_NAME, _("%s and %zu more"), operation->subject, len - 1);
	else
		snprintf(out, SUBJECT_NAME, "%s", operation->subject);
}

static bool
campaign_open(struct view *from, const void *argument, struct err *err)
{
	struct campaign_view *view = from->state;
	const struct wizard_argument *begun = argument;
	struct wizard *form = &view->form;

	(void)err;
	form->view = from;
	form->estate = app_options(app_of(from))->estate;
	form->plan = begun->plan;
	form->subject = begun->subject;
	form->service = begun->fleet_len ? NULL : begun->service;
	form->used = begun->used;
	view->back = begun->back;
	if (begun->fleet_len) {
		view->fleet = mem_alloc(begun->fleet_len * sizeof *view->fleet);
		memcpy(view->fleet, begun->fleet, begun->fleet_len * sizeof *view->fleet);
		view->fleet_len = begun->fleet_len;
		name_fleet(begun, form->who);
	} else if (begun->operation) {
		name_past(begun->operation, form->who);
	} else {
		subject_name(&form->subject, form->who);
	}
	if (begun->operation)
		snprintf(view->past, sizeof view->past, "%s", begun->operation->id);
	else
		wizard_form_open(form, begun->values);
	if (begun->operation || form->plan->fields_len == 0)
		campaign_submit(view);
	return true;
}

static void
campaign_close(struct view *from)
{
	struct campaign_view *view = from->state;

	campaign_drop(view);
	wizard_form_close(&view->form);
	page_free(&view->text);
	page_free(&view->request);
	free(view->fleet);
}

static void
campaign_draw(struct view *from, struct area area)
{
	campaign_page_draw(from->state, area);
}

static bool
campaign_line(struct view *from, struct area line)
{
	struct campaign_view *view = from->state;
	size_t ended, failed, all;
	int left;

	if (view->typing != TYPING_NOTHING) {
		prompt_draw(&view->prompt, line);
		return true;
	}
	if (view->campaign == NULL || !campaign_busy(view->campaign))
		return false;
	campaign_progress(view->campaign, &ended, &failed, &all, &left);
	bar_progress(line, view->begun_ms ? _(view->form.plan->title) : _("Looking"), ended, all,
		view->begun_ms ? (double)(clock_mono_ms() - view->begun_ms) / 1000 : 0);
	return true;
}

static unsigned
campaign_active(const struct view *from)
{
	const struct campaign_view *view = from->state;
	const struct campaign *campaign = view->campaign;
	unsigned maps = 1u << CMAP_PAGES;

	if (view->typing != TYPING_NOTHING)
		return 1u << CMAP_PROMPT;
	if (campaign == NULL && view->form.picker.focus)
		return 1u << CMAP_PICK;
	if (campaign == NULL)
		return view->past[0] || view->starting
			       ? 1u << CMAP_LEAVE
			       : 1u << CMAP_FORM | 1u << CMAP_FIELDS |
					 (view->form.picker.open ? 1u << CMAP_LIST : 0);
	if (campaign_busy(campaign))
		return maps | 1u << (view->begun_ms ? CMAP_BUSY : CMAP_LEAVE);
	maps |= campaign_is_ready(view)          ? 1u << CMAP_READY
		: campaign_only_sees(view)       ? 1u << CMAP_SEES
		: campaign->state == PLAN_PARKED ? 1u << CMAP_PARKED
						 : 0;
	maps |= 1u << (view->carried ? CMAP_OVER : CMAP_LOOKED);
	if (!view->carried && view->past[0] == '\0')
		maps |= 1u << CMAP_EDIT;
	if (campaign_can_go_back(view))
		maps |= 1u << CMAP_UNDO;
	return maps | 1u << CMAP_LEAVE;
}

static void
campaign_crumb(const struct view *from, char *out, size_t room)
{
	const struct campaign_view *view = from->state;

	snprintf(out, room, "%s%s %s", view->back ? _("Take back: ") : "",
		_(view->form.plan->title), view->form.who);
	if (view->campaign)
		snprintf(out + strlen(out), room - strlen(out), " %s %s", draw_glyph(GLYPH_CRUMB),
			_(value_state(plan_state_name(view->campaign->state))));
}

static void
campaign_status(const struct view *from, char *out, size_t room)
{
	const struct campaign_view *view = from->state;

	if (view->campaign == NULL || !view->carried)
		snprintf(out, room, "%s",
			view->starting  ? _("finding out who is concerned: nothing is changed yet")
			: view->past[0] ? _("nothing more is changed yet")
					: _("nothing is changed yet"));
	else
		snprintf(out, room, "%s", _(value_state(plan_state_name(view->campaign->state))));
}

static enum view_work
campaign_work(const struct view *from)
{
	const struct campaign_view *view = from->state;

	if (view->campaign && view->campaign->state == PLAN_RUNNING)
		return VIEW_RUNNING;
	return view->starting || view->form.reading ||
			       (view->campaign && campaign_busy(view->campaign))
		       ? VIEW_READING
		       : VIEW_IDLE;
}

static bool
campaign_key_here(const struct view *from, struct keyid *out)
{
	const struct campaign_view *view = from->state;

	*out = view->form.subject.key;
	return view->form.subject.kind == SUBJECT_KEY && out->key[0];
}

static const char *
campaign_hint(const struct view *from, const struct binding *binding)
{
	const struct campaign_view *view = from->state;

	return wizard_field_hint(&view->form, binding);
}

const struct view_ops view_campaign = {
	.name = "campaign",
	.title = "Campaign",
	.keys = campaign_keymaps,
	.state_size = sizeof(struct campaign_view),
	.open = campaign_open,
	.draw = campaign_draw,
	.act = campaign_act,
	.close = campaign_close,
	.back = leave,
	.active = campaign_active,
	.hint = campaign_hint,
	.crumb = campaign_crumb,
	.status = campaign_status,
	.draw_line = campaign_line,
	.work = campaign_work,
	.park = park,
	.key_here = campaign_key_here,
};
