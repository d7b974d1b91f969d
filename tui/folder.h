/* Where the program's own data lie. */
#ifndef CLAVIGER_TUI_FOLDER_H
#define CLAVIGER_TUI_FOLDER_H

#include <limits.h>
#include <stdbool.h>

/* The folder of that name beside one that the program lies in, as after a build, else the one where
 * it is installed. False when neither can be read; out is then the latter. */
bool folder_find(const char *name, const char *installed, char out[PATH_MAX]);

#endif
