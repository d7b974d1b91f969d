/* The keys of the view one came from, printed from its own tables: nothing is typed twice. */
#include <stdio.h>
#include <string.h>

#include "views/page.h"
#include "views/view.h"

struct help {
	struct page page;
	char title[80];
};

/* "Esc Backspace" */
static void
name_keys(const struct binding *binding, char *out, size_t room)
{
	char first[16], second[16] = "";

	key_label(binding->key, first);
	if (binding->twin)
		key_label(binding->twin, second);
	snprintf(out, room, "%s %s", first, second);
}

static void
add(struct page *page, const struct keymap *maps)
{
	for (; maps->bindings; maps++) {
		if (maps->bindings->action == 0)
			continue;
		page_head(page, "%s", maps->title);
		for (const struct binding *b = maps->bindings; b->action; b++) {
			char names[40];

			name_keys(b, names, sizeof names);
			page_field(page, names, ROLE_TEXT, "%s", b->help);
		}
	}
}

static void
add_marks(struct page *page)
{
	page_head(page, "What cells and steps say");
	page_field(page, draw_glyph(GLYPH_ELLIPSIS), ROLE_TEXT, "being read");
	page_field(page, draw_glyph(GLYPH_UNKNOWN), ROLE_TEXT,
		"unknown: could not be read, or no right to read it (N tells why)");
	page_field(
		page, draw_glyph(GLYPH_NONE), ROLE_TEXT, "known to be none; of a step: not needed");
	page_field(page, draw_glyph(GLYPH_DONE), ROLE_TEXT, "done, and seen to be so");
	page_field(page, draw_glyph(GLYPH_CURRENT), ROLE_TEXT, "next, or running");
	page_field(page, draw_glyph(GLYPH_FAILED), ROLE_TEXT, "failed");
}

static bool
help_open(struct view *view, const void *argument, struct err *err)
{
	struct help *help = view->state;
	const struct view *of = argument;

	(void)err;
	snprintf(help->title, sizeof help->title, "Help for %s", of->ops->title);
	if (of->ops->keys)
		add(&help->page, of->ops->keys);
	add(&help->page, app_keys);
	add_marks(&help->page);
	return true;
}

static void
help_draw(struct view *view, struct area area)
{
	struct help *help = view->state;

	area.x++;
	area.w -= 2;
	page_draw(&help->page, area);
}

static bool
help_act(struct view *view, int action, key_code key)
{
	struct help *help = view->state;

	return action && page_key(&help->page, key, true);
}

static void
help_close(struct view *view)
{
	page_free(&((struct help *)view->state)->page);
}

static void
help_crumb(const struct view *view, char *out, size_t room)
{
	snprintf(out, room, "%s", ((const struct help *)view->state)->title);
}

static const struct binding keys[] = {
	{TK_PAGE_DOWN, KEY_NOTHING, 1, "next page", "One page down"},
	{TK_PAGE_UP, KEY_NOTHING, 1, NULL, "One page up"},
	{TK_UP, 'k', 1, NULL, "One row up"},
	{TK_DOWN, 'j', 1, NULL, "One row down"},
	{TK_HOME, KEY_NOTHING, 1, NULL, "To the beginning"},
	{TK_END, KEY_NOTHING, 1, NULL, "To the end"},
	{0},
};

static const struct keymap keymaps[] = {{.title = "This page", .bindings = keys}, {0}};

const struct view_ops view_help = {
	.name = "help",
	.title = "Help",
	.keys = keymaps,
	.state_size = sizeof(struct help),
	.open = help_open,
	.draw = help_draw,
	.act = help_act,
	.close = help_close,
	.crumb = help_crumb,
};
