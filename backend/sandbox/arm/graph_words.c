/* The grammar is that of the Kusto query language, without what inventories have no use for. */
#include "backend/sandbox/arm/graph_words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"

enum { DEPTH = 40, TEXT_MAX = 4096 };

static const struct {
	const char *name;
	size_t least, most;
	bool condition;
} functions[] = {
	{"array_length", 1, 1, false},
	{"coalesce", 1, GRAPH_ARGS, false},
	{"iff", 3, 3, false},
	{"iif", 3, 3, false},
	{"isempty", 1, 1, true},
	{"isnotempty", 1, 1, true},
	{"isnotnull", 1, 1, true},
	{"isnull", 1, 1, true},
	{"not", 1, 1, true},
	{"strcat", 1, GRAPH_ARGS, false},
	{"strlen", 1, 1, false},
	{"tobool", 1, 1, true},
	{"toint", 1, 1, false},
	{"tolong", 1, 1, false},
	{"tolower", 1, 1, false},
	{"tostring", 1, 1, false},
	{"toupper", 1, 1, false},
};

static const char *const comparisons[] = {"==", "!=", "=~", "!~", "<", "<=", ">", ">=", "has",
	"!has", "has_cs", "contains", "!contains", "contains_cs", "startswith", "!startswith",
	"startswith_cs", "endswith", "!endswith", "endswith_cs", "in", "in~", "!in", "!in~"};

bool
graph_fail(struct graph_reader *r)
{
	struct graph_fault *fault = r->fault;

	if (fault->line)
		return false;
	fault->line = r->word_line;
	fault->position = r->word_position;
	text_clean(fault->token, sizeof fault->token, r->word, strlen(r->word));
	return false;
}

static void
take_word(struct graph_reader *r, enum graph_word kind, size_t len)
{
	char *word = arena_alloc(r->arena, len + 1);

	memcpy(word, r->at, len);
	word[len] = '\0';
	r->kind = kind;
	r->word = word;
	r->at += len;
}

static void
skip_blanks(struct graph_reader *r)
{
	for (;; r->at++) {
		if (*r->at == '/' && r->at[1] == '/')
			r->at += strcspn(r->at, "\n");
		if (*r->at == '\n') {
			r->line++;
			r->line_start = r->at + 1;
		} else if (*r->at == '\0' || !isspace((unsigned char)*r->at)) {
			return;
		}
	}
}

/* 'text' or "text" with backslashes, @'text' without. An open one ends with the line. */
static void
take_text(struct graph_reader *r)
{
	bool plain = *r->at == '@';
	char quote, *out;
	size_t n = 0;

	r->at += plain;
	quote = *r->at++;
	out = arena_alloc(r->arena, strcspn(r->at, "\n") + 1);
	while (*r->at && *r->at != quote && *r->at != '\n') {
		if (!plain && *r->at == '\\' && r->at[1] && r->at[1] != '\n') {
			r->at++;
			out[n++] = (char)(*r->at == 'n' ? '\n' : *r->at == 't' ? '\t' : *r->at);
			r->at++;
			continue;
		}
		out[n++] = *r->at++;
	}
	out[n] = '\0';
	r->kind = *r->at == quote ? WORD_TEXT : WORD_SIGN;
	r->word = out;
	if (*r->at == quote)
		r->at++;
}

static bool
starts_name(char c)
{
	return isalpha((unsigned char)c) || c == '_';
}

static size_t
name_length(const char *at)
{
	size_t len = 0;

	while (isalnum((unsigned char)at[len]) || at[len] == '_')
		len++;
	if (len == 7 && strncmp(at, "project", 7) == 0 && at[7] == '-')
		len += 1 + strspn(at + 8, "abcdefghijklmnopqrstuvwxyz");
	else if (len == 2 && strncmp(at, "in", 2) == 0 && at[2] == '~')
		len++;
	return len;
}

