/* Typing, prompts, forms and pages of text, on a terminal without a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/buf.h"
#include "tui/dump.h"
#include "tui/edit.h"
#include "tui/form.h"
#include "tui/pager.h"
#include "tui/prompt.h"
#include "tui/script.h"
#include "tui/term.h"

static void
begin(int width, int height)
{
	struct err err;

	assert_true(term_start_headless(width, height, &err));
}

/* The screen with the cursor's row marked. */
static void
expect(const char *want)
{
	struct buf out;

	buf_init(&out, 65536);
	assert_true(dump_screen(&out, true));
	assert_string_equal(buf_text(&out), want);
	buf_free(&out);
}

/* Types keys into text; the caret, shown as |, starts and ends where want says. */
static void
expect_edit(const char *from, const char *keys, const char *want)
{
	char text[24], got[32];
	size_t caret = strcspn(from, "|");
	struct err err;
	key_code key;

	memcpy(text, from, caret);
	strncpy(text + caret, from + caret + 1, sizeof text - caret - 1);
	assert_true(script_play(keys, &err));
	while ((key = script_next()) != KEY_NOTHING)
		edit_key(text, sizeof text, &caret, key);
	memcpy(got, text, caret);
	got[caret] = '|';
	memcpy(got + caret + 1, text + caret, strlen(text + caret) + 1);
	assert_string_equal(got, want);
}

static void
editing(void **state)
{
	(void)state;
	begin(20, 1);
	expect_edit("|", "=cmk-é Space =财", "cmk-é 财|");
	expect_edit("ab|cd", "Left =x Right Right =y", "axbcy|d");
	expect_edit("aé财|", "Left Left Del", "a|财");
	expect_edit("aé财|", "Backspace Backspace Backspace Backspace", "|");
	expect_edit("|ab", "Left Backspace Home Del End", "b|");
	expect_edit("ab|", "Right Del Home =x", "x|ab");
	expect_edit("e\xcc\x81\xcc\x82z|", "Left Left", "|e\xcc\x81\xcc\x82z");
	expect_edit("|e\xcc\x81z", "Del", "|z");
	expect_edit("e\xcc\x81|", "Backspace =o", "o|");
	expect_edit("one two  |three", "^W", "one |three");
	expect_edit("one two|three", "^U", "|three");
	expect_edit("12345678901234567890123|", "=4", "12345678901234567890123|");
	expect_edit("1234567890123456789012|", "=é =3", "12345678901234567890123|");
	expect_edit("a|", "Up Enter F1 ^R", "a|");
	term_stop();
}

static enum prompt_result
type(struct prompt *prompt, const char *keys)
{
	enum prompt_result result = PROMPT_OPEN;
	struct err err;
	key_code key;

	assert_true(script_play(keys, &err));
	while ((key = script_next()) != KEY_NOTHING)
		result = prompt_key(prompt, key);
	return result;
}

static void
prompts(void **state)
{
	struct prompt prompt;

	(void)state;
	begin(40, 2);
	prompt_start(&prompt, "Filter: ", "type:", false);
	assert_int_equal(type(&prompt, "=batch Home"), PROMPT_OPEN);
	assert_string_equal(prompt.text, "type:batch");
	prompt_draw(&prompt, (struct area){1, 0, 1, 40});
	expect("\n>  Filter: type:batch\n");
	assert_int_equal(type(&prompt, "Enter"), PROMPT_DONE);
	assert_int_equal(type(&prompt, "Esc"), PROMPT_CANCELLED);
	assert_int_equal(type(&prompt, "^G"), PROMPT_CANCELLED);
	assert_int_equal(type(&prompt, "Backspace Backspace"), PROMPT_OPEN);
	prompt_start(&prompt, prompt.label, prompt.text, true);
	assert_string_equal(prompt.label, "Filter: ");
	assert_string_equal(prompt.text, "type:batch");
	prompt_start(&prompt, "Name: ", NULL, true);
	assert_string_equal(prompt.text, "");
	term_stop();
}

