/* One sign-in for all who wait, a second one after a refusal, challenges that are not obeyed. */
#include "tests/fixtures/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/json/json.h"
#include "crypto/b64.h"
#include "crypto/secret.h"

#define OTHER_TENANT "22222222-2222-2222-2222-222222222222"
#define CHALLENGE(tenant, resource)                                                          \
	"WWW-Authenticate: Bearer authorization=\"https://login.microsoftonline.com/" tenant \
	"\", resource=\"" resource "\"\r\n"

static void
test_claims(void **state)
{
	static const char payload[] =
		"{\"oid\":\"4444\",\"tid\":\"" WORLD_TENANT "\",\"appid\":\"5555\"}";
	char part[200], body[600];
	struct world w;
	struct request request = world_arm(HTTP_GET);
	struct err err;

	(void)state;
	world_open(&w, world_say_ok);
	b64_encode(part, payload, sizeof payload - 1);
	snprintf(body, sizeof body, "{\"expires_in\":\"60\",\"access_token\":\"e30.%s.c2ln\"}",
		part);
	w.token_reply = body;
	world_expect(&w, &request, ERR_NONE, "", &err);
	world_expect(&w, &request, ERR_NONE, "", &err);
	assert_string_equal(session_object_id(w.session), "4444");
	assert_string_equal(session_client_id(w.session), "5555");
	assert_int_equal(w.tokens, 1);
	world_close(&w);
}

static void
cancel_rest(void *user, struct reply *reply, const struct err *err)
{
	struct crowd *crowd = user;

	(void)reply;
	assert_int_equal(err->kind, ERR_DENIED);
	crowd->left = 0;
	for (size_t i = 0; i < ARRAY_LEN(crowd->calls); i++)
		call_cancel(crowd->calls[i]);
}

static void
test_wrong_secret(void **state)
{
	struct world w;
	struct crowd crowd = {.left = 1, .world = &w};
	struct request request = world_arm(HTTP_GET);
	struct err err;

	(void)state;
	world_open(&w, world_say_ok);
	w.token_status = 401;
	w.token_reply = "{\"error\":\"invalid_client\",\"error_description\":"
			"\"AADSTS7000215: Invalid client secret provided.\\r\\nTrace ID: x\"}";
	world_expect(&w, &request, ERR_DENIED, "invalid_client", &err);
	assert_non_null(strstr(err.msg, "AADSTS7000215: Invalid client secret provided. Trace"));
	assert_non_null(strstr(err.msg, WORLD_CLIENT));
	assert_null(strstr(err.msg, "s3cret"));
	for (size_t i = 0; i < ARRAY_LEN(crowd.calls); i++)
		crowd.calls[i] = session_send(w.session, &request, cancel_rest, &crowd);
	crowd_wait(&crowd);
	assert_int_equal(w.calls, 0);
	w.token_status = 200;
	w.token_reply = "{\"expires_in\":3600,\"access_token\":\"a b\"}";
	world_expect(&w, &request, ERR_FAILED, "BadReply", &err);
	w.token_reply = "{\"expires_in\":3600,\"access_token\":\"secret-to";
	world_expect(&w, &request, ERR_FAILED, "BadReply", &err);
	assert_null(strstr(err.msg, "secret-to"));
	world_close(&w);
}

static void
test_no_credential(void **state)
{
	struct world w;
	struct request request = world_arm(HTTP_GET);
	struct err err;

	(void)state;
	unsetenv("AZURE_CLIENT_SECRET");
	unsetenv("AZURE_CLIENT_ID");
	world_serve(&w, world_say_ok);
	snprintf(w.profile.tenant, sizeof w.profile.tenant, "contoso.example");
	w.session = session_open(&w.profile, NULL, &err);
	assert_non_null(w.session);
	world_expect(&w, &request, ERR_DENIED, "NoCredential", &err);
	assert_true(tls_server_untouched(w.server));
	setenv("AZURE_CLIENT_SECRET", "s3cret", 1);
	setenv("AZURE_CLIENT_ID", WORLD_CLIENT, 1);
	world_expect(&w, &request, ERR_NONE, "", &err);
	assert_string_equal(session_tenant(w.session), "contoso.example");
	world_close(&w);
}

/* Refuses the first token, as after a restart of the service. */
static bool
refuse_first_token(
	struct world *w, struct tls_conn *conn, const struct tls_request *request, int number)
{
	(void)number;
	if (strstr(request->head, "Bearer t1\r\n"))
		tls_reply(conn, 401, w->text,
			"{\"error\":{\"code\":\"Unauthorized\",\"message\":\"m\"}}");
	else
		tls_reply(conn, 200, "", "{}");
	return true;
}

static bool
refuse_always(struct world *w, struct tls_conn *conn, const struct tls_request *request, int number)
{
	(void)request;
	(void)number;
	tls_reply(conn, 401, w->text, "{\"error\":{\"code\":\"Unauthorized\",\"message\":\"m\"}}");
	return true;
}

static void
test_second_sign_in(void **state)
{
	struct world w;
	struct crowd crowd;
	struct request get = world_arm(HTTP_GET), post = world_arm(HTTP_POST), key = world_vault();
	struct err err;

	(void)state;
	world_open(&w, refuse_first_token);
	w.text = "";
	world_expect(&w, &post, ERR_NONE, "", &err);
	assert_int_equal(w.calls, 2);
	assert_string_equal(w.bearers[1], "t2");
	world_close(&w);

	world_open(&w, refuse_first_token);
	w.text = "";
	crowd_send(&w, &crowd, &get);
	crowd_wait(&crowd);
	assert_int_equal(crowd.failed, 0);
	assert_int_equal(w.tokens, 2);
	world_close(&w);

	world_open(&w, refuse_first_token);
	w.text = CHALLENGE(WORLD_TENANT, "https://vault.azure.net");
	world_expect(&w, &key, ERR_NONE, "", &err);
	assert_int_equal(w.tokens, 2);
	world_close(&w);

	world_open(&w, refuse_always);
	w.text = CHALLENGE(WORLD_TENANT, "https://vault.azure.net");
	world_expect(&w, &key, ERR_DENIED, "Unauthorized", &err);
	assert_int_equal(err.http, 401);
	assert_int_equal(w.calls, 2);
	world_close(&w);
}

static void
test_foreign_challenges(void **state)
{
	static const struct {
		const char *challenge, *code;
	} cases[] = {
		{CHALLENGE(OTHER_TENANT, "https://vault.azure.net"), "WrongTenant"},
		{CHALLENGE(WORLD_TENANT, "https://evil.example"), "BadChallenge"},
		{CHALLENGE(WORLD_TENANT, "https://azure.net"), "BadChallenge"},
		{CHALLENGE(WORLD_TENANT, "https://xvault.azure.net"), "BadChallenge"},
		{"WWW-Authenticate: Bearer realm=\"x\"\r\n", "BadChallenge"},
	};
	struct request key = world_vault();
	struct err err;
	struct world w;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		world_open(&w, refuse_always);
		w.text = cases[i].challenge;
		world_expect(&w, &key, ERR_DENIED, cases[i].code, &err);
		assert_int_equal(w.calls, 1);
		assert_int_equal(w.tokens, 1);
		world_close(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_claims),
		cmocka_unit_test(test_wrong_secret),
		cmocka_unit_test(test_no_credential),
		cmocka_unit_test(test_second_sign_in),
		cmocka_unit_test(test_foreign_challenges),
	};

	secret_init();
	json_init();
	unsetenv("AZURE_TENANT_ID");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
