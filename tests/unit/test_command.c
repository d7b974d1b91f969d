/* Commands in rows: what a shell makes of the rows is the command that they were made of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/text.h"
#include "views/command.h"

enum { BYTES = 65536 };

/* The words of a command as a shell splits them, each ended by a newline: blanks, single quotes,
 * and backslashes outside of them, before a newline too. */
static void
split(const char *text, struct buf *out)
{
	bool quoted = false, word = false;

	for (; *text; text++) {
		if (quoted && *text != '\'') {
			assert_true(buf_add(out, text, 1));
		} else if (*text == '\'') {
			quoted = !quoted;
			word = true;
		} else if (*text == '\\' && text[1] == '\n') {
			text++;
		} else if (*text == '\\') {
			assert_true(buf_add(out, ++text, 1));
			word = true;
		} else if (*text == ' ') {
			assert_true(!word || buf_adds(out, "\n"));
			word = false;
		} else {
			assert_true(*text != '\n' && buf_add(out, text, 1));
			word = true;
		}
	}
	assert_false(quoted);
	assert_true(!word || buf_adds(out, "\n"));
}

static void
check_folded(const char *command, int columns)
{
	struct buf folded, want, got;
	char *whole;

	buf_init(&folded, BYTES);
	buf_init(&want, BYTES);
	buf_init(&got, BYTES);
	assert_true(command_fold(&folded, command, columns));
	split(command, &want);
	split(buf_text(&folded), &got);
	assert_string_equal(buf_text(&got), buf_text(&want));
	whole = command_unfold(buf_text(&folded));
	assert_null(strchr(whole, '\n'));
	buf_clear(&got);
	split(whole, &got);
	assert_string_equal(buf_text(&got), buf_text(&want));
	free(whole);
	for (const char *row = buf_text(&folded); *row;) {
		size_t len = strcspn(row, "\n");
		char text[400];

		text_clean(text, sizeof text, row, len);
		assert_true(text_width(text) <= columns);
		row += len + (row[len] != '\0');
	}
	buf_free(&folded);
	buf_free(&want);
	buf_free(&got);
}

static void
test_fold(void **state)
{
	static const char *const commands[] = {
		"claviger protect kv-payroll --yes",
		"claviger onboard aa-payroll --key kv-payroll/cmk-payroll --create-key 3072 --yes",
		"az rest --method put --url 'https://management.azure.com/subscriptions/0/x?a=1&b=2' "
		"--body '{\"a\": \"it'\\''s here\", \"b\":[\"a b c d e f\", \"'\\'''\\'''\\''\"]}'",
		"claviger key disable 'a name with blanks and 财务部财务部财务部财务部财务部' --yes",
		"claviger '\\\\ a backslash within quotes is one \\' x",
		"averyveryverylongwordwithoutanyblankwhichhastobecutsomewhereinthemiddleofit",
		"a\\ b\\ c\\ d\\ e\\ f\\ g\\ h\\ i\\ j\\ k\\ l\\ m\\ n\\ o\\ p",
		"",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		for (int columns = 20; columns < 140; columns++)
			check_folded(commands[i], columns);
}

static void
test_rows(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, BYTES);
	assert_true(command_fold(&out, "claviger rotate kv-billing/cmk-billing --yes", 42));
	assert_string_equal(buf_text(&out), "claviger rotate kv-billing/cmk-billing \\\n  --yes");
	buf_clear(&out);
	assert_true(command_fold(&out, "x '0123456789012345678901234567890'", 20));
	assert_string_equal(buf_text(&out), "x \\\n  '012345678901234'\\\n'5678901234567890'");
	buf_clear(&out);
	assert_true(
		command_script(&out, "Make it", "az rest --url '\xe2\x80\xb9version\xe2\x80\xba'"));
	assert_non_null(strstr(buf_text(&out), "# Make it\n# What stands in angle marks"));
	buf_free(&out);
}

/* Names come from replies: what a shell would run in one must stay a name. */
static void
test_confirm(void **state)
{
	struct buf out, words;

	(void)state;
	buf_init(&out, BYTES);
	buf_init(&words, BYTES);
	assert_true(command_confirm(&out, "cmk-payroll"));
	assert_string_equal(buf_text(&out), " --confirm=cmk-payroll");
	assert_true(command_confirm(&out, "aa;$(reboot)") && command_confirm(&out, "a'b"));
	assert_null(strstr(buf_text(&out), "=aa;"));
	split(buf_text(&out), &words);
	assert_string_equal(
		buf_text(&words), "--confirm=cmk-payroll\n--confirm=aa;$(reboot)\n--confirm=a'b\n");
	buf_free(&out);
	buf_free(&words);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fold),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_confirm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
