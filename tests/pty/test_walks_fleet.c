/* Plans on several accounts by keys, and those of an incident to their end: marked rows of which
 * one fails, a rotation that waits a day, what was deleted, a key that is left, and outcomes that
 * nobody has seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "backend/base/clock.h"
#include "tests/fixtures/inside.h"
#include "tests/pty/walk.h"

#define HOME ESC "OH"
#define DOWN ESC "OB"
#define RIGHT ESC "OC"

static struct place fleet;

static int
seed(void **state)
{
	struct ran ran;

	place_make(&fleet);
	run(&ran, fleet.sandbox, "--seed", "fleet:20", "account", "list", "-o", "none", NULL);
	ran_expect(&ran, 0);
	ran_free(&ran);
	return walk_seed(state);
}

static int
clear(void **state)
{
	place_remove(&fleet);
	return walk_clear(state);
}

static void
start_fleet(struct walk *walk, const char *tab, const char *first)
{
	place_copy(&walk->place, &fleet);
	terminal_start(&walk->terminal, 80, 24, walk->place.sandbox);
	terminal_wait(&walk->terminal, "aa-fleet-000009");
	terminal_wait(&walk->terminal, "  read ");
	walk_press(walk, tab, first);
	terminal_wait(&walk->terminal, "  read ");
}

/* On the demo estate, of which the data that canaries read is gone. */
static void
start_without_canaries(struct walk *walk)
{
	char path[PATH_MAX + 16];
	sqlite3 *db;

	walk_place(&walk->place);
	snprintf(path, sizeof path, "%s/state.db", walk->place.dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "DELETE FROM blob", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	terminal_start(&walk->terminal, 80, 24, walk->place.sandbox);
	terminal_wait(&walk->terminal, "aa-payroll");
	terminal_wait(&walk->terminal, "  read ");
}

static void
leave(struct walk *walk, const char *page)
{
	terminal_type(&walk->terminal, "q");
	terminal_wait_gone(&walk->terminal, page);
}

/* The version i of a key, 0 the newest. */
static void
version_of(struct walk *walk, const char *key, size_t i, char out[33])
{
	json_t *shown = walk_show(walk, "key", key);
	char path[40];

	snprintf(path, sizeof path, "versions.%zu.version", i);
	snprintf(out, 33, "%s", text_at(shown, path));
	json_decref(shown);
}

static void
expect_enabled(struct walk *walk, const char *key, bool enabled)
{
	json_t *shown = walk_show(walk, "key", key), *version;
	size_t i;

	json_array_foreach(value_at(shown, "versions"), i, version)
	{
		assert_int_equal(json_is_true(json_object_get(version, "enabled")), enabled);
	}
	json_decref(shown);
}

/* Three are moved to the current version; one is refused, gone on with from the journal, and then
 * all three go back. */
static void
test_repin_marked(void **state)
{
	struct walk walk;
	char keys[64], newest[33], older[33];

	(void)state;
	start_fleet(&walk, "1", "stfleet000011");
	version_of(&walk, "cmk-fleet", 0, newest);
	version_of(&walk, "cmk-fleet", 1, older);
	walk_press(&walk, "/behind" ENTER, "3 of 20 Accounts");
	walk_press(&walk, HOME "   ", "3 marked");
	walk_press(&walk, ":repin", "Repin · 3 marked");
	walk_press(&walk, ENTER, "Repin 3 accounts");
	snprintf(keys, sizeof keys, "%s" ENTER, newest);
	walk_press(&walk, keys, "something: 3 of 3");
	place_ctl(&walk.place, "fault", "PATCH *bafleet000010*=status:409");
	walk_press(&walk, ENTER, "y/N");
	walk_yes(&walk, "Not done for all: 3 accounts");
	walk_expect(&walk, "account", "aa-fleet-000009", "keyVersion", newest);
	walk_expect(&walk, "account", "bafleet000010", "keyVersion", older);
	walk_expect_operation(&walk, "repin", "failed");
	place_ctl(&walk.place, "fault", "none");
	leave(&walk, "Not done for all");
	walk_press(&walk, "5", "aa-fleet-000009 +2 more");
	walk_press(&walk, "r", "something: 1 of 3");
	walk_press(&walk, ENTER, "y/N");
	walk_yes(&walk, "Done, and read back: aa-fleet-000009");
	walk_expect(&walk, "account", "bafleet000010", "keyVersion", newest);
	walk_expect_operation(&walk, "repin", "done");
	walk_press(&walk, "u", "y/N");
	walk_yes(&walk, "taken back: 3 of 3");
	walk_press(&walk, ENTER, "y/N");
	walk_yes(&walk, "Taken back as far as it can be");
	walk_expect(&walk, "account", "aa-fleet-000009", "keyVersion", older);
	walk_expect(&walk, "account", "stfleet000011", "state", "ok");
	walk_expect_operation(&walk, "repin", "rolled-back");
	walk_end(&walk);
}

/* One of seven is refused, and gone on with; then two that follow by themselves are waited for, and
 * a day later it is over. */
static void
test_rotate_many(void **state)
{
	struct walk walk;
	char newest[33];

	(void)state;
	start_fleet(&walk, "3", "cmk-fleet");
	walk_press(&walk, "r", "Rotate kv-fleet-0001/cmk-fleet");
	walk_press(&walk, ENTER, "something: 8 of 10");
	place_ctl(&walk.place, "fault", "PATCH *stfleet000011*=status:409");
	walk_press(&walk, ENTER, "y/N");
	walk_yes(&walk, "Failed: kv-fleet-0001/cmk-fleet");
	assert_true(terminal_shows(&walk.terminal, "6 of 7"));
	version_of(&walk, "cmk-fleet", 0, newest);
	walk_expect(&walk, "account", "bafleet000019", "keyVersion", newest);
	walk_expect_operation(&walk, "rotate", "failed");
	place_ctl(&walk.place, "fault", "none");
	leave(&walk, "Failed:");
	walk_press(&walk, "5", "1 operation");
	walk_press(&walk, "r", "something: 1 of 10");
	walk_press(&walk, ENTER, "y/N");
	walk_yes(&walk, "2 accounts not yet seen on version");
	assert_true(terminal_shows(&walk.terminal, "stfleet000008    not yet"));
	walk_expect_operation(&walk, "rotate", "parked");
	place_ctl(&walk.place, "clock", "+25h");
	walk_press(&walk, ENTER, "y/N");
	walk_yes(&walk, "Nothing is to be changed");
	walk_press(&walk, ENTER, "Done, and read back");
	walk_expect(&walk, "account", "stfleet000008", "state", "ok");
	walk_expect_operation(&walk, "rotate", "done");
	walk_end(&walk);
}

/* Parked while the first account is moved, alone: no other is, until it is gone on with. */
static void
test_park_rotate(void **state)
{
	struct walk walk;
	char newest[33], older[33];

	(void)state;
	start_fleet(&walk, "3", "cmk-fleet");
	version_of(&walk, "cmk-fleet", 0, older);
	walk_press(&walk, "r", "Rotate kv-fleet-0001/cmk-fleet");
	walk_press(&walk, ENTER, "something: 8 of 10");
	place_ctl(&walk.place, "fault", "PATCH *aa-fleet-000006*=delay:8000");
	walk_press(&walk, ENTER, "y/N");
	walk_press(&walk, "y", "0 of 7");
	walk_press(&walk, "q", "Parking it");
	terminal_wait(&walk.terminal, "Parked; q leaves");
	assert_true(terminal_shows(&walk.terminal, "✓ aa-fleet-000006: moved after"));
	assert_true(terminal_shows(&walk.terminal, "bafleet000019: not known yet"));
	version_of(&walk, "cmk-fleet", 0, newest);
	assert_string_not_equal(newest, older);
	walk_expect(&walk, "account", "aa-fleet-000006", "keyVersion", newest);
	walk_expect(&walk, "account", "bafleet000019", "keyVersion", older);
	walk_expect_operation(&walk, "rotate", "parked");
	place_ctl(&walk.place, "fault", "none");
	walk_press(&walk, ENTER, "y/N");
	walk_yes(&walk, "something: 6 of 10");
	walk_press(&walk, ENTER, "y/N");
	walk_yes(&walk, "2 accounts not yet seen");
	walk_expect(&walk, "account", "bafleet000019", "keyVersion", newest);
	walk_end(&walk);
}

/* What was brought back is in the list when the wizard is left. */
static void
test_recover_vault(void **state)
{
	struct walk walk;

	(void)state;
	walk_start(&walk, "2", "kv-gone");
	walk_press(&walk, "/kv-gone" ENTER, "1 of 6 Vaults");
	assert_true(terminal_shows(&walk.terminal, "deleted"));
	walk_press(&walk, "R", "Recover vault");
	walk_press(&walk, ENTER, "One step is to be done");
	walk_press(&walk, "A", "y/N");
	walk_yes(&walk, "Done, and read back: kv-gone");
	walk_expect(&walk, "vault", "kv-gone", "name", "kv-gone");
	walk_expect_operation(&walk, "vault recover", "done");
	leave(&walk, "Done, and");
	terminal_wait_gone(&walk.terminal, "deleted");
	terminal_wait(&walk.terminal, "policies");
	walk_end(&walk);
}

static void
send_as(struct session *others, enum http_method method, enum audience audience, const char *url)
{
	struct request request = {.method = method, .audience = audience, .changes = true};
	struct err err = {0};

	request.url = (char *)url;
	if (!session_ask(others, &request, NULL, &err))
		fail_msg("%s: %s %s", url, err.code, err.msg);
}

static void
delete_as(struct session *others, const char *url)
{
	send_as(others, HTTP_DELETE, AUDIENCE_VAULT, url);
}

/* What ARM does with the vault of an account, or with what is left of it. */
static void
vault_as(struct session *others, enum http_method method, const char *id, const char *action)
{
	char url[ARMID_MAX + 160];

	snprintf(url, sizeof url, "https://management.azure.com%s%s?api-version=2023-07-01", id,
		action);
	send_as(others, method, AUDIENCE_ARM, url);
}

/* Somebody deletes a vault that nothing protects, and purges it while the list tells that it can
 * come back: it cannot, nothing is claimed, and the list stops telling so. */
static void
test_purged_vault(void **state)
{
	char id[ARMID_MAX], left[ARMID_MAX];
	struct sandbox *joined;
	struct session *others;
	struct walk walk;
	struct err err;
	json_t *shown;

	(void)state;
	walk_start(&walk, "1", "stledger01");
	shown = walk_show(&walk, "vault", "kv-payroll");
	snprintf(id, sizeof id, "%s", text_at(shown, "id"));
	snprintf(left, sizeof left,
		"%.*s/providers/Microsoft.KeyVault/locations/%s/deletedVaults/%s",
		(int)(strstr(id, "/resourceGroups/") - id), id, text_at(shown, "location"),
		"kv-payroll");
	json_decref(shown);
	joined = sandbox_open(&(struct sandbox_options){.state = walk.place.dir}, &err);
	assert_non_null(joined);
	others = inside_sign_in(joined);
	vault_as(others, HTTP_DELETE, id, "");
	walk_press(&walk, "2", "kv-gone");
	walk_press(&walk, "/kv-payroll" ENTER, " of ");
	walk_press(&walk, "\022", "1 of 6 Vaults");
	terminal_wait(&walk.terminal, "deleted");
	walk_press(&walk, "R", "Recover vault");
	walk_press(&walk, ENTER, "One step is to be done");
	vault_as(others, HTTP_POST, left, "/purge");
	walk_press(&walk, "A", "y/N");
	walk_yes(&walk, "Failed: kv-payroll");
	walk_expect_operation(&walk, "vault recover", "failed");
	leave(&walk, "Failed:");
	terminal_wait_gone(&walk.terminal, "deleted");
	session_close(others);
	sandbox_close(joined);
	walk_end(&walk);
}

static void
recover(struct walk *walk, const char *then)
{
	walk_press(walk, "R", "Recover key");
	walk_press(walk, ENTER, "One step is to be done");
	walk_press(walk, "A", "y/N");
	walk_yes(walk, then);
}

/* Somebody deletes a key: it comes back. Once more, and then it is purged, as its vault allows: it
 * does not, and the list stops telling that it could. One that an account is on is told of once. */
static void
test_recover_key(void **state)
{
	static const char used[] =
		"https://kv-archive.vault.azure.net/keys/cmk-archive?api-version=7.4";
	static const char there[] =
		"https://kv-payroll.vault.azure.net/keys/cmk-payroll?api-version=7.4",
			  gone[] = "https://kv-payroll.vault.azure.net/deletedkeys/cmk-payroll"
				   "?api-version=7.4";
	struct sandbox *joined;
	struct session *others;
	struct walk walk;
	struct err err;

	(void)state;
	walk_start(&walk, "1", "stledger01");
	joined = sandbox_open(&(struct sandbox_options){.state = walk.place.dir}, &err);
	assert_non_null(joined);
	others = inside_sign_in(joined);
	delete_as(others, there);
	delete_as(others, used);
	place_ctl(&walk.place, "clock", "+1m");
	walk_press(&walk, "3", "deleted");
	walk_press(&walk, "/cmk-archive" ENTER, "1 of ");
	walk_press(&walk, ENTER, "It can be recovered");
	assert_true(terminal_shows(&walk.terminal, "starchive01"));
	walk_press(&walk, "q", "1 of ");
	walk_press(&walk, "/" CLEAR "cmk-payroll" ENTER, "–  deleted");
	recover(&walk, "Done, and read back: kv-payroll/cmk-payroll");
	walk_expect(&walk, "key", "kv-payroll/cmk-payroll", "name", "cmk-payroll");
	walk_expect_operation(&walk, "key recover", "done");
	leave(&walk, "Done, and");
	terminal_wait_gone(&walk.terminal, "deleted");
	delete_as(others, there);
	place_ctl(&walk.place, "clock", "+1m");
	walk_press(&walk, "\022", "deleted");
	delete_as(others, gone);
	recover(&walk, "Failed: kv-payroll/cmk-payroll");
	walk_expect_operation(&walk, "key recover", "failed");
	leave(&walk, "Failed:");
	terminal_wait_gone(&walk.terminal, "deleted");
	session_close(others);
	sandbox_close(joined);
	clock_shift(0);
	walk_end(&walk);
}

/* The key was stolen: its account is on another one in another vault, proved, and the old one is
 * off. */
static void
test_evacuate(void **state)
{
	struct walk walk;

	(void)state;
	walk_start(&walk, "1", "stledger01");
	walk_press(&walk, "!", "What has happened?");
	walk_press(&walk, "s", "which key?");
	walk_press(&walk, CLEAR "cmk-archive" ENTER, "1 account moves to another key");
	walk_press(&walk, ENTER, "New vault");
	walk_press(&walk, "kv-billing" DOWN "cmk-new" DOWN RIGHT ENTER, "Enter asks for");
	walk_press(&walk, ENTER, "Type cmk-archive");
	walk_press(&walk, "cmk-archive" ENTER, "Done, and read back");
	assert_true(terminal_shows(&walk.terminal, "✓ starchive01: moved after"));
	assert_true(terminal_shows(&walk.terminal, "✓ Ask their services"));
	walk_expect(&walk, "account", "starchive01", "keyName", "cmk-new");
	walk_expect(&walk, "account", "starchive01", "state", "ok");
	expect_enabled(&walk, "kv-archive/cmk-archive", false);
	walk_expect_operation(&walk, "evacuate", "done");
	walk_press(&walk, "3", "cmk-new");
	walk_press(&walk, "v/!method:GET" ENTER, "HEAD    200");
	walk_press(&walk, "/" CLEAR "cmk-new/create" ENTER, "/keys/cmk-new/create");
	walk_end(&walk);
}

static void
revoke(struct walk *walk)
{
	walk_press(walk, "!", "What has happened?");
	walk_press(walk, "d", "which key?");
	walk_press(walk, CLEAR "cmk-archive" ENTER, "1 account goes dark");
	terminal_wait(&walk->terminal, "Not known");
	walk_press(walk, ENTER, "Method");
	walk_press(walk, ENTER, "This cuts off");
	walk_press(walk, ENTER, "Type cmk-archive");
	terminal_type(&walk->terminal, "cmk-archive" ENTER);
}

/* With nothing to ask a service for it is cut and never dark, and what came back is not known. */
static void
test_without_canary(void **state)
{
	struct walk walk;

	(void)state;
	start_without_canaries(&walk);
	revoke(&walk);
	terminal_wait(&walk.terminal, "not every outcome");
	assert_true(terminal_shows(&walk.terminal, "? starchive01: cut after"));
	assert_false(terminal_shows(&walk.terminal, ": dark"));
	expect_enabled(&walk, "kv-archive/cmk-archive", false);
	walk_expect_operation(&walk, "revoke", "parked");
	walk_press(&walk, "u", "Enter asks, then carries it out");
	walk_press(&walk, ENTER, "y/N");
	walk_yes(&walk, "? starchive01: unknown");
	assert_true(terminal_shows(&walk.terminal, "it has no blob"));
	assert_false(terminal_shows(&walk.terminal, "restored"));
	expect_enabled(&walk, "kv-archive/cmk-archive", true);
	walk_expect_operation(&walk, "restore", "parked");
	walk_end(&walk);
}

/* Nobody here may read what shows it: that is no darkness. Once he may, it is seen. */
static void
test_outcome_unknown(void **state)
{
	struct walk walk;

	(void)state;
	walk_start(&walk, "1", "stledger01");
	place_ctl(&walk.place, "fault", "HEAD *canary.txt*=status:401");
	revoke(&walk);
	terminal_wait(&walk.terminal, "not every outcome");
	assert_true(terminal_shows(&walk.terminal, "? starchive01: unknown"));
	expect_enabled(&walk, "kv-archive/cmk-archive", false);
	walk_expect_operation(&walk, "revoke", "parked");
	place_ctl(&walk.place, "fault", "none");
	walk_press(&walk, "5", "1 operation");
	walk_press(&walk, "r", "Nothing is to be changed");
	walk_press(&walk, ENTER, "starchive01: dark after");
	walk_expect_operation(&walk, "revoke", "done");
	walk_end(&walk);
}

/* Activity tells of a campaign as it goes, and that it is over, without a key. */
static void
test_activity_meanwhile(void **state)
{
	struct walk walk;

	(void)state;
	walk_start(&walk, "1", "stledger01");
	place_ctl(&walk.place, "fault", "HEAD *canary.txt*=delay:1500");
	revoke(&walk);
	terminal_wait(&walk.terminal, "✓   cmk-archive");
	walk_press(&walk, "5", "1 operation");
	assert_true(terminal_shows(&walk.terminal, "running"));
	assert_true(terminal_shows(&walk.terminal, "a plan runs in !"));
	walk_expect_operation(&walk, "revoke", "running");
	place_ctl(&walk.place, "fault", "none");
	terminal_wait(&walk.terminal, "done");
	terminal_wait_gone(&walk.terminal, "a plan runs in !");
	walk_expect_operation(&walk, "revoke", "done");
	walk_press(&walk, ENTER, "What became of the accounts");
	walk_press(&walk, "!", "starchive01: dark after");
	walk_end(&walk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_repin_marked),
		cmocka_unit_test(test_rotate_many),
		cmocka_unit_test(test_park_rotate),
		cmocka_unit_test(test_recover_vault),
		cmocka_unit_test(test_purged_vault),
		cmocka_unit_test(test_recover_key),
		cmocka_unit_test(test_evacuate),
		cmocka_unit_test(test_without_canary),
		cmocka_unit_test(test_outcome_unknown),
		cmocka_unit_test(test_activity_meanwhile),
	};

	return cmocka_run_group_tests(tests, seed, clear);
}
