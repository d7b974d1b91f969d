/* What a form says of values while they are typed, and what it offers, over the demo estate. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/mem.h"
#include "backend/estate/kind.h"
#include "backend/plans/fit.h"
#include "backend/plans/hint.h"
#include "tests/fixtures/inside.h"

#define VERSION "0123456789abcdef0123456789abcdef"

enum { OFFERS = 16 };

struct fixture {
	struct place place;
	struct sandbox *sandbox;
	struct session *session;
	struct estate *estate;
	struct subject subject;
	struct offer offers[OFFERS];
};

static int
setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof *f);
	struct err err = {0};

	json_init();
	f->sandbox = inside_serve(&f->place, &(struct sandbox_options){0});
	f->session = inside_sign_in(f->sandbox);
	f->estate = estate_new(f->session);
	if (!estate_load(f->estate, ESTATE_ALL, &err))
		fail_msg("%s", err.msg);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	estate_free(f->estate);
	session_close(f->session);
	sandbox_close(f->sandbox);
	place_remove(&f->place);
	free(f);
	return 0;
}

/* A form of that plan with these values: pairs of name and value, NULL-ended. */
struct form {
	const struct plan_field *fields[PLAN_FIELDS_MAX];
	const char *values[PLAN_FIELDS_MAX];
	struct filling filling;
};

static void
fill(struct form *form, struct fixture *f, const struct plan_def *plan,
	const struct service *service, const char *field, const char *const *pairs)
{
	*form = (struct form){.filling = {.estate = f->estate,
				      .plan = plan,
				      .subject = &f->subject,
				      .service = service,
				      .fields_len = plan->fields_len}};
	form->filling.fields = form->fields;
	form->filling.values = form->values;
	for (size_t i = 0; i < plan->fields_len; i++) {
		form->fields[i] = &plan->fields[i];
		if (strcmp(plan->fields[i].name, field) == 0)
			form->filling.field = i;
		for (size_t k = 0; pairs[k]; k += 2)
			if (strcmp(plan->fields[i].name, pairs[k]) == 0)
				form->values[i] = pairs[k + 1];
	}
}

static void
says(struct fixture *f, const struct plan_def *plan, const struct service *service,
	const char *field, const char *const *pairs, enum hint want, const char *part)
{
	struct form form;
	char said[400] = "";
	enum hint hint;

	fill(&form, f, plan, service, field, pairs);
	hint = form.fields[form.filling.field]->hint(&form.filling, said, sizeof said);
	if (hint != want || strstr(said, part) == NULL)
		fail_msg("%s '%s': %d, wanted %d with '%s': %s", field,
			filling_value(&form.filling, field), hint, want, part, said);
}

#define PAIRS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Fact H8: a URI with a version pins, one without does not. */
static void
test_mode(void **state)
{
	const struct service *storage = &service_storage, *automation = &service_automation;

	says(*state, &plan_onboard, storage, "key",
		PAIRS("key", "https://kv-archive.vault.azure.net/keys/cmk-archive/" VERSION),
		HINT_GOOD, "PINNED to version 01234567");
	says(*state, &plan_onboard, storage, "key",
		PAIRS("key", "https://kv-archive.vault.azure.net/keys/cmk-archive"), HINT_GOOD,
		"PINNED to the current version; with Follow new versions it would be AUTO");
	says(*state, &plan_onboard, storage, "key",
		PAIRS("key", "kv-archive/cmk-archive", "auto", "yes"), HINT_GOOD,
		"RSA 3072. AUTO: takes up new versions");
	says(*state, &plan_onboard, storage, "auto",
		PAIRS("key", "https://kv-archive.vault.azure.net/keys/cmk-archive/" VERSION, "auto",
			"yes"),
		HINT_BAD, "leave one out");
	says(*state, &plan_onboard, automation, "key", PAIRS("key", "cmk-billing"), HINT_GOOD,
		"Automation follows none by itself");
	says(*state, &plan_replace, storage, "key", PAIRS("key", "kv-rbac/cmk-rbac"), HINT_GOOD,
		"as the account is now");
}

