/* The last requests and replies, newest first, as they go on: an exchange keeps its place in the
 * ring, so what comes in leaves the cursor on its row. Nothing is asked for here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/session/session.h"
#include "backend/session/wire.h"
#include "tui/prompt.h"
#include "tui/table.h"
#include "tui/words.h"
#include "views/app/view.h"
#include "views/wire/bundle.h"

enum wire_action { WIRE_MOVE = 1, WIRE_OPEN, WIRE_JSON, WIRE_FILTER, WIRE_BUNDLE, WIRE_TYPING };
enum wire_asks { ASKS_NOTHING, ASKS_FILTER, ASKS_PATH };
enum wire_column {
	COLUMN_TIME,
	COLUMN_METHOD,
	COLUMN_STATUS,
	COLUMN_TOOK,
	COLUMN_HOST,
	COLUMN_CODE,
	COLUMN_PATH
};
enum wire_map { MAP_LIST, MAP_TYPING };

static const struct table_column wire_columns[] = {
	[COLUMN_TIME] = {.name = "time", .title = N_("TIME"), .width = 8},
	[COLUMN_METHOD] = {.name = "method", .title = N_("METHOD"), .width = 6},
	[COLUMN_STATUS] = {.name = "status", .title = N_("STATUS"), .width = 7},
	[COLUMN_TOOK] = {.name = "took", .title = N_("TOOK"), .width = 8, .rank = 2},
	[COLUMN_HOST] = {.name = "host", .title = N_("HOST"), .width = 20, .rank = 1},
	[COLUMN_CODE] = {.name = "code", .title = N_("CODE"), .width = 22, .rank = 3},
	[COLUMN_PATH] = {.name = "path", .title = N_("PATH"), .width = 30},
};
enum { CODE_LEAST = 6 /* its title, and the arrow of the order */ };

struct wire_view {
	struct view *view;
	struct wire *wire;
	struct table table;
	struct table_column columns[ARRAY_LEN(wire_columns)];
	unsigned long seen; /* how many there were when the rows were put in order */
	struct prompt prompt;
	enum wire_asks asks;
	char before[128]; /* the filter to go back to */
	int page;
};

static size_t
count(void *owner)
{
	return wire_len(((struct wire_view *)owner)->wire);
}

static enum role
role_of(const struct wire_exchange *exchange)
{
	if (exchange->status == 0 || exchange->status >= 500)
		return ROLE_BAD;
	return exchange->status >= 400 ? ROLE_WARN : ROLE_TEXT;
}

/* The end of an ARM id tells more than its beginning, which all of them share: TYPE/NAME. Of a
 * sign-in's path the tenant is left out. */
static const char *
telling(const struct wire_exchange *exchange)
{
	static const char providers[] = "/providers/";
	const char *at = exchange->path, *next;

	if (exchange->audience[0] == '\0')
		next = *at ? strchr(at + 1, '/') : NULL;
	else
		for (next = NULL; (at = strstr(at, providers)); next = at + strcspn(at, "/"))
			at += strlen(providers);
	return next && *next ? next : exchange->path;
}

static enum role
cell(void *owner, size_t row, size_t column, char *out, size_t size)
{
	const struct wire_exchange *x = wire_at(((struct wire_view *)owner)->wire, row);
	struct tm tm;

	switch ((enum wire_column)column) {
	case COLUMN_TIME:
		gmtime_r(&x->at, &tm);
		strftime(out, size, "%H:%M:%S", &tm);
		return ROLE_TEXT;
	case COLUMN_METHOD:
		snprintf(out, size, "%s", http_method_name(x->method));
		return x->changes ? ROLE_ACCENT : ROLE_TEXT;
	case COLUMN_STATUS:
		if (x->status)
			snprintf(out, size, "%d", x->status);
		else
			snprintf(out, size, "%s", x->error);
		return role_of(x);
	case COLUMN_TOOK:
		snprintf(out, size, "%lld ms", (long long)(x->answer_us / 1000));
		return ROLE_TEXT;
	case COLUMN_HOST:
		snprintf(out, size, "%s", x->host);
		return ROLE_TEXT;
	case COLUMN_CODE:
		snprintf(out, size, "%s", x->azure_error);
		return role_of(x);
	case COLUMN_PATH:
		snprintf(out, size, "%s", telling(x));
		return ROLE_TEXT;
	}
	return ROLE_TEXT;
}

/* By what a row is made of where that is a number, else by what it shows. */
static int
compare(void *owner, size_t a, size_t b, size_t column)
{
	const struct wire *wire = ((struct wire_view *)owner)->wire;
	const struct wire_exchange *left = wire_at(wire, a), *right = wire_at(wire, b);
	char one[512], other[512];

	if (column == COLUMN_TIME)
		return (left->number > right->number) - (left->number < right->number);
	if (column == COLUMN_TOOK)
		return (left->answer_us > right->answer_us) - (left->answer_us < right->answer_us);
	cell(owner, a, column, one, sizeof one);
	cell(owner, b, column, other, sizeof other);
	return strcmp(one, other);
}

