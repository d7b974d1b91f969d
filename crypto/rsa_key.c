/* Keys come from three places: made, read from a JWK's numbers, read from DER. Numbers are
 * checked against each other before OpenSSL sees them: it accepts a key whose parts do not belong
 * together, and a wrong CRT part gives away the factors with the first signature. */
#include "crypto/rsa_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

#include "backend/base/mem.h"
#include "crypto/ossl.h"

enum { BITS_MIN = 1024, PRIVATE_NUMBERS = 6, E_BYTES_MAX = 8 };

/* In the order of struct rsa_numbers. */
static const struct {
	const char *name, *param;
} number[RSA_NUMBERS] = {
	{"n", OSSL_PKEY_PARAM_RSA_N},
	{"e", OSSL_PKEY_PARAM_RSA_E},
	{"d", OSSL_PKEY_PARAM_RSA_D},
	{"p", OSSL_PKEY_PARAM_RSA_FACTOR1},
	{"q", OSSL_PKEY_PARAM_RSA_FACTOR2},
	{"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
	{"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2},
	{"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1},
};

/* Takes pkey over, also on failure. */
static struct rsa_key *
adopt(EVP_PKEY *pkey, bool private, struct err *err)
{
	int bits = EVP_PKEY_get_bits(pkey);
	struct rsa_key *key;

	if (bits < BITS_MIN || bits > RSA_BYTES_MAX * 8) {
		EVP_PKEY_free(pkey);
		err_set(err, ERR_FAILED, "RSA", "the key has %d bits: %d to %d are taken", bits,
			BITS_MIN, RSA_BYTES_MAX * 8);
		return NULL;
	}
	key = mem_alloc(sizeof *key);
	*key = (struct rsa_key){.pkey = pkey, .bits = (unsigned)bits, .private = private};
	return key;
}

struct rsa_key *
rsa_generate(unsigned bits, struct err *err)
{
	EVP_PKEY *pkey;

	if (!rsa_bits_taken(bits, err))
		return NULL;
	pkey = EVP_RSA_gen(bits);
	if (pkey == NULL) {
		ossl_fail(err, "RSA", "making a key");
		return NULL;
	}
	return adopt(pkey, true, err);
}

bool
rsa_bits_taken(unsigned bits, struct err *err)
{
	return bits == 2048 || bits == 3072 || bits == 4096 ||
	       err_set(err, ERR_USAGE, "RSA", "no key of %u bits: choose 2048, 3072 or 4096", bits);
}

static bool
wrong(struct err *err, int which, const char *why)
{
	ERR_clear_error();
	return err_set(err, ERR_FAILED, "RSA", "number %s of the key %s", number[which].name, why);
}

static bool
check_public(BIGNUM *const num[RSA_NUMBERS], struct err *err)
{
	int bits = BN_num_bits(num[RSA_N]);

	if (bits < BITS_MIN || bits > RSA_BYTES_MAX * 8)
		return err_set(err, ERR_FAILED, "RSA",
			"number n of the key has %d bits: %d to %d are taken", bits, BITS_MIN,
			RSA_BYTES_MAX * 8);
	if (!BN_is_odd(num[RSA_N]))
		return wrong(err, RSA_N, "is even");
	if (!BN_is_odd(num[RSA_E]) || BN_is_one(num[RSA_E]))
		return wrong(err, RSA_E, "is not an odd number above 1");
	if (BN_cmp(num[RSA_E], num[RSA_N]) >= 0)
		return wrong(err, RSA_E, "is not below n");
	return true;
}

/* Whether x * e = 1 (mod prime - 1). */
static bool
inverts(const BIGNUM *x, const BIGNUM *e, const BIGNUM *prime, BN_CTX *ctx)
{
	BIGNUM *order, *product;
	bool ok;

	BN_CTX_start(ctx);
	order = BN_CTX_get(ctx);
	product = BN_CTX_get(ctx);
	ok = product && BN_sub(order, prime, BN_value_one()) &&
	     BN_mod_mul(product, x, e, order, ctx) && BN_is_one(product);
	BN_CTX_end(ctx);
	return ok;
}

static bool
check_private(BIGNUM *const num[RSA_NUMBERS], BN_CTX *ctx, struct err *err)
{
	BIGNUM *product = BN_CTX_get(ctx);

	for (int i = RSA_D; i <= RSA_QI; i++)
		if (num[i] == NULL || BN_is_zero(num[i]))
			return wrong(err, i, "is missing");
	for (int i = RSA_P; i <= RSA_Q; i++)
		if (BN_is_one(num[i]) || !BN_is_odd(num[i]))
			return wrong(err, i, "is no prime");
	if (product == NULL || !BN_mul(product, num[RSA_P], num[RSA_Q], ctx) ||
		BN_cmp(product, num[RSA_N]) != 0)
		return wrong(err, RSA_P, "times q is not n");
	if (BN_cmp(num[RSA_D], num[RSA_N]) >= 0 ||
		!inverts(num[RSA_D], num[RSA_E], num[RSA_P], ctx) ||
		!inverts(num[RSA_D], num[RSA_E], num[RSA_Q], ctx))
		return wrong(err, RSA_D, "does not belong to e");
	if (BN_cmp(num[RSA_DP], num[RSA_P]) >= 0 ||
		!inverts(num[RSA_DP], num[RSA_E], num[RSA_P], ctx))
		return wrong(err, RSA_DP, "does not belong to p");
	if (BN_cmp(num[RSA_DQ], num[RSA_Q]) >= 0 ||
		!inverts(num[RSA_DQ], num[RSA_E], num[RSA_Q], ctx))
		return wrong(err, RSA_DQ, "does not belong to q");
	if (BN_cmp(num[RSA_QI], num[RSA_P]) >= 0 ||
		!BN_mod_mul(product, num[RSA_QI], num[RSA_Q], num[RSA_P], ctx) ||
		!BN_is_one(product))
		return wrong(err, RSA_QI, "does not belong to p and q");
	return true;
}

/* The last check: only primes make a signature come out right. */
static bool
check_pair(const struct rsa_key *key, struct err *err)
{
	static const unsigned char digest[32] = {0xa5};
	static const struct rsa_signature how = {
		.padding = RSA_SIGN_PKCS1, .digest = DIGEST_SHA256};
	unsigned char signature[RSA_BYTES_MAX];
	size_t len;

	return (rsa_sign(key, &how, digest, signature, &len, NULL) &&
		       rsa_verify(key, &how, digest, signature, len)) ||
	       wrong(err, RSA_P, "or q is no prime");
}

/* NULL when num[] cannot be made a key. Numbers that are NULL are left out. */
static EVP_PKEY *
build(BIGNUM *const num[RSA_NUMBERS])
{
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM *params = NULL;
	EVP_PKEY *pkey = NULL;
	bool ok = bld && ctx;

	for (int i = 0; ok && i < RSA_NUMBERS; i++)
		if (num[i])
			ok = OSSL_PARAM_BLD_push_BN(bld, number[i].param, num[i]);
	if (ok)
		params = OSSL_PARAM_BLD_to_param(bld);
	if (params && EVP_PKEY_fromdata_init(ctx) == 1)
		(void)EVP_PKEY_fromdata(
			ctx, &pkey, num[RSA_D] ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

struct rsa_key *
rsa_of_numbers(BIGNUM *const num[RSA_NUMBERS], BN_CTX *ctx, struct err *err)
{
	struct rsa_key *key;
	EVP_PKEY *pkey;

	if (!check_public(num, err) || (num[RSA_D] && !check_private(num, ctx, err)))
		return NULL;
	pkey = build(num);
	if (pkey == NULL) {
		ossl_fail(err, "RSA", "making a key of its numbers");
		return NULL;
	}
	key = adopt(pkey, num[RSA_D] != NULL, err);
	if (key && key->private && !check_pair(key, err)) {
		rsa_free(key);
		return NULL;
	}
	return key;
}

struct rsa_key *
rsa_import(const struct rsa_numbers *numbers, struct err *err)
{
	const struct {
		const unsigned char *bytes;
		size_t len;
	} in[RSA_NUMBERS] = {{numbers->n.bytes, numbers->n.len}, {numbers->e.bytes, numbers->e.len},
		{numbers->d.bytes, numbers->d.len}, {numbers->p.bytes, numbers->p.len},
		{numbers->q.bytes, numbers->q.len}, {numbers->dp.bytes, numbers->dp.len},
		{numbers->dq.bytes, numbers->dq.len}, {numbers->qi.bytes, numbers->qi.len}};
	int count = in[RSA_D].bytes ? RSA_NUMBERS : RSA_D;
	BIGNUM *num[RSA_NUMBERS] = {0};
	BN_CTX *ctx = BN_CTX_secure_new();
	struct rsa_key *key = NULL;
	bool ok = ctx != NULL || ossl_fail(err, "RSA", "reading a key");

	for (int i = 0; ok && i < count; i++) {
		if (in[i].bytes == NULL || in[i].len == 0) {
			ok = wrong(err, i, "is missing");
		} else if (in[i].len > RSA_BYTES_MAX + 1) {
			ok = wrong(err, i, "is too long");
		} else {
			num[i] = i >= RSA_D ? BN_secure_new() : BN_new();
			ok = (num[i] && BN_bin2bn(in[i].bytes, (int)in[i].len, num[i])) ||
			     ossl_fail(err, "RSA", "reading a key");
		}
	}
	if (ok) {
		BN_CTX_start(ctx);
		key = rsa_of_numbers(num, ctx, err);
		BN_CTX_end(ctx);
	}
	for (int i = 0; i < RSA_NUMBERS; i++)
		BN_clear_free(num[i]);
	BN_CTX_free(ctx);
	return key;
}

/* NULL when der is not exactly one PKCS#8 private key or SubjectPublicKeyInfo. */
static EVP_PKEY *
decode(const unsigned char *der, size_t len, bool private)
{
	const unsigned char *at = der;
	PKCS8_PRIV_KEY_INFO *info;
	EVP_PKEY *pkey;

	if (len > (size_t)RSA_BYTES_MAX * 16)
		return NULL;
	if (private) {
		info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)len);
		pkey = info ? EVP_PKCS82PKEY(info) : NULL;
		PKCS8_PRIV_KEY_INFO_free(info);
	} else {
		pkey = d2i_PUBKEY(NULL, &at, (long)len);
	}
	if (pkey && at != der + len) {
		EVP_PKEY_free(pkey);
		return NULL;
	}
	return pkey;
}

/* A key whose DER binds it to PSS with certain digests becomes a plain one: here the caller says
 * how to sign. Takes pkey over. */
static struct rsa_key *
unbind(EVP_PKEY *pkey, bool private, struct err *err)
{
	BIGNUM *num[RSA_NUMBERS] = {0};
	struct rsa_key *key = NULL;
	EVP_PKEY *plain;
	bool ok = true;

	for (int i = 0; ok && i < (private ? RSA_NUMBERS : RSA_D); i++)
		ok = EVP_PKEY_get_bn_param(pkey, number[i].param, &num[i]) == 1;
	plain = ok ? build(num) : NULL;
	if (plain)
		key = adopt(plain, private, err);
	else
		ossl_fail(err, "RSA", "reading an RSASSA-PSS key");
	for (int i = 0; i < RSA_NUMBERS; i++)
		BN_clear_free(num[i]);
	EVP_PKEY_free(pkey);
	return key;
}

struct rsa_key *
rsa_of_pkey(EVP_PKEY *pkey, bool private, struct err *err)
{
	if (EVP_PKEY_is_a(pkey, "RSA-PSS"))
		return unbind(pkey, private, err);
	if (EVP_PKEY_is_a(pkey, "RSA"))
		return adopt(pkey, private, err);
	EVP_PKEY_free(pkey);
	err_set(err, ERR_FAILED, "RSA", "the key is of another kind: RSA is needed");
	return NULL;
}

struct rsa_key *
rsa_from_der(const unsigned char *der, size_t len, bool private, struct err *err)
{
	EVP_PKEY *pkey = decode(der, len, private);

	if (pkey == NULL) {
		ossl_fail(err, "RSA", private ? "reading a PKCS#8 key" : "reading a public key");
		return NULL;
	}
	return rsa_of_pkey(pkey, private, err);
}

bool
rsa_to_der(const struct rsa_key *key, struct secret *out, struct err *err)
{
	PKCS8_PRIV_KEY_INFO *info;
	unsigned char *der = NULL;
	int len = 0;

	*out = (struct secret){0};
	if (!key->private)
		return err_set(err, ERR_FAILED, "RSA", "only the public part is here to write");
	info = EVP_PKEY2PKCS8(key->pkey);
	if (info)
		len = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
	PKCS8_PRIV_KEY_INFO_free(info);
	if (len <= 0)
		return ossl_fail(err, "RSA", "writing a key as PKCS#8");
	secret_set(out, der, (size_t)len);
	OPENSSL_clear_free(der, (size_t)len);
	return true;
}

void
rsa_free(struct rsa_key *key)
{
	if (key)
		EVP_PKEY_free(key->pkey);
	free(key);
}

unsigned
rsa_bits(const struct rsa_key *key)
{
	return key->bits;
}

static void
public_number(const struct rsa_key *key, int which, unsigned char *out, size_t room, size_t *len)
{
	BIGNUM *num = NULL;

	*len = 0;
	if (EVP_PKEY_get_bn_param(key->pkey, number[which].param, &num) == 1 &&
		(size_t)BN_num_bytes(num) <= room)
		*len = (size_t)BN_bn2bin(num, out);
	BN_free(num);
}

void
rsa_public(
	const struct rsa_key *key, unsigned char *n, size_t *n_len, unsigned char *e, size_t *e_len)
{
	public_number(key, RSA_N, n, RSA_BYTES_MAX, n_len);
	public_number(key, RSA_E, e, E_BYTES_MAX, e_len);
}

bool
rsa_private(const struct rsa_key *key, struct secret out[6], struct err *err)
{
	unsigned char bytes[RSA_BYTES_MAX];
	bool ok = true;

	for (int i = 0; i < PRIVATE_NUMBERS; i++)
		out[i] = (struct secret){0};
	for (int i = 0; ok && i < PRIVATE_NUMBERS; i++) {
		BIGNUM *num = NULL;

		ok = EVP_PKEY_get_bn_param(key->pkey, number[RSA_D + i].param, &num) == 1;
		if (ok)
			secret_set(&out[i], bytes, (size_t)BN_bn2bin(num, bytes));
		BN_clear_free(num);
	}
	secret_wipe(bytes, sizeof bytes);
	if (ok)
		return true;
	for (int i = 0; i < PRIVATE_NUMBERS; i++)
		secret_free(&out[i]);
	return ossl_fail(err, "RSA", "reading the private numbers of a key");
}
