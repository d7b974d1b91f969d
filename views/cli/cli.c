/* The commands, most of them generated: list and show for every kind, a verb for every plan. A
 * call is taken apart completely before anything is opened, so that a slip of the fingers costs
 * nothing. */
#include "views/cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/log.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "views/near.h"
#include "views/cli/accessible.h"
#include "views/cli/query.h"
#include "views/cli/report.h"

static const struct command *const fixed[] = {
	&command_posture,
	&command_impact,
	&command_vault_deleted,
	&command_key_versions,
	&command_prove,
	&command_selftest,
	&command_journal_list,
	&command_journal_verify,
	&command_journal_export,
	&command_journal_checkpoint,
	&command_operations,
	&command_resume,
	&command_rollback,
	&command_apply,
	&command_login,
	&command_logout,
	&command_profile_list,
	&command_doctor,
	&command_bundle,
	&command_sandbox,
	&command_sandbox_ctl,
	&command_help,
	&command_explain,
	&command_tour,
	&command_completion,
};

static void
kind_command(const struct kind *kind, bool show, struct command *out)
{
	*out = (struct command){
		.args = show ? "NAME" : "",
		.options = OPTIONS_COMMON | OPTIONS_DATA | OPTIONS_ESTATE,
		.words_min = show,
		.words_max = show,
		.run = show ? cli_show : cli_list,
		.kind = kind,
	};
	if (kind == &kind_account || kind == &kind_vault)
		out->options |= OPTIONS_GROUP;
	if (kind == &kind_key || kind == &kind_policy)
		out->options |= OPTIONS_VAULT;
	snprintf(out->name, sizeof out->name, "%s %s", kind->name, show ? "show" : "list");
}

static void
plan_command(const struct plan_def *plan, struct command *out)
{
	*out = (struct command){
		.args = "NAME...",
		.summary = plan->summary,
		.options = OPTIONS_COMMON | OPTIONS_DATA | OPTIONS_ESTATE | OPTIONS_GROUP |
			   OPTIONS_CHANGE,
		.words_min = 0,
		.words_max = SIZE_MAX,
		.run = cli_plan,
		.plan = plan,
	};
	if (plan->subject == SUBJECT_KEY && !plan_asks(plan, "vault"))
		out->options |= OPTIONS_VAULT;
	snprintf(out->name, sizeof out->name, "%s", plan->name);
}

bool
cli_command_at(size_t i, struct command *out)
{
	for (size_t k = 0; k < kinds_len; k++) {
		if (i-- == 0)
			return kind_command(kinds[k], false, out), true;
		if (cli_shows(kinds[k]) && i-- == 0)
			return kind_command(kinds[k], true, out), true;
	}
	for (size_t k = 0; k < plans_len; k++)
		if (!plans[k]->member && i-- == 0)
			return plan_command(plans[k], out), true;
	if (i < ARRAY_LEN(fixed))
		return *out = *fixed[i], true;
	return false;
}

/* How many of the words the name of a command takes up; 0 when it is another command. */
static size_t
matches(const struct command *command, const char *const *words, size_t words_len)
{
	const char *at = command->name;
	size_t n = 0;

	while (*at) {
		size_t len = strcspn(at, " ");

		if (n == words_len || strlen(words[n]) != len || strncmp(words[n], at, len) != 0)
			return 0;
		n++;
		at += len + (at[len] == ' ');
	}
	return n;
}

/* The verbs there are for a first word that is right. */
static bool
name_verbs(const char *const *words, size_t words_len, struct err *err)
{
	char list[200] = "", shown[48] = "";
	size_t used = 0, len = strlen(words[0]);
	struct command command;

	for (size_t i = 0; cli_command_at(i, &command) && used < sizeof list; i++)
		if (strncmp(command.name, words[0], len) == 0 && command.name[len] == ' ')
			used += (size_t)snprintf(list + used, sizeof list - used, "%s%s",
				used ? ", " : "", command.name + len + 1);
	if (used == 0)
		return false;
	if (words_len > 1)
		text_cleans(shown, sizeof shown, words[1]);
	if (words_len > 1)
		err_set(err, ERR_USAGE, "", "unknown command '%s %s'; '%s' takes: %s", words[0],
			shown, words[0], list);
	else
		err_set(err, ERR_USAGE, "", "'%s' needs one more word: %s", words[0], list);
	return true;
}

bool
cli_command_find(const char *const *words, size_t words_len, struct command *out, size_t *used,
	struct err *err)
{
	struct command command;
	char shown[64], list[160];
	struct near near;

