/* A stolen key: whoever may copy it loses that, every account moves to a new key in another vault,
 * and the old key is disabled last, or not at all. Between vaults of every kind. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/base/err.h"
#include "tests/fixtures/serving.h"

static struct serving world;

static bool
has(const json_t *words, const char *word)
{
	size_t i;
	json_t *one;

	json_array_foreach((json_t *)words, i, one)
	{
		if (strcmp(json_string_value(one), word) == 0)
			return true;
	}
	return false;
}

/* Who may copy keys by an access policy of the vault. */
static size_t
copiers(const char *vault)
{
	json_t *one = serving_dump(&world, "vaults", vault), *entry;
	size_t n = 0, i;

	json_array_foreach(value_at(one, "accessPolicies"), i, entry)
	{
		const json_t *keys = value_at(entry, "permissions.keys");

		n += has(keys, "all") || has(keys, "backup") || has(keys, "restore");
	}
	json_decref(one);
	return n;
}

static json_t *
policies(const char *vault)
{
	json_t *one = serving_dump(&world, "vaults", vault);
	json_t *list = json_incref(value_at(one, "accessPolicies"));

	json_decref(one);
	return list;
}

/* How many versions of a key there are, and how many of them are enabled. */
static size_t
versions(const char *vault, const char *key, size_t *enabled)
{
	json_t *one = serving_dump(&world, "vaults", vault), *version;
	size_t n = 0, i;

	*enabled = 0;
	json_array_foreach(value_at(one, "keys"), i, version)
	{
		if (strcmp(text_at(version, "name"), key) != 0)
			continue;
		n++;
		*enabled += json_is_true(value_at(version, "enabled"));
	}
	json_decref(one);
	return n;
}

static void
expect_disabled(const char *vault, const char *key)
{
	size_t enabled;

	assert_true(versions(vault, key, &enabled) > 0);
	assert_int_equal(enabled, 0);
}

static const char *
cause(const json_t *result, const char *rule)
{
	return text_at(find(value_at(result, "findings"), "rule", rule), "cause");
}

static json_t *
step(const json_t *result, const char *plan, const char *name)
{
	json_t *one;
	size_t i;

	json_array_foreach(value_at(result, "steps"), i, one)
	{
		if (strcmp(text_at(one, "plan"), plan) == 0 &&
			strcmp(text_at(one, "name"), name) == 0)
			return one;
	}
	fail_msg("no step %s of %s", name, plan);
	return NULL;
}

static void
expect_moved(const json_t *result, const char *account)
{
	const json_t *one = find(value_at(result, "accounts"), "name", account);

	assert_string_equal(text_at(one, "outcome"), "moved");
	assert_non_null(strstr(text_at(one, "evidence"), "opens what was wrapped here"));
}

