/* The proof of a key: wrap a random 32-byte value here with its public JWK, unwrap it in the vault,
 * compare in constant time. Used as a step by plans, and by `claviger prove`. */
#ifndef CLAVIGER_PROVE_H
#define CLAVIGER_PROVE_H

#include "backend/estate/estate.h"

struct proof_result {
	struct keyid key; /* with the version that was proved */
	enum proof result;
	int64_t us;
	struct err why; /* when not PROVED */
};

/* Waits on the loop. False only when the key cannot be read at all; a wrong answer is result
 * PROOF_FAILED, a missing right of the operator PROOF_DENIED. */
bool prove_key(struct estate *estate, const struct keyid *key, struct proof_result *out,
	struct err *err) MUST_CHECK;

#endif
