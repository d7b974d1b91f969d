/* What is kept of exchanges: enough to follow them, and nothing that is secret. */
#include "tests/fixtures/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/mem.h"
#include "backend/json/json.h"
#include "backend/session/wire.h"
#include "crypto/secret.h"

#define TOKEN "eyJ-the-token-of-this-test"
#define TOKEN_REPLY "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"" TOKEN "\"}"

static const struct wire_call about = {.audience = "https://management.azure.com", .tries = 1};

static void
lacks(const struct wire_exchange *exchange, const char *text)
{
	json_t *json = wire_json(exchange);
	char *shown = json_dumps(json, 0);

	if (strstr(shown, text))
		fail_msg("'%s' is in %s", text, shown);
	free(shown);
	json_decref(json);
}

/* Adds a request without a reply. */
static const struct wire_exchange *
add(struct wire *wire, const struct request *request)
{
	struct err err;

	err_set(&err, ERR_UNAVAILABLE, "Timeout", "no answer");
	return wire_add(wire, request, NULL, &err, &about);
}

static void
test_urls(void **state)
{
	static const struct {
		const char *url, *shown;
	} cases[] = {
		{"https://management.azure.com/a/b?api-version=1&$skipToken=SECRET&x",
			"https://management.azure.com/a/b?api-version=1&$skipToken=\u2026&x"},
		{"https://kv1.vault.azure.net/keys?sig=SECRET&api-version=7.4#SECRET",
			"https://kv1.vault.azure.net/keys?sig=\u2026&api-version=7.4"},
		{"https://management.azure.com", "https://management.azure.com"},
		{"https://user:SECRET@management.azure.com/x", "https:///x"},
		{"https://management.azure.com/\033[2J",
			"https://management.azure.com/<U+001B>[2J"},
	};
	struct wire *wire = wire_new();
	struct buf url;

	(void)state;
	buf_init(&url, 1000);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct wire_exchange *exchange =
			add(wire, &(struct request){.url = (char *)cases[i].url});

		buf_clear(&url);
		assert_true(wire_url(exchange, &url));
		assert_string_equal(buf_text(&url), cases[i].shown);
		assert_string_equal(exchange->error, "Timeout");
		assert_int_equal(exchange->status, 0);
		lacks(exchange, "SECRET");
	}
	buf_free(&url);
	wire_free(wire);
}

static void
test_bodies(void **state)
{
	static const struct {
		const char *body, *kept;
	} cases[] = {
		{"{\"properties\":{\"keySource\":\"Microsoft.Keyvault\",\"n\":1}}",
			"{\"properties\":{\"keySource\":\"Microsoft.Keyvault\",\"n\":1}}"},
		{"{\"alg\":\"RSA-OAEP\",\"value\":\"SECRET\"}",
			"{\"alg\":\"RSA-OAEP\",\"value\":\"(6 characters, not kept)\"}"},
		{"{\"key\":{\"kty\":\"RSA\",\"d\":\"SECRET\",\"n\":\"AQAB\"}}",
			"{\"key\":{\"kty\":\"RSA\",\"d\":\"(6 characters, not kept)\",\"n\":\"AQAB\"}}"},
		{"{\"value\":[\"SECRET\",{\"name\":\"x\"}],\"clientSecret\":\"SECRET\"}",
			"{\"value\":[\"(6 characters, not kept)\",{\"name\":\"x\"}],"
			"\"clientSecret\":\"(6 characters, not kept)\"}"},
		{"client_secret=SECRET", "(20 bytes, not kept)"},
	};
	struct wire *wire = wire_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct request request = {.method = HTTP_PUT,
			.changes = true,
			.url = (char *)"https://management.azure.com/x",
			.body = (char *)cases[i].body};
		const struct wire_exchange *exchange = add(wire, &request);

		assert_string_equal(exchange->body, cases[i].kept);
		assert_int_equal(exchange->sent, strlen(cases[i].body));
		lacks(exchange, "SECRET");
		request.changes = false;
		assert_null(add(wire, &request)->body);
		request.changes = request.form = true;
		assert_null(add(wire, &request)->body);
	}
	wire_free(wire);
}

static void
grew(void *user)
{
	++*(unsigned *)user;
}

/* An exchange stays in its place until there is no other for a new one. */
static void
test_ring(void **state)
{
	struct request request = {.url = (char *)"https://management.azure.com/x"};
	struct wire *wire = wire_new();
	unsigned told = 0;

	(void)state;
	assert_int_equal(wire_len(wire), 0);
	wire_on_add(wire, grew, &told);
	for (unsigned i = 1; i <= WIRE_ROOM + 3; i++) {
		assert_int_equal(add(wire, &request)->number, i);
		assert_int_equal(wire_count(wire), i);
		assert_int_equal(told, i);
	}
	assert_int_equal(wire_len(wire), WIRE_ROOM);
	assert_int_equal(wire_at(wire, 2)->number, WIRE_ROOM + 3);
	assert_int_equal(wire_at(wire, 3)->number, 4);
	wire_on_add(wire, NULL, NULL);
	add(wire, &request);
	assert_int_equal(told, WIRE_ROOM + 3);
	wire_free(wire);
}

