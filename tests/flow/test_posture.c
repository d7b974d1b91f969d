/* Posture on the demo estate against the table of `claviger help demo`: each planted defect once,
 * with its remedy, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/err.h"
#include "tests/fixtures/run.h"

enum { ROWS_MAX = 40 };

static struct place place;

static json_t *
posture(int code, const char *name, const char *second)
{
	struct ran ran;
	json_t *out;

	run(&ran, place.sandbox, "posture", "-o", "json", name, second, NULL);
	ran_expect(&ran, code);
	out = ran_json(&ran);
	ran_free(&ran);
	return out;
}

/* One finding or row of the table as a line of text. */
struct row {
	char text[160];
};

static const char *
word(const json_t *finding, const char *member)
{
	const char *text = json_string_value(json_object_get(finding, member));

	return text ? text : "";
}

static struct row
row_of(const json_t *finding)
{
	const char *account = word(finding, "account"), *vault = word(finding, "vault");
	const char *key = word(finding, "key"), *whom = account[0] ? account : vault;
	struct row out;

	snprintf(out.text, sizeof out.text, "%s%s%s %s %s", whom[0] ? whom : "profile",
		!account[0] && key[0] ? "/" : "", account[0] ? "" : key, word(finding, "rule"),
		word(finding, "severity"));
	return out;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(((const struct row *)a)->text, ((const struct row *)b)->text);
}

static size_t
planted(struct row rows[ROWS_MAX])
{
	struct ran ran;
	const char *at;
	size_t len = 0;

	run(&ran, "help", "demo", NULL);
	ran_expect(&ran, 0);
	at = strstr(ran.out, "PLANTED DEFECTS");
	assert_non_null(at);
	for (at = strchr(at, '\n') + 1; *at != '\n'; at = strchr(at, '\n') + 1) {
		char name[40], rule[40], severity[10];

		assert_true(len < ROWS_MAX);
		assert_int_equal(sscanf(at, " %39s %39s %9s", name, rule, severity), 3);
		snprintf(rows[len++].text, sizeof rows->text, "%s %s %s", name, rule, severity);
	}
	ran_free(&ran);
	qsort(rows, len, sizeof *rows, compare);
	return len;
}

static void
finds_what_was_planted(void **state)
{
	json_t *found = posture(11, NULL, NULL), *one;
	struct row rows[ROWS_MAX], seen[ROWS_MAX];
	size_t len = planted(rows), i;

	(void)state;
	json_array_foreach(found, i, one)
	{
		assert_true(i < ROWS_MAX);
		seen[i] = row_of(one);
		assert_true(strlen(word(one, "cause")) > 0);
		assert_true(strlen(word(one, "source")) > 0);
		assert_true(strlen(word(one, "remedy")) > 0);
	}
	qsort(seen, i, sizeof *seen, compare);
	for (size_t k = 0; k < i && k < len; k++)
		assert_string_equal(seen[k].text, rows[k].text);
	assert_int_equal(i, len);
	json_decref(found);
}

static void
remedy_starts(const json_t *found, const char *rule, const char *remedy)
{
	const char *said = text_at(find(found, "rule", rule), "remedy");

	if (strncmp(said, remedy, strlen(remedy)) != 0)
		fail_msg("%s: '%s' does not begin with '%s'", rule, said, remedy);
}

static void
remedies_are_commands(void **state)
{
	json_t *found = posture(11, NULL, NULL);

	(void)state;
	remedy_starts(found, "rights-missing", "claviger grant stexport01 --vault kv-archive");
	remedy_starts(found, "purge-protection-off", "claviger protect kv-payroll");
	remedy_starts(found, "key-disabled",
		"claviger key enable https://kv-payroll.vault.azure.net/keys/cmk-off/");
	remedy_starts(found, "key-expired", "claviger rotate kv-payroll/cmk-old");
	remedy_starts(found, "vault-absent", "claviger vault recover kv-gone");
	remedy_starts(found, "version-behind", "claviger repin aa-billing --key-version ");
	remedy_starts(found, "no-rotation-policy", "claviger key rotation-policy kv-");
	remedy_starts(found, "not-onboarded", "claviger onboard ");
	assert_string_equal(word(json_array_get(found, 0), "severity"), "high");
	json_decref(found);
}

static void
narrowed(void **state)
{
	json_t *found = posture(0, "aa-billing", "aa-payroll");
	struct ran ran;

	(void)state;
	assert_int_equal(json_array_size(found), 3);
	find(found, "rule", "version-behind");
	find(found, "rule", "no-rotation-policy");
	find(found, "rule", "not-onboarded");
	json_decref(found);
	found = posture(11, "kv-payroll", NULL);
	assert_int_equal(json_array_size(found), 4);
	json_decref(found);
	found = posture(11, "kv-payroll/cmk-ec", NULL);
	assert_int_equal(json_array_size(found), 1);
	json_decref(found);
	found = posture(11, "kv-gone", NULL);
	assert_int_equal(json_array_size(found), 1);
	json_decref(found);
	found = posture(0, "starchive01", NULL);
	assert_int_equal(json_array_size(found), 1);
	json_decref(found);
	run(&ran, place.sandbox, "posture", "aa-nobody", NULL);
	ran_expect(&ran, 3);
	ran_complains(&ran, "aa-nobody", NULL);
	ran_free(&ran);
}

