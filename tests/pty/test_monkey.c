/* A random-key monkey at the console, as long as MONKEY_SECONDS say and with the keys that
 * MONKEY_SEED makes: nothing crashes or hangs, the terminal is left as it was found, and unless it
 * says yes nothing is changed. `make monkey` lets it play for minutes. */
#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/base/clock.h"
#include "tests/fixtures/serving.h"
#include "tests/pty/monkey.h"

enum { SECONDS = 16, SEED = 6, LOOK_MS = 20000 };

static char self[PATH_MAX];
static struct place cage; /* where it may write files, and sanitizers their reports */

static long
number(const char *name, long otherwise)
{
	const char *value = getenv(name);

	return value && *value ? strtol(value, NULL, 10) : otherwise;
}

/* Sanitizers of the program and of the server tell there, not on the screen. */
static int
make_cage(void **state)
{
	static const char *const names[] = {"ASAN_OPTIONS", "UBSAN_OPTIONS"};
	char value[PATH_MAX + 600];

	(void)state;
	place_make(&cage);
	for (size_t i = 0; i < 2; i++) {
		const char *now = getenv(names[i]);

		snprintf(value, sizeof value, "%s:log_path=%s/report", now ? now : "", cage.dir);
		setenv(names[i], value, 1);
	}
	return chdir(cage.dir);
}

static int
open_cage(void **state)
{
	(void)state;
	place_remove(&cage);
	return chdir("/");
}

static void
expect_no_report(const struct monkey *monkey)
{
	DIR *dir = opendir(cage.dir);
	const struct dirent *entry;
	char text[8192] = "";

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		FILE *file =
			strncmp(entry->d_name, "report", 6) == 0 ? fopen(entry->d_name, "r") : NULL;

		if (file == NULL)
			continue;
		text[fread(text, 1, sizeof text - 1, file)] = '\0';
		fclose(file);
		fail_msg("%s\nafter:%s", text, monkey->last);
	}
	closedir(dir);
}

static void
expect_same(const struct serving *serving, const json_t *before, const struct monkey *monkey)
{
	json_t *now = serving_state(serving);
	char *was, *is;

	if (!json_equal(now, before)) {
		was = json_dumps(before, JSON_INDENT(1) | JSON_SORT_KEYS);
		is = json_dumps(now, JSON_INDENT(1) | JSON_SORT_KEYS);
		for (size_t i = 0; was[i] && is[i]; i++)
			if (was[i] != is[i])
				fail_msg("nobody said yes, yet there is:\n%.200s\nwhere was:\n"
					 "%.200s\nafter:%s",
					is + (i > 100 ? i - 100 : 0), was + (i > 100 ? i - 100 : 0),
					monkey->last);
	}
	json_decref(now);
}

static void
play(bool confirms)
{
	const long seconds = number("MONKEY_SECONDS", SECONDS) / 2;
	const char *words[] = {run_program(), NULL, NULL};
	struct monkey monkey = {.confirms = confirms};
	struct serving serving;
	struct ran ran;
	json_t *before;
	int64_t end, look;

	serving_start(&serving);
	before = serving_state(&serving);
	words[1] = serving.place.sandbox;
	monkey.words = words;
	monkey.seed = (uint64_t)number("MONKEY_SEED", SEED) * 2 + confirms + 1;
	end = clock_mono_ms() + seconds * 1000;
	look = clock_mono_ms() + LOOK_MS;
	for (monkey_start(&monkey, self); clock_mono_ms() < end;) {
		monkey_act(&monkey);
		if (clock_mono_ms() < look)
			continue;
		expect_no_report(&monkey);
		if (!confirms)
			expect_same(&serving, before, &monkey);
		look = clock_mono_ms() + LOOK_MS;
	}
	monkey_end(&monkey);
	expect_no_report(&monkey);
	if (!confirms)
		expect_same(&serving, before, &monkey);
	run(&ran, serving.place.sandbox, "journal", "verify", NULL);
	ran_expect(&ran, 0);
	ran_free(&ran);
	json_decref(before);
	serving_stop(&serving);
	expect_no_report(&monkey);
	print_message("seed %ld: %lu acts, %lu starts\n", number("MONKEY_SEED", SEED), monkey.acts,
		monkey.starts);
}

static void
never_says_yes(void **state)
{
	(void)state;
	play(false);
}

static void
may_say_yes(void **state)
{
	(void)state;
	play(true);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(never_says_yes),
		cmocka_unit_test(may_say_yes),
	};

	if (argc > 2 && strcmp(argv[1], "--nurse") == 0)
		return monkey_nurse(argv + 2);
	if (realpath(argv[0], self) == NULL)
		return 2;
	return cmocka_run_group_tests(tests, make_cage, open_cage);
}
