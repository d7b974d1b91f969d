/* journal list and verify: what was done, and whether somebody touched it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "tests/fixtures/run.h"

static struct place place;

static int
setup(void **state)
{
	struct ran ran;

	(void)state;
	place_seed(&place);
	run(&ran, place.sandbox, "onboard", "aa-payroll", "--vault", "kv-payroll", "--key",
		"cmk-payroll", "--yes", NULL);
	ran_expect(&ran, 0);
	ran_free(&ran);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	place_remove(&place);
	return 0;
}

/* Each change has an intent before its outcome; nothing in it is a secret. */
static void
list(void **state)
{
	struct ran ran;
	json_t *root, *record;
	size_t i, intents = 0, done = 0;

	(void)state;
	run(&ran, place.sandbox, "journal", "list", "-o", "json", NULL);
	ran_expect(&ran, 0);
	assert_null(strstr(ran.out, "eyJ"));
	root = ran_json(&ran);
	json_array_foreach(root, i, record)
	{
		const char *phase = text_at(record, "phase");

		intents += strcmp(phase, "intent") == 0;
		done += strcmp(phase, "done") == 0;
		assert_true(done <= intents);
		assert_string_equal(text_at(record, "plan"), "onboard");
		assert_true(json_is_true(value_at(record, "sandbox")));
		assert_int_equal(strlen(text_at(record, "operation")), 36);
	}
	assert_true(intents >= 4);
	assert_true(done >= intents);
	json_decref(root);
	ran_free(&ran);
	run(&ran, place.sandbox, "journal", "list", "-o", "tsv", NULL);
	ran_expect(&ran, 0);
	assert_non_null(strstr(ran.out, "\tonboard\tprotect\tintent\t"));
	ran_free(&ran);
}

static void
verify(void **state)
{
	struct ran ran;
	json_t *root;

	(void)state;
	run(&ran, place.sandbox, "journal", "verify", "-o", "json", NULL);
	ran_expect(&ran, 0);
	root = ran_json(&ran);
	assert_true(json_is_true(value_at(root, "ok")));
	assert_true(json_integer_value(value_at(root, "records")) >= 8);
	assert_int_equal(strlen(text_at(root, "tail")), 64);
	json_decref(root);
	ran_free(&ran);
}

/* One letter of one record. */
static void
touched(void **state)
{
	char path[PATH_MAX + 32], text[65536], *at;
	struct ran ran;
	size_t len;
	FILE *file;

	(void)state;
	snprintf(path, sizeof path, "%s/journal.jsonl", place.dir);
	file = fopen(path, "r+");
	assert_non_null(file);
	len = fread(text, 1, sizeof text - 1, file);
	text[len] = '\0';
	at = strstr(strchr(text, '\n'), "onboard");
	assert_non_null(at);
	fseek(file, at - text, SEEK_SET);
	fputc('O', file);
	fclose(file);
	run(&ran, place.sandbox, "journal", "verify", NULL);
	assert_int_not_equal(ran.code, 0);
	ran_complains(&ran, "journal.jsonl", "2", NULL);
	ran_free(&ran);
}

/* No journal yet is an empty one. */
static void
none(void **state)
{
	struct place fresh;
	struct ran ran;

	(void)state;
	place_make(&fresh);
	run(&ran, fresh.sandbox, "journal", "list", "-o", "json", NULL);
	ran_expect(&ran, 0);
	assert_string_equal(ran.out, "[]\n");
	ran_free(&ran);
	place_remove(&fresh);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(list),
		cmocka_unit_test(verify),
		cmocka_unit_test(touched),
		cmocka_unit_test(none),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
