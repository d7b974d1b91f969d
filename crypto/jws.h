/* JSON Web Signatures in compact form, RS256 and PS256, and the digests of certificates that
 * Entra's client assertions name (RFC 7515; x5t#S256). Payloads are bytes: no JSON here. */
#ifndef CLAVIGER_CRYPTO_JWS_H
#define CLAVIGER_CRYPTO_JWS_H

#include "backend/base/buf.h"
#include "crypto/rsa.h"

/* header and payload are JSON texts; alg is "RS256" or "PS256" and must agree with the header. The
 * token is added to out. */
bool jws_sign(const struct rsa_key *key, const char *alg, const char *header, const char *payload,
	struct buf *out, struct err *err) MUST_CHECK;

/* Splits token, checks the signature with alg, which the header must name too; header and payload
 * (what they held is dropped) get the decoded texts, and are empty after a failure. */
bool jws_verify(const struct rsa_key *key, const char *alg, const char *token, struct buf *header,
	struct buf *payload, struct err *err) MUST_CHECK;

/* Decodes without verifying: only for reading one's own token's claims. */
bool jws_peek(
	const char *token, struct buf *header, struct buf *payload, struct err *err) MUST_CHECK;

#endif
