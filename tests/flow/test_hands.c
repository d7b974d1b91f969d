/* Two processes at one operation, and signals that come while nothing is under way yet: whoever has
 * it in hand goes on alone, and what was stopped before it was begun is not begun. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/fixtures/serving.h"

enum { TURN_US = 20000, TURNS = 1500 };

static struct serving world;

static void
wait_for(const char *text, int more_than)
{
	for (int i = 0; i < TURNS; i++) {
		if (serving_recorded(&world, text) > more_than)
			return;
		usleep(TURN_US);
	}
	fail_msg("the journal never held %s", text);
}

static size_t
versions(const char *key)
{
	json_t *shown = serving_run(&world, 0, "key", "show", key, NULL);
	size_t all = json_array_size(value_at(shown, "versions"));

	json_decref(shown);
	return all;
}

static void
a_rotation_in_hand_is_left_alone(void **state)
{
	size_t before = versions("kv-billing/cmk-billing");
	struct going going;
	char id[40];
	json_t *rows;

	(void)state;
	place_ctl(&world.place, "fault", "POST */keys/cmk-billing/create=delay:3000*1");
	going_start(&going, world.place.sandbox, "rotate", "kv-billing/cmk-billing", "--yes", NULL);
	serving_wait_held(&world);
	kill(going.pid, SIGSTOP);
	rows = serving_run(&world, 0, "operations", NULL);
	snprintf(id, sizeof id, "%s", text_at(rows, "0.operation"));
	json_decref(rows);
	serving_refuses(&world, "InHand", "another process", "resume", id, "--yes", NULL);
	serving_refuses(&world, "InHand", "another process", "rollback", id, "--yes", NULL);
	kill(going.pid, SIGCONT);
	assert_int_equal(going_end(&going, 0), 0);
	assert_int_equal(versions("kv-billing/cmk-billing"), before + 1);
	json_decref(serving_run(&world, 0, "resume", id, "--yes", NULL));
	assert_int_equal(versions("kv-billing/cmk-billing"), before + 1);
}

/* The first has ended, and the signal comes while the second is looked for. */
static void
a_signal_between_two_begins_no_second(void **state)
{
	size_t before = versions("kv-archive/cmk-archive");
	int ended = serving_recorded(&world, "\"phase\":\"end\"");
	struct going going;

	(void)state;
	place_ctl(&world.place, "fault", "GET kv-archive.*/keys/cmk-archive=delay:60000*1");
	going_start(&going, world.place.sandbox, "rotate", "kv-rbac/cmk-rbac",
		"kv-archive/cmk-archive", "--no-wait", "--yes", NULL);
	wait_for("\"phase\":\"end\"", ended + 1);
	serving_wait_held(&world);
	assert_int_equal(going_end(&going, SIGINT), 130);
	assert_int_equal(versions("kv-archive/cmk-archive"), before);
}

/* A plan from a file is looked at first: what is stopped there is no operation. */
static void
what_was_only_looked_at_is_no_operation(void **state)
{
	int begun = serving_recorded(&world, "\"phase\":\"begin\"");
	char path[PATH_MAX + 32];
	struct going going;

	(void)state;
	snprintf(path, sizeof path, "%s/plan.json", world.place.dir);
	json_decref(serving_run(
		&world, 10, "rotate", "kv-billing/cmk-billing", "--plan-out", path, NULL));
	place_ctl(&world.place, "fault", "GET */automationAccounts/aa-billing=delay:60000*1");
	going_start(&going, world.place.sandbox, "apply", path, "--yes", NULL);
	serving_wait_held(&world);
	kill(going.pid, SIGTERM);
	going_wait(&going, "nothing was changed");
	assert_null(strstr(going.said, "claviger resume"));
	assert_int_equal(going_end(&going, 0), 75);
	assert_int_equal(serving_recorded(&world, "\"phase\":\"begin\""), begun);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rotation_in_hand_is_left_alone),
		cmocka_unit_test(a_signal_between_two_begins_no_second),
		cmocka_unit_test(what_was_only_looked_at_is_no_operation),
	};
	int failed;

	serving_start(&world);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	serving_stop(&world);
	return failed;
}
