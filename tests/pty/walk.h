/* A walk by keys: a console over a sandbox of its own, what the keys bring on the screen, and what
 * the server, the journal and another process then have. */
#ifndef CLAVIGER_PTY_WALK_H
#define CLAVIGER_PTY_WALK_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/fixtures/run.h"
#include "tests/pty/terminal.h"

#define ENTER "\r"
#define ESC "\033"
#define CLEAR "\025" /* the text before the cursor, in a field */

struct walk {
	struct terminal terminal;
	struct place place;
};

/* Set-up and tear-down of a program of walks: it seeds once, and every walk gets a copy. */
int walk_seed(void **state);
int walk_clear(void **state);
void walk_place(struct place *place);

/* Opens the console on a copy, 80x24 or as given, and goes to a tab by its key; first: what is to
 * be seen there. */
void walk_start(struct walk *walk, const char *tab, const char *first);
void walk_start_sized(struct walk *walk, int columns, int rows, const char *tab, const char *first);
/* The line drops, and the copy goes; fails unless the console ends as if it had been left, and the
 * journal holds together. */
void walk_end(struct walk *walk);

/* Presses keys, and sees what they brought. */
void walk_press(struct walk *walk, const char *keys, const char *then);

/* The same with y, which a question asks for; then waits until an Enter is one again: that which
 * comes at once belongs to the answer. */
void walk_yes(struct walk *walk, const char *then);
/* From a list to a plan on one of its rows: filters it, and names the plan to the palette. */
void walk_begin(struct walk *walk, const char *row, const char *plan, const char *title);

/* What another process reads by now: NOUN show NAME as JSON; the caller gives it back. */
json_t *walk_show(struct walk *walk, const char *noun, const char *name);
/* The text at a path of that. */
void walk_expect(
	struct walk *walk, const char *noun, const char *name, const char *path, const char *text);

/* The newest operation of the journal is of that plan, and stands so. */
void walk_expect_operation(struct walk *walk, const char *plan, const char *state);
/* How many rights on a vault a principal holds, by its name in the list of policies. */
size_t walk_rights(struct walk *walk, const char *vault, const char *principal);

#endif
