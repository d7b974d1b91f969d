/* Files of this kind come from everywhere: openssl, az, Key Vault's download, certbot. They hold
 * the key before the certificate or after it, and intermediate certificates in any order. */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

#include "crypto/cert.h"
#include "crypto/ossl.h"
#include "crypto/rsa_key.h"

static bool
fail(struct err *err, const char *what)
{
	ERR_clear_error();
	return err_set(err, ERR_FAILED, "CERT", "%s", what);
}

/* Instead of asking the terminal. */
static int
no_passphrase(char *out, int room, int writing, void *user)
{
	(void)out;
	(void)room;
	(void)writing;
	(void)user;
	return -1;
}

static struct rsa_key *
read_key(const char *pem, struct err *err)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *pkey = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;

	BIO_free(bio);
	if (pkey && (EVP_PKEY_is_a(pkey, "RSA") || EVP_PKEY_is_a(pkey, "RSA-PSS")))
		return rsa_of_pkey(pkey, true, err);
	if (pkey)
		fail(err, "its key is no RSA key; Entra takes assertions that RSA keys sign");
	else if (strstr(pem, "BEGIN ENCRYPTED PRIVATE KEY") ||
		 strstr(pem, "Proc-Type: 4,ENCRYPTED"))
		fail(err, "its key is encrypted; give it without a passphrase: "
			  "openssl pkey -in FILE");
	else if (strstr(pem, "-----BEGIN ") == NULL)
		fail(err, "it is no PEM file; of a PKCS#12 file one is made by: "
			  "openssl pkcs12 -noenc -in FILE");
	else if (strstr(pem, "PRIVATE KEY-----") == NULL)
		fail(err, "it holds no private key; put it into the same file");
	else
		ossl_fail(err, "CERT", "its private key cannot be read");
	EVP_PKEY_free(pkey);
	return NULL;
}

/* The certificate of that key, or NULL. */
static X509 *
find_own(const char *pem, EVP_PKEY *pkey, size_t *seen)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	X509 *x509 = NULL;

	*seen = 0;
	while (bio && (x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
		++*seen;
		if (X509_check_private_key(x509, pkey) == 1)
			break;
		X509_free(x509);
	}
	ERR_clear_error();
	BIO_free(bio);
	return x509;
}

struct rsa_key *
cert_read_client(const char *pem, unsigned char thumbprint[32], struct err *err)
{
	struct rsa_key *key = read_key(pem, err);
	unsigned len = 32;
	X509 *x509;
	size_t seen;
	bool ok;

	if (key == NULL)
		return NULL;
	x509 = find_own(pem, key->pkey, &seen);
	if (x509)
		ok = X509_digest(x509, EVP_sha256(), thumbprint, &len) == 1 ||
		     ossl_fail(err, "CERT", "taking a certificate's digest");
	else
		ok = fail(err, seen ? "its key belongs to none of its certificates"
				    : "it holds no certificate; put it into the same file");
	X509_free(x509);
	if (ok)
		return key;
	rsa_free(key);
	return NULL;
}
