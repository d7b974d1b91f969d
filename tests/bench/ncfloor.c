/* The floor that the console is measured against: a list of rows drawn by nothing but ncurses, the
 * whole row under the cursor in reverse. usage: ncfloor ROWS; q leaves. */
#include <locale.h>
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>

static void
draw_row(long row, long top, bool current)
{
	char text[200];
	int used = snprintf(text, sizeof text,
		"st%013ld rg-prod-%03ld   customer   kv-%04ld   key-%04ld   %08lx   pinned   ok",
		row, row % 400, row % 977, row % 331, row * 2654435761UL % 0xffffffff);

	if (current)
		attron(A_REVERSE);
	mvaddnstr((int)(row - top) + 2, 0, text, COLS);
	for (int x = used; x < COLS; x++)
		addch(' ');
	if (current)
		attroff(A_REVERSE);
}

static void
draw(long rows, long top, long current)
{
	erase();
	mvprintw(0, 0, "Accounts %ld", rows);
	for (long row = top; row < rows && row < top + LINES - 3; row++)
		draw_row(row, top, row == current);
	mvprintw(LINES - 1, 0, "q quit");
	move((int)(current - top) + 2, 0);
}

int
main(int argc, char **argv)
{
	long rows = argc > 1 ? strtol(argv[1], NULL, 10) : 0, top = 0, current = 0;

	setlocale(LC_ALL, "");
	initscr();
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	for (int key = 0; key != 'q';) {
		int page = LINES - 3;

		draw(rows, top, current);
		refresh();
		key = getch();
		if (key == KEY_DOWN && current < rows - 1)
			current++;
		if (key == KEY_UP && current > 0)
			current--;
		if (current < top)
			top = current;
		if (current >= top + page)
			top = current - page + 1;
	}
	endwin();
	return 0;
}