static void
test_key(void **state)
{
	const struct service *storage = &service_storage, *automation = &service_automation;

	says(*state, &plan_onboard, storage, "key",
		PAIRS("key", "https://kv-archive.vault.azure.cn/keys/cmk-archive"), HINT_BAD,
		"AzureChinaCloud");
	says(*state, &plan_onboard, storage, "key", PAIRS("key", "https://evil.example/keys/x"),
		HINT_BAD, "");
	says(*state, &plan_onboard, storage, "key", PAIRS("key", "kv-nowhere/cmk"), HINT_BAD,
		"No vault kv-nowhere is known here");
	says(*state, &plan_onboard, storage, "key", PAIRS("key", "kv-archive/"), HINT_WARNS,
		"Which key");
	says(*state, &plan_onboard, storage, "key", PAIRS("key", "no-such-key"), HINT_WARNS,
		"In which vault");
	says(*state, &plan_onboard, storage, "key", PAIRS("key", "kv/x y"), HINT_BAD,
		"vault's name");
	says(*state, &plan_onboard, automation, "key", PAIRS("key", "cmk-ec"), HINT_BAD,
		"no RSA key");
	says(*state, &plan_onboard, automation, "key", PAIRS("key", "cmk-off"), HINT_BAD,
		"disabled");
	says(*state, &plan_onboard, automation, "key", PAIRS("key", "hsm-core/cmk-hsm"), HINT_BAD,
		"not of a managed HSM");
	says(*state, &plan_onboard, storage, "key", PAIRS("key", "hsm-core/cmk-hsm"), HINT_GOOD,
		"RSA-HSM 3072");
	says(*state, &plan_onboard, storage, "key", PAIRS("key", "kv-archive/cmk-new"), HINT_WARNS,
		"has no such key");
	says(*state, &plan_onboard, storage, "key",
		PAIRS("key", "kv-archive/cmk-new", "create-key", "3072"), HINT_GOOD,
		"It will be made");
	/* Until its protection is on it may be named, but no service takes its keys. */
	says(*state, &plan_onboard, storage, "vault", PAIRS("vault", "kv-payroll"), HINT_WARNS,
		"no purge protection");
}

static void
test_across(void **state)
{
	const struct service *storage = &service_storage;

	says(*state, &plan_onboard, storage, "federated-client-id",
		PAIRS("vault-tenant", "fabrikam.example"), HINT_BAD, "application");
	says(*state, &plan_onboard, storage, "federated-client-id",
		PAIRS("federated-client-id", "broker"), HINT_BAD, "GUID");
	says(*state, &plan_onboard, storage, "vault-tenant", PAIRS("federated-client-id", VERSION),
		HINT_BAD, "which");
	says(*state, &plan_onboard, storage, "vault-tenant",
		PAIRS("vault-tenant", "fabrikam.example"), HINT_WARNS, "user-assigned");
	says(*state, &plan_onboard, storage, "key",
		PAIRS("key", "https://kv-fabrikam.vault.azure.net/keys/cmk-fabrikam",
			"vault-tenant", "fabrikam.example"),
		HINT_GOOD, "PINNED");
}

static void
test_values(void **state)
{
	const struct service *batch = &service_batch;

	says(*state, &plan_rotation_policy, NULL, "every", PAIRS("every", "P90D"), HINT_GOOD,
		"90 days");
	says(*state, &plan_rotation_policy, NULL, "every", PAIRS("every", "90"), HINT_BAD, "P90D");
	says(*state, &plan_rotation_policy, NULL, "every", PAIRS("every", "PT5H"), HINT_BAD,
		"P90D");
	says(*state, &plan_onboard, batch, "create-key", PAIRS("create-key", "4096"), HINT_TELLS,
		"newer");
	says(*state, &plan_onboard, batch, "user-identity", PAIRS("user-identity", "id-batch"),
		HINT_BAD, "ARM id");
	says(*state, &plan_onboard, batch, "key-version", PAIRS("key-version", "12"), HINT_BAD,
		"32 hexadecimal digits");
	says(*state, &plan_onboard, batch, "key-version",
		PAIRS("key", "kv-billing/cmk-billing", "key-version", VERSION), HINT_BAD,
		"no such version");
	says(*state, &plan_vault_create, NULL, "location", PAIRS("location", "West Europe"),
		HINT_BAD, "westeurope");
	says(*state, &plan_evacuate, NULL, "vault", PAIRS("vault", "kv-rbac"), HINT_GOOD, "roles");
}

static size_t
offers(struct fixture *f, const struct plan_def *plan, const struct service *service,
	const char *field, const char *const *pairs)
{
	struct form form;

	fill(&form, f, plan, service, field, pairs);
	return form.fields[form.filling.field]->offer(&form.filling, f->offers, OFFERS);
}

