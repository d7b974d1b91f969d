/* A sequence that ncurses does not know would arrive as Esc and stray letters, each of them a
 * command; it is swallowed whole. A paste is collected over as many calls as it takes, since a slow
 * line delivers it in pieces; it ends by its mark or when nothing more comes. */
#include "tui/key.h"

#include <ncurses.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backend/base/clock.h"
#include "backend/base/text.h"
#include "tui/script.h"
#include "tui/term.h"

/* Codes above those that terminfo's extended names get. */
enum { CODE_ANSWER = 2000, CODE_PASTE_ON, CODE_PASTE_OFF };
enum { WHEEL_ROWS = 3 };
enum { PASTE_MAX = 4096, PASTE_PATIENCE_MS = 2000, ESC = 27, RUBOUT = 127 };

static struct {
	WINDOW *pad; /* reading from a pad never refreshes the screen behind our back */
	bool pasting;
	int64_t last; /* when the paste last grew */
	char raw[PASTE_MAX], pasted[PASTE_MAX + 1];
	size_t raw_len;
	int click_y, click_x;
	key_code wheel; /* what a turn of the mouse wheel stands for */
	int turns;      /* how many times more */
} input;

static const struct {
	int code;
	key_code key;
} codes[] = {
	{KEY_UP, TK_UP},
	{KEY_DOWN, TK_DOWN},
	{KEY_LEFT, TK_LEFT},
	{KEY_RIGHT, TK_RIGHT},
	{KEY_PPAGE, TK_PAGE_UP},
	{KEY_NPAGE, TK_PAGE_DOWN},
	{KEY_HOME, TK_HOME},
	{KEY_FIND, TK_HOME},
	{KEY_END, TK_END},
	{KEY_SELECT, TK_END},
	{KEY_DC, TK_DELETE},
	{KEY_BACKSPACE, TK_BACKSPACE},
	{KEY_ENTER, TK_ENTER},
	{KEY_BTAB, TK_BACKTAB},
};

/* The first name of a key is the one that is shown. */
static const struct {
	key_code key;
	const char *name;
} names[] = {
	{TK_UP, "Up"},
	{TK_DOWN, "Down"},
	{TK_LEFT, "Left"},
	{TK_RIGHT, "Right"},
	{TK_PAGE_UP, "PgUp"},
	{TK_PAGE_UP, "PageUp"},
	{TK_PAGE_DOWN, "PgDn"},
	{TK_PAGE_DOWN, "PageDown"},
	{TK_HOME, "Home"},
	{TK_END, "End"},
	{TK_DELETE, "Del"},
	{TK_DELETE, "Delete"},
	{TK_BACKSPACE, "Backspace"},
	{TK_ENTER, "Enter"},
	{TK_TAB, "Tab"},
	{TK_BACKTAB, "S-Tab"},
	{TK_ESC, "Esc"},
	{TK_ESC, "Escape"},
	{TK_RESIZE, "Resize"},
	{TK_EOF, "EOF"},
	{TK_PASTE, "Paste"},
	{TK_CLICK, "Click"},
	{TK_WAIT, "Wait"},
	{' ', "Space"},
};

void
key_start(void)
{
	memset(&input, 0, sizeof input);
	input.pad = newpad(1, 1);
	keypad(input.pad, TRUE);
	nodelay(input.pad, TRUE);
	define_key("\033[0n", CODE_ANSWER);
	define_key("\033[200~", CODE_PASTE_ON);
	define_key("\033[201~", CODE_PASTE_OFF);
}

void
key_stop(void)
{
	if (input.pad)
		delwin(input.pad);
	input.pad = NULL;
}

const char *
key_pasted(void)
{
	return input.pasted;
}

static key_code
end_paste(void)
{
	size_t len = input.raw_len;

	while (len && strchr("\r\n \t", input.raw[len - 1]))
		len--;
	text_clean(input.pasted, sizeof input.pasted, input.raw, len);
	input.pasting = false;
	input.raw_len = 0;
	return TK_PASTE;
}

/* A byte at a time, as line ends count too and only text_clean decides what is shown. */
static void
grow_paste(wint_t c)
{
	char bytes[4] = {(char)c};
	size_t n = c < ' ' || c == RUBOUT ? 1 : key_utf8((key_code)c, bytes);

	if (input.raw_len + n <= sizeof input.raw) {
		memcpy(input.raw + input.raw_len, bytes, n);
		input.raw_len += n;
	}
	input.last = clock_mono_ms();
}

/* After Esc: the rest of a sequence that came with it in one piece is dropped. */
static key_code
escape(void)
{
	wint_t c;
	int rc = wget_wch(input.pad, &c);

	if (rc == KEY_CODE_YES)
		ungetch((int)c);
	if (rc != OK)
		return TK_ESC;
	if (c != '[' && c != 'O') {
		unget_wch((wchar_t)c);
		return TK_ESC;
	}
	if (c == 'O')
		return wget_wch(input.pad, &c) == OK ? KEY_NOTHING : TK_ESC;
	while (wget_wch(input.pad, &c) == OK && (c < '@' || c > '~'))
		;
	return KEY_NOTHING;
}

static key_code
from_character(wint_t c)
{
	if (input.pasting) {
		grow_paste(c);
		return KEY_NOTHING;
	}
	switch (c) {
	case '\t':
		return TK_TAB;
	case '\r':
	case '\n':
		return TK_ENTER;
	case '\b':
	case RUBOUT:
		return TK_BACKSPACE;
	case ESC:
		return escape();
	default:
		return c > RUBOUT && c < 0xa0 ? KEY_NOTHING : (key_code)c;
	}
}

