/* The requests of the device code sign-in, and what may be answered to them: shapes recorded by
 * azure-sdk-for-js (devicecodecredential), and what nobody should believe. */
#include "backend/auth/device_code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/json/json.h"
#include "crypto/b64.h"

static struct reply
reply_of(int status, const char *body)
{
	struct reply reply = {.status = status};

	buf_init(&reply.body, 1 << 20);
	assert_true(buf_adds(&reply.body, body));
	return reply;
}

static void
asks_for_a_code(void **state)
{
	struct device_code code;
	struct request request;
	struct err err;

	(void)state;
	assert_true(device_code_build(&clouds[1], "contoso.example", "c1", &code, &request, &err));
	assert_string_equal(request.url,
		"https://login.chinacloudapi.cn/contoso.example/oauth2/v2.0/devicecode");
	assert_string_equal(request.body,
		"client_id=c1&scope=https%3A%2F%2Fmanagement.chinacloudapi.cn%2F.default%20"
		"offline_access%20openid%20profile");
	assert_true(request.form);
	assert_int_equal(request.audience, AUDIENCE_NONE);
	request_free(&request);
	secret_set(&code.code, "D+1", 3);
	device_poll_build(&clouds[1], &code, &request);
	assert_string_equal(
		request.url, "https://login.chinacloudapi.cn/contoso.example/oauth2/v2.0/token");
	assert_string_equal(request.body,
		"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&client_id=c1&"
		"device_code=D%2B1");
	request_free(&request);
	device_code_free(&code);
	assert_false(device_code_build(&clouds[0], "a/../b", "c1", &code, &request, &err));
	assert_false(device_code_build(&clouds[0], "a", "c1&x=y", &code, &request, &err));
	assert_false(device_code_build(&clouds[0], "", "c1", &code, &request, &err));
}

/* A code as the cloud gives it, with this page. */
static bool
take_code(const struct cloud *cloud, const char *page, struct device_code *code, struct err *err)
{
	struct reply reply;
	char body[600];
	bool ok;

	snprintf(body, sizeof body,
		"{\"user_code\":\"HZ6R8YXKL\",\"device_code\":\"HAQABAAEAAAD\","
		"\"verification_uri\":\"%s\",\"expires_in\":900,\"interval\":5,"
		"\"message\":\"To sign in, ...\"}",
		page);
	*code = (struct device_code){0};
	*err = (struct err){0};
	reply = reply_of(200, body);
	ok = device_code_accept(&reply, cloud, code, err);
	reply_free(&reply);
	return ok;
}

static void
reads_a_code(void **state)
{
	struct device_code code;
	struct err err;

	(void)state;
	assert_true(take_code(&clouds[0], "https://microsoft.com/devicelogin", &code, &err));
	assert_string_equal(code.user_code, "HZ6R8YXKL");
	assert_string_equal(code.address, "https://microsoft.com/devicelogin");
	assert_int_equal(code.expires_in_s, 900);
	assert_int_equal(code.interval_s, 5);
	assert_int_equal(code.code.len, 12);
	assert_memory_equal(code.code.bytes, "HAQABAAEAAAD", 12);
	device_code_free(&code);
	assert_null(code.code.bytes);
}

