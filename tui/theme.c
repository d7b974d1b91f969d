/* A theme is applied only when all of it is right. Colours a terminal lacks become basic ones;
 * where there are none at all a background of its own becomes reverse, so that a bar never
 * disappears. */
#include "tui/theme.h"

#include <dirent.h>
#include <limits.h>
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/base/text.h"
#include "tui/folder.h"
#include "tui/term.h"
#include "tui/theme_file.h"

enum {
	BASIC = 8,
	BRIGHT = 16,
	GREY_RANGE = 48, /* of red, green and blue: less is a grey */
	LEGIBLE = 3,     /* contrast from which bold text is, by WCAG */
};

static struct {
	bool marker;
	struct theme_look looks[ROLE_COUNT];
} active;

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
	if (*fg == THEME_DEFAULT && !has_default)
		*fg = COLOR_WHITE;
	if (*bg == THEME_DEFAULT && !has_default)
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
		bool plain = style->fg == THEME_DEFAULT && style->bg == THEME_DEFAULT;
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

static bool
find_folder(char out[PATH_MAX])
{
	return folder_find("themes", CLAVIGER_DATADIR "/themes", out);
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

	return find_theme(name, path, err) && theme_read(path, theme, err);
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