/* A turn of the wheel is a few arrow keys, so every view that has a cursor or scrolls knows it. */
static key_code
from_mouse(void)
{
	MEVENT event;

	if (getmouse(&event) != OK)
		return KEY_NOTHING;
	if (event.bstate & BUTTON1_PRESSED) {
		input.click_y = event.y;
		input.click_x = event.x;
		return TK_CLICK;
	}
	input.wheel = event.bstate & BUTTON4_PRESSED   ? TK_UP
		      : event.bstate & BUTTON5_PRESSED ? TK_DOWN
						       : KEY_NOTHING;
	input.turns = WHEEL_ROWS - 1;
	return input.wheel;
}

void
key_clicked(int *y, int *x)
{
	*y = input.click_y;
	*x = input.click_x;
}

static key_code
from_code(int code)
{
	if (code == CODE_ANSWER)
		term_answered();
	if (code == CODE_PASTE_ON) {
		input.pasting = true;
		input.raw_len = 0;
		input.last = clock_mono_ms();
	}
	if (code == CODE_PASTE_OFF && input.pasting)
		return end_paste();
	if (input.pasting)
		return KEY_NOTHING;
	if (code == KEY_MOUSE)
		return from_mouse();
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (codes[i].code == code)
			return codes[i].key;
	if (code > KEY_F0 && code <= KEY_F(12))
		return TK_F1 + (key_code)(code - KEY_F(1));
	return KEY_NOTHING;
}

/* ncurses says the same for "nothing there" and "gone": only poll can tell. */
static key_code
nothing_there(void)
{
	struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};

	if (poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR | POLLNVAL)))
		return TK_EOF;
	if (input.pasting && clock_mono_ms() - input.last > PASTE_PATIENCE_MS)
		return end_paste();
	return KEY_NOTHING;
}

key_code
key_read(void)
{
	key_code key = script_next();
	wint_t c;
	int rc;

	input.pasted[0] = '\0';
	if (key != KEY_NOTHING || !term_interactive())
		return key;
	if (term_resized())
		return TK_RESIZE;
	if (input.turns > 0 && input.wheel != KEY_NOTHING) {
		input.turns--;
		return input.wheel;
	}
	while ((rc = wget_wch(input.pad, &c)) != ERR) {
		key = rc == KEY_CODE_YES ? from_code((int)c) : from_character(c);
		if (key != KEY_NOTHING)
			return key;
	}
	return nothing_there();
}

size_t
key_utf8(key_code key, char out[4])
{
	if (key < ' ' || (key >= RUBOUT && key < 0xa0) || key >= 0x110000)
		return 0;
	if (key < 0x80) {
		out[0] = (char)key;
		return 1;
	}
	if (key < 0x800) {
		out[0] = (char)(0xc0 | key >> 6);
		out[1] = (char)(0x80 | (key & 0x3f));
		return 2;
	}
	if (key < 0x10000) {
		out[0] = (char)(0xe0 | key >> 12);
		out[1] = (char)(0x80 | (key >> 6 & 0x3f));
		out[2] = (char)(0x80 | (key & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | key >> 18);
	out[1] = (char)(0x80 | (key >> 12 & 0x3f));
	out[2] = (char)(0x80 | (key >> 6 & 0x3f));
	out[3] = (char)(0x80 | (key & 0x3f));
	return 4;
}

char *
key_label(key_code key, char buf[KEY_LABEL])
{
	size_t len;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].key == key) {
			snprintf(buf, KEY_LABEL, "%s", names[i].name);
			return buf;
		}
	if (key >= TK_F1 && key < TK_LAST) {
		snprintf(buf, KEY_LABEL, "F%u", key - TK_F1 + 1);
	} else if (key > 0 && key < ' ') {
		snprintf(buf, KEY_LABEL, "^%c", (int)key + '@');
	} else {
		len = key_utf8(key, buf);
		buf[len] = '\0';
	}
	return buf;
}

static key_code
parse_bare(const char *name, size_t len)
{
	unsigned number;
	char utf8[4], letter;
	int end = 0;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strlen(names[i].name) == len && memcmp(names[i].name, name, len) == 0)
			return names[i].key;
	if (len == 2 && name[0] == '^') {
		letter = (char)(name[1] >= 'a' && name[1] <= 'z' ? name[1] - 'a' + 'A' : name[1]);
		return letter > '@' && letter <= '_' ? KEY_CTRL(letter) : KEY_NOTHING;
	}
	if (sscanf(name, "F%2u%n", &number, &end) == 1 && (size_t)end == len)
		return number >= 1 && number <= 12 ? TK_F1 + number - 1 : KEY_NOTHING;
	for (key_code c = '!'; len == 1 && c < RUBOUT; c++)
		if (name[0] == (char)c)
			return c;
	/* The one character whose UTF-8 is all of name. */
	if (len > 1 && len <= 4) {
		const unsigned char *s = (const unsigned char *)name;
		key_code c = s[0] & (0x7f >> len);

		for (size_t i = 1; i < len; i++)
			c = c << 6 | (s[i] & 0x3f);
		if (key_utf8(c, utf8) == len && memcmp(utf8, name, len) == 0)
			return c;
	}
	return KEY_NOTHING;
}

key_code
key_parse(const char *name)
{
	size_t len = strlen(name);

	if (len > 2 && name[0] == '<' && name[len - 1] == '>') {
		name++;
		len -= 2;
	}
	return parse_bare(name, len);
}

int
key_action(const struct binding *table, key_code key)
{
	if (key == KEY_NOTHING)
		return 0;
	for (; table->action; table++)
		if (table->key == key || table->twin == key)
			return table->action;
	return 0;
}
