/* Themes as eyes see them: every role can be read on its ground, and roles that say different
 * things stay apart for eyes without red, green or blue cones, with 256 colours and with 8. What is
 * judged is what ncurses was told, after the theme was fitted to the terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/theme.h"

/* The basic sixteen of an xterm: what they are on another terminal is that terminal's choice. */
static const int basic[16][3] = {{0, 0, 0}, {205, 0, 0}, {0, 205, 0}, {205, 205, 0}, {0, 0, 238},
	{205, 0, 205}, {0, 205, 205}, {229, 229, 229}, {127, 127, 127}, {255, 0, 0}, {0, 255, 0},
	{255, 255, 0}, {92, 92, 255}, {255, 0, 255}, {0, 255, 255}, {255, 255, 255}};

/* G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, "A Physiologically-based Model for Simulation
 * of Color Vision Deficiency", IEEE Transactions on Visualization and Computer Graphics 15 (2009),
 * severity 1.0; for linear RGB. */
enum vision { NORMAL, PROTANOPIA, DEUTERANOPIA, TRITANOPIA, VISIONS };

static const double seen[VISIONS][3][3] = {
	[NORMAL] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	[PROTANOPIA] = {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216},
		{-0.003882, -0.048116, 1.051998}},
	[DEUTERANOPIA] = {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413},
		{-0.011820, 0.042940, 0.968881}},
	[TRITANOPIA] = {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602},
		{0.004733, 0.691367, 0.303900}},
};
static const char *const vision_names[] = {
	"all cones", "no red cones", "no green cones", "no blue cones"};

/* What a theme promises beyond what all of them must keep. */
static const struct {
	const char *name;
	bool own;           /* only colours of its own, on grounds of its own */
	unsigned visions;   /* bits: eyes that tell the states apart by colour alone */
	double least, text; /* contrast of every role, and of plain and selected text */
} themes[] = {
	{"default", false, 1u << NORMAL, 3, 3},
	{"dark", true, 1u << NORMAL, 4.5, 7},
	{"light", true, 1u << NORMAL, 4.5, 7},
	{"high-contrast", true, 1u << NORMAL, 7, 15},
	{"deuteranopia", true, 1u << NORMAL | 1u << DEUTERANOPIA | 1u << PROTANOPIA, 4.5, 7},
	{"tritanopia", true, 1u << NORMAL | 1u << TRITANOPIA, 4.5, 7},
	{"mono", false, 0, 3, 3},
	{"serial", false, 0, 3, 3},
};

static const struct {
	enum role a, b;
} states[] = {{ROLE_OK, ROLE_WARN}, {ROLE_OK, ROLE_BAD}, {ROLE_WARN, ROLE_BAD}},
  apart[] = {{ROLE_OK, ROLE_BAD}, {ROLE_TEXT, ROLE_BAD}, {ROLE_TEXT, ROLE_SELECTED},
	  {ROLE_TEXT, ROLE_MARKED}, {ROLE_TEXT, ROLE_DANGER}, {ROLE_TAB, ROLE_TAB_ACTIVE},
	  {ROLE_TITLE, ROLE_SANDBOX}, {ROLE_TITLE, ROLE_DANGER}, {ROLE_MESSAGE, ROLE_ERROR},
	  {ROLE_HINT, ROLE_KEY}, {ROLE_TEXT, ROLE_INPUT}};

/* CIE 1976 difference: 2 to 3 can just be noticed side by side; states stand rows apart. */
enum { FAR_APART = 20 };

/* The n-th root of x, by Newton's method. */
static double
root(double x, int n)
{
	double r = 1;

	for (int i = 0; x > 0 && i < 100; i++) {
		double power = 1;

		for (int k = 1; k < n; k++)
			power *= r;
		r -= (r - x / power) / n;
	}
	return x > 0 ? r : 0;
}

static void
linear_of(int colour, double out[3])
{
	static const int level[] = {0, 95, 135, 175, 215, 255};

	for (int i = 0; i < 3; i++) {
		int cube = colour < 16 ? 0 : (colour - 16) / (i == 0 ? 36 : i == 1 ? 6 : 1) % 6;
		double c = (colour < 16            ? basic[colour][i]
				   : colour >= 232 ? 8 + (colour - 232) * 10
						   : level[cube]) /
			   255.0;

		out[i] = (c + 0.055) / 1.055;
		out[i] = c <= 0.04045 ? c / 12.92 : out[i] * out[i] * root(out[i] * out[i], 5);
	}
}

