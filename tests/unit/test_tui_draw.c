/* Drawing: clipping, wide characters, wrapping, bars, ASCII locales, the smallest screens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/buf.h"
#include "tui/bar.h"
#include "tui/draw.h"
#include "tui/dump.h"
#include "tui/stepper.h"
#include "tui/term.h"

static void
begin(const char *locale, int width, int height)
{
	struct err err;

	setenv("LC_ALL", locale, 1);
	assert_true(term_start_headless(width, height, &err));
	assert_int_equal(LINES, height);
	assert_int_equal(COLS, width);
}

static void
expect(const char *want)
{
	struct buf out;

	buf_init(&out, 65536);
	assert_true(term_flush());
	assert_true(dump_screen(&out, false));
	assert_string_equal(buf_text(&out), want);
	buf_free(&out);
}

static void
text_is_clipped(void **state)
{
	struct area area = {1, 2, 2, 6};

	(void)state;
	begin("C.UTF-8", 12, 4);
	assert_int_equal(draw_text(area, 0, 0, ROLE_TEXT, "abcdef"), 6);
	assert_int_equal(draw_text(area, 1, 0, ROLE_TEXT, "abcdefg"), 6);
	assert_int_equal(draw_text(area, 2, 0, ROLE_TEXT, "below"), 0);
	assert_int_equal(draw_text(area, -1, 0, ROLE_TEXT, "above"), 0);
	assert_int_equal(draw_text(area, 0, 6, ROLE_TEXT, "beside"), 0);
	assert_int_equal(draw_text(area, 0, -1, ROLE_TEXT, "beside"), 0);
	expect("\n  abcdef\n  abcde…\n\n");
	assert_int_equal(draw_text((struct area){3, 8, 9, 99}, 0, 0, ROLE_TEXT, "beyond"), 4);
	expect("\n  abcdef\n  abcde…\n        bey…\n");
	term_stop();
}

/* What ncurses has of a line is not given to it again, unless it may have lost it. */
static void
only_lines_that_change_are_painted(void **state)
{
	struct area screen = {0, 0, 3, 8};

	(void)state;
	begin("C.UTF-8", 8, 3);
	for (int frame = 0; frame < 3; frame++) {
		draw_clear(screen);
		draw_text(screen, 0, 0, ROLE_TEXT, "stays");
		draw_text(screen, 1, 0, ROLE_TEXT, frame ? "moves" : "is");
		if (frame == 2)
			term_repaint();
		expect(frame == 0    ? "stays\nis\n\n"
			: frame == 1 ? "other\nmoves\n\n"
				     : "stays\nmoves\n\n");
		mvaddstr(0, 0, "other");
	}
	draw_clear(screen);
	expect("\n\n\n");
	term_stop();
	begin("C.UTF-8", 8, 3);
	expect("\n\n\n");
	term_stop();
}

static void
wide_characters_are_never_split(void **state)
{
	struct area area = {0, 0, 6, 7};

	(void)state;
	begin("C.UTF-8", 9, 6);
	assert_int_equal(draw_text(area, 0, 0, ROLE_TEXT, "财务部"), 6);
	assert_int_equal(draw_text(area, 1, 0, ROLE_TEXT, "财务部门"), 7);
	assert_int_equal(draw_text(area, 2, 0, ROLE_TEXT, "a财务部门"), 6);
	draw_cell(area, 3, 0, 6, true, ROLE_TEXT, "财x");
	draw_cell(area, 4, 0, 4, false, ROLE_TEXT, "e\xcc\x81\xe8\xb4\xa2z!");
	draw_text(area, 4, 5, ROLE_TEXT, "|");
	draw_text((struct area){5, 8, 1, 1}, 0, 0, ROLE_TEXT, "财");
	expect("财务部\n财务部…\na财务…\n   财x\ne\xcc\x81财… |\n        …\n");
	draw_text(area, 0, 1, ROLE_TEXT, "x");
	draw_cell(area, 1, 0, 7, false, ROLE_TEXT, "");
	expect(" x务部\n\na财务…\n   财x\ne\xcc\x81财… |\n        …\n");
	term_stop();
}

static void
the_last_corner(void **state)
{
	(void)state;
	begin("C.UTF-8", 4, 2);
	draw_text(draw_screen(), 0, 0, ROLE_TEXT, "abcd");
	draw_text(draw_screen(), 1, 0, ROLE_TEXT, "efgh");
	expect("abcd\nefgh\n");
	draw_clear((struct area){0, 1, 2, 2});
	expect("a  d\ne  h\n");
	term_stop();
}

