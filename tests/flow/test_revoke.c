/* Revoke through the program: each service on each kind of store, cut in each way and brought back,
 * until the sandbox is exactly as it was; and what may not be called dark. */
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

#include "backend/base/err.h"
#include "tests/fixtures/serving.h"

static struct serving serving;

static void
does(const char *const *words)
{
	const char *all[16] = {serving.place.sandbox};
	struct ran ran;
	size_t n = 1;

	while (*words)
		all[n++] = *words++;
	run_words(&ran, all, NULL);
	ran_expect(&ran, 0);
	ran_free(&ran);
}

/* Role assignments are given first, since they take effect after a while only. */
static int
setup_all(void **state)
{
	static const char *const setup[][14] = {
		{"key", "create", "kv-billing/cmk-batch", "--bits", "2048", "--yes"},
		{"onboard", "barender01", "--key", "kv-billing/cmk-batch", "--yes"},
		{"grant", "aa-guidang", "--vault", "kv-rbac", "--key", "cmk-rbac", "--yes"},
		{"grant", "stledger01", "--vault", "hsm-core", "--key", "cmk-hsm", "--yes"},
		{"onboard", "aa-guidang", "--key", "kv-rbac/cmk-rbac", "--yes"},
		{"onboard", "stledger01", "--key", "hsm-core/cmk-hsm", "--yes"},
	};

	(void)state;
	serving_start(&serving);
	for (size_t i = 0; i < ARRAY_LEN(setup); i++) {
		does(setup[i]);
		place_ctl(&serving.place, "clock", "+1m");
	}
	return 0;
}

static int
teardown_all(void **state)
{
	(void)state;
	serving_stop(&serving);
	return 0;
}

static const char *
bare(const char *key)
{
	return strchr(key, '/') + 1;
}

/* revoke --no-wait: the whole result, whatever its end. */
static json_t *
cut(const char *key, const char *method, int *code)
{
	char confirm[80];
	struct ran ran;
	json_t *root;

	snprintf(confirm, sizeof confirm, "--confirm=%s", bare(key));
	run(&ran, serving.place.sandbox, "revoke", key, "--method", method, confirm, "--no-wait",
		"-o", "json", NULL);
	root = ran_json(&ran);
	*code = ran.code;
	assert_int_equal(*code, strcmp(text_at(root, "state"), "parked") == 0 ? 75 : 0);
	ran_free(&ran);
	return root;
}

static json_t *
bring_back(const char *key, int *code)
{
	struct ran ran;
	json_t *root;

	run(&ran, serving.place.sandbox, "restore", key, "--yes", "--no-wait", "-o", "json", NULL);
	root = ran_json(&ran);
	*code = ran.code;
	assert_int_equal(*code, strcmp(text_at(root, "state"), "parked") == 0 ? 75 : 0);
	ran_free(&ran);
	return root;
}

/* The outcome of an account, which says why. */
static const char *
outcome_of(const json_t *root, const char *account)
{
	const json_t *one = find(json_object_get(root, "accounts"), "name", account);

	assert_true(strlen(text_at(one, "evidence")) > 0);
	assert_true(json_is_number(json_object_get(one, "seconds")));
	return text_at(one, "outcome");
}

/* Once it was parked: its time goes on, and it is gone on with. */
static json_t *
settle(json_t *root, const char *leap)
{
	json_t *later;

	if (strcmp(text_at(root, "state"), "parked") != 0)
		return root;
	place_ctl(&serving.place, "clock", leap);
	later = serving_run(&serving, 0, "resume", text_at(root, "operation"), NULL);
	json_decref(root);
	return later;
}

static void
cut_and_back(const char *key, const char *account, const char *method)
{
	json_t *before = place_dumped(&serving.place), *after, *root;
	int code;

	root = cut(key, method, &code);
	assert_string_not_equal(outcome_of(root, account), "unknown");
	root = settle(root, "+1m");
	assert_string_equal(outcome_of(root, account), "dark");
	json_decref(root);
	after = place_dumped(&serving.place);
	assert_false(json_equal(before, after));
	json_decref(after);
	root = settle(bring_back(key, &code), "+10m");
	assert_string_equal(outcome_of(root, account), "restored");
	json_decref(root);
	after = place_dumped(&serving.place);
	assert_true(json_equal(before, after));
	json_decref(before);
	json_decref(after);
}

