/* Whom an application of two tenants trusts: the account's identity, as the account's tenant issues
 * its tokens; where that tenant is not known nothing is claimed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "backend/plans/cross.h"
#include "tests/fixtures/steps.h"

static void
ask(struct fixture *f, const char *tenant, const char *issuer)
{
	char body[600];

	snprintf(f->facts.tenant, sizeof f->facts.tenant, "%s", tenant);
	f->facts.cross.asked = true;
	steps_read_account(f, steps_system_identity, steps_microsoft);
	snprintf(body, sizeof body,
		"{\"value\":[{\"subject\":\"" PRINCIPAL
		"\",\"issuer\":\"https://login.microsoftonline.com/%s/v2.0\",\"audiences\":["
		"\"api://AzureADTokenExchange\"]}]}",
		issuer);
	assert_int_equal(steps_answer(f, &cross_read_trust, body), OUTCOME_DONE);
}

static void
the_account_s_tenant_is_the_issuer(void **state)
{
	struct fixture *f = *state;

	ask(f, TENANT, TENANT);
	assert_int_equal(f->facts.cross.trust_known, KNOWN_READ);
	assert_true(f->facts.cross.trusts);
	ask(f, TENANT, FOREIGN);
	assert_int_equal(f->facts.cross.trust_known, KNOWN_READ);
	assert_false(f->facts.cross.trusts);
}

static void
an_unknown_tenant_leaves_it_unknown(void **state)
{
	struct fixture *f = *state;

	ask(f, "", FOREIGN);
	assert_int_equal(f->facts.cross.trust_known, KNOWN_FAILED);
	assert_false(f->facts.cross.trusts);
	assert_non_null(strstr(f->facts.cross.trust_why.msg, "could not be read"));
}

/* What ARM tells goes into the path of another request only if it is an id. */
static void
an_application_is_an_id(void **state)
{
	struct fixture *f = *state;

	snprintf(f->facts.used.account.federated, sizeof f->facts.used.account.federated,
		"x')/owners?$a=('");
	cross_inherit(&f->facts);
	assert_true(f->facts.cross.asked);
	assert_string_equal(f->facts.cross.client, "");
	snprintf(f->facts.used.account.federated, sizeof f->facts.used.account.federated, FOREIGN);
	cross_inherit(&f->facts);
	assert_string_equal(f->facts.cross.client, FOREIGN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_account_s_tenant_is_the_issuer, steps_setup, steps_teardown),
		cmocka_unit_test_setup_teardown(
			an_unknown_tenant_leaves_it_unknown, steps_setup, steps_teardown),
		cmocka_unit_test_setup_teardown(
			an_application_is_an_id, steps_setup, steps_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
