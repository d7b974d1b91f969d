/* A promised pair is a row without public numbers. Nothing can have been wrapped with it, so making
 * it again after a kill loses nothing. */
#include "backend/sandbox/rows/keymaker.h"

#include <pthread.h>
#include <stdlib.h>

#include "backend/sandbox/rows/keyring.h"
#include "crypto/rsa.h"

enum { MAKERS = 2 };

struct maker {
	struct keymaker *all;
	unsigned turn; /* makes the rows whose id leaves this rest */
	pthread_t thread;
	bool started;
};

struct keymaker {
	struct db *db;
	pthread_mutex_t mutex;
	pthread_cond_t made;
	bool stopping, failed;
	struct maker makers[MAKERS];
};

int64_t
keymaker_promise(struct db *db, unsigned bits)
{
	db_do(db, "INSERT INTO material(kty,bits,x,y,private) VALUES('RSA',?,'','',x'')", "i",
		(int64_t)bits);
	return db_last_id(db);
}

/* 0 when no row of this maker is left. */
static int64_t
next(struct maker *maker, unsigned *bits)
{
	struct db *db = maker->all->db;
	sqlite3_stmt *stmt;
	int64_t id = 0;

	db_lock(db);
	stmt = db_ask(db, "SELECT id, bits FROM material WHERE x='' AND id%?=? ORDER BY id LIMIT 1",
		"ii", (int64_t)MAKERS, (int64_t)maker->turn);
	if (db_next(db, stmt)) {
		id = sqlite3_column_int64(stmt, 0);
		*bits = (unsigned)sqlite3_column_int(stmt, 1);
		db_done(stmt);
	}
	db_unlock(db);
	return id;
}

static bool
make(struct db *db, int64_t id, unsigned bits)
{
	struct rsa_key *key = rsa_generate(bits, NULL);
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
	struct maker *maker = arg;
	struct keymaker *all = maker->all;
	unsigned bits;
	int64_t id;

	while ((id = next(maker, &bits)) != 0) {
		bool ok, stop;

		pthread_mutex_lock(&all->mutex);
		stop = all->stopping;
		pthread_mutex_unlock(&all->mutex);
		if (stop)
			break;
		ok = make(all->db, id, bits);
		pthread_mutex_lock(&all->mutex);
		all->failed = all->failed || !ok;
		stop = all->failed;
		pthread_cond_broadcast(&all->made);
		pthread_mutex_unlock(&all->mutex);
		if (stop)
			break;
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
	for (unsigned i = 0; i < MAKERS; i++) {
		all->makers[i] = (struct maker){.all = all, .turn = i};
		all->makers[i].started =
			pthread_create(&all->makers[i].thread, NULL, work, &all->makers[i]) == 0;
		if (!all->makers[i].started)
			all->failed = true;
	}
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
	for (size_t i = 0; i < MAKERS; i++)
		if (all->makers[i].started)
			pthread_join(all->makers[i].thread, NULL);
	pthread_cond_destroy(&all->made);
	pthread_mutex_destroy(&all->mutex);
	free(all);
}

static bool
is_made(struct db *db, int64_t material)
{
	sqlite3_stmt *stmt;
	bool made;

	db_lock(db);
	stmt = db_ask(db, "SELECT 1 FROM material WHERE id=? AND x<>''", "i", material);
	made = db_next(db, stmt);
	if (made)
		db_done(stmt);
	db_unlock(db);
	return made;
}

bool
keymaker_wait(struct keymaker *all, int64_t material)
{
	bool made;

	pthread_mutex_lock(&all->mutex);
	while (!(made = is_made(all->db, material)) && !all->stopping && !all->failed)
		pthread_cond_wait(&all->made, &all->mutex);
	pthread_mutex_unlock(&all->mutex);
	return made;
}
