#include "backend/journal/survey.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/base/mem.h"
#include "backend/journal/detail.h"
#include "backend/journal/fold.h"
#include "backend/journal/read.h"

enum { BLOCK = 1 << 18 };

/* One file: all of it from at on is in the folds. */
struct part {
	FILE *file; /* NULL: there is none */
	char path[PATH_MAX];
	off_t size, at;
};

struct survey {
	struct part parts[PLACES];
	struct folds *folds;
	char *block;
	size_t room;
};

/* What is carried home meanwhile shows twice, not never: it is written there before it goes here,
 * and there is looked last. */
struct survey *
survey_open(const char *dir, struct err *err)
{
	struct survey *survey;
	struct places places;
	bool ok = true;

	if (!places_find(dir, &places, err))
		return NULL;
	survey = mem_alloc(sizeof *survey);
	survey->folds = folds_new();
	for (enum place place = PLACES; ok && place-- > 0;) {
		struct part *part = &survey->parts[place];

		if (places_file(&places, place, part->path))
			ok = read_open(part->path, &part->file, &part->size, err);
		part->at = part->size;
	}
	if (ok)
		return survey;
	survey_close(survey);
	return NULL;
}

void
survey_close(struct survey *survey)
{
	if (survey == NULL)
		return;
	for (enum place place = 0; place < PLACES; place++)
		if (survey->parts[place].file)
			fclose(survey->parts[place].file);
	folds_free(survey->folds);
	free(survey->block);
	free(survey);
}

static bool
fetch(struct survey *survey, const struct part *part, off_t at, size_t len, struct err *err)
{
	ssize_t n = 0;

	if (survey->room < len) {
		survey->block = mem_resize(survey->block, len);
		survey->room = len;
	}
	for (size_t had = 0; had < len; had += (size_t)n) {
		n = pread(fileno(part->file), survey->block + had, len - had, at + (off_t)had);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n < 0)
			return err_set(err, ERR_FAILED, "", "%s: cannot read it: %s", part->path,
				strerror(errno));
		else if (n == 0)
			return err_set(err, ERR_FAILED, "", "%s: was cut off while it was read",
				part->path);
	}
	return true;
}

static bool
is_stopped(const atomic_bool *stop, struct err *err)
{
	return stop && *stop &&
	       !err_set(err, ERR_CANCELLED, "", "was not read: nobody waits for it");
}

/* Which line begins there. */
static bool
name_line(struct survey *survey, const struct part *part, off_t at, struct err *err)
{
	struct err why = {0};
	size_t number = 1;

	for (off_t from = 0; from < at; from += BLOCK) {
		size_t len = at - from < BLOCK ? (size_t)(at - from) : BLOCK;

		if (!fetch(survey, part, from, len, &why))
			break;
		for (size_t i = 0; i < len; i++)
			number += survey->block[i] == '\n';
	}
	return err_prefix(err, "%s: line %zu", part->path, number);
}

/* The lines of the block from the last one on; part->at goes along. */
static bool
take_lines(struct survey *survey, struct part *part, off_t from, struct err *err)
{
	while (part->at > from) {
		size_t end = (size_t)(part->at - from) - 1;
		const char *before = memrchr(survey->block, '\n', end);
		size_t begin = before ? (size_t)(before - survey->block) + 1 : 0;

		if (before == NULL && from)
			return true;
		if (survey->block[end] == '\n' &&
			!folds_add(survey->folds, survey->block + begin, end - begin,
				(enum place)(part - survey->parts), (uint64_t)from + begin))
			return read_fault(err) || name_line(survey, part, from + (off_t)begin, err);
		part->at = from + (off_t)begin;
	}
	return true;
}

/* A block more of one file, longer where not even one line fits in. Only the last line of a file
 * can have no end: that is the next writer's business. */
