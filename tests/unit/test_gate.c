/* Places and closed gates, per host. */
#include "backend/net/gate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void
test_places(void **state)
{
	struct gate *gate = gate_new();

	(void)state;
	for (int i = 0; i < GATE_WIDTH; i++)
		assert_int_equal(gate_enter(gate, "a", 0), 0);
	assert_int_equal(gate_enter(gate, "a", 0), -1);
	assert_int_equal(gate_enter(gate, "A", 0), -1);
	assert_int_equal(gate_enter(gate, "b", 0), 0);
	gate_leave(gate, "a");
	assert_int_equal(gate_enter(gate, "a", 0), 0);
	assert_int_equal(gate_enter(gate, "a", 0), -1);
	gate_leave(gate, "never entered");
	assert_int_equal(gate_enter(gate, "never entered", 0), 0);
	gate_free(gate);
	gate_free(NULL);
}

static void
test_closed(void **state)
{
	struct gate *gate = gate_new();

	(void)state;
	gate_close(gate, "a", 1000, 500);
	assert_int_equal(gate_enter(gate, "a", 1000), 500);
	assert_int_equal(gate_enter(gate, "a", 1400), 100);
	gate_close(gate, "a", 1400, 50);
	assert_int_equal(gate_enter(gate, "a", 1400), 100);
	assert_int_equal(gate_enter(gate, "b", 1400), 0);
	assert_int_equal(gate_enter(gate, "a", 1500), 0);
	gate_free(gate);
}

static void
test_many_hosts(void **state)
{
	struct gate *gate = gate_new();
	char host[32];

	(void)state;
	for (int round = 0; round < GATE_WIDTH; round++)
		for (int i = 0; i < 300; i++) {
			snprintf(host, sizeof host, "kv%d.vault.azure.net", i);
			assert_int_equal(gate_enter(gate, host, 0), 0);
		}
	assert_int_equal(gate_enter(gate, host, 0), -1);
	gate_free(gate);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_closed),
		cmocka_unit_test(test_many_hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