static void
every_service_goes_dark_and_comes_back(void **state)
{
	static const struct {
		const char *key, *account, *method;
	} cases[] = {
		{"kv-billing/cmk-billing", "aa-billing", "disable"},
		{"kv-billing/cmk-billing", "aa-billing", "ungrant"},
		{"kv-archive/cmk-archive", "starchive01", "both"},
		{"kv-archive/cmk-archive", "starchive01", "ungrant"},
		{"kv-billing/cmk-batch", "barender01", "disable"},
		{"kv-billing/cmk-batch", "barender01", "ungrant"},
		{"kv-rbac/cmk-rbac", "aa-guidang", "ungrant"},
		{"kv-rbac/cmk-rbac", "aa-guidang", "both"},
		{"hsm-core/cmk-hsm", "stledger01", "disable"},
		{"hsm-core/cmk-hsm", "stledger01", "ungrant"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		cut_and_back(cases[i].key, cases[i].account, cases[i].method);
}

static bool
has_finding(const json_t *root, const char *rule)
{
	const json_t *findings = json_object_get(root, "findings"), *one;
	size_t i;

	json_array_foreach((json_t *)findings, i, one)
	{
		if (strcmp(text_at(one, "rule"), rule) == 0)
			return true;
	}
	return false;
}

/* Three versions, all of which an account that follows new ones could move to. */
static void
a_dry_run_changes_nothing_and_shows_all(void **state)
{
	json_t *before = place_dumped(&serving.place), *after, *root;
	char *text;

	(void)state;
	root = serving_run(&serving, 10, "revoke", "kv-archive/cmk-archive", "--method", "both",
		"--dry-run", NULL);
	assert_string_equal(text_at(root, "state"), "planned");
	assert_true(json_is_null(json_object_get(root, "operation")));
	text = json_dumps(root, 0);
	assert_non_null(strstr(text, "/keys/cmk-archive/"));
	assert_non_null(strstr(text, "/accessPolicies/remove"));
	assert_non_null(strstr(text, "/canary/canary.txt"));
	free(text);
	assert_true(has_finding(root, "accounts-go-dark"));
	assert_true(has_finding(root, "still-works"));
	json_decref(root);
	after = place_dumped(&serving.place);
	assert_true(json_equal(before, after));
	json_decref(before);
	json_decref(after);
}

static void
it_must_be_confirmed_by_name(void **state)
{
	static const char *const wrong[] = {"--yes", "--confirm=aa-billing"};
	json_t *before = place_dumped(&serving.place), *after;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct ran ran;

		run(&ran, serving.place.sandbox, "revoke", "kv-billing/cmk-billing", wrong[i], "-o",
			"none", NULL);
		ran_expect(&ran, 2);
		ran_free(&ran);
	}
	after = place_dumped(&serving.place);
	assert_true(json_equal(before, after));
	json_decref(before);
	json_decref(after);
}

/* Only one account is named, and the other on the same version goes dark as well. */
static void
whoever_shares_the_key_is_told_of(void **state)
{
	struct ran ran;
	json_t *root;

	(void)state;
	does((const char *const[]){
		"replace", "aa-billing", "--key", "kv-billing/cmk-batch", "--yes", NULL});
	root = serving_run(&serving, 10, "revoke", "kv-billing/cmk-batch", "--account",
		"barender01", "--dry-run", NULL);
	assert_int_equal(json_array_size(json_object_get(root, "accounts")), 1);
	assert_true(has_finding(root, "others-go-dark"));
	json_decref(root);
	root = serving_run(&serving, 10, "revoke", "kv-billing/cmk-batch", "--account",
		"barender01", "--account", "aa-billing", "--dry-run", NULL);
	assert_int_equal(json_array_size(json_object_get(root, "accounts")), 2);
	assert_false(has_finding(root, "others-go-dark"));
	json_decref(root);
	run(&ran, serving.place.sandbox, "revoke", "kv-billing/cmk-batch", "--account",
		"starchive01", "--dry-run", "-o", "none", NULL);
	ran_expect(&ran, 3);
	ran_free(&ran);
	does((const char *const[]){
		"replace", "aa-billing", "--key", "kv-billing/cmk-billing", "--yes", NULL});
}

/* What cannot be asked is cut; what does not answer clearly is unknown; neither is dark. */
static void
what_is_not_seen_is_not_called_dark(void **state)
{
	static const struct {
		const char *fault, *outcome;
	} cases[] = {
		{"GET */variables=type:value", "cut"},
		{"GET */variables/*=status:403", "unknown"},
		{"GET */variables/*=status:409", "unknown"},
	};
	json_t *root;
	int code;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		place_ctl(&serving.place, "fault", cases[i].fault);
		root = cut("kv-billing/cmk-billing", "disable", &code);
		assert_int_equal(code, 75);
		assert_string_equal(outcome_of(root, "aa-billing"), cases[i].outcome);
		json_decref(root);
		place_ctl(&serving.place, "fault", "none");
		place_ctl(&serving.place, "clock", "+1m");
		root = settle(bring_back("kv-billing/cmk-billing", &code), "+10m");
		json_decref(root);
	}
}

