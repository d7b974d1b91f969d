/* The console, or the start page where there is nothing to sign in with. What is chosen on the
 * start page needs the terminal back first, and is then done here. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backend/auth/choice.h"
#include "backend/base/mem.h"
#include "backend/estate/cache.h"
#include "tui/words.h"
#include "views/app/app.h"
#include "views/app/keymap.h"
#include "views/cli/cli.h"
#include "views/signals.h"
#include "views/tour/tour.h"

static int
no_terminal(void)
{
	struct err err;

	err_set(&err, ERR_USAGE, "",
		"the console needs a terminal on standard input and output; without one use the "
		"subcommands: account, vault, key, policy, onboard, rotate, evacuate, revoke, restore, "
		"posture, impact, doctor and the others that claviger --help lists");
	return cli_fail(&err);
}

static json_t *
checks(void *user)
{
	return cli_checks(user, false);
}

/* How the console looks is the operator's choice on the sandbox too: the profile has it that would
 * be in use. What is wrong with the file is told where its keys are read. */
static bool
take_looks(struct cli *cli, struct err *err)
{
	struct profile chosen, *own = &cli->profile;
	struct err untold;

	if (!own->sandbox)
		chosen = *own;
	else if (!config_read(NULL, cli_option(cli, "profile"), &chosen, &untold))
		return true;
	memcpy(own->theme, chosen.theme, sizeof own->theme);
	memcpy(own->colour, chosen.colour, sizeof own->colour);
	own->redact = chosen.redact;
	return cli_option(cli, "theme") || cli_profile_theme(&chosen, err);
}

/* The theme of the call, else of the profile; colours of NO_COLOR and colour=never are the theme's
 * business: it gets the word. */
static struct app_options
app_options(struct cli *cli)
{
	const char *theme = cli_option(cli, "theme");

	return (struct app_options){
		.profile = &cli->profile,
		.session = cli->session,
		.estate = cli->estate,
		.journal = cli->journal,
		.theme = theme                   ? theme
			 : cli->profile.theme[0] ? cli->profile.theme
						 : NULL,
		.mono = strcmp(cli->profile.colour, "never") == 0,
		.redact = cli_option(cli, "redact") || cli->profile.redact,
		.journal_dir = cli_journal_dir(cli),
		.tour = cli->tour[0] ? cli->tour : NULL,
		.checks = checks,
		.checks_user = cli,
	};
}

static int
run_app(struct app_options *options, enum app_choice *choice)
{
	struct err err = {0};
	struct keys *keys;
	int code;

	keys = keymap_read(NULL, &err);
	if (keys == NULL)
		return cli_fail(&err);
	options->keys = keys;
	options->choice = choice;
	code = app_run(options, &err);
	keymap_free(keys);
	return err.kind == ERR_NONE ? code : cli_fail(&err);
}

/* The console on a sandbox, whatever it was called for. dir "": one that is thrown away. */
static int
run_sandbox(struct cli *cli, const char *dir)
{
	const struct given sandbox = {"sandbox", dir};

	cli->given = mem_resize(cli->given, (cli->given_len + 1) * sizeof *cli->given);
	cli->given[cli->given_len++] = sandbox;
	cli->profile = (struct profile){0};
	return cli_console(cli);
}

static int
run_tour(struct cli *cli)
{
	struct err err;

	if (!tour_folder(cli->tour, cli->tour_sandbox, &err))
		return cli_fail(&err);
	return run_sandbox(cli, cli->tour_sandbox);
}

