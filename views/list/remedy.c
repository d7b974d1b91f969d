/* A finding names one command that mends it; its words are looked up in the same tables as those of
 * the command line. The wizard's form asks for what stands in capitals there. */
#include "views/list/remedy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/kind.h"
#include "tui/words.h"
#include "views/app/look_up.h"
#include "views/list/subjects.h"
#include "views/value.h"
#include "views/wizard/wizard.h"

static void
split(const char *text, struct remedy *out)
{
	out->len = 0;
	while (*text && out->len < REMEDY_WORDS) {
		size_t len = strcspn(text, " ");

		if (len)
			snprintf(out->word[out->len++], REMEDY_WORD, "%.*s", (int)len, text);
		text += len + (text[len] == ' ');
	}
}

/* A word in capitals stands for what is to be chosen. */
static bool
is_given(const char *word)
{
	return strpbrk(word, "abcdefghijklmnopqrstuvwxyz0123456789") != NULL;
}

static void
take_options(struct remedy *remedy, size_t at)
{
	for (size_t i = at; i < remedy->len; i++) {
		const char *word = remedy->word[i];

		for (size_t f = 0; f < remedy->plan->fields_len; f++) {
			const struct plan_field *field = &remedy->plan->fields[f];

			if (strncmp(word, "--", 2) != 0 || strcmp(word + 2, field->name) != 0)
				continue;
			if (field->arg == NULL)
				remedy->values[f] = "yes";
			else if (i + 1 < remedy->len && is_given(remedy->word[i + 1]))
				remedy->values[f] = remedy->word[i + 1];
		}
	}
}

bool
remedy_read(const char *text, struct remedy *out)
{
	char two[2 * REMEDY_WORD];
	size_t at = 3;

	memset(out->values, 0, sizeof out->values);
	split(text, out);
	if (out->len < 3 || strcmp(out->word[0], "claviger") != 0)
		return false;
	snprintf(two, sizeof two, "%s %s", out->word[1], out->word[2]);
	out->plan = plan_find(two);
	if (out->plan == NULL) {
		out->plan = plan_find(out->word[1]);
		at = 2;
	}
	if (out->plan == NULL || at >= out->len)
		return false;
	out->subject = out->word[at];
	take_options(out, at + 1);
	return true;
}

/* A key as it is named there, whether it was listed or not. */
static bool
find_key(struct estate *estate, const char *word, struct subject *out, struct err *err)
{
	const struct cloud *cloud = session_cloud(estate_session(estate));
	const char *slash = strchr(word, '/');
	struct keyid key = {0};
	char uri[160];
	size_t row;

	out->kind = SUBJECT_KEY;
	if (text_case_starts(word, "https://")) {
		if (!keyid_parse(&key, word, cloud, err))
			return false;
		return subjects_key(estate, &key, out) ||
		       estate_find_vault(estate, key.vault, &out->id, err);
	}
	snprintf(key.vault, sizeof key.vault, "%.*s", (int)strcspn(word, "/"), word);
	for (row = 0; row < kind_vault.count(estate); row++) {
		json_t *json;

		kind_vault_id(estate, row, &out->id);
		if (text_casecmp(out->id.name, key.vault) != 0)
			continue;
		json = kind_vault.json(estate, row);
		value_text(json, "uri", uri, sizeof uri);
		json_decref(json);
		if (!keyid_parse_vault(&out->key, uri, cloud, err))
			return false;
		snprintf(out->key.key, sizeof out->key.key, "%s", slash ? slash + 1 : "");
		return true;
	}
	return err_set(
		err, ERR_NOT_FOUND, "", _("vault %s is not among those that were read"), key.vault);
}

static bool
find_subject(struct estate *estate, const char *word, struct wizard_argument *out, struct err *err)
{
	struct subject *subject = &out->subject;

	subject->kind = out->plan->subject;
	if (subject->kind == SUBJECT_KEY)
		return find_key(estate, word, subject, err);
	if (out->plan->makes)
		return true;
	if (out->plan->recovers)
		snprintf(subject->id.name, sizeof subject->id.name, "%s", word);
	else if (subject->kind == SUBJECT_ACCOUNT)
		return estate_find_account(estate, word, NULL, &subject->id, &out->service, err);
	else
		return estate_find_vault(estate, word, &subject->id, err);
	return true;
}

/* What is begun once it is known what it is about. */
struct mending {
	struct estate *estate;
	struct remedy remedy;
	struct wizard_argument argument; /* borrows from the remedy */
	struct err err;                  /* ERR_NONE: it is known */
};

static void
find(void *with)
{
	struct mending *mending = with;

	(void)!find_subject(
		mending->estate, mending->remedy.subject, &mending->argument, &mending->err);
}

static void
begin(struct app *app, void *with)
{
	const struct mending *mending = with;

	if (mending->err.kind == ERR_NONE)
		wizard_begin(app, &mending->argument);
	else
		app_say_err(app, &mending->err);
}

/* What the names are looked for in is read already, as a rule. */
void
remedy_begin(struct app *app, const char *text)
{
	struct mending *mending = mem_alloc(sizeof *mending);
	unsigned parts = ESTATE_ACCOUNTS | ESTATE_VAULTS;

	mending->estate = app_options(app)->estate;
	if (!remedy_read(text, &mending->remedy)) {
		app_say(app, ROLE_MESSAGE, _("No one workflow mends it: %s"), _(text));
		free(mending);
		return;
	}
	mending->argument.plan = mending->remedy.plan;
	memcpy(mending->argument.values, mending->remedy.values, sizeof mending->argument.values);
	if ((estate_read(mending->estate) & ~estate_busy(mending->estate) & parts) != parts) {
		look_up(app, find, begin, free, mending);
		return;
	}
	find(mending);
	begin(app, mending);
	free(mending);
}
