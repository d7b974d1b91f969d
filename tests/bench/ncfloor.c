/* The floor that the console is measured against: a list of rows in memory, drawn by nothing but
 * ncurses, the whole row under the cursor in reverse; or the lines of a file, as they are.
 * usage: ncfloor ROWS [FILE]; q leaves. */
#include <locale.h>
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REDRAW = 'L' & 31 };

struct row {
	char name[16];
	unsigned version;
	unsigned short group, vault, key;
};

static struct row *
make_rows(long rows)
{
	struct row *made = calloc((size_t)rows + 1, sizeof *made);
	unsigned x = 2463534242u;

	for (long i = 0; made && i < rows; i++) {
		for (size_t k = 0; k < sizeof made[i].name - 1; k++) {
			x = x * 1664525u + 1013904223u;
			made[i].name[k] = (char)('a' + (x >> 24) % 26);
		}
		made[i].version = x;
		made[i].group = (unsigned short)(x % 400);
		made[i].vault = (unsigned short)(x % 977);
		made[i].key = (unsigned short)(x % 331);
	}
	return made;
}

static void
draw_row(const struct row *row, int line, bool current)
{
	char text[200];
	int used = snprintf(text, sizeof text,
		"%-18s rg-prod-%03u   customer   kv-%04u   key-%04u   %08x   pinned   ok",
		row->name, row->group, row->vault, row->key, row->version);

	if (current)
		attron(A_REVERSE);
	mvaddnstr(line, 0, text, COLS);
	for (int x = used; x < COLS; x++)
		addch(' ');
	if (current)
		attroff(A_REVERSE);
}

static void
draw(const struct row *list, long rows, long top, long current)
{
	erase();
	mvprintw(0, 0, "Accounts %ld", rows);
	for (long row = top; row < rows && row < top + LINES - 3; row++)
		draw_row(&list[row], (int)(row - top) + 2, row == current);
	mvprintw(LINES - 1, 0, "q quit");
	move((int)(current - top) + 2, 0);
}

/* A screen of another program, by the same means. */
static void
draw_file(const char *path)
{
	char text[1000];
	FILE *file = fopen(path, "r");

	erase();
	for (int y = 0; file && y < LINES && fgets(text, sizeof text, file); y++) {
		text[strcspn(text, "\n")] = '\0';
		mvaddnstr(y, 0, text, -1);
	}
	if (file)
		fclose(file);
	move(2, 0);
}

int
main(int argc, char **argv)
{
	const char *path = argc > 2 ? argv[2] : NULL;
	long rows = argc > 1 ? strtol(argv[1], NULL, 10) : 0, top = 0, current = 0;

	struct row *list = make_rows(rows);

	setlocale(LC_ALL, "");
	initscr();
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	idlok(stdscr, TRUE);
	for (int key = 0; key != 'q';) {
		int page = LINES - 3;

		if (path)
			draw_file(path);
		else
			draw(list, rows, top, current);
		refresh();
		key = getch();
		if (key == KEY_DOWN && current < rows - 1)
			current++;
		if (key == KEY_UP && current > 0)
			current--;
		if (key == REDRAW)
			clearok(stdscr, TRUE);
		if (key == KEY_NPAGE) {
			current = current + page < rows ? current + page : rows - 1;
			top = top + page < rows ? top + page : current;
		}
		if (current < top)
			top = current;
		if (current >= top + page)
			top = current - page + 1;
	}
	endwin();
	free(list);
	return 0;
}
