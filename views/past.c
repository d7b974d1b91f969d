/* What is short is read where it is asked for, so that it is there in the same frame. */
#include "views/past.h"

#include "backend/journal/journal.h"
#include "backend/net/loop.h"
#include "views/view.h"

enum { AT_ONCE = 64 * 1024 /* bytes, which take some 5 ms */ };

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

void
past_start(struct app *app, struct past *past)
{
	past->dir = app_options(app)->journal_dir;
	if (journal_size(past->dir) > AT_ONCE) {
		past->job = job_run(app_loop(app), work, &past, sizeof past, done, drop, NULL);
		return;
	}
	past->read(past);
	done(NULL, &past);
}

void
past_stop(struct past *past)
{
	if (past == NULL)
		return;
	past->stop = true;
	job_cancel(past->job);
}
