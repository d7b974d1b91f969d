/* Rows of Resource Graph's tables, read in the order of their row ids; what is dear to show is
 * built when a query first asks for it. The database's lock must be held throughout. */
#ifndef CLAVIGER_SANDBOX_GRAPH_ROWS_H
#define CLAVIGER_SANDBOX_GRAPH_ROWS_H

#include "backend/azure/armid.h"
#include "backend/sandbox/arm/graph_query.h"
#include "backend/sandbox/call.h"

enum graph_source {
	GRAPH_ACCOUNTS,
	GRAPH_VAULTS,
	GRAPH_IDENTITIES,
	GRAPH_SUBSCRIPTIONS,
	GRAPH_GROUPS,
	GRAPH_ASSIGNMENTS,
	GRAPH_SOURCES,
};

struct graph_row {
	struct call *call; /* in whose names resources are shown */
	enum graph_source source;
	int64_t id;
	int kind; /* service of an account, kind of a vault, enum graph_place of an assignment */
	char subscription[37], group[ARMID_GROUP], name[129], location[48];
	json_t *whole;  /* as the resource's own GET shows it; NULL until asked for */
	json_t *cells;  /* made by the query; NULL: none */
	bool projected; /* the cells are all there is */
};

/* Where a role assignment stands, beside the subscriptions that are asked for. */
enum graph_place { GRAPH_ABOVE, GRAPH_EXACT, GRAPH_BELOW };

/* Whether a word is an authorizationScopeFilter of resourcegraph.json. */
bool graph_is_filter(const char *word);

/* Under way through the sources of a table; only subscriptions that are asked for (a JSON object of
 * their ids in lower case), only rows that the caller may read. */
struct graph_scan {
	struct call *call;
	const json_t *subscriptions;
	enum graph_source source, end;
	bool places[GRAPH_BELOW + 1]; /* of the assignments that are wanted */
	int64_t after;
	sqlite3_stmt *stmt;
};

/* The first source and row come after (source, after): 0, 0 begins. */
void graph_scan_start(struct graph_scan *scan, struct call *call, enum graph_table table,
	const json_t *subscriptions, int source, int64_t after);

/* The next row; give it back with graph_row_clear. False at the end. */
bool graph_scan_next(struct graph_scan *scan, struct graph_row *row);
void graph_scan_stop(struct graph_scan *scan);

void graph_row_clear(struct graph_row *row);

/* A column of the row, a new reference; JSON null when there is none. */
json_t *graph_row_cell(struct graph_row *row, const char *name);

/* Sets a column, taking value over. */
void graph_row_set(struct graph_row *row, const char *name, json_t *value);

/* All its columns as an object: a new reference. */
json_t *graph_row_json(struct graph_row *row);

#endif
