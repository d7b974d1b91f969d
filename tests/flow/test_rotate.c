/* A new version of a key and everybody on it: pinned accounts are moved, those that follow by
 * themselves are waited for, and the versions before are disabled when nobody needs them; cut off
 * in the middle, gone on with, and taken back. */
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

static struct serving world;

static size_t
versions(const char *key, size_t *enabled)
{
	json_t *shown = serving_run(&world, 0, "key", "show", key, NULL), *one;
	size_t i, all = json_array_size(value_at(shown, "versions"));

	*enabled = 0;
	json_array_foreach(value_at(shown, "versions"), i, one) *enabled +=
		json_is_true(json_object_get(one, "enabled"));
	json_decref(shown);
	return all;
}

static void
expect_versions(const char *key, size_t all, size_t enabled)
{
	size_t seen;

	assert_int_equal(versions(key, &seen), all);
	assert_int_equal(seen, enabled);
}

/* The step of a member, by the stage that it is in. */
static json_t *
step(const json_t *result, const char *stage, const char *name)
{
	json_t *one;
	size_t i;

	json_array_foreach(value_at(result, "steps"), i, one)
	{
		const char *in = json_string_value(json_object_get(one, "stage"));

		if (in && strcmp(in, stage) == 0 && strcmp(text_at(one, "name"), name) == 0)
			return one;
	}
	fail_msg("no step %s in stage %s", name, stage);
	return NULL;
}

static size_t
steps_in(const json_t *result, const char *stage)
{
	json_t *one;
	size_t i, n = 0;

	json_array_foreach(value_at(result, "steps"), i, one)
	{
		const char *in = json_string_value(json_object_get(one, "stage"));

		n += in && strcmp(in, stage) == 0;
	}
	return n;
}

static void
expect_outcome(const json_t *result, const char *account, const char *outcome, const char *text)
{
	const json_t *one = find(value_at(result, "accounts"), "name", account);

	assert_string_equal(text_at(one, "outcome"), outcome);
	if (text && strstr(text_at(one, "evidence"), text) == NULL)
		fail_msg("%s: %s", account, text_at(one, "evidence"));
}

static void
expect_state(const json_t *result, const char *state)
{
	assert_string_equal(text_at(result, "state"), state);
}

/* Runs it, keeps its operation, and gives the result back. */
static json_t *
rotate(char id[40], int code, const char *key, const char *a, const char *b, const char *c)
{
	json_t *done = serving_run(&world, code, "rotate", key, "--yes", a, b, c, NULL);

	snprintf(id, 40, "%s", text_at(done, "operation"));
	return done;
}

static void
again(const char *verb, const char *id, int code, const char *state)
{
	json_t *done = serving_run(&world, code, verb, id, "--yes", NULL);

	expect_state(done, state);
	json_decref(done);
}

static void
fails(int code, const char *text, const char *key, const char *a, const char *b, const char *c)
{
	struct ran ran;

	run(&ran, world.place.sandbox, "rotate", key, "--yes", a, b, c, NULL);
	ran_expect(&ran, code);
	if (strstr(ran.err, text) == NULL)
		fail_msg("%s is not in: %s", text, ran.err);
	ran_free(&ran);
}

