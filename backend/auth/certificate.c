/* Sign-in with a certificate: a JWT that says who asks, for whom and until when, signed with the
 * certificate's key [Entra's documentation, "Application authentication certificate credentials"].
 * The file is read for each token, so that a renewed certificate is used from then on. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uuid/uuid.h>

#include "backend/auth/ways.h"
#include "backend/base/file.h"
#include "crypto/b64.h"
#include "crypto/cert.h"
#include "crypto/jws.h"

enum { PEM_MAX = 64 << 10, ASSERTION_MAX = 16 << 10, LIFE_S = 600 };

static enum credential_offer
certificate_find(
	const struct credential_wish *wish, struct credential *out, char reason[CREDENTIAL_REASON])
{
	if (!credential_variable(
		    "AZURE_CLIENT_CERTIFICATE_PATH", out->file, sizeof out->file, reason) ||
		!credential_variable("AZURE_TENANT_ID", out->tenant, sizeof out->tenant, reason) ||
		!credential_variable(
			"AZURE_CLIENT_ID", out->client_id, sizeof out->client_id, reason))
		return OFFER_NO;
	if (wish->certificate[0])
		snprintf(out->file, sizeof out->file, "%s", wish->certificate);
	if (out->file[0])
		return OFFER_YES;
	snprintf(reason, CREDENTIAL_REASON,
		"AZURE_CLIENT_CERTIFICATE_PATH is not set and the profile names no certificate");
	return OFFER_NO;
}

/* What a symlink leads to is looked at, as mounted secrets are links. */
static struct rsa_key *
read_pem(const char *named, unsigned char thumbprint[32], struct err *err)
{
	struct rsa_key *key = NULL;
	char path[PATH_MAX];
	struct buf pem;

	if (realpath(named, path) == NULL) {
		err_set(err, ERR_FAILED, "Certificate",
			"certificate %s: cannot open it: %s; check AZURE_CLIENT_CERTIFICATE_PATH "
			"or the profile",
			named, strerror(errno));
		return NULL;
	}
	buf_init(&pem, PEM_MAX);
	if (file_read(path, true, &pem, err)) {
		key = cert_read_client(buf_text(&pem), thumbprint, err);
		if (key == NULL)
			err_prefix(err, "%s", path);
	}
	buf_free(&pem);
	if (key == NULL)
		err_prefix(err, "certificate");
	return key;
}

static bool
sign(const struct rsa_key *key, const unsigned char thumbprint[32],
	const struct credential *credential, const struct token_ask *ask, struct buf *out,
	struct err *err)
{
	char x5t[64], jti[37], header[160];
	int64_t now = (int64_t)ask->now;
	struct buf payload;
	uuid_t uuid;
	bool ok;

	b64_encode(x5t, thumbprint, 32);
	uuid_generate_random(uuid);
	uuid_unparse_lower(uuid, jti);
	snprintf(header, sizeof header, "{\"alg\":\"PS256\",\"typ\":\"JWT\",\"x5t#S256\":\"%s\"}",
		x5t);
	buf_init(&payload, ASSERTION_MAX);
	ok = buf_addf(&payload,
		     "{\"aud\":\"%s/%s/oauth2/v2.0/token\",\"iss\":\"%s\",\"sub\":\"%s\","
		     "\"jti\":\"%s\",\"nbf\":%" PRId64 ",\"exp\":%" PRId64 "}",
		     ask->cloud->authority, ask->tenant, credential->client_id,
		     credential->client_id, jti, now, now + LIFE_S) &&
	     jws_sign(key, "PS256", header, buf_text(&payload), out, err);
	buf_free(&payload);
	return ok;
}

static bool
certificate_build(const struct credential *credential, const struct token_ask *ask,
	struct request *out, struct err *err)
{
	unsigned char thumbprint[32];
	struct rsa_key *key;
	struct buf proof;
	bool ok;

	if (!entra_names(credential, ask, err))
		return false;
	key = read_pem(credential->file, thumbprint, err);
	if (key == NULL)
		return false;
	buf_init(&proof, ASSERTION_MAX);
	ok = sign(key, thumbprint, credential, ask, &proof, err) &&
	     entra_assert(credential, ask, buf_text(&proof), out, err);
	buf_free(&proof);
	rsa_free(key);
	return ok;
}

const struct credential_kind credential_client_certificate = {
	.name = "client-certificate",
	.title = "client id and certificate of an application, from AZURE_CLIENT_ID and "
		 "AZURE_CLIENT_CERTIFICATE_PATH",
	.remedy = "check AZURE_TENANT_ID, AZURE_CLIENT_ID and the certificate",
	.needs_tenant = true,
	.needs_client_id = true,
	.find = certificate_find,
	.build = certificate_build,
};
