/* The console, or the start page where there is nothing to sign in with. What is chosen on the
 * start page needs the terminal back first, and is then done here. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backend/base/mem.h"
#include "views/app.h"
#include "views/cli.h"
#include "views/signals.h"

static int
no_terminal(void)
{
	struct err err;

	err_set(&err, ERR_USAGE, "",
		"the console needs a terminal on standard input and output; without one use the "
		"subcommands: account, vault, key, policy, onboard, prove, selftest, journal, "
		"profile, sandbox, doctor, help");
	return cli_fail(&err);
}

/* The theme of the call, else of the profile; colours of NO_COLOR and colour=never are the theme's
 * business: it gets the word. */
static struct app_options
app_options(const struct cli *cli)
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
		.journal_dir = cli_journal_dir(cli),
	};
}

static int
run_app(struct cli *cli, const char *why, enum app_choice *choice)
{
	struct app_options options = app_options(cli);
	struct err err = {0};
	int code;

	options.why = why;
	options.choice = choice;
	code = app_run(&options, &err);
	return err.kind == ERR_NONE ? code : cli_fail(&err);
}

/* The start page said: show me the sandbox. */
static int
run_sandbox(struct cli *cli)
{
	static const struct given sandbox = {"sandbox", ""};

	cli->given = mem_resize(cli->given, (cli->given_len + 1) * sizeof *cli->given);
	cli->given[cli->given_len++] = sandbox;
	cli->profile = (struct profile){0};
	return cli_console(cli);
}

static int
start_page(struct cli *cli, const char *why)
{
	enum app_choice choice = APP_QUIT;
	int code = run_app(cli, why, &choice);

	if (code == 0 && choice == APP_SANDBOX)
		return run_sandbox(cli);
	if (code == 0 && choice == APP_DOCTOR) {
		cli->command = command_doctor;
		return command_doctor.run(cli);
	}
	return code;
}

int
cli_console(struct cli *cli)
{
	struct credential credential = {0};
	struct credential_wish wish;
	enum credential_offer offer;
	struct err err = {0}, journal_err = {0};
	size_t at = 0;
	enum app_choice choice = APP_QUIT;
	bool found;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return no_terminal();
	if (!cli_option(cli, "sandbox")) {
		if (!cli_open_profile(cli, &err))
			return cli_fail(&err);
		wish = session_wish(&cli->profile);
		found = credential_find(&wish, &at, &credential, &offer, NULL, 0, &err);
		credential_free(&credential);
		if (!found)
			return start_page(cli, err.msg);
	}
	if (cli_option(cli, "sandbox") && isatty(STDERR_FILENO))
		fputs("claviger: opening the sandbox; the first time it makes its keys\n", stderr);
	if (!cli_open(cli, &err))
		return cli_fail(&err);
	signals_watch(session_loop(cli->session), NULL, NULL);
	if (!cli_open_journal(cli, &journal_err))
		cli_fail(&journal_err);
	return run_app(cli, NULL, &choice);
}
