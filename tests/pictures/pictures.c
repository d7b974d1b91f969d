/* The pictures of the README, as cells with their colours: the console plays the keys of each over
 * the sandbox, in this process, and what stands on its screen is written as JSON, one picture a
 * line, for draw.py. */
#include <ctype.h>
#include <limits.h>
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <jansson.h>

#include "tests/pictures/still.h"
#include "tests/screen/screen.h"
#include "tui/script.h"
#include "tui/term.h"

enum { MOVIE = 1 };

/* One picture a line; those below see what those above have changed. */
static const struct {
	const char *name;
	int columns, rows, flags;
	const char *script;
} pictures[] = {
	{"accounts", 120, 32, 0, "Wait Home Wait"},
	{"key", 100, 26, 0, "Wait 3 / =cmk-billing Enter Enter Wait"},
	{"onboard", 100, 24, 0,
		"Wait / =aa-payroll Enter o Wait ^U =kv-payroll/cmk-payroll Enter Wait Enter"},
	{"impact", 100, 26, 0, "Wait ! d ^U =cmk-archive Enter Wait"},
	{"incident", 100, 24, MOVIE,
		"Wait Home Down Down Down Down Down ! d Enter Wait Enter Wait Enter Wait Enter "
		"=cmk-archive Enter Wait"},
	{"timeline", 100, 36, 0, "Wait 5 Wait Enter Wait"},
};

static json_t *frames; /* of the picture that is being made */
static bool movie;

key_code __real_script_next(void);
key_code __wrap_script_next(void);

/* The text of one cell; returns the columns it takes. */
static int
cell_text(const cchar_t *cell, wchar_t chars[CCHARW_MAX + 1], attr_t *attrs, short colours[2])
{
	short pair = 0;
	int width;

	memset(chars, 0, (CCHARW_MAX + 1) * sizeof *chars);
	*attrs = 0;
	if (getcchar(cell, chars, attrs, &pair, NULL) == ERR || chars[0] == L'\0')
		chars[0] = L' ';
	colours[0] = colours[1] = -1;
	if (pair)
		pair_content(pair, &colours[0], &colours[1]);
	width = wcwidth(chars[0]);
	return width > 0 ? width : 1;
}

/* [column, text, foreground, background, bold, dim, underlined], with reverse carried out. */
static json_t *
cell_json(int x, const wchar_t *chars, attr_t attrs, const short colours[2])
{
	char text[MB_LEN_MAX * CCHARW_MAX + 1];
	bool turned = attrs & A_REVERSE;

	wcstombs(text, chars, sizeof text);
	return json_pack("[isiibbbb]", x, text, colours[0], colours[1], turned,
		(attrs & A_BOLD) != 0, (attrs & A_DIM) != 0, (attrs & A_UNDERLINE) != 0);
}

static json_t *
screen_json(bool typed)
{
	json_t *rows = json_array();
	int cursor_y, cursor_x;

	term_cursor_at(&cursor_y, &cursor_x);
	for (int y = 0; y < LINES; y++) {
		json_t *row = json_array();
		wchar_t chars[CCHARW_MAX + 1];
		short colours[2];
		attr_t attrs;
		cchar_t cell;
		int width;

		for (int x = 0; x < COLS; x += width) {
			mvin_wch(y, x, &cell);
			width = cell_text(&cell, chars, &attrs, colours);
			json_array_append_new(row, cell_json(x, chars, attrs, colours));
		}
		json_array_append_new(rows, row);
	}
	return json_pack("{sbs[ii]so}", "typed", typed, "cursor", cursor_x, cursor_y, "rows", rows);
}

/* The console asks for the next key once it has drawn what the last one did. What is still on its
 * way when a Wait comes next differs from run to run. */
key_code
__wrap_script_next(void)
{
	static bool letters;
	key_code key = __real_script_next();
	bool letter = key < 0x80 && (isalnum((int)key) || key == '-');

	still_key();
	if (key == KEY_NOTHING || (movie && key != TK_WAIT))
		json_array_append_new(frames, screen_json(letters && letter));
	letters = letter;
	return key;
}

static void
make(struct screen *screen, const char *theme, size_t i)
{
	json_t *picture;
	char *shown;

	frames = json_array();
	movie = pictures[i].flags & MOVIE;
	shown = screen_run(
		screen, theme, pictures[i].columns, pictures[i].rows, pictures[i].script);
	picture = json_pack("{sssssisiso}", "name", pictures[i].name, "theme", theme, "columns",
		pictures[i].columns, "rows", pictures[i].rows, "frames", frames);
	json_dumpf(picture, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(picture);
	free(shown);
}

int
main(void)
{
	static const char *const themes[] = {"dark", "light"};

	for (size_t t = 0; t < ARRAY_LEN(themes); t++) {
		struct screen *screen;

		still_begin();
		screen = screen_open(true);
		for (size_t i = 0; i < ARRAY_LEN(pictures); i++)
			make(screen, themes[t], i);
		screen_close(screen);
	}
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
