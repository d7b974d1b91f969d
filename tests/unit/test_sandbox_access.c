/* Sign-in, tokens, roles: who is let in, and in which words the others are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/b64.h"
#include "crypto/jws.h"
#include "tests/fixtures/sandbox_client.h"

#define LOGIN "https://login.microsoftonline.com/"
#define ACCOUNTS "/providers/Microsoft.Automation/automationAccounts?api-version=2023-11-01"

static struct client client;

static void
metadata_names_its_endpoints(void **state)
{
	(void)state;
	assert_int_equal(client_send(&client, "GET",
				 LOGIN TENANT "/v2.0/.well-known/openid-configuration", NULL, NULL),
		200);
	assert_string_equal(client_text(&client, "issuer"), LOGIN TENANT "/v2.0");
	assert_string_equal(
		client_text(&client, "token_endpoint"), LOGIN TENANT "/oauth2/v2.0/token");
	assert_string_equal(client_text(&client, "authorization_endpoint"),
		LOGIN TENANT "/oauth2/v2.0/authorize");
	assert_string_equal(client_text(&client, "jwks_uri"), LOGIN TENANT "/discovery/v2.0/keys");
	assert_int_equal(
		client_send(&client, "GET",
			LOGIN "contoso.example/.well-known/openid-configuration", NULL, NULL),
		200);
	assert_string_equal(client_text(&client, "token_endpoint"), LOGIN TENANT "/oauth2/token");
	assert_int_equal(
		client_send(&client, "GET",
			"https://localhost:4711/adfs/.well-known/openid-configuration", NULL, NULL),
		200);
	assert_string_equal(
		client_text(&client, "token_endpoint"), "https://localhost:4711/adfs/oauth2/token");
	assert_int_equal(
		client_send(&client, "GET",
			LOGIN "no.such.tenant/v2.0/.well-known/openid-configuration", NULL, NULL),
		400);
	assert_int_equal(client_number(&client, "error_codes.0"), 90002);
}

static void
tokens_are_signed_by_the_published_key(void **state)
{
	unsigned char n[RSA_BYTES_MAX], e[8];
	struct rsa_numbers numbers = {0};
	struct buf header, payload;
	struct rsa_key *key;

	(void)state;
	buf_init(&header, 8192);
	buf_init(&payload, 8192);
	assert_int_equal(
		client_send(&client, "GET", LOGIN "common/discovery/v2.0/keys", NULL, NULL), 200);
	assert_true(b64_decode(n, sizeof n, &numbers.n.len, client_text(&client, "keys.0.n")));
	assert_true(b64_decode(e, sizeof e, &numbers.e.len, client_text(&client, "keys.0.e")));
	numbers.n.bytes = n;
	numbers.e.bytes = e;
	key = rsa_import(&numbers, NULL);
	assert_non_null(key);
	assert_true(jws_verify(key, "RS256", client.arm + strlen("Authorization: Bearer "), &header,
		&payload, NULL));
	assert_non_null(strstr(buf_text(&payload), "\"aud\":\"" ARM "\""));
	assert_non_null(strstr(buf_text(&payload), "\"tid\":\"" TENANT "\""));
	assert_non_null(strstr(buf_text(&payload), "\"appid\":\"" OPERATOR "\""));
	assert_non_null(strstr(buf_text(&payload), "\"xms_sandbox\":"));
	rsa_free(key);
	buf_free(&header);
	buf_free(&payload);
}

static void
bad_sign_ins_have_their_codes(void **state)
{
	static const struct {
		const char *url, *form;
		long status;
		const char *error;
		int code;
	} cases[] = {
		{LOGIN TENANT "/oauth2/v2.0/token",
			"grant_type=client_credentials&client_id=" OPERATOR
			"&client_secret=wrong&scope=https%3A%2F%2Fvault.azure.net%2F.default",
			401, "invalid_client", 7000215},
		{LOGIN TENANT "/oauth2/v2.0/token",
			"grant_type=client_credentials&client_id=11111111-2222-3333-4444-555555555555"
			"&client_secret=x&scope=https%3A%2F%2Fvault.azure.net%2F.default",
			400, "unauthorized_client", 700016},
		{LOGIN "66666666-2222-3333-4444-555555555555/oauth2/v2.0/token",
			"grant_type=client_credentials", 400, "invalid_tenant", 90002},
		{LOGIN TENANT "/oauth2/v2.0/token", "client_id=" OPERATOR, 400, "invalid_request",
			900144},
		{LOGIN TENANT "/oauth2/v2.0/token", "", 400, "invalid_request", 900144},
		{LOGIN TENANT "/oauth2/v2.0/token",
			"grant_type=password&client_id=" OPERATOR "&username=a&password=b", 400,
			"unsupported_grant_type", 70003},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(client_send(&client, "POST", cases[i].url, NULL, cases[i].form),
			cases[i].status);
		assert_string_equal(client_text(&client, "error"), cases[i].error);
		assert_int_equal(client_number(&client, "error_codes.0"), cases[i].code);
		assert_non_null(strstr(client_text(&client, "error_description"), "AADSTS"));
		assert_true(client_text(&client, "trace_id")[0]);
		assert_true(client_text(&client, "correlation_id")[0]);
		assert_true(client_text(&client, "timestamp")[0]);
	}
}

static void
scopes_are_looked_at(void **state)
{
	char form[512], secret[64];

	(void)state;
	client_file(&client, "secret", secret);
	snprintf(form, sizeof form,
		"grant_type=client_credentials&client_id=" OPERATOR
		"&client_secret=%s&scope=https%%3A%%2F%%2Fexample.com%%2F.default",
		secret);
	assert_int_equal(
		client_send(&client, "POST", LOGIN TENANT "/oauth2/v2.0/token", NULL, form), 400);
	assert_int_equal(client_number(&client, "error_codes.0"), 500011);
	snprintf(form, sizeof form,
		"grant_type=client_credentials&client_id=" OPERATOR
		"&client_secret=%s&scope=https%%3A%%2F%%2Fvault.azure.net",
		secret);
	assert_int_equal(
		client_send(&client, "POST", LOGIN TENANT "/oauth2/v2.0/token", NULL, form), 400);
	assert_int_equal(client_number(&client, "error_codes.0"), 1002012);
	snprintf(form, sizeof form,
		"grant_type=client_credentials&client_id=" OPERATOR
		"&client_secret=%s&resource=https%%3A%%2F%%2Fmanagement.core.windows.net%%2F",
		secret);
	assert_int_equal(
		client_send(&client, "POST", LOGIN TENANT "/oauth2/token", NULL, form), 200);
	assert_string_equal(client_text(&client, "expires_in"), "3599");
	snprintf(form, sizeof form, "Authorization: Bearer %.16s",
		client_text(&client, "access_token"));
	assert_int_equal(client_send(&client, "GET", ARM "/subscriptions?api-version=2022-12-01",
				 form, NULL),
		401);
}

static void
the_manager_refuses_in_its_words(void **state)
{
	static const char url[] = ARM "/subscriptions?api-version=2022-12-01";
	static const char real[] =
		"Authorization: Bearer eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL21hbmFnZW1lbnQuYXp1cmUuY29tIiwiaXNzIjoiaHR0cHM6Ly9zdHMud2luZG93cy5uZXQvIn0.AAAA";

	(void)state;
	assert_int_equal(client_send(&client, "GET", url, NULL, NULL), 401);
	assert_string_equal(client_text(&client, "error.code"), "AuthenticationFailed");
	assert_non_null(strstr(client.headers,
		"WWW-Authenticate: Bearer authorization_uri=\"" LOGIN TENANT "\", error="));
	assert_int_equal(client_send(&client, "GET", url, real, NULL), 401);
	assert_string_equal(client_text(&client, "error.code"), "InvalidAuthenticationToken");
	assert_int_equal(client_send(&client, "GET", url, client.vault, NULL), 401);
	assert_string_equal(
		client_text(&client, "error.code"), "InvalidAuthenticationTokenAudience");
	assert_int_equal(client_send(&client, "GET", url, "Authorization: Basic QQ==", NULL), 401);
	assert_int_equal(client_send(&client, "GET", ARM "/subscriptions", client.arm, NULL), 400);
	assert_string_equal(client_text(&client, "error.code"), "MissingApiVersionParameter");
	assert_int_equal(client_send(&client, "GET", ARM "/subscriptions?api-version=banana",
				 client.arm, NULL),
		400);
	assert_string_equal(client_text(&client, "error.code"), "InvalidApiVersionParameter");
	assert_int_equal(
		client_send(&client, "GET",
			ARM PRODUCTION
			"/providers/Microsoft.Automation/automationAccounts?api-version=2001-01-01",
			client.arm, NULL),
		400);
	assert_string_equal(client_text(&client, "error.code"), "NoRegisteredProviderFound");
}

static void
subscriptions_must_exist_and_be_ours(void **state)
{
	(void)state;
	assert_int_equal(client_send(&client, "GET",
				 ARM "/subscriptions/77777777-1111-2222-3333-444444444444" ACCOUNTS,
				 client.arm, NULL),
		404);
	assert_string_equal(client_text(&client, "error.code"), "SubscriptionNotFound");
	assert_int_equal(
		client_send(&client, "GET", ARM "/subscriptions/x" ACCOUNTS, client.arm, NULL),
		400);
	assert_string_equal(client_text(&client, "error.code"), "InvalidSubscriptionId");
	assert_int_equal(client_send(&client, "GET",
				 ARM "/subscriptions/e07b4d92-8a15-43c6-9f3d-6b1e5c7a8305" ACCOUNTS,
				 client.arm, NULL),
		401);
	assert_string_equal(client_text(&client, "error.code"), "InvalidAuthenticationTokenTenant");
}

static void
a_reader_reads_production_only(void **state)
{
	char secret[64], header[4096];

	(void)state;
	client_file(&client, "secret.reader", secret);
	client_sign_in(&client, READER, secret, ARM, header);
	assert_int_equal(client_send(&client, "GET", ARM "/subscriptions?api-version=2022-12-01",
				 header, NULL),
		200);
	assert_int_equal(json_array_size(client_at(&client, "value")), 1);
	assert_string_equal(client_text(&client, "value.0.displayName"), "Production");
	assert_int_equal(client_send(&client, "GET", ARM PRODUCTION ACCOUNTS, header, NULL), 200);
	assert_int_equal(client_send(&client, "GET", ARM STAGING ACCOUNTS, header, NULL), 403);
	assert_string_equal(client_text(&client, "error.code"), "AuthorizationFailed");
	assert_int_equal(client_send(&client, "PUT",
				 ARM PRODUCTION "/resourcegroups/rg-x?api-version=2022-09-01",
				 header, "{\"location\":\"westeurope\"}"),
		403);
	assert_non_null(strstr(client_text(&client, "error.message"), READER));
	assert_non_null(strstr(client_text(&client, "error.message"),
		"Microsoft.Resources/subscriptions/resourceGroups/write"));
	assert_int_equal(client_send(&client, "GET", ARM "/subscriptions?api-version=2022-12-01",
				 client.arm, NULL),
		200);
	assert_int_equal(json_array_size(client_at(&client, "value")), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(metadata_names_its_endpoints),
		cmocka_unit_test(tokens_are_signed_by_the_published_key),
		cmocka_unit_test(bad_sign_ins_have_their_codes),
		cmocka_unit_test(scopes_are_looked_at),
		cmocka_unit_test(the_manager_refuses_in_its_words),
		cmocka_unit_test(subscriptions_must_exist_and_be_ours),
		cmocka_unit_test(a_reader_reads_production_only),
	};
	int failed;

	client_open(&client, "empty");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	client_close(&client);
	return failed;
}
