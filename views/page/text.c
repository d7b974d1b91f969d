/* A plain page of text: JSON of a row, what could not be read, all requests of a plan. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "tui/pager.h"
#include "views/app/view.h"

struct text {
	char *title, *body;
	struct pager pager;
	int page;
	bool script;
};

static bool
text_open(struct view *view, const void *argument, struct err *err)
{
	struct text *text = view->state;
	const struct text_argument *from = argument;

	(void)err;
	text->title = mem_strdup(from->title);
	text->body = mem_strdup(from->text);
	text->pager.text = text->body;
	text->page = 1;
	text->script = from->script;
	return true;
}

static void
text_draw(struct view *view, struct area area)
{
	struct text *text = view->state;

	area.x += !text->script;
	area.w -= 2;
	text->page = area.h;
	pager_draw(&text->pager, area);
}

static bool
text_act(struct view *view, int action, key_code key)
{
	struct text *text = view->state;

	return action && pager_key(&text->pager, key, text->page);
}

static void
text_close(struct view *view)
{
	struct text *text = view->state;

	pager_free(&text->pager);
	free(text->title);
	free(text->body);
}

static void
text_crumb(const struct view *view, char *out, size_t room)
{
	const struct text *text = view->state;

	snprintf(out, room, "%s", text->title);
}

static char *
text_copy_out(const struct view *view)
{
	return mem_strdup(((const struct text *)view->state)->body);
}

/* A text that is seen whole has no next page. */
static unsigned
text_active(const struct view *view)
{
	return ((const struct text *)view->state)->pager.longer ? ~0u : ~1u;
}

static const struct binding next_keys[] = {
	{TK_PAGE_DOWN, ' ', 1, "next page", "One page down"},
	{0},
};

static const struct binding keys[] = {
	{TK_UP, 'k', 1, NULL, "One row up"},
	{TK_DOWN, 'j', 1, NULL, "One row down"},
	{TK_PAGE_UP, 'b', 1, NULL, "One page up"},
	{TK_HOME, 'g', 1, NULL, "To the beginning"},
	{TK_END, 'G', 1, NULL, "To the end"},
	{0},
};

static const struct keymap keymaps[] = {
	{.title = "A long page", .bindings = next_keys},
	{.title = "This page", .bindings = keys},
	{0},
};

const struct view_ops view_text = {
	.name = "text",
	.title = "Text",
	.keys = keymaps,
	.active = text_active,
	.state_size = sizeof(struct text),
	.open = text_open,
	.draw = text_draw,
	.act = text_act,
	.close = text_close,
	.crumb = text_crumb,
	.copy = text_copy_out,
};
