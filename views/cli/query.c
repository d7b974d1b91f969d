/* Evaluation follows the JMESPath specification: what is not there is null, a projection leaves
 * nulls out, and null, false, and what is empty count as false. */
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "views/cli/query_node.h"

static bool
holds(const json_t *value)
{
	if (json_is_string(value))
		return json_string_length(value) > 0;
	if (json_is_array(value))
		return json_array_size(value) > 0;
	if (json_is_object(value))
		return json_object_size(value) > 0;
	return value && !json_is_null(value) && !json_is_false(value);
}

static json_t *
borrowed(json_t *value)
{
	return value ? json_incref(value) : json_null();
}

/* Puts right's result for one element into out, unless it is null. */
static bool
project(const struct query *query, const json_t *element, json_t *out, struct err *err)
{
	json_t *result = query_run(query->right, element, err);

	if (result == NULL)
		return false;
	if (json_is_null(result))
		json_decref(result);
	else
		json_array_append_new(out, result);
	return true;
}

/* The bounds of a slice over len elements, as Python has them. */
static void
slice_bounds(const struct query *query, long len, long *from, long *to, long *by)
{
	long bound[2];

	*by = query->given[2] ? query->number[2] : 1;
	for (int i = 0; i < 2; i++) {
		long n = query->number[i], least = *by < 0 ? -1 : 0, most = *by < 0 ? len - 1 : len;

		if (!query->given[i])
			n = (i == 0) == (*by > 0) ? least : most;
		else if (n < 0)
			n = n + len < least ? least : n + len;
		bound[i] = n > most ? most : n;
	}
	*from = bound[0];
	*to = bound[1];
}

static json_t *
run_slice(const struct query *query, const json_t *list, struct err *err)
{
	json_t *out = json_array();
	long from, to, by;

	slice_bounds(query, (long)json_array_size(list), &from, &to, &by);
	for (long i = from; by > 0 ? i < to : i > to; i += by) {
		if (!project(query, json_array_get(list, (size_t)i), out, err)) {
			json_decref(out);
			return NULL;
		}
	}
	return out;
}

/* Whether an element passes; -1 when the condition cannot be told. */
static int
passes(const struct query *query, const json_t *element, struct err *err)
{
	json_t *result;
	int yes;

	if (query->type != QUERY_FILTER)
		return 1;
	result = query_run(query->condition, element, err);
	if (result == NULL)
		return -1;
	yes = holds(result);
	json_decref(result);
	return yes;
}

static json_t *
run_each(const struct query *query, const json_t *list, struct err *err)
{
	json_t *out = json_array();
	const json_t *element, *inner;
	size_t i, j;

	json_array_foreach(list, i, element)
	{
		int yes = passes(query, element, err);
		bool ok = yes >= 0;

		if (ok && query->type == QUERY_FLATTEN && json_is_array(element)) {
			json_array_foreach(element, j, inner)
			{
				ok = ok && project(query, inner, out, err);
			}
		} else if (yes == 1) {
			ok = project(query, element, out, err);
		}
		if (!ok) {
			json_decref(out);
			return NULL;
		}
	}
	return out;
}

static json_t *
run_values(const struct query *query, const json_t *object, struct err *err)
{
	json_t *out = json_array();
	const json_t *element;
	const char *key;

	json_object_foreach((json_t *)object, key, element)
	{
		if (!project(query, element, out, err)) {
			json_decref(out);
			return NULL;
		}
	}
	return out;
}

static json_t *
run_projection(const struct query *query, const json_t *value, struct err *err)
{
	json_t *from = query_run(query->left, value, err), *out;

	if (from == NULL)
		return NULL;
	if (query->type == QUERY_VALUES)
		out = json_is_object(from) ? run_values(query, from, err) : json_null();
	else if (!json_is_array(from))
		out = json_null();
	else if (query->type == QUERY_SLICE)
		out = run_slice(query, from, err);
	else
		out = run_each(query, from, err);
	json_decref(from);
	return out;
}

