/* A page keeps where it is; all that is left are its keys and its place. */
#include "views/page/reading.h"

#include <stdio.h>

void
reading_draw(struct view *view, struct area area)
{
	struct reading_view *reading = view->state;

	area.x++;
	area.w -= 2;
	page_draw(&reading->page, area);
}

bool
reading_act(struct view *view, int action, key_code key)
{
	struct reading_view *reading = view->state;

	return action && page_key(&reading->page, key, true);
}

void
reading_close(struct view *view)
{
	page_free(&((struct reading_view *)view->state)->page);
}

char *
reading_copy(const struct view *view)
{
	return page_plain(&((const struct reading_view *)view->state)->page);
}

void
reading_crumb(const struct view *view, char *out, size_t room)
{
	snprintf(out, room, "%s", ((const struct reading_view *)view->state)->title);
}

/* A page that is seen whole has no next one. */
unsigned
reading_active(const struct view *view)
{
	const struct page *page = &((const struct reading_view *)view->state)->page;

	return page->rows > page->height ? ~0u : ~1u;
}

const struct binding reading_next[] = {
	{TK_PAGE_DOWN, ' ', 1, "next page", "One page down"},
	{0},
};

const struct binding reading_moves[] = {
	{TK_PAGE_UP, 'b', 1, NULL, "One page up"},
	{TK_UP, 'k', 1, NULL, "One row up"},
	{TK_DOWN, 'j', 1, NULL, "One row down"},
	{TK_HOME, 'g', 1, NULL, "To the beginning"},
	{TK_END, 'G', 1, NULL, "To the end"},
	{0},
};

const struct keymap reading_keys[] = {
	{.title = "A long page", .bindings = reading_next},
	{.title = "This page", .bindings = reading_moves},
	{0},
};
