/* Help is printed from the tables that drive the program: commands, options, kinds, plans. */
#include <ctype.h>
#include <gnu/libc-version.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "backend/base/text.h"
#include "backend/codes/code.h"
#include "backend/estate/topics/topic.h"
#include "backend/net/http_library.h"
#include "backend/plans/campaign.h"
#include "backend/sandbox/sandbox.h"
#include "crypto/library.h"
#include "views/app/keymap.h"
#include "views/app/view.h"
#include "views/cli/cli.h"
#include "views/near.h"

enum { VERSIONS_MAX = 2000, LINES_MAX = 16000, COLUMNS = 78, INDENT = 2 };

const char *const cli_help_topics[] = {"commands", "demo", "keys", NULL};

const char *
cli_summary(const struct command *command, char room[CLI_SUMMARY])
{
	bool show = strstr(command->name, " show") != NULL;

	if (command->kind == NULL)
		return command->summary;
	snprintf(room, CLI_SUMMARY, "%s %c%s%s.", show ? "Show one of the" : "List the",
		tolower((unsigned char)command->kind->title[0]), command->kind->title + 1,
		show ? ", with all that is known of it" : "");
	return room;
}

/* As it is called; returns how wide that is. */
static int
print_call(const struct command *command)
{
	return printf("%s%s%s", command->name, *command->args ? " " : "", command->args);
}

static void
print_commands(void)
{
	struct command command;

	for (size_t i = 0; cli_command_at(i, &command); i++) {
		char room[CLI_SUMMARY];
		int width;

		fputs("  ", stdout);
		width = print_call(&command);
		if (width > 28) {
			putchar('\n');
			width = -2;
		}
		printf("%*s  %s\n", 28 - width, "", cli_summary(&command, room));
	}
}

/* "Exit codes: 0 done, 1 failed, ..." */
static void
print_exits(void)
{
	struct buf line;
	bool ok;

	buf_init(&line, LINES_MAX);
	ok = buf_adds(&line, "Exit codes:");
	for (size_t i = 0; ok && i < codes_exit.len; i++)
		ok = buf_addf(&line, "%s %s %s", i ? "," : "", codes_exit.codes[i].name,
			codes_exit.codes[i].means);
	if (ok && buf_adds(&line, ". See: claviger explain CODE."))
		cli_paragraph(buf_text(&line), strlen(buf_text(&line)));
	buf_free(&line);
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
	fputs("\nNew here? claviger tour takes you through the console, on a sandbox.\n", stdout);
	fputs("\noptions of the console:\n", stdout);
	cli_options_help(OPTIONS_CONSOLE, NULL);
	fputs("\ntopics of claviger help, from Microsoft's articles:\n", stdout);
	for (size_t i = 0; i < topics_len; i++)
		printf("  %-20s  %s\n", topics[i]->name, topics[i]->title);
	fputs("\nMore: claviger COMMAND --help, claviger help TOPIC; topics: sandbox", stdout);
	for (size_t i = 0; cli_help_topics[i]; i++)
		printf(", %s", cli_help_topics[i]);
	for (size_t i = 0; i < kinds_len; i++)
		printf(", %s", kinds[i]->name);
	fputs(".\n", stdout);
	print_exits();
}

