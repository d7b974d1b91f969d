/* Operations of the journal: killed in the middle and gone on with, taken back days later, kept in
 * a file and carried out; the sandbox is a process of its own, so that it outlives the kill. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/fixtures/knife.h"
#include "tests/fixtures/run.h"
#include "tests/fixtures/serving.h"

enum { CUTS_MAX = 8 };

static const char *const onboard[] = {"onboard", "aa-payroll", "--vault", "kv-payroll", "--key",
	"cmk-resumed", "--create-key", "2048"};

static struct serving serving;

static void
onboard_all(struct ran *ran, const char *more, const char *value)
{
	run(ran, serving.place.sandbox, onboard[0], onboard[1], onboard[2], onboard[3], onboard[4],
		onboard[5], onboard[6], onboard[7], more, value, NULL);
}

/* How many records the journal has. */
static size_t
records(void)
{
	json_t *list = serving_run(&serving, 0, "journal", "list", NULL);
	size_t len = json_array_size(list);

	json_decref(list);
	return len;
}

/* The id of the newest operation, and its state. */
static void
last_operation(char id[40], char state[16])
{
	struct ran ran;
	json_t *root, *row;

	run(&ran, serving.place.sandbox, "operations", "-o", "json", NULL);
	ran_expect(&ran, 0);
	root = ran_json(&ran);
	row = json_array_get(root, json_array_size(root) - 1);
	snprintf(id, 40, "%s", text_at(row, "operation"));
	snprintf(state, 16, "%s", text_at(row, "state"));
	json_decref(root);
	ran_free(&ran);
}

static void
on_operation(const char *verb, const char *id, const char *more, int code)
{
	struct ran ran;

	run(&ran, serving.place.sandbox, verb, id, more, NULL);
	ran_expect(&ran, code);
	ran_free(&ran);
}

static void
verifies(void)
{
	struct ran ran;

	run(&ran, serving.place.sandbox, "journal", "verify", NULL);
	ran_expect(&ran, 0);
	ran_free(&ran);
}

/* Kills an onboard at this place of its journal. */
static void
kill_at(const struct cut *cut)
{
	const char *words[] = {serving.place.sandbox, onboard[0], onboard[1], onboard[2],
		onboard[3], onboard[4], onboard[5], onboard[6], onboard[7], "--yes", NULL};
	int code;

	if (!knife_run(words, cut, &code))
		fail_msg("it ended before it was killed (exit code %d)", code);
}

/* Where an undisturbed onboard, the last in the journal, could have been killed. */
static size_t
find_cuts(size_t before, struct cut cuts[CUTS_MAX])
{
	static const char *const labels[] = {"after begin", "after intent of grant",
		"answered, after intent of grant", "before done of grant", "after done of grant",
		"answered, after intent of switch", "after done of switch"};
	struct boundary *all;
	size_t all_len = knife_boundaries(serving.place.dir, before, &all), len = 0;

	for (size_t i = 0; i < all_len; i++)
		for (size_t k = 0; k < sizeof labels / sizeof *labels; k++)
			if (strcmp(all[i].label, labels[k]) == 0)
				cuts[len++] = all[i].cut;
	free(all);
	assert_int_equal(len, sizeof labels / sizeof *labels);
	return len;
}

/* What stays of a rollback: protection, identity and the key; so that is the start of all runs. */
static char *
begin_anew(void)
{
	char id[40], state[16];
	struct ran ran;

	onboard_all(&ran, "--yes", NULL);
	ran_expect(&ran, 0);
	ran_free(&ran);
	last_operation(id, state);
	assert_string_equal(state, "done");
	on_operation("rollback", id, "--yes", 0);
	last_operation(id, state);
	assert_string_equal(state, "rolled-back");
	on_operation("rollback", id, "--yes", 0);
	on_operation("resume", id, "--yes", 5);
	return place_dump(&serving.place);
}

/* One key, one entry, the same end, wherever it was cut off; and back to the start. */
static void
a_killed_operation_goes_on_and_goes_back(void **state)
{
	struct cut cuts[CUTS_MAX];
	char *start, *end, *now, id[40], stands[16];
	size_t len, before;
	struct ran ran;

	(void)state;
	start = begin_anew();
	before = records();
	onboard_all(&ran, "--yes", NULL);
	ran_expect(&ran, 0);
	ran_free(&ran);
	end = place_dump(&serving.place);
	len = find_cuts(before, cuts);
	last_operation(id, stands);
	on_operation("rollback", id, "--yes", 0);
	for (size_t i = 0; i < len; i++) {
		kill_at(&cuts[i]);
		last_operation(id, stands);
		on_operation("resume", id, "--yes", 0);
		now = place_dump(&serving.place);
		assert_string_equal(now, end);
		free(now);
		last_operation(id, stands);
		assert_string_equal(stands, "done");
		on_operation("resume", id, NULL, 0);
		on_operation("rollback", id, "--dry-run", 10);
		on_operation("rollback", id, "--yes", 0);
		now = place_dump(&serving.place);
		assert_string_equal(now, start);
		free(now);
		kill_at(&cuts[i]);
		last_operation(id, stands);
		on_operation("rollback", id, "--yes", 0);
		now = place_dump(&serving.place);
		assert_string_equal(now, start);
		free(now);
		verifies();
	}
	free(start);
	free(end);
}

