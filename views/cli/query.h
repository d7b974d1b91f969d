/* --query: the part of JMESPath that people use: paths, indexes, slices, flattening, wildcards,
 * filters, multiselects, pipes, and the functions length, sort_by and contains. */
#ifndef CLAVIGER_VIEWS_QUERY_H
#define CLAVIGER_VIEWS_QUERY_H

#include <jansson.h>

#include "backend/base/err.h"

struct query;

/* NULL with ERR_USAGE, naming the column and what is not understood there. */
struct query *query_parse(const char *text, struct err *err) MUST_CHECK;
void query_free(struct query *query);

/* The result, a new reference; JSON null where a path leads nowhere. NULL with ERR_USAGE when a
 * function gets what it cannot take. */
json_t *query_run(const struct query *query, const json_t *value, struct err *err) MUST_CHECK;

/* Whether it asks each element of a list of objects for itself and cannot fail ([].name,
 * [?enabled]), so that the list need never be there as a whole. */
bool query_is_each(const struct query *query);
/* Then: what it makes of one element, a new reference, or NULL where that is left out. Takes the
 * reference to the element. */
json_t *query_each(const struct query *query, json_t *element);

/* Whether it only counts a list: length(@). */
bool query_counts(const struct query *query);

#endif
