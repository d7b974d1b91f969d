/* Things are told apart by their names and not by where they stand, and there is each of them once:
 * a second access policy of one principal is a difference. */
#include "tests/sweep/estate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/text.h"

static bool may_stay; /* what is as it is left is no difference */

/* What tells the elements of an array apart. */
static const char *
name_of(const json_t *element)
{
	static const char *const members[] = {"version", "name", "objectId"};
	const char *name = NULL;

	for (size_t i = 0; name == NULL && i < sizeof members / sizeof *members; i++)
		name = json_string_value(json_object_get(element, members[i]));
	return name;
}

static json_t *
named(const json_t *array, const char *name)
{
	json_t *one;
	size_t i;

	json_array_foreach((json_t *)array, i, one)
	{
		if (name && name_of(one) && strcmp(name_of(one), name) == 0)
			return one;
	}
	return NULL;
}

/* ARM ids are the same in whatever case. */
static bool
same(const json_t *a, const json_t *b)
{
	if (json_is_string(a) && json_is_string(b))
		return text_casecmp(json_string_value(a), json_string_value(b)) == 0;
	return (a == NULL && b == NULL) || json_equal(a, b);
}

static void differ(const char *path, const char *name, const json_t *now, const json_t *want,
	const json_t *left);

static void
compare_objects(const char *path, const json_t *now, const json_t *want, const json_t *left)
{
	const char *name;
	json_t *one;

	json_object_foreach((json_t *)want, name, one)
	{
		differ(path, name, json_object_get(now, name), one, json_object_get(left, name));
	}
	json_object_foreach((json_t *)now, name, one)
	{
		if (!json_object_get(want, name))
			differ(path, name, one, NULL, json_object_get(left, name));
	}
}

/* By their names, each of which is there once. */
static void
compare_arrays(const char *path, const json_t *now, const json_t *want, const json_t *left)
{
	json_t *one;
	size_t i;

	json_array_foreach((json_t *)want, i, one)
	{
		const char *name = name_of(one);

		differ(path, name, named(now, name), one, named(left, name));
	}
	json_array_foreach((json_t *)now, i, one)
	{
		const char *name = name_of(one);

		if (named(now, name) != one)
			fail_msg("%s has %s twice", path, name ? name : "a thing without a name");
		if (!named(want, name))
			differ(path, name, one, NULL, named(left, name));
	}
}

/* Everything as it should be, or as the plan leaves it behind (left; NULL: that is no excuse). */
static void
compare(const char *path, const json_t *now, const json_t *want, const json_t *left)
{
	char *is, *was;

	if (json_is_object(now) && json_is_object(want)) {
		compare_objects(path, now, want, left);
	} else if (json_is_array(now) && json_is_array(want) &&
		   (name_of(json_array_get(now, 0)) || name_of(json_array_get(want, 0)))) {
		compare_arrays(path, now, want, left);
	} else {
		is = json_dumps(now, JSON_ENCODE_ANY | JSON_COMPACT);
		was = json_dumps(want, JSON_ENCODE_ANY | JSON_COMPACT);
		fail_msg("%s is %.600s and not %.600s", path, is ? is : "not there",
			was ? was : "absent");
	}
}

static void
differ(const char *path, const char *name, const json_t *now, const json_t *want,
	const json_t *left)
{
	char deeper[400];

	if (same(now, want) || (may_stay && same(now, left)))
		return;
	snprintf(deeper, sizeof deeper, "%s.%s", path, name);
	compare(deeper, now, want, left);
}

void
estate_expect(const json_t *now, const json_t *want, const json_t *left)
{
	may_stay = left != NULL;
	differ("estate", "", now, want, left);
}
