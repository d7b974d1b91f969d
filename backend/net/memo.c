/* A list, newest first: a fleet is about a few vaults and keys, not about many. */
#include "backend/net/memo.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"

enum { ENTRIES_MAX = 256, RESOURCE_SLASHES = 9 };

struct memo_entry {
	struct memo_entry *next;
	char *url;
	struct buf body;
	int64_t at_ms;
};

struct memo {
	struct memo_entry *first;
};

struct memo *
memo_new(void)
{
	return mem_alloc(sizeof(struct memo));
}

static void
remove_at(struct memo_entry **at)
{
	struct memo_entry *entry = *at;

	*at = entry->next;
	free(entry->url);
	buf_free(&entry->body);
	free(entry);
}

void
memo_free(struct memo *memo)
{
	while (memo->first)
		remove_at(&memo->first);
	free(memo);
}

/* Those that are too old, or too many. */
static void
prune(struct memo *memo, int64_t now_ms)
{
	struct memo_entry **at = &memo->first;

	for (size_t n = 0; *at; n++)
		if (n < ENTRIES_MAX && now_ms - (*at)->at_ms <= MEMO_MS)
			at = &(*at)->next;
		else
			remove_at(at);
}

const struct buf *
memo_find(struct memo *memo, const char *url, int64_t now_ms)
{
	prune(memo, now_ms);
	for (const struct memo_entry *entry = memo->first; entry; entry = entry->next)
		if (strcmp(entry->url, url) == 0)
			return &entry->body;
	return NULL;
}

void
memo_keep(struct memo *memo, const char *url, const struct buf *body, int64_t now_ms)
{
	struct memo_entry *entry = mem_alloc(sizeof *entry);

	entry->url = mem_strdup(url);
	buf_init(&entry->body, body->max);
	if (!buf_add(&entry->body, buf_text(body), body->len))
		entry->body.len = 0;
	entry->at_ms = now_ms;
	entry->next = memo->first;
	memo->first = entry;
	prune(memo, now_ms);
}

/* How much of a URL names what it is about: scheme, host and resource
 * (https://HOST/subscriptions/S/resourceGroups/G/providers/NAMESPACE/TYPE/NAME), else the host. */
static size_t
about(const char *url)
{
	const char *at = strstr(url, "://"), *path = at ? strchr(at + 3, '/') : NULL;
	size_t slashes = 0, len;

	if (path == NULL)
		return strcspn(url, "?#");
	if (!text_case_starts(path, "/subscriptions/"))
		return (size_t)(path - url);
	for (len = (size_t)(path - url); url[len] && !strchr("?#", url[len]); len++)
		if (url[len] == '/' && ++slashes == RESOURCE_SLASHES)
			break;
	return len;
}

void
memo_drop(struct memo *memo, const char *url)
{
	struct memo_entry **at = &memo->first;
	size_t len = about(url);
	char *thing = mem_printf("%.*s", (int)len, url);

	while (*at)
		if (about((*at)->url) == len && text_case_starts((*at)->url, thing))
			remove_at(at);
		else
			at = &(*at)->next;
	free(thing);
}
