/* The proof: 32 random bytes are wrapped here with the public key and unwrapped in the vault. What
 * comes back the same shows that the vault holds the private half of the very key that the account
 * is about to depend on, and that it is usable now. Nothing is changed by it. */
#include "backend/plans/cross.h"
#include "backend/plans/step.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/json/jwk.h"
#include "crypto/b64.h"
#include "crypto/rsa.h"

static const char algorithm[] = "RSA-OAEP-256";

/* In another tenant the key may be one that nobody here can read. */
static bool
possible(const struct plan_facts *facts)
{
	return !cross_hides_key(facts);
}

static void
describe(const struct plan_facts *facts, char *out, size_t room)
{
	snprintf(out, room, "%s/%s: wraps 32 random bytes here (%s), unwraps them there, compares",
		facts->want.vault, facts->want.key, algorithm);
}

/* base64url of the wrapped bytes into out. */
static bool
wrap(const struct plan_facts *facts, char *out, size_t room, struct err *err)
{
	unsigned char wrapped[RSA_BYTES_MAX];
	struct rsa_key *key = jwk_read(facts->facts.key.jwk, err);
	struct rsa_cipher how;
	size_t len;
	bool ok;

	ok = key && rsa_cipher_named(algorithm, &how) &&
	     rsa_encrypt(key, &how, facts->wrapped_here.bytes, facts->wrapped_here.len, wrapped,
		     &len, err);
	rsa_free(key);
	if (!ok)
		return err_prefix(err, "wrapping with the public key of %s/%s", facts->want.vault,
			facts->want.key);
	if (b64_length(len) >= room)
		return err_set(err, ERR_FAILED, "RSA", "%s/%s: the key is too large",
			facts->want.vault, facts->want.key);
	b64_encode(out, wrapped, len);
	return true;
}

static bool
build(const struct plan_facts *facts, struct request *out, struct err *err)
{
	char value[RSA_BYTES_MAX * 2], mark[96];
	const char *version = facts->want.version;

	if (facts->previewing)
		step_mark(value, sizeof value, "ciphertext", "prove");
	else if (!wrap(facts, value, sizeof value, err))
		return false;
	if (!*version)
		version = facts->version_mark[0] ? facts->version_mark
						 : step_mark(mark, sizeof mark, "version", "key");
	*out = (struct request){.method = HTTP_POST};
	out->audience = facts->want.hsm ? AUDIENCE_HSM : AUDIENCE_VAULT;
	out->url = mem_printf("https://%s/keys/%s/%s/unwrapkey?api-version=%s", facts->want.host,
		facts->want.key, version, session_api_version(facts->session, "keyvault"));
	out->body = step_body(json_pack("{s:s, s:s}", "alg", algorithm, "value", value));
	return true;
}

/* Whether the answer is the value, from the version that was asked. */
static bool
compare(const struct plan_facts *facts, const json_t *json, struct err *err)
{
	char kid[KEYID_MAX], value[128];
	unsigned char bytes[64];
	struct secret there = {0};
	struct keyid id;
	size_t len;
	bool ok;

	if (!json_text(json, "kid", kid, sizeof kid, err) ||
		!json_need_text(json, "value", value, sizeof value, err))
		return false;
	ok = b64_decode(bytes, sizeof bytes, &len, value);
	if (ok) {
		secret_set(&there, bytes, len);
		ok = secret_equal(&there, &facts->wrapped_here);
	}
	secret_free(&there);
	secret_wipe(bytes, sizeof bytes);
	secret_wipe(value, sizeof value);
	if (ok && kid[0])
		ok = keyid_parse(&id, kid, session_cloud(facts->session), NULL) &&
		     text_casecmp(id.version, facts->want.version) == 0;
	return ok || err_set(err, ERR_FAILED, "ProofFailed",
			     "%s/%s version %s gave back other bytes than were wrapped with its "
			     "public key; do not use this key, and find out why",
			     facts->want.vault, facts->want.key, facts->want.version);
}

static enum outcome
denied(struct plan_facts *facts, const struct err *failure)
{
	facts->proof = PROOF_DENIED;
	facts->proof_why = *failure;
	snprintf(facts->note, sizeof facts->note, "not proven: you lack unwrapKey on %s/%s (%s)",
		facts->want.vault, facts->want.key, failure->code);
	return OUTCOME_SKIPPED;
}

static enum outcome
accept(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	json_t *json;
	bool ok;

	/* A disabled key is refused with 403 too, and that is no lack of rights of the operator. */
	if (reply == NULL && failure->http == 403 && !text_case_has(failure->code, "KeyDisabled") &&
		!text_case_has(failure->msg, "disabled key"))
		return denied(facts, failure);
	facts->proof = PROOF_FAILED;
	if (reply == NULL) {
		facts->proof_why = *failure;
		return step_failed(failure, err);
	}
	json = step_json(reply, "reply of unwrapkey", err);
	ok = json && compare(facts, json, err);
	json_decref(json);
	if (!ok) {
		facts->proof_why = *err;
		return OUTCOME_FAILED;
	}
	facts->proof = PROOF_PROVED;
	snprintf(facts->note, sizeof facts->note,
		"proved: version %s unwraps what was wrapped here", facts->want.version);
	return OUTCOME_DONE;
}

const struct step step_prove = {
	.name = "prove",
	.title = "Prove the key",
	.why = "Before the account depends on it: a random value is wrapped here with the public key, "
	       "unwrapped in the vault with the private one, and compared.",
	.on = STEP_ON_KEY,
	.possible = possible,
	.describe = describe,
	.build = build,
	.accept = accept,
};
