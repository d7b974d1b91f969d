/* Pairs of build() and accept() of the steps on the key and of the switch, and what onboard makes
 * of an account that has a key already. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "crypto/b64.h"
#include "tests/fixtures/steps.h"

static void
key_is_made_for_wrapping_only(void **state)
{
	struct fixture *f = *state;
	char *reply = steps_key_bundle(VERSION, steps_modulus, "");

	f->facts.create_bits = 3072;
	f->facts.facts.key_known = KNOWN_ABSENT;
	assert_true(step_key.needed(&f->facts));
	assert_true(steps_build(f, step_key.build));
	steps_expect(f, HTTP_POST, AUDIENCE_VAULT,
		"https://kv1.vault.azure.net/keys/cmk/create?api-version=7.4",
		"{\"kty\":\"RSA\",\"key_size\":3072,\"key_ops\":[\"wrapKey\",\"unwrapKey\"],"
		"\"tags\":{\"claviger-op\":\"11111111-2222-4333-8444-555555555555\"}}");
	assert_true(f->request.changes);
	assert_false(f->request.repeatable);
	f->facts.previewing = true;
	assert_true(steps_build(f, step_key.build));
	assert_non_null(strstr(f->request.body, REQUEST_UNKNOWN_OPEN));
	f->facts.previewing = false;
	assert_int_equal(steps_answer(f, &step_key, "{}"), OUTCOME_LOOK);
	assert_int_equal(steps_refuse(f, &step_key, 403, "{}"), OUTCOME_FAILED);
	assert_int_equal(steps_answer(f, &step_key, reply), OUTCOME_DONE);
	assert_string_equal(f->facts.want.version, VERSION);
	assert_false(step_key.needed(&f->facts));
	f->facts.create_bits = 0;
	f->facts.facts.key_known = KNOWN_ABSENT;
	assert_false(step_key.needed(&f->facts));
	free(reply);
}

static void
a_lost_key_is_found_by_its_tag(void **state)
{
	struct fixture *f = *state;
	char *ours = steps_key_bundle(VERSION, steps_modulus,
		",\"tags\":{\"claviger-op\":\"11111111-2222-4333-8444-555555555555\"}");
	char *theirs = steps_key_bundle(VERSION, steps_modulus, ",\"tags\":{\"owner\":\"x\"}");

	f->facts.create_bits = 2048;
	f->facts.facts.key_known = KNOWN_ABSENT;
	assert_int_equal(steps_refuse(f, step_key.reread, 404, "{}"), OUTCOME_DONE);
	assert_true(step_key.needed(&f->facts));
	assert_int_equal(steps_answer(f, step_key.reread, theirs), OUTCOME_FAILED);
	assert_string_equal(f->err.code, "KeyAppeared");
	assert_true(step_key.needed(&f->facts));
	assert_int_equal(steps_answer(f, step_key.reread, ours), OUTCOME_DONE);
	assert_false(step_key.needed(&f->facts));
	free(ours);
	free(theirs);
}

static struct rsa_key *
real_key(struct fixture *f)
{
	struct rsa_key *pair = rsa_generate(2048, &f->err);
	json_t *jwk = steps_jwk(pair);
	char *body = steps_key_bundle(VERSION, json_string_value(json_object_get(jwk, "n")), "");

	assert_int_equal(steps_answer(f, &step_read_key, body), OUTCOME_DONE);
	assert_true(secret_random(&f->facts.wrapped_here, 32, &f->err));
	json_decref(jwk);
	free(body);
	return pair;
}

/* What the vault would answer to the request that was built. */
static char *
unwrap_there(struct fixture *f, const struct rsa_key *pair, const char *version, int flip)
{
	json_t *body = json_loads(f->request.body, 0, NULL);
	unsigned char wrapped[RSA_BYTES_MAX];
	struct secret value = {0};
	struct rsa_cipher how;
	char text[64], *reply;
	size_t len;

	assert_string_equal(json_string_value(json_object_get(body, "alg")), "RSA-OAEP-256");
	assert_int_equal(json_object_size(body), 2);
	assert_true(b64_decode(
		wrapped, sizeof wrapped, &len, json_string_value(json_object_get(body, "value"))));
	assert_true(rsa_cipher_named("RSA-OAEP-256", &how));
	assert_true(rsa_decrypt(pair, &how, wrapped, len, &value, &f->err));
	assert_int_equal(value.len, 32);
	value.bytes[31] = (unsigned char)(value.bytes[31] ^ flip);
	b64_encode(text, value.bytes, value.len);
	reply = mem_printf("{\"kid\":\"https://kv1.vault.azure.net/keys/cmk/%s\",\"value\":\"%s\"}",
		version, text);
	secret_free(&value);
	json_decref(body);
	return reply;
}

