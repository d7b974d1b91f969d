/* What keys do in a list. */
#include "views/list/list.h"

const struct binding list_keys[] = {
	{TK_ENTER, 'd', LIST_OPEN, "open", "Open: describe the row under the cursor"},
	{'/', KEY_NOTHING, LIST_FILTER, "filter",
		"Filter: text, !text, column:value; several words must all hold"},
	{TK_UP, 'k', LIST_MOVE, NULL, "One row up"},
	{TK_DOWN, 'j', LIST_MOVE, NULL, "One row down"},
	{TK_HOME, 'g', LIST_MOVE, NULL, "First row"},
	{TK_END, 'G', LIST_MOVE, NULL, "Last row"},
	{TK_CLICK, KEY_NOTHING, LIST_MOVE, NULL, "The row clicked on; % turns the mouse on"},
	{TK_PAGE_UP, KEY_CTRL('b'), LIST_MOVE, NULL, "One page up"},
	{TK_PAGE_DOWN, KEY_CTRL('f'), LIST_MOVE, NULL, "One page down"},
	{'<', KEY_NOTHING, LIST_MOVE, NULL, "Sort by the column to the left"},
	{'>', KEY_NOTHING, LIST_MOVE, "sort", "Sort by the column to the right"},
	{'I', KEY_NOTHING, LIST_MOVE, NULL, "Invert the order"},
	{'w', KEY_NOTHING, LIST_MOVE, "wide", "Wide: every column, no detail pane"},
	{TK_RIGHT, TK_LEFT, LIST_MOVE, NULL, "Columns further right, further left; when wide"},
	{' ', KEY_NOTHING, LIST_MOVE, NULL, "Mark the row"},
	{'*', KEY_NOTHING, LIST_MARK_ALL, NULL,
		"Mark all rows: those that pass the filter; again: none of them"},
	{'J', KEY_NOTHING, LIST_SCROLL, NULL, "Scroll the detail pane down"},
	{'K', KEY_NOTHING, LIST_SCROLL, NULL, "Scroll the detail pane up"},
	{'y', KEY_NOTHING, LIST_JSON, "JSON", "Show the row as JSON"},
	{0},
};

enum { PROMPT_ENTER = 9000, PROMPT_ESC };

const struct binding list_filter_keys[] = {
	{TK_ENTER, KEY_NOTHING, PROMPT_ENTER, "keep the filter", "Keep what is typed"},
	{TK_ESC, KEY_CTRL('g'), PROMPT_ESC, "as before", "Back to the filter before"},
	{0},
};

const struct binding list_detail_keys[] = {
	{TK_ESC, TK_BACKSPACE, LIST_CLOSE, "back", "Back to the list"},
	{'q', KEY_CTRL('g'), LIST_CLOSE, NULL, "The same, for terminals slow with Esc"},
	{TK_ENTER, KEY_NOTHING, LIST_OPEN, "go on", "Go on to what it depends on"},
	{TK_UP, 'k', LIST_SCROLL, NULL, "Scroll up"},
	{TK_DOWN, 'j', LIST_SCROLL, NULL, "Scroll down"},
	{TK_PAGE_UP, 'b', LIST_SCROLL, NULL, "One page up"},
	{TK_PAGE_DOWN, ' ', LIST_SCROLL, NULL, "One page down"},
	{TK_HOME, 'g', LIST_SCROLL, NULL, "To the beginning"},
	{TK_END, 'G', LIST_SCROLL, NULL, "To the end"},
	{'y', KEY_NOTHING, LIST_JSON, "JSON", "Show it as JSON"},
	{0},
};

static const struct binding no_keys[] = {{0}};

const struct keymap list_keymaps[] = {
	[LIST_MAP_OWN] = {.title = "This row", .bindings = no_keys},
	[LIST_MAP_LIST] = {.title = "The list", .bindings = list_keys},
	[LIST_MAP_FILTER] = {.title = "While the filter is typed",
		.bindings = list_filter_keys,
		.typing = true},
	[LIST_MAP_DETAIL] = {.title = "An opened row", .bindings = list_detail_keys},
	{0},
};

unsigned
list_active(const struct view *view)
{
	const struct list *list = view->state;

	if (list->filtering)
		return 1u << LIST_MAP_FILTER;
	return 1u << LIST_MAP_OWN | 1u << (list->opened ? LIST_MAP_DETAIL : LIST_MAP_LIST);
}
