/* What libmicrohttpd does with a head, in the form that it hands to the sandbox: escapes stay. */
#include "tests/fuzz/request.h"

#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "tests/fuzz/estate.h"

enum { CLOCK_MAX = 400 * 86400, LRO_MAX = 3600 };

/* The line at *text, its end cut off; NULL when there is none. *text goes on. */
static char *
take_line(char **text, const char *end)
{
	char *line = *text, *newline = memchr(line, '\n', (size_t)(end - line));

	if (!newline)
		return NULL;
	*text = newline + 1;
	*newline = '\0';
	if (newline > line && newline[-1] == '\r')
		newline[-1] = '\0';
	return line;
}

static void
read_query(struct request *out, char *text)
{
	char *next;

	for (char *c = text; *c; c++)
		if (*c == '+')
			*c = ' ';
	for (; text; text = next) {
		char *value;

		next = strchr(text, '&');
		if (next)
			*next++ = '\0';
		value = strchr(text, '=');
		if (value)
			*value++ = '\0';
		if (out->query_len < REQUEST_ARGUMENTS)
			out->query[out->query_len++] = (struct pair){text, value};
	}
}

static bool
read_target(struct request *out, char *line)
{
	char *path = strchr(line, ' '), *end, *query;

	if (!path || path == line)
		return false;
	*path++ = '\0';
	end = strchr(path, ' ');
	if (!end || end == path)
		return false;
	*end = '\0';
	query = strchr(path, '?');
	if (query) {
		*query++ = '\0';
		read_query(out, query);
	}
	out->method = line;
	out->path = path;
	return true;
}

static long
number(const char *text, long max)
{
	long n = strtol(text, NULL, 10);

	return n < 0 ? 0 : n > max ? max : n;
}

static bool
read_header(struct request *out, char *line)
{
	char *value = strchr(line, ':');

	if (!value || value == line)
		return false;
	*value++ = '\0';
	value += strspn(value, " \t");
	if (text_casecmp(line, "X-Clock") == 0)
		out->clock = number(value, CLOCK_MAX);
	else if (text_casecmp(line, "X-Lro") == 0)
		out->lro = number(value, LRO_MAX);
	else if (out->headers_len < REQUEST_HEADERS)
		out->headers[out->headers_len++] = (struct pair){line, value};
	return true;
}

bool
request_read(struct request *out, char *text, size_t len)
{
	const char *end = text + len;
	char *line = take_line(&text, end);

	*out = (struct request){0};
	if (!line || !read_target(out, line))
		return false;
	while ((line = take_line(&text, end)) && *line)
		if (!read_header(out, line))
			return false;
	out->body = text;
	out->body_len = (size_t)(end - text);
	return line != NULL;
}

struct exchange *
request_begin(const struct request *request, struct world *world)
{
	struct exchange *x = exchange_begin(world, request->method, request->path);
	const char *token;

	for (size_t i = 0; i < request->query_len; i++)
		exchange_query(x, request->query[i].name, request->query[i].value);
	for (size_t i = 0; i < request->headers_len; i++)
		exchange_header(x, request->headers[i].name, request->headers[i].value);
	token = estate_authorization(&x->call.naming);
	if (*token)
		exchange_header(x, "Authorization", token);
	exchange_body(x, request->body, request->body_len);
	return x;
}
