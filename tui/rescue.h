/* The way back for a process that dies: the terminal as it was, by write and tcsetattr alone. */
#ifndef CLAVIGER_TUI_RESCUE_H
#define CLAVIGER_TUI_RESCUE_H

#include <termios.h>

/* From here on a fatal signal or exhausted memory writes first, then what the terminal of the
 * running screen needs to leave it, to fd and sets its modes; the signal then takes its ordinary
 * course. */
void rescue_arm(int fd, const struct termios *modes, const char *first);

/* Signals and the hook of mem are as before. Harmless when not armed. */
void rescue_disarm(void);

#endif
