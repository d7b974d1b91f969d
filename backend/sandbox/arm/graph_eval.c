/* As the Kusto query language has it: =~ and the words compare without regard to case, == and the
 * _cs words with; what compares to null is false, but != is true. */
#include "backend/sandbox/arm/graph_eval.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"

enum { NUMBER_TEXT = 40 };

/* A value as text: of numbers and truths in room, of objects none (""). */
static const char *
text_of(const json_t *value, char room[NUMBER_TEXT])
{
	room[0] = '\0';
	if (json_is_string(value))
		return json_string_value(value);
	if (json_is_boolean(value))
		return json_is_true(value) ? "true" : "false";
	if (json_is_integer(value))
		snprintf(room, NUMBER_TEXT, "%lld", (long long)json_integer_value(value));
	else if (json_is_real(value))
		snprintf(room, NUMBER_TEXT, "%.17g", json_real_value(value));
	return room;
}

static json_t *
to_text(const json_t *value)
{
	char room[NUMBER_TEXT], *dump;
	json_t *text;

	if (!json_is_object(value) && !json_is_array(value))
		return json_string(text_of(value, room));
	dump = json_dumps(value, JSON_COMPACT);
	text = json_string(dump);
	free(dump);
	return text;
}

int
graph_compare(const json_t *a, const json_t *b)
{
	char left[NUMBER_TEXT], right[NUMBER_TEXT];

	if (json_is_null(a) || json_is_null(b))
		return (int)json_is_null(b) - (int)json_is_null(a);
	if (json_is_number(a) && json_is_number(b)) {
		double x = json_number_value(a), y = json_number_value(b);

		return (x > y) - (x < y);
	}
	return strcmp(text_of(a, left), text_of(b, right));
}

static json_t *
eval_path(const struct graph_expr *expr, struct graph_row *row)
{
	json_t *value = graph_row_cell(row, expr->steps[0]), *next;

	for (size_t i = 1; i < expr->steps_len; i++) {
		const char *step = expr->steps[i];

		next = json_is_array(value) && isdigit((unsigned char)step[0])
			       ? json_array_get(value, strtoul(step, NULL, 10))
			       : json_object_get(value, step);
		next = next ? json_incref(next) : json_null();
		json_decref(value);
		value = next;
	}
	return value;
}

static json_t *
changed_case(const json_t *value, bool up)
{
	char room[NUMBER_TEXT];
	char *copy = mem_strdup(text_of(value, room));
	json_t *json;

	for (char *at = copy; *at; at++)
		*at = (char)(up ? toupper((unsigned char)*at) : tolower((unsigned char)*at));
	json = json_string(copy);
	free(copy);
	return json;
}

static bool
is_empty(const json_t *value)
{
	char room[NUMBER_TEXT];

	return !json_is_object(value) && !json_is_array(value) && !*text_of(value, room);
}

static json_t *
joined(const struct graph_expr *expr, struct graph_row *row)
{
	char *all = mem_strdup("");
	json_t *json;

	for (size_t i = 0; i < expr->args_len; i++) {
		json_t *value = graph_eval(expr->args[i], row), *text = to_text(value);
		char *more = mem_printf("%s%s", all, json_string_value(text));

		free(all);
		all = more;
		json_decref(value);
		json_decref(text);
	}
	json = json_string(all);
	free(all);
	return json;
}

static json_t *
first_of(const struct graph_expr *expr, struct graph_row *row)
{
	for (size_t i = 0; i < expr->args_len; i++) {
		json_t *value = graph_eval(expr->args[i], row);

		if (!json_is_null(value))
			return value;
		json_decref(value);
	}
	return json_null();
}

static json_t *
to_number(const json_t *value)
{
	const char *text;
	char room[NUMBER_TEXT], *end;
	long long number;

	if (json_is_real(value))
		return json_integer((json_int_t)json_real_value(value));
	text = text_of(value, room);
	number = strtoll(text, &end, 10);
	return *text && !*end ? json_integer(number) : json_null();
}

static json_t *
to_truth(const json_t *value)
{
	char room[NUMBER_TEXT];
	const char *text = text_of(value, room);

	if (text_casecmp(text, "true") == 0)
		return json_true();
	return text_casecmp(text, "false") == 0 ? json_false() : json_null();
}

/* Functions of one value. */
static json_t *
apply(const char *name, const json_t *value)
{
	char room[NUMBER_TEXT];

	if (strcmp(name, "tostring") == 0)
		return to_text(value);
	if (strcmp(name, "tolower") == 0 || strcmp(name, "toupper") == 0)
		return changed_case(value, name[2] == 'u');
	if (strcmp(name, "isempty") == 0 || strcmp(name, "isnotempty") == 0)
		return json_boolean(is_empty(value) == (name[2] == 'e'));
	if (strcmp(name, "isnull") == 0 || strcmp(name, "isnotnull") == 0)
		return json_boolean(json_is_null(value) == (name[3] == 'u'));
	if (strcmp(name, "not") == 0)
		return json_boolean(!json_is_true(value));
	if (strcmp(name, "tobool") == 0)
		return to_truth(value);
	if (strcmp(name, "strlen") == 0)
		return json_integer((json_int_t)strlen(text_of(value, room)));
	if (strcmp(name, "array_length") == 0)
		return json_is_array(value) ? json_integer((json_int_t)json_array_size(value))
					    : json_null();
	return to_number(value);
}

