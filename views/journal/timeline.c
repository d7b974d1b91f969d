/* Whoever reads a timeline months later has only what it says: so it has every record of the
 * campaign and of its members, with the request ids, and nothing that a terminal would obey. What a
 * restore takes back is recorded under the members of the revokes, and is the restore's doing. */
#include "views/journal/timeline.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/journal/export.h"
#include "backend/journal/journal.h"
#include "backend/journal/survey.h"
#include "tui/words.h"
#include "views/app/view.h"
#include "views/journal/past.h"

enum { BYTES_MAX = 256 << 20 };

struct search {
	const char *campaign; /* NULL: every record is wanted */
	json_t *of;           /* by the id of each that is looked at: that of its campaign */
	json_t *revokes;      /* ids of those that the campaign takes back; NULL: none */
	bool runs;            /* so far as the records were looked at */
	json_t *out;
};

static json_t *
clean(const json_t *value)
{
	char text[4096];
	const char *key;
	const json_t *item;
	json_t *out;
	size_t i;

	if (json_is_string(value)) {
		text_cleans(text, sizeof text, json_string_value(value));
		return json_string(text);
	}
	if (json_is_array(value)) {
		out = json_array();
		json_array_foreach(value, i, item)
		{
			json_array_append_new(out, clean(item));
		}
		return out;
	}
	if (!json_is_object(value))
		return json_deep_copy(value);
	out = json_object();
	json_object_foreach((json_t *)value, key, item)
	{
		text_cleans(text, sizeof text, key);
		json_object_set_new(out, text, clean(item));
	}
	return out;
}

static bool
is_wanted(struct search *search, const json_t *record)
{
	const char *id = json_string_value(json_object_get(record, "operation"));
	const char *phase = json_string_value(json_object_get(record, "phase"));
	const json_t *of = id ? json_object_get(search->of, id) : NULL, *revoke;
	size_t i;

	if (id && strcmp(id, search->campaign) == 0) {
		search->runs = phase && strcmp(phase, "end") != 0 && strcmp(phase, "parked") != 0;
		return true;
	}
	if (of && strcmp(json_string_value(of), search->campaign) == 0)
		return true;
	json_array_foreach(search->revokes, i, revoke)
	{
		if (search->runs && of && json_equal(of, revoke))
			return true;
	}
	return false;
}

static void
take(void *user, const json_t *record)
{
	struct search *search = user;

	if (search->campaign == NULL || is_wanted(search, record))
		json_array_append_new(search->out, clean(record));
}

static bool
find_revokes(struct survey *survey, struct search *search, struct err *err)
{
	struct operation one;

	for (size_t i = 0; i < survey_len(survey); i++) {
		survey_get(survey, i, &one);
		if (strcmp(one.id, search->campaign) != 0 || !one.keeps)
			continue;
		if (!survey_find(survey, i, &one, err))
			return false;
		search->revokes = json_incref(json_object_get(one.kept, "revokes"));
		operation_free(&one);
	}
	return true;
}

/* It, its members, and those of what it takes back. */
static bool
is_near(const struct search *search, const struct operation *one)
{
	const json_t *revoke;
	size_t i;

	json_array_foreach(search->revokes, i, revoke)
	{
		const char *id = json_string_value(revoke);

		if (id && one->of[0] && strcmp(one->of, id) == 0)
			return true;
	}
	return strcmp(one->id, search->campaign) == 0 || strcmp(one->of, search->campaign) == 0;
}

static bool
read_near(struct survey *survey, struct search *search, const atomic_bool *stop, struct err *err)
{
	bool *near = mem_alloc(survey_len(survey) + 1), ok;
	struct operation one;

	ok = find_revokes(survey, search, err);
	for (size_t i = 0; ok && i < survey_len(survey); i++) {
		survey_get(survey, i, &one);
		near[i] = is_near(search, &one);
		if (near[i])
			json_object_set_new(search->of, one.id, json_string(one.of));
	}
	ok = ok && survey_records(survey, near, take, search, stop, err);
	free(near);
	return ok;
}