static json_t *
run_items(const struct query *query, const json_t *value, struct err *err)
{
	json_t *out;

	if (value == NULL || json_is_null(value))
		return json_null();
	out = query->type == QUERY_HASH ? json_object() : json_array();
	for (size_t i = 0; i < query->items_len; i++) {
		json_t *item = query_run(query->items[i], value, err);

		if (item == NULL) {
			json_decref(out);
			return NULL;
		}
		if (query->type == QUERY_HASH)
			json_object_set_new(out, query->names[i], item);
		else
			json_array_append_new(out, item);
	}
	return out;
}

static json_t *
run_logic(const struct query *query, const json_t *value, struct err *err)
{
	json_t *left = query_run(query->left, value, err);
	bool yes;

	if (left == NULL)
		return NULL;
	yes = holds(left);
	if (query->type == QUERY_NOT) {
		json_decref(left);
		return json_boolean(!yes);
	}
	if (yes == (query->type == QUERY_OR))
		return left;
	json_decref(left);
	return query_run(query->right, value, err);
}

static json_t *
compare(enum query_compare how, const json_t *a, const json_t *b)
{
	double x = json_number_value(a), y = json_number_value(b);
	bool equal = json_is_number(a) && json_is_number(b) ? x == y : json_equal(a, b) != 0;

	if (how == QUERY_EQ || how == QUERY_NE)
		return json_boolean(equal == (how == QUERY_EQ));
	if (!json_is_number(a) || !json_is_number(b))
		return json_null();
	switch (how) {
	case QUERY_LT:
		return json_boolean(x < y);
	case QUERY_LE:
		return json_boolean(x <= y);
	case QUERY_GT:
		return json_boolean(x > y);
	default:
		return json_boolean(x >= y);
	}
}

static json_t *
run_compare(const struct query *query, const json_t *value, struct err *err)
{
	json_t *a = query_run(query->left, value, err), *out = NULL;
	json_t *b = a ? query_run(query->right, value, err) : NULL;

	if (b)
		out = compare(query->compare, a, b);
	json_decref(a);
	json_decref(b);
	return out;
}

static json_t *
length(const json_t *value, struct err *err)
{
	const char *s = json_string_value(value);
	json_int_t len = 0;

	if (json_is_array(value))
		return json_integer((json_int_t)json_array_size(value));
	if (json_is_object(value))
		return json_integer((json_int_t)json_object_size(value));
	if (s == NULL) {
		err_set(err, ERR_USAGE, "",
			"--query: length() takes a text, a list or an object, and got something "
			"else");
		return NULL;
	}
	for (; *s; s++)
		len += (*s & 0xc0) != 0x80;
	return json_integer(len);
}

static json_t *
contains(const json_t *value, const json_t *wanted, struct err *err)
{
	const json_t *element;
	size_t i;

	if (json_is_string(value))
		return json_boolean(json_is_string(wanted) &&
				    strstr(json_string_value(value), json_string_value(wanted)));
	if (!json_is_array(value)) {
		err_set(err, ERR_USAGE, "",
			"--query: contains() takes a text or a list first, and got something else");
		return NULL;
	}
	json_array_foreach(value, i, element)
	{
		if (json_equal(element, wanted))
			return json_true();
	}
	return json_false();
}

struct sorted {
	json_t *key, *element; /* element is borrowed */
	size_t place;
};

/* By key, then by place, so that equal keys keep their order. */
static int
by_key(const void *left, const void *right)
{
	const struct sorted *a = left, *b = right;
	double x = json_number_value(a->key), y = json_number_value(b->key);
	int d = json_is_string(a->key)
			? strcmp(json_string_value(a->key), json_string_value(b->key))
			: (x > y) - (x < y);

	return d ? d : (a->place > b->place) - (a->place < b->place);
}

/* Whether a key can be ordered with the first one. */
static bool
fits(const json_t *key, const json_t *first)
{
	return (json_is_string(key) && json_is_string(first)) ||
	       (json_is_number(key) && json_is_number(first));
}

