/* The algorithm is the caller's choice, never the token's: a token that names another one is
 * refused, so "none" and confusion of keys cannot happen. */
#include "crypto/jws.h"

#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "crypto/b64.h"

/* Longest token that is read or written: Entra's are some 2 KiB. */
enum { TOKEN_MAX = 64 << 10 };

/* Whether the first "alg" of header has the value alg. Headers that spell it with escapes, which
 * nobody does, are refused by this. */
static bool
header_names(const char *header, const char *alg)
{
	const char *blanks = " \t\r\n", *at = strstr(header, "\"alg\"");
	size_t len = strlen(alg);

	if (at == NULL)
		return false;
	at += strlen("\"alg\"");
	at += strspn(at, blanks);
	if (*at++ != ':')
		return false;
	at += strspn(at, blanks);
	return at[0] == '"' && strncmp(at + 1, alg, len) == 0 && at[1 + len] == '"';
}

static bool
supported(const char *alg, struct rsa_signature *how, struct err *err)
{
	if (strcmp(alg, "RS256") == 0 || strcmp(alg, "PS256") == 0)
		return rsa_signature_named(alg, how);
	return err_set(err, ERR_FAILED, "JWS", "algorithm %s: only RS256 and PS256 are known", alg);
}

static bool
add_b64(struct buf *out, const void *bytes, size_t len)
{
	char *text = mem_alloc(b64_length(len) + 1);
	bool ok;

	b64_encode(text, bytes, len);
	ok = buf_adds(out, text);
	secret_wipe(text, strlen(text));
	free(text);
	return ok;
}

bool
jws_sign(const struct rsa_key *key, const char *alg, const char *header, const char *payload,
	struct buf *out, struct err *err)
{
	unsigned char digest[DIGEST_MAX], signature[RSA_BYTES_MAX];
	size_t start = out->len, len;
	struct rsa_signature how;

	if (!supported(alg, &how, err))
		return false;
	if (!header_names(header, alg))
		return err_set(err, ERR_FAILED, "JWS", "the header does not name %s", alg);
	if (!add_b64(out, header, strlen(header)) || !buf_adds(out, ".") ||
		!add_b64(out, payload, strlen(payload)))
		return err_set(err, ERR_FAILED, "JWS", "the token does not fit its buffer");
	digest_of(how.digest, out->data + start, out->len - start, digest);
	if (!rsa_sign(key, &how, digest, signature, &len, err))
		return false;
	return (buf_adds(out, ".") && add_b64(out, signature, len)) ||
	       err_set(err, ERR_FAILED, "JWS", "the token does not fit its buffer");
}

/* Adds to out what the len letters at part decode to; a NUL inside is refused. */
static bool
add_decoded(struct buf *out, const char *part, size_t len)
{
	unsigned char *bytes = mem_alloc(len + 1);
	char *text = mem_alloc(len + 1);
	size_t got = 0;
	bool ok;

	memcpy(text, part, len);
	ok = b64_decode(bytes, len, &got, text) && memchr(bytes, '\0', got) == NULL &&
	     buf_add(out, bytes, got);
	secret_wipe(bytes, len);
	secret_wipe(text, len);
	free(bytes);
	free(text);
	return ok;
}

bool
jws_peek(const char *token, struct buf *header, struct buf *payload, struct err *err)
{
	const char *dot = strchr(token, '.'), *second = dot ? strchr(dot + 1, '.') : NULL;

	if (second == NULL || strchr(second + 1, '.') || strlen(token) > TOKEN_MAX)
		return err_set(err, ERR_FAILED, "JWS",
			"no token of three parts in base64url: copy it whole");
	buf_clear(header);
	buf_clear(payload);
	if (!add_decoded(header, token, (size_t)(dot - token)))
		return err_set(err, ERR_FAILED, "JWS", "the token's header is not base64url text");
	if (!add_decoded(payload, dot + 1, (size_t)(second - dot - 1)))
		return err_set(err, ERR_FAILED, "JWS", "the token's payload is not base64url text");
	return true;
}

static bool
signature_fits(const struct rsa_key *key, const struct rsa_signature *how, const char *token)
{
	unsigned char digest[DIGEST_MAX], signature[RSA_BYTES_MAX];
	const char *last = strrchr(token, '.');
	size_t len;

	digest_of(how->digest, token, (size_t)(last - token), digest);
	return b64_decode(signature, sizeof signature, &len, last + 1) &&
	       rsa_verify(key, how, digest, signature, len);
}

bool
jws_verify(const struct rsa_key *key, const char *alg, const char *token, struct buf *header,
	struct buf *payload, struct err *err)
{
	struct rsa_signature how;

	if (!supported(alg, &how, err) || !jws_peek(token, header, payload, err))
		return false;
	if (!header_names(buf_text(header), alg))
		err_set(err, ERR_FAILED, "JWS", "the token is not signed with %s", alg);
	else if (!signature_fits(key, &how, token))
		err_set(err, ERR_FAILED, "JWS", "the token's signature is wrong");
	else
		return true;
	buf_clear(header);
	buf_clear(payload);
	return false;
}
