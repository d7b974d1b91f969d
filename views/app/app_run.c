/* The console from its start to its end: what is opened, what wakes it, and the one loop. Keys that
 * a script plays go the same way as those that are pressed. */
#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/estate/cache.h"
#include "backend/estate/posture_estate.h"
#include "backend/net/loop.h"
#include "backend/session/wire.h"
#include "tui/dump.h"
#include "tui/key.h"
#include "tui/script.h"
#include "tui/term.h"
#include "tui/words.h"
#include "views/app/app_state.h"
#include "views/journal/past.h"
#include "views/signals.h"
#include "views/tour/tour.h"

enum { WAIT_MS_MAX = 120000, WORD_MS = 500 };
enum { NEWS_MS_MIN = 250, NEWS_MS_MAX = 5000, NEWS_BYTES_PER_SECOND = 80, CREDIT_MS = 5000 };
enum { NEWS_AFTER_KEY_MS = 50 };

static const struct view_ops *const tabs[] = {
	&view_accounts, &view_vaults, &view_keys, &view_policies, &view_activity, &view_incident};
static const struct view_ops *const start[] = {&view_start};

/* Some ways to sign in show only when they are tried that they are not there. */
static bool
cannot_sign_in(const struct app *app)
{
	const struct estate *estate = app->options.estate;

	for (size_t i = 0; i < estate_notes(estate); i++)
		if (strcmp(estate_note(estate, i)->code, "NoCredential") == 0)
			return true;
	return false;
}

static void
show_news(void *user)
{
	struct app *app = user;

	app->framing = NULL;
	app->dirty = app->news = true;
}

/* What comes right behind the answer to a key does not cut that answer in two. */
static void
tell(struct app *app, int64_t at)
{
	int64_t now = clock_mono_ms();

	if (at < app->calm_ms)
		at = app->calm_ms;
	app->framing = job_after(app->loop, at > now ? (int)(at - now) : 0, show_news, app);
}

void
app_news(struct app *app)
{
	if (app->framing == NULL)
		tell(app, app->news_ms);
}

/* The last reply is not kept back for what was told before it. */
static void
show_reply(struct app *app)
{
	if (estate_busy(app->options.estate)) {
		app_news(app);
		return;
	}
	job_cancel(app->framing);
	tell(app, 0);
}

/* What many bytes told is not told anew at once, unless it was quiet before: what a plan is at must
 * not be old when it has only just begun to move. */
static void
pace_news(struct app *app)
{
	int64_t now = clock_mono_ms(), next = now - CREDIT_MS;

	app->news = false;
	if (next < app->news_ms)
		next = app->news_ms;
	next += (int64_t)(term_sent() * 1000 / NEWS_BYTES_PER_SECOND);
	app->news_ms = next < now + NEWS_MS_MIN   ? now + NEWS_MS_MIN
		       : next > now + NEWS_MS_MAX ? now + NEWS_MS_MAX
						  : next;
}

static void
estate_changed(void *user)
{
	struct app *app = user;

	for (size_t t = 0; t < app->tabs_len; t++) {
		for (size_t i = 0; i < app->tabs[t].depth; i++) {
			struct view *view = app->tabs[t].stack[i];

			if (view->ops->changed)
				view->ops->changed(view);
		}
	}
	app->unlearned = true;
	posture_follow(app->options.estate, false);
	cache_follow(app->options.cache);
	frame_read_at(app);
	show_reply(app);
	if (app->options.choice && !app->leaving && cannot_sign_in(app)) {
		app->choice = APP_START;
		app_leave(app, 0);
	}
}

/* Only what is seen needs drawing again. */
static void
wire_grew(void *user)
{
	struct app *app = user;

	tour_wire(app->tour);
	if (app_top(app) && app_top(app)->ops == &view_wire)
		app->dirty = true;
}

static void
domain_known(void *user)
{
	struct app *app = user;

	app->naming = NULL;
	app->dirty = true;
}