static json_t *
eval_call(const struct graph_expr *expr, struct graph_row *row)
{
	json_t *value, *out;

	if (strcmp(expr->op, "strcat") == 0)
		return joined(expr, row);
	if (strcmp(expr->op, "coalesce") == 0)
		return first_of(expr, row);
	if (strcmp(expr->op, "iff") == 0 || strcmp(expr->op, "iif") == 0)
		return graph_eval(expr->args[graph_holds(expr->args[0], row) ? 1 : 2], row);
	value = graph_eval(expr->args[0], row);
	out = apply(expr->op, value);
	json_decref(value);
	return out;
}

/* Whether needle stands in text as a word of its own. */
static bool
has_word(const char *text, const char *needle, bool cased)
{
	size_t len = strlen(needle);

	for (const char *at = text; *at; at++) {
		bool same = cased ? strncmp(at, needle, len) == 0 : text_case_starts(at, needle);

		if (same && (at == text || !isalnum((unsigned char)at[-1])) &&
			!isalnum((unsigned char)at[len]))
			return true;
	}
	return len == 0;
}

static bool
ends_cased(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return n <= len && strcmp(text + len - n, end) == 0;
}

/* The words, without their "!". */
static bool
text_holds(const char *op, const char *text, const char *needle)
{
	bool cased = text_case_ends(op, "_cs");

	if (strncmp(op, "has", 3) == 0)
		return has_word(text, needle, cased);
	if (strncmp(op, "contains", 8) == 0)
		return cased ? strstr(text, needle) != NULL : text_case_has(text, needle);
	if (strncmp(op, "startswith", 10) == 0)
		return cased ? strncmp(text, needle, strlen(needle)) == 0
			     : text_case_starts(text, needle);
	return cased ? ends_cased(text, needle) : text_case_ends(text, needle);
}

static bool
same(const json_t *a, const json_t *b, bool cased)
{
	char left[NUMBER_TEXT], right[NUMBER_TEXT];
	const char *x = text_of(a, left), *y = text_of(b, right);

	if (json_is_null(a) != json_is_null(b))
		return false;
	return cased ? graph_compare(a, b) == 0 : text_casecmp(x, y) == 0;
}

static bool
compare(const char *op, const json_t *a, const json_t *b)
{
	char left[NUMBER_TEXT], right[NUMBER_TEXT];

	if (op[0] == '=' || op[0] == 'i')
		return same(a, b, op[1] == '=' || strcmp(op, "in") == 0);
	if (op[0] == '<' || op[0] == '>') {
		int order = graph_compare(a, b);

		return !json_is_null(a) && !json_is_null(b) &&
		       ((op[1] == '=' && order == 0) || (op[0] == '<' ? order < 0 : order > 0));
	}
	return text_holds(op, text_of(a, left), text_of(b, right));
}

/* "!" before an operator turns it round: != ==, !~ =~, and the words. */
static bool
eval_comparison(const struct graph_expr *expr, struct graph_row *row)
{
	bool turned = expr->op[0] == '!', holds = false;
	const char *op = !turned                       ? expr->op
			 : strcmp(expr->op, "!=") == 0 ? "=="
			 : strcmp(expr->op, "!~") == 0 ? "=~"
						       : expr->op + 1;
	json_t *left = graph_eval(expr->args[0], row);

	for (size_t i = 1; i < expr->args_len && !holds; i++) {
		json_t *right = graph_eval(expr->args[i], row);

		holds = compare(op, left, right);
		json_decref(right);
	}
	json_decref(left);
	return holds != turned;
}

bool
graph_holds(const struct graph_expr *expr, struct graph_row *row)
{
	json_t *value;
	bool holds;

	if (expr->kind == GRAPH_AND || expr->kind == GRAPH_OR) {
		for (size_t i = 0; i < expr->args_len; i++)
			if (graph_holds(expr->args[i], row) == (expr->kind == GRAPH_OR))
				return expr->kind == GRAPH_OR;
		return expr->kind == GRAPH_AND;
	}
	if (expr->kind == GRAPH_COMPARE)
		return eval_comparison(expr, row);
	value = graph_eval(expr, row);
	holds = json_is_true(value);
	json_decref(value);
	return holds;
}

json_t *
graph_eval(const struct graph_expr *expr, struct graph_row *row)
{
	switch (expr->kind) {
	case GRAPH_VALUE:
		return json_incref(expr->value);
	case GRAPH_PATH:
		return eval_path(expr, row);
	case GRAPH_CALL:
		return eval_call(expr, row);
	case GRAPH_COMPARE:
	case GRAPH_AND:
	case GRAPH_OR:
		break;
	}
	return json_boolean(graph_holds(expr, row));
}
