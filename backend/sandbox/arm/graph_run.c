/* Stages up to the first one that needs all rows are done row by row as they are read, and for rows
 * outside the page only as far as it takes to count them; what follows works on rows kept in
 * memory. Where all that follows is one sort and columns, the order is kept until the next such
 * query: an estate is not sorted again for each of its pages. */
#include "backend/sandbox/arm/graph_run.h"

#include <stdlib.h>
#include <string.h>

#include "backend/sandbox/arm/graph_eval.h"

enum verdict { KEEP, DROP, STOP };

struct rows {
	struct graph_row *at;
	size_t len, room;
};

/* A query under way: how many rows each stage has let through. */
struct running {
	const struct graph_query *query;
	int64_t passed[GRAPH_STAGES];
};

static void
project(const struct graph_stage *stage, struct graph_row *row)
{
	json_t *cells = json_object();

	for (size_t i = 0; i < stage->columns_len; i++)
		json_object_set_new(
			cells, stage->columns[i].name, graph_eval(stage->columns[i].expr, row));
	graph_row_clear(row);
	row->cells = cells;
	row->projected = true;
}

static void
take_away(const struct graph_stage *stage, struct graph_row *row)
{
	json_t *cells = graph_row_json(row);

	for (size_t i = 0; i < stage->columns_len; i++)
		json_object_del(cells, stage->columns[i].name);
	if (row->cells != cells)
		graph_row_clear(row);
	else
		json_decref(cells);
	row->cells = cells;
	row->projected = true;
}

static enum verdict
pass(struct running *running, size_t at, struct graph_row *row)
{
	const struct graph_stage *stage = &running->query->stages[at];

	switch (stage->kind) {
	case GRAPH_WHERE:
		return graph_holds(stage->expr, row) ? KEEP : DROP;
	case GRAPH_LIMIT:
		return ++running->passed[at] <= stage->limit ? KEEP : STOP;
	case GRAPH_PROJECT:
		project(stage, row);
		return KEEP;
	case GRAPH_AWAY:
		take_away(stage, row);
		return KEEP;
	case GRAPH_EXTEND:
		for (size_t i = 0; i < stage->columns_len; i++)
			graph_row_set(row, stage->columns[i].name,
				graph_eval(stage->columns[i].expr, row));
		return KEEP;
	case GRAPH_ORDER:
	case GRAPH_TOP:
	case GRAPH_COUNT:
	case GRAPH_SUMMARIZE:
		break;
	}
	return KEEP;
}

static enum verdict
pass_all(struct running *running, size_t from, size_t to, struct graph_row *row)
{
	enum verdict verdict = KEEP;

	for (size_t i = from; i < to && verdict == KEEP; i++)
		verdict = pass(running, i, row);
	return verdict;
}

static bool
needs_all(const struct graph_stage *stage)
{
	return stage->kind == GRAPH_ORDER || stage->kind == GRAPH_TOP ||
	       stage->kind == GRAPH_COUNT || stage->kind == GRAPH_SUMMARIZE;
}

/* The stages before the first that needs all rows; *counting is how many of these can drop rows or
 * come before one that can, *limited whether one is a limit. */
static size_t
head_of(const struct graph_query *query, size_t *counting, bool *limited)
{
	size_t head = 0;

	*counting = 0;
	*limited = false;
	for (; head < query->stages_len && !needs_all(&query->stages[head]); head++) {
		enum graph_stage_kind kind = query->stages[head].kind;

		if (kind == GRAPH_WHERE || kind == GRAPH_LIMIT)
			*counting = head + 1;
		if (kind == GRAPH_LIMIT)
			*limited = true;
	}
	return head;
}

/* Rows that nothing needs all of: the page alone is built. */
static void
run_through(struct running *running, struct call *call, const json_t *subscriptions,
	struct graph_page *page)
{
	size_t counting, head = running->query->stages_len;
	int64_t seen = 0;
	struct graph_scan scan;
	struct graph_row row;
	bool limited, resumed;

