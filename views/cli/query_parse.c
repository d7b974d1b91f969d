/* Recursive descent over the subset. Precedence as in the JMESPath grammar: pipe, or, and,
 * comparison, not, then the chain of dots and brackets. A projection takes all of the chain that
 * follows it except a flattening, which works on its result as a whole. */
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "views/cli/query_node.h"

enum { DEPTH_MAX = 64, NUMBER_MAX = 1000000000 };

struct parser {
	const char *text, *at;
	int depth;
	struct err *err;
};

static struct query *parse_pipe(struct parser *p);
static struct query *parse_chain(struct parser *p, struct query *left, bool projected);

static struct query *
node(enum query_type type)
{
	struct query *query = mem_alloc(sizeof *query);

	query->type = type;
	return query;
}

static struct query *
pair(enum query_type type, struct query *left, struct query *right)
{
	struct query *query = node(type);

	query->left = left;
	query->right = right;
	return query;
}

/* Frees what was made and reports what stands at the place reached; always NULL. */
static struct query *
refuse(struct parser *p, struct query *query, const char *expected)
{
	char rest[24];

	query_free(query);
	if (p->err->kind != ERR_NONE)
		return NULL;
	text_cleans(rest, sizeof rest, p->at);
	err_set(p->err, ERR_USAGE, "",
		"--query, column %d: %s expected, found '%s'; understood are paths, indexes, slices, "
		"filters, multiselects, pipes, length, sort_by, contains",
		(int)(p->at - p->text) + 1, expected, rest);
	return NULL;
}

static void
skip(struct parser *p)
{
	p->at += strspn(p->at, " \t\r\n");
}

static bool
accept(struct parser *p, const char *token)
{
	size_t len = strlen(token);

	skip(p);
	if (strncmp(p->at, token, len) != 0)
		return false;
	p->at += len;
	return true;
}

static bool
next_is(struct parser *p, const char *token)
{
	skip(p);
	return strncmp(p->at, token, strlen(token)) == 0;
}

static bool
starts_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* An identifier, bare or in double quotes; NULL when there is none. The caller frees it. */
static char *
parse_name(struct parser *p)
{
	const char *start;
	json_error_t unused;
	size_t len;
	json_t *string;
	char *out;

	skip(p);
	start = p->at;
	if (starts_name(*start)) {
		while (starts_name(*p->at) || (*p->at >= '0' && *p->at <= '9'))
			p->at++;
		return mem_printf("%.*s", (int)(p->at - start), start);
	}
	if (*start != '"')
		return NULL;
	for (len = 1; start[len] && start[len] != '"'; len++)
		if (start[len] == '\\' && start[len + 1])
			len++;
	if (start[len] == '\0')
		return NULL;
	string = json_loadb(start, len + 1, JSON_DECODE_ANY, &unused);
	out = json_is_string(string) ? mem_strdup(json_string_value(string)) : NULL;
	json_decref(string);
	if (out)
		p->at = start + len + 1;
	return out;
}

/* 'raw text' or `JSON`; inside, the closing mark is written with a backslash. */
static struct query *
parse_literal(struct parser *p)
{
	char mark = *p->at, *text = mem_alloc(strlen(p->at) + 1);
	struct query *query = node(QUERY_LITERAL);
	const char *at = p->at + 1;
	size_t len = 0;

	for (; *at && *at != mark; at++) {
		if (*at == '\\' && at[1] == mark)
			at++;
		text[len++] = *at;
	}
	if (*at == mark)
		query->literal = mark == '\'' ? json_stringn(text, len)
					      : json_loadb(text, len, JSON_DECODE_ANY, NULL);
	free(text);
	if (query->literal == NULL)
		return refuse(
			p, query, mark == '\'' ? "text and a closing '" : "JSON and a closing `");
	p->at = at + 1;
	return query;
}

static void
add_item(struct query *query, struct query *item, char *name)
{
	size_t size = (query->items_len + 1) * sizeof(void *);

	query->items = mem_resize(query->items, size);
	query->names = mem_resize(query->names, size);
	query->items[query->items_len] = item;
	query->names[query->items_len++] = name;
}

/* What follows [ or {, up to the closing mark. */
static struct query *
parse_items(struct parser *p, enum query_type type, const char *close)
{
	struct query *query = node(type), *item;
	char *name = NULL;

	do {
		if (type == QUERY_HASH) {
			name = parse_name(p);
			if (name == NULL || !accept(p, ":")) {
				free(name);
				return refuse(p, query, "NAME: expression");
			}
		}
		item = parse_pipe(p);
		if (item == NULL) {
			free(name);
			return refuse(p, query, "an expression");
		}
		add_item(query, item, name);
	} while (accept(p, ","));
	return accept(p, close) ? query : refuse(p, query, close);
}

