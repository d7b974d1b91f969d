/* One list for every kind: table, filter, detail pane, drilling in. */
#ifndef CLAVIGER_VIEWS_LIST_H
#define CLAVIGER_VIEWS_LIST_H

#include "backend/estate/kind.h"
#include "tui/prompt.h"
#include "tui/table.h"
#include "views/app/view.h"
#include "views/list/rows.h"
#include "views/page/page.h"

enum { LIST_COLUMNS_MAX = 24 };

/* First member of the state of every list view. */
struct list {
	struct view *view;
	struct estate *estate;
	const struct kind *kind;
	struct rows rows;
	struct table_column columns[LIST_COLUMNS_MAX];
	struct table table;
	struct prompt prompt;
	bool filtering;          /* the prompt is open */
	bool narrows;            /* and its text does not apply yet */
	char filter_before[128]; /* to go back to when it is cancelled */
	char filter_error[400];
	char crumb[200];  /* "": the title */
	char here[256];   /* the row under the cursor, by its first cells: rows move when read again
			   */
	json_t *marked;   /* the marked rows by name, each with their ids; NULL: none */
	bool opened;      /* the detail has the whole body */
	bool stale;       /* the detail is to be written again */
	bool waits;       /* but not before the cursor rests */
	int64_t moved_ms; /* when the cursor moved last, monotonic */
	struct job *rest; /* until it has; NULL: it rests */
	int page;         /* rows of the table seen last */
	struct job *later;      /* looks at what has changed, once due_ms has come */
	int64_t due_ms;         /* monotonic */
	unsigned replaced;      /* as of the last look (estate_replaced) */
	unsigned changes, busy; /* the same (estate_changes, estate_busy) */
	struct page detail;
	const struct list_ops *ops;
};

/* What one list has that another has not. */
struct list_ops {
	void (*describe)(struct list *list, size_t row, struct page *out); /* writes the detail */
	void (*moved)(struct list *list); /* another row came under the cursor; may be NULL */
	void (*go_on)(struct list *list); /* Enter in an opened row: on to what it depends on */
	bool passing; /* rows go when they are done with: one that was open is closed then */
	/* Why there is nothing to go on to from the row; NULL, it or its answer: there is. */
	const char *(*nowhere)(const struct list *list, size_t row);
};

enum list_action {
	LIST_MOVE = 1,
	LIST_SCROLL,
	LIST_OPEN,
	LIST_CLOSE,
	LIST_FILTER,
	LIST_JSON,
	LIST_MARK_ALL,
	LIST_ACTIONS, /* all that can be done, or made where no row is; the view's own follow */
};

/* Movement, filter and the like, for the keymaps of a view. */
extern const struct binding list_keys[], list_filter_keys[], list_detail_keys[];

/* The order that a list's keymaps must have, for view_ops.active; those of a list without keys of
 * its own. */
enum { LIST_MAP_OWN, LIST_MAP_LIST, LIST_MAP_FILTER, LIST_MAP_DETAIL };
extern const struct keymap list_keymaps[];
unsigned list_active(const struct view *view);

/* The columns of a kind's table; how many there are. */
size_t list_columns(const struct kind *kind, struct table_column out[LIST_COLUMNS_MAX]);

/* argument: struct list_argument or NULL. */
void list_open(struct view *view, const void *argument, const struct list_ops *ops);
void list_close(struct view *view);

/* After the cursor may have come to another row. */
void list_settle(struct list *list);

/* Looks at what has changed, if that was put off: marks are on the right rows then. */
void list_look(struct list *list);

/* list_filter.c, for list.c: opens the prompt; what a key does in it; what was typed applies. */
void list_filter_begin(struct list *list);
void list_filter_key(struct list *list, key_code key);
void list_filter_apply(struct list *list);

/* list_follow.c, for list.c: what tells a row from another; it gets a mark, or loses it; marks all
 * that pass the filter, or none if they are. */
void list_name_row(const struct list *list, size_t row, char *out, size_t room);
void list_note_mark(struct list *list, size_t row, bool on);
void list_mark_all(struct list *list);

void list_draw(struct view *view, struct area area);

/* Handles everything but the view's own actions. */
bool list_act(struct view *view, int action, key_code key);
void list_changed(struct view *view);
const char *list_hint(const struct view *view, const struct binding *binding);
enum view_work list_work(const struct view *view);
void list_status(const struct view *view, char *out, size_t room);
bool list_draw_line(struct view *view, struct area line);
char *list_copy(const struct view *view);
void list_crumb(const struct view *view, char *out, size_t room);

/* Text and role of a row's column by its name; "" if there is none. */
enum role list_cell(
	const struct list *list, size_t row, const char *column, char *out, size_t room);

/* Begins in the order of that column. */
void list_sort(struct list *list, const char *column);

/* Writes the detail again at the next drawing. */
void list_stale(struct list *list);

/* The role of a cell state. */
enum role list_role(enum cell_state state);

#endif