/* The rows of last time are there, if any: now for those of today. */
static void
begin_reading(void *user)
{
	struct app *app = user;

	if (estate_age(app->options.estate) < 0 && !estate_busy(app->options.estate))
		estate_refresh(app->options.estate, ESTATE_START);
	if (app_top(app))
		estate_changed(app);
}

/* Once the screen is there. */
static void
point(void *user)
{
	struct app *app = user;

	app->pointing = NULL;
	activity_point(app);
}

static bool
open_app(struct app *app, const struct app_options *options, struct err *err)
{
	static const struct http_options nowhere;

	*app = (struct app){.options = *options, .dirty = true, .roots = start, .tabs_len = 1};
	if (options->session) {
		app->loop = session_loop(options->session);
		app->roots = tabs;
		app->tabs_len = ARRAY_LEN(tabs);
		wire_on_add(session_wire(options->session), wire_grew, app);
	} else if (options->door) {
		app->loop = session_loop(options->door);
	} else {
		app->loop = loop_new(&nowhere, err);
		app->own_loop = app->loop != NULL;
	}
	if (app->loop == NULL)
		return false;
	if (options->estate) {
		estate_on_change(options->estate, estate_changed, app);
		if (options->cache)
			cache_load(options->cache, begin_reading, app);
		else
			begin_reading(app);
		frame_read_at(app);
		app->naming = session_ask_domain(options->session, domain_known, app);
		app->pointing = job_after(app->loop, 0, point, app);
	}
	app->tour = tour_open(app, options->tour);
	if (options->redact)
		redact_switch(app, true);
	if (app_push(app, app->roots[0], NULL))
		return true;
	return err_set(err, ERR_FAILED, "", "%s", app->say);
}

static void
close_app(struct app *app)
{
	if (app->options.estate)
		estate_on_change(app->options.estate, NULL, NULL);
	if (app->options.session)
		wire_on_add(session_wire(app->options.session), NULL, NULL);
	tour_close(app->tour);
	look_up_end(app);
	call_cancel(app->naming);
	job_cancel(app->copying);
	job_cancel(app->framing);
	job_cancel(app->pointing);
	past_stop(app->past);
	for (size_t t = 0; t < app->tabs_len; t++)
		while (app->tabs[t].depth)
			app_drop(&app->tabs[t]);
	if (app->patience)
		job_cancel(app->patience);
	redact_end(app);
	messages_free(app);
	if (app->own_loop)
		loop_free(app->loop);
	if (app->options.choice)
		*app->options.choice = app->choice;
}

static void
draw(struct app *app)
{
	if (app->dirty) {
		app->dirty = false;
		app->unsent = true;
		/* What is drawn now is no news any more; what comes until it is sent is. */
		job_cancel(app->framing);
		app->framing = NULL;
		frame_draw(app);
	}
	if (app->unsent && term_flush()) {
		app->unsent = false;
		app->seen = !app->too_small;
		if (app->news)
			pace_news(app);
		else
			app->calm_ms = clock_mono_ms() + NEWS_AFTER_KEY_MS;
	}
}

/* Who types a word at a question has answered with its first letter: the rest of it is no key, and
 * neither is the Enter after it. */
static bool
ends_answer(struct app *app, key_code key)
{
	const char *rest = app->answer_rest;
	bool letter = key >= ' ' && key < 0x7f;
	int next = key == TK_ENTER ? '\r' : letter ? tolower((int)key) : 0;
	int64_t now = clock_mono_ms();

	app->answer_rest = NULL;
	if (rest == NULL || next == 0 || now - app->answer_ms > WORD_MS ||
		(*rest && next != *rest && next != '\r'))
		return false;
	app->answer_ms = now;
	if (next != '\r')
		app->answer_rest = *rest ? rest + 1 : rest;
	return true;
}