static struct query *
parse_call(struct parser *p, const char *name)
{
	static const struct {
		const char *name;
		enum query_call call;
		size_t arguments;
	} calls[] = {
		{"length", QUERY_LENGTH, 1},
		{"sort_by", QUERY_SORT_BY, 2},
		{"contains", QUERY_CONTAINS, 2},
	};
	struct query *query = node(QUERY_CALL), *item;
	size_t i = 0;

	while (i < ARRAY_LEN(calls) && strcmp(calls[i].name, name) != 0)
		i++;
	if (i == ARRAY_LEN(calls))
		return refuse(p, query, "length, sort_by or contains as a function");
	query->call = calls[i].call;
	do {
		if (query->call == QUERY_SORT_BY && query->items_len == 1 && !accept(p, "&"))
			return refuse(p, query, "&expression");
		item = parse_pipe(p);
		if (item == NULL)
			return refuse(p, query, "an argument");
		add_item(query, item, NULL);
	} while (accept(p, ","));
	if (query->items_len != calls[i].arguments || !accept(p, ")"))
		return refuse(p, query,
			calls[i].arguments == 1 ? "one argument and )" : "two arguments and )");
	return query;
}

/* [n], [a:b:c]; true with the mark eaten when it is one of them. */
static bool
parse_numbers(struct parser *p, struct query *query, size_t *colons)
{
	*colons = 0;
	for (;;) {
		char *end;

		skip(p);
		query->number[*colons] = strtol(p->at, &end, 10);
		query->given[*colons] = end != p->at;
		if (query->number[*colons] > NUMBER_MAX || query->number[*colons] < -NUMBER_MAX)
			return false;
		p->at = end;
		if (*colons == 2 || !accept(p, ":"))
			break;
		++*colons;
	}
	return accept(p, "]") && (*colons || query->given[0]) &&
	       !(query->given[2] && query->number[2] == 0);
}

/* What stands in brackets behind left, which is taken over. */
static struct query *
parse_bracket(struct parser *p, struct query *left)
{
	struct query *query = pair(QUERY_EACH, left, NULL);
	size_t colons;

	if (accept(p, "]")) {
		query->type = QUERY_FLATTEN;
	} else if (accept(p, "?")) {
		query->type = QUERY_FILTER;
		query->condition = parse_pipe(p);
		if (query->condition == NULL || !accept(p, "]"))
			return refuse(p, query, "a condition and ]");
	} else if (accept(p, "*")) {
		if (!accept(p, "]"))
			return refuse(p, query, "]");
	} else {
		if (!parse_numbers(p, query, &colons))
			return refuse(p, query, "an index, a slice, *, ? or ]");
		query->type = colons ? QUERY_SLICE : QUERY_INDEX;
		if (colons == 0)
			return query;
	}
	query->right = parse_chain(p, node(QUERY_CURRENT), true);
	return query->right ? query : refuse(p, query, "a path");
}

/* What stands behind a dot. */
static struct query *
parse_dotted(struct parser *p, struct query *left)
{
	struct query *right;
	char *name;

	if (accept(p, "*")) {
		left = pair(QUERY_VALUES, left, NULL);
		left->right = parse_chain(p, node(QUERY_CURRENT), true);
		return left->right ? left : refuse(p, left, "a path");
	}
	if (accept(p, "["))
		right = parse_items(p, QUERY_LIST, "]");
	else if (accept(p, "{"))
		right = parse_items(p, QUERY_HASH, "}");
	else if (!(name = parse_name(p)))
		right = refuse(p, NULL, "a name, *, [ or {");
	else if (accept(p, "(")) {
		right = parse_call(p, name);
		free(name);
	} else {
		right = node(QUERY_FIELD);
		right->text = name;
	}
	return right ? pair(QUERY_CHAIN, left, right) : refuse(p, left, "a path");
}

static struct query *
parse_chain(struct parser *p, struct query *left, bool projected)
{
	while (left) {
		if (projected && next_is(p, "[")) {
			const char *inside = p->at + 1;

			if (inside[strspn(inside, " \t\r\n")] == ']')
				return left;
		}
		if (accept(p, "["))
			left = parse_bracket(p, left);
		else if (accept(p, "."))
			left = parse_dotted(p, left);
		else
			return left;
	}
	return NULL;
}

