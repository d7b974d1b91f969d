/* Plans on accounts by keys, each with a failure on its way: another key, rights on a vault of
 * policies and on one of roles, identities, accounts that are made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/pty/walk.h"

/* What the wizard claims of a request, the view of the requests shows too. */
static void
expect_request(struct walk *walk, const char *row)
{
	walk_press(walk, "v", "exchanges");
	assert_true(terminal_shows(&walk->terminal, row));
	terminal_type(&walk->terminal, ESC);
	terminal_wait_gone(&walk->terminal, "exchanges");
}

/* Up to the switch, which is refused: what was done before it stands, and nothing else. */
static void
replace_by_half(struct walk *walk)
{
	walk_begin(walk, "aa-billing", "replace", "Replace aa-billing");
	walk_press(walk, CLEAR "kv-payroll/cmk-payroll" ENTER, "5 steps are to be done");
	walk_press(walk, ENTER, "step 2 of");
	walk_press(walk, ENTER, "Type kv-payroll");
	walk_press(walk, "kv-payrol" ENTER, "That is not kv-payroll: nothing was done");
	walk_press(walk, ENTER, "Type kv-payroll");
	walk_press(walk, "kv-payroll" ENTER, "step 5 of");
	place_ctl(&walk->place, "fault", "PATCH *automationAccounts*=status:403");
	walk_press(walk, "A", "Run all 4 steps on aa-billing, 2 of them changes? y/N");
	walk_yes(walk, "Failed: aa-billing");
	assert_true(terminal_shows(&walk->terminal, "Forbidden"));
	expect_request(walk, "PATCH   403");
	walk_expect(walk, "account", "aa-billing", "keyName", "cmk-billing");
	assert_int_equal(walk_rights(walk, "kv-payroll", "aa-billing"), 4);
	walk_expect_operation(walk, "replace", "failed");
}

/* Once more from the form, over a line that breaks; taken back, then what was done at first. */
static void
test_replace(void **state)
{
	struct walk walk;

	(void)state;
	walk_start(&walk, "1", "stledger01");
	replace_by_half(&walk);
	place_ctl(&walk.place, "fault", "none");
	place_ctl(&walk.place, "fault", "PATCH *automationAccounts*=drop*1");
	walk_press(&walk, "e", "nothing is changed yet");
	walk_press(&walk, ENTER, "3 steps are to be done, 1 of them changes");
	assert_true(terminal_shows(&walk.terminal, "until the switch"));
	walk_press(&walk, "A", "y/N");
	walk_yes(&walk, "Done, and read back");
	walk_expect(&walk, "account", "aa-billing", "keyName", "cmk-payroll");
	walk_expect(&walk, "account", "aa-billing", "state", "ok");
	walk_press(&walk, "u", "to be done");
	walk_press(&walk, "A", "y/N");
	walk_yes(&walk, "Taken back as far as it can be");
	assert_true(terminal_shows(&walk.terminal, "kv-billing/cmk-billing"));
	walk_expect(&walk, "account", "aa-billing", "keyName", "cmk-billing");
	walk_expect_operation(&walk, "replace", "rolled-back");
	terminal_type(&walk.terminal, "q");
	terminal_wait_gone(&walk.terminal, "Taken back as");
	walk_press(&walk, "5", "2 operations");
	walk_press(&walk, "ju", "Take back: Replace");
	terminal_wait(&walk.terminal, "One step is to be done");
	walk_press(&walk, "A", "1 of them, last first? y/N");
	walk_yes(&walk, "taken back");
	terminal_wait(&walk.terminal, "Protect the vault: skipped, not undone");
	assert_int_equal(walk_rights(&walk, "kv-payroll", "aa-billing"), 0);
	walk_end(&walk);
}

/* The account has come to rely on it: who goes dark is said first, and a yes is no answer. */
static void
take_back_what_opens(struct walk *walk)
{
	walk_press(walk, "u", "Take back: Grant stexport01");
	terminal_wait(&walk->terminal, "1 account will go dark: stexport01");
	terminal_wait(&walk->terminal, "This cuts access to data");
	walk_press(walk, "A", "Type stexport01 to go on");
	walk_press(walk, "y" ENTER, "That is not stexport01: nothing was done");
	walk_expect(walk, "account", "stexport01", "state", "ok");
	walk_press(walk, ENTER, "Type stexport01 to go on");
	walk_press(walk, "stexport01" ENTER, "Taken back as far as it can be");
	walk_press(walk, "m", "--confirm=stexport01");
}

