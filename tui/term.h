/* The terminal: taken over at start, left as it was found whatever happens.
 *
 * SIGINT, SIGTERM and SIGHUP stay the application's: its handlers set a flag and wake its loop,
 * which calls term_stop and goes. Ctrl-C arrives as SIGINT, Ctrl-Z is handled here. The loop polls
 * descriptor 0 and term_wake_fd for POLLIN and then calls key_read until KEY_NOTHING. */
#ifndef CLAVIGER_TUI_TERM_H
#define CLAVIGER_TUI_TERM_H

#include <stddef.h>

#include "backend/base/err.h"

/* Opens ncurses on the controlling terminal: UTF-8 locale with fallback to C.UTF-8, an unknown TERM
 * falls back to xterm-256color, ESCDELAY 25, bracketed paste, mouse off. ERR_USAGE when stdin or
 * stdout is no terminal or TERM is dumb; the message names the subcommands. */
bool term_start(struct err *err) MUST_CHECK;

/* A terminal without a terminal, for tests of screens: everything is drawn, nothing is shown.
 * The locale comes from LC_ALL, LC_CTYPE or LANG; C.UTF-8 when none is set. */
bool term_start_headless(int width, int height, struct err *err) MUST_CHECK;

/* Gives the terminal back. Harmless when not started. Also runs on fatal signals and when memory
 * is exhausted (by write and tcsetattr only). */
void term_stop(void);

/* True once after a resize; the size is then already new (LINES, COLS). */
bool term_resized(void);

/* Readable while a resize, a stop or a continuation waits for key_read; -1 when headless. */
int term_wake_fd(void);

/* Whether there is a terminal to read keys from. */
bool term_interactive(void);

/* Whether glyphs beyond ASCII may be drawn in this locale. */
bool term_utf8(void);

/* Turns the mouse on, or off again; it is off at first, since on it keeps the terminal from
 * selecting text. Returns whether it is on now. */
bool term_mouse(void);

/* Sends a sequence that paints nothing, past the frames. */
void term_send(const char *sequence, size_t len);

/* The name that the terminal has in TERM; "" when headless. */
const char *term_name(void);

/* Whether a tmux shows this terminal; socket gets where that listens. */
bool term_in_tmux(char *socket, size_t room);

/* Where the hardware cursor rests after the next frame. */
void term_cursor(int y, int x);
void term_cursor_at(int *y, int *x);

/* Sends what was drawn since the last call in one write. With a slow line it waits until the
 * terminal has acknowledged the frame before: returns false when nothing was sent for that reason
 * (call again after term_wait_ms). */
bool term_flush(void);

/* Bytes that the last frame took. */
size_t term_sent(void);

/* Milliseconds until a frame may be sent even if the terminal does not answer, -1 when it may be
 * now: the longest time to sleep while one is held back. */
int term_wait_ms(void);

/* Whether the last frame took the terminal long, or it does not tell: what is large is better not
 * sent with every key. */
bool term_slow(void);

/* The terminal has acknowledged a frame; key_read calls it. */
void term_answered(void);

/* Forces a full repaint at the next flush. */
void term_repaint(void);

#endif
