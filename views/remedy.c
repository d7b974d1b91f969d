/* A finding names one command that mends it; its words are looked up in the same tables as those of
 * the command line. The wizard's form asks for what stands in capitals there. */
#include "views/remedy.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/estate/kind.h"
#include "tui/words.h"
#include "views/subjects.h"
#include "views/value.h"
#include "views/wizard.h"

enum { WORDS_MAX = 16, WORD_MAX = 300 };

struct words {
	char word[WORDS_MAX][WORD_MAX];
	size_t len;
};

static void
split(const char *text, struct words *out)
{
	out->len = 0;
	while (*text && out->len < WORDS_MAX) {
		size_t len = strcspn(text, " ");

		if (len)
			snprintf(out->word[out->len++], WORD_MAX, "%.*s", (int)len, text);
		text += len + (text[len] == ' ');
	}
}

/* The plan that the command begins with, and the word behind its name. */
static const struct plan_def *
find_plan(const struct words *words, size_t *subject)
{
	const struct plan_def *plan;
	char two[2 * WORD_MAX];

	if (words->len < 3 || strcmp(words->word[0], "claviger") != 0)
		return NULL;
	snprintf(two, sizeof two, "%s %s", words->word[1], words->word[2]);
	plan = plan_find(two);
	*subject = plan ? 3 : 2;
	if (plan == NULL)
		plan = plan_find(words->word[1]);
	return *subject < words->len ? plan : NULL;
}

/* A key as it is named there, whether it was listed or not. */
static bool
find_key(struct app *app, const char *word, struct subject *out, struct err *err)
{
	struct estate *estate = app_options(app)->estate;
	const struct cloud *cloud = session_cloud(app_options(app)->session);
	const char *slash = strchr(word, '/');
	struct keyid key = {0};
	char uri[160];
	size_t row;

	out->kind = SUBJECT_KEY;
	if (text_case_starts(word, "https://"))
		return keyid_parse(&key, word, cloud, err) && subjects_key(app, &key, out);
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
find_subject(struct app *app, const char *word, struct wizard_argument *out, struct err *err)
{
	struct estate *estate = app_options(app)->estate;
	struct subject *subject = &out->subject;

	subject->kind = out->plan->subject;
	if (subject->kind == SUBJECT_ACCOUNT)
		return estate_find_account(estate, word, NULL, &subject->id, &out->service, err);
	if (subject->kind == SUBJECT_KEY)
		return find_key(app, word, subject, err);
	if (!out->plan->recovers)
		return estate_find_vault(estate, word, &subject->id, err);
	snprintf(subject->id.name, sizeof subject->id.name, "%s", word);
	return true;
}

void
remedy_begin(struct app *app, const char *remedy)
{
	struct wizard_argument argument = {0};
	struct words words;
	struct err err = {0};
	size_t at = 0;

	split(remedy, &words);
	argument.plan = find_plan(&words, &at);
	if (argument.plan == NULL)
		app_say(app, ROLE_MESSAGE, _("No one workflow mends it: %s"), _(remedy));
	else if (find_subject(app, words.word[at], &argument, &err))
		wizard_begin(app, &argument);
	else if (err.kind != ERR_NONE)
		app_say_err(app, &err);
}
