/* Only the public numbers: Key Vault gives away no others. */
#include "backend/json/jwk.h"

#include "backend/base/text.h"
#include "backend/json/json.h"
#include "crypto/b64.h"

static bool
read_member(const json_t *jwk, const char *member, unsigned char bytes[RSA_BYTES_MAX], size_t *len,
	struct err *err)
{
	const json_t *value = json_at(jwk, member);

	if (value == NULL)
		return err_set(err, ERR_FAILED, "BadKey", "the key has no member %s", member);
	if (!json_is_string(value) ||
		!b64_decode(bytes, RSA_BYTES_MAX, len, json_string_value(value)) || *len == 0)
		return err_set(err, ERR_FAILED, "BadKey",
			"the key's member %s is no base64url number of at most %d bytes", member,
			RSA_BYTES_MAX);
	return true;
}

static bool
check_kind(const json_t *jwk, struct err *err)
{
	char kty[32];

	if (!json_need_text(jwk, "kty", kty, sizeof kty, err))
		return false;
	if (text_casecmp(kty, "RSA") != 0 && text_casecmp(kty, "RSA-HSM") != 0)
		return err_set(err, ERR_REFUSED, "BadKey",
			"the key's kty is %s: only RSA keys can be customer-managed keys", kty);
	return true;
}

struct rsa_key *
jwk_read(const json_t *jwk, struct err *err)
{
	unsigned char n[RSA_BYTES_MAX], e[RSA_BYTES_MAX];
	struct rsa_numbers in = {.n.bytes = n, .e.bytes = e};

	return check_kind(jwk, err) && read_member(jwk, "n", n, &in.n.len, err) &&
			       read_member(jwk, "e", e, &in.e.len, err)
		       ? rsa_import(&in, err)
		       : NULL;
}
