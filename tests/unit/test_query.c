/* The subset of JMESPath, against results worked out by hand from its specification. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/err.h"
#include "views/cli/query.h"

static const char estate[] =
	"[{\"name\":\"b\",\"bits\":2048,\"tags\":[\"x\",\"y\"],\"key\":{\"vault\":\"v1\"},\"on\":true},"
	" {\"name\":\"a\",\"bits\":4096,\"tags\":[],\"key\":{\"vault\":\"v2\"},\"on\":false},"
	" {\"name\":\"c\",\"bits\":3072,\"tags\":[\"z\"],\"key\":null,\"a-b\":7}]";

static void
check(const char *input, const char *text, const char *expected)
{
	struct err err = {0};
	struct query *query = query_parse(text, &err);
	json_t *value = json_loads(input, JSON_DECODE_ANY, NULL), *result;
	json_t *wanted = json_loads(expected, JSON_DECODE_ANY, NULL);
	char *shown;

	if (query == NULL)
		fail_msg("%s: %s", text, err.msg);
	assert_non_null(value);
	assert_non_null(wanted);
	result = query_run(query, value, &err);
	if (result == NULL)
		fail_msg("%s: %s", text, err.msg);
	shown = json_dumps(result, JSON_COMPACT | JSON_ENCODE_ANY);
	if (!json_equal(result, wanted))
		fail_msg("%s gave %s, not %s", text, shown, expected);
	free(shown);
	json_decref(result);
	json_decref(wanted);
	json_decref(value);
	query_free(query);
}

static void
paths(void **state)
{
	(void)state;
	check("{\"a\":{\"b\":{\"c\":1}}}", "a.b.c", "1");
	check("{\"a\":{\"b\":1}}", "a.x.y", "null");
	check("{\"a b\":{\"\\\"\":2}}", "\"a b\".\"\\\"\"", "2");
	check("5", "@", "5");
	check(estate, "[0].name", "\"b\"");
	check(estate, "[-1].name", "\"c\"");
	check(estate, "[7]", "null");
	check(estate, "[-9]", "null");
	check(estate, "[2].\"a-b\"", "7");
}

static void
projections(void **state)
{
	(void)state;
	check(estate, "[].name", "[\"b\",\"a\",\"c\"]");
	check(estate, "[*].key.vault", "[\"v1\",\"v2\"]");
	check(estate, "[*].tags[]", "[\"x\",\"y\",\"z\"]");
	check(estate, "[].tags[0]", "[\"x\",\"z\"]");
	check(estate, "[].tags | [0]", "[\"x\",\"y\"]");
	check("{\"p\":{\"x\":{\"n\":1},\"y\":{\"n\":2},\"z\":{}}}", "p.*.n", "[1,2]");
	check("{\"x\":{\"n\":1}}", "*.n", "[1]");
	check("[[1,[2]],3]", "[]", "[1,[2],3]");
	check("[[1,[2]],3]", "[][]", "[1,2,3]");
	check("{\"a\":1}", "a[*]", "null");
}

static void
slices(void **state)
{
	static const char digits[] = "[0,1,2,3,4,5,6,7,8,9]";

	(void)state;
	check(digits, "[0:3]", "[0,1,2]");
	check(digits, "[8:]", "[8,9]");
	check(digits, "[:2]", "[0,1]");
	check(digits, "[-2:]", "[8,9]");
	check(digits, "[::4]", "[0,4,8]");
	check(digits, "[::-1]", "[9,8,7,6,5,4,3,2,1,0]");
	check(digits, "[5:1:-2]", "[5,3]");
	check(digits, "[20:]", "[]");
	check(digits, "[-100:2]", "[0,1]");
	check(estate, "[:2].name", "[\"b\",\"a\"]");
}

static void
filters(void **state)
{
	(void)state;
	check(estate, "[?name=='a'].bits", "[4096]");
	check(estate, "[?bits>`2048`].name", "[\"a\",\"c\"]");
	check(estate, "[?bits >= `2048` && bits<`4096`].name", "[\"b\",\"c\"]");
	check(estate, "[?name=='a' || name=='c'].name", "[\"a\",\"c\"]");
	check(estate, "[?!on].name", "[\"a\",\"c\"]");
	check(estate, "[?key].name", "[\"b\",\"a\"]");
	check(estate, "[?on==`false`].name", "[\"a\"]");
	check(estate, "[?name!='a'] | length(@)", "2");
	check(estate, "[?name>'a']", "[]");
	check(estate, "[?(name=='a' || on) && bits==`2048`].name", "[\"b\"]");
	check(estate, "[?key.vault=='v2'] | [0].name", "\"a\"");
}

static void
multiselects(void **state)
{
	(void)state;
	check(estate, "[].[name,bits]", "[[\"b\",2048],[\"a\",4096],[\"c\",3072]]");
	check(estate, "[?on].{n:name, v:key.vault}", "[{\"n\":\"b\",\"v\":\"v1\"}]");
	check("{\"a\":1,\"b\":2}", "[a,b]", "[1,2]");
	check("{\"a\":1,\"b\":2}", "{x:b}", "{\"x\":2}");
	check("{\"a\":1}", "b.[c]", "null");
}

static void
functions(void **state)
{
	(void)state;
	check(estate, "length(@)", "3");
	check(estate, "length([0].name)", "1");
	check("\"\xc3\xa9\xe8\xb4\xa2\"", "length(@)", "2");
	check(estate, "sort_by(@, &name)[].name", "[\"a\",\"b\",\"c\"]");
	check(estate, "sort_by(@, &bits)[-1].name", "\"a\"");
	check(estate, "[?contains(tags, 'x')].name", "[\"b\"]");
	check(estate, "[?contains(name, 'c')].name", "[\"c\"]");
	check(estate, "[?length(tags)==`0`].name", "[\"a\"]");
	check("[{\"k\":1,\"n\":1},{\"k\":0,\"n\":2},{\"k\":1,\"n\":3}]", "sort_by(@,&k)[].n",
		"[2,1,3]");
}

/* What it does not know it must refuse, and say where. */
static void
refusals(void **state)
{
	static const struct {
		const char *text, *place;
	} cases[] = {
		{"", "column 1"},
		{"a.", "column 3"},
		{"a[", "column 3"},
		{"[?a==]", "column 6"},
		{"a b", "column 3"},
		{"join(',', @)", "column 6"},
		{"length(@, @)", "column 12"},
		{"sort_by(@, name)", "column 12"},
		{"[::0]", "column"},
		{"[99999999999]", "column"},
		{"'open", "column 1"},
		{"`{`", "column 1"},
		{"{a}", "column 3"},
		{"\"open", "column 1"},
		{"a[1:2:3:4]", "column"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = {0};
		struct query *query = query_parse(cases[i].text, &err);

		if (query)
			fail_msg("'%s' was understood", cases[i].text);
		assert_int_equal(err.kind, ERR_USAGE);
		if (!strstr(err.msg, cases[i].place) || !strstr(err.msg, "understood are"))
			fail_msg("'%s': %s", cases[i].text, err.msg);
	}
}

static void
deep(void **state)
{
	char text[4001] = "";
	struct err err = {0};

	(void)state;
	memset(text, '(', 2000);
	assert_null(query_parse(text, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	memset(text, '!', 2000);
	assert_null(query_parse(text, &err));
	assert_int_equal(err.kind, ERR_USAGE);
}

static void
wrong_values(void **state)
{
	static const char *const texts[] = {
		"length(`1`)", "contains(`1`, 'a')", "sort_by(@, &tags)", "sort_by([0], &name)"};
	json_t *value = json_loads(estate, 0, NULL);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct err err = {0};
		struct query *query = query_parse(texts[i], &err);

		assert_non_null(query);
		assert_null(query_run(query, value, &err));
		assert_int_equal(err.kind, ERR_USAGE);
		query_free(query);
	}
	json_decref(value);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths),
		cmocka_unit_test(projections),
		cmocka_unit_test(slices),
		cmocka_unit_test(filters),
		cmocka_unit_test(multiselects),
		cmocka_unit_test(functions),
		cmocka_unit_test(refusals),
		cmocka_unit_test(deep),
		cmocka_unit_test(wrong_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
