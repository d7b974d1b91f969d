/* RSA and EC keys by their row, parsed once and shared: reading a private key costs as much as
 * using it. */
#ifndef CLAVIGER_SANDBOX_KEYRING_H
#define CLAVIGER_SANDBOX_KEYRING_H

#include <stdint.h>

#include "backend/base/err.h"
#include "backend/sandbox/db.h"
#include "backend/sandbox/rows/keymaker.h"
#include "crypto/rsa.h"

struct keyring;

struct keyring *keyring_new(struct db *db);
void keyring_free(struct keyring *ring);

/* From here on keyring_hold waits for promised keys. Before any thread uses the ring. */
void keyring_set_maker(struct keyring *ring, struct keymaker *maker);

/* The RSA key of a row of `material`. Takes the database's lock by itself. Give it back with
 * keyring_drop. NULL: no such RSA key. */
const struct rsa_key *keyring_hold(
	struct keyring *ring, int64_t material, struct err *err) MUST_CHECK;
void keyring_drop(struct keyring *ring, const struct rsa_key *key);

/* Writes a fresh key as a row of `material`, within db_begin; 0 when it cannot be exported. */
int64_t keyring_add(struct db *db, const struct rsa_key *key, struct err *err) MUST_CHECK;

/* The same for a row that is there. */
bool keyring_fill(
	struct db *db, int64_t material, const struct rsa_key *key, struct err *err) MUST_CHECK;

#endif