/* Signing in needs the profile's connections, but there is nothing yet to show an estate with. */
static int
start_page(struct cli *cli, const char *why)
{
	enum app_choice choice = APP_QUIT;
	struct app_options options;
	struct err err = {0};
	int code;

	cli_close(cli);
	if (!cli_open_session(cli, &err) || !take_looks(cli, &err))
		return cli_fail(&err);
	signals_watch(session_loop(cli->session), NULL, NULL);
	options = app_options(cli);
	options.session = NULL;
	options.door = cli->session;
	options.signed_in = &cli->signed_in;
	options.why = why;
	code = run_app(&options, &choice);
	cli_close(cli);
	if (code == 0 && choice == APP_SANDBOX)
		return run_sandbox(cli, "");
	if (code == 0 && choice == APP_TOUR)
		return run_tour(cli);
	if (code == 0 && choice == APP_SIGNED_IN)
		return cli_console(cli);
	if (code == 0 && choice == APP_DOCTOR) {
		cli->command = command_doctor;
		return command_doctor.run(cli);
	}
	return code;
}

/* Why nobody could be signed in after all; what is shown of it outlives the estate. */
static void
why_not(const struct cli *cli, struct err *out)
{
	*out = (struct err){0};
	for (size_t i = 0; i < estate_notes(cli->estate); i++)
		if (strcmp(estate_note(cli->estate, i)->code, "NoCredential") == 0)
			*out = *estate_note(cli->estate, i);
}

/* Whether some way offers itself, if only to be tried. */
static bool
may_sign_in(struct cli *cli, struct err *err)
{
	const struct credential_wish wish = session_wish(&cli->profile);
	struct credential credential = {0};
	struct choice choice = {0};
	bool found = cli->signed_in.kind || choice_next(&choice, &wish, &credential, err);

	credential_free(&credential);
	choice_free(&choice);
	return found;
}

/* The dialogue tells every name. */
static bool
may_be_heard(const struct cli *cli, struct err *err)
{
	return cli_option(cli, "redact") == NULL ||
	       err_set(err, ERR_USAGE, "",
		       "--redact hides names on the console's screen; --accessible tells them all: "
		       "leave one of the two out");
}

int
cli_console(struct cli *cli)
{
	struct err err = {0}, journal_err = {0};
	enum app_choice choice = APP_QUIT;
	struct app_options options;
	const char *dir;
	int code;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return no_terminal();
	if (!words_start(cli_option(cli, "lang"), &err))
		return cli_fail(&err);
	if (cli_option(cli, "accessible") && !may_be_heard(cli, &err))
		return cli_fail(&err);
	if (cli_option(cli, "accessible"))
		return cli_accessible(cli);
	if (!cli_option(cli, "sandbox")) {
		if (!cli_open_profile(cli, &err))
			return cli_fail(&err);
		if (!may_sign_in(cli, &err))
			return start_page(cli, err.msg);
	}
	if (cli_option(cli, "sandbox") && isatty(STDERR_FILENO))
		fputs("claviger: opening the sandbox; the first time it makes its keys\n", stderr);
	if (!cli_open(cli, &err) || !take_looks(cli, &err))
		return cli_fail(&err);
	signals_watch(session_loop(cli->session), NULL, NULL);
	if (!cli_open_journal(cli, &journal_err))
		cli_fail(&journal_err);
	options = app_options(cli);
	if (cli_cache_dir(cli, &dir))
		options.cache = cache_open(cli->estate, dir);
	code = run_app(&options, &choice);
	cache_close(options.cache);
	if (choice != APP_START)
		return code;
	why_not(cli, &err);
	return start_page(cli, err.msg);
}

static int
tour(struct cli *cli)
{
	struct err err;

	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		return run_tour(cli);
	err_set(&err, ERR_USAGE, "",
		"the tour is given in the console, which needs a terminal on standard input and "
		"output; without one: man 7 claviger-tutorial, or claviger --sandbox=DIR onboard "
		"aa-payroll --key kv-payroll/cmk-payroll --dry-run");
	return cli_fail(&err);
}

const struct command command_tour = {
	.name = "tour",
	.args = "",
	.summary = "Learn to onboard an account and to answer an alarm, on a sandbox of its own.",
	.options = OPTIONS_COMMON | OPTIONS_LOOKS,
	.run = tour,
};
