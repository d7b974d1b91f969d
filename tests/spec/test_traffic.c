/* Everything that goes over the sandbox's wire against Azure's documents: what the program's own
 * client sends and gets, run as the real binary, and a catalogue of the calls of other clients. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/flow/run.h"
#include "tests/spec/calls.h"
#include "tests/unit/sandbox_client.h"

static struct calls calls;

static bool
no_documents(void)
{
	const char *specs = getenv("SPECS");

	return !specs || !*specs;
}

/* A fresh sandbox whose traffic is collected. */
static void
serve(const char *seed, long lro)
{
	char secret[64];

	client_open_with(&demo, &(struct sandbox_options){.seed = seed,
					.lro = lro,
					.observe = traffic_observe,
					.observer = calls.traffic});
	client_file(&demo, "secret", secret);
	client_sign_in(&demo, OPERATOR, secret, "https://managedhsm.azure.net", calls.hsm);
}

static int
setup(void **state)
{
	(void)state;
	if (no_documents()) {
		print_message("skipped: traffic against the documents (SPECS names no folder)\n");
		return 0;
	}
	calls.traffic = traffic_new(getenv("SPECS"));
	serve("demo", 0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	if (!calls.traffic)
		return 0;
	client_close(&demo);
	traffic_free(calls.traffic);
	return 0;
}

struct words {
	int code;
	const char *all[14];
};

/* What the program does with each of its words; the order matters. */
static const struct words program[] = {
	{0, {"account", "list"}},
	{0, {"account", "show", "aa-billing"}},
	{0, {"vault", "list"}},
	{0, {"vault", "show", "kv-payroll"}},
	{0, {"key", "list"}},
	{0, {"key", "show", "kv-billing/cmk-billing"}},
	{0, {"policy", "list"}},
	{0, {"identity", "list"}},
	{0, {"prove", "kv-payroll/cmk-payroll"}},
	{0, {"doctor"}},
	{0, {"bundle", "-o", "-"}},
	{3, {"account", "show", "aa-nobody"}},
	{3, {"key", "show", "kv-payroll/cmk-nobody"}},
	{5, {"onboard", "aa-payroll", "--vault", "kv-payroll", "--key", "cmk-ec", "--yes"}},
	{10, {"onboard", "aa-payroll", "--vault", "kv-payroll", "--key", "cmk-payroll",
		     "--dry-run"}},
	{10, {"onboard", "aa-guidang", "--vault", "kv-payroll", "--key", "cmk-next", "--create-key",
		     "3072", "--dry-run"}},
	{0, {"onboard", "aa-guidang", "--vault", "kv-payroll", "--key", "cmk-next", "--create-key",
		    "2048", "--yes"}},
	{0, {"onboard", "aa-payroll", "--vault", "kv-payroll", "--key", "cmk-payroll", "--yes"}},
	{0, {"onboard", "aa-payroll", "--vault", "kv-payroll", "--key", "cmk-payroll", "--yes"}},
	{0, {"account", "list"}},
	{0, {"policy", "list", "--vault", "kv-payroll"}},
};

static void
the_program_keeps_to_the_documents(void **state)
{
	char sandbox[96];
	size_t before = calls.traffic ? traffic_mistakes(calls.traffic) : 0;

	(void)state;
	if (!calls.traffic)
		skip();
	snprintf(sandbox, sizeof sandbox, "--sandbox=%s", demo.dir);
	for (size_t i = 0; i < ARRAY_LEN(program); i++) {
		const char *words[16] = {sandbox};
		struct ran ran;

		memcpy(words + 1, program[i].all, sizeof program[i].all);
		run_words(&ran, words, NULL);
		if (ran.code != program[i].code) {
			calls.surprises++;
			print_error("%s %s %s: exit %d\n%s\n%s", words[1], words[2] ? words[2] : "",
				words[3] ? words[3] : "", ran.code, ran.out, ran.err);
		}
		ran_free(&ran);
	}
	traffic_judge(calls.traffic);
	assert_true(traffic_own(calls.traffic) > 50);
	assert_int_equal(traffic_mistakes(calls.traffic), before);
	assert_int_equal(calls.surprises, 0);
}

static void
catalogue(void (*make)(struct calls *calls))
{
	size_t before = calls.traffic ? traffic_mistakes(calls.traffic) : 0;

	if (!calls.traffic)
		skip();
	calls.surprises = 0;
	make(&calls);
	traffic_judge(calls.traffic);
	assert_int_equal(traffic_mistakes(calls.traffic), before);
	assert_int_equal(calls.surprises, 0);
}

static void
the_estate(void **state)
{
	(void)state;
	catalogue(calls_estate);
}

static void
vaults(void **state)
{
	(void)state;
	catalogue(calls_vaults);
}

static void
roles(void **state)
{
	(void)state;
	catalogue(calls_roles);
}

static void
accounts(void **state)
{
	(void)state;
	catalogue(calls_accounts);
}

static void
keys(void **state)
{
	(void)state;
	catalogue(calls_keys);
}

static void
hsms(void **state)
{
	(void)state;
	catalogue(calls_hsm);
}

static void
long_operations(void **state)
{
	(void)state;
	if (!calls.traffic)
		skip();
	client_close(&demo);
	serve("empty", 2);
	catalogue(calls_slow);
}

static void
nothing_was_left_out(void **state)
{
	(void)state;
	if (!calls.traffic)
		skip();
	print_message("%zu exchanges, %zu of the program's own\n", traffic_judged(calls.traffic),
		traffic_own(calls.traffic));
	assert_int_equal(traffic_unseen(calls.traffic), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_program_keeps_to_the_documents),
		cmocka_unit_test(the_estate),
		cmocka_unit_test(vaults),
		cmocka_unit_test(roles),
		cmocka_unit_test(accounts),
		cmocka_unit_test(keys),
		cmocka_unit_test(hsms),
		cmocka_unit_test(long_operations),
		cmocka_unit_test(nothing_was_left_out),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
