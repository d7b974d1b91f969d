/* Keys from a text, for tests of screens: "Down Down Enter =text ^R Wait". */
#ifndef CLAVIGER_TUI_SCRIPT_H
#define CLAVIGER_TUI_SCRIPT_H

#include "tui/key.h"

/* Queues the keys of text; key_read delivers them before the terminal's. Words are key names;
 * =word types its letters. The error names the word that is no key. */
bool script_play(const char *text, struct err *err) MUST_CHECK;

/* The next queued key, KEY_NOTHING when the queue is empty. */
key_code script_next(void);

#endif
