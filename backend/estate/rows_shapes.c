/* Accounts come in groups of equals: of 100,000 there are a few thousand shapes. */
#include <stdlib.h>
#include <string.h>

#include "backend/base/err.h"
#include "backend/base/mem.h"
#include "backend/estate/rows.h"

const struct account_shape *
account_shape(const struct accounts *accounts, const struct account_row *row)
{
	return &accounts->shapes[row->shape];
}

static uint64_t
hash(const struct account_shape *shape)
{
	const uint32_t parts[] = {shape->group, shape->location, shape->tags, shape->users,
		shape->user_key, shape->tenant, shape->federated, shape->why};
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		h = (h ^ parts[i]) * 0x100000001b3;
	return h ^ h >> 29;
}

static uint32_t *
slot_of(const struct accounts *accounts, const struct account_shape *shape)
{
	size_t at = hash(shape) & (accounts->shape_slots_len - 1);
	uint32_t *slots = accounts->shape_slots;

	while (slots[at] && memcmp(&accounts->shapes[slots[at] - 1], shape, sizeof *shape) != 0)
		at = (at + 1) & (accounts->shape_slots_len - 1);
	return &slots[at];
}

/* From half full on there are twice as many slots. */
static void
grow_slots(struct accounts *accounts)
{
	accounts->shape_slots_len = accounts->shape_slots_len ? accounts->shape_slots_len * 2 : 16;
	free(accounts->shape_slots);
	accounts->shape_slots =
		mem_alloc(accounts->shape_slots_len * sizeof *accounts->shape_slots);
	for (uint32_t i = 0; i < accounts->shapes_len; i++)
		*slot_of(accounts, &accounts->shapes[i]) = i + 1;
}

uint32_t
account_shape_number(struct accounts *accounts, const struct account_shape *shape)
{
	uint32_t *slot;

	if (accounts->shapes_len * 2 >= accounts->shape_slots_len)
		grow_slots(accounts);
	slot = slot_of(accounts, shape);
	if (*slot)
		return *slot - 1;
	accounts->shapes = rows_grow(accounts->shapes, accounts->shapes_len, &accounts->shapes_room,
		sizeof *accounts->shapes);
	accounts->shapes[accounts->shapes_len] = *shape;
	*slot = (uint32_t)++accounts->shapes_len;
	return *slot - 1;
}
