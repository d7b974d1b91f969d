/* libinih cuts long lines silently and tells handlers no line number, so it reads through a reader
 * of ours that counts lines and refuses what would be cut. A theme is applied only when all of it
 * is right. Colours a terminal lacks become basic ones; where there are none at all a background of
 * its own becomes reverse, so that a bar never disappears. */
#include "tui/theme.h"

#include <dirent.h>
#include <ini.h>
#include <limits.h>
#include <ncurses.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/base/buf.h"
#include "backend/base/file.h"
#include "backend/base/text.h"
#include "tui/term.h"

#ifndef CLAVIGER_DATADIR
#define CLAVIGER_DATADIR "/usr/local/share/claviger"
#endif

enum {
	LINE_MAX_BYTES = 198,
	FILE_MAX = 16384,
	BUILD_LEVELS = 6,
	BASIC = 8,
	BRIGHT = 16,
	GREY_RANGE = 48, /* of red, green and blue: less is a grey */
	LEGIBLE = 3,     /* contrast from which bold text is, by WCAG */
	DEFAULT_COLOUR = -1
};

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

struct style {
	bool given;
	attr_t attrs;
	int fg, bg; /* DEFAULT_COLOUR or 0 to 255 */
};

struct theme {
	bool marker;
	struct style styles[ROLE_COUNT];
};

struct reading {
	struct theme *theme;
	const char *path, *rest; /* rest: what was not read yet */
	int line;
	bool failed;
	struct err *err;
};

static struct {
	bool marker;
	struct theme_look looks[ROLE_COUNT];
} active;

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

	*colour = DEFAULT_COLOUR;
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
	*style = (struct style){.given = true, .fg = DEFAULT_COLOUR, .bg = DEFAULT_COLOUR};
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

static bool
read_theme(const char *path, struct theme *theme, struct err *err)
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

/* The colours of an xterm: its cube, its greys, and the basic sixteen at their usual strength. */
static void
rgb_of(int colour, int rgb[3])
{
	static const int level[] = {0, 95, 135, 175, 215, 255};
	int strength = colour < BASIC ? 205 : 255;

	for (int i = 0; i < 3; i++)
		if (colour < BRIGHT)
			rgb[i] = colour >> i & 1 ? strength : 0;
		else if (colour >= 232)
			rgb[i] = 8 + (colour - 232) * 10;
		else
			rgb[i] = level[(colour - 16) / (i == 0 ? 36 : i == 1 ? 6 : 1) % 6];
}

/* The basic colour of the same hue: what is nearly as bright as its brightest part is on. A pale
 * red is then red and not, as the nearest would be, white. */
static int
basic_of(int colour)
{
	int rgb[3], least, most, basic = 0;

	if (colour < BRIGHT)
		return colour % BASIC;
	rgb_of(colour, rgb);
	least = most = rgb[0];
	for (int i = 1; i < 3; i++) {
		least = rgb[i] < least ? rgb[i] : least;
		most = rgb[i] > most ? rgb[i] : most;
	}
	if (most - least < GREY_RANGE)
		return most > 127 ? COLOR_WHITE : COLOR_BLACK;
	for (int i = 0; i < 3; i++)
		basic |= (4 * rgb[i] > 3 * most) << i;
	return basic;
}

/* How bright it is, from 0 to 1: the weights of WCAG on squares, which is near enough to tell
 * whether one is legible on another. */
static double
brightness(int colour)
{
	static const double weight[] = {0.2126, 0.7152, 0.0722};
	double sum = 0;
	int rgb[3];

	rgb_of(colour, rgb);
	for (int i = 0; i < 3; i++)
		sum += weight[i] * rgb[i] * rgb[i] / (255 * 255);
	return sum;
}

/* The pair as this terminal can show it: -1 is its own colour. Two colours that are far apart may
 * have basic ones that are not: the text then becomes black or white. */
static void
show_pair(const struct style *style, bool has_default, short *fg, short *bg)
{
	double a, b;

	*fg = (short)(style->fg < COLORS ? style->fg : basic_of(style->fg));
	*bg = (short)(style->bg < COLORS ? style->bg : basic_of(style->bg));
	if (*fg == DEFAULT_COLOUR && !has_default)
		*fg = COLOR_WHITE;
	if (*bg == DEFAULT_COLOUR && !has_default)
		*bg = COLOR_BLACK;
	if (*fg < 0 || *bg < 0 || (*fg == style->fg && *bg == style->bg))
		return;
	a = brightness(*fg) + 0.05;
	b = brightness(*bg) + 0.05;
	if (a < LEGIBLE * b && b < LEGIBLE * a)
		*fg = b > 0.2 ? COLOR_BLACK : COLOR_WHITE;
}

