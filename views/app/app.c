/* One loop, one stack of views a tab, one place where a key finds its meaning: first the view on
 * top, then the console itself. Nothing here waits: a view that needs a reply is called back. */
#include "views/app/app.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/azure/keyid.h"
#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/kind.h"
#include "backend/net/loop.h"
#include "tui/key.h"
#include "tui/term.h"
#include "tui/words.h"
#include "views/app/app_state.h"
#include "views/app/keymap.h"
#include "views/page/meaning.h"
#include "views/tour/tour.h"
#include "views/wizard/wizard.h"

enum { PATIENCE_MS = 10000, NOTES_MAX = 65536 };

static const struct binding common[] = {
	{TK_ESC, TK_BACKSPACE, APP_BACK, "back", "Go back to where this was opened from"},
	{KEY_CTRL('g'), KEY_NOTHING, APP_BACK, NULL, "The same, for terminals slow with Esc"},
	{'?', TK_F1, APP_HELP, "help", "Show the keys of this view"},
	{':', KEY_NOTHING, APP_PALETTE, "command",
		"Palette: go to, do or find anything by a few letters of its name"},
	{'t', KEY_NOTHING, APP_CHECKS, NULL, "Self-test: run the local RSA self-tests"},
	{KEY_CTRL('r'), KEY_NOTHING, APP_REFRESH, NULL, "Refresh: read the estate again"},
	{'f', KEY_NOTHING, APP_FINDINGS, NULL, "Findings: what is wrong, and what mends it"},
	{'N', KEY_NOTHING, APP_NOTES, NULL, "Notes: what could not be read, and why"},
	{'m', KEY_NOTHING, APP_MESSAGES, NULL, "Messages: all that was said on the line below"},
	{'v', KEY_NOTHING, APP_WIRE, NULL, "Requests: the last ones with their replies"},
	{'c', KEY_NOTHING, APP_COPY, NULL,
		"Copy: the id of the row, or the page; again: show it alone"},
	{'E', TK_F1 + 3, APP_EXPLAIN, NULL,
		"Explain: the code of the last error, or else list what can be explained"},
	{'%', KEY_NOTHING, APP_MOUSE, NULL, "Mouse: on or off; while on, the wheel scrolls"},
	{'H', KEY_NOTHING, APP_REDACT, NULL,
		"Redact: hide names and ids, for a screen that others see; again: show them"},
	{KEY_CTRL('l'), KEY_NOTHING, APP_REPAINT, NULL, "Repaint: draw the screen anew"},
	{'1', KEY_NOTHING, APP_TAB, NULL, "Accounts"},
	{'2', KEY_NOTHING, APP_TAB + 1, NULL, "Vaults"},
	{'3', KEY_NOTHING, APP_TAB + 2, NULL, "Keys"},
	{'4', KEY_NOTHING, APP_TAB + 3, NULL, "Policies"},
	{'5', KEY_NOTHING, APP_ACTIVITY, NULL, "Activity"},
	{'!', TK_F1 + 8, APP_INCIDENT, NULL, "Incident: a key was stolen, or data must go dark"},
	{TK_F1 + 4, KEY_NOTHING, APP_GO_ON, NULL, "Tour on: go on in the tour"},
	{TK_F1 + 5, KEY_NOTHING, APP_TOUR_AWAY, NULL,
		"Tour away: put the tour away, or take it up again"},
	{'q', KEY_NOTHING, APP_LEAVE, "quit",
		"Leave, from a page only go back; asks first while a plan runs"},
	{0},
};

const struct keymap app_keys[] = {{.title = "Everywhere", .bindings = common}, {0}};

struct app *
app_of(const struct view *view)
{
	return view->app;
}

const struct app_options *
app_options(const struct app *app)
{
	return &app->options;
}

struct loop *
app_loop(struct app *app)
{
	return app->loop;
}

void
app_dirty(struct app *app)
{
	app->dirty = true;
}

struct view *
app_top(const struct app *app)
{
	const struct tab *tab = &app->tabs[app->tab];

	return tab->depth ? tab->stack[tab->depth - 1] : NULL;
}

bool
app_works(const struct app *app, unsigned work)
{
	for (size_t t = 0; t < app->tabs_len; t++) {
		for (size_t i = 0; i < app->tabs[t].depth; i++) {
			const struct view *view = app->tabs[t].stack[i];

			if (view->ops->work && (view->ops->work(view) & work))
				return true;
		}
	}
	return false;
}

