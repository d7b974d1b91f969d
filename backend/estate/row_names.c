/* Neighbours mostly begin alike. Of a group of names the first stands whole, each other one as how
 * many bytes of the first it begins with and what follows: a third of what the texts would take,
 * and any name is found by a few steps. */
#include "backend/estate/row_names.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/estate/pool.h"

enum { GROUP = 8, HEAD = 2 /* bytes before those of a name: shared ones, own ones */ };

_Static_assert(ROW_NAME - 1 <= UINT8_MAX, "a length takes one byte");

struct row_names {
	unsigned others; /* owners besides one */
	uint8_t *bytes;
	size_t used, room;
	uint32_t *groups; /* where each begins */
	size_t len, groups_room;
};

struct row_names *
row_names_new(void)
{
	return mem_alloc(sizeof(struct row_names));
}

struct row_names *
row_names_share(struct row_names *names)
{
	names->others++;
	return names;
}

void
row_names_free(struct row_names *names)
{
	if (names == NULL)
		return;
	if (names->others) {
		names->others--;
		return;
	}
	free(names->bytes);
	free(names->groups);
	free(names);
}

static size_t
groups_len(const struct row_names *names)
{
	return (names->len + GROUP - 1) / GROUP;
}

void
row_names_add(struct row_names *names, const char *name)
{
	size_t len = strnlen(name, ROW_NAME - 1), shared = 0;

	while (names->room < names->used + HEAD + len)
		names->bytes = rows_grow(names->bytes, names->room, &names->room, 1);
	if (names->len % GROUP == 0) {
		names->groups = rows_grow(names->groups, groups_len(names), &names->groups_room,
			sizeof *names->groups);
		names->groups[groups_len(names)] = (uint32_t)names->used;
	} else {
		const uint8_t *first = names->bytes + names->groups[names->len / GROUP];

		while (shared < len && shared < first[1] &&
			first[HEAD + shared] == (uint8_t)name[shared])
			shared++;
	}
	names->bytes[names->used] = (uint8_t)shared;
	names->bytes[names->used + 1] = (uint8_t)(len - shared);
	memcpy(names->bytes + names->used + HEAD, name + shared, len - shared);
	names->used += HEAD + len - shared;
	names->len++;
}

void
row_names_trim(struct row_names *names)
{
	if (names->len == 0)
		return;
	names->bytes = mem_resize(names->bytes, names->used);
	names->room = names->used;
	names->groups_room = groups_len(names);
	names->groups = mem_resize(names->groups, names->groups_room * sizeof *names->groups);
}

/* Byte by byte: of so few bytes that is four times as fast as memcpy. */
static char *
put(char *out, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		*out++ = (char)bytes[i];
	return out;
}

const char *
row_names_text(const struct row_names *names, size_t at, char out[ROW_NAME])
{
	const uint8_t *first = names->bytes + names->groups[at / GROUP], *name = first;

	for (size_t i = at % GROUP; i > 0; i--)
		name += HEAD + name[1];
	*put(put(out, first + HEAD, name[0]), name + HEAD, name[1]) = '\0';
	return out;
}
