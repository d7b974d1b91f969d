/* The journal is read from its end, a piece that is twice as long each time: the newest operations
 * are shown while the older ones are still to come. */
#include "views/journal/activity_rows.h"

#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/journal/survey.h"
#include "views/value.h"

enum { FIRST_BYTES = 1 << 20 };

void
activity_rows_free(struct activity_rows *rows)
{
	free(rows->all);
	arena_free(rows->texts);
	*rows = (struct activity_rows){0};
}

/* One that has the text already, as neighbours often do. */
static const char *
keep(struct arena *texts, const char *text, const char *neighbour)
{
	return neighbour && strcmp(text, neighbour) == 0 ? neighbour : arena_strdup(texts, text);
}

static void
add(struct activity_rows *rows, const char *dir, const struct operation *operation)
{
	struct activity_row *row = &rows->all[rows->len];
	const struct activity_row *before = rows->len ? row - 1 : NULL;

	*row = (struct activity_row){
		.plan = keep(rows->texts, operation->plan, before ? before->plan : NULL),
		.subject = arena_strdup(rows->texts, operation->subject),
		.started = arena_strdup(rows->texts, operation->started),
		.state = operation->taken_back ? OPERATION_ROLLED_BACK : operation->state,
		.standing = value_state(operation_standing(dir, operation)),
		.done = (unsigned)operation->done,
		.all = (unsigned)operation->all,
		.fleet = (unsigned)operation->fleet,
		.on = operation_goes_on(dir, operation),
		.back = operation_goes_back(dir, operation)};
	row->last = keep(rows->texts, operation->last, row->started);
	memcpy(row->id, operation->id, sizeof row->id);
	rows->len++;
}

/* What was not seen from its beginning on may yet be a member: it is told of later. */
static bool
is_told(const struct survey *survey, const struct operation *one)
{
	if (survey_is_whole(survey))
		return !one->of[0] || !survey_has(survey, one->of);
	return one->begun && !one->of[0];
}

static void
collect(struct activity_reading *reading)
{
	struct activity_rows *rows = &reading->rows;
	const struct survey *survey = reading->survey;
	struct operation one;

	rows->percent = survey_percent(survey);
	rows->texts = arena_new();
	rows->all = mem_alloc((survey_len(survey) + 1) * sizeof *rows->all);
	for (size_t i = survey_len(survey); i-- > 0;) {
		survey_get(survey, i, &one);
		if (is_told(survey, &one))
			add(rows, reading->past.dir, &one);
	}
}

static void
read_rows(struct past *past)
{
	struct activity_reading *reading = (struct activity_reading *)past;

	if (reading->survey == NULL)
		reading->survey = survey_open(past->dir, &past->err);
	if (reading->survey &&
		survey_read(reading->survey, reading->bytes, &past->stop, &past->err))
		collect(reading);
	if (reading->rows.percent == 100) {
		survey_close(reading->survey);
		reading->survey = NULL;
	}
}

static void
reading_free(struct past *past)
{
	struct activity_reading *reading = (struct activity_reading *)past;

	activity_rows_free(&reading->rows);
	survey_close(reading->survey);
	free(reading);
}

static struct activity_reading *
new_reading(void (*done)(void *user, struct past *past), void *user)
{
	struct activity_reading *reading = mem_alloc(sizeof *reading);

	reading->past =
		(struct past){.read = read_rows, .done = done, .user = user, .free = reading_free};
	return reading;
}

struct activity_reading *
activity_reading_new(bool whole, void (*done)(void *user, struct past *past), void *user)
{
	struct activity_reading *reading = new_reading(done, user);

	reading->bytes = whole ? SIZE_MAX : FIRST_BYTES;
	return reading;
}

struct activity_reading *
activity_reading_on(struct activity_reading *reading)
{
	struct activity_reading *on;

	if (reading->past.err.kind != ERR_NONE || reading->rows.percent == 100)
		return NULL;
	on = new_reading(reading->past.done, reading->past.user);
	on->survey = reading->survey;
	on->bytes = 2 * reading->bytes;
	reading->survey = NULL;
	return on;
}
