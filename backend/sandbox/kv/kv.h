/* What the parts of Key Vault's data plane share. */
#ifndef CLAVIGER_SANDBOX_KV_H
#define CLAVIGER_SANDBOX_KV_H

#include "backend/sandbox/call.h"
#include "backend/sandbox/rows/keys.h"
#include "crypto/ec.h"
#include "crypto/rsa.h"

/* What every call of the data plane needs: the vault or HSM that the host names (call->vault), a
 * token for it, its firewall's leave, an API version. False: answered. Takes the lock. */
bool kv_prepare(struct call *call) MUST_CHECK;

/* Answer 400 BadParameter, 404 KeyNotFound (of a key; of a deleted key). All but kv_name_ok are
 * always false. */
bool kv_name_ok(struct call *call, const char *name) MUST_CHECK;
bool kv_bad(struct call *call, const char *message);
bool kv_refuse_missing(struct call *call, const char *name, const char *version);
bool kv_refuse_not_deleted(struct call *call, const char *name);

/* Whether a key may be made under the name; otherwise answers 409. The lock must be held. */
bool kv_name_free(struct call *call, const char *name) MUST_CHECK;

/* Waits for the material of a version ("": the newest) that a seed has promised; its numbers are
 * part of the bundle. False, with an answer, when it will never come. No lock may be held. */
bool kv_await(struct call *call, const char *name, const char *version) MUST_CHECK;

/* KeyBundle, KeyItem and their deleted forms of the REST description, in the names of the asker and
 * with the attributes of the API version that was asked for. */
json_t *kv_kid(const struct call *call, const struct key_version *key, bool with_version);
json_t *kv_bundle(const struct call *call, const struct key_version *key);
json_t *kv_deleted_bundle(const struct call *call, const struct key_version *key);

/* Answers 200 with a page of a list; subject is the key of a list of versions. */
void kv_list(struct call *call, enum keys_list list, const char *subject);

/* Members of a body that give or change a key; what is not there stays. False: answered 400. */
bool kv_take_attributes(struct call *call, struct key_version *key) MUST_CHECK;
bool kv_take_tags(struct call *call, struct key_version *key) MUST_CHECK;
bool kv_take_ops(struct call *call, const json_t *ops, struct key_version *key) MUST_CHECK;

/* A member of bytes, base64url, of at most room bytes; false: answered 400. */
bool kv_take_bytes(struct call *call, const json_t *object, const char *name, unsigned char *out,
	size_t room, size_t *len) MUST_CHECK;

/* JSON as text in the call's arena. */
const char *kv_dumped(struct call *call, const json_t *json);

/* Fresh or imported key material: an RSA key, or a key on a curve. */
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

/* POST /keys/NAME/create, PUT /keys/NAME. */
void kv_create(struct call *call);
void kv_import(struct call *call);

/* Ends the recoveries of keys whose time has come, then makes the versions that rotation policies
 * ask for by now. Takes the lock; makes keys without it. */
void kv_rotate_due(struct world *world, time_t now);

/* wrapkey, unwrapkey, encrypt, decrypt, sign, verify. */
void kv_crypto(struct call *call);

/* The versions that a Managed HSM keeps of one key (documentation: Managed HSM service limits). */
enum { KV_HSM_VERSIONS = 100 };

#endif
