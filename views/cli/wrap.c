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

enum { COLUMNS_USUAL = 80, COLUMNS_LEAST = 20, STREAMS = 2 };

struct wrap {
	struct way {
		FILE **stream, *to; /* a stream, and what it was; NULL: it is as it was */
		int column;
	} ways[STREAMS];
};

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

static void
lead(FILE **stream, struct way *way)
{
	FILE *through = fopencookie(way, "w", (cookie_io_functions_t){.write = put});

	if (through == NULL)
		return;
	setvbuf(through, NULL, _IOLBF, 0);
	*way = (struct way){.stream = stream, .to = *stream};
	*stream = through;
}

struct wrap *
wrap_start(bool output)
{
	struct wrap *wrap = mem_alloc(sizeof *wrap);

	lead(&stderr, &wrap->ways[0]);
	if (output)
		lead(&stdout, &wrap->ways[1]);
	return wrap;
}

void
wrap_answered(struct wrap *wrap)
{
	for (size_t i = 0; wrap && i < STREAMS; i++)
		wrap->ways[i].column = 0;
}

void
wrap_end(struct wrap *wrap)
{
	for (size_t i = 0; wrap && i < STREAMS; i++) {
		struct way *way = &wrap->ways[i];

		if (way->to == NULL)
			continue;
		fclose(*way->stream);
		*way->stream = way->to;
	}
	free(wrap);
}
