/* Rows come in groups of equals: of 100,000 accounts there are a few thousand shapes. */
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/estate/pool.h"

const void *
shapes_at(const struct shapes *shapes, uint32_t number)
{
	return (const char *)shapes->items + number * shapes->size;
}

static uint64_t
hash(const void *item, size_t size)
{
	const uint32_t *parts = item;
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < size / sizeof *parts; i++)
		h = (h ^ parts[i]) * 0x100000001b3;
	return h ^ h >> 29;
}

static uint32_t *
slot_of(const struct shapes *shapes, const void *item)
{
	size_t at = hash(item, shapes->size) & (shapes->slots_len - 1);
	uint32_t *slots = shapes->slots;

	while (slots[at] && memcmp(shapes_at(shapes, slots[at] - 1), item, shapes->size) != 0)
		at = (at + 1) & (shapes->slots_len - 1);
	return &slots[at];
}

/* Of the slots a quarter stays free. */
static bool
is_full(const struct shapes *shapes)
{
	return shapes->len * 4 >= shapes->slots_len * 3;
}

static void
grow_slots(struct shapes *shapes)
{
	do
		shapes->slots_len = shapes->slots_len ? shapes->slots_len * 2 : 16;
	while (is_full(shapes));
	free(shapes->slots);
	shapes->slots = mem_alloc(shapes->slots_len * sizeof *shapes->slots);
	for (uint32_t i = 0; i < shapes->len; i++)
		*slot_of(shapes, shapes_at(shapes, i)) = i + 1;
}

uint32_t
shapes_number(struct shapes *shapes, const void *item)
{
	uint32_t *slot;

	if (is_full(shapes))
		grow_slots(shapes);
	slot = slot_of(shapes, item);
	if (*slot)
		return *slot - 1;
	shapes->items = rows_grow(shapes->items, shapes->len, &shapes->room, shapes->size);
	memcpy((char *)shapes->items + shapes->len * shapes->size, item, shapes->size);
	*slot = (uint32_t)++shapes->len;
	return *slot - 1;
}

void
shapes_trim(struct shapes *shapes)
{
	free(shapes->slots);
	shapes->slots = NULL;
	shapes->slots_len = 0;
}

void
shapes_free(struct shapes *shapes)
{
	free(shapes->items);
	free(shapes->slots);
	*shapes = (struct shapes){.size = shapes->size};
}
