/* libinih cuts long lines silently and tells handlers no line number, so it reads through a reader
 * of ours that counts lines and refuses what would be cut. */
#include "tui/theme_file.h"

#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/buf.h"
#include "backend/base/file.h"
#include "backend/base/text.h"

enum { LINE_MAX_BYTES = 198, FILE_MAX = 16384 };

static const char *const role_names[ROLE_COUNT] = {
	[ROLE_TEXT] = "text",
	[ROLE_DIM] = "dim",
	[ROLE_TITLE] = "title",
	[ROLE_SANDBOX] = "sandbox",
	[ROLE_TAB] = "tab",
	[ROLE_TAB_ACTIVE] = "tab-active",
	[ROLE_HEADER] = "header",
	[ROLE_SELECTED] = "selected",
	[ROLE_MARKED] = "marked",
	[ROLE_OK] = "ok",
	[ROLE_WARN] = "warn",
	[ROLE_BAD] = "bad",
	[ROLE_ACCENT] = "accent",
	[ROLE_BORDER] = "border",
	[ROLE_INPUT] = "input",
	[ROLE_MESSAGE] = "message",
	[ROLE_ERROR] = "error",
	[ROLE_KEY] = "key",
	[ROLE_HINT] = "hint",
	[ROLE_DANGER] = "danger",
};

static const char *const colour_names[] = {"black", "red", "green", "yellow", "blue", "magenta",
	"cyan", "white", "bright-black", "bright-red", "bright-green", "bright-yellow",
	"bright-blue", "bright-magenta", "bright-cyan", "bright-white"};

static const struct {
	const char *name;
	attr_t attr;
} words[] = {
	{"normal", A_NORMAL},
	{"bold", A_BOLD},
	{"dim", A_DIM},
	{"reverse", A_REVERSE},
	{"underline", A_UNDERLINE},
};

struct reading {
	struct theme *theme;
	const char *path, *rest; /* rest: what was not read yet */
	int line;
	bool failed;
	struct err *err;
};

/* Only the first thing that is wrong is told. Returns 0: how a handler says no to libinih. */
static int fail(struct reading *r, const char *fmt, ...) PRINTF_LIKE(2, 3);

static int
fail(struct reading *r, const char *fmt, ...)
{
	char what[300];
	va_list ap;

	if (r->failed)
		return 0;
	r->failed = true;
	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	if (r->line)
		err_set(r->err, ERR_USAGE, "", "%s:%d: %s", r->path, r->line, what);
	else
		err_set(r->err, ERR_USAGE, "", "%s: %s", r->path, what);
	return 0;
}

static bool
parse_colour(const char *name, int *colour)
{
	char *end;
	long number;

	*colour = THEME_DEFAULT;
	if (strcmp(name, "default") == 0)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(colour_names); i++)
		if (strcmp(name, colour_names[i]) == 0) {
			*colour = (int)i;
			return true;
		}
	number = strtol(name, &end, 10);
	if (name[0] < '0' || name[0] > '9' || *end || number > 255)
		return false;
	*colour = (int)number;
	return true;
}

static bool
parse_word(struct style *style, const char *word)
{
	if (strncmp(word, "fg:", 3) == 0)
		return parse_colour(word + 3, &style->fg);
	if (strncmp(word, "bg:", 3) == 0)
		return parse_colour(word + 3, &style->bg);
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(word, words[i].name) == 0) {
			style->attrs |= words[i].attr;
			return true;
		}
	return false;
}

static int
on_role(struct reading *r, const char *name, const char *value)
{
	struct style *style = NULL;
	char word[32];
	int used;

	for (size_t i = 0; i < ROLE_COUNT; i++)
		if (strcmp(name, role_names[i]) == 0)
			style = &r->theme->styles[i];
	if (style == NULL)
		return fail(r, "no role \"%s\"; default.theme names them all", name);
	if (style->given)
		return fail(r, "role %s for the second time; keep one", name);
	*style = (struct style){.given = true, .fg = THEME_DEFAULT, .bg = THEME_DEFAULT};
	for (; sscanf(value, "%31s%n", word, &used) == 1; value += used)
		if (!parse_word(style, word))
			return fail(r,
				"\"%s\" is no attribute; write normal bold dim reverse underline, "
				"fg:COLOUR or bg:COLOUR, where COLOUR is default, black red green "
				"yellow blue magenta cyan white, bright-black to bright-white, or "
				"0 to 255",
				word);
	return 1;
}

static int
on_value(void *user, const char *section, const char *name, const char *value)
{
	struct reading *r = user;

	if (strcmp(section, "roles") == 0)
		return on_role(r, name, value);
	if (strcmp(section, "theme") != 0)
		return fail(r, "no section [%s]; there are [theme] and [roles]", section);
	if (strcmp(name, "name") == 0)
		return 1;
	if (strcmp(name, "bar") != 0)
		return fail(r, "no setting \"%s\"; [theme] has name and bar", name);
	if (strcmp(value, "row") != 0 && strcmp(value, "marker") != 0)
		return fail(r, "bar is \"%s\"; write row or marker", value);
	r->theme->marker = value[0] == 'm';
	return 1;
}

/* Gives libinih the next line, clean. */
static char *
next_line(char *out, int room, void *user)
{
	struct reading *r = user;
	size_t len = strcspn(r->rest, "\n");
	char line[LINE_MAX_BYTES + 1];

	if (r->failed || *r->rest == '\0')
		return NULL;
	r->line++;
	if (len > LINE_MAX_BYTES) {
		fail(r, "a line of %zu bytes; at most %d fit", len, LINE_MAX_BYTES);
		return NULL;
	}
	for (size_t i = 0; i < len; i++)
		line[i] = r->rest[i] == '\t' || r->rest[i] == '\r' ? ' ' : r->rest[i];
	text_clean(out, (size_t)room, line, len);
	r->rest += len + (r->rest[len] == '\n');
	return out;
}

bool
theme_read(const char *path, struct theme *theme, struct err *err)
{
	struct reading r = {.theme = theme, .path = path, .err = err};
	struct buf text;
	int wrong = 0;

	buf_init(&text, FILE_MAX);
	*theme = (struct theme){0};
	if (!file_read(path, false, &text, err)) {
		buf_free(&text);
		return false;
	}
	r.rest = buf_text(&text);
	if (strlen(r.rest) != text.len)
		fail(&r, "holds a NUL byte; themes are text");
	else
		wrong = ini_parse_stream(next_line, &r, on_value, &r);
	buf_free(&text);
	if (wrong && !r.failed) {
		r.line = wrong;
		fail(&r, "neither [section] nor name = value");
	}
	r.line = 0;
	for (size_t i = 0; i < ROLE_COUNT && !r.failed; i++)
		if (!theme->styles[i].given)
			fail(&r, "role %s is missing; add to [roles]: %s = normal", role_names[i],
				role_names[i]);
	return !r.failed;
}
