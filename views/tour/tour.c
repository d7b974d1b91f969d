/* The tour stands at the foot of the ordinary console and has no part in what happens above it: it
 * reads the server's state after each change that the console has sent, and moves on when a lesson
 * finds in it what it is after. Only where something is awaited that no change of ours brings about
 * does it look again and again. */
#include "views/tour/tour.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/estate.h"
#include "backend/net/loop.h"
#include "backend/session/wire.h"
#include "tui/words.h"
#include "views/app/app_state.h"
#include "views/app/keymap.h"
#include "views/app/view.h"
#include "views/tour/tour_lessons.h"

enum { AGAIN_MS = 1000, PROGRESS_MAX = 4096, BODY_LEAST = 8, MARGIN = 1 };

/* What outlives the program. */
struct progress {
	size_t at;
	int64_t best[TOUR_TIMES]; /* milliseconds of the drill that was dark soonest; 0: none */
};

struct tour {
	struct app *app;
	char dir[PATH_MAX];
	struct progress progress;
	bool away;
	struct reading *reading; /* of the account; then its service is asked */
	struct call *asking;
	struct job *later;
	bool stale; /* something was changed while it was being looked at */
	struct facts facts;
	enum canary canary;
	unsigned same;
	bool holds;
	char says[120];
	int64_t alarm_ms; /* when it was sounded; 0: not, or the program was left since */
	int64_t times[TOUR_TIMES];
};

static const char *const time_names[TOUR_TIMES] = {
	[TOUR_CUT] = "cut", [TOUR_DARK] = "dark", [TOUR_RESTORED] = "restored"};

static bool
progress_file(const char *dir, char out[PATH_MAX])
{
	return snprintf(out, PATH_MAX, "%s/progress.json", dir) < PATH_MAX;
}

/* What cannot be read is a tour that was never begun. */
static void
progress_load(struct progress *progress, const char *dir)
{
	char path[PATH_MAX], name[40];
	struct buf text;
	struct err err;
	json_t *json = NULL;
	int64_t at = 0;

	*progress = (struct progress){0};
	buf_init(&text, PROGRESS_MAX);
	if (progress_file(dir, path) && file_read(path, true, &text, &err))
		json = json_read(buf_text(&text), text.len, path, &err);
	if (json && json_number(json, "lesson", &at, &err) && at > 0 && at < (int64_t)lessons_len)
		progress->at = (size_t)at;
	for (size_t i = TOUR_CUT; json && i < TOUR_TIMES; i++) {
		snprintf(name, sizeof name, "best.%s", time_names[i]);
		if (!json_number(json, name, &progress->best[i], &err) || progress->best[i] < 0)
			progress->best[i] = 0;
	}
	json_decref(json);
	buf_free(&text);
}

static bool
progress_save(const struct progress *progress, const char *dir, struct err *err)
{
	json_t *best = json_object(), *json;
	char path[PATH_MAX], *text;
	bool ok;

	for (size_t i = TOUR_CUT; i < TOUR_TIMES; i++)
		json_object_set_new(best, time_names[i], json_integer(progress->best[i]));
	json = json_pack("{s:i, s:o}", "lesson", (int)progress->at, "best", best);
	text = json_dumps(json, JSON_INDENT(2));
	ok = progress_file(dir, path) && file_write(path, text, strlen(text), err);
	free(text);
	json_decref(json);
	return ok;
}

bool
tour_folder(char dir[PATH_MAX], char sandbox[PATH_MAX], struct err *err)
{
	char state[PATH_MAX];
	struct progress progress;

	if (!file_place(FILE_STATE, state, err))
		return false;
	if (snprintf(dir, PATH_MAX, "%s/tour", state) >= PATH_MAX ||
		snprintf(sandbox, PATH_MAX, "%s/tour/sandbox", state) >= PATH_MAX)
		return err_set(err, ERR_FAILED, "", "%s: the path is too long", state);
	if (!file_private_dir(dir, err))
		return false;
	progress_load(&progress, dir);
	if (progress.at + 1 < lessons_len)
		return true;
	file_remove_tree(sandbox);
	progress.at = 0;
	return progress_save(&progress, dir, err);
}

static const struct lesson *
lesson_of(const struct tour *tour)
{
	return &lessons[tour->progress.at];
}

static void look(struct tour *tour);

static void
look_again(void *user)
{
	struct tour *tour = user;

	tour->later = NULL;
	look(tour);
}

static void
look_later(struct tour *tour, int ms)
{
	if (tour->later == NULL)
		tour->later = job_after(app_loop(tour->app), ms, look_again, tour);
}