void
cli_help_command(const struct command *command)
{
	const struct plan_def *plan = command->plan;
	char room[CLI_SUMMARY];

	fputs("usage: claviger ", stdout);
	print_call(command);
	printf(" [OPTION...]\n\n%s\n", cli_summary(command, room));
	if (plan && plan->inverse)
		printf("It is undone by: %s\n", plan->inverse);
	fputs("\noptions:\n", stdout);
	cli_options_help(command->options, command->plan);
	for (size_t i = 0; plan && plan->steps && plan->steps[i]; i++) {
		const struct step *step = plan->steps[i];

		printf("%s  %-12s  %s\n", i ? "" : "\nsteps:\n", step->name, step->title);
	}
	for (size_t i = 0; plan && plan->stages && plan->stages[i]; i++) {
		const struct stage *stage = plan->stages[i];

		printf("%s  %-12s  %s\n", i ? "" : "\nstages:\n", stage->name, stage->title);
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
	char room[CLI_SUMMARY];
	size_t len = strlen(word);
	bool any = false;

	for (size_t i = 0; cli_command_at(i, &command); i++) {
		if (strncmp(command.name, word, len) != 0 || command.name[len] != ' ')
			continue;
		print_call(&command);
		printf("\n  %s\n", cli_summary(&command, room));
		any = true;
	}
	return any;
}

static void
print_view_keys(const char *view, const char *title, const struct keymap *maps)
{
	char name[KEY_NAME], first[16], second[16];

	printf("\n[keys%s%s]  %s\n", *view ? " " : "", view, title);
	for (; maps && maps->bindings; maps++)
		for (const struct binding *b = maps->bindings; b->action; b++)
			if (keymap_name(b, name)[0])
				printf("  %-44s  %s%s%s\n", name, key_label(b->key, first),
					b->twin ? ", " : "",
					b->twin ? key_label(b->twin, second) : "");
}

/* What a section [keys] can move. */
static void
help_keys(void)
{
	const struct view_ops *view;

	fputs("Names for the sections [keys] (all views) and [keys VIEW] of the configuration\n"
	      "file, with the keys that they have without one. See claviger-config(5).\n",
		stdout);
	print_view_keys("", app_keys[0].title, app_keys);
	for (size_t i = 0; (view = keymap_view(i)); i++)
		print_view_keys(view->name, view->title, view->keys);
}

void
cli_paragraph(const char *text, size_t len)
{
	const char *end = text + len;
	int used = 0;

	while (text < end) {
		const char *blank = memchr(text, ' ', (size_t)(end - text));
		int word = (int)((blank ? blank : end) - text);

		if (used && used + 1 + word > COLUMNS - INDENT) {
			putchar('\n');
			used = 0;
		}
		printf("%*s%.*s", used ? 1 : INDENT, "", word, text);
		used += word + (used > 0);
		text += word;
		while (text < end && *text == ' ')
			text++;
	}
	putchar('\n');
}

/* Lines as they are, unless they are too long. */
static void
print_lines(const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		if (len > COLUMNS)
			cli_paragraph(text, len);
		else
			printf("%.*s\n", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

static int
print_topic(const struct topic *topic)
{
	struct err err = {0};
	struct buf lines;

	printf("%s\n", topic->title);
	for (size_t i = 0; i < topic->statements_len; i++) {
		char source[300];

		snprintf(source, sizeof source, "[%s]", topic->statements[i].source);
		putchar('\n');
		cli_paragraph(topic->statements[i].text, strlen(topic->statements[i].text));
		cli_paragraph(source, strlen(source));
	}
	if (topic->lines == NULL)
		return 0;
	buf_init(&lines, LINES_MAX);
	putchar('\n');
	if (topic->lines(&lines))
		print_lines(buf_text(&lines));
	else
		err_set(&err, ERR_FAILED, "", "help %s: it is too long", topic->name);
	buf_free(&lines);
	return err.kind == ERR_NONE ? 0 : cli_fail(&err);
}

static int
unknown_topic(const char *word)
{
	struct command command;
	char shown[64], list[160];
	struct near near;
	struct err err;

	near_start(&near, word);
	for (size_t i = 0; cli_help_topics[i]; i++)
		near_offer(&near, cli_help_topics[i]);
	for (size_t i = 0; i < kinds_len; i++)
		near_offer(&near, kinds[i]->name);
	for (size_t i = 0; i < topics_len; i++)
		near_offer(&near, topics[i]->name);
	for (size_t i = 0; cli_command_at(i, &command); i++)
		near_offer(&near, command.name);
	text_cleans(shown, sizeof shown, word);
	err_set(&err, ERR_USAGE, "", "help: no topic '%s'%s; claviger help lists them", shown,
		near_print(&near, list, sizeof list));
	return cli_fail(&err);
}

static int
help(struct cli *cli)
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
	if (strcmp(topic, "keys") == 0) {
		help_keys();
		return 0;
	}
	if (topic_find(topic) && cli->words_len == 1)
		return print_topic(topic_find(topic));
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
	.summary = "Explain a command, a kind of thing, a topic, or the sandbox.",
	.options = OPTIONS_COMMON,
	.words_max = 3,
	.run = help,
};
