/* The members of a JWK and the numbers of an RSA key are the same list in the same order; one table
 * serves both directions. */
#include "backend/json/jwk.h"

#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/json/json.h"
#include "crypto/b64.h"

enum { PUBLIC_MEMBERS = 2, MEMBERS = 8, PRIVATE_MEMBERS = MEMBERS - PUBLIC_MEMBERS };

static const char *const members[MEMBERS] = {"n", "e", "d", "p", "q", "dp", "dq", "qi"};

struct numbers {
	unsigned char bytes[MEMBERS][RSA_BYTES_MAX];
	size_t len[MEMBERS];
};

static bool
read_member(const json_t *jwk, size_t i, struct numbers *numbers, struct err *err)
{
	const json_t *value = json_at(jwk, members[i]);

	if (value == NULL)
		return i >= PUBLIC_MEMBERS ||
		       err_set(err, ERR_FAILED, "BadKey", "the key has no member %s", members[i]);
	if (!json_is_string(value) ||
		!b64_decode(numbers->bytes[i], sizeof numbers->bytes[i], &numbers->len[i],
			json_string_value(value)) ||
		numbers->len[i] == 0)
		return err_set(err, ERR_FAILED, "BadKey",
			"the key's member %s is no base64url number of at most %d bytes",
			members[i], RSA_BYTES_MAX);
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

/* NULL for a member that is not there: a key without d is a public one. */
static const unsigned char *
member_bytes(const struct numbers *numbers, size_t i)
{
	return numbers->len[i] ? numbers->bytes[i] : NULL;
}

struct rsa_key *
jwk_read(const json_t *jwk, struct err *err)
{
	struct numbers *numbers;
	struct rsa_numbers in;
	struct rsa_key *key = NULL;
	bool ok;

	ok = check_kind(jwk, err);
	numbers = mem_alloc(sizeof *numbers);
	for (size_t i = 0; ok && i < MEMBERS; i++)
		ok = read_member(jwk, i, numbers, err);
	if (ok) {
		in = (struct rsa_numbers){
			.n = {member_bytes(numbers, 0), numbers->len[0]},
			.e = {member_bytes(numbers, 1), numbers->len[1]},
			.d = {member_bytes(numbers, 2), numbers->len[2]},
			.p = {member_bytes(numbers, 3), numbers->len[3]},
			.q = {member_bytes(numbers, 4), numbers->len[4]},
			.dp = {member_bytes(numbers, 5), numbers->len[5]},
			.dq = {member_bytes(numbers, 6), numbers->len[6]},
			.qi = {member_bytes(numbers, 7), numbers->len[7]},
		};
		key = rsa_import(&in, err);
	}
	secret_wipe(numbers, sizeof *numbers);
	free(numbers);
	return key;
}

static void
put_member(json_t *jwk, const char *name, const unsigned char *bytes, size_t len)
{
	size_t size = b64_length(len) + 1;
	char *text = mem_alloc(size);

	b64_encode(text, bytes, len);
	json_object_set_new(jwk, name, json_string(text));
	secret_wipe(text, size);
	free(text);
}

json_t *
jwk_write(const struct rsa_key *key, bool private, struct err *err)
{
	unsigned char n[RSA_BYTES_MAX], e[8];
	struct secret secrets[PRIVATE_MEMBERS] = {0};
	size_t n_len, e_len;
	json_t *jwk;

	if (private && !rsa_private(key, secrets, err))
		return NULL;
	rsa_public(key, n, &n_len, e, &e_len);
	jwk = json_object();
	json_object_set_new(jwk, "kty", json_string("RSA"));
	put_member(jwk, members[0], n, n_len);
	put_member(jwk, members[1], e, e_len);
	for (size_t i = 0; private && i < PRIVATE_MEMBERS; i++) {
		put_member(jwk, members[PUBLIC_MEMBERS + i], secrets[i].bytes, secrets[i].len);
		secret_free(&secrets[i]);
	}
	return jwk;
}