json_t *
timeline_of(struct survey *survey, const char *operation, const atomic_bool *stop, struct err *err)
{
	struct search search = {.campaign = operation, .of = json_object(), .out = json_array()};
	bool ok = read_near(survey, &search, stop, err);

	json_decref(search.of);
	json_decref(search.revokes);
	if (ok)
		return search.out;
	json_decref(search.out);
	return NULL;
}

json_t *
timeline_records(const char *dir, const char *operation, const atomic_bool *stop, struct err *err)
{
	struct search all = {.out = json_array()};
	struct survey *survey;
	json_t *out = NULL;

	if (operation == NULL && journal_each_until(dir, take, &all, stop, err))
		return all.out;
	json_decref(all.out);
	survey = operation ? survey_open(dir, err) : NULL;
	if (survey && survey_read(survey, SIZE_MAX, stop, err))
		out = timeline_of(survey, operation, stop, err);
	survey_close(survey);
	return out;
}

static char *
text_of(const char *path, const json_t *records)
{
	const char *dot = strrchr(path, '.');
	struct buf text;
	char *out = NULL;

	if (dot && strcmp(dot, ".json") == 0) {
		char *json = json_dumps(records, JSON_INDENT(2));

		out = json ? mem_printf("%s\n", json) : NULL;
		free(json);
		return out;
	}
	buf_init(&text, BYTES_MAX);
	if (export_markdown(records, &text))
		out = mem_strdup(text.data);
	buf_free(&text);
	return out;
}

struct telling {
	struct past past;
	char operation[OPERATION_ID];
	char path[PATH_MAX]; /* "": it is shown */
	char *text;
};

static void
read_telling(struct past *past)
{
	struct telling *telling = (struct telling *)past;
	json_t *records = timeline_records(past->dir, telling->operation, &past->stop, &past->err);

	if (records && telling->path[0] && json_array_size(records) == 0)
		err_set(&past->err, ERR_NOT_FOUND, "",
			"Nothing was recorded of it: nothing was changed");
	else if (records)
		telling->text = telling->path[0] ? text_of(telling->path, records)
						 : json_dumps(records, JSON_INDENT(2));
	if (past->err.kind == ERR_NONE && telling->text == NULL)
		err_set(&past->err, ERR_FAILED, "",
			"the journal is too long to be written at once");
	json_decref(records);
}

static void
telling_free(struct past *past)
{
	free(((struct telling *)past)->text);
	free(past);
}

/* Where the console was started from is long forgotten: the whole path is told. */
static void
tell(void *user, struct past *past)
{
	struct telling *telling = (struct telling *)past;
	struct app *app = user;
	char whole[PATH_MAX];

	if (past->err.kind == ERR_NONE && telling->path[0])
		(void)!file_write_new(
			telling->path, telling->text, strlen(telling->text), &past->err);
	if (past->err.kind != ERR_NONE)
		app_say_err(app, &past->err);
	else if (telling->path[0])
		app_say(app, ROLE_MESSAGE, _("The timeline is in %s"),
			realpath(telling->path, whole) ? whole : telling->path);
	else
		app_push(app, &view_text,
			&(struct text_argument){_("Records of the journal"), telling->text, false});
}

static void
ask(struct app *app, const char *operation, const char *path)
{
	struct telling *telling = mem_alloc(sizeof *telling);

	telling->past = (struct past){.read = read_telling, .done = tell, .free = telling_free};
	snprintf(telling->operation, sizeof telling->operation, "%s", operation);
	snprintf(telling->path, sizeof telling->path, "%s", path);
	past_ask(app, &telling->past);
}

void
timeline_save(struct app *app, const char *operation, const char *path)
{
	ask(app, operation, path);
}

void
timeline_show(struct app *app, const char *operation)
{
	ask(app, operation, "");
}