static json_t *
sort_by(const json_t *list, const struct query *by, struct err *err)
{
	size_t len = json_array_size(list), keys = 0;
	struct sorted *rows;
	json_t *out = NULL;
	bool ok = json_is_array(list);

	rows = mem_alloc((len + 1) * sizeof *rows);
	for (; ok && keys < len; keys++) {
		struct sorted *row = &rows[keys];

		row->element = json_array_get(list, keys);
		row->place = keys;
		row->key = query_run(by, row->element, err);
		ok = row->key && fits(row->key, rows[0].key);
	}
	if (ok) {
		qsort(rows, len, sizeof *rows, by_key);
		out = json_array();
		for (size_t i = 0; i < len; i++)
			json_array_append(out, rows[i].element);
	} else if (err->kind == ERR_NONE) {
		err_set(err, ERR_USAGE, "",
			"--query: sort_by() takes a list whose keys are all texts or all numbers");
	}
	for (size_t i = 0; i < keys; i++)
		json_decref(rows[i].key);
	free(rows);
	return out;
}

static json_t *
run_call(const struct query *query, const json_t *value, struct err *err)
{
	json_t *first = query_run(query->items[0], value, err), *second = NULL, *out = NULL;

	if (first == NULL)
		return NULL;
	switch (query->call) {
	case QUERY_LENGTH:
		out = length(first, err);
		break;
	case QUERY_SORT_BY:
		out = sort_by(first, query->items[1], err);
		break;
	case QUERY_CONTAINS:
		second = query_run(query->items[1], value, err);
		out = second ? contains(first, second, err) : NULL;
		break;
	}
	json_decref(first);
	json_decref(second);
	return out;
}

static json_t *
run_step(const struct query *query, const json_t *value, struct err *err)
{
	json_t *left = query_run(query->left, value, err), *out = NULL;
	long at = query->number[0];

	if (left == NULL)
		return NULL;
	if (query->type == QUERY_CHAIN) {
		out = query_run(query->right, left, err);
	} else {
		at = at < 0 ? at + (long)json_array_size(left) : at;
		out = at < 0 ? json_null() : borrowed(json_array_get(left, (size_t)at));
	}
	json_decref(left);
	return out;
}

json_t *
query_run(const struct query *query, const json_t *value, struct err *err)
{
	switch (query->type) {
	case QUERY_CURRENT:
		return borrowed((json_t *)value);
	case QUERY_FIELD:
		return borrowed(json_object_get(value, query->text));
	case QUERY_LITERAL:
		return json_incref(query->literal);
	case QUERY_CHAIN:
	case QUERY_INDEX:
		return run_step(query, value, err);
	case QUERY_EACH:
	case QUERY_VALUES:
	case QUERY_SLICE:
	case QUERY_FLATTEN:
	case QUERY_FILTER:
		return run_projection(query, value, err);
	case QUERY_LIST:
	case QUERY_HASH:
		return run_items(query, value, err);
	case QUERY_OR:
	case QUERY_AND:
	case QUERY_NOT:
		return run_logic(query, value, err);
	case QUERY_COMPARE:
		return run_compare(query, value, err);
	case QUERY_CALL:
		return run_call(query, value, err);
	}
	return json_null();
}

/* Functions refuse what they cannot take; nothing else in a query fails. */
static bool
may_fail(const struct query *query)
{
	if (query == NULL)
		return false;
	for (size_t i = 0; i < query->items_len; i++)
		if (may_fail(query->items[i]))
			return true;
	return query->type == QUERY_CALL || may_fail(query->left) || may_fail(query->right) ||
	       may_fail(query->condition);
}

bool
query_is_each(const struct query *query)
{
	bool each = query->type == QUERY_EACH || query->type == QUERY_FLATTEN ||
		    query->type == QUERY_FILTER;

	return each && query->left->type == QUERY_CURRENT && !may_fail(query);
}

json_t *
query_each(const struct query *query, json_t *element)
{
	struct err none = {0};
	json_t *out = NULL;

	if (passes(query, element, &none) == 1)
		out = query_run(query->right, element, &none);
	json_decref(element);
	if (out == NULL || !json_is_null(out))
		return out;
	json_decref(out);
	return NULL;
}

bool
query_counts(const struct query *query)
{
	return query->type == QUERY_CALL && query->call == QUERY_LENGTH &&
	       query->items[0]->type == QUERY_CURRENT;
}
