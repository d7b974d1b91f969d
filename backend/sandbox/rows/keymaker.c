/* A promised pair is a row without public numbers. Nothing can have been wrapped with it, so making
 * it again after a kill loses nothing. */
#include "backend/sandbox/rows/keymaker.h"

#include <pthread.h>
#include <stdlib.h>

#include "backend/sandbox/rows/keyring.h"
#include "crypto/rsa.h"

enum { MAKERS = 2 };

struct keymaker {
	struct db *db;
	pthread_mutex_t mutex;
	pthread_cond_t made;
	bool stopping, failed;
	int64_t taken; /* the last row that a maker took */
	pthread_t makers[MAKERS];
	size_t started;
};

int64_t
keymaker_promise(struct db *db, unsigned bits)
{
	db_do(db, "INSERT INTO material(kty,bits,x,y,private) VALUES('RSA',?,'','',x'')", "i",
		(int64_t)bits);
	return db_last_id(db);
}

/* The next promise, in their order; 0 when none is left or the makers are to end. */
static int64_t
take(struct keymaker *all, unsigned *bits)
{
	static const char find[] =
		"SELECT id, bits FROM material WHERE x='' AND id>? ORDER BY id LIMIT 1";
	sqlite3_stmt *stmt;
	int64_t id = 0;

	pthread_mutex_lock(&all->mutex);
	if (!all->stopping && !all->failed) {
		db_lock(all->db);
		stmt = db_ask(all->db, find, "i", all->taken);
		if (db_next(all->db, stmt)) {
			id = all->taken = sqlite3_column_int64(stmt, 0);
			*bits = (unsigned)sqlite3_column_int(stmt, 1);
			db_done(stmt);
		}
		db_unlock(all->db);
	}
	pthread_mutex_unlock(&all->mutex);
	return id;
}

static bool
make(struct db *db, int64_t id, unsigned bits)
{
	struct rsa_key *key = rsa_make(bits, RSA_E_USUAL, NULL);
	bool ok = key != NULL;

	if (!ok)
		return false;
	db_begin(db);
	ok = keyring_fill(db, id, key, NULL);
	ok = db_commit(db) && ok;
	rsa_free(key);
	return ok;
}

static void *
work(void *arg)
{
	struct keymaker *all = arg;
	unsigned bits;
	int64_t id;

	while ((id = take(all, &bits)) != 0) {
		bool ok = make(all->db, id, bits);

		pthread_mutex_lock(&all->mutex);
		all->failed = all->failed || !ok;
		pthread_cond_broadcast(&all->made);
		pthread_mutex_unlock(&all->mutex);
	}
	return NULL;
}

struct keymaker *
keymaker_start(struct db *db)
{
	struct keymaker *all = mem_alloc(sizeof *all);

	all->db = db;
	pthread_mutex_init(&all->mutex, NULL);
	pthread_cond_init(&all->made, NULL);
	while (all->started < MAKERS &&
		pthread_create(&all->makers[all->started], NULL, work, all) == 0)
		all->started++;
	if (all->started == 0)
		all->failed = true;
	return all;
}

void
keymaker_stop(struct keymaker *all)
{
	if (!all)
		return;
	pthread_mutex_lock(&all->mutex);
	all->stopping = true;
	pthread_cond_broadcast(&all->made);
	pthread_mutex_unlock(&all->mutex);
	for (size_t i = 0; i < all->started; i++)
		pthread_join(all->makers[i], NULL);
	pthread_cond_destroy(&all->made);
	pthread_mutex_destroy(&all->mutex);
	free(all);
}

enum progress { MADE, PROMISED, GONE };

static enum progress
progress(struct db *db, int64_t material)
{
	enum progress is = GONE;
	sqlite3_stmt *stmt;

	db_lock(db);
	stmt = db_ask(db, "SELECT x<>'' FROM material WHERE id=?", "i", material);
	if (db_next(db, stmt)) {
		is = sqlite3_column_int(stmt, 0) ? MADE : PROMISED;
		db_done(stmt);
	}
	db_unlock(db);
	return is;
}

bool
keymaker_wait(struct keymaker *all, int64_t material)
{
	enum progress is;

	pthread_mutex_lock(&all->mutex);
	while ((is = progress(all->db, material)) == PROMISED && !all->stopping && !all->failed)
		pthread_cond_wait(&all->made, &all->mutex);
	pthread_mutex_unlock(&all->mutex);
	return is == MADE;
}