/* From access policies to access policies: what others hold beside backup and restore stays. */
static void
from_policies_to_policies(void **state)
{
	json_t *before, *after, *entry, *dry, *done;
	size_t enabled;

	(void)state;
	json_decref(serving_run(&world, 0, "onboard", "aa-payroll", "--key",
		"kv-payroll/cmk-payroll", "--yes", NULL));
	before = policies("kv-payroll");
	assert_true(copiers("kv-payroll") >= 3);
	dry = serving_plan(&world, "evacuate", "kv-payroll/cmk-payroll", "--vault", "kv-billing",
		"--key", "cmk-safe", "--create-key", "3072", "--confirm=cmk-payroll", NULL);
	assert_non_null(strstr(text_at(step(dry, "contain", "contain"), "request.url"),
		"/kv-payroll/accessPolicies/remove?"));
	assert_int_equal(
		json_array_size(value_at(step(dry, "contain", "contain"), "otherRequests")), 2);
	assert_string_equal(text_at(step(dry, "key create", "key"), "state"), "needed");
	assert_string_equal(text_at(step(dry, "replace", "key"), "state"), "skipped");
	assert_non_null(strstr(text_at(step(dry, "replace", "switch"),
				       "request.body.properties.encryption.keyVaultProperties."
				       "keyVersion"),
		"from stage key"));
	assert_string_equal(text_at(step(dry, "key disable", "disable"), "state"), "needed");
	assert_non_null(strstr(cause(dry, "look-at-logs"), "KeyBackup and KeyRestore"));
	assert_non_null(strstr(cause(dry, "look-at-logs"), "10 minutes"));
	assert_non_null(strstr(cause(dry, "copies-stay"), "restored elsewhere"));
	assert_non_null(strstr(cause(dry, "own-entry"), "as the last one"));
	json_decref(dry);
	serving_expect(&world, "aa-payroll", "store", "kv-billing");
	serving_expect(&world, "aa-payroll", "version", "key:kv-billing/cmk-safe#1");
	assert_int_equal(versions("kv-payroll", "cmk-payroll", &enabled), 1);
	assert_int_equal(enabled, 0);
	assert_int_equal(copiers("kv-payroll"), 0);
	after = policies("kv-payroll");
	assert_int_equal(json_array_size(before), json_array_size(after));
	json_array_foreach(before, enabled, entry)
	{
		const json_t *now = find(after, "objectId", text_at(entry, "objectId"));
		const json_t *keys = value_at(entry, "permissions.keys");
		size_t copies = (size_t)has(keys, "backup") + (size_t)has(keys, "restore");

		assert_int_equal(json_array_size(value_at(now, "permissions.keys")) + copies,
			json_array_size(keys));
		assert_true(json_equal(value_at(now, "permissions.secrets"),
			value_at(entry, "permissions.secrets")));
		assert_true(json_equal(value_at(now, "permissions.certificates"),
			value_at(entry, "permissions.certificates")));
	}
	json_decref(before);
	json_decref(after);
	done = serving_run(&world, 0, "account", "show", "aa-payroll", NULL);
	assert_string_equal(text_at(done, "state"), "ok");
	json_decref(done);
}

/* The word "all" is written out without the two; taking it back puts the word there again. */
static void
from_policies_to_roles_and_back(void **state)
{
	json_t *before = policies("kv-archive"), *after, *done, *back;
	size_t enabled;

	(void)state;
	done = serving_run(&world, 0, "evacuate", "kv-archive/cmk-archive", "--vault", "kv-rbac",
		"--key", "cmk-safe", "--create-key", "2048", "--confirm=cmk-archive", "--yes",
		NULL);
	assert_string_equal(text_at(done, "state"), "done");
	expect_moved(done, "starchive01");
	serving_expect(&world, "starchive01", "store", "kv-rbac");
	serving_expect(&world, "starchive01", "mode", "auto");
	expect_disabled("kv-archive", "cmk-archive");
	assert_int_equal(copiers("kv-archive"), 0);
	back = serving_run(&world, 0, "rollback", text_at(done, "operation"), "--yes", NULL);
	assert_string_equal(text_at(back, "state"), "rolled-back");
	json_decref(back);
	json_decref(done);
	serving_expect(&world, "starchive01", "store", "kv-archive");
	serving_expect(&world, "starchive01", "key", "cmk-archive");
	assert_int_equal(versions("kv-archive", "cmk-archive", &enabled), 3);
	assert_int_equal(enabled, 3);
	after = policies("kv-archive");
	assert_true(json_equal(before, after));
	json_decref(before);
	json_decref(after);
}

/* Roles stay, and are told of with whom and where. */
static void
from_roles_to_policies(void **state)
{
	json_t *dry;

	(void)state;
	json_decref(serving_run(
		&world, 0, "onboard", "barender01", "--key", "kv-rbac/cmk-rbac", "--yes", NULL));
	dry = serving_plan(&world, "evacuate", "kv-rbac/cmk-rbac", "--vault", "kv-billing", "--key",
		"cmk-media", "--create-key", "2048", "--confirm=cmk-rbac", NULL);
	assert_non_null(strstr(cause(dry, "may-copy"), "(you) may back up and restore"));
	assert_non_null(strstr(cause(dry, "may-copy"), "Key Vault Crypto Officer on /subs"));
	json_decref(dry);
	serving_expect(&world, "barender01", "store", "kv-billing");
	expect_disabled("kv-rbac", "cmk-rbac");
}

