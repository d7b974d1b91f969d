/* Keys: characters, chords and special keys as one number, with names for help and scripts. */
#ifndef CLAVIGER_TUI_KEY_H
#define CLAVIGER_TUI_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "backend/base/err.h"

/* A Unicode character, or from KEY_SPECIAL_BASE on one of TK_. */
typedef uint32_t key_code;

enum {
	KEY_NOTHING = 0,
	KEY_SPECIAL_BASE = 0x200000,
	TK_UP = KEY_SPECIAL_BASE,
	TK_DOWN,
	TK_LEFT,
	TK_RIGHT,
	TK_PAGE_UP,
	TK_PAGE_DOWN,
	TK_HOME,
	TK_END,
	TK_DELETE,
	TK_BACKSPACE,
	TK_ENTER,
	TK_TAB,
	TK_BACKTAB,
	TK_ESC,
	TK_RESIZE,
	TK_EOF,   /* the terminal went away */
	TK_PASTE, /* bracketed paste: key_pasted has the text */
	TK_CLICK, /* of the mouse: key_clicked tells where */
	TK_WAIT,  /* scripts only: let what is under way finish before the next key */
	TK_F1,    /* to TK_F1 + 11 */
	TK_LAST = TK_F1 + 12,
};

#define KEY_CTRL(letter) ((key_code)(letter)&0x1f)

/* Reads what is there without waiting; KEY_NOTHING when there is nothing more. */
key_code key_read(void);

/* The text of the last paste, sanitised; "" otherwise. Borrowed until the next key. */
const char *key_pasted(void);

/* The place of the last click. */
void key_clicked(int *y, int *x);

/* "Enter", "^R", "PgDn", "F1", "Space", "a". Returns buf. (ncurses owns the name
 * key_name.) */
enum { KEY_LABEL = 16 };
char *key_label(key_code key, char buf[KEY_LABEL]);

/* The key of a name, KEY_NOTHING if unknown. Accepts what key_label writes, and <Name> forms. */
key_code key_parse(const char *name);

/* A key that is a character as UTF-8, without NUL; 0 bytes for control characters and others. */
size_t key_utf8(key_code key, char out[4]);

/* For term: keys come from the screen that was just opened; they come no more. */
void key_start(void);
void key_stop(void);

/* A binding: what a view tells the help page, the hint line and the dispatcher, once. */
struct binding {
	key_code key, twin; /* twin: a second key for the same, or KEY_NOTHING */
	int action;         /* the view's own enum; 0 ends a table */
	const char *hint;   /* one or two words for the hint line; NULL: not on it */
	const char *help;   /* a sentence for the help page */
};

/* The action bound to key in a table that ends with action 0; 0 if none. */
int key_action(const struct binding *table, key_code key);

#endif
