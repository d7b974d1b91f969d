/* A page of short texts with roles: detail panes, explanations, results. */
#ifndef CLAVIGER_VIEWS_PAGE_H
#define CLAVIGER_VIEWS_PAGE_H

#include "backend/base/mem.h"
#include "tui/draw.h"
#include "tui/key.h"

struct page_line;

/* Zeroed: an empty page. */
struct page {
	struct page_line *lines;
	size_t len, room;
	struct arena *arena; /* owns the texts */
	int top, rows;       /* first row shown, rows of the last drawing */
	int height;          /* of the last drawing */
	int counted;         /* the width that rows was counted for; 0: count anew */
	unsigned veils;      /* and draw_veils then */
	const char *more;    /* the key that scrolls; NULL: PgDn */
};

void page_free(struct page *page);

/* Forgets the lines; the place that was scrolled to stays. */
void page_clear(struct page *page);

/* A heading, with an empty row above unless it is the first. */
void page_head(struct page *page, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* A paragraph, wrapped at blanks. */
void page_text(struct page *page, enum role role, int indent, const char *fmt, ...)
	PRINTF_LIKE(4, 5);

/* A paragraph behind a glyph or a name: its further rows stand two columns in. */
void page_item(struct page *page, enum role role, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* A label in a column of its own and a wrapped value. */
void page_field(struct page *page, const char *label, enum role role, const char *fmt, ...)
	PRINTF_LIKE(4, 5);

/* Lines that are cut only where the room ends, never at blanks: requests, JSON. */
void page_literal(struct page *page, enum role role, int indent, const char *text);

/* A command in rows that a shell reads as one (command.h). */
void page_command(struct page *page, enum role role, int indent, const char *text);

void page_blank(struct page *page);

/* All of it as plain lines, new. */
char *page_plain(const struct page *page);

/* Rows that it takes in width columns. */
int page_rows(const struct page *page, int width);

/* Draws from the place scrolled to into an area that was cleared before, and says in the last row
 * how much is below. */
void page_draw(struct page *page, struct area area);

/* PgUp, PgDn, and with arrows set Up Down j k Home End. True when eaten. */
bool page_key(struct page *page, key_code key, bool arrows);

#endif