void
graph_next(struct graph_reader *r)
{
	static const char *const pairs[] = {"==", "!=", "=~", "!~", "<=", ">="};
	char c;

	skip_blanks(r);
	c = *r->at;
	r->word_line = r->line;
	r->word_position = (int)(r->at - r->line_start);
	if (!c) {
		r->kind = WORD_END;
		r->word = "<EOF>";
		return;
	}
	if (c == '\'' || c == '"' || (c == '@' && (r->at[1] == '\'' || r->at[1] == '"'))) {
		take_text(r);
		return;
	}
	if (starts_name(c) || (c == '!' && starts_name(r->at[1]))) {
		take_word(r, WORD_NAME, (c == '!') + name_length(r->at + (c == '!')));
		return;
	}
	if (isdigit((unsigned char)c)) {
		take_word(r, WORD_NUMBER, strspn(r->at, "0123456789."));
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		if (strncmp(r->at, pairs[i], 2) == 0) {
			take_word(r, WORD_SIGN, 2);
			return;
		}
	take_word(r, WORD_SIGN, 1);
}

bool
graph_is(const struct graph_reader *r, const char *word)
{
	return (r->kind == WORD_NAME || r->kind == WORD_SIGN) && strcmp(r->word, word) == 0;
}

bool
graph_take(struct graph_reader *r, const char *word)
{
	if (!graph_is(r, word))
		return false;
	graph_next(r);
	return true;
}

static struct graph_expr *
new_expr(struct graph_reader *r, enum graph_kind kind, size_t room)
{
	struct graph_expr *expr = arena_alloc(r->arena, sizeof *expr);

	*expr = (struct graph_expr){.kind = kind};
	if (room)
		expr->args = arena_alloc(r->arena, room * sizeof *expr->args);
	return expr;
}

static struct graph_expr *
literal(struct graph_reader *r, json_t *value)
{
	struct graph_expr *expr = new_expr(r, GRAPH_VALUE, 0);

	json_array_append_new(r->literals, value);
	expr->value = value;
	graph_next(r);
	return expr;
}

static struct graph_expr *
nothing(struct graph_reader *r)
{
	graph_fail(r);
	return NULL;
}

/* Arguments up to the closing parenthesis, which is taken. */
static bool
read_args(struct graph_reader *r, struct graph_expr *expr)
{
	while (!graph_is(r, ")")) {
		const struct graph_expr *one;

		if (expr->args_len > 0 && !graph_take(r, ","))
			return graph_fail(r);
		if (expr->args_len == GRAPH_ARGS)
			return graph_fail(r);
		one = graph_read_expr(r);
		if (!one)
			return false;
		expr->args[expr->args_len++] = (struct graph_expr *)one;
	}
	graph_next(r);
	return true;
}

static struct graph_expr *
read_call(struct graph_reader *r, const char *name, const struct graph_reader *start)
{
	struct graph_expr *expr = new_expr(r, GRAPH_CALL, GRAPH_ARGS);

	for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
		if (strcmp(functions[i].name, name) != 0)
			continue;
		expr->op = functions[i].name;
		graph_next(r);
		if (!read_args(r, expr))
			return NULL;
		if (expr->args_len < functions[i].least || expr->args_len > functions[i].most)
			break;
		if (strcmp(name, "tostring") == 0)
			expr->name = expr->args[0]->name;
		return expr;
	}
	*r = *start;
	return nothing(r);
}

/* The steps after a column: .name, ['name'], [0]. */
static struct graph_expr *
read_path(struct graph_reader *r, const char *first)
{
	struct graph_expr *expr = new_expr(r, GRAPH_PATH, 0);

	expr->steps = arena_alloc(r->arena, GRAPH_STEPS * sizeof *expr->steps);
	expr->steps[expr->steps_len++] = expr->name = first;
	while (graph_is(r, ".") || graph_is(r, "[")) {
		bool bracket = graph_is(r, "[");

		graph_next(r);
		if (expr->steps_len == GRAPH_STEPS ||
			(bracket ? r->kind != WORD_TEXT && r->kind != WORD_NUMBER
				 : r->kind != WORD_NAME))
			return nothing(r);
		expr->steps[expr->steps_len++] = r->word;
		expr->name = arena_printf(r->arena, "%s_%s", expr->name, r->word);
		graph_next(r);
		if (bracket && !graph_take(r, "]"))
			return nothing(r);
	}
	return expr;
}

