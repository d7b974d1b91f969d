#include "backend/journal/operation.h"

#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/journal/hold.h"
#include "backend/journal/survey.h"

enum { ID_MIN = 8 };

static const char *const state_names[] = {
	[OPERATION_PARKED] = "parked",
	[OPERATION_DONE] = "done",
	[OPERATION_FAILED] = "failed",
	[OPERATION_UNKNOWN] = "unknown",
	[OPERATION_ROLLED_BACK] = "rolled-back",
};

const char *
operation_state_name(enum operation_state state)
{
	return state_names[state];
}

static bool
is_running(const char *dir, const struct operation *operation)
{
	struct places places;
	struct err err = {0};

	return !operation->ended && places_find(dir, &places, &err) &&
	       hold_is_taken(&places, operation->id);
}

static bool
is_taken_back(const struct operation *operation)
{
	return operation->taken_back || operation->state == OPERATION_ROLLED_BACK;
}

const char *
operation_standing(const char *dir, const struct operation *operation)
{
	if (is_taken_back(operation))
		return operation_state_name(OPERATION_ROLLED_BACK);
	return is_running(dir, operation) ? "running" : operation_state_name(operation->state);
}

bool
operation_goes_on(const char *dir, const struct operation *operation)
{
	return operation->begun && operation->state != OPERATION_DONE &&
	       !is_taken_back(operation) && !is_running(dir, operation);
}

/* Members of a campaign may have changed something without being done. */
bool
operation_goes_back(const char *dir, const struct operation *operation)
{
	bool changed = operation->done || operation->state == OPERATION_UNKNOWN ||
		       operation->keeps || operation->fleet;

	return operation->begun && changed && !is_taken_back(operation) &&
	       !is_running(dir, operation);
}

/* All of it; NULL on failure. */
static struct survey *
read_all(const char *dir, const atomic_bool *stop, struct err *err)
{
	struct survey *survey = survey_open(dir, err);

	if (survey == NULL || survey_read(survey, SIZE_MAX, stop, err))
		return survey;
	survey_close(survey);
	return NULL;
}

bool
operation_each(const char *dir, void (*each)(void *user, const struct operation *operation),
	void *user, struct err *err)
{
	struct survey *survey = read_all(dir, NULL, err);
	struct operation operation;

	for (size_t i = 0; survey && i < survey_len(survey); i++) {
		survey_get(survey, i, &operation);
		each(user, &operation);
	}
	survey_close(survey);
	return survey != NULL;
}

static bool
find_in(struct survey *survey, const char *id, struct operation *out, struct err *err)
{
	size_t found = 0, at = 0;
	char shown[64];

	for (size_t i = 0; i < survey_len(survey); i++) {
		survey_get(survey, i, out);
		if (text_case_starts(out->id, id) && found++ == 0)
			at = i;
	}
	*out = (struct operation){0};
	if (found == 1)
		return survey_find(survey, at, out, err);
	text_cleans(shown, sizeof shown, id);
	if (found)
		return err_set(err, ERR_USAGE, "", "%s: %zu operations begin so; give more of it",
			shown, found);
	return err_set(err, ERR_NOT_FOUND, "OperationNotFound",
		"%s: the journal has no such operation; see: claviger operations", shown);
}

bool
operation_find_until(const char *dir, const char *id, struct operation *out,
	const atomic_bool *stop, struct err *err)
{
	struct survey *survey;
	char shown[64];
	bool ok;

	*out = (struct operation){0};
	text_cleans(shown, sizeof shown, id);
	if (strlen(id) < ID_MIN)
		return err_set(err, ERR_USAGE, "",
			"%s: an operation is named by its id, or the first %d characters of it",
			shown, ID_MIN);
	survey = read_all(dir, stop, err);
	ok = survey && find_in(survey, id, out, err);
	survey_close(survey);
	return ok;
}

bool
operation_find(const char *dir, const char *id, struct operation *out, struct err *err)
{
	return operation_find_until(dir, id, out, NULL, err);
}

static bool
search_in(struct survey *survey, const char *of, const char *subject, struct operations *out,
	struct err *err)
{
	struct operation one;

	for (size_t i = 0; i < survey_len(survey); i++) {
		survey_get(survey, i, &one);
		if ((of && strcmp(one.of, of) != 0) ||
			(subject && text_casecmp(one.subject, subject) != 0))
			continue;
		if (!survey_find(survey, i, &one, err))
			return false;
		out->rows = mem_resize(out->rows, (out->len + 1) * sizeof *out->rows);
		out->rows[out->len++] = one;
	}
	return true;
}

bool
operation_search(const char *dir, const char *of, const char *subject, struct operations *out,
	const atomic_bool *stop, struct err *err)
{
	struct survey *survey = read_all(dir, stop, err);
	bool ok;

	*out = (struct operations){0};
	ok = survey && search_in(survey, of, subject, out, err);
	if (!ok)
		operations_free(out);
	survey_close(survey);
	return ok;
}

bool
operation_take(struct journal *journal, const char *dir, const char *id, struct operation *out,
	struct err *err)
{
	if (journal && !journal_hold(journal, id, err))
		return false;
	if (operation_find(dir, id, out, err))
		return true;
	if (journal)
		journal_release(journal, id);
	return false;
}

void
operation_free(struct operation *operation)
{
	json_decref(operation->begin);
	json_decref(operation->steps);
	json_decref(operation->kept);
	*operation = (struct operation){0};
}

void
operations_add(struct operations *operations, const struct operation *operation)
{
	struct operation *row;

	operations->rows =
		mem_resize(operations->rows, (operations->len + 1) * sizeof *operations->rows);
	row = &operations->rows[operations->len++];
	*row = *operation;
	json_incref(row->begin);
	json_incref(row->steps);
	json_incref(row->kept);
}

void
operations_free(struct operations *operations)
{
	for (size_t i = 0; i < operations->len; i++)
		operation_free(&operations->rows[i]);
	free(operations->rows);
	*operations = (struct operations){0};
}
