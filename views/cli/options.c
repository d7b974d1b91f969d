/* One table of options, to which the fields of the plans are added. All of them are parsed at once,
 * wherever they stand; only then is it known which command was meant, and what does not belong to
 * it is refused. argp does the splitting; the messages are ours, because they name near misses. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "views/cli/cli.h"
#include "views/near.h"

static const struct option_row rows[] = {
	{"sandbox", 0, "DIR", true, OPTIONS_ESTATE | OPTIONS_CONSOLE,
		"work on the built-in sandbox; DIR keeps its state, without DIR it is thrown away"},
	{"seed", 0, "SEED", false, OPTIONS_ESTATE | OPTIONS_CONSOLE | OPTIONS_SERVE,
		"what a new sandbox holds: demo, empty or fleet:N"},
	{"fault", 0, "SPEC", false, OPTIONS_ESTATE | OPTIONS_CONSOLE | OPTIONS_SERVE,
		"a fault the sandbox shows (see: claviger help sandbox); may be repeated"},
	{"profile", 0, "NAME", false, OPTIONS_ESTATE | OPTIONS_CONSOLE | OPTIONS_PROFILE,
		"the profile of the configuration file to use"},
	{"device-code", 0, NULL, false, OPTIONS_LOGIN,
		"by a code that is entered in a browser anywhere: the one way there is, so it may be left out"},
	{"subscription", 0, "ID", false, OPTIONS_ESTATE | OPTIONS_CONSOLE,
		"look at this subscription only (id or name)"},
	{"resource-group", 'g', "GROUP", false, OPTIONS_GROUP, "look at this resource group only"},
	{"vault", 0, "VAULT", false, OPTIONS_VAULT, "look at this vault only"},
	{"dry-run", 0, NULL, false, OPTIONS_CHANGE | OPTIONS_CARRY,
		"print the steps and their requests, change nothing; exit 10 if there is work"},
	{"yes", 0, NULL, false, OPTIONS_CHANGE | OPTIONS_CARRY, "do not ask before changes"},
	{"confirm", 0, "NAME", false, OPTIONS_CHANGE | OPTIONS_CARRY,
		"carry out what cuts NAME off, an account or a key by its bare name; may be repeated"},
	{"ids", 0, "@FILE", false, OPTIONS_CHANGE,
		"names or ids of more accounts, one a line; @- reads standard input"},
	{"no-wait", 0, NULL, false, OPTIONS_CHANGE | OPTIONS_CARRY,
		"do not wait for a change that Azure has accepted and works on; exit 75"},
	{"force", 0, "RULE", false, OPTIONS_CHANGE,
		"go on although RULE stops the plan, as its findings name it; recorded; may be repeated"},
	{"max-failures", 0, "N", false, OPTIONS_CHANGE,
		"start no more accounts after N have failed"},
	{"plan-out", 0, "FILE", false, OPTIONS_CHANGE,
		"write the plan to FILE for claviger apply, change nothing; exit 10"},
	{"break-glass", 0, "REASON", false, OPTIONS_CHANGE | OPTIONS_CARRY,
		"go on where no journal can be written; for what cuts off only, and recorded later"},
	{"approve", 0, "DIGEST", false, OPTIONS_APPROVE,
		"the digest of the file, by a second operator; needed for what cuts off"},
	{"operation", 0, "OPERATION", false, OPTIONS_EXPORT, "the records of this operation only"},
	{"checkpoint", 0, "LINE", false, OPTIONS_VERIFY,
		"also that it goes on from this checkpoint; @FILE reads one"},
	{"output", 'o', "FORMAT", false, OPTIONS_EXPORT, "md, json or csv; md without it"},
	{"output", 'o', "FORMAT", false, OPTIONS_DATA,
		"table, json, jsonc, tsv or none; table on a terminal, json otherwise"},
	{"output", 'o', "FILE", false, OPTIONS_BUNDLE,
		"the file to write, which must not be there yet; - is standard output"},
	{"query", 0, "JMESPATH", false, OPTIONS_DATA, "print only this part of the answer"},
	{"read-only", 0, NULL, false, OPTIONS_ESTATE | OPTIONS_CONSOLE,
		"refuse every request that changes something"},
	{"accessible", 0, NULL, false,
		OPTIONS_CONSOLE | OPTIONS_CHANGE | OPTIONS_CARRY | OPTIONS_ANYWHERE,
		"ask and answer in plain numbered lines, for screen readers and braille"},
	{"redact", 0, NULL, false, OPTIONS_CONSOLE,
		"hide names and ids in the console, for a screen that others see; H shows them"},
	{"theme", 0, "NAME", false, OPTIONS_CONSOLE | OPTIONS_LOOKS | OPTIONS_ANYWHERE,
		"colours of the console: a name or a path"},
	{"lang", 0, "LANGUAGE", false, OPTIONS_CONSOLE | OPTIONS_LOOKS | OPTIONS_ANYWHERE,
		"language of the console: en or zh_CN; without it as LANGUAGE and the locale say"},
	{"vectors", 0, "FILE", false, OPTIONS_TEST,
		"run the test vectors of these files (Wycheproof JSON); more may follow"},
	{"bench", 0, NULL, false, OPTIONS_TEST, "measure operations per second as well"},
	{"state", 0, "DIR", false, OPTIONS_SERVE | OPTIONS_STATE,
		"the folder that holds the sandbox's state"},
	{"raw", 0, NULL, false, OPTIONS_STATE,
		"dump: with ids, times and all else that differs from run to run"},
	{"listen", 0, "127.0.0.1:PORT", false, OPTIONS_SERVE,
		"also listen on loopback TCP; port 0 takes any that is free"},
	{"names", 0, "NAMES", false, OPTIONS_SERVE,
		"the names clients use: local, public, china or usgov; the last three through a proxy"},
	{"lro", 0, "SECONDS", false, OPTIONS_SERVE | OPTIONS_ESTATE,
		"long-running operations of the sandbox take so long; without it they are done at once"},
	{"throttle", 0, NULL, false, OPTIONS_SERVE | OPTIONS_ESTATE,
		"the sandbox holds its callers to Azure's limits"},
	{"print-env", 0, NULL, false, OPTIONS_SERVE,
		"print what a client needs as export lines, once connections are accepted"},
	{"detach", 0, NULL, false, OPTIONS_SERVE, "then leave a child serving"},
	{"verbose", 0, NULL, false, OPTIONS_COMMON | OPTIONS_CONSOLE,
		"say on standard error what is asked and answered"},
	{"help", 'h', NULL, false, OPTIONS_COMMON | OPTIONS_CONSOLE, "print this help"},
	{"version", 0, NULL, false, OPTIONS_COMMON | OPTIONS_CONSOLE,
		"print the versions of claviger and its libraries"},
};

const struct option_row *
cli_option_row(size_t i)
{
	return i < ARRAY_LEN(rows) ? &rows[i] : NULL;
}

enum { KEY_BASE = 0x1000 };

/* What argp works on: the rows, then the fields that no row has the name of, then zeros. */
struct parse {
	struct cli *cli;
	struct argp_option *options;
	size_t options_len;
	struct err *err;
};

