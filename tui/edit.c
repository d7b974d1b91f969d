/* The caret moves by whole characters, a combining mark together with its base. */
#include "tui/edit.h"

#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"

static bool
continues(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Where the code point after at begins, and the one before. */
static size_t
next(const char *text, size_t at)
{
	if (text[at])
		at++;
	while (continues(text[at]))
		at++;
	return at;
}

static size_t
previous(const char *text, size_t at)
{
	while (at > 0 && continues(text[--at]))
		;
	return at;
}

/* Whether a mark that combines with what stands before it begins at at. */
static bool
is_mark(const char *text, size_t at)
{
	return text[at] && text_width(text + at) == text_width(text + next(text, at));
}

static size_t
step_right(const char *text, size_t at)
{
	at = next(text, at);
	while (is_mark(text, at))
		at = next(text, at);
	return at;
}

static size_t
step_left(const char *text, size_t at)
{
	at = previous(text, at);
	while (at > 0 && is_mark(text, at))
		at = previous(text, at);
	return at;
}

static void
insert(char *text, size_t size, size_t *caret, const char *bytes, size_t len)
{
	size_t had = strlen(text);

	if (len == 0 || had + len >= size)
		return;
	memmove(text + *caret + len, text + *caret, had - *caret + 1);
	memcpy(text + *caret, bytes, len);
	*caret += len;
}

static void
erase_to(char *text, size_t from, size_t to, size_t *caret)
{
	memmove(text + from, text + to, strlen(text + to) + 1);
	*caret = from;
}

static size_t
word_start(const char *text, size_t caret)
{
	while (caret && text[caret - 1] == ' ')
		caret--;
	while (caret && text[caret - 1] != ' ')
		caret--;
	return caret;
}

bool
edit_key(char *text, size_t size, size_t *caret, key_code key)
{
	char bytes[4];
	size_t len;

	switch (key) {
	case TK_LEFT:
		*caret = step_left(text, *caret);
		return true;
	case TK_RIGHT:
		*caret = step_right(text, *caret);
		return true;
	case TK_HOME:
	case KEY_CTRL('a'):
		*caret = 0;
		return true;
	case TK_END:
	case KEY_CTRL('e'):
		*caret = strlen(text);
		return true;
	case TK_BACKSPACE:
		erase_to(text, step_left(text, *caret), *caret, caret);
		return true;
	case TK_DELETE:
		erase_to(text, *caret, step_right(text, *caret), caret);
		return true;
	case KEY_CTRL('u'):
		erase_to(text, 0, *caret, caret);
		return true;
	case KEY_CTRL('w'):
		erase_to(text, word_start(text, *caret), *caret, caret);
		return true;
	case TK_PASTE:
		insert(text, size, caret, key_pasted(), strlen(key_pasted()));
		return true;
	default:
		len = key_utf8(key, bytes);
		insert(text, size, caret, bytes, len);
		return len > 0;
	}
}

void
edit_draw(struct area area, int y, int x, int width, enum role role, const char *text, size_t caret,
	bool active)
{
	char *veiled = draw_veiled(text);
	int before;

	if (veiled) {
		text = veiled;
		caret = strlen(text);
	}
	before = text_width(text) - text_width(text + caret);
	while (before >= width && *text) {
		size_t n = next(text, 0);

		text += n;
		caret -= n;
		before = text_width(text) - text_width(text + caret);
	}
	draw_cell(area, y, x, width, false, role, text);
	if (active)
		draw_cursor(area, y, x + before);
	free(veiled);
}
