/* A row is shown, a subject is worked on: between them stands only what the lists know. */
#include "views/list/subjects.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "tui/words.h"
#include "views/app/look_up.h"
#include "views/value.h"
#include "views/wizard/wizard.h"

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
subjects_key(const struct estate *estate, const struct keyid *key, struct subject *out)
{
	*out = (struct subject){.kind = SUBJECT_KEY, .key = *key};
	out->key.version[0] = '\0';
	for (size_t row = 0; row < kind_vault.count(estate); row++) {
		kind_vault_id(estate, row, &out->id);
		if (text_casecmp(out->id.name, key->vault) == 0)
			return true;
	}
	out->id = (struct armid){0};
	return false;
}

char *
subjects_name(const struct subject *subject, char out[SUBJECT_NAME])
{
	char version[VALUE_SHORT + 3];

	subject_name(subject, out);
	if (subject->key.version[0])
		snprintf(out + strlen(out), SUBJECT_NAME - strlen(out), " %s",
			value_short(subject->key.version, version));
	return out;
}

/* What is begun once the vault of its key is known. */
struct beginning {
	struct estate *estate;
	struct wizard_argument argument;
	struct err err; /* ERR_NONE: it is */
};

static void
find_vault(void *with)
{
	struct beginning *beginning = with;
	struct subject *subject = &beginning->argument.subject;

	(void)!estate_find_vault(
		beginning->estate, subject->key.vault, &subject->id, &beginning->err);
}

static void
begin(struct app *app, void *with)
{
	const struct beginning *beginning = with;

	if (beginning->err.kind == ERR_NONE)
		wizard_begin(app, &beginning->argument);
	else
		app_say_err(app, &beginning->err);
}

void
subjects_begin(struct app *app, const struct wizard_argument *argument, const struct keyid *key)
{
	struct beginning *beginning = mem_alloc(sizeof *beginning);
	struct subject *subject = &beginning->argument.subject;
	bool known;

	beginning->estate = app_options(app)->estate;
	beginning->argument = *argument;
	known = subjects_key(beginning->estate, key, subject);
	memcpy(subject->key.version, argument->subject.key.version, sizeof subject->key.version);
	if (!known) {
		look_up(app, find_vault, begin, free, beginning);
		return;
	}
	wizard_begin(app, &beginning->argument);
	free(beginning);
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
subjects_one(struct list *list, const char *instead, size_t *row)
{
	size_t *rows, len = subjects_rows(list, &rows);

	if (len)
		*row = rows[0];
	free(rows);
	if (len > 1)
		app_say(app_of(list->view), ROLE_ERROR, "%s%s",
			_("One at a time: take the marks away first"), instead);
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
