/* Folding records. The last run's "end" record says how an operation stands; where a crash left
 * none, the steps do: an intent without an outcome is a change that may have happened. */
#include "backend/journal/operation.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/journal/hold.h"

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
	return operation->begin && operation->state != OPERATION_DONE &&
	       !is_taken_back(operation) && !is_running(dir, operation);
}

/* Members of a campaign may have changed something without being done. */
bool
operation_goes_back(const char *dir, const struct operation *operation)
{
	bool changed = operation->done || operation->state == OPERATION_UNKNOWN ||
		       operation->kept || json_object_get(operation->begin, "fleet");

	return operation->begin && changed && !is_taken_back(operation) &&
	       !is_running(dir, operation);
}

/* A text of a record, which others may have written: "" for what is none. */
static void
take(const json_t *record, const char *member, char *out, size_t room)
{
	const char *text = json_string_value(json_object_get(record, member));

	text_cleans(out, room, text ? text : "");
}

static void
add_step(json_t *steps, const char *name, const char *phase, const json_t *detail)
{
	bool undo = json_is_true(json_object_get(detail, "undo"));
	json_t *step = json_object_get(steps, name);

	if (strcmp(phase, "parked") == 0 || (undo && strcmp(phase, "done") != 0))
		return;
	if (step == NULL) {
		step = json_object();
		json_object_set_new(steps, name, step);
	}
	json_object_set_new(step, "phase", json_string(undo ? "undone" : phase));
	if (!undo && json_is_object(detail))
		json_object_set(step, "detail", (json_t *)detail);
}

/* What lists show of a record; the rest of it need not stand in memory. */
static json_t *
essence(const json_t *record)
{
	static const char *const members[] = {"plan", "time", "phase", "target"};
	json_t *out = json_object();

	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		json_t *value = json_object_get(record, members[i]);

		if (value)
			json_object_set(out, members[i], value);
	}
	return out;
}

/* Records by operation: {begin, steps, first, last, end, kept}. */
static void
fold(void *user, const json_t *record)
{
	json_t *all = user, *one;
	char id[40], phase[16], step[48];
	const json_t *detail = json_object_get(record, "detail");

	take(record, "operation", id, sizeof id);
	take(record, "phase", phase, sizeof phase);
	take(record, "step", step, sizeof step);
	if (strlen(id) != 36)
		return;
	one = json_object_get(all, id);
	if (one == NULL) {
		one = json_pack("{s:{}, s:o}", "steps", "first", essence(record));
		json_object_set_new(all, id, one);
	}
	json_object_set_new(one, "last", essence(record));
	json_object_del(one, "end");
	if (json_is_object(json_object_get(detail, "kept")))
		json_object_set(one, "kept", json_object_get(detail, "kept"));
	if (strcmp(phase, "begin") == 0 && json_is_object(detail))
		json_object_set(one, "begin", (json_t *)detail);
	else if (strcmp(phase, "end") == 0)
		json_object_set(one, "end", json_object_get(detail, "state"));
	else if (step[0])
		add_step(json_object_get(one, "steps"), step, phase, detail);
}

static enum operation_state
state_of(const json_t *one, const struct operation *operation)
{
	const char *end = json_string_value(json_object_get(one, "end")), *name;
	char last[16];
	json_t *step;

	for (size_t i = 0; end && i < ARRAY_LEN(state_names); i++)
		if (strcmp(end, state_names[i]) == 0)
			return (enum operation_state)i;
	take(json_object_get(one, "last"), "phase", last, sizeof last);
	json_object_foreach(operation->steps, name, step)
	{
		char phase[16];

		take(step, "phase", phase, sizeof phase);
		if (strcmp(phase, "unknown") == 0 ||
			(strcmp(phase, "intent") == 0 && strcmp(last, "parked") != 0))
			return OPERATION_UNKNOWN;
	}
	if (json_is_true(json_object_get(json_object_get(one, "members"), "unsure")))
		return OPERATION_UNKNOWN;
	return strcmp(last, "failed") == 0 ? OPERATION_FAILED : OPERATION_PARKED;
}

static void
count(struct operation *operation)
{
	const char *name;
	json_t *step;

	json_object_foreach(operation->steps, name, step)
	{
		char phase[16];

		take(step, "phase", phase, sizeof phase);
		operation->done += strcmp(phase, "done") == 0;
	}
	operation->all = json_array_size(json_object_get(operation->begin, "steps"));
}

