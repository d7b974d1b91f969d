/* What no list has yet is looked up while the console turns on. */
#ifndef CLAVIGER_VIEWS_LOOK_UP_H
#define CLAVIGER_VIEWS_LOOK_UP_H

#include "tui/key.h"

struct app;
struct job;

struct look_up {
	struct job *job; /* NULL: nothing is looked up */
	void (*find)(void *with);
	void (*found)(struct app *app, void *with);
	void (*drop)(void *with);
	void *with;
};

/* find may wait (job_beside). Keys wait for it as well, but the one that goes back, which gives it
 * up, perhaps before find was called; else found goes on with what it came to. drop(with) ends it.
 */
void look_up(struct app *app, void (*find)(void *with), void (*found)(struct app *app, void *with),
	void (*drop)(void *with), void *with);

/* What a key means meanwhile; action: of the console. */
void look_up_press(struct app *app, int action);

/* Gives it up, if there is one. */
void look_up_end(struct app *app);

#endif
