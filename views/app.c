/* One loop, one stack of views a tab, one place where a key finds its meaning: first the view on
 * top, then the console itself. Nothing here waits: a view that needs a reply is called back. */
#include "views/app.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/azure/keyid.h"
#include "backend/base/text.h"
#include "backend/estate/kind.h"
#include "backend/net/loop.h"
#include "tui/key.h"
#include "tui/term.h"
#include "views/app_state.h"

enum { PATIENCE_MS = 10000, NOTES_MAX = 65536 };

enum app_action {
	APP_HELP = 10000,
	APP_BACK,
	APP_LEAVE,
	APP_REFRESH,
	APP_REPAINT,
	APP_CHECKS,
	APP_NOTES,
	APP_WIRE,
	APP_INCIDENT,
	APP_MOUSE,
	APP_COPY,
	APP_TAB, /* the last: further tabs follow */
};

static const struct binding common[] = {
	{TK_ESC, TK_BACKSPACE, APP_BACK, "back", "Go back to where this was opened from"},
	{KEY_CTRL('g'), KEY_NOTHING, APP_BACK, NULL, "The same, for terminals slow with Esc"},
	{'?', TK_F1, APP_HELP, "help", "Show the keys of this view"},
	{'t', KEY_NOTHING, APP_CHECKS, NULL, "Run the local RSA self-tests"},
	{KEY_CTRL('r'), KEY_NOTHING, APP_REFRESH, NULL, "Read the estate again"},
	{'N', KEY_NOTHING, APP_NOTES, NULL, "Tell what could not be read, and why"},
	{'v', KEY_NOTHING, APP_WIRE, NULL, "Show the last requests and replies"},
	{'c', KEY_NOTHING, APP_COPY, NULL,
		"Copy the id of the row, or the page; again: show it alone"},
	{'%', KEY_NOTHING, APP_MOUSE, NULL, "Mouse on or off; while on, the wheel scrolls"},
	{KEY_CTRL('l'), KEY_NOTHING, APP_REPAINT, NULL, "Repaint the screen"},
	{'1', KEY_NOTHING, APP_TAB, NULL, "Accounts"},
	{'2', KEY_NOTHING, APP_TAB + 1, NULL, "Vaults"},
	{'3', KEY_NOTHING, APP_TAB + 2, NULL, "Keys"},
	{'4', KEY_NOTHING, APP_TAB + 3, NULL, "Policies"},
	{'5', KEY_NOTHING, APP_TAB + 4, NULL, "Activity"},
	{'!', TK_F1 + 8, APP_INCIDENT, NULL, "Incident: a key was stolen, or data must go dark"},
	{'q', KEY_NOTHING, APP_LEAVE, "quit", "Leave; asks first while a plan runs"},
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
}

void
app_say_err(struct app *app, const struct err *err)
{
	app_say(app, ROLE_ERROR, "%s%s%s%s%s", err->code, err->code[0] ? ": " : "", err->msg,
		err->request_id[0] ? " · request " : "", err->request_id);
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
	app->dirty = true;
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
		app_say(app, ROLE_ERROR, "This is as deep as it goes: Esc goes back");
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
	app_say(app, ROLE_MESSAGE, "Finishing the exchange under way, then leaving");
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
	if (app_works(app, VIEW_PLAN))
		app_ask(app, app_top(app), leave_parking,
			"A plan is under way. Park it at the next safe point, and leave? y/N");
	else
		app_leave(app, 0);
}

void
view_bindings(const struct view *view, struct binding out[VIEW_BINDINGS_MAX])
{
	unsigned active = view->ops->active ? view->ops->active(view) : ~0u;
	size_t len = 0;

	for (size_t i = 0; view->ops->keys && view->ops->keys[i].bindings; i++) {
		if (!(active >> i & 1))
			continue;
		for (const struct binding *b = view->ops->keys[i].bindings; b->action; b++)
			if (len + 1 < VIEW_BINDINGS_MAX)
				out[len++] = *b;
	}
	out[len] = (struct binding){0};
}

bool
view_typing(const struct view *view)
{
	unsigned active = view->ops->active ? view->ops->active(view) : ~0u;

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
		app_say(app, ROLE_MESSAGE, "Everything that was asked for could be read");
		return;
	}
	buf_init(&text, NOTES_MAX);
	for (size_t i = 0; i < estate_notes(estate); i++) {
		const struct err *note = estate_note(estate, i);

		if (!buf_addf(&text, "# %s\n%s\n%s%s%s\n", note->code[0] ? note->code : "Not read",
			    note->msg, note->request_id[0] ? "  request " : "", note->request_id,
			    note->request_id[0] ? "\n" : ""))
			break;
	}
	app_push(app, &view_text,
		&(struct text_argument){"What could not be read", buf_text(&text)});
	buf_free(&text);
}

static void
act_common(struct app *app, int action)
{
	struct tab *tab = &app->tabs[app->tab];

	switch (action) {
	case APP_HELP:
		if (app_top(app)->ops != &view_help)
			app_push(app, &view_help, app_top(app));
		break;
	case APP_BACK:
		if (tab->depth > 1)
			app->popping = true;
		break;
	case APP_LEAVE:
		app_quit(app, APP_QUIT);
		break;
	case APP_REFRESH:
		if (app->options.estate)
			estate_refresh(app->options.estate,
				ESTATE_START | estate_read(app->options.estate));
		break;
	case APP_MOUSE:
		app_say(app, ROLE_MESSAGE, "%s",
			term_mouse()
				? "The mouse is on: the wheel scrolls, a click puts the cursor on a "
				  "row; selecting text takes Shift, or % again"
				: "The mouse is off: it selects text");
		break;
	case APP_COPY:
		copy_top(app);
		break;
	case APP_REPAINT:
		term_repaint();
		break;
	case APP_CHECKS:
		if (app_top(app)->ops != &view_selftest)
			app_push(app, &view_selftest, NULL);
		break;
	case APP_NOTES:
		show_notes(app);
		break;
	case APP_WIRE:
		if (app_top(app)->ops != &view_wire)
			app_push(app, &view_wire, NULL);
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
	if (key == 'y' || key == 'Y')
		app->yes(asker);
	else
		app_say(app, ROLE_MESSAGE, "Cancelled: nothing was done");
}

void
app_press(struct app *app, key_code key)
{
	struct view *view = app_top(app);
	struct binding bindings[VIEW_BINDINGS_MAX];
	bool letter = key >= ' ' && key < KEY_SPECIAL_BASE;

	app->dirty = true;
	if (key == TK_RESIZE)
		return;
	if (key == TK_EOF) {
		app_leave(app, err_exit(app_works(app, VIEW_PLAN) ? ERR_PARKED : ERR_NONE));
		return;
	}
	app->say[0] = '\0';
	app->copied &= key == 'c';
	if (app->question[0]) {
		answer(app, key);
		return;
	}
	if (app->too_small) {
		if (key == 'q')
			app_quit(app, APP_QUIT);
		return;
	}
	/* An alarm does not wait for a prompt to be closed. */
	if (key >= KEY_SPECIAL_BASE && key_action(common, key) == APP_INCIDENT) {
		open_incident(app);
		return;
	}
	view_bindings(view, bindings);
	letter = letter && view_typing(view);
	if (!view->ops->act(view, key_action(bindings, key), key) && !letter)
		act_common(app, key_action(common, key));
	if (app->popping && app->tabs[app->tab].depth > 1)
		app_drop(&app->tabs[app->tab]);
	app->popping = false;
}