static void
long_text(void **state)
{
	static char text[6000], want[402];

	(void)state;
	memset(text, 'x', sizeof text - 1);
	begin("C.UTF-8", 400, 1);
	assert_int_equal(draw_text(draw_screen(), 0, 0, ROLE_TEXT, text), 400);
	text[400] = '\0';
	assert_int_equal(draw_text(draw_screen(), 0, 0, ROLE_TEXT, text), 400);
	memset(want, 'x', 400);
	want[400] = '\n';
	expect(want);
	term_stop();
}

static void
paragraphs(void **state)
{
	static const char text[] = "The quick brown fox\njumps\n\nover Donaudampfschiffe";

	(void)state;
	begin("C.UTF-8", 12, 8);
	assert_int_equal(draw_rows(10, text), 7);
	assert_int_equal(draw_wrapped((struct area){0, 1, 8, 10}, 0, ROLE_TEXT, text), 7);
	expect(" The quick\n brown fox\n jumps\n\n over\n Donaudampf\n schiffe\n\n");
	assert_int_equal(draw_rows(10, ""), 0);
	assert_int_equal(draw_rows(1, "财务"), 2);
	assert_int_equal(draw_rows(0, "ab"), 2);
	term_stop();
}

static void
ascii_locale(void **state)
{
	(void)state;
	begin("C", 30, 3);
	assert_false(term_utf8());
	assert_string_equal(draw_glyph(GLYPH_DONE), "+");
	draw_text(draw_screen(), 0, 0, ROLE_TEXT, "财务 – a · b…");
	draw_text((struct area){1, 0, 1, 4}, 0, 0, ROLE_TEXT, "abcdef");
	draw_vline((struct area){0, 20, 3, 1}, 0);
	draw_hline((struct area){2, 0, 1, 10}, 0);
	expect("?? - a - b~         |\nabc~                |\n----------          |\n");
	for (int glyph = GLYPH_DONE; glyph < GLYPH_COUNT; glyph++)
		for (const char *s = draw_glyph((enum glyph)glyph); *s; s++)
			assert_true(*s >= ' ' && *s < 0x7f);
	term_stop();
}

/* Draws what is beyond ASCII in the literals of a source, and looks for what has no twin. Comments
 * and the tables of draw.c are no texts. */
static void
check_source(const char *path)
{
	FILE *file = fopen(path, "re");
	enum { CODE, LITERAL, COMMENT } in = CODE;
	int c, before = 0;

	assert_non_null(file);
	for (; (c = fgetc(file)) != EOF; before = before == '\\' && in == LITERAL ? 0 : c) {
		char text[8] = {(char)c};
		struct buf shown;

		if (in == CODE && c == '*' && before == '/')
			in = COMMENT;
		else if (in == COMMENT && c == '/' && before == '*')
			in = CODE;
		else if (in != COMMENT && c == '"' && before != '\\' && before != '\'')
			in = in == CODE ? LITERAL : CODE;
		if (in != LITERAL || c < 0xc0)
			continue;
		for (int i = 1; i < (c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4); i++)
			text[i] = (char)fgetc(file);
		draw_cell(draw_screen(), 0, 0, 1, false, ROLE_TEXT, text);
		buf_init(&shown, 100);
		assert_true(dump_screen(&shown, false));
		if (strcmp(buf_text(&shown), "?\n") == 0)
			fail_msg("%s: \"%s\" has no twin in ASCII", path, text);
		buf_free(&shown);
	}
	fclose(file);
}

static int
visit(const char *path, const struct stat *stat, int type, struct FTW *where)
{
	size_t len = strlen(path);

	(void)stat;
	(void)where;
	if (type == FTW_F && strcmp(path + len - 2, ".c") == 0 && !strstr(path, "/sandbox/") &&
		strcmp(path, "tui/draw.c") != 0)
		check_source(path);
	return 0;
}

static void
every_text_has_a_twin(void **state)
{
	static const char *const folders[] = {"tui", "views", "backend"};

	(void)state;
	begin("C", 1, 1);
	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		assert_int_equal(nftw(folders[i], visit, 16, FTW_PHYS), 0);
	term_stop();
}

static void
a_locale_that_is_not_there(void **state)
{
	(void)state;
	begin("xx_XX.UTF-8", 10, 1);
	assert_true(term_utf8());
	draw_text(draw_screen(), 0, 0, ROLE_TEXT, "é财");
	expect("é财\n");
	term_stop();
}

static const struct bar_tab tabs[] = {{"1", "Accounts"}, {"2", "Vaults"}, {"!", "Incident"}};
static const struct binding view_keys[] = {{TK_ENTER, KEY_NOTHING, 1, "open", ""},
	{'o', KEY_NOTHING, 2, "onboard", ""}, {'x', KEY_NOTHING, 3, NULL, ""}, {0}};