static void
as_a_table(void **state)
{
	struct ran ran;

	(void)state;
	run(&ran, place.sandbox, "posture", "-o", "tsv", "stexport01", NULL);
	ran_expect(&ran, 11);
	assert_non_null(strstr(ran.out, "stexport01\trights-missing\thigh\tlocked: "));
	ran_free(&ran);
}

static size_t
count(const json_t *found, const char *rule)
{
	json_t *one;
	size_t i, out = 0;

	json_array_foreach(found, i, one) out += strcmp(word(one, "rule"), rule) == 0;
	return out;
}

/* What cannot be read is said, not passed over. */
static void
unknown_is_told(void **state)
{
	struct going server;
	json_t *found, *one;

	(void)state;
	going_start(&server, "sandbox", "--state", place.dir, NULL);
	going_wait(&server, "serving");
	place_ctl(&place, "fault", "GET *cmk-archive/rotationpolicy*=status:403");
	found = posture(11, NULL, NULL);
	assert_int_equal(count(found, "unknown"), 1);
	assert_int_equal(count(found, "no-rotation-policy"), 2);
	one = find(found, "rule", "unknown");
	assert_string_equal(text_at(one, "severity"), "medium");
	assert_string_equal(text_at(one, "key"), "cmk-archive");
	assert_non_null(strstr(text_at(one, "cause"), "rotation policy of kv-archive/cmk-archive"));
	json_decref(found);

	place_ctl(&place, "fault", "none");
	place_ctl(&place, "fault", "GET *deletedVaults*=status:403");
	found = posture(11, NULL, NULL);
	assert_int_equal(count(found, "vault-absent"), 0);
	assert_true(count(found, "unknown") > 0);
	json_decref(found);

	place_ctl(&place, "fault", "none");
	place_ctl(&place, "fault", "GET *keys/cmk-billing*=status:403");
	found = posture(0, "aa-billing", NULL);
	assert_int_equal(count(found, "version-behind"), 0);
	assert_int_equal(count(found, "unknown"), 2);
	json_decref(found);

	place_ctl(&place, "fault", "none");
	place_ctl(&place, "fault", "POST *ResourceGraph*=status:403");
	found = posture(11, NULL, NULL);
	assert_int_equal(count(found, "unknown"), 0);
	assert_int_equal(count(found, "version-behind"), 1);
	json_decref(found);
	going_end(&server, 15);
}

/* Carries out the remedy, where it is a command that leaves nothing to be chosen. */
static void
mend(const char *remedy)
{
	const char *words[16] = {place.sandbox};
	char text[600], *at = text, *word;
	struct ran ran;
	size_t len = 1;

	if (strncmp(remedy, "claviger ", 9) != 0 || strstr(remedy, "VAULT/KEY"))
		return;
	snprintf(text, sizeof text, "%s", remedy + 9);
	while ((word = strsep(&at, " ")) != NULL && len < 14)
		words[len++] = word;
	words[len] = "--yes";
	run_words(&ran, words, NULL);
	ran_expect(&ran, 0);
	ran_free(&ran);
}

/* Nobody can make a key of another type, an account of another birth, or the choice of a key. */
static void
remedies_mend(void **state)
{
	static const char *const stay[] = {"key-not-rsa", "not-onboarded", "identity-missing",
		"services-not-covered", "api-version-retires"};
	json_t *found = posture(11, NULL, NULL), *one;
	size_t i;

	(void)state;
	json_array_foreach(found, i, one)
	{
		mend(word(one, "remedy"));
	}
	json_decref(found);
	found = posture(11, NULL, NULL);
	assert_true(json_array_size(found) > 0);
	json_array_foreach(found, i, one)
	{
		bool stays = false;

		for (size_t k = 0; k < ARRAY_LEN(stay); k++)
			stays = stays || strcmp(word(one, "rule"), stay[k]) == 0;
		if (!stays)
			fail_msg("%s is still there: %s", word(one, "rule"), word(one, "cause"));
	}
	json_decref(found);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_was_planted),
		cmocka_unit_test(remedies_are_commands),
		cmocka_unit_test(narrowed),
		cmocka_unit_test(as_a_table),
		cmocka_unit_test(unknown_is_told),
		cmocka_unit_test(remedies_mend),
	};
	int failed;

	place_seed(&place);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	place_remove(&place);
	return failed;
}
