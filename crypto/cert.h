/* X.509 for the sandbox: a private CA and one leaf with every name the sandbox answers to. */
#ifndef CLAVIGER_CRYPTO_CERT_H
#define CLAVIGER_CRYPTO_CERT_H

#include <stddef.h>
#include <time.h>

#include "backend/base/buf.h"
#include "backend/base/err.h"
#include "crypto/rsa.h"

/* PEM texts; the caller has given each buf its cap. The CA (basicConstraints and keyUsage critical,
 * SKI) is EC P-256, valid 20 years from a day before now. It can vouch for nothing but names and
 * what lies below them: nameConstraints permits each DNS name (without its "*.") and address. */
bool cert_make_ca(const char *common_name, const char *const *names, size_t names_len, time_t now,
	struct buf *cert, struct buf *key, struct err *err) MUST_CHECK;

/* A server leaf for DNS names (wildcards allowed; entries of the form "IP:127.0.0.1" are
 * addresses), with AKI, SAN and serverAuth, EC P-256. Valid from not_before to not_after. */
bool cert_make_leaf(const char *ca_cert, const char *ca_key, const char *const *names,
	size_t names_len, time_t not_before, time_t not_after, struct buf *cert, struct buf *key,
	struct err *err) MUST_CHECK;

/* What a client proves itself with: a self-signed certificate and its RSA key of 2048 bits. */
bool cert_make_client(const char *common_name, time_t not_before, time_t not_after,
	struct buf *cert, struct buf *key, struct err *err) MUST_CHECK;

/* The first certificate of a PEM text as DER, added to out. */
bool cert_to_der(const char *pem, struct buf *out, struct err *err) MUST_CHECK;

/* The public RSA key of a DER certificate, new (rsa_free); NULL when it is none or has another kind
 * of key. The times of its validity go to the others. */
struct rsa_key *cert_read(const void *der, size_t len, time_t *not_before, time_t *not_after,
	struct err *err) MUST_CHECK;

/* What a client proves itself with, read from PEM: the private RSA key, new (rsa_free), and the
 * SHA-256 of the one certificate that belongs to it, whatever else of its chain is there and in
 * which order. The error (code "CERT") says what is missing or why it cannot be used. */
struct rsa_key *cert_read_client(
	const char *pem, unsigned char thumbprint[32], struct err *err) MUST_CHECK;

#endif
