/* Bodies stand here as they are documented: Automation's article on secure assets, Key Vault
 * 2023-07-01 and 7.4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "crypto/b64.h"
#include "tests/unit/steps.h"

static void
take_id(struct armid *out, const char *id)
{
	struct err err;

	assert_true(armid_parse(out, id, &err));
}

int
steps_setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof *f);
	struct credential credential;
	struct profile profile;

	json_init();
	profile_default(&profile);
	credential_secret(&credential, TENANT, "app", "secret");
	f->session = session_open(&profile, &credential, &f->err);
	assert_non_null(f->session);
	f->facts.session = f->session;
	take_id(&f->facts.account, ACCOUNT_ID);
	take_id(&f->facts.vault, VAULT_ID);
	assert_true(keyid_parse(&f->facts.want, "https://kv1.vault.azure.net/keys/cmk",
		session_cloud(f->session), &f->err));
	snprintf(f->facts.operation, sizeof f->facts.operation,
		"11111111-2222-4333-8444-555555555555");
	f->facts.facts.account.service = &service_automation;
	f->facts.facts.account.id = f->facts.account;
	*state = f;
	return 0;
}

int
steps_teardown(void **state)
{
	struct fixture *f = *state;

	request_free(&f->request);
	buf_free(&f->reply.body);
	facts_free(&f->facts.facts);
	vault_free(&f->facts.before);
	secret_free(&f->facts.wrapped_here);
	free(f->facts.next);
	session_close(f->session);
	free(f);
	return 0;
}

bool
steps_build(
	struct fixture *f, bool (*how)(const struct plan_facts *, struct request *, struct err *))
{
	request_free(&f->request);
	f->request = (struct request){0};
	f->err = (struct err){0};
	return how(&f->facts, &f->request, &f->err);
}

enum outcome
steps_answer(struct fixture *f, const struct step *step, const char *body)
{
	buf_free(&f->reply.body);
	buf_init(&f->reply.body, 1 << 20);
	f->reply.status = 200;
	assert_true(buf_adds(&f->reply.body, body));
	f->err = (struct err){0};
	return step->accept(&f->facts, &f->reply, NULL, &f->err);
}

enum outcome
steps_refuse(struct fixture *f, const struct step *step, int http, const char *body)
{
	struct err failure;

	json_error(body, strlen(body), http, "r", &failure);
	f->err = (struct err){0};
	return step->accept(&f->facts, NULL, &failure, &f->err);
}

void
steps_expect(const struct fixture *f, enum http_method method, enum audience audience,
	const char *url, const char *body)
{
	json_t *is, *want;

	assert_int_equal(f->request.method, method);
	assert_int_equal(f->request.audience, audience);
	assert_string_equal(f->request.url, url);
	if (body == NULL) {
		assert_null(f->request.body);
		return;
	}
	is = json_loads(f->request.body, 0, NULL);
	want = json_loads(body, 0, NULL);
	assert_non_null(is);
	assert_non_null(want);
	if (!json_equal(is, want))
		fail_msg("body is   %s\nand should be %s", f->request.body, body);
	json_decref(is);
	json_decref(want);
}

/* The account as read, with an identity object and an encryption object. */
void
steps_read_account(struct fixture *f, const char *identity, const char *encryption)
{
	char body[2048];

	snprintf(body, sizeof body,
		"{\"id\":\"" ACCOUNT_ID
		"\",\"name\":\"aa\",\"type\":\"Microsoft.Automation/AutomationAccounts\","
		"\"location\":\"westeurope\",\"identity\":%s,\"properties\":{\"sku\":{\"name\":"
		"\"Basic\"},\"state\":\"Ok\",\"encryption\":%s}}",
		identity, encryption);
	assert_int_equal(steps_answer(f, &step_read_account, body), OUTCOME_DONE);
}

const char steps_microsoft[] = "{\"keySource\":\"Microsoft.Automation\","
			       "\"identity\":{\"userAssignedIdentity\":null}}";
const char steps_customer[] =
	"{\"keySource\":\"Microsoft.Keyvault\",\"keyvaultProperties\":{\"keyName\":\"cmk\","
	"\"keyvaultUri\":\"https://kv1.vault.azure.net/\",\"keyVersion\":\"" VERSION "\"}}";
const char steps_system_identity[] = "{\"type\":\"SystemAssigned\",\"principalId\":\"" PRINCIPAL
				     "\",\"tenantId\":\"" TENANT "\"}";

void
steps_read_vault(struct fixture *f, const char *policies, const char *more)
{
	char body[4096];

	snprintf(body, sizeof body,
		"{\"id\":\"" VAULT_ID "\",\"name\":\"kv1\",\"type\":\"Microsoft.KeyVault/vaults\","
		"\"location\":\"westeurope\",\"properties\":{\"sku\":{\"family\":\"A\",\"name\":"
		"\"standard\"},\"tenantId\":\"" TENANT "\",\"accessPolicies\":[%s],"
		"\"vaultUri\":\"https://kv1.vault.azure.net/\"%s}}",
		policies, more);
	assert_int_equal(steps_answer(f, &step_read_vault, body), OUTCOME_DONE);
}

char *
steps_key_bundle(const char *version, const char *n, const char *more)
{
	return mem_printf(
		"{\"key\":{\"kid\":\"https://kv1.vault.azure.net/keys/cmk/%s\",\"kty\":\"RSA\","
		"\"key_ops\":[\"wrapKey\",\"unwrapKey\"],\"n\":\"%s\",\"e\":\"AQAB\"},"
		"\"attributes\":{\"enabled\":true,\"created\":1493942451,\"updated\":1493942451,"
		"\"recoveryLevel\":\"Recoverable\"}%s}",
		version, n, more);
}

json_t *
steps_jwk(const struct rsa_key *key)
{
	unsigned char n[RSA_BYTES_MAX], e[8];
	char n_text[RSA_BYTES_MAX * 2], e_text[16];
	size_t n_len, e_len;

	rsa_public(key, n, &n_len, e, &e_len);
	b64_encode(n_text, n, n_len);
	b64_encode(e_text, e, e_len);
	return json_pack("{s:s, s:s, s:s}", "kty", "RSA", "n", n_text, "e", e_text);
}

/* Modulus of the documented example of Create Key. */
const char steps_modulus[] =
	"2HJAE5fU3Cw2Rt9hEuq-F6XjINKGa-zskfISVqopqUy60GOs2eyhxbWbJBeUXNor_gf-tXtNeuqeBgitLeVa640UDv"
	"nEjYTKWjCniTxZRaU7ewY8BfTSk-7KxoDdLsPSpX_MX4rwlAx-_1UGk5t4sQgTbm9T6Fm2oqFd37dsz5-Gj27UP2GT"
	"AShfJPFD7MqU_zIgOI0pfqsbNL5xTQVM29K6rX4jSPtylZV3uWJtkoQIQnrIHhk1d0SC0KwlBV3V7R_LVYjiXLyIXs"
	"FzSNYgQ68ZjAwt8iL7I8Osa-ehQLM13DVvLASaf7Jnu3sC3CWl3Gyirgded6cfMmswJzY87w";

void
steps_read_key(struct fixture *f, const char *version)
{
	char *body = steps_key_bundle(version, steps_modulus, "");

	assert_int_equal(steps_answer(f, &step_read_key, body), OUTCOME_DONE);
	free(body);
}