/* With 8 colours bold is often a brighter colour, and bold black a grey that nobody can read: it
 * goes where a ground of its own tells the role apart, and is underlined elsewhere. */
static attr_t
show_attrs(const struct style *style, short fg, int ground)
{
	if (COLORS > BASIC || fg != COLOR_BLACK || !(style->attrs & A_BOLD))
		return style->attrs;
	return (style->attrs & ~A_BOLD) | (style->bg == ground ? A_UNDERLINE : A_NORMAL);
}

static void
apply(const struct theme *theme)
{
	const char *no_color = getenv("NO_COLOR");
	bool colours = stdscr && has_colors() && !(no_color && *no_color);
	bool has_default = false;

	active.marker = theme->marker;
	if (colours) {
		start_color();
		has_default = use_default_colors() == OK;
	}
	for (size_t i = 0; i < ROLE_COUNT; i++) {
		const struct style *style = &theme->styles[i];
		bool plain = style->fg == DEFAULT_COLOUR && style->bg == DEFAULT_COLOUR;
		struct theme_look look = {.attrs = style->attrs};
		short fg, bg;

		if (!colours && style->bg != theme->styles[ROLE_TEXT].bg)
			look.attrs |= A_REVERSE;
		if (colours && !(plain && has_default)) {
			look.pair = (short)(i + 1);
			show_pair(style, has_default, &fg, &bg);
			init_pair(look.pair, fg, bg);
			look.attrs = show_attrs(style, fg, theme->styles[ROLE_TEXT].bg);
		}
		active.looks[i] = look;
	}
	term_repaint();
}

/* The folder of the themes: beside the build folder the program lies in, or where it is installed.
 */
static bool
find_folder(char out[PATH_MAX])
{
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
	char *slash;

	self[len > 0 ? len : 0] = '\0';
	for (int level = 0; level < BUILD_LEVELS && (slash = strrchr(self, '/')); level++) {
		*slash = '\0';
		if (level == 0)
			continue;
		if (snprintf(out, PATH_MAX, "%s/themes", self) < PATH_MAX &&
			access(out, R_OK | X_OK) == 0)
			return true;
	}
	snprintf(out, PATH_MAX, "%s", CLAVIGER_DATADIR "/themes");
	return access(out, R_OK | X_OK) == 0;
}

/* The names of the themes that are there, each behind a blank. */
static void
list_themes(const char *folder, char *out, size_t room)
{
	static const char suffix[] = ".theme";
	struct dirent **entries;
	int n = scandir(folder, &entries, NULL, alphasort);
	size_t used = 0;

	out[0] = '\0';
	for (int i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;
		size_t len = strlen(name), stem = len - (sizeof suffix - 1);

		if (text_case_ends(name, suffix) && used + stem + 2 < room) {
			used += (size_t)snprintf(out + used, room - used, " %.*s", (int)stem, name);
		}
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

static bool
find_theme(const char *name, char path[PATH_MAX], struct err *err)
{
	char folder[PATH_MAX], there[200], clean[64];

	if (strchr(name, '/')) {
		if (text_copy(path, PATH_MAX, name))
			return true;
		return err_set(err, ERR_USAGE, "", "the path of the theme is too long");
	}
	if (!find_folder(folder))
		return err_set(err, ERR_NOT_FOUND, "",
			"no folder of themes beside the program nor in %s; run make install or give "
			"--theme a path",
			CLAVIGER_DATADIR);
	if (snprintf(path, PATH_MAX, "%s/%s.theme", folder, name) < PATH_MAX &&
		access(path, F_OK) == 0)
		return true;
	list_themes(folder, there, sizeof there);
	text_cleans(clean, sizeof clean, name);
	return err_set(
		err, ERR_USAGE, "", "no theme \"%s\" in %s; there are:%s", clean, folder, there);
}

void
theme_names(char *out, size_t room)
{
	char folder[PATH_MAX];

	out[0] = '\0';
	if (find_folder(folder))
		list_themes(folder, out, room);
}

static bool
find_and_read(const char *name, struct theme *theme, struct err *err)
{
	char path[PATH_MAX];

	return find_theme(name, path, err) && read_theme(path, theme, err);
}

bool
theme_check(const char *name, struct err *err)
{
	struct theme theme;

	return find_and_read(name, &theme, err);
}

bool
theme_load(const char *name, struct err *err)
{
	struct theme theme;

	if (!find_and_read(name ? name : "default", &theme, err))
		return false;
	apply(&theme);
	return true;
}

void
theme_use(enum role role)
{
	attr_set(active.looks[role].attrs, active.looks[role].pair, NULL);
}

struct theme_look
theme_look(enum role role)
{
	return active.looks[role];
}

bool
theme_marker(void)
{
	return active.marker;
}
