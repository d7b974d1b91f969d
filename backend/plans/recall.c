#include "backend/plans/recall.h"

#include <stdlib.h>

#include "backend/base/mem.h"
#include "backend/net/loop.h"

enum { SHORT = 64 * 1024 };

struct recall {
	const char *dir;
	char *id, *of, *subject; /* what is looked for; id NULL: the other two say */
	struct operations found; /* of an id: the one */
	atomic_bool stop;
	bool ok, done;
	struct err err;
};

bool
recall_is_short(const char *dir)
{
	return journal_size(dir) <= SHORT;
}

static struct recall *
recall_of(void *copy)
{
	return *(struct recall **)copy;
}

static void
work(void *copy)
{
	struct recall *recall = recall_of(copy);
	struct operation one;

	if (recall->id == NULL) {
		recall->ok = operation_search(recall->dir, recall->of, recall->subject,
			&recall->found, &recall->stop, &recall->err);
		return;
	}
	recall->ok =
		operation_find_until(recall->dir, recall->id, &one, &recall->stop, &recall->err);
	if (recall->ok)
		operations_add(&recall->found, &one);
	operation_free(&one);
}

static void
done(void *user, void *copy)
{
	(void)user;
	recall_of(copy)->done = true;
}

static void
drop(void *copy)
{
	struct recall *recall = recall_of(copy);

	operations_free(&recall->found);
	free(recall->id);
	free(recall->of);
	free(recall->subject);
	free(recall);
}

/* Takes recall; whoever calls has what was found. */
static bool
wait(struct loop *loop, struct recall *recall, struct operations *out, struct err *err)
{
	struct job *job = NULL;
	bool ok;

	*out = (struct operations){0};
	if (recall_is_short(recall->dir)) {
		work(&recall);
	} else {
		job = job_run(loop, work, &recall, sizeof recall, done, drop, NULL);
		loop_until(loop, &recall->done);
		if (!recall->done) {
			recall->stop = true;
			job_cancel(job);
			return err_set(err, ERR_CANCELLED, "", "was not read: nobody waits for it");
		}
	}
	ok = recall->ok;
	if (ok) {
		*out = recall->found;
		recall->found = (struct operations){0};
	} else if (err) {
		*err = recall->err;
	}
	drop(&recall);
	return ok;
}

static struct recall *
recall_new(const char *dir, const char *id, const char *of, const char *subject)
{
	struct recall *recall = mem_alloc(sizeof *recall);

	recall->dir = dir;
	recall->id = id ? mem_strdup(id) : NULL;
	recall->of = of ? mem_strdup(of) : NULL;
	recall->subject = subject ? mem_strdup(subject) : NULL;
	return recall;
}

bool
recall_find(
	struct loop *loop, const char *dir, const char *id, struct operation *out, struct err *err)
{
	struct operations found;
	bool ok = wait(loop, recall_new(dir, id, NULL, NULL), &found, err);

	*out = ok ? found.rows[0] : (struct operation){0};
	free(found.rows);
	return ok;
}

bool
recall_take(struct loop *loop, struct journal *journal, const char *dir, const char *id,
	struct operation *out, struct err *err)
{
	if (journal && !journal_hold(journal, id, err))
		return false;
	if (recall_find(loop, dir, id, out, err))
		return true;
	if (journal)
		journal_release(journal, id);
	return false;
}

bool
recall_search(struct loop *loop, const char *dir, const char *of, const char *subject,
	struct operations *out, struct err *err)
{
	return wait(loop, recall_new(dir, NULL, of, subject), out, err);
}
