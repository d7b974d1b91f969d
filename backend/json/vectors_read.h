/* The fields of a test vector file: hex strings, digests, keys. For vectors.c only. Errors name the
 * field; the caller puts the place in front. */
#ifndef CLAVIGER_VECTORS_READ_H
#define CLAVIGER_VECTORS_READ_H

#include <jansson.h>
#include <stddef.h>

#include "backend/base/err.h"
#include "backend/base/mem.h"
#include "crypto/rsa.h"

struct vector_bytes {
	unsigned char *bytes; /* in the arena; NULL when the field is absent */
	size_t len;
};

/* The text at name of object; borrowed. */
bool vectors_text(
	const json_t *object, const char *name, const char **out, struct err *err) MUST_CHECK;

/* The hex string at name of object. Absent is an error only when required. */
bool vectors_hex(struct arena *arena, const json_t *object, const char *name, bool required,
	struct vector_bytes *out, struct err *err) MUST_CHECK;

/* The digest of that name, *out DIGEST_NONE when it is one of the SHAKE functions. */
bool vectors_digest(
	const json_t *object, const char *name, enum digest *out, struct err *err) MUST_CHECK;

/* The key of a test group. False when the group has none or it is not hex. *key NULL with true: the
 * key is there but crypto/rsa refuses it, *why (in the arena) says why. Free with rsa_free. */
bool vectors_key(struct arena *arena, const json_t *group, bool private, struct rsa_key **key,
	const char **why, struct err *err) MUST_CHECK;

#endif
