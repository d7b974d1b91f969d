/* What is hidden, and what stays: by name, by shape, by place; one word for one thing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/mem.h"
#include "views/app/veil.h"

static int
begin(void **state)
{
	struct veil *veil = veil_new();

	veil_learn(veil, VEIL_ACCOUNT, "aa-payroll");
	veil_learn(veil, VEIL_VAULT, "kv-payroll");
	veil_learn(veil, VEIL_VAULT, "kv-payroll-2");
	veil_learn(veil, VEIL_KEY, "key");
	veil_learn(veil, VEIL_KEY, "k1");
	veil_learn(veil, VEIL_SUBSCRIPTION, "Contoso Prod (EU)");
	veil_learn(veil, VEIL_NAME, "财务部");
	*state = veil;
	return 0;
}

static int
end(void **state)
{
	veil_free(*state);
	return 0;
}

static void
becomes(struct veil *veil, const char *text, const char *wanted)
{
	char *out = veil_text(veil, text);

	assert_string_equal(out ? out : text, wanted);
	free(out);
}

static void
names_are_hidden_wherever_they_stand(void **state)
{
	becomes(*state, "aa-payroll", "account#1");
	becomes(*state, "Onboard AA-PAYROLL: kv-payroll.", "Onboard account#1: vault#1.");
	becomes(*state, "kv-payroll-2 and kv-payroll-3", "vault#2 and vault#1-3");
	becomes(*state, "incident-kv-payroll-20261122.md", "incident-vault#1-20261122.md");
	becomes(*state, "xaa-payroll aa-payrollx", "xaa-payroll aa-payrollx");
	becomes(*state, "in contoso prod (eu), all", "in subscription#1, all");
	becomes(*state, "的kv-payroll财务部的", "的vault#1name#1的");
	becomes(*state, "aa-payroll…", "account#1…");
}

/* A name of one or two letters may be a word too: it is hidden as it is written; a number alone. */
static void
short_names_are_hidden(void **state)
{
	veil_learn(*state, VEIL_GROUP, "A");
	veil_learn(*state, VEIL_KEY, "7");
	becomes(*state, "k1", "key#2");
	becomes(*state, "k1 of it, kv-payroll/k1, k12", "key#2 of it, vault#1/key#2, k12");
	becomes(*state, "K1 of it", "K1 of it");
	becomes(*state, "a row of A", "a row of group#1");
	becomes(*state, "7 of 12", "7 of 12");
	becomes(*state, "7", "key#3");
}

static void
ids_are_hidden_by_their_shape(void **state)
{
	struct veil *veil = *state;

	becomes(veil, "8f21ab34-0000-4000-8000-00000000aaaa", "id#1");
	becomes(veil, "8f21ab34…", "id#1");
	becomes(veil, "8f21ab~", "id#1");
	becomes(veil, "version 7c73556c9d0e4f5a8b1c2d3e4f5a6b7c, 7c73556c", "version id#2, id#2");
	becomes(veil, "2026-11-22T10:00:00Z, 1048576 rows, defaced, decade",
		"2026-11-22T10:00:00Z, "
		"1048576 rows, defaced, "
		"decade");
	becomes(veil, "ana.b+c@contoso.example said", "user#1 said");
}

static void
places_are_known(void **state)
{
	struct veil *veil = *state;

	becomes(veil, "https://kv-secret.vault.azure.net/keys/cmk-secret/8f21ab34…",
		"https://vault#3.vault.azure.net/keys/key#3/id#1");
	becomes(veil,
		"/subscriptions/8f21ab34-0000-4000-8000-00000000aaaa/resourceGroups/rg_x.y/"
		"providers/Microsoft.Automation/automationAccounts/aa-other?api-version=1",
		"/subscriptions/id#1/resourceGroups/group#1/"
		"providers/Microsoft.Automation/automationAccounts/account#2?api-version=1");
	becomes(veil, "aa-other kv-secret", "account#2 vault#3");
	becomes(veil,
		"{\"name\": \"pool one\", \"tags\": {\"owner\": \"ana\"}, \"type\": \"auto\"}",
		"{\"name\": \"name#2\", \"tags\": {\"name#3\": \"name#4\"}, \"type\": \"auto\"}");
	becomes(veil, "\"owner\": \"ana\", \"type\": \"auto\"",
		"\"name#3\": \"name#4\", \"type\": \"auto\"");
	becomes(veil, "myaccount.westeurope.batch.azure.com",
		"account#3.westeurope.batch.azure.com");
}

/* Through again, as drawing may do: nothing changes, even where a key is called key. */
static void
words_of_its_own_stay(void **state)
{
	becomes(*state, "the key, key#1, account#12", "the key#1, key#1, account#12");
	assert_null(veil_text(*state, "key#1 vault#2 id#3"));
	assert_null(veil_text(*state, "nothing to hide"));
	assert_null(veil_text(*state, ""));
}

/* Names that begin alike are told apart as soon as others: this would take hours. */
static void
many_names_are_found(void **state)
{
	for (int i = 0; i < 100000; i++) {
		char *name = mem_printf("aa-%dx", i);

		veil_learn(*state, VEIL_ACCOUNT, name);
		free(name);
	}
	becomes(*state, "aa-0x aa-99999x aa-5", "account#2 account#100001 aa-5");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(names_are_hidden_wherever_they_stand, begin, end),
		cmocka_unit_test_setup_teardown(short_names_are_hidden, begin, end),
		cmocka_unit_test_setup_teardown(ids_are_hidden_by_their_shape, begin, end),
		cmocka_unit_test_setup_teardown(places_are_known, begin, end),
		cmocka_unit_test_setup_teardown(words_of_its_own_stay, begin, end),
		cmocka_unit_test_setup_teardown(many_names_are_found, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
