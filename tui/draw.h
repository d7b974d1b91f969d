/* Drawing clean text into areas of the screen: everything is clipped, wide characters never split.
 */
#ifndef CLAVIGER_TUI_DRAW_H
#define CLAVIGER_TUI_DRAW_H

#include "tui/theme.h"

struct area {
	int y, x, h, w;
};

/* From now on every text goes through veil before it is drawn (NULL: as it is): what it returns is
 * drawn instead and freed, NULL leaves a text as it is. What breaks a text into rows itself asks
 * first with draw_veiled, of the whole text, and frees what that returns. learned counts the names
 * that the veil has come to know. */
void draw_veil(char *(*veil)(void *user, const char *text), unsigned (*learned)(const void *user),
	void *user);
char *draw_veiled(const char *text);

/* 0: there is no veil. While it stays the same, the same becomes of a text. */
unsigned draw_veils(void);

/* Until it is called with false, what is drawn was veiled before. */
void draw_as_it_is(bool on);

/* The whole screen. */
struct area draw_screen(void);

void draw_clear(struct area area);

/* Writes clean UTF-8 at (y, x) of the area; what does not fit is cut with … (or ~ in ASCII).
 * Returns the columns used. */
int draw_text(struct area area, int y, int x, enum role role, const char *text);
int draw_textf(struct area area, int y, int x, enum role role, const char *fmt, ...)
	PRINTF_LIKE(5, 6);

/* The same in exactly width columns, padded with blanks; right: flush right. */
void draw_cell(
	struct area area, int y, int x, int width, bool right, enum role role, const char *text);

/* A paragraph wrapped at blanks; returns the rows it took. */
int draw_wrapped(struct area area, int y, enum role role, const char *text);

/* Rows a paragraph takes in width columns. */
int draw_rows(int width, const char *text);

void draw_vline(struct area area, int x);
void draw_hline(struct area area, int y);

/* Glyphs with an ASCII twin. */
enum glyph {
	GLYPH_DONE,
	GLYPH_CURRENT,
	GLYPH_FAILED,
	GLYPH_SKIPPED,
	GLYPH_PENDING,
	GLYPH_UNKNOWN,
	GLYPH_WARNED,
	GLYPH_CRUMB,
	GLYPH_SORT_UP,
	GLYPH_SORT_DOWN,
	GLYPH_NONE,
	GLYPH_ARROW_LEFT,
	GLYPH_ELLIPSIS,
	GLYPH_ENTER,
	GLYPH_FULL,
	GLYPH_EMPTY,
	GLYPH_COUNT,
};
const char *draw_glyph(enum glyph glyph);

/* Where the hardware cursor rests after the frame (screen readers follow it). */
void draw_cursor(struct area area, int y, int x);

#endif
