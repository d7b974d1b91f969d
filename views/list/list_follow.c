/* Rows move when they are read again, thousands of times while an estate comes in: cursor, marks
 * and detail stay with what they were put on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/net/loop.h"
#include "tui/words.h"
#include "views/list/list.h"
#include "views/list/place.h"

enum { PAUSE = 20 }; /* times as long as looking through the rows took */

void
list_name_row(const struct list *list, size_t row, char *out, size_t room)
{
	place_name(list->estate, list->kind, row, out, room);
}

/* What two rows of one name differ in. There may be a hundred thousand accounts, and all may be
 * marked: their ids are told without all else. */
static char *
row_id(const struct list *list, size_t row)
{
	char text[ARMID_MAX];
	struct armid account;
	const char *id;
	json_t *json;
	char *out;

	if (list->kind == &kind_account) {
		kind_account_id(list->estate, row, &account, NULL);
		return mem_strdup(armid_print(&account, text));
	}
	json = list->kind->json(list->estate, row);
	id = json_string_value(json_object_get(json, "id"));
	out = mem_strdup(id ? id : "");
	json_decref(json);
	return out;
}

/* Rows move when they are read again: a mark is of what it was put on. */
void
list_note_mark(struct list *list, size_t row, bool on)
{
	char name[sizeof list->here], *id = row_id(list, row);

	if (list->marked == NULL)
		list->marked = json_object();
	list_name_row(list, row, name, sizeof name);
	if (!json_object_get(list->marked, name))
		json_object_set_new(list->marked, name, json_object());
	if (on)
		json_object_set_new(json_object_get(list->marked, name), id, json_true());
	else
		json_object_del(json_object_get(list->marked, name), id);
	free(id);
}

void
list_mark_all(struct list *list)
{
	bool on = !table_all_marked(&list->table);

	for (size_t i = 0; i < list->table.order_len; i++) {
		size_t row = list->table.order[i];

		if (table_marked(&list->table, row) == on)
			continue;
		table_mark(&list->table, row, on);
		list_note_mark(list, row, on);
	}
}

static void
mark_again(struct list *list)
{
	char name[sizeof list->here], *id;

	if (list->marked == NULL)
		return;
	for (size_t row = 0; row < list->kind->count(list->estate); row++) {
		const json_t *ids;

		list_name_row(list, row, name, sizeof name);
		ids = json_object_get(list->marked, name);
		id = json_object_size(ids) ? row_id(list, row) : NULL;
		table_mark(&list->table, row, id && json_object_get(ids, id));
		free(id);
	}
}

/* What was open has gone: the row that came to stand in its place was not opened by anybody. */
static void
close_passed(struct list *list)
{
	char name[sizeof list->here] = "";
	size_t row;

	if (!list->opened || !list->ops->passing)
		return;
	if (table_current(&list->table, &row))
		list_name_row(list, row, name, sizeof name);
	if (strcmp(name, list->here) == 0)
		return;
	list->opened = false;
	app_say(app_of(list->view), ROLE_MESSAGE, "%s",
		_("What was open here is no longer in the list"));
}

/* Rows may have come in another order: the cursor goes back to where the operator left it. */
static void
look_again(struct list *list)
{
	list->replaced = estate_replaced(list->estate);
	list->changes = estate_changes(list->estate);
	list->busy = estate_busy(list->estate);
	table_update(&list->table);
	mark_again(list);
	list->stale = true;
	if (list->here[0])
		place_find(list->here, list->estate, list->kind, &list->table);
	close_passed(list);
	list_settle(list);
}

static void
look_now(struct list *list)
{
	int64_t before = clock_mono_ms(), after;

	job_cancel(list->later);
	list->later = NULL;
	look_again(list);
	after = clock_mono_ms();
	list->due_ms = after + (after - before) * PAUSE;
}

void
list_look(struct list *list)
{
	if (list->later)
		look_now(list);
}

static void
look_later(void *user)
{
	struct view *view = user;
	struct list *list = view->state;

	list->later = NULL;
	list_changed(view);
	if (estate_busy(list->estate))
		app_news(app_of(view));
	else
		app_dirty(app_of(view));
}

/* Thousands of replies may come: most change no row that is shown, as the new ones wait for the end
 * of the reading; where each does, looking through the rows takes a small part of the time, so what
 * takes long is done seldom. Rows that are gone must not be asked for, nor may
 * the cursor stay on a number that has come to be another row's. */
void
list_changed(struct view *view)
{
	struct list *list = view->state;
	int64_t before = clock_mono_ms();

	if (list->busy && list->busy == estate_busy(list->estate) &&
		list->changes == estate_changes(list->estate))
		return;
	if (list->kind->count(list->estate) >= list->table.rows && before < list->due_ms &&
		list->replaced == estate_replaced(list->estate)) {
		if (list->later == NULL)
			list->later = job_after(app_loop(app_of(view)),
				(int)(list->due_ms - before), look_later, view);
		return;
	}
	look_now(list);
}

enum view_work
list_work(const struct view *view)
{
	const struct list *list = view->state;

	return list->later || list->waits ? VIEW_READING : VIEW_IDLE;
}
