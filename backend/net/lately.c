/* Hashes will do: two hosts that share one cost a connection that is kept in vain. */
#include "backend/net/lately.h"

#include <string.h>

bool
lately_ask(struct lately *lately, const char *host, size_t many, int64_t now_ms)
{
	bool crowd = many < lately->len && now_ms - lately->asked[many].ms < LATELY_MS, known;
	uint64_t hash = 0xcbf29ce484222325;
	size_t at = 0;

	for (; *host; host++)
		hash = (hash ^ (unsigned char)*host) * 0x100000001b3;
	while (at < lately->len && lately->asked[at].host != hash)
		at++;
	known = at < lately->len;
	if (!known && lately->len < LATELY)
		lately->len++;
	else if (!known)
		at--;
	memmove(lately->asked + 1, lately->asked, at * sizeof lately->asked[0]);
	lately->asked[0].host = hash;
	lately->asked[0].ms = now_ms;
	return known || !crowd;
}
