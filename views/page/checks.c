/* The local RSA self-tests, one after another on a worker: each result is shown as it comes. */
#include <stdio.h>
#include <string.h>

#include "backend/net/loop.h"
#include "crypto/selftest.h"
#include "tui/table.h"
#include "tui/words.h"
#include "views/app/view.h"

enum { CHECKS_MAX = 64, CHECKS_AGAIN = 1, CHECKS_MOVE };

enum check_state { CHECK_WAITING, CHECK_RUNNING, CHECK_PASSED, CHECK_FAILED };

/* What a worker gets, and gives back. */
struct check {
	size_t index;
	bool ok;
	int64_t us;
	struct err err;
};

struct checks {
	struct view *view;
	struct table table;
	struct job *job;
	enum check_state state[CHECKS_MAX];
	struct check result[CHECKS_MAX];
	int page;
};

static const struct table_column columns[] = {
	{.name = "result", .title = N_("RESULT"), .width = 8},
	{.name = "time", .title = N_("TIME"), .width = 10, .right = true},
	{.name = "bits", .title = N_("BITS"), .width = 5, .rank = 2, .right = true},
	{.name = "name", .title = N_("TEST"), .width = 22},
	{.name = "what", .title = N_("WHAT IT SHOWS"), .width = 30, .rank = 1},
};

static size_t
count(void *owner)
{
	(void)owner;
	return selftests_len < CHECKS_MAX ? selftests_len : CHECKS_MAX;
}

static enum role
result_cell(const struct checks *checks, size_t row, char *out, size_t size)
{
	static const struct {
		const char *word;
		enum role role;
	} words[] = {
		[CHECK_WAITING] = {N_("waiting"), ROLE_DIM},
		[CHECK_RUNNING] = {N_("running"), ROLE_ACCENT},
		[CHECK_PASSED] = {N_("passed"), ROLE_OK},
		[CHECK_FAILED] = {N_("FAILED"), ROLE_BAD},
	};

	snprintf(out, size, "%s", _(words[checks->state[row]].word));
	return words[checks->state[row]].role;
}

static enum role
cell(void *owner, size_t row, size_t column, char *out, size_t size)
{
	const struct checks *checks = owner;
	const struct selftest *test = &selftests[row];

	switch (column) {
	case 0:
		return result_cell(checks, row, out, size);
	case 1:
		if (checks->state[row] < CHECK_PASSED)
			return ROLE_DIM;
		snprintf(out, size, "%.1f ms", (double)checks->result[row].us / 1e3);
		return ROLE_TEXT;
	case 2:
		if (test->bits)
			snprintf(out, size, "%u", test->bits);
		return ROLE_TEXT;
	case 3:
		snprintf(out, size, "%s", test->name);
		return ROLE_TEXT;
	default:
		snprintf(out, size, "%s",
			checks->state[row] == CHECK_FAILED ? checks->result[row].err.msg
							   : _(test->title));
		return checks->state[row] == CHECK_FAILED ? ROLE_BAD : ROLE_TEXT;
	}
}

/* They stay in the order of their table, whatever column is asked for. */
static int
compare(void *owner, size_t a, size_t b, size_t column)
{
	(void)owner;
	(void)a;
	(void)b;
	(void)column;
	return 0;
}

/* On a worker: sees the constant table and its own copy only. */
static void
work(void *copy)
{
	struct check *check = copy;

	check->ok = selftest_run(&selftests[check->index], &check->us, &check->err);
}

static void run_next(struct checks *checks);

static void
done(void *user, void *copy)
{
	struct checks *checks = user;
	const struct check *check = copy;

	checks->job = NULL;
	checks->result[check->index] = *check;
	checks->state[check->index] = check->ok ? CHECK_PASSED : CHECK_FAILED;
	run_next(checks);
}