static void
only_the_clouds_own_pages(void **state)
{
	const struct cloud custom = {
		.name = "Hub", .authority = "https://localhost:4430", .arm = "https://localhost"};
	static const struct {
		int cloud; /* -1: the custom one */
		bool good;
		const char *page;
	} cases[] = {
		{0, true, "https://microsoft.com/devicelogin"},
		{0, true, "https://microsoft.com/devicelogin/"},
		{0, true, "https://login.microsoft.com/device"},
		{0, true, "https://login.microsoftonline.com/common/oauth2/deviceauth"},
		{1, true, "https://microsoft.com/deviceloginchina"},
		{1, true, "https://login.chinacloudapi.cn/common/oauth2/deviceauth"},
		{2, true, "https://microsoft.com/deviceloginus"},
		{2, true, "https://login.microsoftonline.us/common/oauth2/deviceauth"},
		{-1, true, "https://localhost:4430/devicelogin"},
		{0, false, "http://microsoft.com/devicelogin"},
		{0, false, "https://microsoft.com/deviceloginus"},
		{0, false, "https://microsoft.com.evil.example/devicelogin"},
		{0, false, "https://microsoft.com@evil.example/devicelogin"},
		{0, false, "https://evil.example/microsoft.com/devicelogin"},
		{0, false, "https://microsoft.com/devicelogin?next=https://evil.example"},
		{0, false, "https://microsoft.com/other"},
		{0, false, "https://login.chinacloudapi.cn/devicelogin"},
		{0, false, "https://login.microsoftonline.com.evil.example/x"},
		{0, false, "https://login.microsoftonline.com/x https://evil.example"},
		{0, false, "https://login.microsoftonline.com/\xe2\x80\xae"},
		{0, false, ""},
		{2, false, "https://microsoft.com/devicelogin"},
		{-1, false, "https://localhost/devicelogin"},
		{-1, false, "https://microsoft.com/devicelogin"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct cloud *cloud = cases[i].cloud < 0 ? &custom : &clouds[cases[i].cloud];
		struct device_code code;
		struct err err;

		if (take_code(cloud, cases[i].page, &code, &err) != cases[i].good)
			fail_msg("%s at %s: %s", cases[i].page, cloud->name, err.msg);
		if (!cases[i].good && cases[i].page[0]) {
			assert_string_equal(err.code, "ForeignAddress");
			assert_int_equal(err.kind, ERR_DENIED);
			assert_null(strstr(err.msg, "HZ6R8YXKL"));
		}
		device_code_free(&code);
	}
}

static void
refuses_other_codes(void **state)
{
	static const char *const bodies[] = {
		"",
		"[]",
		"{}",
		"{\"user_code\":\"A\\u001b[2J\",\"device_code\":\"d\",\"verification_uri\":"
		"\"https://microsoft.com/devicelogin\"}",
		"{\"user_code\":\"A B\",\"device_code\":\"d\",\"verification_uri\":"
		"\"https://microsoft.com/devicelogin\"}",
		"{\"user_code\":\"ABCDEFGHIJKLMNOPQRSTUVWXYZ\",\"device_code\":\"d\","
		"\"verification_uri\":\"https://microsoft.com/devicelogin\"}",
		"{\"user_code\":\"AB\",\"device_code\":\"\",\"verification_uri\":"
		"\"https://microsoft.com/devicelogin\"}",
		"{\"user_code\":\"AB\",\"device_code\":7,\"verification_uri\":"
		"\"https://microsoft.com/devicelogin\"}",
		"{\"user_code\":\"AB\",\"device_code\":\"d\",\"verification_uri\":"
		"\"https://microsoft.com/devicelogin\",\"interval\":\"soon\"}",
	};
	struct device_code code = {0};
	struct reply reply;
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		reply = reply_of(200, bodies[i]);
		if (device_code_accept(&reply, &clouds[0], &code, &err))
			fail_msg("taken: %s", bodies[i]);
		assert_null(code.code.bytes);
		reply_free(&reply);
	}
	reply = reply_of(400, "{\"error\":\"invalid_request\",\"error_description\":"
			      "\"AADSTS90002: Tenant 'x' not found.\"}");
	assert_false(device_code_accept(&reply, &clouds[0], &code, &err));
	assert_int_equal(err.kind, ERR_DENIED);
	assert_non_null(strstr(err.msg, "AADSTS90002"));
	reply_free(&reply);
	reply = reply_of(200, "{\"user_code\":\"AB\",\"device_code\":\"d\",\"verification_uri\":"
			      "\"https://microsoft.com/devicelogin\",\"interval\":0,"
			      "\"expires_in\":999999999}");
	assert_true(device_code_accept(&reply, &clouds[0], &code, &err));
	assert_int_equal(code.interval_s, 1);
	assert_int_equal(code.expires_in_s, 3600);
	reply_free(&reply);
	device_code_free(&code);
}

static enum device_state
poll(int status, const char *body, struct device_code *code, struct device_person *person,
	struct err *err)
{
	struct reply reply = reply_of(status, body);
	enum device_state state = device_poll_accept(&reply, code, person, err);

	reply_free(&reply);
	return state;
}