/* WCAG 2.2: relative luminance and contrast ratio. */
static double
luminance(int colour)
{
	double rgb[3];

	linear_of(colour, rgb);
	return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
}

static double
contrast(int a, int b)
{
	double x = luminance(a), y = luminance(b);

	return x > y ? (x + 0.05) / (y + 0.05) : (y + 0.05) / (x + 0.05);
}

/* CIELAB under D65, as the eye in question sees it. */
static void
lab_of(int colour, enum vision vision, double out[3])
{
	static const double xyz[3][3] = {{0.4124 / 0.9505, 0.3576 / 0.9505, 0.1805 / 0.9505},
		{0.2126, 0.7152, 0.0722}, {0.0193 / 1.089, 0.1192 / 1.089, 0.9505 / 1.089}};
	double rgb[3], eye[3], f[3];

	linear_of(colour, rgb);
	for (int i = 0; i < 3; i++) {
		eye[i] = 0;
		for (int k = 0; k < 3; k++)
			eye[i] += seen[vision][i][k] * rgb[k];
		eye[i] = eye[i] < 0 ? 0 : eye[i] > 1 ? 1 : eye[i];
	}
	for (int i = 0; i < 3; i++) {
		double t = xyz[i][0] * eye[0] + xyz[i][1] * eye[1] + xyz[i][2] * eye[2];

		f[i] = t > 0.008856 ? root(t, 3) : 7.787 * t + 16.0 / 116;
	}
	out[0] = 116 * f[1] - 16;
	out[1] = 500 * (f[0] - f[1]);
	out[2] = 200 * (f[1] - f[2]);
}

static bool
far_apart(int a, int b, enum vision vision)
{
	double x[3], y[3], sum = 0;

	lab_of(a, vision, x);
	lab_of(b, vision, y);
	for (int i = 0; i < 3; i++)
		sum += (x[i] - y[i]) * (x[i] - y[i]);
	return sum >= FAR_APART * FAR_APART;
}

/* A role as it is drawn on a terminal of that ground, black or white. */
struct drawn {
	int fg, bg;
	unsigned attrs;
};

static struct drawn
drawn(enum role role, int ground)
{
	struct theme_look look = theme_look(role);
	short fg = -1, bg = -1;
	struct drawn out = {.attrs = look.attrs};

	if (look.pair)
		assert_int_equal(pair_content(look.pair, &fg, &bg), OK);
	out.fg = fg >= 0 ? fg : ground == COLOR_BLACK ? COLOR_WHITE : COLOR_BLACK;
	out.bg = bg >= 0 ? bg : ground;
	/* What many terminals make of bold black. */
	if (COLORS == 8 && out.fg == COLOR_BLACK && (look.attrs & A_BOLD))
		out.fg += 8;
	if (look.attrs & A_REVERSE) {
		int was = out.fg;

		out.fg = out.bg;
		out.bg = was;
	}
	return out;
}

/* How dim is drawn is the terminal's affair. */
static void
judge_contrast(size_t theme, int ground, double least, double text)
{
	for (int role = 0; role < ROLE_COUNT; role++) {
		struct drawn d = drawn((enum role)role, ground);
		double need = role == ROLE_TEXT || role == ROLE_SELECTED ? text
			      : role == ROLE_BORDER && least < 7         ? 3
									 : least;

		if (!(d.attrs & A_DIM) && contrast(d.fg, d.bg) < need)
			fail_msg("%s, %d colours: role %d has a contrast of %.1f (%d on %d)",
				themes[theme].name, COLORS, role, contrast(d.fg, d.bg), d.fg, d.bg);
	}
}