void
app_say(struct app *app, enum role role, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(app->say, sizeof app->say, fmt, ap);
	va_end(ap);
	app->say_role = role;
	app->dirty = true;
	messages_add(app, role, app->say);
}

void
app_ask(struct app *app, struct view *view, void (*yes)(struct view *), const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(app->question, sizeof app->question, fmt, ap);
	va_end(ap);
	app->asker = view;
	app->yes = yes;
	app->else_say = N_("Cancelled: nothing was done");
	app->seen = false;
	app->dirty = true;
}

unsigned
app_parts(const struct app *app)
{
	const struct kind *kind = app_top(app)->ops->kind;

	if (kind == NULL)
		kind = app->roots[app->tab]->kind;
	return ESTATE_START | (kind ? kind->part | kind->also : 0);
}

/* What a list shows is read when it is first looked at. */
static void
want_rows(struct app *app, const struct kind *kind)
{
	struct estate *estate = app->options.estate;
	unsigned parts = kind && estate ? kind->part | kind->also : 0;

	if (parts)
		parts &= ~estate_read(estate) & ~estate_busy(estate);
	if (parts)
		estate_refresh(estate, parts);
}

bool
app_push(struct app *app, const struct view_ops *ops, const void *argument)
{
	struct tab *tab = &app->tabs[app->tab];
	struct view *view;
	struct err err = {0};

	app->dirty = true;
	if (tab->depth == APP_DEPTH) {
		app_say(app, ROLE_ERROR, _("This is as deep as it goes: Esc goes back"));
		return false;
	}
	view = mem_alloc(sizeof *view);
	view->ops = ops;
	view->app = app;
	view->state = mem_alloc(ops->state_size ? ops->state_size : 1);
	if (!ops->open(view, argument, &err)) {
		app_say_err(app, &err);
		free(view->state);
		free(view);
		return false;
	}
	tab->stack[tab->depth++] = view;
	if (tab->depth > 1)
		want_rows(app, ops->kind);
	return true;
}

void
app_pop(struct app *app)
{
	app->popping = true;
	app->dirty = true;
}

void
app_then(struct app *app, void (*then)(struct app *app, void *with), void *with)
{
	app_pop(app);
	app->then = then;
	app->then_with = with;
}

void
app_drop(struct tab *tab)
{
	struct view *view = tab->stack[--tab->depth];

	view->ops->close(view);
	free(view->state);
	free(view);
}

/* Closing its view abandons a plan: what has no answer is then recorded as unknown. */
static void
lose_patience(void *user)
{
	struct app *app = user;

	app->patience = NULL;
	app->quit = true;
}

/* Views that run something are told to stop at their next safe point. */
void
app_leave(struct app *app, int exit_code)
{
	if (app->leaving) {
		app->quit = true;
		return;
	}
	app->leaving = true;
	app->exit_code = exit_code;
	for (size_t t = 0; t < app->tabs_len; t++) {
		for (size_t i = 0; i < app->tabs[t].depth; i++) {
			struct view *view = app->tabs[t].stack[i];

			if (view->ops->work && (view->ops->work(view) & VIEW_PLAN))
				view->ops->park(view);
		}
	}
	app->question[0] = '\0';
	app->quit = !app_works(app, VIEW_RUNNING);
	if (app->quit)
		return;
	app->patience = job_after(app->loop, PATIENCE_MS, lose_patience, app);
	app_say(app, ROLE_MESSAGE, _("Finishing the exchange under way, then leaving"));
}

static void
leave_parking(struct view *view)
{
	app_leave(view->app, err_exit(ERR_PARKED));
}

void
app_quit(struct app *app, enum app_choice choice)
{
	app->choice = choice;
	if (!app_works(app, VIEW_PLAN)) {
		app_leave(app, 0);
		return;
	}
	app_ask(app, app_top(app), leave_parking,
		_("A plan is under way. Park it at the next safe point, and leave? y/N"));
	app->else_say = N_("Not left: the plan goes on");
}

static unsigned
active_maps(const struct view *view)
{
	return view->ops->active ? view->ops->active(view) : ~0u;
}

bool
view_begins(const struct view *view, int action)
{
	const int *begins = view->ops->begins;

	while (begins && *begins && *begins != action)
		begins++;
	return begins && *begins;
}