static bool
read_block(struct survey *survey, struct part *part, const atomic_bool *stop, struct err *err)
{
	off_t before = part->at;

	for (off_t len = BLOCK; part->at == before; len *= 2) {
		off_t from = before > len ? before - len : 0;

		if (is_stopped(stop, err) ||
			!fetch(survey, part, from, (size_t)(before - from), err) ||
			!take_lines(survey, part, from, err))
			return false;
	}
	return true;
}

bool
survey_read(struct survey *survey, size_t bytes, const atomic_bool *stop, struct err *err)
{
	size_t had = 0;

	for (enum place place = PLACES; had < bytes && place-- > 0;) {
		struct part *part = &survey->parts[place];

		while (had < bytes && part->at > 0) {
			off_t before = part->at;

			if (!read_block(survey, part, stop, err))
				return false;
			had += (size_t)(before - part->at);
		}
	}
	folds_settle(survey->folds);
	return true;
}

bool
survey_is_whole(const struct survey *survey)
{
	for (enum place place = 0; place < PLACES; place++)
		if (survey->parts[place].at)
			return false;
	return true;
}

unsigned
survey_percent(const struct survey *survey)
{
	off_t size = 0, left = 0;

	for (enum place place = 0; place < PLACES; place++) {
		size += survey->parts[place].size;
		left += survey->parts[place].at;
	}
	return left ? (unsigned)((size - left) * 100 / size) : 100;
}

size_t
survey_len(const struct survey *survey)
{
	return folds_len(survey->folds);
}

void
survey_get(const struct survey *survey, size_t i, struct operation *out)
{
	folds_get(survey->folds, i, out);
}

bool
survey_has(const struct survey *survey, const char *id)
{
	return folds_have(survey->folds, id);
}

static json_t *
read_spot(struct survey *survey, const struct spot *spot, struct err *err)
{
	const struct part *part = &survey->parts[spot->place];
	json_t *record;

	if (!fetch(survey, part, (off_t)spot->at, spot->len, err))
		return NULL;
	record = read_record(survey->block, spot->len, err);
	if (record == NULL)
		(void)name_line(survey, part, (off_t)spot->at, err);
	return record;
}

bool
survey_find(struct survey *survey, size_t i, struct operation *out, struct err *err)
{
	const struct spot *spot = folds_first(survey->folds, i);

	folds_get(survey->folds, i, out);
	out->steps = json_object();
	for (; spot; spot = folds_next(survey->folds, spot)) {
		json_t *record = read_spot(survey, spot, err);

		if (record == NULL) {
			operation_free(out);
			return false;
		}
		detail_add(out, record);
		json_decref(record);
	}
	return true;
}

static int
compare(const void *a, const void *b)
{
	const struct spot *x = *(const struct spot *const *)a, *y = *(const struct spot *const *)b;

	if (x->place != y->place)
		return x->place < y->place ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

/* Those of all that are chosen; freed by the caller. */
static const struct spot **
gather(const struct survey *survey, const bool *chosen, size_t *len)
{
	const struct spot **spots = NULL;
	size_t room = 0;

	*len = 0;
	for (size_t i = 0; i < survey_len(survey); i++) {
		const struct spot *spot = chosen[i] ? folds_first(survey->folds, i) : NULL;

		for (; spot; spot = folds_next(survey->folds, spot)) {
			if (*len == room) {
				room = room ? 2 * room : 64;
				spots = mem_resize(spots, room * sizeof *spots);
			}
			spots[(*len)++] = spot;
		}
	}
	if (*len)
		qsort(spots, *len, sizeof *spots, compare);
	return spots;
}

bool
survey_records(struct survey *survey, const bool *chosen,
	void (*each)(void *user, const json_t *record), void *user, const atomic_bool *stop,
	struct err *err)
{
	size_t len;
	const struct spot **spots = gather(survey, chosen, &len);
	bool ok = true;

	for (size_t i = 0; ok && i < len; i++) {
		json_t *record = is_stopped(stop, err) ? NULL : read_spot(survey, spots[i], err);

		ok = record != NULL;
		if (ok)
			each(user, record);
		json_decref(record);
	}
	free(spots);
	return ok;
}