static const struct binding common_keys[] = {{'o', KEY_NOTHING, 1, "other", ""},
	{'?', TK_F1, 2, "help", ""}, {'q', KEY_NOTHING, 3, "quit", ""}, {0}};

static void
draw_bars(int width)
{
	bar_title((struct area){0, 0, 1, width}, "claviger > contoso", "read-write", "SANDBOX",
		ROLE_SANDBOX);
	bar_tabs((struct area){1, 0, 1, width}, tabs, ARRAY_LEN(tabs), 1, "4 findings", "f 4");
	bar_message((struct area){2, 0, 1, width}, ROLE_MESSAGE, "128 of 4,312", ROLE_MESSAGE,
		"read 12:00");
	bar_hints((struct area){3, 0, 1, width}, view_keys, common_keys);
	bar_progress((struct area){4, 0, 1, width}, "Reading", 1200, 10000, 3.5);
}

static void
bars(void **state)
{
	(void)state;
	begin("C.UTF-8", 60, 5);
	draw_bars(60);
	expect(" claviger > contoso                      read-write SANDBOX\n"
	       " 1 Accounts   2 Vaults   ! Incident              4 findings\n"
	       " 128 of 4,312                                    read 12:00\n"
	       " ↵ open  o onboard  ? help  q quit\n"
	       " Reading  1,200 of 10,000  343/s  26 s left  "
	       "█░░░░░░░░░░░░░\n");
	draw_clear(draw_screen());
	bar_progress((struct area){0, 0, 1, 36}, "Revoke", 2, 3, 0.1);
	expect(" Revoke  2 of 3  ████████████░░░░░░\n\n\n\n\n");
	draw_clear(draw_screen());
	draw_bars(28);
	expect(" clavi…  read-write SANDBOX\n"
	       " 1 Acc… 2 Vaults ! Inc… f 4\n"
	       " 128 of 4,312    read 12:00\n"
	       " ↵ open  ? help  q quit\n"
	       " Reading  1,200 of 10,000  …\n");
	for (int width = 20; width >= 0; width--)
		draw_bars(width);
	term_stop();
}

static void
steps(void **state)
{
	static const struct stepper_item items[] = {
		{"Preflight", "2 mended", GLYPH_DONE, ROLE_OK, false, 0},
		{"Identity", NULL, GLYPH_CURRENT, ROLE_TEXT, false, 0},
		{"Access", "add policy", GLYPH_PENDING, ROLE_TEXT, false, 0},
		{"Proof", "refused", GLYPH_FAILED, ROLE_BAD, false, 0},
	};
	struct buf out;

	(void)state;
	begin("C.UTF-8", 26, 4);
	stepper_draw(draw_screen(), items, ARRAY_LEN(items), 1);
	buf_init(&out, 4096);
	assert_true(dump_screen(&out, true));
	assert_string_equal(buf_text(&out), "   ✓ Preflight  2 mended\n"
					    ">  ▸ Identity\n"
					    "     Access     add policy\n"
					    "   ✗ Proof      refused\n");
	buf_free(&out);
	draw_clear(draw_screen());
	stepper_draw((struct area){0, 0, 4, 16},
		&(struct stepper_item){
			"Switch to the key", NULL, GLYPH_PENDING, ROLE_TEXT, false, 0},
		1, 0);
	expect("   Switch to\n   the key\n\n\n");
	draw_clear(draw_screen());
	stepper_draw((struct area){0, 0, 2, 14}, items, ARRAY_LEN(items), 3);
	expect("   Access\n ✗ Proof\n\n\n");
	term_stop();
}

static void
smallest_screen(void **state)
{
	(void)state;
	begin("C.UTF-8", 1, 1);
	draw_bars(1);
	draw_text(draw_screen(), 0, 0, ROLE_TEXT, "财");
	draw_wrapped(draw_screen(), 0, ROLE_TEXT, "enlarge the window");
	draw_cursor(draw_screen(), 5, 5);
	assert_true(term_flush());
	term_stop();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_clipped),
		cmocka_unit_test(only_lines_that_change_are_painted),
		cmocka_unit_test(wide_characters_are_never_split),
		cmocka_unit_test(the_last_corner),
		cmocka_unit_test(long_text),
		cmocka_unit_test(paragraphs),
		cmocka_unit_test(ascii_locale),
		cmocka_unit_test(every_text_has_a_twin),
		cmocka_unit_test(a_locale_that_is_not_there),
		cmocka_unit_test(bars),
		cmocka_unit_test(steps),
		cmocka_unit_test(smallest_screen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
