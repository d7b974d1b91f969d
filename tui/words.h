/* The console's own words in the language of its reader, by the C library's gettext. A literal is
 * marked where it is shown, as a whole sentence; a text from a table is written there as it is and
 * translated where it is drawn, as in _(plan->title). Names, ids, keys, requests and whatever a
 * script reads are never translated. */
#ifndef CLAVIGER_TUI_WORDS_H
#define CLAVIGER_TUI_WORDS_H

#include <stddef.h>

#include "backend/base/err.h"

/* The one macro: marks a literal of a constant table for the catalogue and leaves it as it is. */
#define N_(msgid) msgid

/* What the catalogue has for msgid, else msgid itself. */
__attribute__((format_arg(1))) const char *_(const char *msgid);

/* The same for so many of something. */
__attribute__((format_arg(1), format_arg(2))) const char *_n(
	const char *one, const char *many, size_t count);

/* From now on in that language (as in LANGUAGE, such as zh_CN), NULL: as LANGUAGE, LC_ALL,
 * LC_MESSAGES and LANG say. Called after setlocale(LC_CTYPE). A language without a catalogue is an
 * error only where it was asked for by name. */
bool words_start(const char *language, struct err *err) MUST_CHECK;

/* English again: where the terminal has no characters for it. */
void words_stop(void);

#endif