static void
read_keys(struct app *app)
{
	key_code key;

	if (term_resized())
		app->dirty = true;
	while (!app->quit && (key = key_read()) != KEY_NOTHING)
		if (!ends_answer(app, key))
			app_press(app, key);
}

/* Calls that are held back change nothing else on the screen. */
static void
notice_patience(struct app *app)
{
	bool patient = app->options.session && session_patience_ms(app->options.session) > 0;

	app->dirty |= patient != app->patient;
	app->patient = patient;
}

static void
run(struct app *app)
{
	draw(app);
	while (!app->quit) {
		int signal;

		loop_turn(app->loop, app->unsent ? term_wait_ms() : -1);
		signal = signals_take();
		if (signal)
			app_leave(app, signal == SIGINT || app_works(app, VIEW_PLAN)
					       ? signals_exit(signal)
					       : 0);
		read_keys(app);
		notice_patience(app);
		draw(app);
		if (app->leaving && !app_works(app, VIEW_RUNNING))
			app->quit = true;
	}
}

int
app_run(const struct app_options *options, struct err *err)
{
	struct app app;
	bool ok = false;

	if (!term_start(err))
		return err_exit(err->kind);
	if (!term_utf8())
		words_stop();
	if (theme_load(options->mono ? "mono" : options->theme, err) &&
		open_app(&app, options, err)) {
		ok = wake_start(&app, err);
		if (ok) {
			run(&app);
			wake_stop(&app);
		}
		close_app(&app);
	}
	term_stop();
	return ok ? app.exit_code : err_exit(err->kind);
}

/* Whether Azure asks to be left alone for long: nothing comes until then. */
static bool
is_put_off(const struct app *app)
{
	const struct session *session = app->options.session;

	return session && session_patience_ms(session) > WAIT_MS_MAX / 2;
}

static bool
is_busy(const struct app *app)
{
	return (app->options.estate && (estate_busy(app->options.estate) ||
					       posture_sight(app->options.estate).busy)) ||
	       cache_busy(app->options.cache) || app->naming || app->looking.job ||
	       tour_is_looking(app->tour) || app_works(app, VIEW_READING | VIEW_RUNNING);
}

/* Whether nothing is being read and nothing runs, nor does once all of that is drawn: what comes
 * under the cursor is read. */
static bool
is_settled(struct app *app)
{
	if (is_busy(app))
		return false;
	app->dirty = true;
	draw(app);
	return !is_busy(app);
}

/* Turns the loop until then. */
static bool
settle(struct app *app, struct err *err)
{
	int64_t end = clock_mono_ms() + WAIT_MS_MAX;

	while (!is_settled(app) && !is_put_off(app)) {
		if (clock_mono_ms() > end)
			return err_set(err, ERR_FAILED, "", "Wait: still busy after %d seconds",
				WAIT_MS_MAX / 1000);
		loop_turn(app->loop, 100);
		draw(app);
	}
	app->dirty = true;
	return true;
}

static bool
play(struct app *app, const char *script, struct err *err)
{
	key_code key;

	draw(app);
	if (!script_play(script, err))
		return false;
	while (!app->quit && (key = script_next()) != KEY_NOTHING) {
		if (key != TK_WAIT)
			app_press(app, key);
		else if (!settle(app, err))
			return false;
		draw(app);
	}
	return true;
}

bool
app_run_headless(const struct app_options *options, int columns, int rows, const char *script,
	struct buf *out, struct err *err)
{
	struct app app;
	bool ok = false;

	if (!term_start_headless(columns, rows, err))
		return false;
	if (theme_load(options->mono ? "mono" : options->theme, err) &&
		open_app(&app, options, err)) {
		ok = play(&app, script, err) &&
		     (dump_screen(out, true) ||
			     err_set(err, ERR_FAILED, "", "the screen does not fit its buffer"));
		close_app(&app);
	}
	term_stop();
	return ok;
}
