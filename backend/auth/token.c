/* A handful of tokens at most (one per tenant and audience), so one list is searched in order. */
#include "backend/auth/token.h"

#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"

enum { MARGIN_MS = 120000, AHEAD_MS = 300000, ASK_AGAIN_MS = 30000 };

struct token {
	struct token *next;
	char *tenant, *audience;
	struct secret secret;
	int64_t expires_ms, margin_ms;
	int64_t due_ms;
};

struct token_cache {
	struct token *first;
};

struct token_cache *
token_cache_new(void)
{
	return mem_alloc(sizeof(struct token_cache));
}

static void
token_free(struct token *token)
{
	secret_free(&token->secret);
	free(token->tenant);
	free(token->audience);
	free(token);
}

void
token_cache_free(struct token_cache *cache)
{
	if (cache == NULL)
		return;
	while (cache->first) {
		struct token *token = cache->first;

		cache->first = token->next;
		token_free(token);
	}
	free(cache);
}

static struct token **
find(struct token_cache *cache, const char *tenant, const char *audience)
{
	struct token **at = &cache->first;

	while (*at && (text_casecmp((*at)->tenant, tenant) != 0 ||
			      text_casecmp((*at)->audience, audience) != 0))
		at = &(*at)->next;
	return at;
}

const struct secret *
token_get(const struct token_cache *cache, const char *tenant, const char *audience, int64_t now_ms)
{
	const struct token *token = *find((struct token_cache *)cache, tenant, audience);

	return token && token->expires_ms - now_ms >= token->margin_ms ? &token->secret : NULL;
}

bool
token_due(struct token_cache *cache, const char *tenant, const char *audience, int64_t now_ms)
{
	struct token *token = *find(cache, tenant, audience);

	if (token == NULL || now_ms < token->due_ms)
		return false;
	token->due_ms = now_ms + ASK_AGAIN_MS;
	return true;
}

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

void
token_put(struct token_cache *cache, const char *tenant, const char *audience, const char *text,
	int64_t expires_in_s, int64_t now_ms)
{
	struct token **at = find(cache, tenant, audience), *token = *at;

	if (token == NULL) {
		token = *at = mem_alloc(sizeof *token);
		token->tenant = mem_strdup(tenant);
		token->audience = mem_strdup(audience);
	}
	secret_free(&token->secret);
	secret_set(&token->secret, text, strlen(text));
	token->expires_ms = now_ms + expires_in_s * 1000;
	token->margin_ms = least(expires_in_s * 500, MARGIN_MS);
	token->due_ms = token->expires_ms - least(expires_in_s * 750, AHEAD_MS);
}

void
token_drop(struct token_cache *cache, const char *tenant, const char *audience)
{
	struct token **at = find(cache, tenant, audience), *token = *at;

	if (token == NULL)
		return;
	*at = token->next;
	token_free(token);
}
