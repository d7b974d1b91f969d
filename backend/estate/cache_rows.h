/* The tables of the cache: how rows go into them and come back. Internal to cache.c. */
#ifndef CLAVIGER_ESTATE_CACHE_ROWS_H
#define CLAVIGER_ESTATE_CACHE_ROWS_H

#include "backend/estate/cache_cells.h"
#include "backend/estate/inside.h"

enum { CACHE_SUBSCRIPTIONS = 4096, CACHE_ROWS = 8000000 };

/* What comes back stands beside the estate until all of it is there. */
struct cached {
	struct estate *estate; /* gets the subscriptions at once: rows hold their numbers */
	uint16_t subscriptions[CACHE_SUBSCRIPTIONS];
	size_t subscriptions_len;
	struct accounts *accounts;
	struct vaults *vaults;
	struct keys *keys;
	struct identities *identities;
	struct grants *grants;
	char clean[CACHE_TEXT + 1];
};

struct cache_table {
	const char *name, *columns;
	size_t (*count)(const struct estate *estate);
	void (*put)(struct cells *cells, const struct estate *estate, size_t row);
	void (*take)(struct cells *cells, struct cached *out);
};

/* In the order in which they are read: what others point at comes first. */
extern const struct cache_table cache_tables[];
extern const size_t cache_tables_len;

void cached_start(struct cached *cached, struct estate *estate);
/* Whether the tables fit together; then what is in them changes places with what
 * the estate's hold. */
bool cached_adopt(struct cached *cached);
void cached_free(struct cached *cached);

/* Opens one of last time for reading; *out is to be closed in every case. steps, which a statement
 * may take no more of than is reasonable, has to live as long. */
bool cache_open_old(const char *path, size_t *steps, sqlite3 **out, struct err *err) MUST_CHECK;

#endif
