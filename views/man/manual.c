/* Makes a manual page of its source: a line @NAME@ there becomes what the program's own tables say
 * of that, so that page, --help and program cannot differ. Run while building. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/buf.h"
#include "backend/base/file.h"
#include "backend/codes/code.h"
#include "backend/config/config_keys.h"
#include "backend/estate/topics/topic.h"
#include "backend/plans/campaign.h"
#include "backend/sandbox/sandbox.h"
#include "views/app/keymap.h"
#include "views/app/view.h"
#include "views/cli/cli.h"

enum { PAGE_MAX = 1 << 20, LINES_MAX = 64000 };

/* Groups of options that many commands have: told once, each option in the first that has it. */
static const struct {
	unsigned group;
	const char *title;
} shared[] = {
	{OPTIONS_COMMON, "Of every command"},
	{OPTIONS_DATA, "Of commands that print data"},
	{OPTIONS_ESTATE | OPTIONS_PROFILE, "Of the console and of commands that look at Azure"},
	{OPTIONS_CONSOLE, "Of the console"},
	{OPTIONS_GROUP | OPTIONS_VAULT, "Of commands that look for a name"},
	{OPTIONS_CHANGE | OPTIONS_CARRY, "Of commands that change something"},
};

static unsigned
shared_groups(size_t upto)
{
	unsigned groups = 0;

	for (size_t i = 0; i < upto; i++)
		groups |= shared[i].group;
	return groups;
}

/* Text as roff prints it unchanged. */
static void
put(const char *text)
{
	for (bool start = true; *text; start = *text++ == '\n') {
		if (start && (*text == '.' || *text == '\''))
			fputs("\\&", stdout);
		if (*text == '\\')
			fputs("\\e", stdout);
		else if (*text == '-')
			fputs("\\-", stdout);
		else
			putchar(*text);
	}
}

/* A paragraph that hangs under its first line. */
static void
put_item(const char *bold, const char *italic, const char *between, const char *text)
{
	fputs(".TP\n\\fB", stdout);
	put(bold);
	fputs("\\fR", stdout);
	if (italic && *italic) {
		put(between);
		fputs("\\fI", stdout);
		put(italic);
		fputs("\\fR", stdout);
	}
	putchar('\n');
	put(text);
	putchar('\n');
}

/* A block of lines as they are. */
static void
put_lines(const char *text)
{
	fputs(".nf\n", stdout);
	put(text);
	fputs(".fi\n", stdout);
}

static void
put_row(const struct option_row *row)
{
	char name[80], arg[80];

	if (row->letter)
		snprintf(name, sizeof name, "-%c, --%s", row->letter, row->name);
	else
		snprintf(name, sizeof name, "--%s", row->name);
	snprintf(arg, sizeof arg, "%s%s", row->arg ? row->arg : "", row->arg_optional ? "]" : "");
	put_item(name, arg, row->arg_optional ? "[=" : " ", row->help);
}

static void
put_field(const struct plan_field *field)
{
	char name[80];

	snprintf(name, sizeof name, "--%s", field->name);
	put_item(name, field->arg, " ", field->help);
	for (size_t i = 0; field->choices && field->choices[i]; i++) {
		fputs(i ? ", " : "(one of ", stdout);
		put(field->choices[i]);
	}
	if (field->choices)
		fputs(")\n", stdout);
}

/* Steps or stages, in a sentence. */
static void
put_steps(const struct plan_def *plan)
{
	for (size_t i = 0; plan->steps && plan->steps[i]; i++) {
		fputs(i ? "; " : "Steps: ", stdout);
		put(plan->steps[i]->title);
	}
	for (size_t i = 0; plan->stages && plan->stages[i]; i++) {
		fputs(i ? "; " : "Stages: ", stdout);
		put(plan->stages[i]->title);
	}
	fputs(".\n", stdout);
	if (plan->inverse) {
		fputs("Undone by ", stdout);
		put(plan->inverse);
		fputs(".\n", stdout);
	}
}

/* The options that are not told with those of many commands, and how many those and the fields of
 * its plan are. */
static size_t
own_options(const struct command *command, void (*each)(const struct option_row *))
{
	unsigned common = shared_groups(ARRAY_LEN(shared));
	size_t count = command->plan ? command->plan->fields_len : 0;
	const struct option_row *row;

	for (size_t i = 0; (row = cli_option_row(i)); i++) {
		if (!(row->groups & command->options & ~common) ||
			row->groups & command->options & common)
			continue;
		if (each)
			each(row);
		count++;
	}
	return count;
}

static void
put_command(const struct command *command)
{
	const struct plan_def *plan = command->plan;
	char room[CLI_SUMMARY];

	put_item(command->name, command->args, " ", cli_summary(command, room));
	if (plan)
		put_steps(plan);
	if (own_options(command, NULL) == 0)
		return;
	fputs(".RS\n", stdout);
	for (size_t i = 0; plan && i < plan->fields_len; i++)
		put_field(&plan->fields[i]);
	own_options(command, put_row);
	fputs(".RE\n", stdout);
}

static void
put_commands(void)
{
	struct command command;

	for (size_t i = 0; cli_command_at(i, &command); i++)
		put_command(&command);
}

