/* Title line, tab line, message line, hint line, progress. */
#ifndef CLAVIGER_TUI_BAR_H
#define CLAVIGER_TUI_BAR_H

#include <stddef.h>

#include "tui/draw.h"
#include "tui/key.h"

/* left and right text; when room is short the left is cut first. mark (SANDBOX, PRODUCTION) in its
 * role is never left out but where nothing else fits; it may be NULL. */
void bar_title(struct area line, const char *left, const char *right, const char *mark,
	enum role mark_role);

struct bar_tab {
	const char *key;
	const char *title;
};
/* Where right does not fit, brief stands there (NULL: nothing), and the titles are cut for it. */
void bar_tabs(struct area line, const struct bar_tab *tabs, size_t len, size_t active,
	const char *right, const char *brief);

/* The hints of up to two binding tables (view first), each ended by action 0; second may be NULL.
 */
void bar_hints(struct area line, const struct binding *view, const struct binding *common);

void bar_message(struct area line, enum role role, const char *left, enum role right_role,
	const char *right);

/* "Reading accounts  1,200 of 10,000  340/s  26 s left" with a bar when there is room. */
void bar_progress(struct area line, const char *what, size_t done, size_t total, double seconds);

#endif