/* A drill that was interrupted by leaving the program has no times. */
static void
take_time(struct tour *tour, enum tour_time time)
{
	int64_t *best = tour->progress.best;

	if (time == TOUR_UNTIMED || tour->alarm_ms == 0)
		return;
	tour->times[time] = clock_mono_ms() - tour->alarm_ms;
	if (time == TOUR_RESTORED &&
		(best[TOUR_DARK] == 0 || tour->times[TOUR_DARK] < best[TOUR_DARK]))
		memcpy(best, tour->times, sizeof tour->times);
}

static size_t
first_of_drill(void)
{
	size_t at = 0;

	while (lessons[at].time == TOUR_UNTIMED)
		at++;
	return at;
}

static void
move_on(struct tour *tour)
{
	const struct lesson *lesson = lesson_of(tour);
	struct err err = {0};

	take_time(tour, lesson->time);
	if (lesson->alarm) {
		tour->alarm_ms = clock_mono_ms();
		memset(tour->times, 0, sizeof tour->times);
	}
	tour->progress.at = lesson->alarm ? first_of_drill() : tour->progress.at + 1;
	tour->holds = false;
	tour->same = 0;
	if (!progress_save(&tour->progress, tour->dir, &err))
		app_say_err(tour->app, &err);
	app_dirty(tour->app);
	look(tour);
}

static void
judge(struct tour *tour)
{
	const struct tour_seen seen = {&tour->facts, tour->canary, tour->same};
	const struct lesson *lesson = lesson_of(tour);
	char says[sizeof tour->says] = "";
	bool holds = lesson->holds(&seen, says, sizeof says);

	if (holds != tour->holds || strcmp(says, tour->says) != 0)
		app_dirty(tour->app);
	tour->holds = holds;
	memcpy(tour->says, says, sizeof says);
	if (tour->stale)
		look(tour);
	else if (holds && !lesson->page)
		move_on(tour);
	else if (lesson->waits && !holds)
		look_later(tour, AGAIN_MS);
}

static void
asked(void *user, struct reply *reply, const struct err *err)
{
	struct tour *tour = user;
	enum canary before = tour->canary;

	(void)reply;
	tour->asking = NULL;
	tour->canary =
		tour->facts.account.service->canary_judge(err->kind == ERR_NONE ? NULL : err);
	tour->same = tour->canary == before ? tour->same + 1 : 1;
	judge(tour);
}

static void
was_read(void *user, struct facts *facts, const struct err *err)
{
	struct tour *tour = user;
	struct session *session = app_options(tour->app)->session;
	struct request request;

	tour->reading = NULL;
	facts_free(&tour->facts);
	tour->facts = *facts;
	*facts = (struct facts){0};
	if (err->kind != ERR_NONE) {
		snprintf(tour->says, sizeof tour->says, "%.100s", err->msg);
		app_dirty(tour->app);
		look_later(tour, AGAIN_MS);
	} else if (lesson_of(tour)->asks) {
		tour->facts.account.service->canary_read(
			session, &tour->facts.account.id, "", &request);
		tour->asking = session_send(session, &request, asked, tour);
		request_free(&request);
	} else {
		tour->canary = CANARY_UNCLEAR;
		judge(tour);
	}
}

/* Reads what the lesson is about, once the lists say where that is. */
static void
look(struct tour *tour)
{
	struct estate *estate = app_options(tour->app)->estate;
	const struct service *service;
	struct armid id;
	struct err err;

	tour->stale = tour->reading || tour->asking;
	if (tour->stale)
		return;
	job_cancel(tour->later);
	tour->later = NULL;
	if ((estate_read(estate) & ESTATE_START) == ESTATE_START &&
		estate_find_account(estate, lesson_of(tour)->account, NULL, &id, &service, &err))
		tour->reading = estate_read_start(estate, &id, was_read, tour);
	else
		look_later(tour, AGAIN_MS);
}

struct tour *
tour_open(struct app *app, const char *dir)
{
	struct tour *tour;

	if (dir == NULL || app_options(app)->estate == NULL)
		return NULL;
	tour = mem_alloc(sizeof *tour);
	tour->app = app;
	tour->canary = CANARY_UNCLEAR;
	if (!text_copy(tour->dir, sizeof tour->dir, dir)) {
		free(tour);
		return NULL;
	}
	progress_load(&tour->progress, dir);
	look(tour);
	return tour;
}

void
tour_close(struct tour *tour)
{
	if (tour == NULL)
		return;
	reading_cancel(tour->reading);
	call_cancel(tour->asking);
	job_cancel(tour->later);
	facts_free(&tour->facts);
	free(tour);
}

bool
tour_is_looking(const struct tour *tour)
{
	return tour && (tour->reading || tour->asking || tour->says[0] == '\0');
}

