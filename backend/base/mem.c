/* Out of memory is not an error path that every caller can test: the one sensible answer of a
 * console is to leave the terminal as it was found and say so. The zeroing allocators know a
 * block's size from malloc_usable_size, so they need no header and mix with the libc's free. */
#include "backend/base/mem.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 16384, LARGE = 32 << 10 };

static void (*exhausted)(void);

static void *
checked(void *p)
{
	static const char sorry[] = "claviger: out of memory\n";

	if (p)
		return p;
	if (exhausted)
		exhausted();
	(void)!write(STDERR_FILENO, sorry, sizeof sorry - 1);
	_exit(1);
}

void
mem_on_exhaustion(void (*hook)(void))
{
	exhausted = hook;
}

void *
mem_alloc(size_t size)
{
	return checked(calloc(1, size ? size : 1));
}

void *
mem_resize(void *old, size_t size)
{
	return checked(realloc(old, size ? size : 1));
}

char *
mem_strdup(const char *s)
{
	return checked(strdup(s));
}

char *
mem_printf(const char *fmt, ...)
{
	va_list ap;
	char *out;

	va_start(ap, fmt);
	if (vasprintf(&out, fmt, ap) < 0)
		out = NULL;
	va_end(ap);
	return checked(out);
}

/* glibc raises its own limit to whatever large block is freed first, and keeps what is below. The
 * sandbox has a thread for each connection, and every one would keep a heap of its own: one beside
 * the first is enough, so that whoever reads a long journal does not hold up the console. */
void
mem_give_back(void)
{
	mallopt(M_ARENA_MAX, 2);
	mallopt(M_MMAP_THRESHOLD, LARGE);
	mallopt(M_TRIM_THRESHOLD, LARGE);
}

/* What is freed between blocks that stay would only be given back with the last of these. */
void
mem_trim(void)
{
	malloc_trim(0);
}

struct chunk {
	struct chunk *next;
	size_t used, room;
	max_align_t data[];
};

struct arena {
	struct chunk *first;
};

struct arena *
arena_new(void)
{
	return mem_alloc(sizeof(struct arena));
}

void
arena_free(struct arena *arena)
{
	struct chunk *next;

	if (arena == NULL)
		return;
	for (struct chunk *c = arena->first; c; c = next) {
		next = c->next;
		free(c);
	}
	free(arena);
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	struct chunk *c = arena->first;
	size_t unit = sizeof(max_align_t), need = (size + unit - 1) / unit * unit;
	void *out;

	if (c == NULL || c->room - c->used < need) {
		size_t room = need > CHUNK ? need : CHUNK;

		c = mem_alloc(sizeof *c + room);
		c->room = room;
		c->next = arena->first;
		arena->first = c;
	}
	out = (char *)c->data + c->used;
	c->used += need;
	return out;
}

char *
arena_strdup(struct arena *arena, const char *s)
{
	size_t size = strlen(s) + 1;

	return memcpy(arena_alloc(arena, size), s, size);
}

char *
arena_printf(struct arena *arena, const char *fmt, ...)
{
	va_list ap, again;
	char *out;
	int len;

	va_start(ap, fmt);
	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	out = arena_alloc(arena, (size_t)len + 1);
	vsnprintf(out, (size_t)len + 1, fmt, again);
	va_end(again);
	return out;
}

void *
mem_zeroing_malloc(size_t size)
{
	return malloc(size);
}

void *
mem_zeroing_calloc(size_t count, size_t size)
{
	return calloc(count, size);
}

void *
mem_zeroing_realloc(void *old, size_t size)
{
	void *out;
	size_t had;

	if (old == NULL)
		return malloc(size);
	had = malloc_usable_size(old);
	out = malloc(size);
	if (out) {
		memcpy(out, old, had < size ? had : size);
		mem_zeroing_free(old);
	}
	return out;
}

char *
mem_zeroing_strdup(const char *s)
{
	return strdup(s);
}

void
mem_zeroing_free(void *p)
{
	if (p)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}