static void
polls_go_on_or_end(void **state)
{
	static const struct {
		const char *error, *says;
		enum device_state state;
		int interval_s;
	} cases[] = {
		{"authorization_pending", "", DEVICE_PENDING, 5},
		{"slow_down", "", DEVICE_PENDING, 10},
		{"expired_token", "expired", DEVICE_FAILED, 5},
		{"code_expired", "expired", DEVICE_FAILED, 5},
		{"authorization_declined", "declined", DEVICE_FAILED, 5},
		{"access_denied", "declined", DEVICE_FAILED, 5},
		{"bad_verification_code", "AADSTS70016", DEVICE_FAILED, 5},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct device_code code = {.interval_s = 5};
		struct device_person person;
		struct err err = {0};
		char body[400];

		snprintf(body, sizeof body,
			"{\"error\":\"%s\",\"error_description\":\"AADSTS70016: OAuth 2.0 device "
			"flow error.\",\"error_codes\":[70016]}",
			cases[i].error);
		assert_int_equal(poll(400, body, &code, &person, &err), cases[i].state);
		assert_int_equal(code.interval_s, cases[i].interval_s);
		if (cases[i].state == DEVICE_FAILED) {
			assert_int_equal(err.kind, ERR_DENIED);
			assert_non_null(strstr(err.msg, cases[i].says));
		}
		assert_null(person.token.token.bytes);
	}
}

/* A reply with an id token of these claims (NULL: none). */
static void
success(char out[2000], const char *claims, const char *refresh)
{
	char payload[800] = "";

	if (claims)
		b64_encode(payload, claims, strlen(claims));
	snprintf(out, 2000,
		"{\"token_type\":\"Bearer\",\"expires_in\":3599,\"scope\":\"x\","
		"\"access_token\":\"AT\"%s%s%s%s%s%s}",
		claims ? ",\"id_token\":\"eyJhbGciOiJub25lIn0." : "", payload,
		claims ? ".c2ln\"" : "", refresh ? ",\"refresh_token\":\"" : "",
		refresh ? refresh : "", refresh ? "\"" : "");
}

static void
tells_who_signed_in(void **state)
{
	struct device_code code = {.interval_s = 5};
	struct device_person person;
	struct err err = {0};
	char body[2000];

	(void)state;
	success(body,
		"{\"tid\":\"t-1\",\"preferred_username\":\"ops@contoso.example\","
		"\"name\":\"Op \\u202eErator\"}",
		"RT");
	assert_int_equal(poll(200, body, &code, &person, &err), DEVICE_DONE);
	assert_string_equal(person.user, "ops@contoso.example");
	assert_string_equal(person.name, "Op <U+202E>Erator");
	assert_string_equal(person.tenant, "t-1");
	assert_int_equal(person.token.expires_in_s, 3599);
	assert_memory_equal(person.token.refresh.bytes, "RT", 2);
	token_reply_free(&person.token);
	success(body, "{\"tid\":\"t-1\",\"upn\":\"ops@contoso.example\"}", "RT");
	assert_int_equal(poll(200, body, &code, &person, &err), DEVICE_DONE);
	assert_string_equal(person.user, "ops@contoso.example");
	token_reply_free(&person.token);
}

static void
half_a_success_is_none(void **state)
{
	static const struct {
		const char *claims, *refresh;
	} cases[] = {
		{"{\"tid\":\"t-1\"}", NULL},
		{NULL, "RT"},
		{"{\"upn\":\"x\"}", "RT"},
		{"{\"tid\":7}", "RT"},
		{"[]", "RT"},
		{"<html>", "RT"},
		{"{\"tid\":\"t-1\"}", "R T"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct device_code code = {.interval_s = 5};
		struct device_person person;
		struct err err = {0};
		char body[2000];

		success(body, cases[i].claims, cases[i].refresh);
		if (poll(200, body, &code, &person, &err) != DEVICE_FAILED)
			fail_msg("taken: %s", body);
		assert_true(err.msg[0]);
		assert_null(person.token.token.bytes);
		assert_null(person.token.refresh.bytes);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_for_a_code),
		cmocka_unit_test(reads_a_code),
		cmocka_unit_test(only_the_clouds_own_pages),
		cmocka_unit_test(refuses_other_codes),
		cmocka_unit_test(polls_go_on_or_end),
		cmocka_unit_test(tells_who_signed_in),
		cmocka_unit_test(half_a_success_is_none),
	};

	secret_init();
	json_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
