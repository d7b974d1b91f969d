/* One operation of the journal: what it was about, its members, what became of the accounts, and
 * its records with their request ids, as a page; its timeline goes to a file from here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/journal/survey.h"
#include "backend/json/json.h"
#include "tui/prompt.h"
#include "tui/said.h"
#include "tui/words.h"
#include "views/app/view.h"
#include "views/journal/past.h"
#include "views/journal/timeline.h"
#include "views/page/page.h"
#include "views/value.h"
#include "views/wizard/wizard.h"

enum {
	OPERATION_SCROLL = 1,
	OPERATION_ON,
	OPERATION_BACK,
	OPERATION_TIMELINE,
	OPERATION_NAMED,
	OPERATION_JSON
};

struct operation_view {
	struct view *view;
	char id[37], title[160];
	struct page page;
	struct prompt prompt;
	bool naming;       /* the file of the timeline */
	bool on, back;     /* it may be gone on with; something of it may be taken back */
	struct past *past; /* the reading of it; NULL: none is under way */
	bool again;        /* it may have changed since that began */
};

struct reading {
	struct past past;
	char id[OPERATION_ID];
	struct operation operation; /* without its details */
	json_t *members, *records;
};

enum { MAP_PAGE, MAP_PROMPT };

static struct app *
app_for(const struct operation_view *own)
{
	return app_of(own->view);
}

static const char *
journal_dir(const struct operation_view *own)
{
	return app_options(app_for(own))->journal_dir;
}

static void
look(struct reading *reading, const struct operation *operation)
{
	if (strcmp(operation->of, reading->id) == 0)
		json_array_append_new(reading->members,
			json_pack("{s:s, s:s, s:s, s:i}", "plan", operation->plan, "subject",
				operation->subject, "stage", operation->stage, "state",
				(int)operation->state));
	if (strcmp(operation->id, reading->id) == 0)
		reading->operation = *operation;
}

static void
read_operation(struct past *past)
{
	struct reading *reading = (struct reading *)past;
	struct survey *survey = survey_open(past->dir, &past->err);
	struct operation one;

	if (survey && survey_read(survey, SIZE_MAX, &past->stop, &past->err)) {
		for (size_t i = 0; i < survey_len(survey); i++) {
			survey_get(survey, i, &one);
			look(reading, &one);
		}
		if (reading->operation.id[0])
			reading->records =
				timeline_of(survey, reading->id, &past->stop, &past->err);
		else if (operation_find_until(
				 past->dir, reading->id, &one, &past->stop, &past->err))
			operation_free(&one);
	}
	survey_close(survey);
}

static void
reading_free(struct past *past)
{
	struct reading *reading = (struct reading *)past;

	json_decref(reading->members);
	json_decref(reading->records);
	free(reading);
}

static void
say_members(struct page *page, const json_t *members)
{
	const json_t *member;
	size_t i;

	json_array_foreach((json_t *)members, i, member)
	{
		enum operation_state state =
			(enum operation_state)json_integer_value(json_object_get(member, "state"));
		const char *stage = json_str(member, "stage");

		page_text(page, value_operation(state), 0, "%s%s%s %s: %s", stage,
			stage[0] ? ": " : "", json_str(member, "plan"), json_str(member, "subject"),
			_(value_state(operation_state_name(state))));
	}
}

/* The last record that tells of them. */
static void
say_accounts(struct page *page, const json_t *records)
{
	const json_t *accounts = NULL, *one;
	size_t i;

	json_array_foreach((json_t *)records, i, one)
	{
		const json_t *told = json_object_get(json_object_get(one, "detail"), "accounts");

		if (json_is_array(told))
			accounts = told;
	}
	if (json_array_size(accounts) == 0)
		return;
	page_head(page, _("What became of the accounts"));
	json_array_foreach((json_t *)accounts, i, one)
	{
		page_text(page, ROLE_TEXT, 0, "%s: %s", json_str(one, "name"),
			json_str(one, "outcome"));
		if (*json_str(one, "evidence"))
			page_text(page, ROLE_DIM, 2, "%s",
				said(json_str(one, "evidence"), (char[SAID]){0}));
		if (*json_str(one, "requestId"))
			page_text(page, ROLE_DIM, 2, _("request %s"), json_str(one, "requestId"));
	}
}

