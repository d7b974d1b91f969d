/* Reading by path: absent, null, wrong type, foreign text, times and every known shape of error. */
#include "backend/json/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/mem.h"

static json_t *
parse(const char *text)
{
	struct err err;
	json_t *root = json_read(text, strlen(text), "test", &err);

	assert_non_null(root);
	return root;
}

static void
test_refused_texts(void **state)
{
	static const char *const texts[] = {"", "{", "{\"a\":1,\"a\":2}", "{\"a\":1} x", "[1,]",
		"{\"a\":\"\xff\"}", "{\"a\":\"\\u0000\"}", "<html></html>", "\"text\""};
	struct err err;
	char *deep = mem_alloc(5000);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		assert_null(json_read(texts[i], strlen(texts[i]), "reply of GET x", &err));
		assert_int_equal(err.kind, ERR_FAILED);
		assert_string_equal(err.code, "BadReply");
		assert_non_null(strstr(err.msg, "reply of GET x"));
	}
	memset(deep, '[', 4999);
	assert_null(json_read(deep, 4999, "deep", &err));
	free(deep);
	assert_null(json_read("{\"t\":\"eyJ0eXAi", 14, "token", &err));
	assert_null(strstr(err.msg, "eyJ0"));
}

static void
test_paths(void **state)
{
	json_t *root = parse("{\"a\":{\"B\":{\"c\":1,\"n\":null}},\"x\":[1],\"Key\":2,\"key\":3}");

	(void)state;
	assert_true(json_is_integer(json_at(root, "a.b.c")));
	assert_true(json_is_integer(json_at(root, "A.B.C")));
	assert_null(json_at(root, "a.b.n"));
	assert_null(json_at(root, "a.b.n.deeper"));
	assert_null(json_at(root, "a.missing.c"));
	assert_null(json_at(root, "x.y"));
	assert_null(json_at(NULL, "a"));
	assert_ptr_equal(json_at(root, ""), root);
	assert_int_equal(json_integer_value(json_at(root, "key")), 3);
	assert_int_equal(json_integer_value(json_at(root, "Key")), 2);
	json_decref(root);
}

static void
test_texts(void **state)
{
	json_t *root = parse("{\"s\":\"abc\",\"n\":1,\"esc\":\"a\\u001b[2Jb\\u202e\",\"e\":\"\"}");
	char text[32], small[8];
	struct err err;

	(void)state;
	assert_true(json_text(root, "s", text, sizeof text, &err));
	assert_string_equal(text, "abc");
	assert_true(json_text(root, "missing", text, sizeof text, &err));
	assert_string_equal(text, "");
	assert_true(json_text(root, "esc", text, sizeof text, &err));
	assert_string_equal(text, "a<U+001B>[2Jb<U+202E>");
	assert_false(json_text(root, "esc", small, sizeof small, &err));
	assert_string_equal(small, "");
	assert_non_null(strstr(err.msg, "esc"));
	assert_true(json_text(root, "s", small, 4, &err));
	assert_false(json_text(root, "s", small, 3, &err));
	assert_false(json_text(root, "n", text, sizeof text, &err));
	assert_string_equal(err.code, "BadReply");
	assert_non_null(strstr(err.msg, "n is a number where text belongs"));
	assert_false(json_need_text(root, "missing", text, sizeof text, &err));
	assert_non_null(strstr(err.msg, "missing"));
	assert_false(json_need_text(root, "e", text, sizeof text, &err));
	json_decref(root);
}

static void
test_values(void **state)
{
	json_t *root = parse(
		"{\"t\":true,\"f\":false,\"n\":12,\"s\":\"3599\",\"m\":\"-5\",\"x\":\"1a\","
		"\"r\":1.5,\"l\":[],\"one\":[1],\"o\":{},\"u\":null,\"long\":\"9999999999999999999\"}");
	enum tri flag;
	int64_t number = 7;
	const json_t *value;
	struct err err;

	(void)state;
	assert_true(json_flag(root, "t", &flag, &err) && flag == TRI_YES);
	assert_true(json_flag(root, "f", &flag, &err) && flag == TRI_NO);
	assert_true(json_flag(root, "u", &flag, &err) && flag == TRI_UNKNOWN);
	assert_false(json_flag(root, "n", &flag, &err));
	assert_true(json_number(root, "u", &number, &err) && number == 7);
	assert_true(json_number(root, "n", &number, &err) && number == 12);
	assert_true(json_number(root, "s", &number, &err) && number == 3599);
	assert_true(json_number(root, "m", &number, &err) && number == -5);
	assert_false(json_number(root, "x", &number, &err));
	assert_false(json_number(root, "r", &number, &err));
	assert_false(json_number(root, "long", &number, &err));
	assert_false(json_number(root, "t", &number, &err));
	assert_true(json_list(root, "l", &value, &err) && value);
	assert_true(json_list(root, "u", &value, &err) && !value);
	assert_false(json_list(root, "o", &value, &err));
	assert_null(value);
	assert_true(json_object_at(root, "o", &value, &err) && value);
	assert_true(json_object_at(root, "l", &value, &err) && !value);
	assert_false(json_object_at(root, "one", &value, &err));
	assert_non_null(strstr(err.msg, "a list where an object"));
	json_decref(root);
}

