/* Several tenants in one session: whose token goes where, and where none goes. */
#include "tests/fixtures/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/clock.h"
#include "backend/json/json.h"
#include "crypto/b64.h"
#include "crypto/secret.h"

#define SECOND "22222222-2222-2222-2222-222222222222"
#define THIRD "third.example"
#define THIRD_ID "44444444-4444-4444-4444-444444444444"
#define FOREIGN "55555555-5555-5555-5555-555555555555"
#define SUB_A "aaaaaaaa-0000-0000-0000-000000000001"
#define SUB_B "bbbbbbbb-0000-0000-0000-000000000002"
#define CHALLENGE(tenant)                                                                    \
	"WWW-Authenticate: Bearer authorization=\"https://login.microsoftonline.com/" tenant \
	"\", resource=\"https://vault.azure.net\"\r\n"
#define ARM_CHALLENGE(tenant)                                                                  \
	"WWW-Authenticate: Bearer authorization_uri=\"https://login.windows.net/" tenant "\"," \
	" error=\"invalid_token\"\r\n"

static void
open_three(struct world *w, world_play *play)
{
	world_serve(w, play);
	w->profile.other_tenants_len = 2;
	memcpy(w->profile.other_tenants[0], SECOND, sizeof SECOND);
	memcpy(w->profile.other_tenants[1], THIRD, sizeof THIRD);
	world_sign_in(w);
}

static void
ask(struct world *w, const char *url, const char *tenant)
{
	struct request request = {.audience = AUDIENCE_ARM, .url = (char *)url};
	struct err err;

	if (strstr(url, ".vault."))
		request.audience = AUDIENCE_VAULT;
	snprintf(request.tenant, sizeof request.tenant, "%s", tenant);
	world_expect(w, &request, ERR_NONE, "", &err);
}

static void
test_places(void **state)
{
	static const struct {
		const char *url, *tenant;
	} cases[] = {
		{WORLD_ARM "/subscriptions?api-version=1", ""},
		{WORLD_ARM "/subscriptions/" SUB_A "/providers/x", ""},
		{WORLD_ARM "/subscriptions/" SUB_B, SECOND},
		{WORLD_ARM "/SUBSCRIPTIONS/BBBBBBBB-0000-0000-0000-000000000002/x?y", SECOND},
		{WORLD_ARM "/subscriptions/" SUB_B "0/x", ""},
		{WORLD_ARM "/x/subscriptions/" SUB_B, ""},
		{WORLD_ARM, ""},
		{"https://kv-b.vault.azure.net/keys", THIRD},
		{"https://KV-B.vault.azure.net:443/subscriptions/" SUB_B, THIRD},
		{"https://kv-a.vault.azure.net/keys", ""},
		{"https://kv-c.vault.azure.net/keys", ""},
		{"https://kv-b.vault.azure.net.evil.example/keys", ""},
		{"", ""},
	};
	struct world w;

	(void)state;
	open_three(&w, world_say_ok);
	assert_int_equal(session_tenants(w.session), 3);
	assert_string_equal(session_tenant_at(w.session, 0), WORLD_TENANT);
	assert_string_equal(session_tenant_at(w.session, 2), THIRD);
	assert_string_equal(session_tenant_for(w.session, cases[2].url), "");
	/* Who listed it first can read it, whoever else lists it as well. */
	session_learn_place(w.session, SUB_A, WORLD_TENANT);
	session_learn_place(w.session, SUB_A, SECOND);
	session_learn_place(w.session, SUB_B, SECOND);
	session_learn_place(w.session, SUB_B, THIRD);
	session_learn_place(w.session, "kv-b.vault.azure.net", THIRD);
	session_learn_place(w.session, "kv-c.vault.azure.net", FOREIGN);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(session_tenant_for(w.session, cases[i].url), cases[i].tenant);
	world_close(&w);
	/* With one tenant there is nothing to be told apart. */
	world_open(&w, world_say_ok);
	session_learn_place(w.session, SUB_B, SECOND);
	assert_string_equal(session_tenant_for(w.session, cases[2].url), "");
	world_close(&w);
}

static void
test_many_places(void **state)
{
	char place[64], url[128];
	struct world w;

	(void)state;
	open_three(&w, world_say_ok);
	for (int i = 0; i < 500; i++) {
		snprintf(place, sizeof place, "kv-%d.vault.azure.net", i * 7919 % 500);
		session_learn_place(w.session, place, i * 7919 % 500 % 2 ? SECOND : THIRD);
	}
	for (int i = 0; i < 500; i++) {
		snprintf(url, sizeof url, "https://kv-%d.vault.azure.net/keys", i);
		assert_string_equal(session_tenant_for(w.session, url), i % 2 ? SECOND : THIRD);
	}
	world_close(&w);
}