	head_of(running->query, &counting, &limited);
	resumed = !limited && page->total >= 0 && page->after > 0;
	if (resumed)
		seen = page->skip;
	graph_scan_start(&scan, call, running->query->table, subscriptions,
		resumed ? page->source : 0, resumed ? page->after : 0);
	while ((int64_t)json_array_size(page->rows) < page->top || !resumed) {
		enum verdict verdict;

		if (!graph_scan_next(&scan, &row))
			break;
		verdict = pass_all(running, 0, counting, &row);
		if (verdict == KEEP && seen++ >= page->skip &&
			(int64_t)json_array_size(page->rows) < page->top) {
			pass_all(running, counting, head, &row);
			page->source = (int)row.source;
			page->after = row.id;
			json_array_append_new(page->rows, graph_row_json(&row));
		}
		graph_row_clear(&row);
		if (verdict == STOP)
			break;
	}
	graph_scan_stop(&scan);
	if (!resumed)
		page->total = seen;
}

static void
keep(struct rows *rows, const struct graph_row *row)
{
	if (rows->len == rows->room) {
		rows->room = rows->room ? 2 * rows->room : 64;
		rows->at = mem_resize(rows->at, rows->room * sizeof *rows->at);
	}
	rows->at[rows->len++] = *row;
}

static void
cut(struct rows *rows, int64_t limit)
{
	while ((int64_t)rows->len > limit)
		graph_row_clear(&rows->at[--rows->len]);
}

/* What a row is sorted by, computed once. */
struct sorted {
	struct graph_row row;
	size_t place; /* before: keeps equal rows in order */
	json_t *keys[GRAPH_COLUMNS];
};

static int
compare_rows(const void *a, const void *b, void *user)
{
	const struct sorted *x = *(struct sorted *const *)a, *y = *(struct sorted *const *)b;
	const struct graph_stage *stage = user;

	for (size_t i = 0; i < stage->columns_len; i++) {
		int order = graph_compare(x->keys[i], y->keys[i]);

		if (order)
			return stage->columns[i].descending ? -order : order;
	}
	return (x->place > y->place) - (x->place < y->place);
}

static void
sort(const struct graph_stage *stage, struct rows *rows)
{
	struct sorted **list = mem_alloc((rows->len + 1) * sizeof(struct sorted *));

	for (size_t i = 0; i < rows->len; i++) {
		list[i] = mem_alloc(sizeof *list[i]);
		list[i]->row = rows->at[i];
		list[i]->place = i;
		for (size_t k = 0; k < stage->columns_len; k++)
			list[i]->keys[k] = graph_eval(stage->columns[k].expr, &list[i]->row);
	}
	qsort_r(list, rows->len, sizeof *list, compare_rows, (void *)stage);
	for (size_t i = 0; i < rows->len; i++) {
		rows->at[i] = list[i]->row;
		for (size_t k = 0; k < stage->columns_len; k++)
			json_decref(list[i]->keys[k]);
		free(list[i]);
	}
	free(list);
}

/* The rows' place is taken by these objects. */
static void
replace(struct rows *rows, const json_t *objects)
{
	cut(rows, 0);
	for (size_t i = 0; i < json_array_size(objects); i++)
		keep(rows, &(struct graph_row){.cells = json_incref(json_array_get(objects, i)),
				   .projected = true});
}

static json_t *
group_of(const struct graph_stage *stage, struct graph_row *row)
{
	json_t *group = json_object();

	for (size_t i = 0; i < stage->columns_len; i++)
		json_object_set_new(group, stage->columns[i].name,
			stage->columns[i].expr ? graph_eval(stage->columns[i].expr, row)
					       : json_integer(0));
	return group;
}

