/* Where a journal may be kept, in the order in which it is tried. */
#ifndef CLAVIGER_JOURNAL_PLACES_H
#define CLAVIGER_JOURNAL_PLACES_H

#include <limits.h>

#include "backend/base/err.h"

/* The folder that was named, or $XDG_STATE_HOME/claviger; $XDG_RUNTIME_DIR/claviger; the system's
 * log; after --break-glass a folder of ours in /tmp. A named folder has neither of the two in
 * between. */
enum place { PLACE_USUAL, PLACE_RUNTIME, PLACE_SYSLOG, PLACE_GLASS, PLACES };

/* "": there is no such place, or it is no folder. */
struct places {
	char dir[PLACES][PATH_MAX];
};

/* False only when not even the usual folder can be named. */
bool places_find(const char *dir, struct places *out, struct err *err) MUST_CHECK;

/* The file of a place, to be read; false when there is none, or none of ours. */
bool places_file(const struct places *places, enum place place, char out[PATH_MAX]) MUST_CHECK;

#endif