/* Cut twice: nothing is left to do, and it is seen to be dark again. */
static void
again_it_finds_nothing_to_do(void **state)
{
	json_t *root;
	int code;

	(void)state;
	place_ctl(&serving.place, "clock", "+1m");
	root = settle(cut("kv-billing/cmk-billing", "disable", &code), "+1m");
	json_decref(root);
	root = cut("kv-billing/cmk-billing", "disable", &code);
	assert_int_equal(code, 0);
	assert_string_equal(text_at(root, "state"), "unchanged");
	assert_string_equal(outcome_of(root, "aa-billing"), "dark");
	json_decref(root);
	root = settle(bring_back("kv-billing/cmk-billing", &code), "+10m");
	json_decref(root);
	root = bring_back("kv-billing/cmk-billing", &code);
	assert_int_equal(code, 0);
	assert_string_equal(text_at(root, "state"), "unchanged");
	assert_string_equal(outcome_of(root, "aa-billing"), "restored");
	json_decref(root);
}

/* Killed while it watches, with the cut made: it is gone on with under its own id. */
static void
killed_it_is_gone_on_with(void **state)
{
	json_t *before = place_dumped(&serving.place), *root, *list, *one;
	struct going going;
	int code;

	(void)state;
	place_ctl(&serving.place, "clock", "+1m");
	place_ctl(&serving.place, "fault", "GET */variables/*=delay:60000*1");
	going_start(&going, serving.place.sandbox, "revoke", "kv-billing/cmk-billing",
		"--confirm=cmk-billing", "-o", "json", NULL);
	serving_wait_held(&serving);
	root = place_dumped(&serving.place);
	assert_false(json_equal(root, before));
	json_decref(root);
	assert_int_equal(going_end(&going, SIGKILL), 1000 + SIGKILL);
	place_ctl(&serving.place, "clock", "+1m");
	list = serving_run(&serving, 0, "operations", NULL);
	one = json_array_get(list, json_array_size(list) - 1);
	assert_string_equal(text_at(one, "plan"), "revoke");
	root = serving_run(&serving, 0, "resume", text_at(one, "operation"), NULL);
	assert_string_equal(outcome_of(root, "aa-billing"), "dark");
	json_decref(root);
	json_decref(list);
	root = settle(bring_back("kv-billing/cmk-billing", &code), "+10m");
	json_decref(root);
	root = place_dumped(&serving.place);
	assert_true(json_equal(root, before));
	json_decref(root);
	json_decref(before);
}

/* With no place for a record nothing is cut, unless somebody takes it upon himself. */
static void
without_a_journal_the_glass_must_be_broken(void **state)
{
	char path[PATH_MAX + 32], aside[PATH_MAX + 32];
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	char *kept = runtime ? strdup(runtime) : NULL;
	struct ran ran;

	(void)state;
	if (access("/dev/log", F_OK) == 0)
		skip();
	snprintf(path, sizeof path, "%s/journal.jsonl", serving.place.dir);
	snprintf(aside, sizeof aside, "%s/journal.aside", serving.place.dir);
	assert_int_equal(rename(path, aside), 0);
	assert_int_equal(symlink("/dev/full", path), 0);
	setenv("XDG_RUNTIME_DIR", "/nonexistent", 1);
	run(&ran, serving.place.sandbox, "revoke", "kv-billing/cmk-billing",
		"--confirm=cmk-billing", "--no-wait", "-o", "none", NULL);
	ran_expect(&ran, 74);
	ran_free(&ran);
	run(&ran, serving.place.sandbox, "revoke", "kv-billing/cmk-billing",
		"--confirm=cmk-billing", "--no-wait", "--break-glass", "the key was stolen", "-o",
		"json", NULL);
	if (ran.code != 0 && ran.code != 75)
		ran_expect(&ran, 0);
	assert_non_null(strstr(ran.err, "the key was stolen"));
	ran_free(&ran);
	if (kept)
		setenv("XDG_RUNTIME_DIR", kept, 1);
	else
		unsetenv("XDG_RUNTIME_DIR");
	free(kept);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rename(aside, path), 0);
	place_ctl(&serving.place, "clock", "+1m");
	/* it is not in this journal: what the accounts use is made usable */
	json_decref(serving_run(&serving, 0, "restore", "kv-billing/cmk-billing", "--yes", NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dry_run_changes_nothing_and_shows_all),
		cmocka_unit_test(it_must_be_confirmed_by_name),
		cmocka_unit_test(every_service_goes_dark_and_comes_back),
		cmocka_unit_test(again_it_finds_nothing_to_do),
		cmocka_unit_test(what_is_not_seen_is_not_called_dark),
		cmocka_unit_test(killed_it_is_gone_on_with),
		cmocka_unit_test(whoever_shares_the_key_is_told_of),
		cmocka_unit_test(without_a_journal_the_glass_must_be_broken),
	};

	return cmocka_run_group_tests(tests, setup_all, teardown_all);
}
