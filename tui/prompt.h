/* One line of input on the message line: filter, command, confirmation. */
#ifndef CLAVIGER_TUI_PROMPT_H
#define CLAVIGER_TUI_PROMPT_H

#include "tui/draw.h"
#include "tui/key.h"

enum prompt_result { PROMPT_OPEN, PROMPT_DONE, PROMPT_CANCELLED };

enum { PROMPT_TEXT = 256 };

struct prompt {
	char label[PROMPT_TEXT], text[PROMPT_TEXT];
	size_t caret;
	bool no_paste;   /* confirmations refuse pasted text */
	char notice[80]; /* why the last key was refused */
};

void prompt_start(struct prompt *prompt, const char *label, const char *text, bool no_paste);
enum prompt_result prompt_key(struct prompt *prompt, key_code key);

/* A label that is too long for the line stands above it, over what is there. */
void prompt_draw(struct prompt *prompt, struct area line);

#endif