static void
prove_wraps_here_and_compares(void **state)
{
	struct fixture *f = *state;
	struct rsa_key *pair = real_key(f);
	char *right, *flipped, *elsewhere;

	if (!steps_build(f, step_prove.build))
		fail_msg("%s", f->err.msg);
	assert_int_equal(f->request.method, HTTP_POST);
	assert_int_equal(f->request.audience, AUDIENCE_VAULT);
	assert_false(f->request.changes);
	assert_string_equal(f->request.url,
		"https://kv1.vault.azure.net/keys/cmk/" VERSION "/unwrapkey?api-version=7.4");
	right = unwrap_there(f, pair, VERSION, 0);
	flipped = unwrap_there(f, pair, VERSION, 1);
	elsewhere = unwrap_there(f, pair, OTHER_VERSION, 0);
	assert_int_equal(steps_answer(f, &step_prove, flipped), OUTCOME_FAILED);
	assert_string_equal(f->err.code, "ProofFailed");
	assert_int_equal(f->facts.proof, PROOF_FAILED);
	assert_int_equal(steps_answer(f, &step_prove, elsewhere), OUTCOME_FAILED);
	assert_int_equal(steps_answer(f, &step_prove, "{\"value\":\"AA\"}"), OUTCOME_FAILED);
	assert_int_equal(steps_answer(f, &step_prove, "{\"value\":7}"), OUTCOME_FAILED);
	assert_int_equal(steps_answer(f, &step_prove, "{}"), OUTCOME_FAILED);
	assert_int_equal(steps_answer(f, &step_prove, right), OUTCOME_DONE);
	assert_int_equal(f->facts.proof, PROOF_PROVED);
	free(right);
	free(flipped);
	free(elsewhere);
	rsa_free(pair);
}

static void
prove_tells_a_missing_right_from_a_bad_key(void **state)
{
	struct fixture *f = *state;

	steps_read_key(f, VERSION);
	assert_int_equal(
		steps_refuse(f, &step_prove, 403,
			"{\"error\":{\"code\":\"Forbidden\",\"message\":\"The user does not have "
			"keys unwrapKey permission\",\"innererror\":{\"code\":\"AccessDenied\"}}}"),
		OUTCOME_SKIPPED);
	assert_int_equal(f->facts.proof, PROOF_DENIED);
	assert_non_null(strstr(f->facts.note, "not proven: you lack unwrapKey on kv1/cmk"));
	assert_int_equal(steps_refuse(f, &step_prove, 403,
				 "{\"error\":{\"code\":\"Forbidden\",\"message\":\"Operation "
				 "unwrapKey is not allowed on a disabled "
				 "key.\",\"innererror\":{\"code\":\"KeyDisabled\"}}}"),
		OUTCOME_FAILED);
	assert_int_equal(f->facts.proof, PROOF_FAILED);
	assert_int_equal(steps_refuse(f, &step_prove, 400, "{}"), OUTCOME_FAILED);
	assert_int_equal(steps_refuse(f, &step_prove, 503, "{}"), OUTCOME_FAILED);
	assert_int_equal(f->err.kind, ERR_UNAVAILABLE);
}

static void
prove_is_previewed_without_a_key(void **state)
{
	struct fixture *f = *state;

	f->facts.previewing = true;
	assert_true(steps_build(f, step_prove.build));
	assert_string_equal(f->request.url,
		"https://kv1.vault.azure.net/keys/cmk/‹version, from step key›/unwrapkey"
		"?api-version=7.4");
	assert_non_null(strstr(f->request.body, "‹ciphertext, from step prove›"));
}

