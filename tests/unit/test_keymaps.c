/* Keys as a whole: nothing is out of reach of a terminal that is slow with Esc, or has no function
 * keys, and no key means two things at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tui/key.h"
#include "views/app/keymap.h"
#include "views/app/view.h"

/* Whether another key than Esc does the same in this table. */
static bool
has_twin(const struct binding *table, int action)
{
	for (; table->action; table++)
		if (table->action == action && ((table->key && table->key != TK_ESC) ||
						       (table->twin && table->twin != TK_ESC)))
			return true;
	return false;
}

static void
check_table(const char *name, const struct keymap *map)
{
	char one[16];

	for (const struct binding *b = map->bindings; b->action; b++) {
		if ((b->key == TK_ESC || b->twin == TK_ESC) && !has_twin(map->bindings, b->action))
			fail_msg("%s, \"%s\": nothing but Esc does \"%s\"", name, map->title,
				b->help);
		for (const struct binding *other = b + 1; other->action; other++)
			if (other->action != b->action &&
				(other->key == b->key || (b->twin && other->key == b->twin) ||
					(other->twin && other->twin == b->key) ||
					(b->twin && other->twin == b->twin)))
				fail_msg("%s, \"%s\": %s has two meanings", name, map->title,
					key_label(b->key, one));
	}
}

static void
every_esc_has_a_twin(void **state)
{
	(void)state;
	check_table("the console", &app_keys[0]);
	for (size_t i = 0; keymap_view(i); i++)
		for (const struct keymap *map = keymap_view(i)->keys; map && map->bindings; map++)
			check_table(keymap_view(i)->name, map);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_esc_has_a_twin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
