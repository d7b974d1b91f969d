/* The CA's key lies in a file, so what it may vouch for is bounded by nameConstraints: whoever
 * takes it can impersonate the sandbox's names to those who trust this CA, and nothing else. */
#include "crypto/cert.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/ossl.h"
#include "crypto/rsa_key.h"
#include "crypto/secret.h"

enum {
	DAY = 86400,
	CA_DAYS = 20 * 365 + 5,
	SERIAL_BITS = 128,
	NAME_MAX_LEN = 255,
	CLIENT_BITS = 2048
};

static bool
fail(struct err *err, const char *what)
{
	return ossl_fail(err, "CERT", what);
}

/* Takes everything in bio over to out and frees bio. */
static bool
drain(BIO *bio, bool written, struct buf *out, struct err *err)
{
	char *text = NULL;
	long len = written ? BIO_get_mem_data(bio, &text) : 0;
	bool ok = len > 0 && buf_add(out, text, (size_t)len);

	BIO_free(bio);
	return ok || fail(err, "writing PEM");
}

static bool
write_cert(X509 *x509, struct buf *out, struct err *err)
{
	BIO *bio = BIO_new(BIO_s_mem());

	return drain(bio, bio && PEM_write_bio_X509(bio, x509) == 1, out, err);
}

static bool
write_key(EVP_PKEY *pkey, struct buf *out, struct err *err)
{
	BIO *bio = BIO_new(BIO_s_secmem());

	return drain(bio,
		bio && PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL) == 1, out,
		err);
}

/* NULL when pem is no certificate. */
static X509 *
read_cert(const char *pem, struct err *err)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	X509 *x509 = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;

	BIO_free(bio);
	if (x509 == NULL)
		fail(err, "reading a PEM certificate");
	return x509;
}

/* A key with a passphrase is refused instead of asking the terminal for one. */
static int
no_passphrase(char *out, int room, int writing, void *user)
{
	(void)out;
	(void)room;
	(void)writing;
	(void)user;
	return -1;
}

static EVP_PKEY *
read_key(const char *pem, struct err *err)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *pkey = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;

	BIO_free(bio);
	if (pkey == NULL)
		fail(err, "reading a PEM key");
	return pkey;
}

/* 128 random bits: X.509 allows 20 bytes, and no two certificates may share a number. */
static bool
set_serial(X509 *x509)
{
	BIGNUM *serial = BN_new();
	bool ok = serial && BN_rand(serial, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) &&
		  BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(x509));

	BN_free(serial);
	return ok;
}

/* An unsigned certificate of version 3 for pkey. */
static X509 *
draft(EVP_PKEY *pkey, const char *common_name, time_t not_before, time_t not_after)
{
	X509 *x509 = X509_new();
	bool ok = x509 && X509_set_version(x509, X509_VERSION_3) && set_serial(x509) &&
		  X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8,
			  (const unsigned char *)common_name, -1, -1, 0) &&
		  ASN1_TIME_set(X509_getm_notBefore(x509), not_before) &&
		  ASN1_TIME_set(X509_getm_notAfter(x509), not_after) && X509_set_pubkey(x509, pkey);

	if (!ok) {
		X509_free(x509);
		return NULL;
	}
	return x509;
}

static bool
add_extension(X509 *x509, X509V3_CTX *ctx, int nid, const char *value)
{
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, ctx, nid, value);
	bool ok = ext && X509_add_ext(x509, ext, -1);

	X509_EXTENSION_free(ext);
	return ok;
}