/* Members of a campaign do the same side by side: each of their records names whom it is about. */
static void
say_records(struct operation_view *own, const json_t *records)
{
	struct page *page = &own->page;
	json_t *names = json_object();
	const json_t *record;
	size_t i;

	page_head(page, _("Records"));
	json_array_foreach((json_t *)records, i, record)
	{
		const char *of = json_str(record, "operation"), *name;
		json_int_t http = json_integer_value(json_object_get(record, "http"));
		const char *phase = json_str(record, "phase"), *step = json_str(record, "step");
		const json_t *detail = json_object_get(record, "detail");
		bool undo = json_is_true(json_object_get(detail, "undo"));
		char status[24] = "";

		if (*json_str(detail, "name"))
			json_object_set(names, of, json_object_get(detail, "name"));
		name = strcmp(of, own->id) == 0 ? "" : json_str(names, of);
		if (http)
			snprintf(status, sizeof status, _(", http %lld"), (long long)http);
		page_text(page,
			strcmp(phase, "failed") == 0    ? ROLE_BAD
			: strcmp(phase, "unknown") == 0 ? ROLE_WARN
							: ROLE_TEXT,
			0, "%s %s%s%s%s%s%s %s%s", json_str(record, "time"),
			json_str(record, "plan"), *name ? " " : "", name, undo ? _(" undo of") : "",
			*step ? " " : "", step, phase, status);
		if (*json_str(record, "requestId"))
			page_text(
				page, ROLE_DIM, 2, _("request %s"), json_str(record, "requestId"));
		if (strcmp(phase, "failed") == 0)
			app_told(app_for(own), json_str(record, "code"));
		if (*json_str(record, "message"))
			page_text(page, ROLE_DIM, 2, "%s %s", json_str(record, "code"),
				json_str(record, "message"));
	}
	json_decref(names);
}

static void
say_operation(struct operation_view *own, const struct operation *operation, bool members)
{
	struct page *page = &own->page;
	char text[256];

	page_field(page, _("state"),
		value_operation(operation->taken_back ? OPERATION_ROLLED_BACK : operation->state),
		"%s", _(value_state(operation_standing(journal_dir(own), operation))));
	text_cleans(text, sizeof text, operation->started);
	page_field(page, _("started"), ROLE_TEXT, "%s", text);
	text_cleans(text, sizeof text, operation->last);
	page_field(page, _("last"), ROLE_TEXT, "%s", text);
	if (operation->all)
		page_field(page, members ? _("members") : _("changes"), ROLE_TEXT,
			_("%zu of %zu done"), operation->done, operation->all);
	page_field(page, _("operation"), ROLE_TEXT, "%s", own->id);
	page_head(page, _("The same on the command line"));
	if (own->on)
		page_text(page, ROLE_TEXT, 2, "claviger resume %s", own->id);
	if (own->back)
		page_text(page, ROLE_TEXT, 2, "claviger rollback %s", own->id);
	page_text(page, ROLE_TEXT, 2, "claviger journal export --operation %s", own->id);
}

static void
write_page(struct operation_view *own, const struct reading *reading)
{
	const struct operation *operation = &reading->operation;

	page_clear(&own->page);
	if (operation->id[0]) {
		char plan[48], subject[100];

		text_cleans(plan, sizeof plan, operation->plan);
		text_cleans(subject, sizeof subject, operation->subject);
		snprintf(own->title, sizeof own->title, "%s %s", plan, subject);
		own->on = operation_goes_on(journal_dir(own), operation);
		own->back = operation_goes_back(journal_dir(own), operation);
		say_operation(own, operation, json_array_size(reading->members) > 0);
		if (operation->keeps || operation->fleet)
			page_head(&own->page, _("Members"));
		say_members(&own->page, reading->members);
	}
	if (reading->records) {
		say_accounts(&own->page, reading->records);
		say_records(own, reading->records);
	} else {
		page_text(&own->page, ROLE_WARN, 0, _("Unknown: %s"),
			said(reading->past.err.msg, (char[SAID]){0}));
	}
}

static void read_journal(struct operation_view *own);

static void
journal_read(void *user, struct past *past)
{
	struct operation_view *own = user;

	own->past = NULL;
	write_page(own, (struct reading *)past);
	app_dirty(app_for(own));
	if (own->again)
		read_journal(own);
}

static void
read_journal(struct operation_view *own)
{
	struct reading *reading;

	own->again = own->past != NULL;
	if (own->again)
		return;
	reading = mem_alloc(sizeof *reading);
	reading->past = (struct past){
		.read = read_operation, .done = journal_read, .user = own, .free = reading_free};
	memcpy(reading->id, own->id, sizeof reading->id);
	reading->members = json_array();
	own->past = &reading->past;
	past_start(app_for(own), own->past);
}

static bool
operation_open(struct view *view, const void *argument, struct err *err)
{
	struct operation_view *own = view->state;

	(void)err;
	own->view = view;
	snprintf(own->id, sizeof own->id, "%s", (const char *)argument);
	snprintf(own->title, sizeof own->title, "%s", _(view->ops->title));
	page_text(&own->page, ROLE_DIM, 0, "%s", _("The journal is being read"));
	read_journal(own);
	return true;
}

static void
write_timeline(struct view *view)
{
	struct operation_view *own = view->state;

	timeline_save(app_for(own), own->id, own->prompt.text);
}

