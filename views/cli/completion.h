/* Words for a shell that completes a command line. */
#ifndef CLAVIGER_VIEWS_COMPLETION_H
#define CLAVIGER_VIEWS_COMPLETION_H

#include "backend/base/buf.h"

/* The script of a shell: bash, zsh or fish; NULL: none of that name. */
const char *completion_script(const char *shell);

/* Adds what the last of the words may become: one a line, after a tab what it is. The words are
 * those after the program's name; bash takes --option=value for three. Nothing is asked for: names
 * are those that the console kept. */
bool completion_words(const char *const *words, size_t words_len, struct buf *out) MUST_CHECK;

#endif
