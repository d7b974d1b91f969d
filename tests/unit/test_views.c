/* Parts of the console without a screen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "tests/fixtures/journals.h"
#include "tests/fixtures/script.h"
#include "views/app/app.h"
#include "views/app/app_state.h"
#include "views/app/view.h"

static void
begin(struct journal *journal, const char *id)
{
	struct journal_entry entry = {
		.phase = JOURNAL_INTENT, .operation = id, .plan = "rotate", .step = "switch"};
	struct err err = {0};

	assert_true(journal_append(journal, &entry, &err));
}

static void
expect_cursor(const struct view *view, const char *id)
{
	char *copied = view_activity.copy(view);

	assert_non_null(copied);
	assert_string_equal(copied, id);
	free(copied);
}

/* A row that comes in above must not slide another operation under the keys that resume it or take
 * it back. */
static void
the_cursor_stays_on_its_operation(void **state)
{
	static const char first[] = "11111111-2222-4333-8444-555555555555";
	static const char second[] = "22222222-2222-4333-8444-555555555555";
	const struct place *place = *state;
	struct journal *journal = journals_open(place);
	struct app app = {.options = {.journal_dir = place->dir}};
	struct view view = {
		.ops = &view_activity, .app = &app, .state = mem_alloc(view_activity.state_size)};
	struct err err = {0};
	void *stage = NULL;

	stage_setup(&stage);
	app.options.estate = ((struct stage *)stage)->estate;
	clock_freeze(1700000000);
	begin(journal, first);
	assert_true(view_activity.open(&view, NULL, &err));
	expect_cursor(&view, first);
	clock_freeze(1700000060);
	begin(journal, second);
	view_activity.changed(&view);
	expect_cursor(&view, first);
	assert_true(view_activity.act(&view, 1, TK_HOME));
	expect_cursor(&view, second);
	clock_thaw();
	view_activity.close(&view);
	free(view.state);
	redact_end(&app);
	stage_teardown(&stage);
	journal_close(journal);
}

/* The end of a failure is its remedy: a translation is several times as long in bytes. */
static void
a_long_sentence_is_said_whole(void **state)
{
	struct err err = {.kind = ERR_FAILED, .request_id = "r-1"};
	struct app app = {0};

	(void)state;
	memset(err.msg, 'x', sizeof err.msg - 1);
	snprintf(err.code, sizeof err.code, "%s", "Forbidden");
	app_say_err(&app, &err);
	assert_non_null(strstr(app.say, "; F4 explains"));
	app_say(&app, ROLE_ERROR, "%s%s.", err.msg, err.msg);
	assert_int_equal(strlen(app.say), 2 * strlen(err.msg) + 1);
	messages_free(&app);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_long_sentence_is_said_whole),
		cmocka_unit_test_setup_teardown(
			the_cursor_stays_on_its_operation, journals_setup, journals_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
