/* Generations of these files name the same things differently: numbers stand in the group (n, e,
 * d), in privateKey or in publicKey. PEM is never read: in some files its label belies its
 * content. */
#include "backend/json/vectors_read.h"

#include <string.h>

#include "backend/base/text.h"

static bool
bad(struct err *err, const char *name, const char *what)
{
	return err_set(err, ERR_FAILED, "VECTORS", "%s: %s", name, what);
}

bool
vectors_text(const json_t *object, const char *name, const char **out, struct err *err)
{
	*out = json_string_value(json_object_get(object, name));
	return *out || bad(err, name, "is missing or no text");
}

/* 0 to 15, -1 for any other character. */
static int
hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c + 'a' - 'A' : c) : NULL;

	return at ? (int)(at - digits) : -1;
}

bool
vectors_hex(struct arena *arena, const json_t *object, const char *name, bool required,
	struct vector_bytes *out, struct err *err)
{
	const json_t *value = json_object_get(object, name);
	const char *text = json_string_value(value);
	size_t len = json_string_length(value);

	*out = (struct vector_bytes){0};
	if (value == NULL && !required)
		return true;
	if (text == NULL)
		return bad(err, name, "is missing or no text");
	if (len % 2)
		return bad(err, name, "has an odd number of hexadecimal digits");
	out->bytes = arena_alloc(arena, len / 2 + 1);
	for (size_t i = 0; i < len; i += 2) {
		int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);

		if (high < 0 || low < 0)
			return bad(err, name, "has a character that is no hexadecimal digit");
		out->bytes[out->len++] = (unsigned char)(high << 4 | low);
	}
	return true;
}

bool
vectors_digest(const json_t *object, const char *name, enum digest *out, struct err *err)
{
	const char *text;
	char shown[64];

	*out = DIGEST_NONE;
	if (!vectors_text(object, name, &text, err))
		return false;
	*out = digest_find(text);
	if (*out != DIGEST_NONE || strncmp(text, "SHAKE", strlen("SHAKE")) == 0)
		return true;
	text_cleans(shown, sizeof shown, text);
	return err_set(err, ERR_FAILED, "VECTORS", "%s: unknown digest '%s'", name, shown);
}

static bool
read_numbers(struct arena *arena, const json_t *object, bool private, struct rsa_numbers *out,
	struct err *err)
{
	struct vector_bytes n, e, d, p, q, dp, dq, qi;

	if (!vectors_hex(arena, object, "modulus", true, &n, err) ||
		!vectors_hex(arena, object, "publicExponent", true, &e, err))
		return false;
	*out = (struct rsa_numbers){.n = {n.bytes, n.len}, .e = {e.bytes, e.len}};
	if (!private)
		return true;
	if (!vectors_hex(arena, object, "privateExponent", true, &d, err) ||
		!vectors_hex(arena, object, "prime1", true, &p, err) ||
		!vectors_hex(arena, object, "prime2", true, &q, err) ||
		!vectors_hex(arena, object, "exponent1", true, &dp, err) ||
		!vectors_hex(arena, object, "exponent2", true, &dq, err) ||
		!vectors_hex(arena, object, "coefficient", true, &qi, err))
		return false;
	out->d.bytes = d.bytes;
	out->d.len = d.len;
	out->p.bytes = p.bytes;
	out->p.len = p.len;
	out->q.bytes = q.bytes;
	out->q.len = q.len;
	out->dp.bytes = dp.bytes;
	out->dp.len = dp.len;
	out->dq.bytes = dq.bytes;
	out->dq.len = dq.len;
	out->qi.bytes = qi.bytes;
	out->qi.len = qi.len;
	return true;
}

/* Which of the forms a group has is taken; the first of numbers, bare numbers, DER. PKCS#8 serves
 * where the private numbers are not all there, or belong to a key of more than two primes. */
static bool
read_key(struct arena *arena, const json_t *group, bool private, struct rsa_numbers *numbers,
	struct vector_bytes *der, struct err *err)
{
	const json_t *secret = json_object_get(group, "privateKey");
	const json_t *public = json_object_get(group, "publicKey");
	bool two_primes = json_object_get(secret, "prime1") &&
			  json_object_get(secret, "otherPrimeInfos") == NULL;
	struct vector_bytes n, e;

	*der = (struct vector_bytes){0};
	if (private) {
		if (two_primes)
			return read_numbers(arena, secret, true, numbers, err);
		return vectors_hex(arena, group, "privateKeyPkcs8", true, der, err);
	}
	if (json_is_object(public) || json_is_object(secret))
		return read_numbers(
			arena, json_is_object(public) ? public : secret, false, numbers, err);
	if (json_object_get(group, "n")) {
		if (!vectors_hex(arena, group, "n", true, &n, err) ||
			!vectors_hex(arena, group, "e", true, &e, err))
			return false;
		*numbers = (struct rsa_numbers){.n = {n.bytes, n.len}, .e = {e.bytes, e.len}};
		return true;
	}
	if (json_object_get(group, "keyDer"))
		return vectors_hex(arena, group, "keyDer", true, der, err);
	return vectors_hex(arena, group, "publicKeyDer", true, der, err);
}

bool
vectors_key(struct arena *arena, const json_t *group, bool private, struct rsa_key **key,
	const char **why, struct err *err)
{
	struct rsa_numbers numbers = {0};
	struct vector_bytes der;
	struct err refused = {0};

	*key = NULL;
	*why = "";
	if (!read_key(arena, group, private, &numbers, &der, err))
		return false;
	*key = der.bytes ? rsa_from_der(der.bytes, der.len, private, &refused)
			 : rsa_import(&numbers, &refused);
	if (*key == NULL)
		*why = arena_strdup(arena, refused.msg);
	return true;
}