static void
switch_sends_the_identity_along(void **state)
{
	struct fixture *f = *state;

	steps_read_account(f, steps_system_identity, steps_microsoft);
	steps_read_key(f, VERSION);
	assert_true(step_switch.needed(&f->facts));
	assert_true(steps_build(f, step_switch.build));
	steps_expect(f, HTTP_PATCH, AUDIENCE_ARM,
		"https://management.azure.com" ACCOUNT_ID "?api-version=2023-11-01",
		"{\"identity\":{\"type\":\"SystemAssigned\"},\"properties\":{\"encryption\":{"
		"\"keySource\":\"Microsoft.Keyvault\",\"keyVaultProperties\":{\"keyName\":\"cmk\","
		"\"keyvaultUri\":\"https://kv1.vault.azure.net\",\"keyVersion\":\"" VERSION
		"\"}}}}");
	assert_true(f->request.changes && f->request.repeatable);
	assert_true(steps_build(f, step_switch.undo));
	steps_expect(f, HTTP_PATCH, AUDIENCE_ARM,
		"https://management.azure.com" ACCOUNT_ID "?api-version=2023-11-01",
		"{\"identity\":{\"type\":\"SystemAssigned\"},\"properties\":{\"encryption\":{"
		"\"keySource\":\"Microsoft.Automation\"}}}");
}

static void
switch_to_a_key_that_is_not_made_yet_is_previewed(void **state)
{
	struct fixture *f = *state;

	steps_read_account(f, "null", steps_microsoft);
	assert_false(steps_build(f, step_switch.build));
	f->facts.previewing = true;
	assert_true(steps_build(f, step_switch.build));
	assert_non_null(strstr(f->request.body, "\"keyVersion\":\"‹version, from step key›\""));
	assert_non_null(strstr(f->request.body, "\"type\":\"SystemAssigned\""));
}

static void
switch_with_a_user_assigned_identity(void **state)
{
	struct fixture *f = *state;

	steps_read_account(f,
		"{\"type\":\"UserAssigned\",\"userAssignedIdentities\":{\"" USER_ID
		"\":{\"principalId\":\"" FOREIGN "\",\"clientId\":\"" FOREIGN "\"}}}",
		steps_microsoft);
	steps_read_key(f, VERSION);
	snprintf(f->facts.want_identity, sizeof f->facts.want_identity, "%s", USER_ID);
	assert_true(steps_build(f, step_switch.build));
	steps_expect(f, HTTP_PATCH, AUDIENCE_ARM,
		"https://management.azure.com" ACCOUNT_ID "?api-version=2023-11-01",
		"{\"identity\":{\"type\":\"UserAssigned\",\"userAssignedIdentities\":{\"" USER_ID
		"\":{}}},\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.Keyvault\","
		"\"keyVaultProperties\":{\"keyName\":\"cmk\",\"keyvaultUri\":"
		"\"https://kv1.vault.azure.net\",\"keyVersion\":\"" VERSION "\"},"
		"\"identity\":{\"userAssignedIdentity\":\"" USER_ID "\"}}}}");
}

