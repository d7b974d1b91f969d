/* Onboarding by other api-versions than the usual ones: the articles', and those that outlive them.
 * The profile chooses; every request of that type says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/plans/plan.h"
#include "tests/fixtures/inside.h"

enum { FIELDS = 16 };

static void
settle(struct session *session, struct run *run)
{
	while (plan_busy(run))
		loop_turn(session_loop(session), 100);
}

static void
expect_version(const struct run *run, const char *step, const char *version)
{
	for (size_t i = 0; i < run->steps_len; i++) {
		const struct run_step *shown = &run->steps[i];
		const char *end = shown->url ? strstr(shown->url, "api-version=") : NULL;

		if (strcmp(shown->step->name, step) != 0)
			continue;
		assert_non_null(end);
		assert_string_equal(end + strlen("api-version="), version);
		assert_int_equal(shown->state, STEP_DONE);
		return;
	}
	fail_msg("no step %s", step);
}

static struct session *
sign_in(const struct sandbox *sandbox, const char *const *choices)
{
	const struct sandbox_access *access = sandbox_access(sandbox);
	struct credential credential;
	struct profile profile;
	struct session *session;
	struct err err;

	inside_profile(sandbox, &profile);
	for (; *choices; choices++)
		if (!api_choose(&profile.api, *choices, &err))
			fail_msg("%s", err.msg);
	credential_secret(&credential, access->tenant, access->client_id, access->client_secret);
	session = session_open(&profile, &credential, &err);
	assert_non_null(session);
	return session;
}

static struct run *
onboard(struct estate *estate, struct journal *journal)
{
	const char *values[FIELDS] = {"kv-payroll/cmk-payroll"};
	const struct service *service;
	struct armid id;
	struct run *run;
	struct err err;

	if (!estate_find_account(estate, "aa-payroll", NULL, &id, &service, &err))
		fail_msg("%s", err.msg);
	run = plan_start(estate, journal, &plan_onboard, &(struct subject){.id = id}, values, NULL,
		NULL, &err);
	if (run == NULL)
		fail_msg("%s", err.msg);
	settle(estate_session(estate), run);
	plan_all(run);
	settle(estate_session(estate), run);
	if (run->state != PLAN_DONE)
		fail_msg("%s", run->err.msg);
	return run;
}

static void
test_onboarding(void **state)
{
	static const struct {
		const char *choices[6], *vaults, *policies, *account, *keys;
	} cases[] = {
		{{NULL}, "2023-07-01", "2023-07-01", "2023-11-01", "7.4"},
		{{"Microsoft.KeyVault/vaults 2026-02-01",
			 "Microsoft.KeyVault/vaults/accessPolicies 2026-02-01",
			 "keyvault 2025-07-01", NULL},
			"2026-02-01", "2026-02-01", "2023-11-01", "2025-07-01"},
		{{"Microsoft.Automation/automationAccounts 2020-01-13-preview",
			 "Microsoft.KeyVault/vaults/accessPolicies 2018-02-14",
			 "Microsoft.KeyVault/vaults 2022-07-01", "keyvault 7.5", NULL},
			"2022-07-01", "2018-02-14", "2020-01-13-preview", "7.5"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char dir[] = "/tmp/claviger-versions-XXXXXX";
		struct place place;
		struct sandbox *sandbox;
		struct session *session;
		struct journal *journal;
		struct estate *estate;
		struct run *run;
		struct err err;

		assert_non_null(mkdtemp(dir));
		sandbox = inside_serve(&place, &(struct sandbox_options){0});
		session = sign_in(sandbox, cases[i].choices);
		journal = journal_open(dir, true, &err);
		estate = estate_new(session);
		run = onboard(estate, journal);
		expect_version(run, "protect", cases[i].vaults);
		expect_version(run, "grant", cases[i].policies);
		expect_version(run, "switch", cases[i].account);
		expect_version(run, "prove", cases[i].keys);
		plan_free(run);
		estate_free(estate);
		journal_close(journal);
		session_close(session);
		sandbox_close(sandbox);
		place_remove(&place);
		file_remove_tree(dir);
		clock_shift(0);
	}
}

/* The documented default, and the versions that a profile may choose, for every type there is. */
static void
test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < api_types_len; i++) {
		const struct api_type *type = &api_types[i];

		assert_non_null(type->versions[0]);
		assert_null(type->versions[API_VERSIONS_MAX - 1]);
		for (size_t v = 0; type->versions[v]; v++) {
			struct api_choice choice = {0};
			char words[128];
			struct err err;

			snprintf(words, sizeof words, "%s %s", type->name, type->versions[v]);
			assert_true(api_choose(&choice, words, &err));
			assert_string_equal(api_version(&choice, type->name), type->versions[v]);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_onboarding),
		cmocka_unit_test(test_table),
	};

	secret_init();
	json_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
