/* A real program on a real pseudo-terminal, and a model of the screen that it draws. */
#ifndef CLAVIGER_PTY_TERMINAL_H
#define CLAVIGER_PTY_TERMINAL_H

#include <iconv.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>
#include <termios.h>

#include <vterm.h>

struct terminal {
	int master;
	pid_t pid;
	VTerm *vterm;
	VTermScreen *screen;
	int columns, rows;
	bool alternate, cursor; /* what the program last asked for */
	bool paste;             /* bracketed paste is on */
	bool mouse;             /* its events are asked for */
	char clipboard[4096];   /* what it was given last, as it came: base64 */
	struct termios before;  /* modes when the program began */
	FILE *tap;              /* gets every byte of the program from now on; NULL: nobody does */
	iconv_t charset;        /* from that of LC_ALL, which has 8 bits or more, not UTF-8 */
	bool converts;          /* it is one of these */
	char rest[16];          /* of a character that is not whole yet */
	size_t rest_len;
	char text[65536]; /* the screen, a line a row; at most 200x60 */
};

/* Starts $CLAVIGER with one word. */
void terminal_start(struct terminal *terminal, int columns, int rows, const char *word);

/* The same with any program; words are NULL-ended, the first is its path. */
void terminal_run(struct terminal *terminal, int columns, int rows, const char *const *words);

/* The window gets another size; what is on the screen is not kept. */
void terminal_resize(struct terminal *terminal, int columns, int rows);

/* Where the cursor is. */
void terminal_cursor(struct terminal *terminal, int *row, int *column);

/* Reads until the screen holds the text; fails the test, showing the screen, after some time. */
void terminal_wait(struct terminal *terminal, const char *text);

/* The same until it does not hold it any more. */
void terminal_wait_gone(struct terminal *terminal, const char *text);

/* Keys as bytes. */
void terminal_type(struct terminal *terminal, const char *bytes);

/* Whether the screen holds the text now. */
bool terminal_shows(struct terminal *terminal, const char *text);

/* Takes what comes within so many milliseconds; returns the bytes. */
size_t terminal_drain(struct terminal *terminal, int ms);

/* Takes what comes until nothing has come for so many milliseconds. */
void terminal_settle(struct terminal *terminal, int ms);

/* Until the cursor stands in that row, counted from 0. */
void terminal_wait_row(struct terminal *terminal, int row);

/* Whether the program in front has taken all keys and waits for something: it is not at work, and
 * it does not turn in a circle. */
bool terminal_asleep(struct terminal *terminal);
void terminal_wait_asleep(struct terminal *terminal);

/* Waits for the end (signal 0: none is sent); returns the exit code, or 1000 + signal. */
int terminal_end(struct terminal *terminal, int signal);

/* The line drops: the terminal is gone, as its program is told by a signal. Waits for the end, and
 * returns as terminal_end does. */
int terminal_hang_up(struct terminal *terminal);

/* Fails unless the terminal was left as it was found. */
void terminal_expect_clean(struct terminal *terminal);
void terminal_free(struct terminal *terminal);

#endif
