/* Blocks never move, so texts can be pointed at while others are added; a text that is longer than
 * a block gets one of its own. */
#include "backend/estate/pool.h"

#include <stdlib.h>
#include <string.h>

#include "backend/base/err.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"

enum { BLOCK = 1 << 16, SPARE = 64 /* for the allocator, so that a block is whole pages */ };
enum { FIRST_BLOCK = 4096 };

struct pool {
	char **blocks;
	size_t len, room;
	size_t used, size;  /* of the last block that is shared */
	size_t shared;      /* which that is */
	uint32_t *interned; /* by hash; 0: free */
	size_t interned_len, interned_room;
};

void *
rows_grow(void *rows, size_t len, size_t *room, size_t size)
{
	if (len < *room)
		return rows;
	*room += *room / 2 + 16;
	return mem_resize(rows, *room * size);
}

uint64_t
index_hash(const char *text)
{
	uint64_t h = 0xcbf29ce484222325;

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		h = (h ^ (c >= 'A' && c <= 'Z' ? c + 32u : c)) * 0x100000001b3;
	}
	return h ^ h >> 29;
}

static struct index_slot *
slot_of(struct index_slot *slots, size_t room, const char *text)
{
	size_t at = index_hash(text) & (room - 1);

	while (slots[at].text && text_casecmp(slots[at].text, text) != 0)
		at = (at + 1) & (room - 1);
	return &slots[at];
}

static void
grow_index(struct index *index)
{
	size_t room = index->room ? index->room * 2 : 16;
	struct index_slot *slots = mem_alloc(room * sizeof *slots);

	for (size_t i = 0; i < index->room; i++)
		if (index->slots[i].text)
			*slot_of(slots, room, index->slots[i].text) = index->slots[i];
	free(index->slots);
	index->slots = slots;
	index->room = room;
}

void
index_put(struct index *index, const char *text, uint32_t row)
{
	struct index_slot *slot;

	if (index->len * 4 >= index->room * 3)
		grow_index(index);
	slot = slot_of(index->slots, index->room, text);
	if (slot->text)
		return;
	*slot = (struct index_slot){.text = text, .row = row};
	index->len++;
}

bool
index_find(const struct index *index, const char *text, uint32_t *row)
{
	const struct index_slot *slot;

	if (index->room == 0)
		return false;
	slot = slot_of(index->slots, index->room, text);
	if (slot->text)
		*row = slot->row;
	return slot->text != NULL;
}

void
index_free(struct index *index)
{
	free(index->slots);
	*index = (struct index){0};
}

struct pool *
pool_new(void)
{
	return mem_alloc(sizeof(struct pool));
}

void
pool_free(struct pool *pool)
{
	if (pool == NULL)
		return;
	for (size_t i = 0; i < pool->len; i++)
		free(pool->blocks[i]);
	free(pool->blocks);
	free(pool->interned);
	free(pool);
}

static size_t
add_block(struct pool *pool, size_t size)
{
	pool->blocks = rows_grow(pool->blocks, pool->len, &pool->room, sizeof *pool->blocks);
	pool->blocks[pool->len] = mem_alloc(size);
	return pool->len++;
}

/* Small estates stay small: blocks start at 4 kB and double up to 64 kB. */
static void
add_shared(struct pool *pool)
{
	pool->size = pool->size == 0          ? FIRST_BLOCK
		     : pool->size * 2 < BLOCK ? pool->size * 2
					      : BLOCK - SPARE;
	pool->shared = add_block(pool, pool->size);
	pool->used = pool->shared == 0; /* offset 0 is the empty text */
}

uint32_t
pool_add(struct pool *pool, const char *text)
{
	size_t size = strlen(text) + 1;
	uint32_t at;

	if (text[0] == '\0')
		return 0;
	if (pool->len == 0)
		add_shared(pool);
	while (size <= BLOCK / 2 && pool->used + size > pool->size)
		add_shared(pool);
	if (size > BLOCK / 2) {
		size_t own = add_block(pool, size);

		memcpy(pool->blocks[own], text, size);
		return (uint32_t)(own * BLOCK);
	}
	at = (uint32_t)(pool->shared * BLOCK + pool->used);
	memcpy(pool->blocks[pool->shared] + pool->used, text, size);
	pool->used += size;
	return at;
}

static uint32_t *
interned_at(const struct pool *pool, const char *text)
{
	size_t at = index_hash(text) & (pool->interned_room - 1);

	while (pool->interned[at] && strcmp(pool_text(pool, pool->interned[at]), text) != 0)
		at = (at + 1) & (pool->interned_room - 1);
	return &pool->interned[at];
}

static void
grow_interned(struct pool *pool)
{
	uint32_t *old = pool->interned;
	size_t room = pool->interned_room;

	pool->interned_room = room ? room * 2 : 16;
	pool->interned = mem_alloc(pool->interned_room * sizeof *pool->interned);
	for (size_t i = 0; i < room; i++)
		if (old[i])
			*interned_at(pool, pool_text(pool, old[i])) = old[i];
	free(old);
}

uint32_t
pool_intern(struct pool *pool, const char *text)
{
	uint32_t *at;

	if (text[0] == '\0')
		return 0;
	if (pool->interned_len * 4 >= pool->interned_room * 3)
		grow_interned(pool);
	at = interned_at(pool, text);
	if (*at == 0) {
		*at = pool_add(pool, text);
		pool->interned_len++;
	}
	return *at;
}

const char *
pool_text(const struct pool *pool, uint32_t at)
{
	return at ? pool->blocks[at / BLOCK] + at % BLOCK : "";
}

bool
hex_pack(const char *text, uint8_t out[16])
{
	unsigned digits = 0;

	memset(out, 0, 16);
	for (; *text; text++) {
		const char *hex = "0123456789abcdef", *found;
		char c = *text >= 'A' && *text <= 'F' ? (char)(*text + 32) : *text;

		if (c == '-')
			continue;
		found = strchr(hex, c);
		if (found == NULL || digits == 32) {
			memset(out, 0, 16);
			return false;
		}
		out[digits / 2] = (uint8_t)(out[digits / 2] << 4 | (found - hex));
		digits++;
	}
	if (digits != 32)
		memset(out, 0, 16);
	return digits == 32;
}

bool
hex_is_zero(const uint8_t bytes[16])
{
	static const uint8_t zero[16];

	return memcmp(bytes, zero, sizeof zero) == 0;
}

/* Digits by hand: a list of 100,000 rows prints millions of these. */
static char *
put_hex(char *out, const uint8_t *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
	*out = '\0';
	return out;
}

char *
version_print(const uint8_t bytes[16], char out[33])
{
	out[0] = '\0';
	if (!hex_is_zero(bytes))
		put_hex(out, bytes, 16);
	return out;
}

char *
guid_print(const uint8_t bytes[16], char out[37])
{
	static const size_t groups[] = {4, 2, 2, 2, 6};
	char *at = out;

	out[0] = '\0';
	if (hex_is_zero(bytes))
		return out;
	for (size_t i = 0; i < ARRAY_LEN(groups); bytes += groups[i++]) {
		if (i)
			*at++ = '-';
		at = put_hex(at, bytes, groups[i]);
	}
	return out;
}
