/* Read back from ncurses and not from what was meant to be drawn, so that a test of a screen sees
 * what an operator sees, clipping and wide characters included. */
#include "tui/dump.h"

#include <limits.h>
#include <ncurses.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "backend/base/mem.h"
#include "tui/canvas.h"
#include "tui/term.h"

/* One cell as text in the locale's own bytes; returns the columns it takes. */
static int
cell_text(const cchar_t *cell, char *out, size_t *len)
{
	wchar_t chars[CCHARW_MAX + 1] = {0};
	mbstate_t state = {0};
	attr_t attrs;
	short pair;
	int width;

	if (getcchar(cell, chars, &attrs, &pair, NULL) == ERR || chars[0] == L'\0')
		chars[0] = L' ';
	if (attrs & A_ALTCHARSET)
		chars[0] = chars[0] == 'x' ? '|' : '-';
	for (size_t i = 0; i < CCHARW_MAX && chars[i]; i++) {
		size_t n = wcrtomb(out + *len, chars[i], &state);

		if (n != (size_t)-1)
			*len += n;
	}
	width = wcwidth(chars[0]);
	return width > 0 ? width : 1;
}

bool
dump_screen(struct buf *out, bool marks)
{
	size_t room = ((size_t)COLS * CCHARW_MAX + 2) * MB_LEN_MAX;
	char *line = mem_alloc(room);
	cchar_t cell;
	int cursor_y, cursor_x;
	bool ok = true;

	canvas_show();
	term_cursor_at(&cursor_y, &cursor_x);
	for (int y = 0; y < LINES && ok; y++) {
		size_t len = marks ? 2 : 0;

		memcpy(line, y == cursor_y ? "> " : "  ", 2);
		for (int x = 0; x < COLS; x += cell_text(&cell, line, &len))
			mvin_wch(y, x, &cell);
		while (len && line[len - 1] == ' ')
			len--;
		ok = buf_add(out, line, len) && buf_adds(out, "\n");
	}
	free(line);
	return ok;
}
