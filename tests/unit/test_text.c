/* Foreign text: nothing that steers a terminal survives, nothing is lost, cutting is clean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"

static void
expect_clean(const char *in, const char *out)
{
	char got[256];

	assert_int_equal(text_cleans(got, sizeof got, in), strlen(out));
	assert_string_equal(got, out);
}

static void
keeps_what_is_harmless(void **state)
{
	(void)state;
	expect_clean("", "");
	expect_clean("aa-payroll", "aa-payroll");
	expect_clean("财务部 é ü 😀", "财务部 é ü 😀");
	expect_clean("e\xcc\x81\xcc\x82", "e\xcc\x81\xcc\x82");
}

static void
shows_what_steers(void **state)
{
	(void)state;
	expect_clean("a\033[31mb", "a<U+001B>[31mb");
	expect_clean("a\r\n\tb", "a<U+000D><U+000A><U+0009>b");
	expect_clean("\x7f", "<U+007F>");
	expect_clean("\xc2\x9b"
		     "1m",
		"<U+009B>1m");
	expect_clean("x\xe2\x80\xaey", "x<U+202E>y");
	expect_clean("\xe2\x80\x8b\xef\xbb\xbf", "<U+200B><U+FEFF>");
	expect_clean("\xe2\x81\xa6", "<U+2066>");
}

static void
shows_broken_bytes(void **state)
{
	(void)state;
	expect_clean("\xff", "<xFF>");
	expect_clean("\xc3", "<xC3>");
	expect_clean("\xc0\xaf", "<xC0><xAF>");
	expect_clean("\xed\xa0\x80", "<xED><xA0><x80>");
	expect_clean("\xf4\x90\x80\x80", "<xF4><x90><x80><x80>");
}

static void
tells_utf8(void **state)
{
	static const char *const broken[] = {
		"a\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80z"};

	(void)state;
	assert_true(text_is_utf8(""));
	assert_true(text_is_utf8("a\033\xe2\x80\xae财务部 😀"));
	for (size_t i = 0; i < ARRAY_LEN(broken); i++)
		assert_false(text_is_utf8(broken[i]));
}

static void
limits_marks_in_a_row(void **state)
{
	(void)state;
	expect_clean("e\xcc\x81\xcc\x81\xcc\x81\xcc\x81z", "e\xcc\x81\xcc\x81<U+0301><U+0301>z");
}

static void
cuts_at_whole_characters(void **state)
{
	char got[6];

	(void)state;
	assert_int_equal(text_cleans(got, sizeof got, "ab财务"), 5);
	assert_string_equal(got, "ab财");
	assert_int_equal(text_cleans(got, sizeof got, "abc\033"), 3);
	assert_string_equal(got, "abc");
}

/* Every pair of bytes, and random strings: no control, idempotent. */
static void
never_lets_a_control_through(void **state)
{
	char in[40], once[800], twice[800];

	(void)state;
	srandom(7);
	for (int round = 0; round < 70000; round++) {
		size_t len = round < 65536 ? 2 : (size_t)(random() % 40);

		for (size_t i = 0; i < len; i++)
			in[i] = (char)random();
		if (round < 65536) {
			in[0] = (char)(round >> 8);
			in[1] = (char)round;
		}
		text_clean(once, sizeof once, in, len);
		for (const unsigned char *p = (unsigned char *)once; *p; p++)
			assert_true(*p >= 0x20 && *p != 0x7f);
		text_cleans(twice, sizeof twice, once);
		assert_string_equal(once, twice);
	}
}

static void
measures_columns(void **state)
{
	int used;

	(void)state;
	assert_int_equal(text_width("abc"), 3);
	assert_int_equal(text_width("财务部"), 6);
	assert_int_equal(text_width("e\xcc\x81"), 1);
	assert_int_equal(text_fit("财务部", 5, &used), 6);
	assert_int_equal(used, 4);
	assert_int_equal(text_fit("abc", 0, &used), 0);
	assert_int_equal(used, 0);
}

static void
compares_as_azure_does(void **state)
{
	(void)state;
	assert_int_equal(text_casecmp("resourceGroups", "RESOURCEgroups"), 0);
	assert_true(text_casecmp("a", "b") < 0);
	assert_true(text_casecmp("ab", "a") > 0);
	assert_true(text_case_starts("/Subscriptions/x", "/subscriptions/"));
	assert_false(text_case_starts("/sub", "/subscriptions/"));
	assert_true(text_case_ends("kv1.VAULT.azure.net", ".vault.azure.net"));
	assert_false(text_case_ends("net", ".vault.azure.net"));
	assert_true(text_case_has("cmk-Payroll", "PAY"));
	assert_false(text_case_has("cmk", "cmk-"));
}

static void
copies_whole_or_not(void **state)
{
	char dst[4] = "xyz";

	(void)state;
	assert_true(text_copy(dst, sizeof dst, "abc"));
	assert_string_equal(dst, "abc");
	assert_false(text_copy(dst, sizeof dst, "abcd"));
	assert_string_equal(dst, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_what_is_harmless),
		cmocka_unit_test(shows_what_steers),
		cmocka_unit_test(shows_broken_bytes),
		cmocka_unit_test(tells_utf8),
		cmocka_unit_test(limits_marks_in_a_row),
		cmocka_unit_test(cuts_at_whole_characters),
		cmocka_unit_test(never_lets_a_control_through),
		cmocka_unit_test(measures_columns),
		cmocka_unit_test(compares_as_azure_does),
		cmocka_unit_test(copies_whole_or_not),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