static void
put_options(void)
{
	const struct option_row *row;

	for (size_t s = 0; s < ARRAY_LEN(shared); s++) {
		printf(".SS %s\n", shared[s].title);
		for (size_t i = 0; (row = cli_option_row(i)); i++)
			if (row->groups & shared[s].group && !(row->groups & shared_groups(s)))
				put_row(row);
	}
}

static void
put_exits(void)
{
	for (size_t i = 0; i < codes_exit.len; i++) {
		const struct code *code = &codes_exit.codes[i];

		put_item(code->name, code->means, " ", code->why);
		put(code->todo);
		putchar('\n');
	}
}

static void
put_keys(const struct config_key *key)
{
	for (; key->name; key++)
		put_item(key->name, NULL, "", key->help);
}

static void
put_profile_keys(void)
{
	put_keys(config_profile_keys);
}

static void
put_cloud_keys(void)
{
	put_keys(config_cloud_keys);
}

static void
put_view_keys(const char *view, const char *title, const struct keymap *maps)
{
	char name[KEY_NAME], first[16], second[16];

	put_item(view, NULL, "", title);
	for (; maps && maps->bindings; maps++)
		for (const struct binding *b = maps->bindings; b->action; b++) {
			if (keymap_name(b, name)[0] == '\0')
				continue;
			fputs(".br\n", stdout);
			put(name);
			fputs(" (", stdout);
			put(key_label(b->key, first));
			if (b->twin) {
				fputs(", ", stdout);
				put(key_label(b->twin, second));
			}
			fputs(")\n", stdout);
		}
}

/* What sections [keys] can name, with the keys that it has without them. */
static void
put_key_names(void)
{
	const struct view_ops *view;

	put_view_keys("[keys]", app_keys[0].title, app_keys);
	for (size_t i = 0; (view = keymap_view(i)); i++)
		put_view_keys(view->name, view->title, view->keys);
}

static void
put_topics(void)
{
	for (size_t i = 0; i < topics_len; i++)
		put_item(topics[i]->name, NULL, "", topics[i]->title);
	for (size_t i = 0; i < kinds_len; i++)
		put_item(kinds[i]->name, NULL, "", kinds[i]->title);
}

static void
put_statements(void)
{
	struct buf lines;

	for (size_t i = 0; i < topics_len; i++) {
		const struct topic *topic = topics[i];

		fputs(".SS ", stdout);
		put(topic->title);
		putchar('\n');
		for (size_t s = 0; s < topic->statements_len; s++) {
			fputs(s ? ".PP\n" : "", stdout);
			put(topic->statements[s].text);
			fputs("\n[", stdout);
			put(topic->statements[s].source);
			fputs("]\n", stdout);
		}
		buf_init(&lines, LINES_MAX);
		if (topic->lines && topic->lines(&lines)) {
			fputs(topic->statements_len ? ".PP\n" : "", stdout);
			put_lines(buf_text(&lines));
		}
		buf_free(&lines);
	}
}

static void
put_demo(void)
{
	put_lines(sandbox_demo_help);
}

static void
put_sandbox(void)
{
	put_lines(sandbox_help);
}

static void
put_journal_codes(void)
{
	for (size_t i = 0; i < codes_own.len; i++)
		if (strncmp(codes_own.codes[i].name, "Journal", strlen("Journal")) == 0)
			put_item(codes_own.codes[i].name, NULL, "", codes_own.codes[i].means);
}

static const struct {
	const char *name;
	void (*put)(void);
} parts[] = {
	{"@commands@", put_commands},
	{"@options@", put_options},
	{"@exits@", put_exits},
	{"@profile-keys@", put_profile_keys},
	{"@cloud-keys@", put_cloud_keys},
	{"@key-names@", put_key_names},
	{"@topics@", put_topics},
	{"@statements@", put_statements},
	{"@demo@", put_demo},
	{"@sandbox@", put_sandbox},
	{"@journal-codes@", put_journal_codes},
};

/* One line of the source without its end. False: it names a part that there is not. */
static bool
put_source(const char *line)
{
	const char *version = strstr(line, "@version@");

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (strcmp(parts[i].name, line) == 0)
			return parts[i].put(), true;
	if (*line == '@') {
		fprintf(stderr, "manual: no part %s\n", line);
		return false;
	}
	if (version)
		printf("%.*s%s%s\n", (int)(version - line), line, CLAVIGER_VERSION,
			version + strlen("@version@"));
	else
		puts(line);
	return true;
}

int
main(int argc, char **argv)
{
	struct err err = {0};
	struct buf page;
	bool ok = argc == 2;

	buf_init(&page, PAGE_MAX);
	if (ok && !file_read(argv[1], false, &page, &err)) {
		fprintf(stderr, "manual: %s\n", err.msg);
		ok = false;
	}
	for (char *line = ok ? page.data : NULL, *end; ok && line && *line; line = end + 1) {
		end = strchr(line, '\n');
		if (end == NULL)
			break;
		*end = '\0';
		ok = put_source(line);
	}
	buf_free(&page);
	return ok && fflush(stdout) == 0 ? 0 : 1;
}
