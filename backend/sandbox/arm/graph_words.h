/* Words and expressions of a Resource Graph query: what graph_query.c is written with. */
#ifndef CLAVIGER_SANDBOX_GRAPH_WORDS_H
#define CLAVIGER_SANDBOX_GRAPH_WORDS_H

#include "backend/sandbox/arm/graph_query.h"

enum graph_word { WORD_END, WORD_NAME, WORD_TEXT, WORD_NUMBER, WORD_SIGN };

/* The word that a query is read at. */
struct graph_reader {
	struct arena *arena;
	const char *at, *line_start;
	int line, depth;
	json_t *literals;
	struct graph_fault *fault;
	enum graph_word kind;
	const char *word; /* decoded; in the arena */
	int word_line, word_position;
};

/* Reads on; what is no word at all becomes a sign of one character. */
void graph_next(struct graph_reader *reader);

/* Whether the word is this name or sign; taken, when it is. */
bool graph_is(const struct graph_reader *reader, const char *word);
bool graph_take(struct graph_reader *reader, const char *word);

/* Remembers the word as the one that is wrong. Always false. */
bool graph_fail(struct graph_reader *reader);

/* An expression, or a comma-separated list of them; NULL or false when one is wrong. */
const struct graph_expr *graph_read_expr(struct graph_reader *reader);

/* Whether it is true or false, as a condition must be. */
bool graph_is_condition(const struct graph_expr *expr);

#endif
