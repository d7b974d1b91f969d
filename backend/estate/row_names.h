/* Names of the rows of a table, one behind the other. */
#ifndef CLAVIGER_ESTATE_ROW_NAMES_H
#define CLAVIGER_ESTATE_ROW_NAMES_H

#include <stddef.h>

enum { ROW_NAME = 128 }; /* as in struct armid */

struct row_names;

struct row_names *row_names_new(void);
/* The same names for one owner more: the last to free them does. */
struct row_names *row_names_share(struct row_names *names);
void row_names_free(struct row_names *names);
/* The next one; what is longer than ROW_NAME - 1 bytes is cut. */
void row_names_add(struct row_names *names, const char *name);
/* No more are to come: gives back what was kept for growing. */
void row_names_trim(struct row_names *names);
/* From 0 in the order in which they came. Returns out. */
const char *row_names_text(const struct row_names *names, size_t at, char out[ROW_NAME]);

#endif