static void
test_grant_by_policies(void **state)
{
	struct walk walk;

	(void)state;
	walk_start_sized(&walk, 120, 40, "1", "stledger01");
	walk_begin(&walk, "stexport01", "grant", "Grant stexport01");
	terminal_wait(&walk.terminal, "the vault of the key that the account uses");
	walk_press(&walk, ENTER, "One step is to be done");
	walk_press(&walk, ENTER, "adds unwrapKey");
	walk_press(&walk, ENTER, "y/N");
	walk_yes(&walk, "Done, and read back");
	walk_expect(&walk, "account", "stexport01", "state", "ok");
	walk_expect_operation(&walk, "grant", "done");
	take_back_what_opens(&walk);
	walk_expect(&walk, "account", "stexport01", "state", "locked");
	walk_expect_operation(&walk, "grant", "rolled-back");
	walk_end(&walk);
}

/* A role is refused first; then the answer to it is lost. */
static void
test_grant_by_roles(void **state)
{
	struct walk walk;

	(void)state;
	walk_start(&walk, "1", "stledger01");
	walk_begin(&walk, "starchive01", "grant", "Grant starchive01");
	terminal_wait(&walk.terminal, "the vault of the key that");
	walk_press(&walk, CLEAR "kv-rbac\t", "cmk-rbac");
	assert_false(terminal_shows(&walk.terminal, "cmk-billing"));
	walk_press(&walk, "cmk-none", "kv-rbac has no such key");
	walk_press(&walk, CLEAR "cmk-rbac", "This key alone");
	walk_press(&walk, ENTER, "One step is to be done");
	place_ctl(&walk.place, "fault", "PUT *roleAssignments*=status:403");
	walk_press(&walk, "A", "y/N");
	walk_yes(&walk, "Nothing was changed. Mend the cause");
	expect_request(&walk, "PUT     403");
	assert_int_equal(walk_rights(&walk, "kv-rbac", "id-storage"), 0);
	place_ctl(&walk.place, "fault", "none");
	place_ctl(&walk.place, "fault", "PUT *roleAssignments*=drop*1");
	walk_press(&walk, "e", "nothing is changed yet");
	walk_press(&walk, ENTER, "One step is to be done");
	walk_press(&walk, "A", "y/N");
	walk_yes(&walk, "Done, and read back");
	assert_int_equal(walk_rights(&walk, "kv-rbac", "id-storage"), 4);
	walk_press(&walk, "u", "One step is to be done");
	walk_press(&walk, "A", "y/N");
	walk_yes(&walk, "Taken back as far as it can be");
	assert_int_equal(walk_rights(&walk, "kv-rbac", "id-storage"), 0);
	walk_end(&walk);
}

/* Nothing takes an identity away again: no undo is offered. */
static void
test_assign_system(void **state)
{
	struct walk walk;

	(void)state;
	walk_start(&walk, "1", "stledger01");
	walk_begin(&walk, "aa-payroll", "assign identity", "Assign identity aa-payroll");
	terminal_wait(&walk.terminal, "[x]");
	terminal_wait(&walk.terminal, "the account has none yet");
	walk_press(&walk, ENTER, "One step is to be done");
	assert_false(terminal_shows(&walk.terminal, "Run claviger onboard"));
	place_ctl(&walk.place, "fault", "PATCH *automationAccounts*=status:500*2");
	walk_press(&walk, "A", "y/N");
	walk_press(&walk, "y", "(2 of 5)");
	assert_true(terminal_shows(&walk.terminal, "500 "));
	assert_true(terminal_shows(&walk.terminal, ", again in "));
	terminal_wait(&walk.terminal, "(3 of 5)");
	terminal_wait(&walk.terminal, "Done, and read back");
	assert_true(terminal_shows(&walk.terminal, "What was done stays"));
	assert_false(terminal_shows(&walk.terminal, "u take back"));
	walk_expect(&walk, "account", "aa-payroll", "identity.type", "SystemAssigned");
	walk_expect_operation(&walk, "identity assign", "done");
	expect_request(&walk, "PATCH   500");
	walk_end(&walk);
}

static void
test_assign_user(void **state)
{
	struct walk walk;

	(void)state;
	walk_start(&walk, "1", "stledger01");
	walk_begin(&walk, "aa-payroll", "assign identity", "Assign identity aa-payroll");
	terminal_wait(&walk.terminal, "[x]");
	walk_press(&walk, "\t", "id-batch");
	walk_press(&walk, "\020", "take it");
	walk_press(&walk, ENTER, "System-assigned is left out now");
	assert_true(terminal_shows(&walk.terminal, "[ ]"));
	walk_press(&walk, ENTER, "One step is to be done");
	place_ctl(&walk.place, "fault", "PATCH *automationAccounts*=drop*1");
	walk_press(&walk, ENTER, "adds id-batch");
	walk_press(&walk, ENTER, "y/N");
	walk_yes(&walk, "Done, and read back");
	walk_expect(&walk, "account", "aa-payroll", "identity.type", "UserAssigned");
	walk_end(&walk);
}