static void
switch_waits_only_for_what_may_still_come(void **state)
{
	struct fixture *f = *state;
	char body[1024];

	steps_read_account(f, steps_system_identity, steps_microsoft);
	steps_read_key(f, VERSION);
	assert_int_equal(steps_refuse(f, &step_switch, 403,
				 "{\"code\":\"KeyVaultAuthenticationFailure\",\"message\":\"The "
				 "operation failed because of authentication issue on the "
				 "keyvault.\"}"),
		OUTCOME_AGAIN);
	assert_string_equal(f->err.code, "KeyVaultAuthenticationFailure");
	assert_int_equal(
		steps_refuse(f, &step_switch, 400,
			"{\"code\":\"KeyVaultAuthenticationFailure\",\"message\":\"The "
			"operation failed because of authentication issue on the keyvault. "
			"Operation wrapKey is not allowed on a disabled key.\"}"),
		OUTCOME_FAILED);
	assert_int_equal(
		steps_refuse(f, &step_switch, 403,
			"{\"error\":{\"code\":\"AuthorizationFailed\",\"message\":\"The client\"}}"),
		OUTCOME_FAILED);
	assert_int_equal(f->err.kind, ERR_DENIED);
	assert_int_equal(steps_refuse(f, &step_switch, 400,
				 "{\"code\":\"KeyVaultPolicyError\",\"message\":\"Keyvault policy "
				 "recoverable is not set\"}"),
		OUTCOME_FAILED);
	assert_int_equal(steps_refuse(f, &step_switch, 404, "{}"), OUTCOME_FAILED);
	snprintf(body, sizeof body,
		"{\"id\":\"" ACCOUNT_ID "\",\"identity\":%s,\"properties\":{\"encryption\":%s}}",
		steps_system_identity, steps_microsoft);
	assert_int_equal(steps_answer(f, &step_switch, body), OUTCOME_LOOK);
	snprintf(body, sizeof body,
		"{\"id\":\"" ACCOUNT_ID "\",\"identity\":%s,\"properties\":{\"encryption\":%s}}",
		steps_system_identity, steps_customer);
	assert_int_equal(steps_answer(f, &step_switch, body), OUTCOME_DONE);
	assert_false(step_switch.needed(&f->facts));
}

static void
verify_names_the_field_that_is_wrong(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *from, *to, *field;
	} wrong[] = {
		{"Microsoft.Keyvault", "Microsoft.Automation", "keySource"},
		{"kv1.vault", "kv2.vault", "keyvaultUri"},
		{"\"cmk\"", "\"cmk2\"", "keyName"},
		{VERSION, OTHER_VERSION, "keyVersion"},
		{"\"principalId\"", "\"principal\"", "identity.principalId"},
	};
	char good[1024], bad[1200];

	steps_read_account(f, steps_system_identity, steps_microsoft);
	steps_read_key(f, VERSION);
	assert_true(steps_build(f, step_verify.build));
	steps_expect(f, HTTP_GET, AUDIENCE_ARM,
		"https://management.azure.com" ACCOUNT_ID "?api-version=2023-11-01", NULL);
	snprintf(good, sizeof good,
		"{\"id\":\"" ACCOUNT_ID "\",\"identity\":%s,\"properties\":{\"encryption\":%s}}",
		steps_system_identity, steps_customer);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		const char *at = strstr(good, wrong[i].from);

		assert_non_null(at);
		snprintf(bad, sizeof bad, "%.*s%s%s", (int)(at - good), good, wrong[i].to,
			at + strlen(wrong[i].from));
		assert_int_equal(steps_answer(f, &step_verify, bad), OUTCOME_AGAIN);
		assert_string_equal(f->err.code, "ReadBack");
		if (!strstr(f->err.msg, wrong[i].field))
			fail_msg("%s is not named in: %s", wrong[i].field, f->err.msg);
	}
	assert_int_equal(steps_answer(f, &step_verify, good), OUTCOME_DONE);
	assert_null(step_verify.needed);
}

static const char *
judged(struct fixture *f)
{
	static struct finding findings[8];
	size_t len = plan_onboard.judge(&f->facts, findings, 8);

	return len ? findings[0].rule->id : "";
}

static void
onboard_leaves_other_keys_to_other_verbs(void **state)
{
	struct fixture *f = *state;

	steps_read_vault(f, "", "");
	steps_read_account(f, steps_system_identity, steps_microsoft);
	steps_read_key(f, VERSION);
	assert_string_equal(judged(f), "");
	steps_read_account(f, steps_system_identity, steps_customer);
	assert_string_equal(judged(f), "");
	assert_false(step_switch.needed(&f->facts));
	f->facts.want.version[0] = '\0';
	steps_read_key(f, OTHER_VERSION);
	assert_string_equal(judged(f), "on-other-version");
	snprintf(f->facts.want.key, sizeof f->facts.want.key, "another");
	assert_string_equal(judged(f), "on-other-key");
	steps_read_account(f, steps_system_identity, "{}");
	assert_string_equal(judged(f), "key-source-unknown");
}

