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
read_claims(const json_t *payload, struct claims *out)
{
	out->nbf = json_integer_value(json_object_get(payload, "nbf"));
	out->exp = json_integer_value(json_object_get(payload, "exp"));
	return take(payload, "tid", out->tenant, sizeof out->tenant) &&
	       take(payload, "oid", out->object, sizeof out->object) &&
	       take(payload, "appid", out->app, sizeof out->app) &&
	       take(payload, "aud", out->audience, sizeof out->audience) && out->exp > 0;
}

json_t *
token_open(struct tokens *tokens, const char *token)
{
	struct buf header, text;
	json_t *payload = NULL;
	const char *world;

	buf_init(&header, TOKEN_MAX);
	buf_init(&text, TOKEN_MAX);
	if (strlen(token) <= TOKEN_MAX &&
		jws_verify(tokens->key, "RS256", token, &header, &text, NULL))
		payload = json_loads(buf_text(&text), 0, NULL);
	buf_free(&header);
	buf_free(&text);
	world = json_string_value(json_object_get(payload, "xms_sandbox"));
	if (payload && (!world || strcmp(world, tokens->world_id) != 0)) {
		json_decref(payload);
		return NULL;
	}
	return payload;
}

static bool
verify(struct tokens *tokens, const char *token, struct claims *out)
{
	json_t *payload = token_open(tokens, token);
	bool ok = payload && read_claims(payload, out);

	json_decref(payload);
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
token_sign(struct tokens *tokens, json_t *claims, time_t now, int64_t seconds, struct buf *out,
	struct err *err)
{
	json_t *header =
		json_pack("{s:s,s:s,s:s}", "typ", "JWT", "alg", "RS256", "kid", tokens->kid);
	char *header_text, *text;
	char uti[33];
	bool ok;

	json_object_set_new(claims, "iat", json_integer(now));
	json_object_set_new(claims, "nbf", json_integer(now));
	json_object_set_new(claims, "exp", json_integer(now + seconds));
	json_object_set_new(claims, "uti", json_string(ident_version(uti)));
	json_object_set_new(claims, "xms_sandbox", json_string(tokens->world_id));
	header_text = json_dumps(header, JSON_COMPACT);
	text = json_dumps(claims, JSON_COMPACT);
	ok = (header_text && text) || err_set(err, ERR_FAILED, "", "a token cannot be written");
	ok = ok && jws_sign(tokens->key, "RS256", header_text, text, out, err);
	free(header_text);
	free(text);
	json_decref(header);
	json_decref(claims);
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
