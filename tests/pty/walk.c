/* Walks by keys share one seeded sandbox, of which each gets a copy: seeding makes keys, which
 * takes seconds. */
#include "tests/pty/walk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct place seeded;

int
walk_seed(void **state)
{
	(void)state;
	place_seed(&seeded);
	return 0;
}

int
walk_clear(void **state)
{
	(void)state;
	place_remove(&seeded);
	return 0;
}

void
walk_place(struct place *place)
{
	place_copy(place, &seeded);
}

void
walk_press(struct walk *walk, const char *keys, const char *then)
{
	terminal_type(&walk->terminal, keys);
	terminal_wait(&walk->terminal, then);
}

void
walk_yes(struct walk *walk, const char *then)
{
	walk_press(walk, "y", then);
	terminal_drain(&walk->terminal, 550);
}

void
walk_begin(struct walk *walk, const char *row, const char *plan, const char *title)
{
	terminal_type(&walk->terminal, "/" CLEAR);
	terminal_type(&walk->terminal, row);
	walk_press(walk, ENTER, "1 of ");
	terminal_type(&walk->terminal, ":");
	terminal_type(&walk->terminal, plan);
	walk_press(walk, ENTER, title);
}

void
walk_start_sized(struct walk *walk, int columns, int rows, const char *tab, const char *first)
{
	walk_place(&walk->place);
	terminal_start(&walk->terminal, columns, rows, walk->place.sandbox);
	terminal_wait(&walk->terminal, "aa-payroll");
	terminal_wait(&walk->terminal, "  read ");
	walk_press(walk, tab, first);
	terminal_wait(&walk->terminal, "  read ");
}

void
walk_start(struct walk *walk, const char *tab, const char *first)
{
	walk_start_sized(walk, 80, 24, tab, first);
}

void
walk_end(struct walk *walk)
{
	struct ran ran;

	assert_int_equal(terminal_hang_up(&walk->terminal), 0);
	terminal_free(&walk->terminal);
	run(&ran, walk->place.sandbox, "journal", "verify", NULL);
	ran_expect(&ran, 0);
	ran_free(&ran);
	place_remove(&walk->place);
}

json_t *
walk_show(struct walk *walk, const char *noun, const char *name)
{
	struct ran ran;
	json_t *json;

	run(&ran, walk->place.sandbox, noun, "show", name, "-o", "json", NULL);
	ran_expect(&ran, 0);
	json = ran_json(&ran);
	ran_free(&ran);
	return json;
}

void
walk_expect(
	struct walk *walk, const char *noun, const char *name, const char *path, const char *text)
{
	json_t *json = walk_show(walk, noun, name);

	assert_string_equal(text_at(json, path), text);
	json_decref(json);
}

void
walk_expect_operation(struct walk *walk, const char *plan, const char *state)
{
	struct ran ran;
	json_t *json, *newest;

	run(&ran, walk->place.sandbox, "operations", "-o", "json", NULL);
	ran_expect(&ran, 0);
	json = ran_json(&ran);
	newest = json_array_get(json, json_array_size(json) - 1);
	assert_string_equal(text_at(newest, "plan"), plan);
	assert_string_equal(text_at(newest, "state"), state);
	json_decref(json);
	ran_free(&ran);
}

size_t
walk_rights(struct walk *walk, const char *vault, const char *principal)
{
	struct ran ran;
	json_t *json, *policy;
	size_t i, held = 0;

	run(&ran, walk->place.sandbox, "policy", "list", "-o", "json", NULL);
	ran_expect(&ran, 0);
	json = ran_json(&ran);
	json_array_foreach(json, i, policy)
	{
		const char *who = json_string_value(json_object_get(policy, "principal"));

		if (strcmp(text_at(policy, "vault"), vault) == 0 && who &&
			strcmp(who, principal) == 0)
			held += json_array_size(value_at(policy, "holds"));
	}
	json_decref(json);
	ran_free(&ran);
	return held;
}