static void
judge_apart(size_t theme, int ground, enum vision vision)
{
	for (size_t i = 0; i < ARRAY_LEN(apart); i++) {
		struct drawn a = drawn(apart[i].a, ground), b = drawn(apart[i].b, ground);

		if (a.attrs == b.attrs && !far_apart(a.fg, b.fg, vision) &&
			!far_apart(a.bg, b.bg, vision))
			fail_msg("%s, %d colours: roles %d and %d look alike to eyes with %s",
				themes[theme].name, COLORS, apart[i].a, apart[i].b,
				vision_names[vision]);
	}
	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		struct drawn a = drawn(states[i].a, ground), b = drawn(states[i].b, ground);

		bool by_colour = COLORS >= 256 && themes[theme].visions >> vision & 1;

		if ((by_colour || a.attrs == b.attrs) && theme_look(states[i].a).pair &&
			!far_apart(a.fg, b.fg, vision))
			fail_msg("%s, %d colours: the states %d and %d look alike to eyes "
				 "with %s (%d, %d)",
				themes[theme].name, COLORS, states[i].a, states[i].b,
				vision_names[vision], a.fg, b.fg);
	}
}

static void
judge_all(const char *term, int colours)
{
	FILE *null = fopen("/dev/null", "r+e");
	SCREEN *screen;

	assert_non_null(null);
	screen = newterm(term, null, null);
	assert_non_null(screen);
	for (size_t i = 0; i < ARRAY_LEN(themes); i++) {
		double most = colours < 256 ? 3 : 100;
		struct err err;
		char path[64];

		snprintf(path, sizeof path, "themes/%s.theme", themes[i].name);
		assert_true(theme_load(path, &err));
		assert_int_equal(
			theme_look(ROLE_BAD).pair ? COLORS : 0, themes[i].visions ? colours : 0);
		for (int ground = COLOR_BLACK; ground <= COLOR_WHITE; ground += COLOR_WHITE) {
			judge_contrast(i, ground, themes[i].least < most ? themes[i].least : most,
				themes[i].text < most ? themes[i].text : most);
			for (int vision = NORMAL; vision < VISIONS; vision++)
				judge_apart(i, ground, (enum vision)vision);
		}
	}
	endwin();
	delscreen(screen);
	fclose(null);
}

static void
with_256_colours(void **state)
{
	(void)state;
	unsetenv("NO_COLOR");
	judge_all("xterm-256color", 256);
}

static void
with_8_colours(void **state)
{
	(void)state;
	unsetenv("NO_COLOR");
	judge_all("xterm", 8);
}

/* Where there is no colour, attributes alone keep apart what must be. */
static void
without_colours(void **state)
{
	(void)state;
	setenv("NO_COLOR", "1", 1);
	judge_all("xterm-256color", 0);
	unsetenv("NO_COLOR");
}

/* A theme with colours of its own has them for every role: one of the two alone would meet whatever
 * the terminal has for the other. */
static void
no_colour_stands_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(themes); i++) {
		char path[64], line[200];
		FILE *file;

		snprintf(path, sizeof path, "themes/%s.theme", themes[i].name);
		file = fopen(path, "re");
		assert_non_null(file);
		while (themes[i].own && fgets(line, sizeof line, file))
			if (line[0] != '#' && strchr(line, '=') && !strstr(line, "name =") &&
				!strstr(line, "bar =") &&
				!(strstr(line, "fg:") && strstr(line, "bg:")))
				fail_msg("%s: %s", path, line);
		fclose(file);
	}
}

/* The measures themselves, against known values. */
static void
the_measures_are_right(void **state)
{
	double lab[3];

	(void)state;
	assert_true(contrast(16, 231) > 20.9 && contrast(16, 231) < 21.1);
	lab_of(196, NORMAL, lab); /* sRGB red: L* 53.2, a* 80.1, b* 67.2 */
	assert_true(lab[0] > 53 && lab[0] < 53.5 && lab[1] > 79.5 && lab[1] < 80.5 &&
		    lab[2] > 66.5 && lab[2] < 67.8);
	/* A dull red and an olive of like brightness are one colour without green cones. */
	assert_true(far_apart(130, 100, NORMAL));
	assert_false(far_apart(130, 100, DEUTERANOPIA));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_measures_are_right),
		cmocka_unit_test(no_colour_stands_alone),
		cmocka_unit_test(with_256_colours),
		cmocka_unit_test(with_8_colours),
		cmocka_unit_test(without_colours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
