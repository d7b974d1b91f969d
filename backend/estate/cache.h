/* What was read last, kept for the next start of the console: its rows are on the screen, marked as
 * of then, before the first reply has come. */
#ifndef CLAVIGER_ESTATE_CACHE_H
#define CLAVIGER_ESTATE_CACHE_H

#include <limits.h>
#include <time.h>

#include "backend/estate/estate.h"

struct cache;

/* Where the cache of a profile lies: DIR/estate.db, without dir (NULL) a file of its own in
 * $XDG_CACHE_HOME/claviger. */
bool cache_path(const struct profile *profile, const char *dir, char out[PATH_MAX],
	struct err *err) MUST_CHECK;

/* When what a cache holds was read. ERR_NOT_FOUND: there is none; other errors: it cannot be used,
 * and will be made anew. */
bool cache_read_at(const char *path, time_t *out, struct err *err) MUST_CHECK;

/* The names of a kind ("account", "vault", "key" as VAULT/NAME, "identity", "subscription",
 * "group") as a cache has them, in order, each once. Nothing is asked for. */
bool cache_names(const char *path, const char *kind, void (*each)(void *user, const char *name),
	void *user, struct err *err) MUST_CHECK;

/* For an estate of which nothing was read yet. NULL, with a line in the log, when there is no place
 * for a cache. */
struct cache *cache_open(struct estate *estate, const char *dir);

/* Puts the rows of last time into the estate, in pieces, and calls done(user) in every case: a
 * cache that cannot be used is told in the log only. */
void cache_load(struct cache *cache, void (*done)(void *user), void *user);

/* To be called whenever the estate has changed. After a complete reading it is written, in pieces;
 * rows of last time go away when somebody else turns out to have signed in. */
void cache_follow(struct cache *cache);

/* Whether it is being loaded or written. */
bool cache_busy(const struct cache *cache);

/* What is half written then is as if it had not begun. */
void cache_close(struct cache *cache);

#endif