static void
summarize(const struct graph_stage *stage, struct rows *rows)
{
	json_t *groups = json_array(), *by_text = json_object();

	for (size_t i = 0; i < rows->len; i++) {
		json_t *fresh = group_of(stage, &rows->at[i]), *group;
		char *text = json_dumps(fresh, JSON_COMPACT);

		group = json_object_get(by_text, text);
		if (!group) {
			json_object_set(by_text, text, fresh);
			json_array_append(groups, fresh);
			group = fresh;
		}
		for (size_t k = 0; k < stage->columns_len; k++) {
			json_t *count = json_object_get(group, stage->columns[k].name);

			if (!stage->columns[k].expr)
				json_object_set_new(group, stage->columns[k].name,
					json_integer(json_integer_value(count) + 1));
		}
		free(text);
		json_decref(fresh);
	}
	replace(rows, groups);
	json_decref(groups);
	json_decref(by_text);
}

static void
count(struct rows *rows)
{
	json_t *one = json_pack("[{s:I}]", "Count", (json_int_t)rows->len);

	replace(rows, one);
	json_decref(one);
}

static void
pass_each(struct running *running, size_t at, struct rows *rows)
{
	size_t left = 0;

	for (size_t i = 0; i < rows->len; i++) {
		if (pass(running, at, &rows->at[i]) == KEEP)
			rows->at[left++] = rows->at[i];
		else
			graph_row_clear(&rows->at[i]);
	}
	rows->len = left;
}

static void
run_stage(struct running *running, size_t at, struct rows *rows)
{
	const struct graph_stage *stage = &running->query->stages[at];

	if (!needs_all(stage))
		pass_each(running, at, rows);
	else if (stage->kind == GRAPH_SUMMARIZE)
		summarize(stage, rows);
	else if (stage->kind == GRAPH_COUNT)
		count(rows);
	else
		sort(stage, rows);
	if (stage->kind == GRAPH_TOP)
		cut(rows, stage->limit);
}

/* Rows for the stages that need all: what they show is built again when it is asked for. */
static void
gather(struct running *running, size_t head, struct call *call, const json_t *subscriptions,
	struct rows *out)
{
	enum verdict verdict = KEEP;
	struct graph_scan scan;
	struct graph_row row;

	graph_scan_start(&scan, call, running->query->table, subscriptions, 0, 0);
	while (verdict != STOP && graph_scan_next(&scan, &row)) {
		verdict = pass_all(running, 0, head, &row);
		if (verdict != KEEP) {
			graph_row_clear(&row);
			continue;
		}
		json_decref(row.whole);
		row.whole = NULL;
		keep(out, &row);
	}
	graph_scan_stop(&scan);
}

struct graph_order {
	int64_t number;
	char caller[37];
	size_t len;
	struct {
		enum graph_source source;
		int64_t id;
	} * at;
};

void
graph_order_free(struct graph_order *order)
{
	if (order)
		free(order->at);
	free(order);
}

/* One row to be sorted. */
struct place {
	enum graph_source source;
	int64_t id;
	size_t at;
	json_t *keys[];
};

static int
compare_places(const void *a, const void *b, void *user)
{
	const struct place *x = *(struct place *const *)a, *y = *(struct place *const *)b;
	const struct graph_stage *stage = user;

	for (size_t i = 0; i < stage->columns_len; i++) {
		int order = graph_compare(x->keys[i], y->keys[i]);

		if (order)
			return stage->columns[i].descending ? -order : order;
	}
	return (x->at > y->at) - (x->at < y->at);
}

/* All rows that the stages before the sort let through; returns how many. */
static size_t
gather_places(struct running *running, size_t head, struct call *call, const json_t *subscriptions,
	struct place ***out)
{
	const struct graph_stage *stage = &running->query->stages[head];
	struct place **places = NULL;
	size_t len = 0, room = 0;
	struct graph_scan scan;
	struct graph_row row;

	graph_scan_start(&scan, call, running->query->table, subscriptions, 0, 0);
	while (graph_scan_next(&scan, &row)) {
		if (pass_all(running, 0, head, &row) == KEEP) {
			struct place *place =
				mem_alloc(sizeof *place + stage->columns_len * sizeof(json_t *));

			*place = (struct place){.source = row.source, .id = row.id, .at = len};
			for (size_t i = 0; i < stage->columns_len; i++)
				place->keys[i] = graph_eval(stage->columns[i].expr, &row);
			if (len == room) {
				room = room ? 2 * room : 64;
				places = mem_resize(places, room * sizeof(struct place *));
			}
			places[len++] = place;
		}
		graph_row_clear(&row);
	}
	graph_scan_stop(&scan);
	*out = places;
	return len;
}

