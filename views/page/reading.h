/* Views that are one page to be read: what they share once the page is written. */
#ifndef CLAVIGER_VIEWS_READING_H
#define CLAVIGER_VIEWS_READING_H

#include "views/app/view.h"
#include "views/page/page.h"

/* The state of such a view; its open() writes both. */
struct reading_view {
	struct page page;
	char title[256];
};

/* For the view_ops of the same names, and its keys. */
void reading_draw(struct view *view, struct area area);
bool reading_act(struct view *view, int action, key_code key);
void reading_close(struct view *view);
char *reading_copy(const struct view *view);
void reading_crumb(const struct view *view, char *out, size_t room);
unsigned reading_active(const struct view *view);
extern const struct keymap reading_keys[];
extern const struct binding reading_next[], reading_moves[];

#endif
