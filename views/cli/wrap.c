/* A dialogue is heard line by line, or felt in cells: a word that is cut at the edge of the
 * terminal is two that mean nothing. Both streams are led through here, so that no command has to
 * know. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "views/cli/accessible.h"

enum { COLUMNS_USUAL = 80, COLUMNS_LEAST = 20 };

static struct way {
	FILE *to; /* the stream as it was */
	int column;
} ways[2];

static int
columns(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < COLUMNS_LEAST)
		return COLUMNS_USUAL;
	return size.ws_col;
}

/* Blanks and the word behind them, on the next line where they do not fit. */
static void
put_word(struct way *way, const char *text, size_t blanks, size_t len, int most)
{
	char *word = mem_printf("%.*s", (int)len, text + blanks);
	int width = text_width(word);

	if (way->column && len && way->column + (int)blanks + width > most) {
		putc('\n', way->to);
		way->column = 0;
		blanks = 0;
	}
	fprintf(way->to, "%*s%s", (int)blanks, "", word);
	way->column += (int)blanks + width;
	free(word);
}

static ssize_t
put(void *cookie, const char *text, size_t len)
{
	struct way *way = cookie;
	int most = columns();

	for (size_t at = 0; at < len;) {
		size_t blanks = 0, word = 0;

		while (at + blanks < len && text[at + blanks] == ' ')
			blanks++;
		while (at + blanks + word < len && !strchr(" \n", text[at + blanks + word]))
			word++;
		if (blanks + word)
			put_word(way, text + at, blanks, word, most);
		at += blanks + word;
		if (at < len && text[at] == '\n') {
			putc('\n', way->to);
			way->column = 0;
			at++;
		}
	}
	return fflush(way->to) == 0 ? (ssize_t)len : 0;
}

void
wrap_start(bool output)
{
	FILE **streams[] = {&stderr, &stdout};

	for (size_t i = 0; i < (output ? ARRAY_LEN(ways) : 1); i++) {
		FILE *through = fopencookie(&ways[i], "w", (cookie_io_functions_t){.write = put});

		if (through == NULL)
			return;
		setvbuf(through, NULL, _IOLBF, 0);
		ways[i].to = *streams[i];
		*streams[i] = through;
	}
}

void
wrap_answered(void)
{
	for (size_t i = 0; i < ARRAY_LEN(ways); i++)
		ways[i].column = 0;
}