/* Codes are rare and hosts are long: each gets what the longest of them needs. */
static void
look(struct wire_view *wire)
{
	struct table_column *host = &wire->columns[COLUMN_HOST];
	struct table_column *code = &wire->columns[COLUMN_CODE];
	int most = wire_columns[COLUMN_CODE].width;

	wire->seen = wire_count(wire->wire);
	host->most = 0;
	code->width = CODE_LEAST;
	for (size_t i = 0; i < wire_len(wire->wire); i++) {
		const struct wire_exchange *exchange = wire_at(wire->wire, i);
		int hosts = text_width(exchange->host), codes = text_width(exchange->azure_error);

		host->most = hosts > host->most ? hosts : host->most;
		code->width = codes > code->width ? codes : code->width;
	}
	code->width = code->width < most ? code->width : most;
	table_update(&wire->table);
}

static bool
wire_open(struct view *view, const void *argument, struct err *err)
{
	struct wire_view *wire = view->state;
	struct session *session = app_options(app_of(view))->session;

	(void)argument;
	if (session == NULL)
		return err_set(err, ERR_FAILED, "", "Nothing was asked for: not signed in");
	wire->view = view;
	wire->wire = session_wire(session);
	memcpy(wire->columns, wire_columns, sizeof wire_columns);
	table_init(&wire->table, wire->columns, ARRAY_LEN(wire->columns),
		(struct table_source){count, cell, compare, wire});
	wire->table.descending = true;
	look(wire);
	table_key(&wire->table, TK_HOME, 1);
	return true;
}

static void
wire_draw(struct view *view, struct area area)
{
	struct wire_view *wire = view->state;

	if (wire->seen != wire_count(wire->wire))
		look(wire);
	wire->page = area.h > 1 ? area.h - 1 : 1;
	table_draw(&wire->table, area,
		wire->table.filter[0] ? _("Nothing passes the filter") : _("Nothing was sent yet"));
}

static const struct wire_exchange *
current(const struct wire_view *wire)
{
	size_t row;

	return table_current(&wire->table, &row) ? wire_at(wire->wire, row) : NULL;
}

static void
show_json(const struct wire_view *wire, const struct wire_exchange *exchange)
{
	json_t *json = wire_json(exchange);
	char *text = json_dumps(json, JSON_INDENT(2));

	json_decref(json);
	if (text)
		app_push(app_of(wire->view), &view_text,
			&(struct text_argument){_("Exchange as JSON"), text, false});
	free(text);
}

static void
write_bundle(struct view *view)
{
	const struct wire_view *wire = view->state;
	const char *path = wire->prompt.text;
	struct app *app = app_of(wire->view);
	const struct app_options *options = app_options(app);
	json_t *checks = options->checks ? options->checks(options->checks_user) : NULL;
	struct bundle bundle = {.profile = options->profile,
		.session = options->session,
		.estate = options->estate,
		.journal_dir = options->journal_dir,
		.checks = checks};
	struct err err = {0};

	if (strcmp(path, "-") == 0)
		path = "./-";
	if (bundle_write(&bundle, path, &err))
		app_say(app, ROLE_OK, _("Written to %s: names of resources are in it, secrets not"),
			path);
	else
		app_say_err(app, &err);
	json_decref(checks);
}

static void
set_filter(struct wire_view *wire, const char *text)
{
	struct err err;

	if (!table_filter(&wire->table, text, &err))
		app_say_err(app_of(wire->view), &err);
}

static void
typed(struct wire_view *wire, key_code key)
{
	enum prompt_result result = prompt_key(&wire->prompt, key);
	enum wire_asks asked = wire->asks;

	if (result != PROMPT_OPEN)
		wire->asks = ASKS_NOTHING;
	if (asked == ASKS_FILTER)
		set_filter(wire, result == PROMPT_CANCELLED ? wire->before : wire->prompt.text);
	else if (result == PROMPT_DONE && wire->prompt.text[0])
		app_ask_names(app_of(wire->view), wire->view, write_bundle);
}