/* Borrows from one. */
static void
make(const char *id, const json_t *one, struct operation *out)
{
	const json_t *first = json_object_get(one, "first"), *last = json_object_get(one, "last");

	*out = (struct operation){.begin = json_object_get(one, "begin"),
		.steps = json_object_get(one, "steps"),
		.kept = json_object_get(one, "kept")};
	snprintf(out->id, sizeof out->id, "%s", id);
	take(first, "plan", out->plan, sizeof out->plan);
	take(first, "time", out->started, sizeof out->started);
	take(last, "time", out->last, sizeof out->last);
	if (out->begin)
		take(out->begin, "name", out->subject, sizeof out->subject);
	else
		take(first, "target", out->subject, sizeof out->subject);
	if (out->begin) {
		take(out->begin, "of", out->of, sizeof out->of);
		take(out->begin, "stage", out->stage, sizeof out->stage);
	}
	out->state = state_of(one, out);
	out->ended = json_object_get(one, "end") != NULL;
	if (json_is_object(json_object_get(one, "members"))) {
		json_t *members = json_object_get(one, "members");

		out->done = (size_t)json_integer_value(json_object_get(members, "done"));
		out->all = (size_t)json_integer_value(json_object_get(members, "all"));
		out->taken_back = json_integer_value(json_object_get(members, "back")) ==
				  (json_int_t)out->all;
	} else {
		count(out);
	}
	if (out->taken_back || out->state == OPERATION_ROLLED_BACK)
		out->done = out->all = 0;
}

/* A campaign has no changes of its own: what is counted of it are its members, and where it did not
 * come to say how it stands one that nobody knows of makes it so. */
static void
count_members(json_t *all)
{
	const char *id;
	json_t *one;

	json_object_foreach(all, id, one)
	{
		struct operation operation;
		json_t *campaign, *members;
		json_int_t done, n, back;
		bool unsure;

		make(id, one, &operation);
		campaign = operation.of[0] ? json_object_get(all, operation.of) : NULL;
		if (campaign == NULL)
			continue;
		members = json_object_get(campaign, "members");
		done = json_integer_value(json_object_get(members, "done"));
		n = json_integer_value(json_object_get(members, "all"));
		back = json_integer_value(json_object_get(members, "back"));
		unsure = json_is_true(json_object_get(members, "unsure")) ||
			 operation.state == OPERATION_UNKNOWN;
		json_object_set_new(campaign, "members",
			json_pack("{s:I, s:I, s:I, s:b}", "done",
				done + (operation.state == OPERATION_DONE), "all", n + 1, "back",
				back + (operation.state == OPERATION_ROLLED_BACK), "unsure",
				unsure));
	}
}

bool
operation_each(const char *dir, void (*each)(void *user, const struct operation *operation),
	void *user, struct err *err)
{
	return operation_each_until(dir, each, user, NULL, err);
}

bool
operation_each_until(const char *dir, void (*each)(void *user, const struct operation *operation),
	void *user, const atomic_bool *stop, struct err *err)
{
	json_t *all = json_object(), *one;
	bool ok = journal_each_until(dir, fold, all, stop, err);
	const char *id;

	if (ok) {
		count_members(all);
		json_object_foreach(all, id, one)
		{
			struct operation operation;

			make(id, one, &operation);
			each(user, &operation);
		}
	}
	json_decref(all);
	return ok;
}

struct wanted {
	const char *id;
	struct operation *out;
	size_t found;
};

static void
compare(void *user, const struct operation *operation)
{
	struct wanted *wanted = user;

	if (!text_case_starts(operation->id, wanted->id))
		return;
	if (wanted->found++)
		return;
	*wanted->out = *operation;
	json_incref(wanted->out->begin);
	json_incref(wanted->out->steps);
	json_incref(wanted->out->kept);
}

bool
operation_find(const char *dir, const char *id, struct operation *out, struct err *err)
{
	struct wanted wanted = {.id = id, .out = out};
	char shown[64];

	*out = (struct operation){0};
	text_cleans(shown, sizeof shown, id);
	if (strlen(id) < ID_MIN)
		return err_set(err, ERR_USAGE, "",
			"%s: an operation is named by its id, or the first %d characters of it",
			shown, ID_MIN);
	if (!operation_each(dir, compare, &wanted, err))
		return false;
	if (wanted.found == 1)
		return true;
	operation_free(out);
	if (wanted.found)
		return err_set(err, ERR_USAGE, "", "%s: %zu operations begin so; give more of it",
			shown, wanted.found);
	return err_set(err, ERR_NOT_FOUND, "OperationNotFound",
		"%s: the journal has no such operation; see: claviger operations", shown);
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
