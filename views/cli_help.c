/* Help is printed from the tables that drive the program: commands, options, kinds, plans. */
#include <ctype.h>
#include <gnu/libc-version.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "backend/base/text.h"
#include "backend/net/http_library.h"
#include "backend/sandbox/sandbox.h"
#include "crypto/library.h"
#include "views/cli.h"
#include "views/near.h"

enum { VERSIONS_MAX = 2000 };

static const char *const fixed_topics[] = {"commands", "sandbox", "demo"};

/* What a command does, in a sentence; list and show say it with the title of their kind. */
static const char *
summary(const struct command *command, char room[120])
{
	bool show = strstr(command->name, " show") != NULL;

	if (command->kind == NULL)
		return command->summary;
	snprintf(room, 120, "%s %c%s%s.", show ? "Show one of the" : "List the",
		tolower((unsigned char)command->kind->title[0]), command->kind->title + 1,
		show ? ", with all that is known of it" : "");
	return room;
}

static void
print_commands(void)
{
	struct command command;

	for (size_t i = 0; cli_command_at(i, &command); i++) {
		char left[80], room[120];

		snprintf(left, sizeof left, "%s %s", command.name, command.args);
		if (strlen(left) > 28)
			printf("  %s\n  %-28s  %s\n", left, "", summary(&command, room));
		else
			printf("  %-28s  %s\n", left, summary(&command, room));
	}
}

void
cli_help_overview(void)
{
	fputs("usage: claviger [OPTION...]                  the console\n"
	      "       claviger [OPTION...] COMMAND ...      one command, without the console\n"
	      "       claviger --sandbox[=DIR] [COMMAND ...]  the same on the built-in sandbox\n"
	      "\ncommands:\n",
		stdout);
	print_commands();
	fputs("\noptions of the console:\n", stdout);
	cli_options_help(OPTIONS_CONSOLE, NULL);
	fputs("\nMore: claviger COMMAND --help, claviger help TOPIC; topics: commands, sandbox, demo",
		stdout);
	for (size_t i = 0; i < kinds_len; i++)
		printf(", %s", kinds[i]->name);
	fputs(".\nExit codes: 0 done, 1 failed, 2 usage, 3 not found, 4 denied, 5 refused, "
	      "6 unavailable,\n10 changes pending, 11 findings, 74 no journal, 75 parked, "
	      "130 interrupted.\n",
		stdout);
}

void
cli_help_command(const struct command *command)
{
	char room[120];

	printf("usage: claviger %s %s [OPTION...]\n\n%s\n", command->name, command->args,
		summary(command, room));
	if (command->plan && command->plan->inverse)
		printf("It is undone by: %s\n", command->plan->inverse);
	fputs("\noptions:\n", stdout);
	cli_options_help(command->options, command->plan);
	for (size_t i = 0; command->plan && command->plan->steps[i]; i++) {
		const struct step *step = command->plan->steps[i];

		printf("%s  %-12s  %s\n", i ? "" : "\nsteps:\n", step->name, step->title);
	}
}

static void
help_kind(const struct kind *kind)
{
	printf("%s: columns of tables; in the console each is a filter word, as in %s:VALUE\n",
		kind->title, kind->columns[0].name);
	for (size_t i = 0; i < kind->columns_len; i++)
		printf("  %-20s  %s\n", kind->columns[i].name, kind->columns[i].title);
}

/* All verbs of a first word such as "account" or "journal". */
static bool
help_verbs(const char *word)
{
	struct command command;
	char room[120];
	size_t len = strlen(word);
	bool any = false;

	for (size_t i = 0; cli_command_at(i, &command); i++) {
		if (strncmp(command.name, word, len) != 0 || command.name[len] != ' ')
			continue;
		printf("%s %s\n  %s\n", command.name, command.args, summary(&command, room));
		any = true;
	}
	return any;
}

static int
unknown_topic(const char *word)
{
	struct command command;
	char shown[64], list[160];
	struct near near;
	struct err err;

	near_start(&near, word);
	for (size_t i = 0; i < ARRAY_LEN(fixed_topics); i++)
		near_offer(&near, fixed_topics[i]);
	for (size_t i = 0; i < kinds_len; i++)
		near_offer(&near, kinds[i]->name);
	for (size_t i = 0; cli_command_at(i, &command); i++)
		near_offer(&near, command.name);
	text_cleans(shown, sizeof shown, word);
	err_set(&err, ERR_USAGE, "", "help: no topic '%s'%s", shown,
		near_print(&near, list, sizeof list));
	return cli_fail(&err);
}

int
cli_help(struct cli *cli)
{
	const char *topic = cli->words_len ? cli->words[0] : NULL;
	struct command command;
	struct err err;
	size_t used;
	bool known;

	if (topic == NULL) {
		cli_help_overview();
		return 0;
	}
	if (strcmp(topic, "commands") == 0) {
		print_commands();
		return 0;
	}
	if (strcmp(topic, "demo") == 0) {
		fputs(sandbox_demo_help, stdout);
		return 0;
	}
	known = cli_command_find(cli->words, cli->words_len, &command, &used, &err) &&
		used == cli->words_len;
	if (known)
		cli_help_command(&command);
	if (strcmp(topic, "sandbox") == 0 && cli->words_len == 1) {
		printf("\n%s", sandbox_help);
		return 0;
	}
	if (known)
		return 0;
	if (cli->words_len > 1)
		return cli_fail(&err);
	known = help_verbs(topic);
	if (kind_find(topic)) {
		help_kind(kind_find(topic));
		return 0;
	}
	return known ? 0 : unknown_topic(topic);
}

bool
cli_versions(struct buf *out, const char *separator)
{
	return buf_addf(out, "claviger %s%s%s%slibcurl %s%sjansson %s%sglibc %s", CLAVIGER_VERSION,
		separator, crypto_library(), separator, http_library(), separator,
		jansson_version_str(), separator, gnu_get_libc_version());
}

int
cli_version(void)
{
	struct err err = {0};
	struct buf text;
	bool ok;

	buf_init(&text, VERSIONS_MAX);
	ok = cli_versions(&text, "\n") && buf_adds(&text, "\n") &&
	     print_text(buf_text(&text), &err);
	buf_free(&text);
	return ok ? 0 : cli_fail(&err);
}

const struct command command_help = {
	.name = "help",
	.args = "[TOPIC]",
	.summary = "Explain a command, a kind of thing, or the sandbox.",
	.options = OPTIONS_COMMON,
	.words_max = 2,
	.run = cli_help,
};