void
view_bindings(const struct view *view, struct binding out[VIEW_BINDINGS_MAX])
{
	unsigned active = active_maps(view);
	bool may_begin = wizard_why_not(view->app) == NULL;
	size_t len = 0;

	for (size_t i = 0; view->ops->keys && view->ops->keys[i].bindings; i++) {
		if (!(active >> i & 1))
			continue;
		for (const struct binding *b = view->ops->keys[i].bindings; b->action; b++)
			if (len + 1 < VIEW_BINDINGS_MAX &&
				(may_begin || !view_begins(view, b->action))) {
				out[len] = keymap_of(view->app->options.keys, view->ops, b);
				if (view->ops->hint)
					out[len].hint = view->ops->hint(view, b);
				len++;
			}
	}
	out[len] = (struct binding){0};
}

bool
view_typing(const struct view *view)
{
	unsigned active = active_maps(view);

	for (size_t i = 0; view->ops->keys && view->ops->keys[i].bindings; i++)
		if ((active >> i & 1) && view->ops->keys[i].typing)
			return true;
	return false;
}

static void
open_tab(struct app *app, size_t tab)
{
	if (tab >= app->tabs_len)
		return;
	app->tab = tab;
	app->dirty = true;
	if (app->tabs[tab].depth == 0 && !app_push(app, app->roots[tab], NULL) && tab != 0)
		app->tab = 0;
	want_rows(app, app->roots[app->tab]->kind);
}

/* The last tab, with the key that the operator was looking at. */
static void
open_incident(struct app *app)
{
	const struct view *from = app_top(app);
	struct keyid key = {0};
	bool known = from->ops->key_here && from->ops->key_here(from, &key);
	struct view *incident;

	if (app->roots[app->tabs_len - 1] != &view_incident)
		return;
	open_tab(app, app->tabs_len - 1);
	incident = app->tabs[app->tab].stack[0];
	if (known && incident->ops->take_key)
		incident->ops->take_key(incident, &key);
}

static void
show_notes(struct app *app)
{
	struct estate *estate = app->options.estate;
	struct buf text;

	if (estate == NULL || estate_notes(estate) == 0) {
		app_say(app, ROLE_MESSAGE, _("Everything that was asked for could be read"));
		return;
	}
	buf_init(&text, NOTES_MAX);
	for (size_t i = 0; i < estate_notes(estate); i++) {
		const struct err *note = estate_note(estate, i);

		if (!buf_addf(&text, "# %s\n%s\n%s%s%s", note->code[0] ? note->code : _("Not read"),
			    note->msg, note->request_id[0] ? _("request ") : "", note->request_id,
			    note->request_id[0] ? "\n" : "") ||
			!meaning_lines(&text, note->code) || !buf_adds(&text, "\n"))
			break;
	}
	app_push(app, &view_text,
		&(struct text_argument){_("What could not be read"), buf_text(&text), false});
	buf_free(&text);
}

static void
explain_last(struct app *app)
{
	if (meaning_known(app->error))
		app_push(app, &view_code, app->error);
	else if (app_top(app)->ops != &view_topics)
		app_push(app, &view_topics, NULL);
}

/* Views that a key opens wherever one is, and not twice. */
static bool
open_view(struct app *app, int action)
{
	static const struct {
		int action;
		const struct view_ops *ops;
		bool about; /* its argument is the view that it is opened from */
	} views[] = {
		{APP_HELP, &view_help, true},
		{APP_PALETTE, &view_palette, true},
		{APP_MESSAGES, &view_messages, false},
		{APP_CHECKS, &view_selftest, false},
		{APP_WIRE, &view_wire, false},
	};

	for (size_t i = 0; i < ARRAY_LEN(views); i++) {
		if (views[i].action != action)
			continue;
		if (app_top(app)->ops != views[i].ops)
			app_push(app, views[i].ops, views[i].about ? app_top(app) : NULL);
		return true;
	}
	return false;
}

/* Whatever key it is: a view that may have to stop first goes in its own way. */
static void
go_back(struct app *app)
{
	struct view *view = app_top(app);

	if (app->tabs[app->tab].depth == 1)
		tour_put_away(app->tour, true);
	else if (view->ops->back)
		view->ops->back(view);
	else
		app_pop(app);
}