static struct graph_order *
make_order(struct running *running, size_t head, struct call *call, const json_t *subscriptions)
{
	const struct graph_stage *stage = &running->query->stages[head];
	struct graph_order *order = mem_alloc(sizeof *order), *old = call->world->order;
	struct place **places;

	order->len = gather_places(running, head, call, subscriptions, &places);
	order->number = old ? old->number + 1 : 1;
	memcpy(order->caller, call->caller.object, sizeof order->caller);
	order->at = mem_alloc((order->len + 1) * sizeof *order->at);
	if (order->len > 1)
		qsort_r(places, order->len, sizeof *places, compare_places, (void *)stage);
	for (size_t i = 0; i < order->len; i++) {
		order->at[i].source = places[i]->source;
		order->at[i].id = places[i]->id;
		for (size_t k = 0; k < stage->columns_len; k++)
			json_decref(places[i]->keys[k]);
		free(places[i]);
	}
	free(places);
	graph_order_free(old);
	call->world->order = order;
	return order;
}

/* Whether a sort is the only stage that needs all rows, and what follows drops none. */
static bool
only_sorts(const struct graph_query *query, size_t head)
{
	if (query->stages[head].kind != GRAPH_ORDER)
		return false;
	for (size_t i = 0; i < query->stages_len; i++) {
		enum graph_stage_kind kind = query->stages[i].kind;

		if (i != head && (needs_all(&query->stages[i]) || kind == GRAPH_LIMIT ||
					 (kind == GRAPH_WHERE && i > head)))
			return false;
	}
	return true;
}

/* A row that is gone or changed meanwhile leaves its place empty. */
static void
run_sorted(struct running *running, size_t head, struct call *call, const json_t *subscriptions,
	struct graph_page *page)
{
	struct graph_order *order = call->world->order;
	int64_t end;

	if (!order || page->source != GRAPH_SOURCES || page->after != order->number ||
		strcmp(order->caller, call->caller.object) != 0)
		order = make_order(running, head, call, subscriptions);
	page->source = GRAPH_SOURCES;
	page->after = order->number;
	page->total = (int64_t)order->len;
	end = page->skip + page->top < page->total ? page->skip + page->top : page->total;
	for (int64_t i = page->skip; i < end; i++) {
		struct graph_scan scan;
		struct graph_row row;

		graph_scan_start(&scan, call, running->query->table, subscriptions,
			(int)order->at[i].source, order->at[i].id - 1);
		if (!graph_scan_next(&scan, &row))
			continue;
		if (row.source == order->at[i].source && row.id == order->at[i].id &&
			pass_all(running, 0, running->query->stages_len, &row) == KEEP)
			json_array_append_new(page->rows, graph_row_json(&row));
		graph_row_clear(&row);
		graph_scan_stop(&scan);
	}
	if (end > page->skip)
		page->skip = end - (int64_t)json_array_size(page->rows);
}

void
graph_run(struct call *call, const struct graph_query *query, const json_t *subscriptions,
	struct graph_page *page)
{
	struct running running = {.query = query};
	struct rows rows = {0};
	size_t counting, head;
	bool limited;

	head = head_of(query, &counting, &limited);
	if (head == query->stages_len) {
		run_through(&running, call, subscriptions, page);
		return;
	}
	if (only_sorts(query, head)) {
		run_sorted(&running, head, call, subscriptions, page);
		return;
	}
	gather(&running, head, call, subscriptions, &rows);
	for (size_t i = head; i < query->stages_len; i++)
		run_stage(&running, i, &rows);
	page->total = (int64_t)rows.len;
	for (size_t i = 0; i < rows.len; i++) {
		if ((int64_t)i >= page->skip && (int64_t)i < page->skip + page->top)
			json_array_append_new(page->rows, graph_row_json(&rows.at[i]));
		graph_row_clear(&rows.at[i]);
	}
	free(rows.at);
}
