/* What the tables of codes and topics say, wherever the console shows an error: in short beside the
 * message, in full on a page of its own, and all of them in a list that typing narrows. */
#include "views/page/meaning.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/codes/code.h"
#include "backend/estate/topics/topic.h"
#include "tui/edit.h"
#include "tui/said.h"
#include "tui/table.h"
#include "tui/words.h"
#include "views/page/reading.h"

enum { LINES_MAX = 16000, FIND_MAX = 64 };

/* The i-th code of that name, from place *at on; the same name may stand for several things. */
static bool
next_of(const char *name, size_t *at, struct code *out)
{
	while (code_at((*at)++, out))
		if (code_is(out, name))
			return true;
	return false;
}

/* The inner code of two, else the outer one; false: neither is in the tables. */
static bool
find(const char *code, char name[64], struct code *out)
{
	const char *inner = strrchr(code, '/');
	size_t at = 0;

	snprintf(name, 64, "%s", inner ? inner + 1 : code);
	if (next_of(name, &at, out))
		return true;
	at = 0;
	snprintf(name, 64, "%.*s", (int)strcspn(code, "/"), code);
	return next_of(name, &at, out);
}

bool
meaning_known(const char *code)
{
	char name[64];
	struct code found;

	return code[0] && find(code, name, &found);
}

void
meaning_head(struct page *page, const char *code)
{
	char name[64];
	struct code found;

	if (find(code, name, &found))
		page_text(page, ROLE_TEXT, 0, "%s", _(found.means));
}

void
meaning_add(struct page *page, const char *code)
{
	char name[64];
	struct code found;

	if (code[0] == '\0' || !find(code, name, &found))
		return;
	page_text(page, ROLE_TEXT, 2, _("cause: %s"), _(found.why ? found.why : found.means));
	page_text(page, ROLE_TEXT, 2, _("what to do: %s"), _(found.todo));
}

bool
meaning_lines(struct buf *out, const char *code)
{
	char name[64];
	struct code found;

	if (code[0] == '\0' || !find(code, name, &found))
		return true;
	return buf_addf(out, _("cause: %s"), _(found.why ? found.why : found.means)) &&
	       buf_adds(out, "\n") && buf_addf(out, _("what to do: %s"), _(found.todo)) &&
	       buf_adds(out, "\n");
}

static bool
code_open(struct view *view, const void *argument, struct err *err)
{
	struct reading_view *state = view->state;
	char name[64];
	struct code code;
	size_t at = 0;

	if (!find(argument, name, &code))
		return err_set(err, ERR_NOT_FOUND, "", _("no code %.60s is known"),
			(const char *)argument);
	snprintf(state->title, sizeof state->title, "%s", name);
	while (next_of(name, &at, &code)) {
		page_head(&state->page, "%s (%s)", code.name, _(code.from));
		page_text(&state->page, ROLE_TEXT, 0, "%s", _(code.means));
		if (code.why)
			page_text(&state->page, ROLE_TEXT, 0, "%s", _(code.why));
		page_blank(&state->page);
		page_field(&state->page, _("what to do"), ROLE_TEXT, "%s", _(code.todo));
		page_field(&state->page, _("source"), ROLE_DIM, "%s", code.source);
	}
	return true;
}

/* The cells of a line of a table, two blanks or more between them, in the language of the reader
 * and as wide as they were. */
static void
add_cells(struct page *page, int blanks, const char *line)
{
	char out[SAID] = "", room[SAID], cell[SAID];
	size_t used = 0;

	for (const char *end; *line && used < sizeof out; line = end) {
		const char *gap = strstr(line, "  "), *word;
		size_t len = gap ? (size_t)(gap - line) : strlen(line);
		int left;

		end = line + len + strspn(line + len, " ");
		snprintf(cell, sizeof cell, "%.*s", (int)len, line);
		word = said(cell, room);
		left = *end ? (int)(end - line) - text_width(word) : 0;
		used += (size_t)snprintf(
			out + used, sizeof out - used, "%s%*s", word, left > 0 ? left : 0, "");
	}
	page_literal(page, ROLE_TEXT, blanks, out);
}

/* Lines made of tables, and sentences with a name before them. */
static void
add_lines(struct page *page, char *lines)
{
	for (char *end; *lines; lines = end) {
		size_t blanks = strspn(lines, " ");

		end = lines + strcspn(lines, "\n");
		if (*end)
			*end++ = '\0';
		if (*lines == '\0')
			page_blank(page);
		else if (strstr(lines + blanks, "  "))
			add_cells(page, (int)blanks, lines + blanks);
		else
			page_text(page, ROLE_TEXT, (int)blanks, "%s",
				said(lines + blanks, (char[SAID]){0}));
	}
}

static bool
topic_open(struct view *view, const void *argument, struct err *err)
{
	struct reading_view *state = view->state;
	const struct topic *topic = topic_find(argument);
	struct buf lines;

	if (topic == NULL)
		return err_set(err, ERR_NOT_FOUND, "", _("no topic %.60s is known"),
			(const char *)argument);
	snprintf(state->title, sizeof state->title, "%s", _(topic->title));
	for (size_t i = 0; i < topic->statements_len; i++) {
		if (i)
			page_blank(&state->page);
		page_text(&state->page, ROLE_TEXT, 0, "%s", _(topic->statements[i].text));
		page_text(&state->page, ROLE_DIM, 2, "%s", topic->statements[i].source);
	}
	buf_init(&lines, LINES_MAX);
	if (topic->lines && topic->lines(&lines)) {
		page_blank(&state->page);
		add_lines(&state->page, lines.data);
	}
	buf_free(&lines);
	return true;
}

