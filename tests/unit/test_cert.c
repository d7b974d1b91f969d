/* The sandbox's certificates, judged by OpenSSL's own verifier. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "crypto/cert.h"
#include "crypto/secret.h"

static const time_t now = 1795287600; /* November 2026 */
static const char *const names[] = {
	"login.microsoftonline.com", "*.vault.azure.net", "localhost", "IP:127.0.0.1", "IP:::1"};

struct certs {
	struct buf ca, ca_key, leaf, leaf_key;
};

static struct certs
certs(void)
{
	struct certs out;

	buf_init(&out.ca, 16384);
	buf_init(&out.ca_key, 16384);
	buf_init(&out.leaf, 16384);
	buf_init(&out.leaf_key, 16384);
	return out;
}

static void
forget(struct certs *c)
{
	buf_free(&c->ca);
	buf_free(&c->ca_key);
	buf_free(&c->leaf);
	buf_free(&c->leaf_key);
}

static void
make_both(struct certs *c, const char *const *leaf_names, size_t len)
{
	struct err err = {0};

	assert_true(cert_make_ca(
		"claviger sandbox CA", names, ARRAY_LEN(names), now, &c->ca, &c->ca_key, &err));
	assert_true(cert_make_leaf(c->ca.data, c->ca_key.data, leaf_names, len, now - 60,
		now + 86400, &c->leaf, &c->leaf_key, &err));
}

static X509 *
parse(const struct buf *pem)
{
	BIO *bio = BIO_new_mem_buf(pem->data, (int)pem->len);
	X509 *out = PEM_read_bio_X509(bio, NULL, NULL, NULL);

	BIO_free(bio);
	assert_non_null(out);
	return out;
}

/* OpenSSL's verdict on the leaf for a host or address at a time: X509_V_OK or its error. */
static int
verdict(const struct certs *c, const char *host, const char *ip, time_t at)
{
	X509 *ca = parse(&c->ca), *leaf = parse(&c->leaf);
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509_VERIFY_PARAM *param;
	int result;

	assert_int_equal(X509_STORE_add_cert(store, ca), 1);
	assert_int_equal(X509_STORE_CTX_init(ctx, store, leaf, NULL), 1);
	param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_time(param, at);
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT);
	assert_int_equal(X509_STORE_CTX_set_purpose(ctx, X509_PURPOSE_SSL_SERVER), 1);
	if (host)
		assert_int_equal(X509_VERIFY_PARAM_set1_host(param, host, 0), 1);
	if (ip)
		assert_int_equal(X509_VERIFY_PARAM_set1_ip_asc(param, ip), 1);
	result = X509_verify_cert(ctx) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(ctx);
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	X509_free(ca);
	X509_free(leaf);
	return result;
}

static void
leaf_verifies_for_its_names_only(void **state)
{
	struct certs c = certs();

	(void)state;
	make_both(&c, names, ARRAY_LEN(names));
	assert_int_equal(verdict(&c, "login.microsoftonline.com", NULL, now), X509_V_OK);
	assert_int_equal(verdict(&c, "kv-payroll.vault.azure.net", NULL, now), X509_V_OK);
	assert_int_equal(verdict(&c, "localhost", NULL, now), X509_V_OK);
	assert_int_equal(verdict(&c, NULL, "127.0.0.1", now), X509_V_OK);
	assert_int_equal(verdict(&c, NULL, "::1", now), X509_V_OK);
	assert_int_equal(verdict(&c, "example.org", NULL, now), X509_V_ERR_HOSTNAME_MISMATCH);
	assert_int_equal(verdict(&c, NULL, "127.0.0.2", now), X509_V_ERR_IP_ADDRESS_MISMATCH);
	assert_int_equal(
		verdict(&c, "localhost", NULL, now + 2 * 86400), X509_V_ERR_CERT_HAS_EXPIRED);
	assert_int_equal(verdict(&c, "localhost", NULL, now - 3600), X509_V_ERR_CERT_NOT_YET_VALID);
	forget(&c);
}

static void
ca_vouches_for_no_other_name(void **state)
{
	static const char *const foreign[][2] = {
		{"localhost", "example.org"}, {"localhost", "IP:10.0.0.1"}};
	struct certs c;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(foreign); i++) {
		c = certs();
		make_both(&c, foreign[i], 2);
		assert_int_equal(
			verdict(&c, "localhost", NULL, now), X509_V_ERR_PERMITTED_VIOLATION);
		forget(&c);
	}
}

static void
certificates_have_the_promised_parts(void **state)
{
	struct certs c = certs();
	X509 *ca, *leaf;

	(void)state;
	make_both(&c, names, ARRAY_LEN(names));
	ca = parse(&c.ca);
	leaf = parse(&c.leaf);
	assert_true(X509_get_extension_flags(ca) & EXFLAG_CA);
	assert_false(X509_get_extension_flags(leaf) & EXFLAG_CA);
	assert_int_equal(X509_get_key_usage(ca), KU_KEY_CERT_SIGN | KU_CRL_SIGN);
	assert_int_equal(X509_get_extended_key_usage(leaf), XKU_SSL_SERVER);
	assert_int_equal(ASN1_OCTET_STRING_cmp(
				 X509_get0_subject_key_id(ca), X509_get0_authority_key_id(leaf)),
		0);
	assert_int_not_equal(
		ASN1_INTEGER_cmp(X509_get0_serialNumber(ca), X509_get0_serialNumber(leaf)), 0);
	X509_free(ca);
	X509_free(leaf);
	forget(&c);
}

static void
bad_input_is_named(void **state)
{
	static const char *const bad[] = {"", "IP:localhost", "IP:", "a b", "host:8443"};
	struct certs c = certs(), small = certs();
	struct err err = {0};

	(void)state;
	make_both(&c, names, 1);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_false(cert_make_ca("x", &bad[i], 1, now, &c.leaf, &c.leaf_key, &err));
		assert_non_null(strstr(err.msg, "no DNS name"));
		assert_false(cert_make_leaf(c.ca.data, c.ca_key.data, &bad[i], 1, now, now + 1,
			&c.leaf, &c.leaf_key, &err));
	}
	assert_false(cert_make_leaf(
		"junk", c.ca_key.data, names, 1, now, now + 1, &c.leaf, &c.leaf_key, &err));
	assert_non_null(strstr(err.msg, "PEM certificate"));
	assert_false(cert_make_leaf(
		c.ca.data, "junk", names, 1, now, now + 1, &c.leaf, &c.leaf_key, &err));
	assert_false(cert_make_leaf(
		c.ca.data, c.leaf_key.data, names, 1, now, now + 1, &c.leaf, &c.leaf_key, &err));
	assert_non_null(strstr(err.msg, "does not belong"));
	small.ca.max = 10;
	assert_false(cert_make_ca("x", names, 1, now, &small.ca, &small.ca_key, &err));
	forget(&c);
	forget(&small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaf_verifies_for_its_names_only),
		cmocka_unit_test(ca_vouches_for_no_other_name),
		cmocka_unit_test(certificates_have_the_promised_parts),
		cmocka_unit_test(bad_input_is_named),
	};

	secret_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
