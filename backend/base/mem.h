/* Memory: allocation that cannot fail quietly, and arenas with one owner each. */
#ifndef CLAVIGER_BASE_MEM_H
#define CLAVIGER_BASE_MEM_H

#include <stddef.h>

#include "backend/base/err.h"

/* Never return NULL: when memory is exhausted the hook runs (it restores the terminal) and the
 * process exits 1 with one line. mem_alloc gives zeroed memory; free with free(). */
void *mem_alloc(size_t size);
void *mem_resize(void *old, size_t size);
char *mem_strdup(const char *s);
char *mem_printf(const char *fmt, ...) PRINTF_LIKE(1, 2);
void mem_on_exhaustion(void (*hook)(void));

/* Once, at the start: large blocks (pages of replies, growing tables) are given back to the system
 * as soon as they are freed, instead of leaving holes that the peak is made of, and all threads
 * share two heaps. */
void mem_give_back(void);

/* After much work: gives back the pages that have become free meanwhile. Takes some 0.1 ms. */
void mem_trim(void);

/* An arena: many small objects, freed together by their one owner. */
struct arena;
struct arena *arena_new(void);
void arena_free(struct arena *arena);
void *arena_alloc(struct arena *arena, size_t size);
char *arena_strdup(struct arena *arena, const char *s);
char *arena_printf(struct arena *arena, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Zeroing allocators, given to curl and jansson, so that freed memory holds no token. */
void *mem_zeroing_malloc(size_t size);
void *mem_zeroing_calloc(size_t count, size_t size);
void *mem_zeroing_realloc(void *old, size_t size);
char *mem_zeroing_strdup(const char *s);
void mem_zeroing_free(void *p);

#endif
