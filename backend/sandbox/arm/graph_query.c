/* Table and stages. A query that names no table is on resources. */
#include "backend/sandbox/arm/graph_query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/arm/graph_words.h"

/* name, or name = expression; a name is made up where none is given. */
static bool
read_column(struct graph_reader *r, size_t number, struct graph_column *out)
{
	struct graph_reader start = *r;
	const char *name = NULL;

	if (r->kind == WORD_NAME) {
		graph_next(r);
		if (graph_take(r, "="))
			name = start.word;
		else
			*r = start;
	}
	out->expr = graph_read_expr(r);
	if (!out->expr)
		return false;
	if (!name)
		name = out->expr->name;
	out->name = name ? name : arena_printf(r->arena, "Column%zu", number);
	return true;
}

static struct graph_column *
add_column(struct graph_reader *r, struct graph_stage *stage)
{
	if (stage->columns_len == GRAPH_COLUMNS) {
		graph_fail(r);
		return NULL;
	}
	return &stage->columns[stage->columns_len++];
}

static bool
read_columns(struct graph_reader *r, struct graph_stage *stage)
{
	do {
		struct graph_column *column = add_column(r, stage);

		if (!column || !read_column(r, stage->columns_len, column))
			return false;
	} while (graph_take(r, ","));
	return true;
}

/* Descending where nothing is said, as the language has it. */
static bool
read_order(struct graph_reader *r, struct graph_stage *stage)
{
	if (!graph_take(r, "by"))
		return graph_fail(r);
	do {
		struct graph_column *column = add_column(r, stage);

		if (!column || !read_column(r, stage->columns_len, column))
			return false;
		column->descending = !graph_take(r, "asc");
		if (column->descending)
			graph_take(r, "desc");
		if (graph_take(r, "nulls") && !graph_take(r, "first") && !graph_take(r, "last"))
			return graph_fail(r);
	} while (graph_take(r, ","));
	return true;
}

static bool
read_limit(struct graph_reader *r, struct graph_stage *stage)
{
	if (r->kind != WORD_NUMBER || strchr(r->word, '.'))
		return graph_fail(r);
	stage->limit = strtoll(r->word, NULL, 10);
	graph_next(r);
	return true;
}

static bool
read_top(struct graph_reader *r, struct graph_stage *stage)
{
	return read_limit(r, stage) && read_order(r, stage);
}

static bool
read_where(struct graph_reader *r, struct graph_stage *stage)
{
	stage->expr = graph_read_expr(r);
	return stage->expr && (graph_is_condition(stage->expr) || graph_fail(r));
}

/* [name =] count() */
static bool
read_count(struct graph_reader *r, struct graph_stage *stage)
{
	struct graph_reader start = *r;
	struct graph_column *column = add_column(r, stage);

	if (!column)
		return false;
	column->name = "count_";
	if (r->kind == WORD_NAME && !graph_is(r, "count")) {
		column->name = r->word;
		graph_next(r);
		if (!graph_take(r, "=")) {
			*r = start;
			return graph_fail(r);
		}
	}
	return (graph_take(r, "count") && graph_take(r, "(") && graph_take(r, ")")) ||
	       graph_fail(r);
}

/* Groups come before counts in the rows. */
static bool
read_summarize(struct graph_reader *r, struct graph_stage *stage)
{
	struct graph_stage counts = {0};

	counts.columns = arena_alloc(r->arena, GRAPH_COLUMNS * sizeof *counts.columns);
	if (!graph_is(r, "by"))
		do {
			if (!read_count(r, &counts))
				return false;
		} while (graph_take(r, ","));
	if (graph_take(r, "by") && !read_columns(r, stage))
		return false;
	for (size_t i = 0; i < counts.columns_len; i++) {
		struct graph_column *column = add_column(r, stage);

		if (!column)
			return false;
		*column = counts.columns[i];
	}
	return true;
}

static bool
read_nothing(struct graph_reader *r, struct graph_stage *stage)
{
	(void)r;
	(void)stage;
	return true;
}

static const struct verb_word {
	const char *name;
	enum graph_stage_kind kind;
	bool (*read)(struct graph_reader *, struct graph_stage *);
} operators[] = {
	{"where", GRAPH_WHERE, read_where},
	{"filter", GRAPH_WHERE, read_where},
	{"project", GRAPH_PROJECT, read_columns},
	{"project-away", GRAPH_AWAY, read_columns},
	{"project-keep", GRAPH_PROJECT, read_columns},
	{"extend", GRAPH_EXTEND, read_columns},
	{"order", GRAPH_ORDER, read_order},
	{"sort", GRAPH_ORDER, read_order},
	{"limit", GRAPH_LIMIT, read_limit},
	{"take", GRAPH_LIMIT, read_limit},
	{"top", GRAPH_TOP, read_top},
	{"count", GRAPH_COUNT, read_nothing},
	{"summarize", GRAPH_SUMMARIZE, read_summarize},
	{"distinct", GRAPH_SUMMARIZE, read_columns},
};

static const struct verb_word *
find_verb(const struct graph_reader *r)
{
	for (size_t i = 0; i < ARRAY_LEN(operators); i++)
		if (graph_is(r, operators[i].name))
			return &operators[i];
	return NULL;
}

static bool
read_stage(struct graph_reader *r, struct graph_query *query)
{
	const struct verb_word *verb = find_verb(r);
	struct graph_stage *stage;

	if (!verb || query->stages_len == GRAPH_STAGES)
		return graph_fail(r);
	graph_next(r);
	stage = &query->stages[query->stages_len++];
	*stage = (struct graph_stage){.kind = verb->kind,
		.columns = arena_alloc(r->arena, GRAPH_COLUMNS * sizeof *stage->columns)};
	memset(stage->columns, 0, GRAPH_COLUMNS * sizeof *stage->columns);
	return verb->read(r, stage);
}

/* Tables are named in any case. */
static bool
read_table(struct graph_reader *r, struct graph_query *query)
{
	static const struct {
		const char *name;
		enum graph_table table;
	} tables[] = {
		{"resources", GRAPH_RESOURCES},
		{"resourcecontainers", GRAPH_CONTAINERS},
		{"authorizationresources", GRAPH_ROLES},
	};

	if (r->kind != WORD_NAME)
		return graph_fail(r);
	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		if (text_casecmp(tables[i].name, r->word) != 0)
			continue;
		query->table = tables[i].table;
		graph_next(r);
		return true;
	}
	return read_stage(r, query);
}

bool
graph_parse(
	struct graph_query *out, struct arena *arena, const char *text, struct graph_fault *fault)
{
	struct graph_reader r = {
		.arena = arena, .at = text, .line_start = text, .line = 1, .fault = fault};

	*out = (struct graph_query){.literals = json_array()};
	*fault = (struct graph_fault){0};
	r.literals = out->literals;
	graph_next(&r);
	if (!read_table(&r, out))
		return false;
	while (graph_take(&r, "|"))
		if (!read_stage(&r, out))
			return false;
	graph_take(&r, ";");
	return r.kind == WORD_END || graph_fail(&r);
}

void
graph_free(struct graph_query *query)
{
	json_decref(query->literals);
}