static void
add_option(struct parse *parse, const char *name, int letter, const char *arg, bool arg_optional)
{
	for (size_t i = 0; i < parse->options_len; i++)
		if (strcmp(parse->options[i].name, name) == 0)
			return;
	parse->options[parse->options_len] = (struct argp_option){
		.name = name,
		.key = letter ? letter : KEY_BASE + (int)parse->options_len,
		.arg = arg,
		.flags = arg_optional ? OPTION_ARG_OPTIONAL : 0,
	};
	parse->options_len++;
}

static void
collect(struct parse *parse)
{
	size_t most = ARRAY_LEN(rows) + 1;

	for (size_t p = 0; p < plans_len; p++)
		most += plans[p]->fields_len;
	parse->options = mem_alloc(most * sizeof *parse->options);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		add_option(parse, rows[i].name, rows[i].letter, rows[i].arg, rows[i].arg_optional);
	for (size_t p = 0; p < plans_len; p++)
		for (size_t f = 0; f < plans[p]->fields_len; f++)
			add_option(
				parse, plans[p]->fields[f].name, 0, plans[p]->fields[f].arg, false);
}

/* Says what is wrong with the argument that getopt stopped at. */
static bool
explain(const struct parse *parse, const char *arg, struct err *err)
{
	char name[48], list[160], shown[96];
	struct near near;
	const struct argp_option *option = parse->options;

	text_cleans(shown, sizeof shown, arg);
	if (strncmp(arg, "--", 2) != 0) {
		for (; option->name; option++)
			if (option->key == arg[1])
				return err_set(err, ERR_USAGE, "",
					"option -%c needs a value: -%c %s", arg[1], arg[1],
					option->arg);
		return err_set(
			err, ERR_USAGE, "", "unknown option '%s'; see: claviger --help", shown);
	}
	snprintf(name, sizeof name, "%.*s", (int)strcspn(arg + 2, "="), arg + 2);
	near_start(&near, name);
	for (; option->name; option++) {
		if (strcmp(option->name, name) == 0 && option->arg)
			return err_set(err, ERR_USAGE, "", "option --%s needs a value: --%s %s",
				name, name, option->arg);
		if (strcmp(option->name, name) == 0)
			return err_set(err, ERR_USAGE, "", "option --%s takes no value", name);
		near_offer(&near, option->name);
	}
	return err_set(err, ERR_USAGE, "", "unknown option '%s'%s", shown,
		near_print(&near, list, sizeof list));
}

static void
add_given(struct cli *cli, const char *name, const char *value)
{
	cli->given = mem_resize(cli->given, (cli->given_len + 1) * sizeof *cli->given);
	cli->given[cli->given_len++] = (struct given){name, value ? value : ""};
}

