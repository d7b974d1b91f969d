/* Values of expressions on rows. */
#ifndef CLAVIGER_SANDBOX_GRAPH_EVAL_H
#define CLAVIGER_SANDBOX_GRAPH_EVAL_H

#include "backend/sandbox/arm/graph_rows.h"

/* A new reference, never NULL: what is missing or cannot be computed is JSON null. */
json_t *graph_eval(const struct graph_expr *expr, struct graph_row *row);

/* Whether a condition is true of the row. */
bool graph_holds(const struct graph_expr *expr, struct graph_row *row);

/* Below, at or above 0: nulls first, numbers by value, all else as text. */
int graph_compare(const json_t *a, const json_t *b);

#endif
