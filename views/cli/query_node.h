/* The tree of a query, between its parser and its evaluation. */
#ifndef CLAVIGER_VIEWS_QUERY_NODE_H
#define CLAVIGER_VIEWS_QUERY_NODE_H

#include "views/cli/query.h"

enum query_type {
	QUERY_CURRENT, /* @, and what stands left of a first [ */
	QUERY_FIELD,   /* text */
	QUERY_INDEX,   /* number[0] */
	QUERY_LITERAL,
	QUERY_CHAIN, /* left, then right on its result: a.b and a | b */
	/* Projections: right on each element of what left gives, nulls left out. */
	QUERY_EACH,
	QUERY_VALUES,
	QUERY_SLICE,   /* number[0..2], given[0..2] */
	QUERY_FLATTEN, /* one level of lists within lists */
	QUERY_FILTER,  /* those for which condition holds */
	QUERY_LIST,    /* items */
	QUERY_HASH,    /* items under names */
	QUERY_OR,
	QUERY_AND,
	QUERY_NOT, /* left */
	QUERY_COMPARE,
	QUERY_CALL, /* call, items */
};

enum query_compare { QUERY_EQ, QUERY_NE, QUERY_LT, QUERY_LE, QUERY_GT, QUERY_GE };
enum query_call { QUERY_LENGTH, QUERY_SORT_BY, QUERY_CONTAINS };

struct query {
	enum query_type type;
	struct query *left, *right, *condition; /* owned */
	char *text;                             /* owned */
	json_t *literal;                        /* owned */
	long number[3];
	bool given[3];
	enum query_compare compare;
	enum query_call call;
	struct query **items; /* owned, as names */
	char **names;
	size_t items_len;
};

#endif
