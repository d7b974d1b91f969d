/* What Key Vault does with a key. All parameters of an operation go to OpenSSL in one array when it
 * starts: a call per parameter costs a search of the provider each time. Failures carry no reason,
 * because the reason is what a padding oracle tells. */
#include "crypto/rsa.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <string.h>

#include "crypto/rsa_key.h"

/* Parameters of one operation; the numbers they point to live here too. */
struct params {
	OSSL_PARAM list[6];
	size_t used;
	int salt;
};

/* OpenSSL never writes through these parameters, although their type has no const. */
static void
add_text(struct params *params, const char *name, const char *value)
{
	params->list[params->used++] = OSSL_PARAM_construct_utf8_string(name, (char *)value, 0);
}

static bool
failed(struct err *err, const char *what)
{
	ERR_clear_error();
	return err_set(err, ERR_FAILED, "RSA", "RSA %s failed", what);
}

static const OSSL_PARAM *
cipher_params(const struct rsa_cipher *how, struct params *params)
{
	if (how->padding == RSA_PKCS1) {
		add_text(params, OSSL_ASYM_CIPHER_PARAM_PAD_MODE, OSSL_PKEY_RSA_PAD_MODE_PKCSV15);
	} else {
		add_text(params, OSSL_ASYM_CIPHER_PARAM_PAD_MODE, OSSL_PKEY_RSA_PAD_MODE_OAEP);
		add_text(params, OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST, digest_name(how->digest));
		add_text(params, OSSL_ASYM_CIPHER_PARAM_MGF1_DIGEST, digest_name(how->mgf));
		if (how->label_len)
			params->list[params->used++] =
				OSSL_PARAM_construct_octet_string(OSSL_ASYM_CIPHER_PARAM_OAEP_LABEL,
					(unsigned char *)how->label, how->label_len);
	}
	params->list[params->used] = OSSL_PARAM_construct_end();
	return params->list;
}

bool
rsa_encrypt(const struct rsa_key *key, const struct rsa_cipher *how, const void *in, size_t len,
	unsigned char *out, size_t *out_len, struct err *err)
{
	struct params params = {0};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
	bool ok;

	*out_len = RSA_BYTES_MAX;
	ok = ctx && EVP_PKEY_encrypt_init_ex(ctx, cipher_params(how, &params)) == 1 &&
	     EVP_PKEY_encrypt(ctx, out, out_len, len ? in : "", len) == 1;
	EVP_PKEY_CTX_free(ctx);
	return ok || failed(err, "encryption");
}

bool
rsa_decrypt(const struct rsa_key *key, const struct rsa_cipher *how, const void *in, size_t len,
	struct secret *out, struct err *err)
{
	unsigned char plain[RSA_BYTES_MAX];
	size_t plain_len = sizeof plain;
	struct params params = {0};
	EVP_PKEY_CTX *ctx;
	bool ok;

	*out = (struct secret){0};
	if (!key->private)
		return err_set(err, ERR_FAILED, "RSA", "decryption needs the private key");
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
	ok = ctx && EVP_PKEY_decrypt_init_ex(ctx, cipher_params(how, &params)) == 1 &&
	     EVP_PKEY_decrypt(ctx, plain, &plain_len, len ? in : "", len) == 1;
	EVP_PKEY_CTX_free(ctx);
	if (ok)
		secret_set(out, plain, plain_len);
	secret_wipe(plain, sizeof plain);
	return ok || failed(err, "decryption");
}

static const OSSL_PARAM *
signature_params(const struct rsa_signature *how, struct params *params)
{
	add_text(params, OSSL_SIGNATURE_PARAM_DIGEST, digest_name(how->digest));
	if (how->padding == RSA_SIGN_PKCS1) {
		add_text(params, OSSL_SIGNATURE_PARAM_PAD_MODE, OSSL_PKEY_RSA_PAD_MODE_PKCSV15);
	} else {
		add_text(params, OSSL_SIGNATURE_PARAM_PAD_MODE, OSSL_PKEY_RSA_PAD_MODE_PSS);
		add_text(params, OSSL_SIGNATURE_PARAM_MGF1_DIGEST, digest_name(how->mgf));
		params->salt = (int)how->salt;
		params->list[params->used++] =
			OSSL_PARAM_construct_int(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, &params->salt);
	}
	params->list[params->used] = OSSL_PARAM_construct_end();
	return params->list;
}

bool
rsa_sign(const struct rsa_key *key, const struct rsa_signature *how, const unsigned char *digest,
	unsigned char *out, size_t *out_len, struct err *err)
{
	struct params params = {0};
	EVP_PKEY_CTX *ctx;
	bool ok;

	*out_len = RSA_BYTES_MAX;
	if (!key->private)
		return err_set(err, ERR_FAILED, "RSA", "signing needs the private key");
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
	ok = ctx && EVP_PKEY_sign_init_ex(ctx, signature_params(how, &params)) == 1 &&
	     EVP_PKEY_sign(ctx, out, out_len, digest, digest_size(how->digest)) == 1;
	EVP_PKEY_CTX_free(ctx);
	return ok || failed(err, "signing");
}

bool
rsa_verify(const struct rsa_key *key, const struct rsa_signature *how, const unsigned char *digest,
	const void *signature, size_t len)
{
	struct params params = {0};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
	bool ok;

	ok = ctx && EVP_PKEY_verify_init_ex(ctx, signature_params(how, &params)) == 1 &&
	     EVP_PKEY_verify(ctx, len ? signature : (const void *)"", len, digest,
		     digest_size(how->digest)) == 1;
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return ok;
}

bool
rsa_cipher_named(const char *alg, struct rsa_cipher *out)
{
	static const struct {
		const char *name;
		struct rsa_cipher how;
	} table[] = {
		{"RSA-OAEP", {.padding = RSA_OAEP, .digest = DIGEST_SHA1, .mgf = DIGEST_SHA1}},
		{"RSA-OAEP-256",
			{.padding = RSA_OAEP, .digest = DIGEST_SHA256, .mgf = DIGEST_SHA256}},
		{"RSA1_5", {.padding = RSA_PKCS1}},
	};

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (strcmp(alg, table[i].name) == 0) {
			*out = table[i].how;
			return true;
		}
	}
	return false;
}

bool
rsa_signature_named(const char *alg, struct rsa_signature *out)
{
	static const struct {
		const char *bits;
		enum digest digest;
	} table[] = {{"256", DIGEST_SHA256}, {"384", DIGEST_SHA384}, {"512", DIGEST_SHA512}};
	bool pss = strncmp(alg, "PS", 2) == 0;

	if (!pss && strncmp(alg, "RS", 2) != 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (strcmp(alg + 2, table[i].bits) == 0) {
			*out = (struct rsa_signature){
				.padding = pss ? RSA_SIGN_PSS : RSA_SIGN_PKCS1,
				.digest = table[i].digest,
				.mgf = table[i].digest,
				.salt = digest_size(table[i].digest),
			};
			return true;
		}
	}
	return false;
}