static bool
wire_act(struct view *view, int action, key_code key)
{
	struct wire_view *wire = view->state;
	const struct wire_exchange *exchange = current(wire);

	if (wire->asks != ASKS_NOTHING) {
		typed(wire, key);
		return true;
	}
	switch (action) {
	case WIRE_MOVE:
		return table_key(&wire->table, key, wire->page);
	case WIRE_OPEN:
		if (exchange)
			app_push(app_of(view), &view_exchange, exchange);
		return true;
	case WIRE_JSON:
		if (exchange)
			show_json(wire, exchange);
		return true;
	case WIRE_FILTER:
		wire->asks = ASKS_FILTER;
		snprintf(wire->before, sizeof wire->before, "%s", wire->table.filter);
		prompt_start(&wire->prompt, _("Filter: "), wire->before, false);
		return true;
	case WIRE_BUNDLE:
		wire->asks = ASKS_PATH;
		prompt_start(&wire->prompt, _("Write a support bundle to: "),
			"claviger-bundle.json", false);
		return true;
	default:
		return false;
	}
}

static void
wire_close(struct view *view)
{
	table_free(&((struct wire_view *)view->state)->table);
}

static bool
wire_draw_line(struct view *view, struct area line)
{
	struct wire_view *wire = view->state;

	if (wire->asks != ASKS_NOTHING)
		prompt_draw(&wire->prompt, line);
	return wire->asks != ASKS_NOTHING;
}

static void
wire_status(const struct view *view, char *out, size_t room)
{
	const struct wire_view *wire = view->state;
	size_t kept = wire_len(wire->wire), shown = wire->table.order_len;

	if (shown == kept)
		snprintf(out, room, _n("%zu exchange", "%zu exchanges", kept), kept);
	else
		snprintf(out, room,
			_n("%zu of %zu exchange · filter: %s", "%zu of %zu exchanges · filter: %s",
				kept),
			shown, kept, wire->table.filter);
	if (wire_count(wire->wire) > kept)
		snprintf(out + strlen(out), room - strlen(out), _(" · the last of %lu"),
			wire_count(wire->wire));
}

static unsigned
wire_active(const struct view *view)
{
	const struct wire_view *wire = view->state;

	return 1u << (wire->asks == ASKS_NOTHING ? MAP_LIST : MAP_TYPING);
}

/* What Microsoft's support asks for. */
static char *
wire_copy(const struct view *view)
{
	const struct wire_exchange *exchange = current(view->state);

	return exchange && exchange->request_id[0] ? mem_strdup(exchange->request_id) : NULL;
}

static const struct binding keys[] = {
	{TK_ENTER, 'd', WIRE_OPEN, "open", "Show the request and what came back"},
	{'/', KEY_NOTHING, WIRE_FILTER, "filter",
		"Filter: text, !text, column:value; several words must all hold"},
	{'y', KEY_NOTHING, WIRE_JSON, "JSON", "Show the exchange as JSON"},
	{'b', KEY_NOTHING, WIRE_BUNDLE, "bundle", "Write a support bundle to a file"},
	{TK_UP, 'k', WIRE_MOVE, NULL, "One row up"},
	{TK_DOWN, 'j', WIRE_MOVE, NULL, "One row down"},
	{TK_PAGE_UP, KEY_CTRL('b'), WIRE_MOVE, NULL, "One page up"},
	{TK_PAGE_DOWN, KEY_CTRL('f'), WIRE_MOVE, NULL, "One page down"},
	{TK_HOME, 'g', WIRE_MOVE, NULL, "First row"},
	{TK_END, 'G', WIRE_MOVE, NULL, "Last row"},
	{TK_CLICK, KEY_NOTHING, WIRE_MOVE, NULL, "The row clicked on; % turns the mouse on"},
	{'>', KEY_NOTHING, WIRE_MOVE, "sort", "Sort by the column to the right"},
	{'<', KEY_NOTHING, WIRE_MOVE, NULL, "Sort by the column to the left"},
	{'I', KEY_NOTHING, WIRE_MOVE, NULL, "Invert the order"},
	{'w', KEY_NOTHING, WIRE_MOVE, "wide", "Wide: every column"},
	{TK_RIGHT, TK_LEFT, WIRE_MOVE, NULL, "Columns further right, further left; when wide"},
	{0},
};

static const struct binding typing_keys[] = {
	{TK_ENTER, KEY_NOTHING, WIRE_TYPING, "take it", "Take what is typed"},
	{TK_ESC, KEY_CTRL('g'), WIRE_TYPING, "cancel", "Back to how it was"},
	{0},
};

static const struct keymap keymaps[] = {
	[MAP_LIST] = {.title = "Requests and replies", .bindings = keys},
	[MAP_TYPING] = {.title = "While something is typed",
		.bindings = typing_keys,
		.typing = true},
	{0},
};

const struct view_ops view_wire = {
	.name = "wire",
	.title = "Requests",
	.keys = keymaps,
	.state_size = sizeof(struct wire_view),
	.open = wire_open,
	.draw = wire_draw,
	.act = wire_act,
	.close = wire_close,
	.active = wire_active,
	.status = wire_status,
	.copy = wire_copy,
	.draw_line = wire_draw_line,
};