static void
test_tokens(void **state)
{
	struct world w;

	(void)state;
	open_three(&w, world_say_ok);
	ask(&w, WORLD_ARM "/subscriptions?api-version=1", "");
	ask(&w, WORLD_ARM "/subscriptions?api-version=1", SECOND);
	session_learn_place(w.session, SUB_B, SECOND);
	ask(&w, WORLD_ARM "/subscriptions/" SUB_B "/x", "");
	ask(&w, WORLD_ARM "/subscriptions/" SUB_A "/x", "");
	assert_int_equal(w.tokens, 2);
	assert_string_equal(w.asked[0], WORLD_TENANT);
	assert_string_equal(w.asked[1], SECOND);
	assert_string_equal(w.bearers[0], "t1");
	assert_string_equal(w.bearers[1], "t2");
	assert_string_equal(w.bearers[2], "t2");
	assert_string_equal(w.bearers[3], "t1");
	world_close(&w);
}

/* Takes no token but t2. */
static bool
refuse_first(struct world *w, struct tls_conn *conn, const struct tls_request *request, int number)
{
	(void)number;
	if (strstr(request->head, "Bearer t2\r\n"))
		tls_reply(conn, 200, "", "{}");
	else
		tls_reply(conn, 401, w->text,
			"{\"error\":{\"code\":\"InvalidAuthenticationTokenTenant\",\"message\":\"m\"}}");
	return true;
}

static void
test_challenge(void **state)
{
	struct request vault = world_vault(), arm = world_arm(HTTP_GET);
	struct err err;
	struct world w;

	(void)state;
	open_three(&w, refuse_first);
	w.text = CHALLENGE(SECOND);
	world_expect(&w, &vault, ERR_NONE, "", &err);
	assert_string_equal(w.asked[1], SECOND);
	assert_int_equal(w.calls, 2);
	/* The host is remembered. */
	world_expect(&w, &vault, ERR_NONE, "", &err);
	assert_int_equal(w.calls, 3);
	assert_int_equal(w.tokens, 2);
	world_close(&w);

	open_three(&w, refuse_first);
	w.text = ARM_CHALLENGE(SECOND);
	arm.url = (char *)WORLD_ARM "/subscriptions/" SUB_B "/x";
	world_expect(&w, &arm, ERR_NONE, "", &err);
	assert_string_equal(session_tenant_for(w.session, arm.url), SECOND);
	world_expect(&w, &arm, ERR_NONE, "", &err);
	assert_int_equal(w.calls, 3);
	world_close(&w);
}

static void
test_foreign_tenant(void **state)
{
	struct request vault = world_vault(), arm = world_arm(HTTP_GET);
	struct err err;
	struct world w;

	(void)state;
	open_three(&w, refuse_first);
	w.text = CHALLENGE(FOREIGN);
	world_expect(&w, &vault, ERR_DENIED, "WrongTenant", &err);
	assert_non_null(strstr(err.msg, FOREIGN));
	assert_non_null(strstr(err.msg, WORLD_TENANT " and others"));
	assert_non_null(strstr(err.msg, "profile's key tenant"));
	assert_int_equal(w.tokens, 1);
	world_close(&w);
	/* A name says nothing of the id behind it before a token did. */
	open_three(&w, refuse_first);
	w.text = CHALLENGE(THIRD_ID);
	world_expect(&w, &vault, ERR_DENIED, "WrongTenant", &err);
	assert_int_equal(w.tokens, 1);
	world_close(&w);
	/* Of ARM's refusals the words are Azure's own. */
	open_three(&w, refuse_first);
	w.token_reply = "{\"expires_in\":3599,\"access_token\":\"t1\"}";
	w.text = ARM_CHALLENGE(FOREIGN);
	world_expect(&w, &arm, ERR_DENIED, "InvalidAuthenticationTokenTenant", &err);
	assert_int_equal(w.tokens, 1);
	assert_int_equal(w.calls, 1);
	world_close(&w);
}

/* Only kv1 is of the second tenant. */
static bool
by_host(struct world *w, struct tls_conn *conn, const struct tls_request *request, int number)
{
	bool second = strstr(request->head, "Host: kv1.") != NULL;

	(void)w;
	(void)number;
	if (strstr(request->head, second ? "Bearer t2\r\n" : "Bearer t1\r\n"))
		tls_reply(conn, 200, "", "{}");
	else
		tls_reply(conn, 401, CHALLENGE(SECOND), "{}");
	return true;
}

/* A token that another tenant's vault refuses is as good as before in its own. */
static void
test_token_of_home_is_kept(void **state)
{
	struct world w;

	(void)state;
	open_three(&w, by_host);
	ask(&w, "https://kv-a.vault.azure.net/keys", "");
	ask(&w, "https://kv1.vault.azure.net/keys", "");
	ask(&w, "https://kv-a.vault.azure.net/keys", "");
	assert_int_equal(w.tokens, 2);
	assert_int_equal(w.calls, 4);
	world_close(&w);
}

