/* What is short is read where it is asked for, so that it is there in the same frame. */
#include "views/journal/past.h"

#include <stdlib.h>

#include "backend/base/mem.h"
#include "backend/net/loop.h"
#include "backend/plans/recall.h"
#include "views/app/look_up.h"
#include "views/app/view.h"

static struct past *
past_of(void *copy)
{
	return *(struct past **)copy;
}

static void
work(void *copy)
{
	past_of(copy)->read(past_of(copy));
}

static void
drop(void *copy)
{
	past_of(copy)->free(past_of(copy));
}

static void
done(void *user, void *copy)
{
	struct past *past = past_of(copy);

	(void)user;
	past->done(past->user, past);
	past->free(past);
}

/* False: it is long. */
static bool
read_short(struct app *app, struct past *past)
{
	past->dir = app_options(app)->journal_dir;
	if (!recall_is_short(past->dir))
		return false;
	past->read(past);
	done(NULL, &past);
	return true;
}

void
past_start(struct app *app, struct past *past)
{
	if (!read_short(app, past))
		past->job = job_run(app_loop(app), work, &past, sizeof past, done, drop, NULL);
}

void
past_stop(struct past *past)
{
	if (past == NULL)
		return;
	past->stop = true;
	job_cancel(past->job);
}

struct asked {
	struct loop *loop;
	struct past *past; /* NULL: it has been let go */
	bool read;
};

static void
is_read(void *user, void *copy)
{
	(void)copy;
	((struct asked *)user)->read = true;
}

static void
wait(void *with)
{
	struct asked *asked = with;
	struct past *past = asked->past;

	past->job = job_run(asked->loop, work, &past, sizeof past, is_read, drop, asked);
	loop_until(asked->loop, &asked->read);
	if (asked->read)
		return;
	past_stop(past);
	asked->past = NULL;
}

static void
answer(struct app *app, void *with)
{
	struct asked *asked = with;

	(void)app;
	done(NULL, &asked->past);
	asked->past = NULL;
}

static void
forget(void *with)
{
	struct asked *asked = with;

	if (asked->past)
		asked->past->free(asked->past);
	free(asked);
}

void
past_ask(struct app *app, struct past *past)
{
	struct asked *asked;

	past->user = app;
	if (read_short(app, past))
		return;
	asked = mem_alloc(sizeof *asked);
	asked->loop = app_loop(app);
	asked->past = past;
	look_up(app, wait, answer, forget, asked);
}
