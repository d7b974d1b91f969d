/* Completes a command line from the tables that also take it apart. Words that were typed are read
 * as far as they are understood: somebody in the middle of a call has made no mistake yet. */
#include "views/cli/completion.h"

#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "views/cli/completion_offers.h"

static const char *const exports[] = {"md", "json", "csv", NULL};

/* The option of that name which belongs to the command, else any other of the name. */
static const struct option_row *
row_of(const struct typed *typed, const char *name, size_t len)
{
	const struct option_row *row, *found = NULL;

	for (size_t i = 0; (row = cli_option_row(i)); i++) {
		bool same = len == 1 ? row->letter == *name
				     : strlen(row->name) == len && !strncmp(row->name, name, len);

		if (same && (found == NULL || row->groups & typed->command.options))
			found = row;
	}
	return found;
}

static const struct plan_field *
field_of(const struct plan_def *plan, const char *name, size_t len)
{
	for (size_t i = 0; plan && i < plan->fields_len; i++)
		if (strlen(plan->fields[i].name) == len &&
			!strncmp(plan->fields[i].name, name, len))
			return &plan->fields[i];
	return NULL;
}

/* Whether the next word is its value. */
static bool
takes_value(const struct typed *typed, const char *name, size_t len)
{
	const struct option_row *row = row_of(typed, name, len);
	const struct plan_field *field;

	if (row)
		return row->arg && !row->arg_optional;
	for (size_t i = 0; i < plans_len; i++)
		if ((field = field_of(plans[i], name, len)))
			return field->arg != NULL;
	return false;
}

static void
offer_value(struct offers *offers)
{
	const struct typed *typed = offers->typed;
	const char *name = typed->option;
	size_t len = strcspn(name, "=");
	const struct plan_field *field = field_of(typed->command.plan, name, len);
	const struct option_row *row = row_of(typed, name, len);
	const char *arg = field ? field->arg : row ? row->arg : NULL;
	char *word = mem_printf("%.*s", (int)len, name);

	if (row && row->groups & OPTIONS_EXPORT && strcmp(row->name, "output") == 0 &&
		typed->command.options & OPTIONS_EXPORT)
		offer_choices(offers, exports);
	else if (field && field->choices)
		offer_choices(offers, field->choices);
	else if (!offer_values(offers, row ? row->name : word) && arg)
		offer_values(offers, arg);
	free(word);
}

static void
offer_options(struct offers *offers)
{
	const struct command *command = &offers->typed->command;
	const struct plan_def *plan = command->plan;
	const struct option_row *row;

	for (size_t i = 0; plan && i < plan->fields_len; i++) {
		char *word = mem_printf("--%s", plan->fields[i].name);

		offer(offers, word, plan->fields[i].help);
		free(word);
	}
	for (size_t i = 0; (row = cli_option_row(i)); i++) {
		char *word = mem_printf("--%s%s", row->name, row->arg_optional ? "=" : "");

		if (row->groups & command->options && row->arg_optional)
			offer(offers, word, row->help);
		word[2 + strlen(row->name)] = '\0';
		if (row->groups & command->options &&
			!(plan && field_of(plan, row->name, strlen(row->name))))
			offer(offers, word, row->help);
		free(word);
	}
}

/* Where the name of a command goes on after the names that were typed; NULL: it is another. */
static const char *
rest_of(const struct command *command, const struct typed *typed)
{
	const char *at = command->name;

	for (size_t i = 0; i < typed->names_len; i++) {
		size_t len = strcspn(at, " ");

		if (strlen(typed->names[i]) != len || strncmp(typed->names[i], at, len) != 0)
			return NULL;
		at += len + (at[len] == ' ');
	}
	return *at ? at : NULL;
}

/* The next word of every command that begins as typed, each once. */
static void
offer_commands(struct offers *offers)
{
	struct command command, other;
	char room[CLI_SUMMARY];

	for (size_t i = 0; cli_command_at(i, &command); i++) {
		const char *rest = rest_of(&command, offers->typed), *again;
		size_t len = rest ? strcspn(rest, " ") : 0;
		bool seen = rest == NULL;
		char *word;

		for (size_t k = 0; !seen && k < i && cli_command_at(k, &other); k++) {
			again = rest_of(&other, offers->typed);
			seen = again && strcspn(again, " ") == len && !strncmp(again, rest, len);
		}
		if (seen)
			continue;
		word = mem_printf("%.*s", (int)len, rest);
		offer(offers, word, rest[len] ? NULL : cli_summary(&command, room));
		free(word);
	}
}

