/* A direct-mapped cache with counted references: a slot that is taken over frees its key when the
 * last operation on it has ended. */
#include "backend/sandbox/rows/keyring.h"

#include <pthread.h>
#include <stdlib.h>

#include "backend/base/mem.h"
#include "crypto/b64.h"

enum { SLOTS = 256 };

struct held {
	struct rsa_key *key;
	int64_t material;
	unsigned users; /* the slot counts as one */
	struct held *next;
};

struct keyring {
	struct db *db;
	struct keymaker *maker; /* NULL: nothing is promised */
	pthread_mutex_t mutex;
	struct held *slots[SLOTS];
	struct held *all; /* every held key, for keyring_drop */
};

struct keyring *
keyring_new(struct db *db)
{
	struct keyring *ring = mem_alloc(sizeof *ring);

	ring->db = db;
	pthread_mutex_init(&ring->mutex, NULL);
	return ring;
}

static void
release(struct keyring *ring, struct held *held)
{
	if (--held->users)
		return;
	for (struct held **at = &ring->all; *at; at = &(*at)->next)
		if (*at == held) {
			*at = held->next;
			break;
		}
	rsa_free(held->key);
	free(held);
}

void
keyring_set_maker(struct keyring *ring, struct keymaker *maker)
{
	ring->maker = maker;
}

void
keyring_free(struct keyring *ring)
{
	if (!ring)
		return;
	for (size_t i = 0; i < SLOTS; i++)
		if (ring->slots[i])
			release(ring, ring->slots[i]);
	pthread_mutex_destroy(&ring->mutex);
	free(ring);
}

static struct rsa_key *
load(struct keyring *ring, int64_t material, struct err *err)
{
	struct rsa_key *key = NULL;
	struct secret der = {0};
	sqlite3_stmt *stmt;

	db_lock(ring->db);
	stmt = db_ask(
		ring->db, "SELECT private FROM material WHERE id=? AND kty='RSA'", "i", material);
	if (db_next(ring->db, stmt)) {
		secret_set(
			&der, sqlite3_column_blob(stmt, 0), (size_t)sqlite3_column_bytes(stmt, 0));
		db_done(stmt);
	}
	db_unlock(ring->db);
	if (der.len)
		key = rsa_from_der(der.bytes, der.len, true, err);
	else
		err_set(err, ERR_FAILED, "", "the sandbox's state holds no RSA key %lld",
			(long long)material);
	secret_free(&der);
	return key;
}

const struct rsa_key *
keyring_hold(struct keyring *ring, int64_t material, struct err *err)
{
	struct held **slot = &ring->slots[(uint64_t)material % SLOTS], *held;
	struct rsa_key *key;

	pthread_mutex_lock(&ring->mutex);
	held = *slot;
	if (held && held->material == material) {
		held->users++;
		pthread_mutex_unlock(&ring->mutex);
		return held->key;
	}
	pthread_mutex_unlock(&ring->mutex);
	if (ring->maker && !keymaker_wait(ring->maker, material)) {
		err_set(err, ERR_FAILED, "",
			"the key is purged, or not made yet by a sandbox that stops");
		return NULL;
	}
	key = load(ring, material, err);
	if (!key)
		return NULL;
	held = mem_alloc(sizeof *held);
	*held = (struct held){.key = key, .material = material, .users = 2};
	pthread_mutex_lock(&ring->mutex);
	if (*slot)
		release(ring, *slot);
	held->next = ring->all;
	ring->all = held;
	*slot = held;
	pthread_mutex_unlock(&ring->mutex);
	return key;
}

void
keyring_drop(struct keyring *ring, const struct rsa_key *key)
{
	pthread_mutex_lock(&ring->mutex);
	for (struct held *held = ring->all; held; held = held->next)
		if (held->key == key) {
			release(ring, held);
			break;
		}
	pthread_mutex_unlock(&ring->mutex);
}

bool
keyring_fill(struct db *db, int64_t material, const struct rsa_key *key, struct err *err)
{
	unsigned char n[RSA_BYTES_MAX], e[8];
	char n_text[RSA_BYTES_MAX * 2], e_text[16];
	size_t n_len, e_len;
	struct secret der = {0};

	if (!rsa_to_der(key, &der, err))
		return false;
	rsa_public(key, n, &n_len, e, &e_len);
	b64_encode(n_text, n, n_len);
	b64_encode(e_text, e, e_len);
	db_do(db, "UPDATE material SET bits=?, x=?, y=?, private=? WHERE id=?", "ittbi",
		(int64_t)rsa_bits(key), n_text, e_text, (const void *)der.bytes, der.len, material);
	secret_free(&der);
	return true;
}

int64_t
keyring_add(struct db *db, const struct rsa_key *key, struct err *err)
{
	int64_t material;

	db_do(db, "INSERT INTO material(kty,bits,x,y,private) VALUES('RSA',0,'','',x'')", "");
	material = db_last_id(db);
	return keyring_fill(db, material, key, err) ? material : 0;
}
