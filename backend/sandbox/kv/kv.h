/* What the parts of Key Vault's data plane share. */
#ifndef CLAVIGER_SANDBOX_KV_H
#define CLAVIGER_SANDBOX_KV_H

#include "backend/sandbox/call.h"
#include "crypto/ec.h"
#include "crypto/rsa.h"

/* Answer 400 BadParameter, 404 KeyNotFound. kv_bad is always false. */
bool kv_name_ok(struct call *call, const char *name) MUST_CHECK;
bool kv_bad(struct call *call, const char *message);
void kv_refuse_missing(struct call *call, const char *name, const char *version);

/* Fresh key material: an RSA key, or a key on a curve. */
struct kv_made {
	struct rsa_key *rsa;
	const char *curve;
	struct secret der;
	unsigned char x[EC_COORDINATE_MAX], y[EC_COORDINATE_MAX];
};

/* Takes seconds for RSA: no lock may be held. curve NULL: RSA of so many bits. */
bool kv_make(struct kv_made *made, unsigned bits, const char *curve, struct err *err) MUST_CHECK;
void kv_made_free(struct kv_made *made);

/* Its row of `material`, within db_begin; 0 on failure. */
int64_t kv_add(struct db *db, const struct kv_made *made);

/* Makes the versions that rotation policies ask for by now. Takes the lock; makes keys without it.
 */
void kv_rotate_due(struct world *world, time_t now);

/* wrapkey, unwrapkey, encrypt, decrypt, sign, verify. */
void kv_crypto(struct call *call);

#endif