static void
confirmations_refuse_a_paste(void **state)
{
	struct prompt prompt;

	(void)state;
	begin(60, 1);
	prompt_start(&prompt, "Type the key's name: ", "", true);
	assert_int_equal(prompt_key(&prompt, TK_PASTE), PROMPT_OPEN);
	assert_string_equal(prompt.text, "");
	prompt_draw(&prompt, draw_screen());
	expect(">  pasted text is refused: type it\n");
	prompt_draw(&prompt, (struct area){0, 0, 1, 60});
	prompt_key(&prompt, 'c');
	assert_string_equal(prompt.notice, "");
	assert_string_equal(prompt.text, "c");
	for (int width = 59; width >= 0; width--)
		prompt_draw(&prompt, (struct area){0, 0, 1, width});
	term_stop();
}

static void
long_input_scrolls(void **state)
{
	struct prompt prompt;
	int y, x;

	(void)state;
	begin(20, 1);
	prompt_start(&prompt, "A long label: ", "0123456789财务部abcdefgh", false);
	prompt_draw(&prompt, draw_screen());
	expect(">  A long…部abcdefgh\n");
	term_cursor_at(&y, &x);
	assert_int_equal(x, 18);
	type(&prompt, "Home");
	prompt_draw(&prompt, draw_screen());
	expect(">  A long…0123456789…\n");
	term_stop();
}

/* A label that leaves no room for the text stands over it, where there are rows. */
static void
a_long_label_is_read_whole(void **state)
{
	struct prompt prompt;

	(void)state;
	begin(20, 4);
	prompt_start(&prompt, "Type 0123456789abcdefghijklmn to go on: ", "", true);
	type(&prompt, "=012");
	prompt_draw(&prompt, (struct area){3, 0, 1, 20});
	expect("   Type\n   0123456789abcdefgh\n   ijklmn to go on:\n>  012\n");
	term_stop();
}

static char name[16];
static const char *const bits[] = {"2048", "3072", "4096"};

static struct form
make_form(struct field fields[3])
{
	strncpy(name, "cmk", sizeof name);
	fields[0] = (struct field){.kind = FIELD_TEXT,
		.label = "Key",
		.help = "Made in the vault if it is not there.",
		.text = name,
		.size = sizeof name};
	fields[1] = (struct field){.kind = FIELD_CHOICE,
		.label = "Bits",
		.choices = bits,
		.choices_len = ARRAY_LEN(bits),
		.chosen = 1};
	fields[2] = (struct field){.kind = FIELD_CHECK, .label = "Protect"};
	return (struct form){.fields = fields, .fields_len = 3, .caret = 99};
}

static void
fill(struct form *form, const char *keys)
{
	struct err err;
	key_code key;

	assert_true(script_play(keys, &err));
	while ((key = script_next()) != KEY_NOTHING)
		form_key(form, key);
}

static void
forms(void **state)
{
	struct field fields[3];
	struct form form = make_form(fields);

	(void)state;
	begin(36, 7);
	form_draw(&form, draw_screen());
	expect("> ▸ Key       cmk\n    Bits       2048  [3072]  4096\n    Protect   [ ]\n\n"
	       "    Made in the vault if it is not\n    there.\n\n");
	fill(&form, "=-2 Left =x Tab Space Down Space Tab");
	assert_string_equal(name, "cmk-x2");
	assert_int_equal(fields[1].chosen, 2);
	assert_int_equal(fields[2].chosen, 1);
	assert_int_equal(form.current, 0);
	assert_int_equal(form.caret, 6);
	fill(&form, "S-Tab Left Up Right");
	assert_int_equal(fields[2].chosen, 0);
	assert_int_equal(fields[1].chosen, 0);
	form_draw(&form, draw_screen());
	expect("    Key       cmk-x2\n> ▸ Bits      [2048]  3072   4096\n    Protect   [ ]\n\n\n\n\n");
	assert_false(form_key(&form, TK_ENTER));
	assert_false(form_key(&form, TK_ESC));
	assert_false(form_key(&form, 'x'));
	term_stop();
}

