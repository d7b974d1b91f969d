/* A row is shown, a subject is worked on: between them stands only what the lists know. */
#include "views/subjects.h"

#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "tui/words.h"
#include "views/value.h"

bool
subjects_account_key(const struct list *list, size_t row, struct keyid *out)
{
	json_t *json = list->kind->json(list->estate, row);
	char key[128], uri[160];
	struct err err;

	value_text(json, "keyName", key, sizeof key);
	value_text(json, "vaultUri", uri, sizeof uri);
	json_decref(json);
	if (key[0] == '\0' ||
		!keyid_parse_vault(out, uri, session_cloud(estate_session(list->estate)), &err))
		return false;
	memcpy(out->key, key, sizeof out->key);
	return true;
}

bool
subjects_key(struct app *app, const struct keyid *key, struct subject *out)
{
	struct err err;

	*out = (struct subject){.kind = SUBJECT_KEY, .key = *key};
	out->key.version[0] = '\0';
	if (estate_find_vault(app_options(app)->estate, key->vault, &out->id, &err))
		return true;
	app_say_err(app, &err);
	return false;
}

void
subjects_free(struct actions_argument *on)
{
	json_decref(on->row);
	free((void *)on->subjects);
	*on = (struct actions_argument){0};
}

size_t
subjects_rows(struct list *list, size_t **out)
{
	const struct table *table = &list->table;
	size_t len = 0, row, rows;

	list_look(list);
	rows = table_marks(table) + 1;
	*out = mem_alloc(rows * sizeof **out);
	for (size_t i = 0; i < list->kind->count(list->estate) && len + 1 < rows; i++)
		if (table_marked(table, i))
			(*out)[len++] = i;
	if (len == 0 && table_current(table, &row))
		(*out)[len++] = row;
	return len;
}

bool
subjects_one(struct list *list, size_t *row)
{
	size_t *rows, len = subjects_rows(list, &rows);

	if (len)
		*row = rows[0];
	free(rows);
	if (len > 1)
		app_say(app_of(list->view), ROLE_ERROR,
			_("One at a time: take the marks away first"));
	return len == 1;
}

void
subjects_list(struct list *list, enum subject_kind kind,
	void (*subject)(const struct list *list, size_t row, struct subject *out),
	struct actions_argument *out)
{
	size_t *rows, len = subjects_rows(list, &rows);
	struct subject *subjects = mem_alloc((len + 1) * sizeof *subjects);
	time_t at;

	subjects[0].kind = kind;
	for (size_t i = 0; i < len; i++) {
		subjects[i].kind = kind;
		subject(list, rows[i], &subjects[i]);
	}
	out->subjects = subjects;
	out->subjects_len = len ? len : 1;
	/* A row of the last start speaks against nothing: the preflight will know better. */
	if (len == 1 && !estate_stale(list->estate, list->kind->part, &at))
		out->row = list->kind->json(list->estate, rows[0]);
	free(rows);
}
