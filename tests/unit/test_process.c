/* Programs of the test's own, in a folder of the test: what they get, and what becomes of them. */
#include "backend/auth/process.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/base/file.h"

enum { LONG_MS = 30000, SOME = 4096, COMMON_SIGNALS = 0x7fffffff };

static char folder[64], program[96];

static int
make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/claviger-process-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(program, sizeof program, "%s/az", folder);
	return 0;
}

static int
remove_folder(void **state)
{
	(void)state;
	file_remove_tree(folder);
	return 0;
}

static void
write_program(const char *script)
{
	struct err err;
	char text[1000];

	snprintf(text, sizeof text, "#!/bin/sh\n%s\n", script);
	assert_true(file_write(program, text, strlen(text), &err));
	assert_int_equal(chmod(program, 0755), 0);
}

static bool
ask(const char *script, size_t out_max, int deadline_ms, struct process_said *said, struct err *err)
{
	const char *argv[] = {program, "two words", "$HOME;`id`", "", NULL};

	write_program(script);
	return process_run(argv, -1, out_max, deadline_ms, -1, said, err);
}

static void
hands_over_words_as_they_are(void **state)
{
	struct process_said said;
	struct err err;

	(void)state;
	assert_true(ask("printf '%s|' \"$@\"; cat; echo first >&2; echo second >&2; exit 3", SOME,
		LONG_MS, &said, &err));
	assert_string_equal(buf_text(&said.out), "two words|$HOME;`id`||");
	assert_string_equal(buf_text(&said.err), "first\nsecond\n");
	assert_int_equal(said.code, 3);
	process_said_free(&said);
	assert_true(ask("kill -9 $$", SOME, LONG_MS, &said, &err));
	assert_int_equal(said.code, 128 + SIGKILL);
	process_said_free(&said);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Compares sets of lines. */
static void
same_lines(char *text, const char *expected)
{
	const char *lines[64];
	char got[SOME] = "";
	size_t len = 0;

	for (char *end; (end = strchr(text, '\n')); text = end + 1) {
		*end = '\0';
		lines[len++] = text;
	}
	qsort(lines, len, sizeof *lines, by_text);
	for (size_t i = 0; i < len; i++)
		snprintf(got + strlen(got), sizeof got - strlen(got), "%s\n", lines[i]);
	assert_string_equal(got, expected);
}

static void
environment_is_clean(void **state)
{
	static const char *const argv[] = {"/usr/bin/env", NULL};
	struct process_said said;
	struct err err;

	(void)state;
	clearenv();
	setenv("HOME", "/nowhere", 1);
	setenv("AZURE_CONFIG_DIR", "/nowhere/az", 1);
	setenv("https_proxy", "http://proxy.example:8080", 1);
	setenv("HTTP_PROXY", "http://other.example", 1);
	setenv("NO_PROXY", "localhost", 1);
	setenv("REQUESTS_CA_BUNDLE", "/ca.pem", 1);
	setenv("AZURE_CLIENT_SECRET", "s3cret", 1);
	setenv("AZURE_TENANT_ID", "t", 1);
	setenv("LD_PRELOAD", "/nowhere/evil.so", 1);
	setenv("PYTHONPATH", "/nowhere", 1);
	setenv("BASH_ENV", "/nowhere", 1);
	setenv("PATH", "/nowhere", 1);
	setenv("LC_ALL", "de_DE.UTF-8", 1);
	setenv("TZ", "Asia/Shanghai", 1);
	assert_true(process_run(argv, -1, SOME, LONG_MS, -1, &said, &err));
	clearenv();
	same_lines(said.out.data,
		"AZURE_CONFIG_DIR=/nowhere/az\n"
		"HOME=/nowhere\n"
		"HTTPS_PROXY=http://proxy.example:8080\n"
		"LANG=C.UTF-8\n"
		"LC_ALL=C.UTF-8\n"
		"NO_PROXY=localhost\n"
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
		"REQUESTS_CA_BUNDLE=/ca.pem\n"
		"TZ=UTC0\n");
	process_said_free(&said);
}

/* Workers block every signal, and this program ignores SIGPIPE. */
static void
begins_anew(void **state)
{
	struct process_said said;
	sigset_t all, before;
	const char *ignored;
	struct err err;
	char leaked[80];
	int leak;

	(void)state;
	leak = open(folder, O_RDONLY | O_DIRECTORY);
	assert_true(leak >= 0);
	signal(SIGPIPE, SIG_IGN);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	assert_true(ask("grep -E '^Sig(Blk|Ign)' /proc/self/status; ls -l /proc/$$/fd", SOME,
		LONG_MS, &said, &err));
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	signal(SIGPIPE, SIG_DFL);
	close(leak);
	assert_non_null(strstr(buf_text(&said.out), "SigBlk:\t0000000000000000\n"));
	ignored = strstr(buf_text(&said.out), "SigIgn:\t");
	assert_non_null(ignored);
	assert_int_equal(strtoul(ignored + strlen("SigIgn:\t"), NULL, 16) & COMMON_SIGNALS, 0);
	assert_non_null(strstr(buf_text(&said.out), "0 -> /dev/null\n"));
	snprintf(leaked, sizeof leaked, "-> %s\n", folder);
	assert_null(strstr(buf_text(&said.out), leaked));
	process_said_free(&said);
}

/* Whoever still holds the output when the program has ended is not waited for. */
static void
its_own_end_counts(void **state)
{
	struct process_said said;
	struct err err;

	(void)state;
	assert_true(ask("sleep 60 & echo $!", SOME, LONG_MS, &said, &err));
	assert_int_equal(said.code, 0);
	kill((pid_t)strtol(buf_text(&said.out), NULL, 10), SIGKILL);
	process_said_free(&said);
}

static void
hanging_ones_are_ended(void **state)
{
	char pids[96], *end;
	struct process_said said;
	struct err err = {0};
	struct buf text;

	(void)state;
	snprintf(pids, sizeof pids, "%s/pids", folder);
	setenv("HOME", folder, 1);
	assert_false(ask("trap '' TERM; sleep 60 & echo $$ $! >$HOME/pids; wait; sleep 60", SOME,
		700, &said, &err));
	assert_string_equal(err.code, "ProcessTimeout");
	assert_int_equal(err.kind, ERR_UNAVAILABLE);
	assert_false(ask("while :; do echo x >&2; done", SOME, 700, &said, &err));
	assert_string_equal(err.code, "ProcessTimeout");
	buf_init(&text, SOME);
	assert_true(file_read(pids, false, &text, &err));
	assert_int_not_equal(kill((pid_t)strtol(text.data, &end, 10), 0), 0);
	for (int i = 0; i < 100 && kill((pid_t)strtol(end, NULL, 10), 0) == 0; i++) {
		char stat[64], line[128];
		FILE *file;

		/* A child of a dead parent waits for init to reap it: ended, though still there. */
		snprintf(stat, sizeof stat, "/proc/%ld/stat", strtol(end, NULL, 10));
		file = fopen(stat, "r");
		if (file == NULL || (fgets(line, sizeof line, file) && strstr(line, ") Z "))) {
			if (file)
				fclose(file);
			break;
		}
		fclose(file);
		assert_int_not_equal(i, 99);
		usleep(20000);
	}
	buf_free(&text);
}

/* The pipe's other end closes while it hangs, or has done so before it began. */
static void
unwanted_ones_are_ended(void **state)
{
	const char *argv[] = {program, NULL};
	struct process_said said;
	struct err err = {0};
	int ends[2];

	(void)state;
	write_program("sleep 60");
	assert_int_equal(pipe(ends), 0);
	close(ends[1]);
	assert_false(process_run(argv, -1, SOME, LONG_MS, ends[0], &said, &err));
	assert_string_equal(err.code, "ProcessStopped");
	assert_int_equal(err.kind, ERR_CANCELLED);
	close(ends[0]);
	assert_int_equal(pipe(ends), 0);
	write_program("echo said; exit 0");
	assert_true(process_run(argv, -1, SOME, LONG_MS, ends[0], &said, &err));
	assert_string_equal(buf_text(&said.out), "said\n");
	process_said_free(&said);
	close(ends[0]);
	close(ends[1]);
}

static void
too_much_is_refused(void **state)
{
	struct process_said said;
	struct err err;

	(void)state;
	assert_false(ask("while :; do echo 0123456789; done", SOME, LONG_MS, &said, &err));
	assert_string_equal(err.code, "ProcessOutput");
	assert_true(ask("while test $((i=i+1)) -lt 900; do echo 0123456789 >&2; done; echo ok",
		SOME, LONG_MS, &said, &err));
	assert_string_equal(buf_text(&said.out), "ok\n");
	assert_true(said.err.len <= SOME);
	process_said_free(&said);
	assert_int_equal(chmod(program, 0644), 0);
	assert_false(
		process_run((const char *[]){program, NULL}, -1, SOME, LONG_MS, -1, &said, &err));
	assert_string_equal(err.code, "ProcessStart");
}

static void
finds_what_nobody_else_may_change(void **state)
{
	char found[PATH_MAX], reason[200], path[200];

	(void)state;
	write_program("exit 0");
	snprintf(path, sizeof path, "relative:/nowhere:%s:/usr/bin", folder);
	setenv("PATH", path, 1);
	assert_true(process_find("az", found, reason, sizeof reason));
	assert_string_equal(found, program);
	assert_int_equal(chmod(program, 0775), 0);
	setenv("PATH", folder, 1);
	assert_false(process_find("az", found, reason, sizeof reason));
	assert_non_null(strstr(reason, "others may change it"));
	assert_int_equal(chmod(program, 0755), 0);
	assert_int_equal(chmod(folder, 0777), 0);
	assert_false(process_find("az", found, reason, sizeof reason));
	assert_int_equal(chmod(folder, 0700), 0);
	assert_int_equal(chmod(program, 0644), 0);
	assert_false(process_find("az", found, reason, sizeof reason));
	assert_non_null(strstr(reason, "not installed"));
	setenv("PATH", "", 1);
	assert_false(process_find("az", found, reason, sizeof reason));
	unsetenv("PATH");
	assert_false(process_find("az", found, reason, sizeof reason));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hands_over_words_as_they_are),
		cmocka_unit_test(environment_is_clean),
		cmocka_unit_test(begins_anew),
		cmocka_unit_test(its_own_end_counts),
		cmocka_unit_test(hanging_ones_are_ended),
		cmocka_unit_test(unwanted_ones_are_ended),
		cmocka_unit_test(too_much_is_refused),
		cmocka_unit_test(finds_what_nobody_else_may_change),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
