/* Texts of many rows, packed: a row keeps 32 bits instead of a pointer and a header. */
#ifndef CLAVIGER_ESTATE_POOL_H
#define CLAVIGER_ESTATE_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Texts to row numbers, ASCII case ignored as in Azure's names. The texts are borrowed and must
 * stay where they are. A zeroed struct is an empty index. */
struct index {
	struct index_slot {
		const char *text; /* NULL: free */
		uint32_t row;
	} * slots;
	size_t len, room;
};

/* Keeps the first row that was put under a text. */
void index_put(struct index *index, const char *text, uint32_t row);
bool index_find(const struct index *index, const char *text, uint32_t *row);
void index_free(struct index *index);
/* The number by which a text is looked up: the same whatever its case. */
uint64_t index_hash(const char *text);

struct pool;

struct pool *pool_new(void);
void pool_free(struct pool *pool);

/* 0 is the empty text. pool_add always stores; pool_intern stores equal texts once. */
uint32_t pool_add(struct pool *pool, const char *text);
uint32_t pool_intern(struct pool *pool, const char *text);

/* Stays where it is until the pool is freed. */
const char *pool_text(const struct pool *pool, uint32_t at);

/* Records of one size without padding: equal ones are stored once, and known by their number from 0
 * in the order in which they came. */
struct shapes {
	size_t size; /* of one: a multiple of four bytes */
	uint32_t *items;
	size_t len, room;
	uint32_t *slots; /* numbers from 1, by what is in them; 0: free */
	size_t slots_len;
};

uint32_t shapes_number(struct shapes *shapes, const void *item);
/* Borrowed until the next one is stored. */
const void *shapes_at(const struct shapes *shapes, uint32_t number);
/* No more are to come for now: gives back what it takes to find equal ones, until one does. */
void shapes_trim(struct shapes *shapes);
void shapes_free(struct shapes *shapes);

/* Room for one more element of size bytes in an array of len; grows by half. Returns the array. */
void *rows_grow(void *rows, size_t len, size_t *room, size_t size);

/* GUIDs and key versions as 16 bytes. False, and zeros, when the text is neither. */
bool hex_pack(const char *text, uint8_t out[16]);
bool hex_is_zero(const uint8_t bytes[16]);
char *guid_print(const uint8_t bytes[16], char out[37]);    /* "" for zeros */
char *version_print(const uint8_t bytes[16], char out[33]); /* "" for zeros */

#endif