static const char name_letters[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.*";

/* A name as X.509 holds it, NULL when name is none. For a constraint, an address is followed by a
 * full mask and "*." is left out (RFC 5280, 4.2.1.10). */
static GENERAL_NAME *
general_name(const char *name, bool constraint)
{
	unsigned char address[32];
	bool is_ip = strncmp(name, "IP:", 3) == 0;
	int size = strchr(name + (is_ip ? 3 : 0), ':') ? 16 : 4;
	GENERAL_NAME *out;
	ASN1_STRING *value;

	if (!is_ip && (name[0] == '\0' || strlen(name) > NAME_MAX_LEN ||
			      name[strspn(name, name_letters)] != '\0'))
		return NULL;
	if (is_ip && inet_pton(size == 16 ? AF_INET6 : AF_INET, name + 3, address) != 1)
		return NULL;
	if (!is_ip && constraint && strncmp(name, "*.", 2) == 0)
		name += 2;
	memset(address + size, 0xff, (size_t)size);
	out = GENERAL_NAME_new();
	value = is_ip ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();
	if (out == NULL || value == NULL ||
		!(is_ip ? ASN1_STRING_set(value, address, constraint ? 2 * size : size)
			: ASN1_STRING_set(value, name, -1))) {
		GENERAL_NAME_free(out);
		ASN1_STRING_free(value);
		return NULL;
	}
	GENERAL_NAME_set0_value(out, is_ip ? GEN_IPADD : GEN_DNS, value);
	return out;
}

static bool
bad_name(struct err *err, const char *name)
{
	return err_set(err, ERR_FAILED, "CERT", "'%.100s' is no DNS name and no IP:address", name);
}

static bool
add_constraints(X509 *ca, const char *const *names, size_t names_len, struct err *err)
{
	NAME_CONSTRAINTS *list = NAME_CONSTRAINTS_new();
	bool ok = list && (list->permittedSubtrees = sk_GENERAL_SUBTREE_new_null());

	for (size_t i = 0; ok && i < names_len; i++) {
		GENERAL_SUBTREE *tree = GENERAL_SUBTREE_new();
		GENERAL_NAME *name = general_name(names[i], true);

		if (name == NULL || tree == NULL ||
			!sk_GENERAL_SUBTREE_push(list->permittedSubtrees, tree)) {
			GENERAL_NAME_free(name);
			GENERAL_SUBTREE_free(tree);
			NAME_CONSTRAINTS_free(list);
			return bad_name(err, names[i]);
		}
		GENERAL_NAME_free(tree->base);
		tree->base = name;
	}
	ok = ok && X509_add1_ext_i2d(ca, NID_name_constraints, list, 1, X509V3_ADD_DEFAULT) == 1;
	NAME_CONSTRAINTS_free(list);
	return ok || fail(err, "adding name constraints");
}

static bool
add_alt_names(X509 *leaf, const char *const *names, size_t names_len, struct err *err)
{
	GENERAL_NAMES *list = sk_GENERAL_NAME_new_null();
	bool ok = list != NULL;

	for (size_t i = 0; ok && i < names_len; i++) {
		GENERAL_NAME *name = general_name(names[i], false);

		if (name == NULL || !sk_GENERAL_NAME_push(list, name)) {
			GENERAL_NAME_free(name);
			GENERAL_NAMES_free(list);
			return bad_name(err, names[i]);
		}
	}
	ok = ok && X509_add1_ext_i2d(leaf, NID_subject_alt_name, list, 0, X509V3_ADD_DEFAULT) == 1;
	GENERAL_NAMES_free(list);
	return ok || fail(err, "adding names");
}

bool
cert_make_ca(const char *common_name, const char *const *names, size_t names_len, time_t now,
	struct buf *cert, struct buf *key, struct err *err)
{
	EVP_PKEY *pkey = EVP_EC_gen("P-256");
	time_t start = now - DAY;
	X509 *ca = pkey ? draft(pkey, common_name, start, start + (time_t)CA_DAYS * DAY) : NULL;
	X509V3_CTX ctx;
	bool ok = ca && X509_set_issuer_name(ca, X509_get_subject_name(ca));

	X509V3_set_ctx(&ctx, ca, ca, NULL, NULL, 0);
	ok = (ok && add_extension(ca, &ctx, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
		     add_extension(ca, &ctx, NID_key_usage, "critical,keyCertSign,cRLSign") &&
		     add_extension(ca, &ctx, NID_subject_key_identifier, "hash")) ||
	     fail(err, "making a CA");
	ok = ok && (names_len == 0 || add_constraints(ca, names, names_len, err));
	ok = ok && (X509_sign(ca, pkey, EVP_sha256()) > 0 || fail(err, "signing a CA"));
	ok = ok && write_cert(ca, cert, err) && write_key(pkey, key, err);
	X509_free(ca);
	EVP_PKEY_free(pkey);
	return ok;
}

/* Issues a leaf for pkey under ca. */
static X509 *
issue(X509 *ca, EVP_PKEY *ca_pkey, EVP_PKEY *pkey, const char *const *names, size_t names_len,
	time_t not_before, time_t not_after, struct err *err)
{
	X509 *leaf = draft(pkey, "claviger sandbox", not_before, not_after);
	X509V3_CTX ctx;
	bool ok = leaf && X509_set_issuer_name(leaf, X509_get_subject_name(ca));

	X509V3_set_ctx(&ctx, ca, leaf, NULL, NULL, 0);
	ok = (ok && add_extension(leaf, &ctx, NID_basic_constraints, "critical,CA:FALSE") &&
		     add_extension(leaf, &ctx, NID_key_usage, "critical,digitalSignature") &&
		     add_extension(leaf, &ctx, NID_ext_key_usage, "serverAuth") &&
		     add_extension(leaf, &ctx, NID_subject_key_identifier, "hash") &&
		     add_extension(leaf, &ctx, NID_authority_key_identifier, "keyid:always")) ||
	     fail(err, "making a certificate");
	ok = ok && add_alt_names(leaf, names, names_len, err);
	ok = ok && (X509_sign(leaf, ca_pkey, EVP_sha256()) > 0 || fail(err, "signing a leaf"));
	if (!ok) {
		X509_free(leaf);
		return NULL;
	}
	return leaf;
}

bool
cert_make_leaf(const char *ca_cert, const char *ca_key, const char *const *names, size_t names_len,
	time_t not_before, time_t not_after, struct buf *cert, struct buf *key, struct err *err)
{
	X509 *ca = read_cert(ca_cert, err), *leaf = NULL;
	EVP_PKEY *ca_pkey = ca ? read_key(ca_key, err) : NULL, *pkey = NULL;
	bool ok = ca && ca_pkey;

	if (ok && X509_check_private_key(ca, ca_pkey) != 1)
		ok = fail(err, "the CA's key does not belong to its certificate");
	if (ok) {
		pkey = EVP_EC_gen("P-256");
		ok = pkey != NULL || fail(err, "making a key");
	}
	if (ok)
		leaf = issue(ca, ca_pkey, pkey, names, names_len, not_before, not_after, err);
	ok = leaf && write_cert(leaf, cert, err) && write_key(pkey, key, err);
	X509_free(ca);
	X509_free(leaf);
	EVP_PKEY_free(ca_pkey);
	EVP_PKEY_free(pkey);
	return ok;
}

bool
cert_make_client(const char *common_name, time_t not_before, time_t not_after, struct buf *cert,
	struct buf *key, struct err *err)
{
	struct rsa_key *rsa = rsa_make(CLIENT_BITS, RSA_E_USUAL, err);
	EVP_PKEY *pkey = rsa ? rsa->pkey : NULL;
	X509 *x509 = pkey ? draft(pkey, common_name, not_before, not_after) : NULL;
	X509V3_CTX ctx;
	bool ok = x509 && X509_set_issuer_name(x509, X509_get_subject_name(x509));

	X509V3_set_ctx(&ctx, x509, x509, NULL, NULL, 0);
	ok = (ok && add_extension(x509, &ctx, NID_basic_constraints, "critical,CA:FALSE") &&
		     add_extension(x509, &ctx, NID_key_usage, "critical,digitalSignature") &&
		     add_extension(x509, &ctx, NID_ext_key_usage, "clientAuth") &&
		     add_extension(x509, &ctx, NID_subject_key_identifier, "hash") &&
		     X509_sign(x509, pkey, EVP_sha256()) > 0) ||
	     fail(err, "making a client certificate");
	ok = ok && write_cert(x509, cert, err) && write_key(pkey, key, err);
	X509_free(x509);
	rsa_free(rsa);
	return ok;
}

bool
cert_to_der(const char *pem, struct buf *out, struct err *err)
{
	X509 *x509 = read_cert(pem, err);
	unsigned char *der = NULL;
	int len = x509 ? i2d_X509(x509, &der) : 0;
	bool ok = len > 0 && buf_add(out, der, (size_t)len);

	OPENSSL_free(der);
	X509_free(x509);
	return ok || (x509 && fail(err, "writing a certificate as DER"));
}

static bool
read_time(const ASN1_TIME *from, time_t *out)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(from, &tm) != 1)
		return false;
	*out = timegm(&tm);
	return true;
}

struct rsa_key *
cert_read(const void *der, size_t len, time_t *not_before, time_t *not_after, struct err *err)
{
	const unsigned char *at = der;
	X509 *x509 = d2i_X509(NULL, &at, (long)len);
	struct rsa_key *key = NULL;
	unsigned char *spki = NULL;
	int spki_len = x509 ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), &spki) : 0;

	if (spki_len <= 0 || !read_time(X509_get0_notBefore(x509), not_before) ||
		!read_time(X509_get0_notAfter(x509), not_after))
		fail(err, "reading a DER certificate");
	else
		key = rsa_from_der(spki, (size_t)spki_len, false, err);
	OPENSSL_free(spki);
	X509_free(x509);
	return key;
}
