/* Whoever reads a timeline months later has only what it says: so it has every record of the
 * campaign and of its members, with the request ids, and nothing that a terminal would obey. What a
 * restore takes back is recorded under the members of the revokes, and is the restore's doing. */
#include "views/timeline.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/file.h"
#include "backend/base/text.h"
#include "backend/journal/export.h"
#include "backend/journal/journal.h"
#include "backend/journal/operation.h"
#include "tui/words.h"
#include "views/view.h"

enum { BYTES_MAX = 256 << 20 };

struct search {
	const char *campaign;
	json_t *of;      /* by the id of each operation: that of its campaign */
	json_t *revokes; /* ids of those that the campaign takes back; NULL: none */
	bool runs;       /* so far as the records were looked at */
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

static void
note(void *user, const struct operation *operation)
{
	struct search *search = user;

	json_object_set_new(search->of, operation->id, json_string(operation->of));
	if (strcmp(operation->id, search->campaign) == 0)
		search->revokes = json_incref(json_object_get(operation->kept, "revokes"));
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

json_t *
timeline_records(const char *dir, const char *operation, const atomic_bool *stop, struct err *err)
{
	struct search search = {.campaign = operation, .of = json_object(), .out = json_array()};
	bool ok = (operation == NULL || operation_each_until(dir, note, &search, stop, err)) &&
		  journal_each_until(dir, take, &search, stop, err);

	json_decref(search.of);
	json_decref(search.revokes);
	if (ok)
		return search.out;
	json_decref(search.out);
	return NULL;
}

static bool
put(const char *path, const json_t *records, struct err *err)
{
	const char *dot = strrchr(path, '.');
	struct buf text;
	char *json = NULL;
	bool ok;

	buf_init(&text, BYTES_MAX);
	if (dot && strcmp(dot, ".json") == 0) {
		json = json_dumps(records, JSON_INDENT(2));
		ok = json && buf_adds(&text, json) && buf_adds(&text, "\n");
	} else {
		ok = export_markdown(records, &text);
	}
	free(json);
	ok = ok ? file_write_new(path, text.data, text.len, err)
		: err_set(err, ERR_FAILED, "", "the journal is too long to be written at once");
	buf_free(&text);
	return ok;
}

static bool
write_file(const char *dir, const char *operation, const char *path, struct err *err)
{
	json_t *records = timeline_records(dir, operation, NULL, err);
	bool ok;

	if (records == NULL)
		return false;
	ok = json_array_size(records) ? put(path, records, err)
				      : err_set(err, ERR_NOT_FOUND, "",
						"Nothing was recorded of it: nothing was changed");
	json_decref(records);
	return ok;
}

/* Where the console was started from is long forgotten: the whole path is told. */
void
timeline_save(struct app *app, const char *operation, const char *path)
{
	char whole[PATH_MAX];
	struct err err = {0};

	if (write_file(app_options(app)->journal_dir, operation, path, &err))
		app_say(app, ROLE_MESSAGE, _("The timeline is in %s"),
			realpath(path, whole) ? whole : path);
	else
		app_say_err(app, &err);
}

void
timeline_show(struct app *app, const char *operation)
{
	struct err err = {0};
	json_t *records = timeline_records(app_options(app)->journal_dir, operation, NULL, &err);
	char *text = records ? json_dumps(records, JSON_INDENT(2)) : NULL;

	if (text)
		app_push(app, &view_text,
			&(struct text_argument){_("Records of the journal"), text, false});
	else
		app_say_err(app, &err);
	free(text);
	json_decref(records);
}
