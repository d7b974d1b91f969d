/* The keys of the view one came from, printed from its own tables: nothing is typed twice. */
#include <stdio.h>
#include <string.h>

#include "views/reading.h"

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
	struct reading_view *help = view->state;
	const struct view *of = argument;

	(void)err;
	snprintf(help->title, sizeof help->title, "Help for %s", of->ops->title);
	if (of->ops->keys)
		add(&help->page, of->ops->keys);
	add(&help->page, app_keys);
	add_marks(&help->page);
	return true;
}

const struct view_ops view_help = {
	.name = "help",
	.title = "Help",
	.keys = reading_keys,
	.state_size = sizeof(struct reading_view),
	.open = help_open,
	.draw = reading_draw,
	.act = reading_act,
	.close = reading_close,
	.crumb = reading_crumb,
};