static void
test_times(void **state)
{
	static const struct {
		const char *text;
		int64_t want;
	} good[] = {
		{"{\"t\":\"2021-06-18T04:47:41.3499913Z\"}", 1623991661},
		{"{\"t\":\"1970-01-01T00:00:00.0000000Z\"}", 0},
		{"{\"t\":\"2026-11-21T19:02:03+00:00\"}", 1795287723},
		{"{\"t\":\"2026-11-21T21:02:03+02:00\"}", 1795287723},
		{"{\"t\":\"2026-11-21T19:02:03\"}", 1795287723},
	};
	static const char *const bad[] = {"{\"t\":\"\"}", "{\"t\":\"2021-13-18T04:47:41Z\"}",
		"{\"t\":\"2021-06-18\"}", "{\"t\":\"2021-06-18T04:47:41Zx\"}", "{\"t\":5}",
		"{\"t\":\"2021-06-18T04:47:41+2\"}", "{\"t\":\"21-06-18T04:47:41Z\"}"};
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		json_t *root = parse(good[i].text);
		int64_t t = -1;

		assert_true(json_time(root, "t", &t, &err));
		assert_int_equal(t, good[i].want);
		json_decref(root);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		json_t *root = parse(bad[i]);
		int64_t t = -1;

		assert_false(json_time(root, "t", &t, &err));
		assert_int_equal(t, -1);
		json_decref(root);
	}
}

/* Bodies as they were seen in the field. */
static void
test_error_shapes(void **state)
{
	static const struct {
		int http;
		const char *body, *code, *msg;
		enum err_kind kind;
	} cases[] = {
		{404,
			"{\"error\":{\"code\":\"ResourceGroupNotFound\",\"message\":"
			"\"Resource group 'fake_group' could not be found.\"}}",
			"ResourceGroupNotFound", "Resource group 'fake_group' could not be found.",
			ERR_NOT_FOUND},
		{400,
			"{\"code\":\"BadRequest\",\"message\":\" Identity property or identity type "
			"property should not be null while updating Encryption properties.\"}",
			"BadRequest",
			" Identity property or identity type property should not be null while updating "
			"Encryption properties.",
			ERR_FAILED},
		{401, "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: x\"}",
			"invalid_client", "AADSTS7000215: x", ERR_DENIED},
		{403,
			"{\"error\":{\"code\":\"Forbidden\",\"message\":\"Caller is not authorized.\\r\\n"
			"Caller: appid=1\\r\\n\",\"innererror\":{\"code\":\"ForbiddenByRbac\"}}}",
			"Forbidden/ForbiddenByRbac", "Caller is not authorized. Caller: appid=1",
			ERR_DENIED},
		{500, "{\"Message\":\"An error has occurred.\"}", "", "An error has occurred.",
			ERR_UNAVAILABLE},
		{429, "{\"Code\":\"429\",\"Message\":\"Too many\"}", "429", "Too many",
			ERR_UNAVAILABLE},
		{429, "plain words", "", "plain words", ERR_UNAVAILABLE},
		{502, "<html><body>Bad Gateway</body></html>", "",
			"answered with status 502 and no message", ERR_UNAVAILABLE},
		{401, "", "", "answered with status 401 and no message", ERR_DENIED},
		{401, "OK", "", "OK", ERR_DENIED},
		{400, "{\"error\":{\"code\":7,\"message\":[]}}", "",
			"answered with status 400 and no message", ERR_FAILED},
		{409, "[]", "", "answered with status 409 and no message", ERR_REFUSED},
		{412, "{}", "", "answered with status 412 and no message", ERR_REFUSED},
		{408, "", "", "answered with status 408 and no message", ERR_UNAVAILABLE},
		{400, "{\"error\":{\"code\":\"a\\u001bb\",\"message\":\"c\\u0007d\"}}",
			"a<U+001B>b", "c<U+0007>d", ERR_FAILED},
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		json_error(cases[i].body, strlen(cases[i].body), cases[i].http, "id\x1b", &err);
		assert_string_equal(err.code, cases[i].code);
		assert_string_equal(err.msg, cases[i].msg);
		assert_int_equal(err.kind, cases[i].kind);
		assert_int_equal(err.http, cases[i].http);
		assert_string_equal(err.request_id, "id<U+001B>");
	}
	json_error("{}", 2, 400, NULL, NULL);
}

