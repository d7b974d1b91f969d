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
#include "tests/flow/inside.h"

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

/* The same names, but for one that is gone and one that is new. */
static size_t
add_accounts(struct accounts *accounts, int from, const char *new)
{
	struct account account = {.service = services[0]};

	for (int i = from; i < from + 9000; i++) {
		snprintf(account.id.name, sizeof account.id.name, "aa-%d", i);
		account_rows_add(accounts, &account, 0);
	}
	snprintf(account.id.name, sizeof account.id.name, "%s", new);
	account_rows_add(accounts, &account, 0);
	account_rows_trim(accounts);
	return pool_size(accounts->pool);
}

static void
test_names_are_kept_once(void **state)
{
	struct accounts *accounts = account_rows_new(), *beside;
	size_t size = add_accounts(accounts, 0, "first");

	(void)state;
	beside = account_rows_beside(accounts);
	assert_int_equal(add_accounts(beside, 1, "second"), size);
	assert_int_equal(beside->places[10].name, accounts->places[11].name);
	account_rows_free(accounts);
	assert_string_equal(account_rows_name(beside, 8999), "aa-9000");
	assert_string_equal(account_rows_name(beside, 9000), "second");
	for (int i = 0; i < 9; i++) {
		accounts = beside;
		beside = account_rows_beside(accounts);
		assert_true(add_accounts(beside, 100000 * (i + 1), "other") <= 3 * size + 3);
		account_rows_free(accounts);
	}
	account_rows_free(beside);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fleet),
		cmocka_unit_test(test_names_are_kept_once),
	};

	json_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
