/* The query language of Resource Graph, as much of it as inventories use: a table, then operators
 * that each take rows and give rows. */
#ifndef CLAVIGER_SANDBOX_GRAPH_QUERY_H
#define CLAVIGER_SANDBOX_GRAPH_QUERY_H

#include <jansson.h>

#include "backend/base/mem.h"

enum graph_kind {
	GRAPH_VALUE,   /* a literal */
	GRAPH_PATH,    /* column[.member]...: names */
	GRAPH_CALL,    /* function(args) */
	GRAPH_COMPARE, /* args[0] op args[1]; in: the rest of args is the list */
	GRAPH_AND,     /* of args, as GRAPH_OR */
	GRAPH_OR,
};

enum { GRAPH_STEPS = 12, GRAPH_ARGS = 64, GRAPH_COLUMNS = 40, GRAPH_STAGES = 24 };

struct graph_expr {
	enum graph_kind kind;
	json_t *value;      /* of GRAPH_VALUE */
	const char *op;     /* comparison or function, as the language spells it */
	const char *name;   /* what a column of it is called; NULL: ColumnN */
	const char **steps; /* of GRAPH_PATH: names */
	size_t steps_len;
	struct graph_expr **args;
	size_t args_len;
};

/* A column that a stage makes, or sorts by. */
struct graph_column {
	const char *name;
	const struct graph_expr *expr; /* NULL: count() of a group */
	bool descending;
};

enum graph_stage_kind {
	GRAPH_WHERE,     /* expr */
	GRAPH_PROJECT,   /* columns */
	GRAPH_AWAY,      /* columns by name */
	GRAPH_EXTEND,    /* columns */
	GRAPH_ORDER,     /* columns */
	GRAPH_LIMIT,     /* limit */
	GRAPH_TOP,       /* limit, columns */
	GRAPH_COUNT,     /* one row */
	GRAPH_SUMMARIZE, /* columns: count() where expr is NULL, groups otherwise */
};

struct graph_stage {
	enum graph_stage_kind kind;
	const struct graph_expr *expr;
	struct graph_column *columns;
	size_t columns_len;
	int64_t limit;
};

enum graph_table { GRAPH_RESOURCES, GRAPH_CONTAINERS, GRAPH_ROLES };

struct graph_query {
	enum graph_table table;
	struct graph_stage stages[GRAPH_STAGES];
	size_t stages_len;
	json_t *literals; /* owns the values of all GRAPH_VALUE */
};

/* Where and at which token a query is wrong: the line from 1, the position from 0. */
struct graph_fault {
	int line, position;
	char token[64]; /* "<EOF>" at the end */
};

/* Everything hangs in the arena but the literals: graph_free gives them back, after a failure too.
 */
bool graph_parse(struct graph_query *out, struct arena *arena, const char *text,
	struct graph_fault *fault) MUST_CHECK;
void graph_free(struct graph_query *query);

#endif