static void
run_next(struct checks *checks)
{
	struct check check = {0};

	table_update(&checks->table);
	app_dirty(app_of(checks->view));
	while (check.index < count(checks) && checks->state[check.index] != CHECK_WAITING)
		check.index++;
	if (check.index == count(checks))
		return;
	checks->state[check.index] = CHECK_RUNNING;
	checks->job = job_run(
		app_loop(app_of(checks->view)), work, &check, sizeof check, done, NULL, checks);
}

static bool
checks_open(struct view *view, const void *argument, struct err *err)
{
	struct checks *checks = view->state;

	(void)argument;
	(void)err;
	checks->view = view;
	table_init(&checks->table, columns, ARRAY_LEN(columns),
		(struct table_source){count, cell, compare, checks});
	checks->table.sort = ARRAY_LEN(columns);
	run_next(checks);
	return true;
}

static void
checks_draw(struct view *view, struct area area)
{
	struct checks *checks = view->state;
	char what[sizeof checks->result[0].err.msg] = "";
	size_t row;

	if (table_current(&checks->table, &row))
		cell(checks, row, ARRAY_LEN(columns) - 1, what, sizeof what);
	checks->page = table_draw_over(
		&checks->table, area, _("There is no self-test in this build"), what);
}

static bool
checks_act(struct view *view, int action, key_code key)
{
	struct checks *checks = view->state;

	if (action == CHECKS_MOVE)
		return table_key(&checks->table, key, checks->page);
	if (action != CHECKS_AGAIN)
		return false;
	if (checks->job) {
		app_say(app_of(view), ROLE_MESSAGE, _("They are still running"));
		return true;
	}
	memset(checks->state, 0, sizeof checks->state);
	run_next(checks);
	return true;
}

static void
checks_close(struct view *view)
{
	struct checks *checks = view->state;

	if (checks->job)
		job_cancel(checks->job);
	table_free(&checks->table);
}

static void
checks_status(const struct view *view, char *out, size_t room)
{
	const struct checks *checks = view->state;
	size_t passed = 0, failed = 0, total = count(view->state);
	int64_t us = 0;

	for (size_t i = 0; i < total; i++) {
		passed += checks->state[i] == CHECK_PASSED;
		failed += checks->state[i] == CHECK_FAILED;
		if (checks->state[i] >= CHECK_PASSED)
			us += checks->result[i].us;
	}
	snprintf(out, room, _("%zu of %zu passed, %zu failed, %.1f s%s"), passed, total, failed,
		(double)us / 1e6,
		failed                     ? _(": do not touch keys from this machine")
		: passed + failed == total ? _(": the RSA of this machine is sound")
					   : "");
}

static enum view_work
checks_work(const struct view *view)
{
	return ((const struct checks *)view->state)->job ? VIEW_READING : VIEW_IDLE;
}

static const struct binding keys[] = {
	{'r', KEY_NOTHING, CHECKS_AGAIN, "run again", "Run all of them again"},
	{TK_UP, 'k', CHECKS_MOVE, NULL, "One row up"},
	{TK_DOWN, 'j', CHECKS_MOVE, NULL, "One row down"},
	{TK_PAGE_UP, KEY_CTRL('b'), CHECKS_MOVE, NULL, "One page up"},
	{TK_PAGE_DOWN, KEY_CTRL('f'), CHECKS_MOVE, NULL, "One page down"},
	{TK_HOME, 'g', CHECKS_MOVE, NULL, "First row"},
	{TK_END, 'G', CHECKS_MOVE, NULL, "Last row"},
	{TK_CLICK, KEY_NOTHING, CHECKS_MOVE, NULL, "The row clicked on; % turns the mouse on"},
	{0},
};

static const struct keymap keymaps[] = {{.title = "The tests", .bindings = keys}, {0}};

const struct view_ops view_selftest = {
	.name = "selftest",
	.title = "RSA self-tests",
	.keys = keymaps,
	.state_size = sizeof(struct checks),
	.open = checks_open,
	.draw = checks_draw,
	.act = checks_act,
	.close = checks_close,
	.status = checks_status,
	.work = checks_work,
};