static void
name_key(struct operation_view *own, key_code key)
{
	enum prompt_result result = prompt_key(&own->prompt, key);

	if (result == PROMPT_OPEN)
		return;
	own->naming = false;
	if (result == PROMPT_CANCELLED || own->prompt.text[0] == '\0')
		app_say(app_for(own), ROLE_MESSAGE, _("Cancelled: nothing was written"));
	else
		app_ask_names(app_for(own), own->view, write_timeline);
}

static void
ask_file(struct operation_view *own)
{
	char name[64];

	snprintf(name, sizeof name, "timeline-%.8s.md", own->id);
	own->naming = true;
	prompt_start(&own->prompt, _("Write the timeline to (.md or .json): "), name, false);
}

static bool
operation_act(struct view *view, int action, key_code key)
{
	struct operation_view *own = view->state;

	if (own->naming) {
		name_key(own, key);
		return true;
	}
	if (action == OPERATION_SCROLL)
		return page_key(&own->page, key, true);
	if (action == OPERATION_ON || action == OPERATION_BACK)
		wizard_again(app_for(own), own->id, action == OPERATION_BACK);
	else if (action == OPERATION_TIMELINE)
		ask_file(own);
	else if (action == OPERATION_JSON)
		timeline_show(app_for(own), own->id);
	return action != 0;
}

static void
operation_draw(struct view *view, struct area area)
{
	struct operation_view *own = view->state;

	area.x++;
	area.w -= 2;
	page_draw(&own->page, area);
	draw_cursor(area, 0, 0);
}

static bool
operation_line(struct view *view, struct area line)
{
	struct operation_view *own = view->state;

	if (own->naming)
		prompt_draw(&own->prompt, line);
	return own->naming;
}

static void
operation_close(struct view *view)
{
	struct operation_view *own = view->state;

	past_stop(own->past);
	page_free(&own->page);
}

static void
operation_changed(struct view *view)
{
	if (!estate_busy(app_options(app_of(view))->estate))
		read_journal(view->state);
}

static enum view_work
operation_work(const struct view *view)
{
	return ((const struct operation_view *)view->state)->past ? VIEW_READING : VIEW_IDLE;
}

static void
operation_crumb(const struct view *view, char *out, size_t room)
{
	snprintf(out, room, "%s", ((const struct operation_view *)view->state)->title);
}

static char *
operation_copy(const struct view *view)
{
	return mem_strdup(((const struct operation_view *)view->state)->id);
}

static unsigned
operation_active(const struct view *view)
{
	return 1u << (((const struct operation_view *)view->state)->naming ? MAP_PROMPT : MAP_PAGE);
}

static const char *
operation_hint(const struct view *view, const struct binding *binding)
{
	const struct operation_view *own = view->state;

	return (binding->action == OPERATION_ON && !own->on) ||
			       (binding->action == OPERATION_BACK && !own->back)
		       ? NULL
		       : binding->hint;
}

static const struct binding keys[] = {
	{'r', KEY_NOTHING, OPERATION_ON, "resume", "Look how it stands, and go on with it"},
	{'u', KEY_NOTHING, OPERATION_BACK, "take back", "Look what can be taken back, and do so"},
	{'x', KEY_NOTHING, OPERATION_TIMELINE, "timeline",
		"Write the timeline with its request ids to a file: NAME.md or NAME.json"},
	{'y', KEY_NOTHING, OPERATION_JSON, "JSON", "Its records as they are stored"},
	{TK_UP, 'k', OPERATION_SCROLL, NULL, "One row up"},
	{TK_DOWN, 'j', OPERATION_SCROLL, NULL, "One row down"},
	{TK_PAGE_DOWN, ' ', OPERATION_SCROLL, NULL, "One page down"},
	{TK_PAGE_UP, 'b', OPERATION_SCROLL, NULL, "One page up"},
	{TK_HOME, 'g', OPERATION_SCROLL, NULL, "To the beginning"},
	{TK_END, 'G', OPERATION_SCROLL, NULL, "To the end"},
	{0},
};

static const struct binding prompt_keys[] = {
	{TK_ENTER, KEY_NOTHING, OPERATION_NAMED, "write it", "Write the timeline to that file"},
	{TK_ESC, KEY_CTRL('g'), OPERATION_NAMED, "no", "Write nothing"},
	{0},
};

static const struct keymap keymaps[] = {
	[MAP_PAGE] = {.title = "This operation", .bindings = keys},
	[MAP_PROMPT] = {.title = "While a file is named", .bindings = prompt_keys, .typing = true},
	{0},
};

const struct view_ops view_operation = {
	.name = "operation",
	.title = "Operation",
	.keys = keymaps,
	.begins = (const int[]){OPERATION_ON, OPERATION_BACK, 0},
	.state_size = sizeof(struct operation_view),
	.open = operation_open,
	.draw = operation_draw,
	.act = operation_act,
	.close = operation_close,
	.active = operation_active,
	.hint = operation_hint,
	.crumb = operation_crumb,
	.copy = operation_copy,
	.draw_line = operation_line,
	.changed = operation_changed,
	.work = operation_work,
};
