/* Stages up to the first one that needs all rows are done row by row as they are read, and for rows
 * outside the page only as far as it takes to count them; what follows works on rows kept in
 * memory. */
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