static void
what_makes_no_sense_is_refused(void **state)
{
	json_t *shown = serving_run(&world, 0, "key", "show", "kv-billing/cmk-billing", NULL);
	char uri[200], *before = place_dump(&world.place), *after;

	(void)state;
	snprintf(uri, sizeof uri, "%s/%s", text_at(shown, "id"), text_at(shown, "current"));
	json_decref(shown);
	fails(2, "without a version", uri, NULL, NULL, NULL);
	fails(2, "--retire-old", "kv-billing/cmk-billing", "--reason", "now", NULL);
	fails(2, "say why", "kv-billing/cmk-billing", "--retire-old", "--reason", "");
	fails(2, "no rule of that name", "kv-billing/cmk-billing", "--force", "weather", NULL);
	fails(5, "only RSA keys", "kv-payroll/cmk-ec", NULL, NULL, NULL);
	fails(5, "versions-disabled", "kv-payroll/cmk-off", NULL, NULL, NULL);
	fails(5, "stexport01 cannot open its key", "kv-archive/cmk-export", NULL, NULL, NULL);
	after = place_dump(&world.place);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void
a_preview_shows_marks(void **state)
{
	static const char key_mark[] = "\xe2\x80\xb9version, from stage version\xe2\x80\xba";
	char *before = place_dump(&world.place), *after;
	json_t *dry = serving_run(
		&world, 10, "rotate", "kv-billing/cmk-billing", "--retire-old", "--dry-run", NULL);
	json_t *request = value_at(step(dry, "version", "version"), "request");

	(void)state;
	assert_true(json_is_null(value_at(dry, "operation")));
	assert_string_equal(text_at(request, "method"), "POST");
	assert_non_null(strstr(text_at(request, "url"), "/keys/cmk-billing/create?"));
	assert_int_equal(json_integer_value(value_at(request, "body.key_size")), 2048);
	assert_string_equal(text_at(request, "body.kty"), "RSA");
	assert_int_equal(json_array_size(value_at(request, "body.key_ops")), 6);
	request = value_at(step(dry, "repin", "switch"), "request");
	assert_string_equal(
		text_at(request, "body.properties.encryption.keyVaultProperties.keyVersion"),
		key_mark);
	request = value_at(step(dry, "repin", "prove"), "request");
	assert_non_null(strstr(text_at(request, "url"), key_mark));
	assert_int_equal(steps_in(dry, "retire"), 3);
	json_decref(dry);
	after = place_dump(&world.place);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void
nothing_with_a_mark_is_sent(void **state)
{
	char *before = place_dump(&world.place), *after;
	struct ran ran;

	(void)state;
	run(&ran, world.place.sandbox, "repin", "aa-billing", "--key-version",
		"\xe2\x80\xb9version\xe2\x80\xba", "--yes", NULL);
	assert_int_not_equal(ran.code, 0);
	ran_free(&ran);
	after = place_dump(&world.place);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

/* Two versions behind, then on the new one; and where it was. */
static void
pinned_automation_is_moved(void **state)
{
	char id[40];
	json_t *done;

	(void)state;
	done = rotate(id, 0, "kv-billing/cmk-billing", NULL, NULL, NULL);
	expect_state(done, "done");
	expect_outcome(done, "aa-billing", "moved", "read back");
	json_decref(done);
	serving_expect(&world, "aa-billing", "version", "key:kv-billing/cmk-billing#4");
	expect_versions("kv-billing/cmk-billing", 4, 4);
	again("resume", id, 0, "unchanged");
	expect_versions("kv-billing/cmk-billing", 4, 4);
	json_decref(serving_run(&world, 10, "rotate", "kv-billing/cmk-billing", "--dry-run", NULL));
	again("rollback", id, 0, "rolled-back");
	serving_expect(&world, "aa-billing", "version", "key:kv-billing/cmk-billing#1");
	expect_versions("kv-billing/cmk-billing", 4, 3);
	again("rollback", id, 0, "unchanged");
}

static void
last_operation(char id[40])
{
	json_t *list = serving_run(&world, 0, "operations", NULL);
	json_t *row = json_array_get(list, json_array_size(list) - 1);

	assert_string_equal(text_at(row, "plan"), "rotate");
	snprintf(id, 40, "%s", text_at(row, "operation"));
	json_decref(list);
}

static void
kill_at(const char *text)
{
	int before = serving_recorded(&world, text);
	struct going going;

	going_start(&going, world.place.sandbox, "rotate", "kv-billing/cmk-billing", "--yes", NULL);
	for (int i = 0; i < 60000 && serving_recorded(&world, text) == before; i++)
		usleep(500);
	going_end(&going, SIGKILL);
	assert_true(serving_recorded(&world, text) > before);
}

/* Wherever it is cut off: one version, and the account on it. */
static void
killed_it_goes_on_with_one_version(void **state)
{
	static const char *const points[] = {"\"plan\":\"rotate\",\"phase\":\"begin\"",
		"\"step\":\"version\",\"phase\":\"intent\"",
		"\"step\":\"version\",\"phase\":\"done\"",
		"\"step\":\"switch\",\"phase\":\"intent\"",
		"\"step\":\"switch\",\"phase\":\"done\""};
	size_t enabled, before = versions("kv-billing/cmk-billing", &enabled);
	char id[40], name[80];
	struct ran ran;

	(void)state;
	for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
		json_t *done;

		kill_at(points[i]);
		last_operation(id);
		done = serving_run(&world, 0, "resume", id, "--yes", NULL);
		expect_outcome(done, "aa-billing", "moved", NULL);
		json_decref(done);
		expect_versions("kv-billing/cmk-billing", before + i + 1, enabled + i + 1);
		snprintf(name, sizeof name, "key:kv-billing/cmk-billing#%zu", before + i + 1);
		serving_expect(&world, "aa-billing", "version", name);
		again("resume", id, 0, "unchanged");
	}
	run(&ran, world.place.sandbox, "journal", "verify", NULL);
	ran_expect(&ran, 0);
	ran_free(&ran);
}

/* Storage looks once a day: it is parked until the account is seen on the new version. */
static void
automatic_storage_is_waited_for(void **state)
{
	char id[40];
	json_t *done;

	(void)state;
	done = rotate(id, 75, "kv-archive/cmk-archive", NULL, NULL, NULL);
	expect_state(done, "parked");
	expect_outcome(done, "starchive01", "unknown", "Storage looks for a new one once a day");
	json_decref(done);
	again("resume", id, 75, "parked");
	expect_versions("kv-archive/cmk-archive", 4, 4);
	place_ctl(&world.place, "clock", "+24h");
	done = serving_run(&world, 0, "resume", id, "--yes", NULL);
	expect_outcome(done, "starchive01", "moved", "read back");
	json_decref(done);
	/* It uses the version, which stays therefore. */
	again("rollback", id, 0, "unchanged");
	expect_versions("kv-archive/cmk-archive", 4, 4);
	done = rotate(id, 0, "kv-archive/cmk-archive", "--no-wait", NULL, NULL);
	expect_state(done, "done");
	expect_outcome(done, "starchive01", "unknown", NULL);
	json_decref(done);
	expect_versions("kv-archive/cmk-archive", 5, 5);
}

/* All moved, and a day since: until then the versions before stay, whoever goes on. */
static void
old_versions_are_retired_a_day_later(void **state)
{
	size_t enabled, before = versions("kv-billing/cmk-billing", &enabled);
	char id[40];
	json_t *done;

	(void)state;
	done = rotate(id, 75, "kv-billing/cmk-billing", "--retire-old", NULL, NULL);
	expect_state(done, "parked");
	assert_string_equal(text_at(done, "error.code"), "NotDue");
	expect_outcome(done, "aa-billing", "moved", NULL);
	json_decref(done);
	again("resume", id, 75, "parked");
	place_ctl(&world.place, "clock", "+23h");
	again("resume", id, 75, "parked");
	expect_versions("kv-billing/cmk-billing", before + 1, enabled + 1);
	place_ctl(&world.place, "clock", "+2h");
	again("resume", id, 0, "done");
	expect_versions("kv-billing/cmk-billing", before + 1, 1);
	again("resume", id, 0, "unchanged");
	again("rollback", id, 0, "rolled-back");
	expect_versions("kv-billing/cmk-billing", before + 1, enabled);
}

/* A reason stands in for the day, and not for an account that has not moved. */
static void
a_reason_is_recorded_and_does_not_move_anybody(void **state)
{
	size_t enabled, before = versions("kv-billing/cmk-billing", &enabled), archive;
	char id[40];
	json_t *done;

	(void)state;
	done = rotate(id, 0, "kv-billing/cmk-billing", "--retire-old", "--reason", "it leaked");
	expect_state(done, "done");
	json_decref(done);
	expect_versions("kv-billing/cmk-billing", before + 1, 1);
	assert_true(serving_recorded(&world, "\"reason\":\"it leaked\"") > 0);
	archive = versions("kv-archive/cmk-archive", &enabled);
	done = rotate(id, 75, "kv-archive/cmk-archive", "--retire-old", "--reason", "it leaked");
	assert_string_equal(text_at(done, "error.code"), "NotMoved");
	json_decref(done);
	expect_versions("kv-archive/cmk-archive", archive + 1, enabled + 1);
}

/* As long as the rotation policy says. */
static void
a_version_expires_as_the_policy_says(void **state)
{
	char id[40];
	json_t *dry, *done, *shown;

	(void)state;
	json_decref(serving_run(&world, 0, "key", "rotation-policy", "hsm-core/cmk-hsm", "--expire",
		"P90D", "--yes", NULL));
	dry = serving_run(&world, 10, "rotate", "hsm-core/cmk-hsm", "--dry-run", NULL);
	assert_string_equal(text_at(step(dry, "version", "version"), "request.body.attributes.exp"),
		"\xe2\x80\xb9"
		"P90D after it is made\xe2\x80\xba");
	assert_string_equal(
		text_at(step(dry, "version", "version"), "request.body.kty"), "RSA-HSM");
	json_decref(dry);
	done = rotate(id, 0, "hsm-core/cmk-hsm", NULL, NULL, NULL);
	json_decref(done);
	shown = serving_run(&world, 0, "key", "show", "hsm-core/cmk-hsm", NULL);
	assert_true(json_is_string(value_at(shown, "expires")));
	assert_int_equal(json_array_size(value_at(shown, "versions")), 2);
	json_decref(shown);
}

/* One key for all three services, on a vault with roles. */
static void
all_three_services_on_roles(void **state)
{
	static const char *const accounts[] = {"aa-payroll", "barender01", "stledger01"};
	char id[40], newest[33];
	json_t *done, *shown;

	(void)state;
	shown = serving_run(&world, 0, "key", "show", "kv-rbac/cmk-rbac", NULL);
	snprintf(newest, sizeof newest, "%s", text_at(shown, "current"));
	json_decref(shown);
	for (size_t i = 0; i < 3; i++)
		json_decref(serving_run(&world, 0, "onboard", accounts[i], "--key",
			"kv-rbac/cmk-rbac", "--key-version", newest, "--yes", NULL));
	done = rotate(id, 0, "kv-rbac/cmk-rbac", NULL, NULL, NULL);
	for (size_t i = 0; i < 3; i++)
		expect_outcome(done, accounts[i], "moved", "read back");
	json_decref(done);
	for (size_t i = 0; i < 3; i++)
		serving_expect(&world, accounts[i], "version", "key:kv-rbac/cmk-rbac#2");
	/* Batch, left to itself, does not tell. */
	json_decref(serving_run(&world, 0, "repin", "barender01", "--auto", "--yes", NULL));
	serving_refuses(&world, "users-unknown", "barender01", "rotate", "kv-rbac/cmk-rbac",
		"--retire-old", "--yes", NULL);
	done = rotate(id, 75, "kv-rbac/cmk-rbac", "--retire-old", "--force", "users-unknown");
	assert_string_equal(text_at(done, "error.code"), "NotDue");
	expect_outcome(done, "barender01", "unknown", "does not tell");
	expect_outcome(done, "stledger01", "moved", NULL);
	json_decref(done);
	assert_true(serving_recorded(&world, "\"forced\":[\"users-unknown\"]") > 0);
	/* Nobody knows whom that cuts off: the key's name is asked for. */
	place_ctl(&world.place, "clock", "+25h");
	json_decref(serving_run(&world, 2, "resume", id, "--yes", NULL));
	expect_versions("kv-rbac/cmk-rbac", 3, 3);
	json_decref(serving_run(&world, 0, "resume", id, "--yes", "--confirm=cmk-rbac", NULL));
	expect_versions("kv-rbac/cmk-rbac", 3, 1);
	again("rollback", id, 0, "rolled-back");
	serving_expect(&world, "stledger01", "version", "key:kv-rbac/cmk-rbac#2");
}

/* A rule that is forced does not stop the plan, and is told all the same; kept with the plan. */
static void
what_is_forced_is_told(void **state)
{
	char path[PATH_MAX + 32];
	json_t *dry, *finding;
	struct ran ran;

	(void)state;
	serving_refuses(&world, "key-expired", "cmk-old", "onboard", "aa-guidang", "--key",
		"kv-payroll/cmk-old", "--dry-run", NULL);
	snprintf(path, sizeof path, "%s/forced.json", world.place.dir);
	dry = serving_run(&world, 10, "onboard", "aa-guidang", "--key", "kv-payroll/cmk-old",
		"--force", "key-expired", "--plan-out", path, NULL);
	finding = find(value_at(dry, "findings"), "rule", "key-expired");
	assert_string_equal(text_at(finding, "effect"), "told");
	json_decref(dry);
	run(&ran, world.place.sandbox, "apply", path, "--dry-run", NULL);
	ran_expect(&ran, 10);
	ran_free(&ran);
}

/* Kept in a file, and carried out from there once. */
static void
a_kept_rotation_is_carried_out(void **state)
{
	size_t enabled, before = versions("kv-billing/cmk-billing", &enabled);
	char path[PATH_MAX + 32];
	struct ran ran;

	(void)state;
	snprintf(path, sizeof path, "%s/rotate.json", world.place.dir);
	json_decref(serving_run(
		&world, 10, "rotate", "kv-billing/cmk-billing", "--plan-out", path, NULL));
	run(&ran, world.place.sandbox, "apply", path, "--yes", NULL);
	ran_expect(&ran, 0);
	ran_free(&ran);
	expect_versions("kv-billing/cmk-billing", before + 1, enabled + 1);
	run(&ran, world.place.sandbox, "apply", path, "--yes", NULL);
	ran_expect(&ran, 5);
	ran_free(&ran);
	expect_versions("kv-billing/cmk-billing", before + 1, enabled + 1);
}

/* Storage on a managed HSM, pinned. */
static void
storage_on_an_hsm(void **state)
{
	char id[40], newest[33];
	json_t *done, *shown;

	(void)state;
	shown = serving_run(&world, 0, "key", "show", "hsm-core/cmk-hsm", NULL);
	snprintf(newest, sizeof newest, "%s", text_at(shown, "current"));
	json_decref(shown);
	json_decref(serving_run(&world, 0, "replace", "stledger01", "--key", "hsm-core/cmk-hsm",
		"--key-version", newest, "--yes", NULL));
	done = rotate(id, 0, "hsm-core/cmk-hsm", NULL, NULL, NULL);
	expect_outcome(done, "stledger01", "moved", "read back");
	json_decref(done);
	serving_expect(&world, "stledger01", "version", "key:hsm-core/cmk-hsm#3");
	again("rollback", id, 0, "rolled-back");
	serving_expect(&world, "stledger01", "version", "key:hsm-core/cmk-hsm#2");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_makes_no_sense_is_refused),
		cmocka_unit_test(a_preview_shows_marks),
		cmocka_unit_test(nothing_with_a_mark_is_sent),
		cmocka_unit_test(pinned_automation_is_moved),
		cmocka_unit_test(killed_it_goes_on_with_one_version),
		cmocka_unit_test(automatic_storage_is_waited_for),
		cmocka_unit_test(old_versions_are_retired_a_day_later),
		cmocka_unit_test(a_reason_is_recorded_and_does_not_move_anybody),
		cmocka_unit_test(a_version_expires_as_the_policy_says),
		cmocka_unit_test(all_three_services_on_roles),
		cmocka_unit_test(storage_on_an_hsm),
		cmocka_unit_test(what_is_forced_is_told),
		cmocka_unit_test(a_kept_rotation_is_carried_out),
	};
	int failed;

	serving_start(&world);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	serving_stop(&world);
	return failed;
}