static void
from_an_hsm_to_a_vault(void **state)
{
	json_t *before, *after, *dry;
	const json_t *finding;
	size_t i, whole = 0, keys = 0;

	(void)state;
	json_decref(serving_run(
		&world, 0, "onboard", "stledger01", "--key", "hsm-core/cmk-hsm", "--yes", NULL));
	before = serving_dump(&world, "vaults", "hsm-core");
	dry = serving_plan(&world, "evacuate", "hsm-core/cmk-hsm", "--vault", "kv-billing", "--key",
		"cmk-ledger", "--create-key", "2048", "--confirm=cmk-hsm", NULL);
	json_array_foreach(value_at(dry, "findings"), i, finding)
	{
		const char *text = text_at(finding, "cause");

		whole += strstr(text, "the HSM as a whole: Managed HSM Administrator on /") != NULL;
		keys += strstr(text, "may back up and restore: Managed HSM Crypto User on") != NULL;
	}
	assert_true(whole > 0 && keys > 0);
	json_decref(dry);
	serving_expect(&world, "stledger01", "store", "kv-billing");
	expect_disabled("hsm-core", "cmk-hsm");
	after = serving_dump(&world, "vaults", "hsm-core");
	assert_true(json_equal(value_at(before, "localRoles"), value_at(after, "localRoles")));
	json_decref(before);
	json_decref(after);
}

/* An account that cannot move, since it cannot open the key it is on. */
static void
who_cannot_move_keeps_the_key_enabled(void **state)
{
	json_t *done;
	const json_t *one;
	size_t enabled;

	(void)state;
	done = serving_run(&world, 75, "evacuate", "kv-archive/cmk-export", "--vault", "kv-billing",
		"--key", "cmk-export", "--create-key", "2048", "--confirm=cmk-export", "--yes",
		NULL);
	assert_string_equal(text_at(done, "state"), "parked");
	assert_string_equal(text_at(done, "error.code"), "NotMoved");
	assert_non_null(strstr(text_at(done, "error.message"), "cmk-export stays enabled"));
	one = find(value_at(done, "accounts"), "name", "stexport01");
	assert_string_equal(text_at(one, "outcome"), "failed");
	assert_non_null(strstr(text_at(one, "evidence"), "unwrapKey"));
	json_decref(serving_run(&world, 75, "resume", text_at(done, "operation"),
		"--confirm=cmk-export", "--yes", NULL));
	json_decref(done);
	assert_int_equal(versions("kv-archive", "cmk-export", &enabled), 1);
	assert_int_equal(enabled, 1);
	assert_int_equal(copiers("kv-archive"), 0);
	serving_expect(&world, "stexport01", "store", "kv-archive");
}

/* Accounts in subscriptions that are not looked at may still need it: everything but the end. */
static void
what_is_not_seen_keeps_the_key_enabled(void **state)
{
	json_t *done, *again;
	size_t enabled;

	(void)state;
	done = serving_run(&world, 75, "evacuate", "kv-billing/cmk-billing", "--subscription",
		"Production", "--vault", "kv-archive", "--key", "cmk-safe", "--create-key", "2048",
		"--confirm=cmk-billing", "--yes", NULL);
	assert_string_equal(text_at(done, "error.code"), "UsersUnknown");
	expect_moved(done, "aa-billing");
	versions("kv-billing", "cmk-billing", &enabled);
	assert_int_equal(enabled, 3);
	serving_expect(&world, "aa-billing", "store", "kv-archive");
	again = serving_run(&world, 0, "resume", text_at(done, "operation"),
		"--confirm=cmk-billing", "--yes", NULL);
	assert_string_equal(text_at(again, "state"), "done");
	assert_string_equal(text_at(again, "operation"), text_at(done, "operation"));
	expect_moved(again, "aa-billing");
	expect_disabled("kv-billing", "cmk-billing");
	json_decref(again);
	again = serving_run(&world, 0, "resume", text_at(done, "operation"), "--yes", NULL);
	assert_string_equal(text_at(again, "state"), "unchanged");
	json_decref(again);
	json_decref(done);
}

