/* selftest and its vectors. The files are made here; where VECTORS names a folder, those are run
 * too. */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fixtures/run.h"

static void
local(void **state)
{
	struct ran ran;
	json_t *root, *test;
	size_t i;

	(void)state;
	run(&ran, "selftest", "-o", "json", NULL);
	ran_expect(&ran, 0);
	root = ran_json(&ran);
	assert_true(json_array_size(root) > 8);
	json_array_foreach(root, i, test)
	{
		assert_string_equal(text_at(test, "result"), "ok");
		assert_true(json_is_number(value_at(test, "ms")));
	}
	json_decref(root);
	ran_free(&ran);
}

static void
query(void **state)
{
	struct ran ran;

	(void)state;
	run(&ran, "selftest", "--query", "length([?result=='ok']) > `8`", "-o", "json", NULL);
	ran_expect(&ran, 0);
	assert_string_equal(ran.out, "true\n");
	ran_free(&ran);
	run(&ran, "selftest", "-o", "none", NULL);
	ran_expect(&ran, 0);
	assert_string_equal(ran.out, "");
	ran_free(&ran);
}

static void
bad_files(void **state)
{
	struct ran ran;

	(void)state;
	run(&ran, "selftest", "--vectors", "/nonexistent/vectors.json", NULL);
	ran_expect(&ran, 1);
	assert_non_null(strstr(ran.err, "/nonexistent/vectors.json"));
	ran_free(&ran);
	run(&ran, "selftest", "--vectors", "/dev/null", NULL);
	ran_expect(&ran, 1);
	ran_free(&ran);
}

/* Changes one hex digit of a member's first value. */
static void
spoil(char *text, const char *member)
{
	char *at = strstr(text, member);

	assert_non_null(at);
	at = strchr(strchr(at, ':'), '"') + 5;
	*at = *at == '0' ? '1' : '0';
}

static void
write_spoiled(const char *from, const char *to)
{
	json_t *root = json_load_file(from, 0, NULL);
	char *text;
	FILE *file = fopen(to, "w");

	assert_non_null(root);
	assert_non_null(file);
	text = json_dumps(root, 0);
	spoil(text, "\"sig\"");
	fputs(text, file);
	fclose(file);
	free(text);
	json_decref(root);
}

/* The files as separate words, as a shell hands over a pattern, and as options of their own. */
static void
vectors(void **state)
{
	const char *folder = getenv("VECTORS"), *words[64] = {"selftest", "--vectors"};
	char pattern[PATH_MAX], spoiled[PATH_MAX + 32];
	struct place place;
	struct ran ran;
	json_t *root;
	glob_t found;
	size_t len = 2;

	(void)state;
	snprintf(pattern, sizeof pattern, "%s/*.json", folder ? folder : "");
	if (!folder || !*folder || glob(pattern, 0, NULL, &found) != 0) {
		puts("skipped: test vectors (VECTORS names no folder with any)");
		skip();
		return;
	}
	for (size_t i = 0; i < found.gl_pathc && len < 60; i++)
		words[len++] = found.gl_pathv[i];
	run_words(&ran, words, NULL);
	ran_expect(&ran, 0);
	root = ran_json(&ran);
	assert_int_equal(json_array_size(value_at(root, "vectors")), found.gl_pathc);
	json_decref(root);
	ran_free(&ran);
	place_make(&place);
	snprintf(spoiled, sizeof spoiled, "%s/spoiled.json", place.dir);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		if (!strstr(found.gl_pathv[i], "signature"))
			continue;
		write_spoiled(found.gl_pathv[i], spoiled);
		run(&ran, "selftest", "--vectors", spoiled, "--vectors", found.gl_pathv[i], NULL);
		ran_expect(&ran, 1);
		ran_free(&ran);
		break;
	}
	place_remove(&place);
	globfree(&found);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(local),
		cmocka_unit_test(query),
		cmocka_unit_test(bad_files),
		cmocka_unit_test(vectors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