static void
test_foreign_authority(void **state)
{
	struct request vault = world_vault();
	struct err err;
	struct world w;

	(void)state;
	open_three(&w, refuse_first);
	w.token_reply = "{\"expires_in\":3599,\"access_token\":\"t1\"}";
	w.text = "WWW-Authenticate: Bearer authorization=\"https://login.evil.example/" WORLD_TENANT
		 "\", resource=\"https://vault.azure.net\"\r\n";
	world_expect(&w, &vault, ERR_DENIED, "InvalidAuthenticationTokenTenant", &err);
	assert_non_null(strstr(err.msg, "kv1.vault.azure.net: its challenge names "
					"login.evil.example to sign in at, this profile "
					"https://login.microsoftonline.com"));
	assert_int_equal(w.calls, 2);
	world_close(&w);
}

static void
say_token(char *body, size_t room, const char *tid, const char *oid)
{
	char payload[200], part[300];

	snprintf(payload, sizeof payload, "{\"tid\":\"%s\",\"oid\":\"%s\",\"appid\":\"me\"}", tid,
		oid);
	b64_encode(part, payload, strlen(payload));
	snprintf(body, room, "{\"expires_in\":3599,\"access_token\":\"e30.%s.c2ln\"}", part);
}

static void
expect_wrong(struct world *w, const char *tenant)
{
	struct request request = {.audience = AUDIENCE_ARM, .url = (char *)WORLD_ARM "/tenants"};
	struct err err;

	snprintf(request.tenant, sizeof request.tenant, "%s", tenant);
	world_expect(w, &request, ERR_DENIED, "WrongTenant", &err);
}

/* As a managed identity does, which has one tenant, whatever it is asked for. */
static void
test_tokens_of_another_tenant(void **state)
{
	char body[600];
	struct world w;

	(void)state;
	open_three(&w, world_say_ok);
	w.token_reply = body;
	say_token(body, sizeof body, FOREIGN, "x");
	expect_wrong(&w, "");
	say_token(body, sizeof body, WORLD_TENANT, "home");
	ask(&w, WORLD_ARM "/subscriptions?api-version=1", "");
	expect_wrong(&w, SECOND);
	expect_wrong(&w, THIRD);
	assert_int_equal(w.calls, 1);
	assert_string_equal(session_object_id(w.session), "home");
	world_close(&w);
}

static bool
refuse_fourth(struct world *w, struct tls_conn *conn, const struct tls_request *request, int number)
{
	(void)request;
	tls_reply(conn, number == 4 ? 401 : 200, number == 4 ? w->text : "", "{}");
	return true;
}

/* What a token of another tenant says is not who we are, but which id that tenant has. */
static void
test_ids_are_learned(void **state)
{
	struct request vault = world_vault();
	char body[600];
	struct err err;
	struct world w;

	(void)state;
	open_three(&w, refuse_fourth);
	w.token_reply = body;
	w.text = CHALLENGE(THIRD_ID);
	say_token(body, sizeof body, WORLD_TENANT, "home");
	ask(&w, WORLD_ARM "/subscriptions?api-version=1", "");
	ask(&w, "https://kv-a.vault.azure.net/keys", "");
	say_token(body, sizeof body, THIRD_ID, "guest");
	ask(&w, WORLD_ARM "/subscriptions?api-version=1", THIRD);
	assert_string_equal(session_object_id(w.session), "home");
	assert_string_equal(session_tenant(w.session), WORLD_TENANT);
	world_expect(&w, &vault, ERR_NONE, "", &err);
	assert_string_equal(session_tenant_for(w.session, vault.url), THIRD);
	world_close(&w);
}

static bool
say_tenants(struct world *w, struct tls_conn *conn, const struct tls_request *request, int number)
{
	(void)number;
	assert_non_null(strstr(request->target, "/tenants?api-version=2022-12-01"));
	tls_reply(conn, w->text ? 200 : 403, "", w->text ? w->text : "{}");
	return true;
}

static void
named(void *user)
{
	*(bool *)user = true;
}

static void
test_domain(void **state)
{
	struct world w;
	bool done;

	(void)state;
	for (int allowed = 0; allowed < 2; allowed++) {
		world_open(&w, say_tenants);
		if (allowed)
			w.text = "{\"value\":[{\"tenantId\":\"" SECOND
				 "\",\"defaultDomain\":\"no\"},{},{\"tenantId\":\"" WORLD_TENANT
				 "\",\"defaultDomain\":\"contoso\\u202e.example\"}]}";
		assert_string_equal(session_tenant_domain(w.session), "");
		done = false;
		assert_non_null(session_ask_domain(w.session, named, &done));
		loop_until(session_loop(w.session), &done);
		assert_string_equal(
			session_tenant_domain(w.session), allowed ? "contoso<U+202E>.example" : "");
		world_close(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_many_places),
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_challenge),
		cmocka_unit_test(test_foreign_tenant),
		cmocka_unit_test(test_token_of_home_is_kept),
		cmocka_unit_test(test_foreign_authority),
		cmocka_unit_test(test_tokens_of_another_tenant),
		cmocka_unit_test(test_ids_are_learned),
		cmocka_unit_test(test_domain),
	};

	secret_init();
	json_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