static void
onboard_refuses_what_would_surprise(void **state)
{
	struct fixture *f = *state;

	steps_read_vault(f, "", "");
	steps_read_account(f, steps_system_identity, steps_microsoft);
	steps_read_key(f, VERSION);
	f->facts.create_bits = 2048;
	assert_string_equal(judged(f), "key-made");
	f->facts.create_bits = 4096;
	assert_string_equal(judged(f), "key-exists");
	f->facts.create_bits = 0;
	snprintf(f->facts.want_identity, sizeof f->facts.want_identity, "%s", USER_ID);
	assert_string_equal(judged(f), "identity-not-assigned");
	f->facts.want_identity[0] = '\0';
	snprintf(f->facts.want.host, sizeof f->facts.want.host, "kv9.vault.azure.net");
	assert_string_equal(judged(f), "vault-mismatch");
}

static void
replies_of_the_api_documents_are_understood(void **state)
{
	struct fixture *f = *state;
	const char *specs = getenv("SPECS");
	char path[PATH_MAX], *reply;
	json_t *example, *body;
	struct buf text;

	if (specs == NULL || !*specs) {
		print_message("SPECS is not set: skipped\n");
		skip();
	}
	snprintf(path, sizeof path,
		"%s/specification/keyvault/data-plane/Microsoft.KeyVault/stable/7.4/examples/"
		"CreateKey-example.json",
		specs);
	buf_init(&text, 1 << 20);
	assert_true(file_read(path, false, &text, &f->err));
	example = json_loadb(text.data, text.len, 0, NULL);
	body = json_object_get(
		json_object_get(json_object_get(example, "responses"), "200"), "body");
	reply = json_dumps(body, 0);
	assert_true(keyid_parse(&f->facts.want,
		"https://myvault.vault.azure.net/keys/CreateSoftKeyTest", session_cloud(f->session),
		&f->err));
	f->facts.create_bits = 2048;
	assert_int_equal(steps_answer(f, &step_key, reply), OUTCOME_DONE);
	assert_string_equal(f->facts.want.version, OTHER_VERSION);
	assert_int_equal(f->facts.facts.key.bits, 2048);
	mem_zeroing_free(reply);
	json_decref(example);
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			key_is_made_for_wrapping_only, steps_setup, steps_teardown),
		cmocka_unit_test_setup_teardown(
			a_lost_key_is_found_by_its_tag, steps_setup, steps_teardown),
		cmocka_unit_test_setup_teardown(
			prove_wraps_here_and_compares, steps_setup, steps_teardown),
		cmocka_unit_test_setup_teardown(
			prove_tells_a_missing_right_from_a_bad_key, steps_setup, steps_teardown),
		cmocka_unit_test_setup_teardown(
			prove_is_previewed_without_a_key, steps_setup, steps_teardown),
		cmocka_unit_test_setup_teardown(
			switch_sends_the_identity_along, steps_setup, steps_teardown),
		cmocka_unit_test_setup_teardown(switch_to_a_key_that_is_not_made_yet_is_previewed,
			steps_setup, steps_teardown),
		cmocka_unit_test_setup_teardown(
			switch_with_a_user_assigned_identity, steps_setup, steps_teardown),
		cmocka_unit_test_setup_teardown(
			switch_waits_only_for_what_may_still_come, steps_setup, steps_teardown),
		cmocka_unit_test_setup_teardown(
			verify_names_the_field_that_is_wrong, steps_setup, steps_teardown),
		cmocka_unit_test_setup_teardown(
			onboard_leaves_other_keys_to_other_verbs, steps_setup, steps_teardown),
		cmocka_unit_test_setup_teardown(
			onboard_refuses_what_would_surprise, steps_setup, steps_teardown),
		cmocka_unit_test_setup_teardown(
			replies_of_the_api_documents_are_understood, steps_setup, steps_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