void
tour_go_on(struct tour *tour)
{
	if (tour == NULL)
		return;
	if (tour->away)
		tour_put_away(tour, false);
	else if (tour->says[0] == '\0')
		app_say(tour->app, ROLE_MESSAGE, _("Not yet; what the server shows is being read"));
	else if (!lesson_of(tour)->page)
		app_say(tour->app, ROLE_MESSAGE,
			_("This lesson is over when the server shows it; now it shows: %s"),
			tour->says);
	else if (!tour->holds)
		app_say(tour->app, ROLE_MESSAGE, _("Not yet; the server shows: %s"), tour->says);
	else
		move_on(tour);
}

bool
tour_put_away(struct tour *tour, bool away)
{
	if (tour == NULL || (away && tour->away))
		return false;
	tour->away = !tour->away;
	if (tour->away)
		app_say(tour->app, ROLE_MESSAGE,
			_("The tour is put away: %s takes it up again, so does claviger tour"),
			app_key(tour->app, NULL, 0, APP_TOUR_AWAY, (char[KEY_LABEL]){0}));
	app_dirty(tour->app);
	return true;
}

/* The last exchange is found by its number: places are in no order. Who adds one is at work with
 * it: the look comes after. */
void
tour_wire(struct tour *tour)
{
	const struct wire *wire;
	unsigned long last;

	if (tour == NULL)
		return;
	wire = session_wire(app_options(tour->app)->session);
	last = wire_count(wire);
	for (size_t i = 0; i < wire_len(wire); i++)
		if (wire_at(wire, i)->number == last && wire_at(wire, i)->changes) {
			job_cancel(tour->later);
			tour->later = NULL;
			look_later(tour, 1);
		}
}

/* "cut sent after 9.4 s, dark after 12.0 s, given back after 30.2 s" as far as it came. */
static void
describe_times(const struct tour *tour, char *out, size_t room)
{
	const double cut = (double)tour->times[TOUR_CUT] / 1000;
	const double dark = (double)tour->times[TOUR_DARK] / 1000;
	const double back = (double)tour->times[TOUR_RESTORED] / 1000;
	const double best = (double)tour->progress.best[TOUR_DARK] / 1000;

	if (back > 0)
		snprintf(out, room,
			_("Cut sent after %.1f s, dark after %.1f s, given back after %.1f s. Best: dark "
			  "after %.1f s."),
			cut, dark, back, best);
	else if (dark > 0)
		snprintf(out, room, _("Cut sent after %.1f s, dark after %.1f s."), cut, dark);
	else if (cut > 0)
		snprintf(out, room, _("Cut sent after %.1f s."), cut);
	else if (best > 0 && lesson_of(tour)->alarm)
		snprintf(out, room, _("Best so far: dark after %.1f s."), best);
	else
		out[0] = '\0';
}

/* Number and title at the left, what the server shows at the right. */
static void
draw_head(const struct tour *tour, struct area line)
{
	const struct lesson *lesson = lesson_of(tour);
	bool alarm = lesson->time == TOUR_CUT || lesson->time == TOUR_DARK;
	char left[160], right[160];
	int width, room;

	snprintf(left, sizeof left, _(" Tour, %zu of %zu: %s "), tour->progress.at + 1, lessons_len,
		_(lesson->title));
	snprintf(right, sizeof right, _(" %s server: %s "),
		draw_glyph(tour->holds ? GLYPH_DONE : GLYPH_CURRENT), tour->says);
	width = text_width(right);
	room = line.w - text_width(left) - 2;
	draw_hline(line, 0);
	draw_text(line, 0, 1, alarm ? ROLE_DANGER : ROLE_ACCENT, left);
	if (width > room)
		width = room;
	if (tour->says[0] && width > 0)
		draw_cell(line, 0, line.w - width - 1, width, false,
			tour->holds ? ROLE_OK : ROLE_WARN, right);
}

int
tour_draw(const struct tour *tour, struct area body)
{
	const struct lesson *lesson;
	struct area area = body;
	const char *text, *hint;
	char times[200];
	int y = 1;

	if (tour == NULL || tour->away)
		return 0;
	lesson = lesson_of(tour);
	text = _(lesson->text);
	hint = lesson->page && tour->progress.at + 1 < lessons_len ? _("F5 next  F6 away")
								   : _("F6 away");
	describe_times(tour, times, sizeof times);
	area.h = 2 + draw_rows(body.w - 2 * MARGIN, text) +
		 (times[0] ? draw_rows(body.w - 2 * MARGIN, times) : 0);
	if (body.h - area.h < BODY_LEAST)
		area.h = 1;
	area.y = body.y + body.h - area.h;
	draw_clear(area);
	draw_head(tour, area);
	area.x += MARGIN;
	area.w -= 2 * MARGIN;
	y += draw_wrapped(area, y, ROLE_TEXT, text);
	y += draw_wrapped(area, y, ROLE_OK, times);
	draw_cell(area, y, 0, area.w - text_width(hint) - 2, false, ROLE_ACCENT, _(lesson->keys));
	draw_text(area, y, area.w - text_width(hint), ROLE_DIM, hint);
	return area.h;
}
