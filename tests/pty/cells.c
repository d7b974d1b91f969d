/* Columns are told apart by two blanks between their titles. */
#include "tests/pty/cells.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { LINE_DRAWN = 0x2502 };

uint32_t
cells_at(struct terminal *terminal, int row, int column, int *marks)
{
	VTermScreenCell cell;

	assert_true(vterm_screen_get_cell(
		terminal->screen, (VTermPos){.row = row, .col = column}, &cell));
	*marks = 0;
	while (*marks + 1 < VTERM_MAX_CHARS_PER_CELL && cell.chars[*marks + 1])
		++*marks;
	return cell.chars[0];
}

static bool
is_blank(struct terminal *terminal, int row, int column)
{
	int marks;
	uint32_t c = cells_at(terminal, row, column, &marks);

	return c == 0 || c == ' ';
}

static bool
is_header(struct terminal *terminal, int row)
{
	static const char name[] = "NAME ";
	int marks;

	for (int i = 0; name[i]; i++)
		if (cells_at(terminal, row, 1 + i, &marks) != (unsigned char)name[i])
			return false;
	return true;
}

/* Up to the pane beside it, if there is one. */
static int
width_of(struct terminal *terminal, int header)
{
	int width = 1, marks;

	while (width < terminal->columns && cells_at(terminal, header, width, &marks) != LINE_DRAWN)
		width++;
	return width;
}

static void
expect_row(struct terminal *terminal, int header, int row, int width)
{
	for (int x = 3; x < width; x++) {
		bool title = is_blank(terminal, header, x - 2) &&
			     is_blank(terminal, header, x - 1) && !is_blank(terminal, header, x);

		if (!title || is_blank(terminal, row, x - 1))
			continue;
		terminal_shows(terminal, "");
		fprintf(stderr, "%s\n", terminal->text);
		fail_msg("row %d is out of line at column %d", row, x);
	}
}

void
cells_expect_columns(struct terminal *terminal, int rows_least)
{
	int header = 0, row;

	while (header < terminal->rows && !is_header(terminal, header))
		header++;
	assert_true(header < terminal->rows);
	for (row = header + 1; row < terminal->rows - 2 && !is_blank(terminal, row, 1); row++)
		expect_row(terminal, header, row, width_of(terminal, header));
	if (row - header - 1 < rows_least)
		fail_msg("the list has %d rows", row - header - 1);
}
