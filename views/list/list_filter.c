/* The filter of a list, which applies while it is typed; an error in it leaves the rows as they
 * were.
 */
#include <stdio.h>
#include <string.h>

#include "tui/said.h"
#include "tui/words.h"
#include "views/list/list.h"

static void
set_filter(struct list *list, const char *text)
{
	struct err err;

	list->filter_error[0] = '\0';
	if (!table_filter(&list->table, text, &err))
		snprintf(list->filter_error, sizeof list->filter_error, "%s",
			said(err.msg, (char[SAID]){0}));
	list_settle(list);
}

/* What is typed applies when it is to be seen: letters that come together narrow once. */
void
list_filter_apply(struct list *list)
{
	if (list->narrows)
		set_filter(list, list->prompt.text);
	list->narrows = false;
}

void
list_filter_begin(struct list *list)
{
	list->filtering = true;
	list->filter_error[0] = '\0';
	snprintf(list->filter_before, sizeof list->filter_before, "%s", list->table.filter);
	prompt_start(&list->prompt, _("Filter: "), list->table.filter, false);
}

void
list_filter_key(struct list *list, key_code key)
{
	char before[sizeof list->prompt.text];
	enum prompt_result result;

	memcpy(before, list->prompt.text, sizeof before);
	result = prompt_key(&list->prompt, key);
	if (result == PROMPT_CANCELLED) {
		list->filtering = list->narrows = false;
		set_filter(list, list->filter_before);
		return;
	}
	list->narrows |= strcmp(before, list->prompt.text) != 0;
	if (result == PROMPT_DONE) {
		list_filter_apply(list);
		list->filtering = list->filter_error[0] != '\0';
		if (!list->filtering)
			return;
		prompt_start(&list->prompt, list->prompt.label, list->prompt.text, false);
	}
}

/* What is wrong with a filter stands above it, whole: its end names the columns there are. */
bool
list_draw_line(struct view *view, struct area line)
{
	struct list *list = view->state;
	struct area above = {line.y, line.x + 1, 0, line.w - 2};

	if (!list->filtering)
		return false;
	if (list->filter_error[0]) {
		above.h = draw_rows(above.w, list->filter_error);
		above.y -= above.h;
		draw_clear((struct area){above.y, line.x, above.h, line.w});
		draw_wrapped(above, 0, ROLE_ERROR, list->filter_error);
	}
	prompt_draw(&list->prompt, line);
	return true;
}
