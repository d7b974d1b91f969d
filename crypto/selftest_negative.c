/* A check that never fails proves nothing: here every part of a wrapped key is spoiled in turn. */
#include "crypto/selftest_negative.h"

#include <stdio.h>
#include <string.h>

#include "crypto/envelope.h"
#include "crypto/rsa.h"
#include "crypto/selftest_known.h"

/* One wrapped message that negative tests spoil. */
struct wrapped {
	struct rsa_key *key;
	struct rsa_cipher how;
	struct secret message;
	unsigned char bytes[RSA_BYTES_MAX + 1];
	size_t len;
};

static bool
wrap_one(struct wrapped *w, const char *alg, struct err *err)
{
	*w = (struct wrapped){.key = known_rsa_key(err)};
	return w->key && rsa_cipher_named(alg, &w->how) &&
	       secret_random(&w->message, ENVELOPE_KEY, err) &&
	       rsa_encrypt(
		       w->key, &w->how, w->message.bytes, w->message.len, w->bytes, &w->len, err);
}

static void
unwrap_none(struct wrapped *w)
{
	secret_free(&w->message);
	rsa_free(w->key);
}

/* OAEP must give an error. RSA1_5 may give other bytes (implicit rejection), never the message. */
static bool
refuses(const struct wrapped *w, const struct rsa_key *key, const struct rsa_cipher *how,
	size_t len, const char *what, struct err *err)
{
	struct secret plain = {0};
	bool opened = rsa_decrypt(key, how, w->bytes, len, &plain, NULL);
	bool ok = !opened || (how->padding == RSA_PKCS1 && !secret_equal(&plain, &w->message));

	secret_free(&plain);
	return ok || err_set(err, ERR_FAILED, "SELFTEST", "%s was not noticed", what);
}

static bool
refuses_flip(struct wrapped *w, size_t at, struct err *err)
{
	unsigned char bit = (unsigned char)(1 << at % 8);
	char what[64];
	bool ok;

	snprintf(what, sizeof what, "a flipped bit in byte %zu", at);
	w->bytes[at] ^= bit;
	ok = refuses(w, w->key, &w->how, w->len, what, err);
	w->bytes[at] ^= bit;
	return ok;
}

static bool
refuses_other_oaep(const struct wrapped *w, struct err *err)
{
	struct rsa_cipher hash = w->how, mgf = w->how, label = w->how;
	enum digest other = w->how.digest == DIGEST_SHA1 ? DIGEST_SHA256 : DIGEST_SHA1;

	hash.digest = other;
	mgf.mgf = other;
	label.label = (const unsigned char *)"label";
	label.label_len = strlen("label");
	return refuses(w, w->key, &hash, w->len, "a wrong hash", err) &&
	       refuses(w, w->key, &mgf, w->len, "a wrong mask hash", err) &&
	       refuses(w, w->key, &label, w->len, "a wrong label", err);
}

static bool
refuses_long_message(const struct wrapped *w, struct err *err)
{
	unsigned char long_message[RSA_BYTES_MAX] = {0}, out[RSA_BYTES_MAX];
	size_t len;

	return !rsa_encrypt(w->key, &w->how, long_message, w->len - 10, out, &len, NULL) ||
	       err_set(err, ERR_FAILED, "SELFTEST",
		       "a message too long for the padding was wrapped");
}

bool
selftest_negative(const struct selftest *test, struct err *err)
{
	struct rsa_key *other = NULL;
	struct wrapped w;
	bool ok = wrap_one(&w, test->alg, err);

	for (size_t i = 0; ok && i < w.len; i++)
		ok = refuses_flip(&w, i, err);
	if (ok)
		ok = (other = rsa_generate(KNOWN_BITS, err)) != NULL;
	ok = ok && refuses(&w, other, &w.how, w.len, "a wrong key", err) &&
	     refuses(&w, w.key, &w.how, 0, "an empty ciphertext", err) &&
	     refuses(&w, w.key, &w.how, w.len - 1, "a truncated ciphertext", err) &&
	     refuses(&w, w.key, &w.how, w.len + 1, "a ciphertext too long", err) &&
	     refuses_long_message(&w, err) &&
	     (w.how.padding == RSA_PKCS1 || refuses_other_oaep(&w, err));
	rsa_free(other);
	unwrap_none(&w);
	return ok;
}

bool
selftest_negative_sample(const struct selftest *test, struct err *err)
{
	static const char *const ciphers[] = {"RSA-OAEP", "RSA-OAEP-256", "RSA1_5"};
	bool ok = true;

	for (size_t i = 0; ok && i < ARRAY_LEN(ciphers); i++) {
		struct wrapped w;

		ok = wrap_one(&w, ciphers[i], err) && refuses_flip(&w, 0, err) &&
		     refuses_flip(&w, test->bits / 16, err) && refuses_flip(&w, w.len - 1, err);
		if (!ok)
			err_prefix(err, "%s", ciphers[i]);
		unwrap_none(&w);
	}
	return ok;
}
