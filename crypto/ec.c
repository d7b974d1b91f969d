/* OpenSSL signs in DER; JWS and Key Vault want the two numbers at fixed width. */
#include "crypto/ec.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>
#include <string.h>

#include "crypto/ossl.h"

static const struct curve {
	const char *name, *group;
	size_t size;
} curves[] = {
	{"P-256", "prime256v1", 32},
	{"P-384", "secp384r1", 48},
	{"P-521", "secp521r1", 66},
	{"P-256K", "secp256k1", 32},
};

static const struct curve *
find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(curves); i++)
		if (strcmp(curves[i].name, name) == 0)
			return &curves[i];
	return NULL;
}

size_t
ec_size(const char *curve)
{
	const struct curve *found = find(curve);

	return found ? found->size : 0;
}

static bool
coordinate(EVP_PKEY *key, const char *name, unsigned char *out, size_t size)
{
	BIGNUM *number = NULL;
	bool ok = EVP_PKEY_get_bn_param(key, name, &number) == 1 &&
		  BN_bn2binpad(number, out, (int)size) == (int)size;

	BN_free(number);
	return ok;
}

static bool
export_der(EVP_PKEY *key, struct secret *out)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
	unsigned char *bytes = NULL;
	int len = info ? i2d_PKCS8_PRIV_KEY_INFO(info, &bytes) : -1;

	PKCS8_PRIV_KEY_INFO_free(info);
	if (len <= 0)
		return false;
	secret_set(out, bytes, (size_t)len);
	OPENSSL_clear_free(bytes, (size_t)len);
	return true;
}

bool
ec_generate(
	const char *curve, struct secret *der, unsigned char *x, unsigned char *y, struct err *err)
{
	const struct curve *found = find(curve);
	EVP_PKEY *key = found ? EVP_EC_gen(found->group) : NULL;
	bool ok = key && coordinate(key, OSSL_PKEY_PARAM_EC_PUB_X, x, found->size) &&
		  coordinate(key, OSSL_PKEY_PARAM_EC_PUB_Y, y, found->size) && export_der(key, der);

	EVP_PKEY_free(key);
	return ok || ossl_fail(err, "EC", "EC: cannot make a key");
}

/* Left-padded to the width of the curve, as points are written. */
static bool
widen(unsigned char *out, size_t size, const unsigned char *in, size_t len)
{
	if (len == 0 || len > size)
		return false;
	memset(out, 0, size - len);
	memcpy(out + size - len, in, len);
	return true;
}

static EVP_PKEY *
of_numbers(const struct curve *curve, const BIGNUM *d, const unsigned char *point, size_t len)
{
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	OSSL_PARAM *params = NULL;
	EVP_PKEY *key = NULL;

	if (bld && ctx &&
		OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME, curve->group, 0) &&
		OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY, point, len) &&
		OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_PRIV_KEY, d))
		params = OSSL_PARAM_BLD_to_param(bld);
	if (params && EVP_PKEY_fromdata_init(ctx) == 1)
		(void)EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

bool
ec_import(const char *curve, const struct ec_numbers *in, struct secret *der, struct err *err)
{
	const struct curve *found = find(curve);
	unsigned char point[1 + 2 * EC_COORDINATE_MAX] = {POINT_CONVERSION_UNCOMPRESSED};
	EVP_PKEY_CTX *check = NULL;
	EVP_PKEY *key = NULL;
	BIGNUM *d = NULL;
	bool ok;

	if (found && in->d.len > 0 && in->d.len <= found->size &&
		widen(point + 1, found->size, in->x.bytes, in->x.len) &&
		widen(point + 1 + found->size, found->size, in->y.bytes, in->y.len))
		d = BN_secure_new();
	if (d && BN_bin2bn(in->d.bytes, (int)in->d.len, d))
		key = of_numbers(found, d, point, 1 + 2 * found->size);
	if (key)
		check = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	ok = check && EVP_PKEY_check(check) == 1 && export_der(key, der);
	EVP_PKEY_CTX_free(check);
	EVP_PKEY_free(key);
	BN_clear_free(d);
	return ok || ossl_fail(err, "EC", "EC: the numbers are no key");
}

static EVP_PKEY *
import(const struct secret *der)
{
	const unsigned char *at = der->bytes;
	PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)der->len);
	EVP_PKEY *key = info ? EVP_PKCS82PKEY(info) : NULL;

	PKCS8_PRIV_KEY_INFO_free(info);
	return key;
}

static bool
to_fixed(const unsigned char *der, size_t len, size_t size, unsigned char *out)
{
	ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)len);
	bool ok = pair && BN_bn2binpad(ECDSA_SIG_get0_r(pair), out, (int)size) >= 0 &&
		  BN_bn2binpad(ECDSA_SIG_get0_s(pair), out + size, (int)size) >= 0;

	ECDSA_SIG_free(pair);
	return ok;
}

bool
ec_sign(const struct secret *der, const char *curve, const void *digest, size_t len,
	unsigned char *out, struct err *err)
{
	EVP_PKEY *key = import(der);
	EVP_PKEY_CTX *ctx = key ? EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL) : NULL;
	unsigned char signature[EC_SIGNATURE_MAX + 16];
	size_t got = sizeof signature;
	bool ok = ctx && EVP_PKEY_sign_init(ctx) == 1 &&
		  EVP_PKEY_sign(ctx, signature, &got, digest, len) == 1 &&
		  to_fixed(signature, got, ec_size(curve), out);

	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
	return ok || ossl_fail(err, "EC", "EC: cannot sign");
}

static int
from_fixed(const unsigned char *in, size_t size, unsigned char *out)
{
	ECDSA_SIG *pair = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(in, (int)size, NULL), *s = BN_bin2bn(in + size, (int)size, NULL);
	int len = -1;

	if (pair && r && s && ECDSA_SIG_set0(pair, r, s) == 1) {
		len = i2d_ECDSA_SIG(pair, &out);
	} else {
		BN_free(r);
		BN_free(s);
	}
	ECDSA_SIG_free(pair);
	return len;
}

bool
ec_verify(const struct secret *der, const char *curve, const void *digest, size_t len,
	const void *signature)
{
	EVP_PKEY *key = import(der);
	EVP_PKEY_CTX *ctx = key ? EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL) : NULL;
	unsigned char bytes[EC_SIGNATURE_MAX + 16];
	int got = from_fixed(signature, ec_size(curve), bytes);
	bool ok = ctx && got > 0 && EVP_PKEY_verify_init(ctx) == 1 &&
		  EVP_PKEY_verify(ctx, bytes, (size_t)got, digest, len) == 1;

	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
	return ok;
}