static void
test_offers(void **state)
{
	struct fixture *f = *state;

	memcpy(f->subject.key.vault, "kv-billing", sizeof "kv-billing");
	memcpy(f->subject.key.key, "cmk-billing", sizeof "cmk-billing");
	/* The vault that the key was stolen from is none of them; the best come first. */
	assert_int_equal(offers(f, &plan_evacuate, NULL, "vault", PAIRS("key", "x")), 4);
	assert_string_equal(f->offers[0].value, "kv-archive");
	assert_string_equal(f->offers[3].value, "kv-payroll");
	assert_non_null(strstr(f->offers[3].note, "no purge protection"));
	says(f, &plan_evacuate, NULL, "vault", PAIRS("vault", "KV-billing"), HINT_WARNS,
		"same vault");
	assert_true(offers(f, &plan_evacuate, NULL, "key", PAIRS("vault", "kv-archive")) >= 4);
	assert_string_equal(f->offers[0].value, "cmk-billing-2");
	assert_int_equal(offers(f, &plan_onboard, &service_automation, "key-version",
				 PAIRS("key", "kv-billing/cmk-billing")),
		3);
	assert_non_null(strstr(f->offers[0].note, "the newest"));
	assert_non_null(strstr(f->offers[2].note, "used by aa-billing"));
	assert_int_equal(
		offers(f, &plan_onboard, &service_storage, "user-identity", PAIRS("key", "x")), 2);
	assert_int_equal(offers(f, &plan_revoke, NULL, "account", PAIRS("method", "both")), 1);
	assert_string_equal(f->offers[0].value, "aa-billing");
	assert_int_equal(offers(f, &plan_vault_create, NULL, "location", PAIRS("x", "x")), 1);
	assert_string_equal(f->offers[0].value, "westeurope");
	/* No more than there is room for. */
	assert_int_equal(plan_find("vault create")
				 ->fields[0]
				 .offer(&(struct filling){.estate = f->estate}, f->offers, 0),
		0);
}

/* What is suggested for an account of that name; "": nothing. */
static void
suggests(struct fixture *f, const struct plan_def *plan, const struct service *service,
	const char *name, const char *want)
{
	struct form form;
	char value[KEYID_MAX] = "", reason[200];

	fill(&form, f, plan, service, "key", PAIRS("x", "x"));
	snprintf(f->subject.id.name, sizeof f->subject.id.name, "%s", name);
	assert_int_equal(form.fields[form.filling.field]->suggest(
				 &form.filling, value, sizeof value, reason, sizeof reason),
		*want != '\0');
	assert_string_equal(value, want);
}

/* A key is only suggested when it is the only one that goes by the account's name. */
static void
test_suggested(void **state)
{
	suggests(
		*state, &plan_onboard, &service_automation, "aa-payroll", "kv-payroll/cmk-payroll");
	suggests(*state, &plan_onboard, &service_automation, "aa-rbac-1", "kv-rbac/cmk-rbac");
	suggests(*state, &plan_replace, &service_automation, "aa-payroll", "");
	/* None, and more than one. */
	suggests(*state, &plan_onboard, &service_automation, "aa-nowhere", "");
	suggests(*state, &plan_onboard, &service_automation, "aa-archive", "");
	/* Not every service takes keys of a managed HSM. */
	suggests(*state, &plan_onboard, &service_storage, "core", "hsm-core/cmk-hsm");
	suggests(*state, &plan_onboard, &service_automation, "core", "");
}

static void
test_unfit(void **state)
{
	struct fixture *f = *state;
	struct armid id;

	for (size_t i = 0; i < kind_account.count(f->estate); i++) {
		json_t *row = kind_account.json(f->estate, i);
		const struct service *service;
		bool customer = strcmp(filling_text(row, "keySource"), "customer") == 0;

		kind_account_id(f->estate, i, &id, &service);
		assert_int_equal(unfit_customer(service, row) == NULL, customer);
		if (!customer && strcmp(id.name, "balegacy01") == 0)
			assert_string_equal(
				unfit_customer(service, row), unfit_onboard(service, row));
		assert_int_equal(unfit_onboard(service, row) == NULL,
			!customer && strcmp(id.name, "balegacy01") != 0);
		assert_int_equal(
			unfit_assign(service, row) == NULL, strcmp(id.name, "balegacy01") != 0);
		json_decref(row);
	}
	for (size_t i = 0; i < kind_vault.count(f->estate); i++) {
		json_t *row = kind_vault.json(f->estate, i);

		kind_vault_id(f->estate, i, &id);
		assert_int_equal(
			unfit_protect(NULL, row) == NULL, strcmp(id.name, "kv-payroll") == 0);
		json_decref(row);
	}
	for (size_t i = 0; i < kind_key.count(f->estate); i++) {
		json_t *row = kind_key.json(f->estate, i);
		const char *name = filling_text(row, "name");

		assert_int_equal(unfit_rotate(NULL, row) == NULL, strcmp(name, "cmk-ec") != 0);
		assert_int_equal(unfit_disable(NULL, row) == NULL, strcmp(name, "cmk-off") != 0);
		assert_int_equal(unfit_enable(NULL, row) == NULL, strcmp(name, "cmk-off") == 0);
		json_decref(row);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mode),
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_across),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_offers),
		cmocka_unit_test(test_suggested),
		cmocka_unit_test(test_unfit),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