/* A [ at the start is a bracket on the current value or a multiselect: the first sign tells. */
static struct query *
parse_open_bracket(struct parser *p)
{
	skip(p);
	if (*p->at && strchr("]?*:-0123456789", *p->at))
		return parse_bracket(p, node(QUERY_CURRENT));
	return parse_items(p, QUERY_LIST, "]");
}

static struct query *
parse_primary(struct parser *p)
{
	struct query *query;
	char *name;

	skip(p);
	if (*p->at == '\'' || *p->at == '`')
		return parse_literal(p);
	if (accept(p, "@"))
		return node(QUERY_CURRENT);
	if (accept(p, "(")) {
		query = parse_pipe(p);
		return query && accept(p, ")") ? query : refuse(p, query, ")");
	}
	if (accept(p, "["))
		return parse_open_bracket(p);
	if (accept(p, "{"))
		return parse_items(p, QUERY_HASH, "}");
	if (accept(p, "*")) {
		query = pair(QUERY_VALUES, node(QUERY_CURRENT), NULL);
		query->right = parse_chain(p, node(QUERY_CURRENT), true);
		return query->right ? query : refuse(p, query, "a path");
	}
	name = parse_name(p);
	if (name == NULL)
		return refuse(p, NULL, "a path");
	if (accept(p, "(")) {
		query = parse_call(p, name);
		free(name);
		return query;
	}
	query = node(QUERY_FIELD);
	query->text = name;
	return query;
}

static struct query *
parse_not(struct parser *p)
{
	struct query *query;

	if (next_is(p, "!") && p->at[1] != '=' && accept(p, "!")) {
		query = p->depth++ < DEPTH_MAX ? parse_not(p) : NULL;
		p->depth--;
		return query ? pair(QUERY_NOT, query, NULL) : refuse(p, NULL, "a condition");
	}
	return parse_chain(p, parse_primary(p), false);
}

static struct query *
parse_comparison(struct parser *p)
{
	static const struct {
		const char *token;
		enum query_compare compare;
	} tokens[] = {{"==", QUERY_EQ}, {"!=", QUERY_NE}, {"<=", QUERY_LE}, {">=", QUERY_GE},
		{"<", QUERY_LT}, {">", QUERY_GT}};
	struct query *left = parse_not(p);

	for (size_t i = 0; left && i < ARRAY_LEN(tokens); i++) {
		if (!accept(p, tokens[i].token))
			continue;
		left = pair(QUERY_COMPARE, left, parse_not(p));
		left->compare = tokens[i].compare;
		return left->right ? left : refuse(p, left, "a value");
	}
	return left;
}

static struct query *
parse_and(struct parser *p)
{
	struct query *left = parse_comparison(p);

	while (left && accept(p, "&&")) {
		left = pair(QUERY_AND, left, parse_comparison(p));
		if (left->right == NULL)
			return refuse(p, left, "a condition");
	}
	return left;
}

static struct query *
parse_or(struct parser *p)
{
	struct query *left = parse_and(p);

	while (left && accept(p, "||")) {
		left = pair(QUERY_OR, left, parse_and(p));
		if (left->right == NULL)
			return refuse(p, left, "a condition");
	}
	return left;
}

static struct query *
parse_pipe(struct parser *p)
{
	struct query *left;

	if (p->depth == DEPTH_MAX)
		return refuse(p, NULL, "fewer brackets within brackets");
	p->depth++;
	left = parse_or(p);
	while (left && accept(p, "|")) {
		left = pair(QUERY_CHAIN, left, parse_or(p));
		if (left->right == NULL)
			left = refuse(p, left, "a path");
	}
	p->depth--;
	return left;
}

struct query *
query_parse(const char *text, struct err *err)
{
	struct err own = {0};
	struct parser parser = {.text = text, .at = text, .err = &own};
	struct query *query = parse_pipe(&parser);

	skip(&parser);
	if (query && *parser.at)
		query = refuse(&parser, query, "the end or an operator");
	if (query == NULL && err)
		*err = own;
	return query;
}

void
query_free(struct query *query)
{
	if (query == NULL)
		return;
	query_free(query->left);
	query_free(query->right);
	query_free(query->condition);
	for (size_t i = 0; i < query->items_len; i++) {
		query_free(query->items[i]);
		free(query->names[i]);
	}
	free(query->items);
	free(query->names);
	free(query->text);
	json_decref(query->literal);
	free(query);
}
