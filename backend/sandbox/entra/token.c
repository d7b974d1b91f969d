/* Verified tokens are remembered by digest: a client sends the same one with each request, and a
 * signature check costs more than most answers. */
#include "backend/sandbox/entra/token.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/ident.h"
#include "crypto/b64.h"
#include "crypto/jws.h"

enum { REMEMBERED = 64, TOKEN_MAX = 16384 };

struct tokens {
	const struct rsa_key *key;
	char world_id[37], kid[65];
	pthread_mutex_t mutex;
	struct {
		unsigned char digest[DIGEST_MAX];
		struct claims claims;
	} known[REMEMBERED];
};

struct tokens *
tokens_new(const struct rsa_key *key, const char *world_id)
{
	struct tokens *tokens = mem_alloc(sizeof *tokens);
	unsigned char n[RSA_BYTES_MAX], e[8];
	size_t n_len, e_len;

	tokens->key = key;
	memcpy(tokens->world_id, world_id, sizeof tokens->world_id);
	rsa_public(key, n, &n_len, e, &e_len);
	digest_sha256_hex(n, n_len, tokens->kid);
	tokens->kid[27] = '\0';
	pthread_mutex_init(&tokens->mutex, NULL);
	return tokens;
}

void
tokens_free(struct tokens *tokens)
{
	if (!tokens)
		return;
	pthread_mutex_destroy(&tokens->mutex);
	free(tokens);
}

static bool
recall(struct tokens *tokens, const unsigned char *digest, struct claims *out)
{
	bool found = false;

	pthread_mutex_lock(&tokens->mutex);
	for (size_t i = 0; i < REMEMBERED && !found; i++) {
		found = tokens->known[i].claims.exp &&
			memcmp(tokens->known[i].digest, digest, 32) == 0;
		if (found)
			*out = tokens->known[i].claims;
	}
	pthread_mutex_unlock(&tokens->mutex);
	return found;
}

static void
remember(struct tokens *tokens, const unsigned char *digest, const struct claims *claims)
{
	size_t slot = digest[0] % REMEMBERED;

	pthread_mutex_lock(&tokens->mutex);
	memcpy(tokens->known[slot].digest, digest, 32);
	tokens->known[slot].claims = *claims;
	pthread_mutex_unlock(&tokens->mutex);
}

static bool
take(const json_t *payload, const char *name, char *out, size_t room)
{
	const char *text = json_string_value(json_object_get(payload, name));

	return text && text_copy(out, room, text);
}

static bool
read_claims(const struct tokens *tokens, const char *text, struct claims *out)
{
	json_t *payload = json_loads(text, 0, NULL);
	char world[37];
	bool ok = take(payload, "xms_sandbox", world, sizeof world) &&
		  strcmp(world, tokens->world_id) == 0 &&
		  take(payload, "tid", out->tenant, sizeof out->tenant) &&
		  take(payload, "oid", out->object, sizeof out->object) &&
		  take(payload, "appid", out->app, sizeof out->app) &&
		  take(payload, "aud", out->audience, sizeof out->audience);

	out->nbf = json_integer_value(json_object_get(payload, "nbf"));
	out->exp = json_integer_value(json_object_get(payload, "exp"));
	json_decref(payload);
	return ok && out->exp > 0;
}

static bool
verify(struct tokens *tokens, const char *token, struct claims *out)
{
	struct buf header, payload;
	bool ok;

	buf_init(&header, TOKEN_MAX);
	buf_init(&payload, TOKEN_MAX);
	ok = jws_verify(tokens->key, "RS256", token, &header, &payload, NULL) &&
	     read_claims(tokens, buf_text(&payload), out);
	buf_free(&header);
	buf_free(&payload);
	return ok;
}

enum token_state
token_check(struct tokens *tokens, const char *authorization, time_t now, struct claims *out)
{
	unsigned char digest[DIGEST_MAX];
	const char *token;
	size_t len;

	if (!authorization || !text_case_starts(authorization, "Bearer "))
		return TOKEN_MISSING;
	token = authorization + strlen("Bearer ");
	token += strspn(token, " ");
	len = strlen(token);
	if (len == 0)
		return TOKEN_MISSING;
	if (len > TOKEN_MAX)
		return TOKEN_BAD;
	digest_of(DIGEST_SHA256, token, len, digest);
	if (!recall(tokens, digest, out)) {
		if (!verify(tokens, token, out))
			return TOKEN_BAD;
		remember(tokens, digest, out);
	}
	/* five minutes of tolerance for clocks, as Entra's documentation gives */
	if (now >= out->exp)
		return TOKEN_EXPIRED;
	return now + 300 < out->nbf ? TOKEN_BAD : TOKEN_GOOD;
}

bool
token_mint(struct tokens *tokens, const struct caller *who, const char *issuer,
	const char *audience, const char *version, time_t now, int seconds, struct buf *out,
	struct err *err)
{
	json_t *header, *payload;
	char *header_text, *payload_text;
	char uti[33];
	bool ok;

	header = json_pack("{s:s,s:s,s:s}", "typ", "JWT", "alg", "RS256", "kid", tokens->kid);
	payload = json_pack("{s:s,s:s,s:I,s:I,s:I,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "aud",
		audience, "iss", issuer, "iat", (json_int_t)now, "nbf", (json_int_t)now, "exp",
		(json_int_t)now + seconds, "appid", who->app, "azp", who->app, "appidacr", "1",
		"idtyp", "app", "oid", who->object, "sub", who->object, "tid", who->tenant, "ver",
		version, "xms_sandbox", tokens->world_id);
	json_object_set_new(payload, "uti", json_string(ident_version(uti)));
	header_text = json_dumps(header, JSON_COMPACT);
	payload_text = json_dumps(payload, JSON_COMPACT);
	ok = header_text && payload_text &&
	     jws_sign(tokens->key, "RS256", header_text, payload_text, out, err);
	free(header_text);
	free(payload_text);
	json_decref(header);
	json_decref(payload);
	return ok;
}

json_t *
token_jwks(const struct tokens *tokens)
{
	unsigned char n[RSA_BYTES_MAX], e[8];
	char n_text[RSA_BYTES_MAX * 2], e_text[16];
	size_t n_len, e_len;

	rsa_public(tokens->key, n, &n_len, e, &e_len);
	b64_encode(n_text, n, n_len);
	b64_encode(e_text, e, e_len);
	return json_pack("{s:[{s:s,s:s,s:s,s:s,s:s,s:s}]}", "keys", "kty", "RSA", "use", "sig",
		"kid", tokens->kid, "alg", "RS256", "n", n_text, "e", e_text);
}