static void
small_forms(void **state)
{
	struct field fields[3];
	struct form form = make_form(fields), none = {0};

	(void)state;
	begin(24, 3);
	fill(&form, "Down");
	form_draw(&form, draw_screen());
	expect("    Key       cmk\n> ▸ Bits      < 3072 >\n    Protect   [ ]\n");
	fill(&form, "Down");
	form_draw(&form, (struct area){0, 0, 1, 24});
	expect("> ▸ Protect   [ ]\n  ▸ Bits      < 3072 >\n    Protect   [ ]\n");
	form_draw(&none, draw_screen());
	assert_false(form_key(&none, TK_DOWN));
	for (int size = 10; size >= 0; size--)
		form_draw(&form, (struct area){0, 0, size / 4, size});
	term_stop();
}

/* What the veil below knows, and how often it was asked. */
struct knows {
	unsigned learned, asked;
};

/* The last line of a text tells it the name of the first. */
static char *
hide(void *user, const char *text)
{
	struct knows *knows = user;
	char *out = strdup(text), *found = strstr(out, "name");

	knows->asked++;
	assert_non_null(out);
	if (knows->learned && found)
		memcpy(found, "****", 4);
	knows->learned += strstr(text, "tells") && knows->learned == 0;
	return out;
}

static unsigned
learned(const void *user)
{
	return ((const struct knows *)user)->learned;
}

/* A long text is veiled when it is first drawn, and not again until another name is known. */
static void
pages_are_veiled_once(void **state)
{
	struct pager pager = {.text = "a name\n\nit tells"};
	struct knows knows = {0};

	(void)state;
	begin(20, 4);
	draw_veil(hide, learned, &knows);
	pager_draw(&pager, draw_screen());
	expect("> a ****\n\n  it tells\n\n");
	assert_int_equal(knows.asked, 2);
	assert_true(pager_key(&pager, TK_DOWN, 4));
	pager_draw(&pager, draw_screen());
	assert_int_equal(knows.asked, 2);
	knows.learned++;
	pager_draw(&pager, draw_screen());
	assert_int_equal(knows.asked, 3);
	pager_draw(&pager, (struct area){0, 0, 4, 10});
	assert_int_equal(knows.asked, 3);
	draw_veil(NULL, NULL, NULL);
	pager_draw(&pager, draw_screen());
	expect("> a name\n\n  it tells\n\n");
	pager_free(&pager);
	term_stop();
}

static void
pages(void **state)
{
	struct pager pager = {.text = "# Head\n\nA line that is longer than the screen.\n"
				      "  kept as it is, however long\nlast"};

	(void)state;
	begin(20, 4);
	pager_draw(&pager, draw_screen());
	expect("> Head\n\n  A line that is\n  longer than the\n");
	assert_true(pager_key(&pager, TK_DOWN, 4));
	assert_true(pager_key(&pager, TK_PAGE_DOWN, 4));
	pager_draw(&pager, draw_screen());
	expect("> screen.\n    kept as it is, how\n  ever long\n  last\n");
	assert_true(pager_key(&pager, TK_UP, 4));
	assert_int_equal(pager.top, 3);
	assert_true(pager_key(&pager, TK_END, 4));
	assert_true(pager_key(&pager, TK_PAGE_DOWN, 4));
	pager_draw(&pager, draw_screen());
	assert_int_equal(pager.top, 4);
	assert_true(pager_key(&pager, TK_HOME, 4));
	assert_true(pager_key(&pager, TK_PAGE_UP, 4));
	assert_int_equal(pager.top, 0);
	assert_false(pager_key(&pager, TK_ENTER, 4));
	pager = (struct pager){.text = ""};
	pager_draw(&pager, draw_screen());
	expect(">\n\n\n\n");
	pager_draw(&pager, (struct area){0, 0, 0, 0});
	term_stop();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(editing),
		cmocka_unit_test(prompts),
		cmocka_unit_test(confirmations_refuse_a_paste),
		cmocka_unit_test(long_input_scrolls),
		cmocka_unit_test(a_long_label_is_read_whole),
		cmocka_unit_test(forms),
		cmocka_unit_test(small_forms),
		cmocka_unit_test(pages_are_veiled_once),
		cmocka_unit_test(pages),
	};

	setenv("LC_ALL", "C.UTF-8", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
