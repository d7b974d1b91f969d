/* `claviger tour`: lessons over the ordinary console, on a sandbox of its own. A lesson is over
 * when the server shows what it asks for, whatever was typed; an alarm is timed. */
#ifndef CLAVIGER_VIEWS_TOUR_H
#define CLAVIGER_VIEWS_TOUR_H

#include <limits.h>

#include "backend/base/err.h"
#include "tui/draw.h"

struct app;
struct tour;

/* Makes the tour's folder, $XDG_STATE_HOME/claviger/tour, and names it and the sandbox in it. A
 * tour that was left is gone on with; one that came to its end begins anew, with a fresh sandbox.
 */
bool tour_folder(char dir[PATH_MAX], char sandbox[PATH_MAX], struct err *err) MUST_CHECK;

/* dir: of tour_folder; NULL: there is no tour, which all that follows takes as such. */
struct tour *tour_open(struct app *app, const char *dir);
void tour_close(struct tour *tour);

/* Whether what the server shows for its lesson is still being read. */
bool tour_is_looking(const struct tour *tour);

/* Draws it at the foot of the body of the screen; returns the rows that it took. */
int tour_draw(const struct tour *tour, struct area body);

/* The key to the next lesson. */
void tour_go_on(struct tour *tour);

/* Out of sight, or back: away is false for a key that does both. True: it was there to be put away.
 */
bool tour_put_away(struct tour *tour, bool away);

/* The console has exchanged something with the server: if it was a change, the tour looks. */
void tour_wire(struct tour *tour);

#endif
