/* Buckets by name in a hash table under one lock. None is ever taken out: names are made of what
 * the estate has (subscriptions, callers, vaults, regions), so they end with it. */
#include "backend/sandbox/throttle.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 1024, KEY_MAX = 192, UNIT = 1000000 };

struct bucket {
	char key[KEY_MAX];
	int64_t level; /* parts of a million */
	int64_t at_ms; /* when the level was right; of a window: its start */
	struct bucket *next;
};

struct throttle {
	pthread_mutex_t mutex;
	struct bucket *slots[SLOTS];
};

struct throttle *
throttle_new(void)
{
	struct throttle *throttle = mem_alloc(sizeof *throttle);

	pthread_mutex_init(&throttle->mutex, NULL);
	return throttle;
}

void
throttle_free(struct throttle *throttle)
{
	struct bucket *next;

	if (!throttle)
		return;
	for (size_t i = 0; i < SLOTS; i++)
		for (struct bucket *bucket = throttle->slots[i]; bucket; bucket = next) {
			next = bucket->next;
			free(bucket);
		}
	pthread_mutex_destroy(&throttle->mutex);
	free(throttle);
}

static struct bucket *
find(struct throttle *throttle, const char *key, int64_t level, int64_t now_ms)
{
	struct bucket **slot, *bucket;
	uint32_t hash = 2166136261u;

	for (const char *at = key; *at; at++)
		hash = (hash ^ (unsigned char)*at) * 16777619u;
	slot = &throttle->slots[hash % SLOTS];
	for (bucket = *slot; bucket; bucket = bucket->next)
		if (strcmp(bucket->key, key) == 0)
			return bucket;
	bucket = mem_alloc(sizeof *bucket);
	snprintf(bucket->key, sizeof bucket->key, "%s", key);
	bucket->level = level;
	bucket->at_ms = now_ms;
	bucket->next = *slot;
	*slot = bucket;
	return bucket;
}

static void
fill(struct bucket *bucket, const struct throttle_limit *limit, int64_t now_ms)
{
	int64_t most = (int64_t)limit->most * UNIT, passed = now_ms - bucket->at_ms;

	if (passed <= 0)
		return;
	if (limit->window ? passed >= limit->every_ms
			  : passed > most / limit->refill / UNIT * limit->every_ms +
					     limit->every_ms) {
		bucket->level = most;
		bucket->at_ms = now_ms;
	} else if (!limit->window) {
		bucket->level += passed * limit->refill * UNIT / limit->every_ms;
		if (bucket->level > most)
			bucket->level = most;
		bucket->at_ms = now_ms;
	}
}

bool
throttle_take(struct throttle *throttle, const char *key, const struct throttle_limit *limit,
	int64_t cost, int64_t now_ms, long *left, int64_t *wait_ms)
{
	struct bucket *bucket;
	bool ok;

	pthread_mutex_lock(&throttle->mutex);
	bucket = find(throttle, key, (int64_t)limit->most * UNIT, now_ms);
	fill(bucket, limit, now_ms);
	ok = bucket->level >= cost;
	if (ok)
		bucket->level -= cost;
	else if (limit->window)
		*wait_ms = bucket->at_ms + limit->every_ms - now_ms;
	else
		*wait_ms = (cost - bucket->level) * limit->every_ms / UNIT / limit->refill + 1;
	*left = (long)(bucket->level / UNIT);
	pthread_mutex_unlock(&throttle->mutex);
	return ok;
}