static void
offer_arguments(struct offers *offers)
{
	const struct command *command = &offers->typed->command;

	if (offers->typed->names_len - offers->typed->used >= command->words_max)
		return;
	if (command->kind)
		offer_kept(offers, command->kind->name);
	else if (command->plan && !plan_names_absent(command->plan))
		offer_kept(offers, subject_noun(command->plan->subject));
	else if (command->plan == NULL)
		offer_values(offers, command->args);
}

/* One word before the one that is being typed. Returns how many more it takes along. */
static size_t
read_word(struct typed *typed, const char *const *words, size_t left)
{
	const char *word = words[0], *name = word + strspn(word, "-"), *value = NULL;
	size_t len = strcspn(name, "="), more = 0;

	if (word[0] != '-' || word[1] == '\0') {
		if (typed->names_len < NAMES_MAX)
			typed->names[typed->names_len++] = word;
		return 0;
	}
	if (name[len])
		value = name + len + 1;
	else if (left > 1 && strcmp(words[1], "=") == 0)
		more = left > 2 ? 2 : 1;
	else if (takes_value(typed, name, len))
		more = 1;
	if (more)
		value = more < left ? words[more] : "";
	if (more && more + 1 >= left)
		typed->option = name;
	if (len == strlen("profile") && strncmp(name, "profile", len) == 0)
		typed->profile = value;
	if (len == strlen("sandbox") && strncmp(name, "sandbox", len) == 0)
		typed->sandbox = value ? value : "";
	return more;
}

/* left counts the word that is being typed, the last one. */
static void
read_words(struct typed *typed, const char *const *words, size_t words_len)
{
	struct err err;
	size_t i = 0;

	typed->current = words[words_len - 1];
	while (i + 1 < words_len)
		i += 1 + read_word(typed, words + i, words_len - i);
	if (strcmp(typed->current, "=") == 0)
		typed->current = "";
	if (typed->names_len == 0 || !cli_command_find(typed->names, typed->names_len,
					     &typed->command, &typed->used, &err))
		typed->command = (struct command){.args = "", .options = OPTIONS_CONSOLE};
}

bool
completion_words(const char *const *words, size_t words_len, struct buf *out)
{
	struct typed typed = {0};
	struct offers offers = {.typed = &typed, .out = out, .before = "", .ok = true};
	const char *equals;

	if (words_len == 0)
		return true;
	read_words(&typed, words, words_len);
	equals = strchr(typed.current, '=');
	if (typed.option == NULL && strncmp(typed.current, "--", 2) == 0 && equals) {
		typed.option = typed.current + 2;
		offers.before = typed.current;
		offers.before_len = (size_t)(equals + 1 - typed.current);
		typed.current = equals + 1;
	}
	if (typed.option) {
		offer_value(&offers);
	} else if (typed.current[0] == '-') {
		offer_options(&offers);
	} else {
		offer_commands(&offers);
		if (typed.used)
			offer_arguments(&offers);
	}
	return offers.ok;
}

static int
completion(struct cli *cli)
{
	enum { WORDS_MAX = 1 << 20 };
	const char *script = completion_script(cli->words[0]);
	struct err err = {0};
	struct buf out;
	bool ok;

	buf_init(&out, WORDS_MAX);
	if (script)
		ok = print_text(script, &err);
	else if (strcmp(cli->words[0], "words") != 0)
		ok = err_set(&err, ERR_USAGE, "", "completion: bash, zsh or fish");
	else
		ok = completion_words(cli->words + 1, cli->words_len - 1, &out) &&
		     print_text(buf_text(&out), &err);
	buf_free(&out);
	if (!ok && err.kind == ERR_NONE)
		err_set(&err, ERR_FAILED, "", "completion: there are too many words");
	return ok ? 0 : cli_fail(&err);
}

const struct command command_completion = {
	.name = "completion",
	.args = "bash|zsh|fish",
	.summary = "Print a script with which the shell completes claviger's words.",
	.options = OPTIONS_COMMON,
	.words_min = 1,
	.words_max = SIZE_MAX,
	.run = completion,
};
