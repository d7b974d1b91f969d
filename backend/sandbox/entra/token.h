/* The tokens of the sandbox: real RS256 JWTs, signed with a key of this state directory. */
#ifndef CLAVIGER_SANDBOX_TOKEN_H
#define CLAVIGER_SANDBOX_TOKEN_H

#include "backend/sandbox/call.h"

struct tokens;
struct rsa_key;

struct claims {
	char tenant[37], object[37], app[37], audience[200];
	int64_t nbf, exp;
};

enum token_state { TOKEN_GOOD, TOKEN_MISSING, TOKEN_BAD, TOKEN_EXPIRED };

/* key stays the caller's. world_id marks what is signed here. */
struct tokens *tokens_new(const struct rsa_key *key, const char *world_id);
void tokens_free(struct tokens *tokens);

/* Checks an Authorization header against the signature and, by now, the times; out is filled for
 * TOKEN_GOOD and TOKEN_EXPIRED. Tokens of anybody else are TOKEN_BAD; no token is ever kept or
 * written anywhere, only the digests of good ones. */
enum token_state token_check(
	struct tokens *tokens, const char *authorization, time_t now, struct claims *out);

/* Signs claims as a token, with the mark of this estate and the times: from now on, for `seconds`.
 * Takes claims over. */
bool token_sign(struct tokens *tokens, json_t *claims, time_t now, int64_t seconds, struct buf *out,
	struct err *err) MUST_CHECK;

/* The claims of a token that was signed here, whatever it is for and however old; new; NULL for any
 * other. */
json_t *token_open(struct tokens *tokens, const char *token);

/* The public key as a JWK Set, new. */
json_t *token_jwks(const struct tokens *tokens);

#endif
