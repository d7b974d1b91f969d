/* The writer of replies must agree with jansson's own, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/mem.h"
#include "backend/sandbox/json_write.h"

static void
same(json_t *json)
{
	char *expected = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY), *text;
	size_t len;

	assert_non_null(expected);
	text = json_write(json, &len);
	assert_string_equal(text, expected);
	assert_int_equal(len, strlen(expected));
	free(text);
	free(expected);
	json_decref(json);
}

static void
values_of_each_kind(void **state)
{
	static const char *const texts[] = {"{}", "[]", "null", "true", "false", "\"\"", "0", "-1",
		"9223372036854775807", "-9223372036854775808", "1.5", "-0.0", "1e300", "[[],{}]",
		"{\"z\":1,\"a\":[1,2.25,\"x\",null,true,false],\"m\":{\"\":{}}}",
		"\"\\u0000 \\u0001 \\u001f \\u007f \\\\ \\\" / \\b\\f\\n\\r\\t\"",
		"\"\\u00e9 \\u20ac \\ud83d\\ude00 \\u2028\""};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		json_t *json = json_loads(texts[i], JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

		assert_non_null(json);
		same(json);
	}
}

static void
what_is_long_or_deep(void **state)
{
	json_t *list = json_array(), *deep = json_array();
	char name[8200];

	(void)state;
	for (size_t i = 0; i < 3000; i++)
		json_array_append_new(list, json_pack("{s:i,s:s}", "number", (int)i, "text",
						    i % 7 ? "abc" : "\"quoted\"\n"));
	same(list);
	for (size_t i = 4090; i < 4100; i++) {
		memset(name, 'x', i);
		name[i] = '\0';
		same(json_string(name));
	}
	for (size_t i = 0; i < 1000; i++) {
		json_t *outer = json_array();

		json_array_append_new(outer, deep);
		deep = outer;
	}
	same(deep);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_of_each_kind),
		cmocka_unit_test(what_is_long_or_deep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
