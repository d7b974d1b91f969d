/* What the environment offers, the token request, and Entra's answers. */
#include "backend/auth/choice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/json/json.h"

static void
clean_environment(void)
{
	unsetenv("AZURE_TENANT_ID");
	unsetenv("AZURE_CLIENT_ID");
	unsetenv("AZURE_CLIENT_SECRET");
}

static bool
find(const char *tenant, const char *client_id, struct credential *out, struct err *err)
{
	const struct credential_wish wish = {.cloud = &clouds[0],
		.tenant = tenant,
		.client_id = client_id,
		.way = "client-secret",
		.certificate = ""};
	struct choice choice = {0};
	bool ok = choice_next(&choice, &wish, out, err);

	assert_int_equal(choice.state, ok ? CHOICE_MADE : CHOICE_NONE);
	choice_free(&choice);
	return ok;
}

static void
test_find(void **state)
{
	struct credential c;
	struct err err;

	(void)state;
	clean_environment();
	assert_false(find("", "", &c, &err));
	assert_int_equal(err.kind, ERR_DENIED);
	assert_string_equal(err.code, "NoCredential");
	assert_non_null(strstr(err.msg, "AZURE_CLIENT_SECRET is not set"));
	setenv("AZURE_CLIENT_SECRET", "s3cret", 1);
	assert_false(find("", "", &c, &err));
	assert_non_null(strstr(err.msg, "AZURE_TENANT_ID"));
	assert_null(strstr(err.msg, "s3cret"));
	setenv("AZURE_TENANT_ID", "contoso.example", 1);
	assert_false(find("", "", &c, &err));
	assert_non_null(strstr(err.msg, "AZURE_CLIENT_ID"));
	setenv("AZURE_CLIENT_ID", "c1", 1);
	assert_true(find("", "", &c, &err));
	assert_string_equal(c.kind->name, "client-secret");
	assert_string_equal(c.tenant, "contoso.example");
	assert_string_equal(c.client_id, "c1");
	assert_int_equal(c.secret.len, 6);
	credential_free(&c);
	assert_null(c.secret.bytes);
	assert_true(find("profile.example", "c2", &c, &err));
	assert_string_equal(c.tenant, "profile.example");
	assert_string_equal(c.client_id, "c2");
	credential_free(&c);
	clean_environment();
}

static bool
build(const struct credential *c, const struct cloud *cloud, const char *audience,
	struct request *out, struct err *err)
{
	const struct token_ask ask = {.cloud = cloud, .tenant = c->tenant, .audience = audience};

	return c->kind->build(c, &ask, out, err);
}

static void
test_build(void **state)
{
	struct request request;
	struct credential c;
	struct err err;

	(void)state;
	credential_secret(&c, "t1", "c1", "a+b &=%");
	assert_true(build(&c, &clouds[1], "https://vault.azure.cn", &request, &err));
	assert_string_equal(request.url, "https://login.chinacloudapi.cn/t1/oauth2/v2.0/token");
	assert_string_equal(request.body,
		"client_id=c1&scope=https%3A%2F%2Fvault.azure.cn%2F.default&"
		"grant_type=client_credentials&client_secret=a%2Bb%20%26%3D%25");
	assert_int_equal(request.method, HTTP_POST);
	assert_int_equal(request.audience, AUDIENCE_NONE);
	assert_true(request.form);
	assert_false(request.changes);
	request_free(&request);
	credential_free(&c);
}

static void
test_build_refuses_what_would_change_the_url(void **state)
{
	static const char *const bad[] = {"", "a/b", "a?b", "../x", "a b", "a\r\nb", "a#b"};
	struct request request;
	struct credential c;
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		credential_secret(&c, bad[i], "c1", "s");
		assert_false(build(&c, &clouds[0], "https://vault.azure.net", &request, &err));
		assert_int_equal(err.kind, ERR_DENIED);
		credential_free(&c);
		credential_secret(&c, "t1", bad[i], "s");
		assert_false(build(&c, &clouds[0], "https://vault.azure.net", &request, &err));
		credential_free(&c);
	}
}

static void
test_accept(void **state)
{
	static const struct {
		int status;
		const char *body, *token;
		int64_t expires;
		enum err_kind kind;
	} cases[] = {
		{200, "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"abc.def\"}",
			"abc.def", 3599, ERR_NONE},
		{200, "{\"expires_in\":\"86399\",\"access_token\":\"x\"}", "x", 86399, ERR_NONE},
		{200, "{\"expires_in\":3599}", NULL, 0, ERR_FAILED},
		{200, "{\"access_token\":\"x\"}", NULL, 0, ERR_FAILED},
		{200, "{\"expires_in\":-5,\"access_token\":\"x\"}", NULL, 0, ERR_FAILED},
		{200, "{\"expires_in\":99999999999,\"access_token\":\"x\"}", NULL, 0, ERR_FAILED},
		{200, "{\"expires_in\":3599,\"access_token\":\"\"}", NULL, 0, ERR_FAILED},
		{200, "{\"expires_in\":3599,\"access_token\":\"a\\r\\nX: y\"}", NULL, 0,
			ERR_FAILED},
		{200, "{\"expires_in\":3599,\"access_token\":5}", NULL, 0, ERR_FAILED},
		{200, "{\"expires_in\":[],\"access_token\":\"x\"}", NULL, 0, ERR_FAILED},
		{200, "", NULL, 0, ERR_FAILED},
		{200, "<html>", NULL, 0, ERR_FAILED},
		{400, "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS50034: no\"}",
			NULL, 0, ERR_DENIED},
		{401, "{\"error\":\"invalid_client\"}", NULL, 0, ERR_DENIED},
		{503, "", NULL, 0, ERR_UNAVAILABLE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct reply reply = {.status = cases[i].status};
		struct token_reply got;
		struct err err = {0};

		buf_init(&reply.body, 4096);
		assert_true(buf_adds(&reply.body, cases[i].body));
		assert_int_equal(credential_accept(&reply, &got, &err), cases[i].token != NULL);
		assert_int_equal(err.kind, cases[i].kind);
		if (cases[i].token) {
			assert_int_equal(got.expires_in_s, cases[i].expires);
			assert_int_equal(got.token.len, strlen(cases[i].token));
			assert_memory_equal(got.token.bytes, cases[i].token, got.token.len);
		} else {
			assert_null(got.token.bytes);
		}
		token_reply_free(&got);
		reply_free(&reply);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_build),
		cmocka_unit_test(test_build_refuses_what_would_change_the_url),
		cmocka_unit_test(test_accept),
	};

	secret_init();
	json_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
