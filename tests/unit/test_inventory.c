/* A fleet read from the sandbox: as many requests as there are pages and keys in use, and nothing
 * left unknown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/estate/inside.h"
#include "tests/fixtures/inside.h"

static void
test_fleet(void **state)
{
	struct err err = {0};
	struct sandbox *sandbox =
		sandbox_open(&(struct sandbox_options){.seed = "fleet:3000"}, &err);
	struct session *session;
	struct estate *estate;
	unsigned long least;

	(void)state;
	if (!sandbox)
		fail_msg("%s", err.msg);
	session = inside_sign_in(sandbox);
	estate = estate_new(session);
	if (!estate_load(estate, ESTATE_START, &err))
		fail_msg("%s", err.msg);
	assert_int_equal(estate_notes(estate), 0);
	assert_int_equal(estate->accounts->len, 3000);
	assert_int_equal(estate->vaults->len, 60);
	assert_int_equal(estate->keys->len, 60);
	least = 3 + 1 + (estate->grants->len + 999) / 1000 + 60;
	assert_true(session_totals(session).requests * 10 <= least * 11);
	for (size_t i = 0; i < estate->accounts->len; i++) {
		struct account_sight sight;

		joins_sight(estate, i, &sight);
		if (sight.state == ACCOUNT_UNKNOWN)
			fail_msg("account %zu is unknown: %s", i, sight.why);
	}
	estate_free(estate);
	session_close(session);
	sandbox_close(sandbox);
}

static void
test_accounts_of_one_identity(void **state)
{
	static const char *const names[] = {"aa-1", "aa-10", "", "bb", "aa-1", "b"};
	struct shapes principals = {.size = 16};
	struct accounts *accounts = account_rows_new(&principals);
	struct account account = {.service = services[0], .detailed = true};
	char name[ROW_NAME];

	(void)state;
	for (size_t i = 0; i < 9000; i++) {
		snprintf(account.id.name, sizeof account.id.name, "%s%zu", names[i % 6], i / 60);
		snprintf(account.identity.principal, sizeof account.identity.principal,
			"%08zu-0000-0000-0000-000000000000", i / 2);
		account_rows_add(accounts, &account, 0);
		if (i == 4000)
			shapes_trim(&principals);
	}
	account_rows_trim(accounts);
	assert_int_equal(principals.len, 9000 / 2 - 1);
	for (size_t i = 0; i < 9000; i++) {
		snprintf(account.id.name, sizeof account.id.name, "%s%zu", names[i % 6], i / 60);
		assert_string_equal(account_rows_name(accounts, i, name), account.id.name);
		guid_print(account_rows_principal(accounts, i), account.identity.principal);
		assert_int_equal(strtoul(account.identity.principal, NULL, 10), i / 2);
	}
	account_rows_free(accounts);
	shapes_free(&principals);
}

/* Whoever looks at an older table's rows still finds their names. */
static void
test_names_outlive_their_table(void **state)
{
	struct row_names *names = row_names_new(), *shared = row_names_share(names);
	char longest[ROW_NAME + 20], name[ROW_NAME];

	(void)state;
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	row_names_add(names, "x");
	row_names_add(names, longest);
	row_names_add(names, longest);
	row_names_trim(names);
	row_names_add(names, "xy");
	row_names_free(names);
	assert_string_equal(row_names_text(shared, 0, name), "x");
	assert_string_equal(row_names_text(shared, 3, name), "xy");
	longest[ROW_NAME - 1] = '\0';
	assert_string_equal(row_names_text(shared, 1, name), longest);
	assert_string_equal(row_names_text(shared, 2, name), longest);
	row_names_free(shared);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fleet),
		cmocka_unit_test(test_accounts_of_one_identity),
		cmocka_unit_test(test_names_outlive_their_table),
	};

	json_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