static bool
is_switched(void)
{
	json_t *one = serving_dump(&world, "accounts", "aa-billing");
	bool there = strcmp(text_at(one, "encryption.store"), "kv-payroll") == 0;

	json_decref(one);
	return there;
}

static bool
is_made(void)
{
	size_t enabled;

	return versions("kv-billing", "cmk-last", &enabled) == 1;
}

/* The change has no answer yet when the process is killed: whoever goes on finds what was done,
 * makes one key, and ends where it would have ended. */
static void
kill_and_go_on(const char *fault, bool (*reached)(void), const char *old, const char *vault)
{
	char confirm[64];
	json_t *operations, *done;
	struct going going;
	size_t enabled;

	snprintf(confirm, sizeof confirm, "--confirm=%s", strchr(old, '/') + 1);
	place_ctl(&world.place, "fault", fault);
	going_start(&going, world.place.sandbox, "evacuate", old, "--vault", vault, "--key",
		"cmk-last", "--create-key", "2048", confirm, "--yes", "-o", "json", NULL);
	for (int i = 0; i < 300 && !reached(); i++)
		usleep(100000);
	assert_true(reached());
	going_end(&going, SIGKILL);
	operations =
		serving_run(&world, 0, "operations", "--query", "[?plan=='evacuate']|[-1:]", NULL);
	done = serving_run(
		&world, 0, "resume", text_at(operations, "0.operation"), confirm, "--yes", NULL);
	assert_string_equal(text_at(done, "state"), "done");
	expect_moved(done, "aa-billing");
	json_decref(done);
	json_decref(operations);
	serving_expect(&world, "aa-billing", "store", vault);
	assert_int_equal(versions(vault, "cmk-last", &enabled), 1);
	assert_int_equal(enabled, 1);
	operations = serving_run(&world, 0, "operations", "--query", "[?state=='unknown']", NULL);
	assert_int_equal(json_array_size(operations), 0);
	json_decref(operations);
}

static void
killed_and_gone_on_with(void **state)
{
	(void)state;
	kill_and_go_on("PATCH *automationAccounts/aa-billing*=stall*1", is_switched,
		"kv-archive/cmk-safe", "kv-payroll");
	expect_disabled("kv-archive", "cmk-safe");
	kill_and_go_on("POST *keys/cmk-last/create*=stall*1", is_made, "kv-payroll/cmk-last",
		"kv-billing");
	expect_disabled("kv-payroll", "cmk-last");
}

static void
what_would_help_nobody_is_refused(void **state)
{
	(void)state;
	serving_refuses(&world, "same-vault", "who could copy that one", "evacuate",
		"kv-archive/cmk-export", "--vault", "kv-archive", "--key", "cmk-new",
		"--create-key", "2048", "--confirm=cmk-export", "--yes", NULL);
	serving_refuses(&world, "key-absent", "--create-key", "evacuate", "kv-archive/cmk-export",
		"--vault", "kv-billing", "--key", "cmk-nowhere", "--confirm=cmk-export", "--yes",
		NULL);
	serving_refuses(&world, "key-exists", "RSA with 2048", "evacuate", "kv-archive/cmk-export",
		"--vault", "kv-billing", "--key", "cmk-billing", "--create-key", "4096",
		"--confirm=cmk-export", "--yes", NULL);
	json_decref(serving_run(&world, 10, "evacuate", "kv-archive/cmk-export", "--vault",
		"kv-archive", "--key", "cmk-new", "--create-key", "2048", "--force", "same-vault",
		"--dry-run", NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_would_help_nobody_is_refused),
		cmocka_unit_test(from_policies_to_roles_and_back),
		cmocka_unit_test(who_cannot_move_keeps_the_key_enabled),
		cmocka_unit_test(from_policies_to_policies),
		cmocka_unit_test(from_roles_to_policies),
		cmocka_unit_test(from_an_hsm_to_a_vault),
		cmocka_unit_test(what_is_not_seen_keeps_the_key_enabled),
		cmocka_unit_test(killed_and_gone_on_with),
	};
	int failed;

	serving_start(&world);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	serving_stop(&world);
	return failed;
}
