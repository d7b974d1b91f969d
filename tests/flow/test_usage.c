/* What is wrong with the words of a call: one line, the place, the nearest right word, exit 2.
 * None of these needs a sandbox: a call is understood completely before anything is opened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/base/err.h"
#include "tests/fixtures/run.h"

static void
wrong_words(void **state)
{
	static const struct {
		const char *words[8];
		const char *place, *remedy;
	} cases[] = {
		{{"--dry-rnu", "onboard", "x"}, "--dry-rnu", "dry-run"},
		{{"acount", "list"}, "acount", "account"},
		{{"account", "lst"}, "account lst", "list"},
		{{"account"}, "account", "list"},
		{{"onbord", "aa-payroll"}, "onbord", "onboard"},
		{{"policy", "show", "x"}, "policy show", "list"},
		{{"journal", "import"}, "journal import", "verify"},
		{{"shred", "x"}, "shred", "help"},
		{{"account", "list", "extra"}, "extra", "account list"},
		{{"account", "show"}, "NAME", "--help"},
		{{"account", "list", "-o", "xml"}, "xml", "tsv"},
		{{"account", "list", "--key", "k"}, "--key", "account list"},
		{{"account", "list", "-o"}, "-o", "FORMAT"},
		{{"account", "list", "--query"}, "--query", "JMESPATH"},
		{{"account", "list", "--query", "a["}, "column 3", "sort_by"},
		{{"onboard", "x", "--key", "k", "--yes=no"}, "--yes", "no value"},
		{{"onboard", "aa-payroll"}, "--key", "missing"},
		{{"onboard", "--key", "k"}, "NAME", "--help"},
		{{"onboard", "x", "--key", "k", "--max-failures", "0"}, "--max-failures", "number"},
		{{"account", "list", "--seed", "demo"}, "--seed", "--sandbox"},
		{{"account", "list", "--sandbox", "--profile", "p"}, "--profile", "--sandbox"},
		{{"sandbox"}, "--state", "DIR"},
		{{"sandbox", "--state", "d", "--fault", "nonsense"}, "nonsense", "="},
		{{"sandbox", "ctl", "--state", "d"}, "clock", "--help"},
		{{"selftest", "a-file"}, "--vectors", "FILE"},
		{{"journal", "list", "--sandbox"}, "--sandbox=DIR", "journal"},
		{{"help", "acount"}, "acount", "account"},
		{{"help", "rotatoin"}, "rotatoin", "rotation"},
		{{"-Z"}, "-Z", "--help"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct ran ran;

		run_words(&ran, cases[i].words, NULL);
		ran_expect(&ran, 2);
		ran_complains(&ran, cases[i].place, cases[i].remedy, NULL);
		assert_string_equal(ran.out, "");
		ran_free(&ran);
	}
}

/* Words that were pasted reach the terminal as visible text only. */
static void
words_with_controls(void **state)
{
	struct ran ran;

	(void)state;
	run(&ran, "sandbox", "ctl", "--state", "/none\033[2J\302\233", "dump", NULL);
	ran_expect(&ran, 3);
	ran_complains(&ran, "<U+001B>[2J<U+009B>", NULL);
	assert_null(strchr(ran.err, '\033'));
	ran_free(&ran);
}

static void
without_a_terminal(void **state)
{
	struct ran ran;

	(void)state;
	run(&ran, NULL);
	ran_expect(&ran, 2);
	ran_complains(&ran, "terminal", "account", "onboard", "doctor", NULL);
	ran_free(&ran);
	run(&ran, "--sandbox", NULL);
	ran_expect(&ran, 2);
	ran_free(&ran);
}