static error_t
take(int key, char *arg, struct argp_state *state)
{
	struct parse *parse = state->input;
	struct cli *cli = parse->cli;

	if (key == ARGP_KEY_ARG) {
		cli->words = mem_resize(cli->words, (cli->words_len + 1) * sizeof *cli->words);
		cli->words[cli->words_len++] = arg;
		return 0;
	}
	if (key == ARGP_KEY_ERROR && parse->err->kind == ERR_NONE) {
		int at = state->next - 1;

		if (at > 0 && state->argv[at][0] != '-' && at + 1 < state->argc)
			at++;
		explain(parse, state->argv[at], parse->err);
		return 0;
	}
	for (size_t i = 0; i < parse->options_len; i++) {
		if (parse->options[i].key == key) {
			add_given(cli, parse->options[i].name, arg);
			return 0;
		}
	}
	return ARGP_ERR_UNKNOWN;
}

bool
cli_parse(struct cli *cli, int argc, char **argv, struct err *err)
{
	struct parse parse = {.cli = cli, .err = err};
	struct argp argp = {.parser = take};

	argp_err_exit_status = err_exit(ERR_USAGE);
	collect(&parse);
	argp.options = parse.options;
	*err = (struct err){0};
	if (argp_parse(&argp, argc, argv, ARGP_NO_ERRS | ARGP_NO_HELP | ARGP_IN_ORDER, NULL,
		    &parse) != 0 &&
		err->kind == ERR_NONE)
		err_set(err, ERR_USAGE, "",
			"the words of this call are not understood; see: claviger --help");
	free(parse.options);
	return err->kind == ERR_NONE;
}

const char *
cli_option(const struct cli *cli, const char *name)
{
	for (size_t i = cli->given_len; i-- > 0;)
		if (strcmp(cli->given[i].name, name) == 0)
			return cli->given[i].value;
	return NULL;
}

const char *
cli_option_at(const struct cli *cli, const char *name, size_t i)
{
	for (size_t g = 0; g < cli->given_len; g++)
		if (strcmp(cli->given[g].name, name) == 0 && i-- == 0)
			return cli->given[g].value;
	return NULL;
}

static bool
fits(const struct command *command, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].name, name) == 0 &&
			rows[i].groups & (command->options | OPTIONS_ANYWHERE))
			return true;
	for (size_t i = 0; command->plan && i < command->plan->fields_len; i++)
		if (strcmp(command->plan->fields[i].name, name) == 0)
			return true;
	return false;
}

bool
cli_options_fit(const struct cli *cli, struct err *err)
{
	const char *what = cli->command.name;

	for (size_t i = 0; i < cli->given_len; i++)
		if (!fits(&cli->command, cli->given[i].name))
			return err_set(err, ERR_USAGE, "",
				"--%s is no option of '%s'; see: claviger %s --help",
				cli->given[i].name, *what ? what : "the console", what);
	if (!cli_option(cli, "sandbox") && cli->command.options & OPTIONS_ESTATE &&
		(cli_option(cli, "seed") || cli_option(cli, "fault") || cli_option(cli, "lro") ||
			cli_option(cli, "throttle")))
		return err_set(err, ERR_USAGE, "",
			"--seed, --fault, --lro and --throttle belong to a sandbox: add --sandbox or --sandbox=DIR");
	if (cli_option(cli, "sandbox") && cli_option(cli, "profile"))
		return err_set(err, ERR_USAGE, "",
			"--sandbox and --profile exclude each other: the sandbox is a profile");
	return true;
}

static void
help_line(int letter, const char *name, const char *arg, bool arg_optional, const char *help)
{
	char left[80], brief[8] = "    ";

	if (letter)
		snprintf(brief, sizeof brief, "-%c, ", letter);
	snprintf(left, sizeof left, "%s--%s%s%s%s", brief, name,
		arg ? (arg_optional ? "[=" : " ") : "", arg ? arg : "", arg_optional ? "]" : "");
	if (strlen(left) > 30)
		printf("  %s\n  %-30s  %s\n", left, "", help);
	else
		printf("  %-30s  %s\n", left, help);
}

static void
help_choices(const struct plan_field *field)
{
	if (field->choices == NULL)
		return;
	printf("  %-30s  one of:", "");
	for (size_t i = 0; field->choices[i]; i++)
		printf(" %s", field->choices[i]);
	putchar('\n');
}

void
cli_options_help(unsigned groups, const struct plan_def *plan)
{
	for (size_t i = 0; plan && i < plan->fields_len; i++) {
		help_line(
			0, plan->fields[i].name, plan->fields[i].arg, false, plan->fields[i].help);
		help_choices(&plan->fields[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].groups & groups)
			help_line(rows[i].letter, rows[i].name, rows[i].arg, rows[i].arg_optional,
				rows[i].help);
}
