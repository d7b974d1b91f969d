/* What comes back wrong from the other side: a flipped bit, a wrong type, a throttled or dead
 * host. The sandbox serves as a process of its own, with the fault, and is joined. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/fixtures/run.h"

static struct place place;
static struct going server;

static const char *
state_of(const json_t *plan, const char *step)
{
	return text_at(find(value_at(plan, "steps"), "name", step), "state");
}

/* One bit of the unwrapped key: the proof fails, and the account is not switched. */
static void
flipped_bit(void **state)
{
	struct ran ran;
	json_t *root;

	(void)state;
	place_ctl(&place, "fault", "unwrapkey=flip:value");
	run(&ran, place.sandbox, "prove", "kv-payroll/cmk-payroll", "-o", "json", NULL);
	ran_expect(&ran, 1);
	root = ran_json(&ran);
	assert_string_equal(text_at(root, "result"), "failed");
	json_decref(root);
	ran_free(&ran);
	run(&ran, place.sandbox, "onboard", "aa-guidang", "--vault", "kv-payroll", "--key",
		"cmk-payroll", "--yes", "-o", "json", NULL);
	ran_expect(&ran, 1);
	root = ran_json(&ran);
	assert_string_equal(text_at(root, "state"), "failed");
	assert_string_equal(state_of(root, "prove"), "failed");
	assert_string_equal(state_of(root, "switch"), "needed");
	json_decref(root);
	ran_free(&ran);
	place_ctl(&place, "fault", "none");
	run(&ran, place.sandbox, "account", "show", "aa-guidang", "--query", "keySource", "-o",
		"tsv", NULL);
	ran_expect(&ran, 0);
	assert_string_equal(ran.out, "microsoft\n");
	ran_free(&ran);
}

/* The error names the member and the request. */
static void
wrong_type(void **state)
{
	struct ran ran;

	(void)state;
	place_ctl(&place, "fault", "GET *automationAccounts/aa-payroll=type:properties");
	run(&ran, place.sandbox, "account", "show", "aa-payroll", NULL);
	ran_expect(&ran, 1);
	ran_complains(&ran, "properties", NULL);
	assert_string_equal(ran.out, "");
	ran_free(&ran);
	place_ctl(&place, "fault", "none");
}

/* A page that is no JSON, a connection that breaks, from Resource Graph and then from the lists
 * that take its place: named, never taken for an empty list. */
static void
broken_lists(void **state)
{
	static const char *const kinds[] = {"html", "truncate"};

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		char graph[64], lists[64];
		struct ran ran;

		snprintf(graph, sizeof graph, "POST *ResourceGraph*=%s", kinds[i]);
		snprintf(lists, sizeof lists, "GET *Accounts=%s", kinds[i]);
		place_ctl(&place, "fault", graph);
		run(&ran, place.sandbox, "account", "list", "--query", "length(@)", "-o", "tsv",
			NULL);
		ran_expect(&ran, 0);
		assert_string_equal(ran.out, "8\n");
		assert_non_null(strstr(ran.err, "Resource Graph"));
		ran_free(&ran);
		place_ctl(&place, "fault", lists);
		run(&ran, place.sandbox, "account", "list", "-o", "json", NULL);
		assert_int_not_equal(ran.code, 0);
		assert_string_equal(ran.out, "");
		assert_true(strlen(ran.err) > 20);
		ran_free(&ran);
		place_ctl(&place, "fault", "none");
	}
}

static void
throttled_once(void **state)
{
	struct ran ran;

	(void)state;
	place_ctl(&place, "fault", "GET *automationAccounts*=status:429:1*1");
	run(&ran, place.sandbox, "account", "show", "aa-payroll", "--query", "name", "-o", "tsv",
		NULL);
	ran_expect(&ran, 0);
	assert_string_equal(ran.out, "aa-payroll\n");
	ran_free(&ran);
	place_ctl(&place, "fault", "none");
}

static void
denied(void **state)
{
	struct ran ran;
	json_t *root;

	(void)state;
	place_ctl(&place, "fault", "unwrapkey=status:403");
	run(&ran, place.sandbox, "prove", "kv-payroll/cmk-payroll", "-o", "json", NULL);
	ran_expect(&ran, 4);
	root = ran_json(&ran);
	assert_string_equal(text_at(root, "result"), "denied");
	json_decref(root);
	ran_free(&ran);
	place_ctl(&place, "fault", "none");
}

/* How many intents the journal holds. */
static size_t
intents(void)
{
	char path[PATH_MAX + 32], line[8192];
	size_t count = 0;
	FILE *file;

	snprintf(path, sizeof path, "%s/journal.jsonl", place.dir);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof line, file))
		count += strstr(line, "\"intent\"") != NULL;
	if (file)
		fclose(file);
	return count;
}

/* A signal during a change: the exchange under way is finished, then the plan is parked; the same
 * call goes on later. Each round gets one change further. */
static void
parked(void **state)
{
	static const struct {
		int signal, code;
	} cases[] = {{SIGINT, 130}, {SIGTERM, 75}, {SIGHUP, 75}};
	struct ran ran;

	(void)state;
	place_ctl(&place, "fault", "PATCH *=delay:2000");
	place_ctl(&place, "fault", "PUT *=delay:2000");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t before = intents();
		struct going going;

		going_start(&going, place.sandbox, "onboard", "aa-payroll", "--vault", "kv-payroll",
			"--key", "cmk-payroll", "--yes", "-o", "json", NULL);
		for (int wait = 0; intents() == before && wait < 3000; wait++)
			usleep(20000);
		assert_int_equal(going_end(&going, cases[i].signal), cases[i].code);
		assert_int_equal(intents(), before + 1);
	}
	place_ctl(&place, "fault", "none");
	run(&ran, place.sandbox, "onboard", "aa-payroll", "--vault", "kv-payroll", "--key",
		"cmk-payroll", "--yes", "-o", "json", NULL);
	ran_expect(&ran, 0);
	ran_free(&ran);
	run(&ran, place.sandbox, "journal", "verify", "-o", "none", NULL);
	ran_expect(&ran, 0);
	ran_free(&ran);
}

/* A command that only reads stops at once. */
static void
interrupted_reading(void **state)
{
	struct going going;

	(void)state;
	place_ctl(&place, "fault", "GET *=delay:6000");
	going_start(&going, "--verbose", place.sandbox, "account", "list", NULL);
	going_wait(&going, "POST");
	assert_int_equal(going_end(&going, SIGINT), 130);
	place_ctl(&place, "fault", "none");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parked),
		cmocka_unit_test(flipped_bit),
		cmocka_unit_test(wrong_type),
		cmocka_unit_test(broken_lists),
		cmocka_unit_test(throttled_once),
		cmocka_unit_test(denied),
		cmocka_unit_test(interrupted_reading),
	};
	int failed;

	place_seed(&place);
	going_start(&server, "sandbox", "--state", place.dir, NULL);
	going_wait(&server, "serving");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	assert_int_equal(going_end(&server, SIGTERM), 0);
	place_remove(&place);
	return failed;
}