static void
fill_in_account(struct walk *walk, const char *plan, const char *title, const char *name)
{
	terminal_type(&walk->terminal, ":");
	terminal_type(&walk->terminal, plan);
	walk_press(walk, ENTER, title);
	terminal_type(&walk->terminal, name);
	walk_press(walk, "\t", "TO CHOOSE FROM");
	terminal_type(&walk->terminal, CLEAR "rg-finance\twesteurope\t");
	walk_press(walk, "kv-archive/cmk-archive", "RSA 3072");
}

/* Parked once the rights are there, gone on with, refused at the switch, gone on with from the
 * journal; what was made of it stays when it is taken back. */
static void
test_create_batch(void **state)
{
	struct walk walk;

	(void)state;
	walk_start(&walk, "1", "stledger01");
	fill_in_account(&walk, "create batch", "Create Batch account", "bamade01");
	terminal_type(&walk.terminal, ENTER);
	terminal_wait(&walk.terminal, "steps are to be done");
	place_ctl(&walk.place, "fault", "PUT *accessPolicies*=delay:1500");
	walk_press(&walk, "A", "y/N");
	walk_yes(&walk, "step 4 of 8");
	walk_press(&walk, "q", "Parking it");
	terminal_wait(&walk.terminal, "What was not changed");
	assert_false(terminal_shows(&walk.terminal, "e edit"));
	assert_true(terminal_shows(&walk.terminal, "u take back"));
	walk_expect(&walk, "account", "bamade01", "keySource", "microsoft");
	assert_int_equal(walk_rights(&walk, "kv-archive", "bamade01"), 3);
	place_ctl(&walk.place, "fault", "none");
	place_ctl(&walk.place, "fault", "PATCH *batchAccounts*=status:403");
	walk_press(&walk, "A", "steps are to be done");
	walk_press(&walk, "A", "y/N");
	walk_yes(&walk, "Failed: bamade01");
	walk_expect_operation(&walk, "account create batch", "failed");
	terminal_type(&walk.terminal, "q");
	terminal_wait_gone(&walk.terminal, "Failed: bamade01");
	place_ctl(&walk.place, "fault", "none");
	walk_press(&walk, "5", "bamade01");
	walk_press(&walk, "r", "steps are to be done");
	walk_press(&walk, "A", "y/N");
	walk_yes(&walk, "Done, and read back");
	walk_expect(&walk, "account", "bamade01", "keyName", "cmk-archive");
	walk_expect(&walk, "account", "bamade01", "state", "ok");
	walk_expect_operation(&walk, "account create batch", "done");
	walk_end(&walk);
}

/* With an identity that has its rights already it is under the key from the start; the answer to
 * its making is lost, and looked for. */
static void
test_create_storage(void **state)
{
	struct walk walk;

	(void)state;
	walk_start_sized(&walk, 120, 40, "1", "stledger01");
	fill_in_account(&walk, "create storage", "Create Storage account", "stmade01");
	walk_press(&walk, ENTER, "from a user-assigned");
	walk_press(&walk, "\t\t\t\t", "id-storage");
	walk_press(&walk, "\020j", "take it");
	walk_press(&walk, ENTER, "It is there");
	walk_press(&walk, ENTER, "3 steps are to be done, 1 of them changes");
	place_ctl(&walk.place, "fault", "PUT *storageAccounts*=drop*1");
	walk_press(&walk, "A", "y/N");
	walk_yes(&walk, "Done, and read back");
	expect_request(&walk, "PUT     Broken");
	walk_expect(&walk, "account", "stmade01", "keyName", "cmk-archive");
	walk_expect(&walk, "account", "stmade01", "state", "ok");
	walk_expect_operation(&walk, "account create storage", "done");
	walk_end(&walk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replace),
		cmocka_unit_test(test_grant_by_policies),
		cmocka_unit_test(test_grant_by_roles),
		cmocka_unit_test(test_assign_system),
		cmocka_unit_test(test_assign_user),
		cmocka_unit_test(test_create_batch),
		cmocka_unit_test(test_create_storage),
	};

	return cmocka_run_group_tests(tests, walk_seed, walk_clear);
}