	*used = 0;
	for (size_t i = 0; cli_command_at(i, &command); i++) {
		size_t n = matches(&command, words, words_len);

		if (n > *used) {
			*used = n;
			*out = command;
		}
	}
	if (*used)
		return true;
	if (name_verbs(words, words_len, err))
		return false;
	near_start(&near, words[0]);
	for (size_t i = 0; cli_command_at(i, &command); i++)
		near_offer(&near, command.name);
	for (size_t k = 0; k < kinds_len; k++)
		near_offer(&near, kinds[k]->name);
	text_cleans(shown, sizeof shown, words[0]);
	near_print(&near, list, sizeof list);
	return err_set(err, ERR_USAGE, "", "unknown command '%s'%s", shown,
		*list ? list : "; see: claviger help");
}

/* The words of the call and paths stand in messages as they were given: made safe here. */
int
cli_fail(const struct err *err)
{
	char code[64 + 64 + 16] = "", shown[2 * sizeof err->msg];

	if (strcmp(err->code, "EPIPE") == 0)
		return err_exit(err->kind);
	if (err->code[0] && err->request_id[0])
		snprintf(code, sizeof code, " [%s, request %s]", err->code, err->request_id);
	else if (err->code[0])
		snprintf(code, sizeof code, " [%s]", err->code);
	text_cleans(shown, sizeof shown, err->msg);
	fprintf(stderr, "claviger: %s%s\n", shown, code);
	return err_exit(err->kind == ERR_NONE ? ERR_FAILED : err->kind);
}

int
cli_print(const struct cli *cli, json_t *value, const struct sheet *sheet, int code)
{
	bool carries = cli->command.options & (OPTIONS_CHANGE | OPTIONS_CARRY);
	struct print whole = {.format = cli->print.format};
	struct err err = {0};
	bool ok = print_value(&cli->print, value, sheet, &err);
	int failed = ok ? code : cli_fail(&err);

	/* What was carried out is told, whatever was asked of its result. */
	if (!ok && err.kind == ERR_USAGE && carries) {
		ok = print_value(&whole, value, sheet, &err);
		failed = ok ? code : cli_fail(&err);
	}
	json_decref(value);
	return code == 0 || code == EXIT_PENDING || code == EXIT_FINDINGS ? failed : code;
}

static bool
count_words(const struct cli *cli, struct err *err)
{
	const struct command *command = &cli->command;
	char shown[80];

	if (cli->words_len < command->words_min)
		return err_set(err, ERR_USAGE, "", "%s: %s is missing; see: claviger %s --help",
			command->name, command->args, command->name);
	if (cli->words_len > command->words_max) {
		text_cleans(shown, sizeof shown, cli->words[command->words_max]);
		return err_set(
			err, ERR_USAGE, "", "%s: one word too many: '%s'", command->name, shown);
	}
	return true;
}

/* Names the command and takes its words off; without a word it is the console. */
static bool
understand(struct cli *cli, struct err *err)
{
	const char *query = cli_option(cli, "query"), *format;
	size_t used = 0;

	cli->command = (struct command){.args = "", .options = OPTIONS_CONSOLE, .run = cli_console};
	if (cli->words_len &&
		!cli_command_find(cli->words, cli->words_len, &cli->command, &used, err))
		return false;
	memmove(cli->words, cli->words + used, (cli->words_len - used) * sizeof *cli->words);
	cli->words_len -= used;
	if (cli_option(cli, "help") || cli_option(cli, "version"))
		return true;
	format = cli->command.options & (OPTIONS_BUNDLE | OPTIONS_EXPORT)
			 ? NULL
			 : cli_option(cli, "output");
	if (!cli_options_fit(cli, err) || !count_words(cli, err) ||
		!print_format(format, &cli->print.format, err))
		return false;
	if (query) {
		cli->print.query = query_parse(query, err);
		return cli->print.query != NULL;
	}
	return true;
}

static int
run(struct cli *cli)
{
	if (cli_option(cli, "version"))
		return cli_version();
	if (cli_option(cli, "help")) {
		if (cli->command.name[0])
			cli_help_command(&cli->command);
		else
			cli_help_overview();
		return 0;
	}
	if (cli_option(cli, "accessible"))
		cli->wrap = wrap_start(cli->print.format == PRINT_TABLE);
	log_enable(cli_option(cli, "verbose") && cli->command.run != cli_console);
	return cli->command.run(cli);
}

int
cli_main(int argc, char **argv)
{
	struct cli cli = {0};
	struct err err = {0};
	int code;

	/* memmove of no words still wants an array. */
	cli.words = mem_alloc(sizeof *cli.words);
	if (!cli_parse(&cli, argc, argv, &err) || !understand(&cli, &err))
		code = cli_fail(&err);
	else
		code = run(&cli);
	cli_close(&cli);
	credential_free(&cli.signed_in);
	query_free(cli.print.query);
	free(cli.given);
	free(cli.words);
	if (!print_text("", &err) && code == 0)
		code = cli_fail(&err);
	wrap_end(cli.wrap);
	return code;
}