static bool
count_element(void *user, size_t i, const json_t *element, struct err *err)
{
	size_t *seen = user;

	assert_int_equal(i, *seen);
	++*seen;
	return json_is_integer(element) || err_set(err, ERR_FAILED, "Odd", "[%zu] is odd", i);
}

/* Row by row and as a whole a text is refused for the same reasons, in the same words. */
static void
test_rows(void **state)
{
	static const struct {
		const char *text;
		size_t given;
		const char *broken; /* NULL: readable */
	} cases[] = {
		{"{\"value\":[1,2,3],\"nextLink\":\"x\"}", 3, NULL},
		{" { \"a\" : 1e3 , \"VALUE\" : [ 4 ]\n} ", 1, NULL},
		{"{\"value\":[]}", 0, NULL},
		{"{}", 0, NULL},
		{"{\"value\":{\"a\":[1]}}", 0, NULL},
		{"[1]", 0, NULL},
		{"{\"value\":[1,2", 2, "line 1: ']' expected"},
		{"{\"value\":[1,]}", 1, "line 1: "},
		{"{\"value\":[1] 2}", 1, "line 1: '}' expected"},
		{"{\"value\":[1],}", 1, "line 1: string or '}' expected"},
		{"{\"value\":[1],\n\"value\":[2]}", 1, "line 2: duplicate object key"},
		{"{\"value\":[1,\n\n{\"a\":1,\"a\":2}]}", 1, "line 3: duplicate object key"},
		{"{\"value\":[1]} x", 1, "line 1: end of file expected"},
		{"{\"value\" [1]}", 0, "line 1: ':' expected"},
		{"", 0, "line 1: it is empty"},
		{"<html>", 0, "line 1: '[' or '{' expected"},
	};
	struct err err;
	json_t *rest;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t seen = 0, len = strlen(cases[i].text);
		json_t *whole = json_read(cases[i].text, len, "page", NULL);

		err = (struct err){0};
		assert_int_equal(json_rows(cases[i].text, len, "page", "value", count_element,
					 &seen, &rest, &err),
			cases[i].broken == NULL);
		assert_int_equal(whole != NULL, cases[i].broken == NULL);
		assert_int_equal(seen, cases[i].given);
		if (cases[i].broken && !strstr(err.msg, cases[i].broken))
			fail_msg("%s: %s", cases[i].text, err.msg);
		json_decref(rest);
		json_decref(whole);
	}
	err = (struct err){0};
	assert_false(json_rows("{\"value\":[1,\"x\"]}", 17, "page", "value", count_element,
		&(size_t){0}, &rest, &err));
	assert_string_equal(err.msg, "[1] is odd");
	json_decref(rest);
}

/* Wherever a text ends it is refused, after the elements that are whole; and a reader may be closed
 * after any of them. */
static void
test_reader(void **state)
{
	static const char text[] = "{\"a\":{\"b\":[1]},\"value\":[{\"c\":2},\n[3],\"x\"],\"d\":4}";
	struct json_reader reader;
	json_t *element;
	struct err err;

	(void)state;
	for (size_t len = 0; len < sizeof text - 1; len++) {
		size_t came = 0;

		err = (struct err){0};
		json_reader_open(&reader, text, len, "page", "value");
		while (json_reader_next(&reader, &element, &err) && element) {
			came++;
			json_decref(element);
		}
		json_reader_close(&reader);
		assert_string_equal(err.code, "BadReply");
		assert_int_equal(came, (len >= 31) + (len >= 36) + (len >= 40));
	}
	for (size_t most = 0; most < 4; most++) {
		json_reader_open(&reader, text, sizeof text - 1, "page", "value");
		for (size_t i = 0; i < most; i++) {
			assert_true(json_reader_next(&reader, &element, &err));
			assert_non_null(element);
			json_decref(element);
		}
		json_reader_close(&reader);
	}
	json_reader_open(&reader, text, sizeof text - 1, "page", "value");
	do {
		assert_true(json_reader_next(&reader, &element, &err));
		json_decref(element);
	} while (element);
	assert_true(json_reader_next(&reader, &element, &err));
	assert_null(element);
	assert_int_equal(json_integer_value(json_object_get(reader.rest, "d")), 4);
	assert_int_equal(json_array_size(json_object_get(reader.rest, "value")), 0);
	json_reader_close(&reader);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused_texts),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_error_shapes),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_reader),
	};

	json_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
