/* Tokens, in memory only, one per tenant and audience. */
#ifndef CLAVIGER_AUTH_TOKEN_H
#define CLAVIGER_AUTH_TOKEN_H

#include <stdint.h>

#include "backend/base/err.h"
#include "crypto/secret.h"

struct token_cache;

struct token_cache *token_cache_new(void);
void token_cache_free(struct token_cache *cache);

/* The token if it lives at least two more minutes by the monotonic clock (a token made for less
 * than four: half its life); NULL otherwise. Borrowed until the next put or drop. */
const struct secret *token_get(
	const struct token_cache *cache, const char *tenant, const char *audience, int64_t now_ms);

void token_put(struct token_cache *cache, const char *tenant, const char *audience,
	const char *token, int64_t expires_in_s, int64_t now_ms);

/* Whether it is time to ask for the next one while this one still serves: five minutes before its
 * end (a token made for less than seven: when a quarter of its life is over). Says so once in half
 * a minute. */
bool token_due(struct token_cache *cache, const char *tenant, const char *audience, int64_t now_ms);

/* Forgets one (a 401 said it is no good). */
void token_drop(struct token_cache *cache, const char *tenant, const char *audience);

#endif