const struct view_ops view_code = {
	.name = "code",
	.title = N_("Code"),
	.keys = reading_keys,
	.active = reading_active,
	.state_size = sizeof(struct reading_view),
	.open = code_open,
	.draw = reading_draw,
	.act = reading_act,
	.close = reading_close,
	.crumb = reading_crumb,
	.copy = reading_copy,
};

const struct view_ops view_topic = {
	.name = "topic",
	.title = N_("Topic"),
	.keys = reading_keys,
	.active = reading_active,
	.state_size = sizeof(struct reading_view),
	.open = topic_open,
	.draw = reading_draw,
	.act = reading_act,
	.close = reading_close,
	.crumb = reading_crumb,
	.copy = reading_copy,
};

struct topics_view {
	struct view *view;
	struct table table;
	char find[FIND_MAX];
	size_t caret;
	int page;
};

static const struct table_column columns[] = {
	{.name = "name", .title = N_("NAME"), .width = 26},
	{.name = "about", .title = N_("ABOUT"), .width = 90},
};

static size_t
count(void *owner)
{
	size_t len = topics_len;
	struct code code;

	(void)owner;
	for (size_t i = 0; code_at(i, &code); i++)
		len++;
	return len;
}

/* Topics first, then codes. */
static enum role
cell(void *owner, size_t row, size_t column, char *out, size_t size)
{
	struct code code = {0};

	(void)owner;
	if (row < topics_len) {
		snprintf(out, size, "%s", column ? _(topics[row]->title) : topics[row]->name);
		return column ? ROLE_TEXT : ROLE_ACCENT;
	}
	if (code_at(row - topics_len, &code))
		snprintf(out, size, "%s", column ? _(code.means) : code.name);
	return ROLE_TEXT;
}

/* As they are in the tables: codes stand beside those of the same service. */
static int
compare(void *owner, size_t a, size_t b, size_t column)
{
	(void)owner;
	(void)column;
	return (a > b) - (a < b);
}

static bool
topics_open(struct view *view, const void *argument, struct err *err)
{
	struct topics_view *state = view->state;

	(void)argument;
	(void)err;
	state->view = view;
	state->page = 1;
	table_init(&state->table, columns, ARRAY_LEN(columns),
		(struct table_source){count, cell, compare, state});
	return true;
}

static void
topics_draw(struct view *view, struct area area)
{
	struct topics_view *state = view->state;
	struct area line = {area.y, area.x + 1, 1, area.w - 2};
	const char *label = _("Find:");
	int at = text_width(label) + 1;

	area.y += 2;
	area.h -= 2;
	state->page = area.h > 1 ? area.h - 1 : 1;
	table_draw(&state->table, area, _("Nothing has these letters"));
	draw_clear(line);
	draw_text(line, 0, 0, ROLE_ACCENT, label);
	edit_draw(line, 0, at, line.w - at, ROLE_INPUT, state->find, state->caret, true);
}

static void
show(struct topics_view *state)
{
	struct code code;
	size_t row;

	if (!table_current(&state->table, &row))
		return;
	if (row < topics_len)
		app_push(app_of(state->view), &view_topic, topics[row]->name);
	else if (code_at(row - topics_len, &code))
		app_push(app_of(state->view), &view_code, code.name);
}

static bool
type(struct topics_view *state, key_code key)
{
	struct err err;

	if (!edit_key(state->find, sizeof state->find, &state->caret, key))
		return false;
	if (!table_search(&state->table, state->find, &err))
		app_say_err(app_of(state->view), &err);
	return true;
}

enum { TOPICS_SHOW = 1, TOPICS_MOVE, TOPICS_LEAVE };

static bool
topics_act(struct view *view, int action, key_code key)
{
	struct topics_view *state = view->state;

	if (action == TOPICS_MOVE)
		return table_key(&state->table, key, state->page);
	if (action == TOPICS_SHOW)
		show(state);
	if (action == TOPICS_LEAVE)
		app_pop(app_of(view));
	return action || type(state, key);
}

static void
topics_close(struct view *view)
{
	table_free(&((struct topics_view *)view->state)->table);
}

static const struct binding keys[] = {
	{TK_ENTER, KEY_NOTHING, TOPICS_SHOW, N_("read it"), N_("Read the row under the cursor")},
	{TK_ESC, KEY_CTRL('g'), TOPICS_LEAVE, N_("back"), N_("Back to where it was opened from")},
	{TK_UP, KEY_NOTHING, TOPICS_MOVE, NULL, N_("One row up")},
	{TK_DOWN, KEY_NOTHING, TOPICS_MOVE, NULL, N_("One row down")},
	{TK_PAGE_UP, KEY_NOTHING, TOPICS_MOVE, NULL, N_("One page up")},
	{TK_PAGE_DOWN, KEY_NOTHING, TOPICS_MOVE, NULL, N_("One page down")},
	{0},
};

static const struct keymap keymaps[] = {
	{.title = N_("Topics and codes"), .bindings = keys, .typing = true}, {0}};

const struct view_ops view_topics = {
	.name = "topics",
	.title = N_("Topics and codes"),
	.keys = keymaps,
	.state_size = sizeof(struct topics_view),
	.open = topics_open,
	.draw = topics_draw,
	.act = topics_act,
	.close = topics_close,
};