static void
an_unknown_operation_is_not_found(void **state)
{
	(void)state;
	on_operation("resume", "11111111-2222-4333-8444-555555555555", NULL, 3);
	on_operation("rollback", "11111111", NULL, 3);
	on_operation("resume", "111", NULL, 2);
}

/* A timeline with the request ids, and a checkpoint that a shorter journal does not meet. */
static void
export_and_checkpoint(void **state)
{
	char id[40], stands[16], longer[256], origin[64], hash[80];
	struct ran ran;
	long size;

	(void)state;
	last_operation(id, stands);
	run(&ran, serving.place.sandbox, "journal", "export", "--operation", id, NULL);
	ran_expect(&ran, 0);
	assert_non_null(strstr(ran.out, id));
	assert_non_null(strstr(ran.out, "| request id |"));
	ran_free(&ran);
	run(&ran, serving.place.sandbox, "journal", "export", "-o", "csv", NULL);
	ran_expect(&ran, 0);
	assert_int_equal(strncmp(ran.out, "\"time\",\"operation\"", 18), 0);
	ran_free(&ran);
	run(&ran, serving.place.sandbox, "journal", "checkpoint", NULL);
	ran_expect(&ran, 0);
	assert_int_equal(sscanf(ran.out, "%63s %ld %79s", origin, &size, hash), 3);
	ran_free(&ran);
	snprintf(longer, sizeof longer, "%s %ld %s", origin, size, hash);
	run(&ran, serving.place.sandbox, "journal", "verify", "--checkpoint", longer, NULL);
	ran_expect(&ran, 0);
	ran_free(&ran);
	snprintf(longer, sizeof longer, "%s %ld %s", origin, size + 1, hash);
	run(&ran, serving.place.sandbox, "journal", "verify", "--checkpoint", longer, NULL);
	ran_expect(&ran, 1);
	ran_complains(&ran, "cut off", NULL);
	ran_free(&ran);
	run(&ran, serving.place.sandbox, "journal", "verify", "--checkpoint", "word", NULL);
	ran_expect(&ran, 2);
	ran_free(&ran);
}

/* A plan in a file is carried out once; then the ground is another. */
static void
a_kept_plan_is_refused_on_other_ground(void **state)
{
	char path[PATH_MAX + 32];
	struct stat st;
	struct ran ran;

	(void)state;
	snprintf(path, sizeof path, "%s/plan.json", serving.place.dir);
	onboard_all(&ran, "--plan-out", path);
	ran_expect(&ran, 10);
	ran_free(&ran);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	run(&ran, serving.place.sandbox, "apply", path, "--approve=00", "--yes", NULL);
	ran_expect(&ran, 5);
	ran_free(&ran);
	run(&ran, serving.place.sandbox, "key", "disable", "kv-payroll/cmk-resumed", "--yes",
		"--confirm=cmk-resumed", NULL);
	ran_expect(&ran, 0);
	ran_free(&ran);
	run(&ran, serving.place.sandbox, "key", "enable", "kv-payroll/cmk-resumed", "--yes", NULL);
	ran_expect(&ran, 0);
	ran_free(&ran);
	run(&ran, serving.place.sandbox, "grant", "aa-payroll", "--vault", "kv-payroll", "--yes",
		NULL);
	ran_expect(&ran, 0);
	ran_free(&ran);
	run(&ran, serving.place.sandbox, "apply", path, "--yes", NULL);
	ran_expect(&ran, 5);
	assert_non_null(strstr(ran.err, "vault.rights was"));
	ran_free(&ran);
	run(&ran, serving.place.sandbox, "ungrant", "aa-payroll", "--vault", "kv-payroll", "--yes",
		"--confirm=aa-payroll", NULL);
	ran_expect(&ran, 0);
	ran_free(&ran);
	run(&ran, serving.place.sandbox, "apply", path, "--yes", NULL);
	ran_expect(&ran, 0);
	ran_free(&ran);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_killed_operation_goes_on_and_goes_back),
		cmocka_unit_test(an_unknown_operation_is_not_found),
		cmocka_unit_test(export_and_checkpoint),
		cmocka_unit_test(a_kept_plan_is_refused_on_other_ground),
	};
	int failed;

	serving_start(&serving);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	serving_stop(&serving);
	return failed;
}