/* Refuses with what it was sent, and with members that nobody knows. */
static bool
say_back(struct world *w, struct tls_conn *conn, const struct tls_request *request, int number)
{
	const char *bearer = strstr(request->head, "Bearer ");
	char *body = mem_printf(
		"{\"error\":{\"code\":\"Denied\",\"message\":\"you sent %.*s and s3cret\","
		"\"innererror\":{\"code\":\"Inner\",\"access_token\":\"SECRET\"},"
		"\"details\":[{\"code\":\"D\",\"value\":\"SECRET\"}]},\"value\":\"SECRET\"}",
		bearer ? (int)strcspn(bearer, "\r") : 0, bearer ? bearer : "");

	(void)w;
	(void)number;
	tls_reply(conn, 403, "x-ms-request-id: r-1\r\nx-ms-correlation-request-id: c-1\r\n", body);
	free(body);
	return true;
}

static void
test_errors(void **state)
{
	struct request request = world_arm(HTTP_PUT);
	const struct wire_exchange *signin, *refused;
	const struct wire *wire;
	struct world w;
	struct err err;

	(void)state;
	world_open(&w, say_back);
	w.token_reply = TOKEN_REPLY;
	world_expect(&w, &request, ERR_DENIED, "Denied/Inner", &err);
	assert_null(strstr(err.msg, TOKEN));
	assert_null(strstr(err.msg, "s3cret"));
	wire = session_wire(w.session);
	assert_int_equal(wire_len(wire), 2);
	signin = wire_at(wire, 0);
	assert_string_equal(signin->host, "login.microsoftonline.com");
	assert_string_equal(signin->path, "/" WORLD_TENANT "/oauth2/v2.0/token");
	assert_string_equal(signin->audience, "");
	assert_int_equal(signin->status, 200);
	assert_int_equal(signin->received, strlen(TOKEN_REPLY));
	assert_null(signin->body);
	assert_null(signin->reply);
	lacks(signin, TOKEN);
	lacks(signin, "s3cret");
	refused = wire_at(wire, 1);
	assert_int_equal(refused->method, HTTP_PUT);
	assert_true(refused->changes);
	assert_string_equal(refused->audience, "https://management.azure.com");
	assert_string_equal(refused->azure_error, "Denied/Inner");
	assert_string_equal(refused->request_id, "r-1");
	assert_string_equal(refused->correlation, "c-1");
	assert_string_equal(refused->body, "{}");
	assert_int_equal(refused->tries, 1);
	assert_non_null(strstr(refused->reply, "you sent Bearer xxx"));
	assert_non_null(strstr(refused->reply, "\"details\":[{\"code\":\"D\"}]"));
	lacks(refused, TOKEN);
	lacks(refused, "s3cret");
	lacks(refused, "SECRET");
	world_close(&w);
}

static void
test_entra(void **state)
{
	struct request request = world_arm(HTTP_GET);
	const struct wire *wire;
	struct world w;
	struct err err;

	(void)state;
	world_open(&w, world_say_ok);
	w.token_status = 401;
	w.token_reply = "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: "
			"Invalid client secret provided.\",\"error_codes\":[7000215],"
			"\"refresh_token\":\"SECRET\"}";
	world_expect(&w, &request, ERR_DENIED, "invalid_client", &err);
	wire = session_wire(w.session);
	assert_int_equal(wire_len(wire), 1);
	assert_string_equal(wire_at(wire, 0)->azure_error, "AADSTS7000215");
	assert_non_null(strstr(wire_at(wire, 0)->reply, "[7000215]"));
	lacks(wire_at(wire, 0), "SECRET");
	world_close(&w);
}

/* A reply of any size keeps within its cap, and what is no JSON is left out. */
static void
test_large_replies(void **state)
{
	struct request request = {.url = (char *)"https://management.azure.com/x"};
	struct wire *wire = wire_new();
	struct reply reply = {.status = 500};
	char *text = mem_alloc(20001);

	(void)state;
	memset(text, 'm', 20000);
	buf_init(&reply.body, 1 << 20);
	assert_true(
		buf_addf(&reply.body, "{\"error\":{\"code\":\"Big\",\"message\":\"%s\"}}", text));
	assert_true(strlen(wire_add(wire, &request, &reply, NULL, &about)->reply) <= 4100);
	buf_clear(&reply.body);
	assert_true(buf_adds(&reply.body, "<html>SECRET</html>"));
	assert_null(wire_add(wire, &request, &reply, NULL, &about)->reply);
	reply_free(&reply);
	free(text);
	wire_free(wire);
}

/* A proof is as secret in the form in which it was sent as in its own letters. */
static void
proofs_of_a_form_are_blotted(void **state)
{
	static const char form[] = "client_id=c1&client_secret=a%2Bb%2Fc&refresh_token=r3fresh&"
				   "device_code=c0de&client_assertion=e30.e30.c2ln&scope=openid";
	struct reply reply = {.status = 400};

	(void)state;
	buf_init(&reply.body, 4096);
	assert_true(buf_addf(&reply.body, "you sent %s", form));
	wire_blot_form(&reply, form);
	assert_string_equal(buf_text(&reply.body),
		"you sent client_id=c1&client_secret=xxxxxxxxx&refresh_token=xxxxxxx&"
		"device_code=xxxx&client_assertion=xxxxxxxxxxxx&scope=openid");
	buf_free(&reply.body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_urls),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_ring),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_entra),
		cmocka_unit_test(test_large_replies),
		cmocka_unit_test(proofs_of_a_form_are_blotted),
	};

	secret_init();
	json_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
