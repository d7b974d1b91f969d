/* A parsed query on the estate, one page at a time. */
#ifndef CLAVIGER_SANDBOX_GRAPH_RUN_H
#define CLAVIGER_SANDBOX_GRAPH_RUN_H

#include "backend/sandbox/arm/graph_rows.h"

/* What is asked for, and what comes of it. */
struct graph_page {
	int64_t top, skip;
	int64_t total; /* of rows of the query; below 0: not known yet */
	int source;    /* where the page before ended, then where this one does; after 0: */
	int64_t after; /* at the beginning. Of sorted rows GRAPH_SOURCES and a number of the sort */
	json_t *rows;  /* an array, to be filled with objects */
};

/* The lock must be held. */
void graph_run(struct call *call, const struct graph_query *query, const json_t *subscriptions,
	struct graph_page *page);

void graph_order_free(struct graph_order *order);

#endif