static struct graph_expr *
read_primary(struct graph_reader *r)
{
	struct graph_reader start = *r;
	struct graph_expr *expr;

	if (r->kind == WORD_TEXT) {
		json_t *text = json_string(r->word);

		return literal(r, text ? text : json_null());
	}
	if (r->kind == WORD_NUMBER && strchr(r->word, '.'))
		return literal(r, json_real(strtod(r->word, NULL)));
	if (r->kind == WORD_NUMBER)
		return literal(r, json_integer(strtoll(r->word, NULL, 10)));
	if (graph_take(r, "(")) {
		expr = (struct graph_expr *)graph_read_expr(r);
		return !expr || graph_take(r, ")") ? expr : nothing(r);
	}
	if (graph_is(r, "true") || graph_is(r, "false"))
		return literal(r, json_boolean(graph_is(r, "true")));
	if (r->kind != WORD_NAME || r->word[0] == '!')
		return nothing(r);
	graph_next(r);
	return graph_is(r, "(") ? read_call(r, start.word, &start) : read_path(r, start.word);
}

static struct graph_expr *
read_comparison(struct graph_reader *r)
{
	struct graph_expr *left = read_primary(r), *expr, *right;

	for (size_t i = 0; left && i < ARRAY_LEN(comparisons); i++) {
		if (!graph_is(r, comparisons[i]))
			continue;
		graph_next(r);
		expr = new_expr(r, GRAPH_COMPARE, GRAPH_ARGS);
		expr->op = comparisons[i];
		expr->args[expr->args_len++] = left;
		if (strstr(expr->op, "in") == expr->op || strstr(expr->op, "!in") == expr->op) {
			if (!graph_take(r, "("))
				return nothing(r);
			right = read_primary(r);
			if (!right)
				return NULL;
			expr->args[expr->args_len++] = right;
			return read_args(r, expr) ? expr : NULL;
		}
		right = read_primary(r);
		if (!right)
			return NULL;
		expr->args[expr->args_len++] = right;
		return expr;
	}
	return left;
}

/* a and b and c, or one alone. */
static struct graph_expr *
read_chain(struct graph_reader *r, const char *word, enum graph_kind kind,
	struct graph_expr *(*read)(struct graph_reader *))
{
	struct graph_expr *first = read(r), *expr = NULL, *next;

	while (first && graph_take(r, word)) {
		next = read(r);
		if (!next)
			return NULL;
		if (!expr) {
			expr = new_expr(r, kind, GRAPH_ARGS);
			expr->args[expr->args_len++] = first;
		}
		if (expr->args_len == GRAPH_ARGS)
			return nothing(r);
		expr->args[expr->args_len++] = next;
	}
	return expr ? expr : first;
}

static struct graph_expr *
read_and(struct graph_reader *r)
{
	return read_chain(r, "and", GRAPH_AND, read_comparison);
}

const struct graph_expr *
graph_read_expr(struct graph_reader *r)
{
	const struct graph_expr *expr;

	if (r->depth == DEPTH)
		return nothing(r);
	r->depth++;
	expr = read_chain(r, "or", GRAPH_OR, read_and);
	r->depth--;
	return expr;
}

bool
graph_is_condition(const struct graph_expr *expr)
{
	if (expr->kind == GRAPH_VALUE)
		return json_is_boolean(expr->value);
	if (expr->kind != GRAPH_CALL)
		return expr->kind != GRAPH_PATH;
	for (size_t i = 0; i < ARRAY_LEN(functions); i++)
		if (functions[i].name == expr->op)
			return functions[i].condition;
	return false;
}
