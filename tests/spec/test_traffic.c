/* Everything that goes over the sandbox's wire against Azure's documents: what the program's own
 * client sends and gets, run as the real binary, and a catalogue of the calls of other clients. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fixtures/run.h"
#include "tests/fixtures/sandbox_client.h"
#include "tests/spec/calls.h"

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
#define FABRIKAM "https://kv-fabrikam.vault.azure.net/keys/cmk-fabrikam"
#define BROKER "5d180bf6-a2c7-4349-be60-9fb251cd8e14"
#define ID_STORAGE                                                                       \
	"/subscriptions/4e9a6c18-73b2-4d05-8f1e-c6a2d7b45103/resourceGroups/rg-security" \
	"/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-storage"

static const struct words program[] = {
	{0, {"account", "list"}},
	{0, {"account", "show", "aa-billing"}},
	{0, {"vault", "list"}},
	{0, {"vault", "show", "kv-payroll"}},
	{0, {"key", "list"}},
	{0, {"key", "show", "kv-billing/cmk-billing"}},
	{0, {"key", "versions", "kv-billing/cmk-billing"}},
	{0, {"policy", "list"}},
	{0, {"identity", "list"}},
	{0, {"prove", "kv-payroll/cmk-payroll"}},
	{11, {"posture"}},
	{0, {"impact", "kv-archive/cmk-archive"}},
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
	{0, {"repin", "starchive01", "--auto", "--yes"}},
	{10, {"replace", "aa-billing", "--key", "kv-archive/cmk-archive", "--dry-run"}},
	{0, {"replace", "aa-billing", "--key", "kv-archive/cmk-archive", "--yes"}},
	{10, {"detach", "aa-billing", "--dry-run"}},
	{0, {"detach", "aa-billing", "--yes"}},
	{0, {"detach", "starchive01", "--yes"}},
	{10, {"onboard", "starchive01", "--key", FABRIKAM, "--vault-tenant", "fabrikam.example",
		     "--federated-client-id", BROKER, "--user-identity", ID_STORAGE, "--auto",
		     "--dry-run"}},
	{0, {"onboard", "starchive01", "--key", FABRIKAM, "--vault-tenant", "fabrikam.example",
		    "--federated-client-id", BROKER, "--user-identity", ID_STORAGE, "--auto",
		    "--yes"}},
	{5, {"detach", "stexport01", "--yes"}},
	{0, {"key", "create", "kv-payroll/cmk-made", "--bits", "2048", "--yes"}},
	{0, {"key", "disable", "kv-payroll/cmk-made", "--yes", "--confirm=cmk-made"}},
	{0, {"key", "enable", "kv-payroll/cmk-made", "--yes"}},
	{0, {"key", "recover", "kv-payroll/cmk-made", "--yes"}},
	{0, {"key", "rotation-policy", "kv-payroll/cmk-made"}},
	{0, {"rotate", "kv-billing/cmk-billing", "--yes"}},
	{75, {"rotate", "kv-archive/cmk-archive", "--retire-old", "--yes"}},
	{0, {"key", "rotation-policy", "kv-payroll/cmk-made", "--every", "P90D", "--expire", "P2Y",
		    "--yes"}},
	{0, {"vault", "create", "kv-made", "-g", "rg-finance", "--location", "westeurope",
		    "--yes"}},
	{0, {"vault", "deleted"}},
	{0, {"vault", "recover", "kv-gone", "--yes"}},
	{0, {"identity", "create", "id-made", "-g", "rg-finance", "--location", "westeurope",
		    "--yes"}},
	{0, {"identity", "assign", "stledger01", "--system", "--yes"}},
	{0, {"account", "create", "batch", "bamade01", "-g", "rg-finance", "--location",
		    "westeurope", "--key", "kv-billing/cmk-billing", "--yes"}},
	{0, {"grant", "barender01", "--vault", "kv-rbac", "--yes"}},
	{0, {"ungrant", "barender01", "--vault", "kv-rbac", "--yes"}},
	{0, {"grant", "stledger01", "--vault", "hsm-core", "--key", "cmk-hsm", "--yes"}},
	{0, {"ungrant", "stledger01", "--vault", "hsm-core", "--yes"}},
	{10, {"evacuate", "hsm-core/cmk-hsm", "--vault", "kv-archive", "--key", "cmk-safe",
		     "--create-key", "2048", "--dry-run"}},
	{10, {"evacuate", "kv-rbac/cmk-rbac", "--vault", "kv-archive", "--key", "cmk-safe",
		     "--create-key", "2048", "--dry-run"}},
	{0, {"evacuate", "kv-payroll/cmk-payroll", "--vault", "kv-archive", "--key", "cmk-safe",
		    "--create-key", "2048", "--confirm=cmk-payroll", "--yes"}},
	{10, {"revoke", "kv-payroll/cmk-next", "--dry-run"}},
	{0, {"revoke", "kv-payroll/cmk-next", "--method", "both", "--confirm=cmk-next"}},
	{0, {"restore", "kv-payroll/cmk-next", "--yes"}},
	{0, {"protect", "kv-payroll", "--yes"}},
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