void
app_act(struct app *app, int action)
{
	if (action == 0 || open_view(app, action))
		return;
	switch (action) {
	case APP_BACK:
		go_back(app);
		break;
	case APP_LEAVE:
		app_quit(app, APP_QUIT);
		break;
	case APP_REFRESH:
		if (app->options.estate)
			estate_refresh(app->options.estate,
				app_parts(app) | estate_read(app->options.estate));
		break;
	case APP_MOUSE:
		app_say(app, ROLE_MESSAGE, "%s",
			term_mouse() ? /* xgettext:no-c-format */
				_("The mouse is on: the wheel scrolls, a click puts the cursor on a "
				  "row; selecting text takes Shift, or % again")
				     : _("The mouse is off: it selects text"));
		break;
	case APP_COPY:
		copy_top(app);
		break;
	case APP_EXPLAIN:
		explain_last(app);
		break;
	case APP_GO_ON:
		tour_go_on(app->tour);
		break;
	case APP_TOUR_AWAY:
		if (!tour_put_away(app->tour, false))
			app_say(app, ROLE_MESSAGE, _("No tour is here: see claviger tour"));
		break;
	case APP_REDACT:
		redact_switch(app, !app->redacting);
		break;
	case APP_REPAINT:
		term_repaint();
		break;
	case APP_NOTES:
		show_notes(app);
		break;
	case APP_FINDINGS:
		if (app->options.estate && app_top(app)->ops != &view_posture)
			app_push(app, &view_posture, NULL);
		break;
	case APP_INCIDENT:
		open_incident(app);
		break;
	default:
		if (action >= APP_TAB)
			open_tab(app, (size_t)(action - APP_TAB));
		break;
	}
}

static void
answer(struct app *app, key_code key)
{
	struct view *asker = app->asker;

	app->question[0] = '\0';
	app->asker = NULL;
	app->answer_rest = key == 'y' || key == 'Y'   ? "es\r"
			   : key == 'n' || key == 'N' ? "o\r"
			   : key > ' ' && key < 0x7f  ? ""
						      : NULL;
	app->answer_ms = clock_mono_ms();
	if (key == 'y' || key == 'Y')
		app->yes(asker);
	else
		app_say(app, ROLE_MESSAGE, "%s", _(app->else_say));
}

static void
pop(struct app *app)
{
	if (app->popping && app->tabs[app->tab].depth > 1)
		app_drop(&app->tabs[app->tab]);
	app->popping = false;
}

/* What the view that has just gone left to be done. */
static void
go_on(struct app *app)
{
	void (*then)(struct app *, void *) = app->then;

	app->then = NULL;
	then(app, app->then_with);
	free(app->then_with);
	app->then_with = NULL;
	pop(app);
}

/* Who leaves a wizard and presses once too often must not find himself outside. */
static int
on_page(const struct app *app, int action)
{
	return action == APP_LEAVE && app->tabs[app->tab].depth > 1 ? APP_BACK : action;
}

static void
say_idle(struct app *app, struct view *view, key_code key)
{
	unsigned work = view->ops->work ? view->ops->work(view) : VIEW_IDLE;
	char label[16];

	app_say(app, ROLE_MESSAGE,
		work & (VIEW_READING | VIEW_RUNNING) ? _("%s does nothing while this is at work")
						     : _("%s does nothing here"),
		key_label(key, label));
}

void
app_press(struct app *app, key_code key)
{
	struct view *view = app_top(app);
	bool letter = key >= ' ' && key < KEY_SPECIAL_BASE;
	key_code plain;
	int of_console, own;

	app->dirty = true;
	if (key == TK_RESIZE)
		return;
	if (key == TK_EOF) {
		app_leave(app, err_exit(app_works(app, VIEW_PLAN) ? ERR_PARKED : ERR_NONE));
		return;
	}
	of_console = keymap_action(app->options.keys, view->ops, app_keys, ~0u, key, &plain);
	/* To be painted again is what stands there. */
	if (of_console != APP_REPAINT)
		app->say[0] = app->pointer[0] = '\0';
	app->copied &= of_console == APP_COPY;
	if (app->too_small) {
		if (key == 'q')
			app_quit(app, APP_QUIT);
		return;
	}
	if (app->question[0]) {
		/* What was pressed before it could be read is no answer to it. */
		if (app->seen)
			answer(app, key);
		return;
	}
	if (app->looking.job) {
		look_up_press(app, of_console);
		return;
	}
	/* An alarm does not wait for a prompt to be closed. */
	if (key >= KEY_SPECIAL_BASE && of_console == APP_INCIDENT) {
		open_incident(app);
		return;
	}
	letter = letter && view_typing(view);
	own = keymap_action(
		app->options.keys, view->ops, view->ops->keys, active_maps(view), key, &plain);
	if (!view->ops->act(view, own, plain) && !letter) {
		if (own || of_console)
			app_act(app, on_page(app, of_console));
		else if (key < TK_RESIZE || key >= TK_F1)
			say_idle(app, view, key);
	}
	pop(app);
	if (app->then)
		go_on(app);
}