/* Help goes to stdout and is a success, at every level. */
static void
help(void **state)
{
	static const struct {
		const char *words[4], *text;
	} cases[] = {
		{{"--help"}, "account list"},
		{{"-h"}, "onboard"},
		{{"help"}, "Exit codes"},
		{{"help", "commands"}, "journal verify"},
		{{"help", "onboard"}, "--key"},
		{{"onboard", "--help"}, "--create-key"},
		{{"account", "list", "--help"}, "--resource-group"},
		{{"help", "account"}, "keySource"},
		{{"help", "journal"}, "journal verify"},
		{{"help", "sandbox"}, "flip"},
		{{"help", "sandbox", "ctl"}, "dump"},
		{{"help"}, "storage-after-a-cut"},
		{{"help", "cut"}, "do not delete it"},
		{{"help", "storage-after-a-cut"}, "List Blobs, only with include=metadata"},
		{{"--version"}, "OpenSSL"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct ran ran;

		run_words(&ran, cases[i].words, NULL);
		ran_expect(&ran, 0);
		assert_string_equal(ran.err, "");
		if (!strstr(ran.out, cases[i].text))
			fail_msg("'%s' is missing in: %s", cases[i].text, ran.out);
		ran_free(&ran);
	}
}

static void
config_error(void **state)
{
	struct place place;
	char folder[PATH_MAX + 16], path[PATH_MAX + 32];
	struct ran ran;
	FILE *file;

	(void)state;
	place_make(&place);
	snprintf(folder, sizeof folder, "%s/claviger", place.dir);
	assert_int_equal(mkdir(folder, 0700), 0);
	snprintf(path, sizeof path, "%s/config", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs("# profiles\n[profile default]\ncloud = AzureCloud\n\n[profile work]\n"
	      "cloud = AzureCloud\ncolur = never\n",
		file);
	fclose(file);
	setenv("XDG_CONFIG_HOME", place.dir, 1);
	run(&ran, "account", "list", NULL);
	ran_expect(&ran, 2);
	ran_complains(&ran, "config:7", "colur", NULL);
	ran_free(&ran);
	run(&ran, "doctor", "-o", "json", NULL);
	ran_expect(&ran, 11);
	assert_non_null(strstr(ran.out, "config:7"));
	ran_free(&ran);
	unsetenv("XDG_CONFIG_HOME");
	place_remove(&place);
}

/* Without credentials a list says what was looked for; nothing hangs and nothing is sent. */
static void
no_credentials(void **state)
{
	struct ran ran;

	(void)state;
	run(&ran, "account", "list", NULL);
	ran_expect(&ran, 4);
	ran_complains(&ran, "AZURE_CLIENT_ID", "--sandbox", NULL);
	ran_free(&ran);
}

/* A full disk behind stdout is a failure; a reader that went away is one without words. */
static void
lost_output(void **state)
{
	char command[PATH_MAX + 64];
	int status;

	(void)state;
	snprintf(command, sizeof command, "'%s' help >/dev/full 2>/dev/null", getenv("CLAVIGER"));
	status = system(command);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
	snprintf(command, sizeof command, "'%s' profile list -o json >&-  2>/dev/null",
		getenv("CLAVIGER"));
	status = system(command);
	assert_int_equal(WEXITSTATUS(status), 1);
	snprintf(command, sizeof command, "'%s' --sandbox posture >/dev/full 2>/dev/null",
		getenv("CLAVIGER"));
	status = system(command);
	assert_int_equal(WEXITSTATUS(status), 1);
}

/* Any call may say how the console is to look. */
static void
looks(void **state)
{
	struct ran ran;

	(void)state;
	run(&ran, "--theme", "mono", "--lang", "en", "--accessible", "explain", "Conflict", NULL);
	ran_expect(&ran, 0);
	ran_free(&ran);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_words),
		cmocka_unit_test(words_with_controls),
		cmocka_unit_test(without_a_terminal),
		cmocka_unit_test(help),
		cmocka_unit_test(config_error),
		cmocka_unit_test(no_credentials),
		cmocka_unit_test(lost_output),
		cmocka_unit_test(looks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
