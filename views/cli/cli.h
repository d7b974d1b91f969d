/* The command line: a table of commands, most of them generated from kinds and plans. */
#ifndef CLAVIGER_VIEWS_CLI_H
#define CLAVIGER_VIEWS_CLI_H

#include <limits.h>

#include "backend/estate/kind.h"
#include "backend/plans/plan.h"
#include "views/cli/print.h"

struct cli;
struct sandbox;

/* Which options a command takes, besides the fields of its plan. */
enum option_group {
	OPTIONS_COMMON = 1 << 0,
	OPTIONS_DATA = 1 << 1,     /* -o, --query */
	OPTIONS_ESTATE = 1 << 2,   /* profile, sandbox and what narrows them */
	OPTIONS_GROUP = 1 << 3,    /* -g */
	OPTIONS_VAULT = 1 << 4,    /* --vault */
	OPTIONS_CHANGE = 1 << 5,   /* --dry-run, --yes and the fleet */
	OPTIONS_TEST = 1 << 6,     /* selftest */
	OPTIONS_SERVE = 1 << 7,    /* sandbox */
	OPTIONS_STATE = 1 << 8,    /* sandbox ctl */
	OPTIONS_CONSOLE = 1 << 9,  /* the console */
	OPTIONS_BUNDLE = 1 << 10,  /* -o as the name of a file */
	OPTIONS_PROFILE = 1 << 11, /* --profile alone: nothing of the estate is looked at */
	OPTIONS_LOGIN = 1 << 12,
	OPTIONS_CARRY = 1 << 13,    /* --dry-run, --yes: what carries out one plan */
	OPTIONS_APPROVE = 1 << 14,  /* --approve */
	OPTIONS_EXPORT = 1 << 15,   /* -o as another format, --operation */
	OPTIONS_VERIFY = 1 << 16,   /* --checkpoint */
	OPTIONS_LOOKS = 1 << 17,    /* what the console looks like */
	OPTIONS_ANYWHERE = 1 << 18, /* taken by every command, where it changes nothing too */
};

struct command {
	char name[32];       /* "account list" */
	const char *args;    /* as shown in help: "NAME", "" */
	const char *summary; /* one sentence; NULL: made from the kind */
	unsigned options;    /* option_group bits */
	size_t words_min, words_max;
	int (*run)(struct cli *cli); /* returns the exit code */
	const struct kind *kind;     /* what generated it; NULL otherwise */
	const struct plan_def *plan;
};

/* One option as given. value is "" for options without one. */
struct given {
	const char *name, *value;
};

struct cli {
	struct command command;
	struct given *given;
	size_t given_len;
	const char **words; /* after the command's own */
	size_t words_len;
	struct print print;
	struct wrap *wrap; /* of --accessible; NULL: lines are as long as they are */

	struct profile profile;
	struct credential signed_in; /* on the start page; lasts as long as the console */
	struct sandbox *sandbox;     /* NULL: the real thing */
	struct session *session;
	struct estate *estate;
	struct journal *journal;
	char journal_dir[PATH_MAX]; /* "": the usual place */
	char tour[PATH_MAX];        /* its folder; "": there is no tour */
	char tour_sandbox[PATH_MAX];
};

/* Everything from the words of the call to the exit code. */
int cli_main(int argc, char **argv);

/* The value of an option, the last one given; NULL when it was not given. */
const char *cli_option(const struct cli *cli, const char *name);
/* The i-th value of an option that may be repeated; NULL at the end. */
const char *cli_option_at(const struct cli *cli, const char *name, size_t i);

/* Parses options wherever they stand; what is no option goes to cli->words. */
bool cli_parse(struct cli *cli, int argc, char **argv, struct err *err) MUST_CHECK;
/* Refuses what was given but is no option of this command. */
bool cli_options_fit(const struct cli *cli, struct err *err) MUST_CHECK;
/* One option, as the table has it. */
struct option_row {
	const char *name;
	int letter;      /* 0: none */
	const char *arg; /* NULL: it takes no value */
	bool arg_optional;
	unsigned groups;
	const char *help;
};
/* The i-th of them; NULL at the end. */
const struct option_row *cli_option_row(size_t i);

/* Prints the options of those groups, and the fields of plan (may be NULL). */
void cli_options_help(unsigned groups, const struct plan_def *plan);

/* The i-th command there is; false at the end. */
bool cli_command_at(size_t i, struct command *out);
/* The command that the first words name; *used gets how many those are. */
bool cli_command_find(const char *const *words, size_t words_len, struct command *out, size_t *used,
	struct err *err) MUST_CHECK;

/* Says an error on stderr, in one line. Returns its exit code. */
int cli_fail(const struct err *err);

/* The profile, with --sandbox the sandbox; then the session; then the estate; not the journal. Each
 * does what comes before it unless that was done. */
bool cli_open_profile(struct cli *cli, struct err *err) MUST_CHECK;
bool cli_open_session(struct cli *cli, struct err *err) MUST_CHECK;
bool cli_open(struct cli *cli, struct err *err) MUST_CHECK;
bool cli_open_journal(struct cli *cli, struct err *err) MUST_CHECK;
void cli_close(struct cli *cli);
void cli_close_journal(struct cli *cli);

/* The folder in which the console keeps what it has read (NULL: the usual place); false where
 * nothing is kept, in a sandbox that is thrown away. */
bool cli_cache_dir(const struct cli *cli, const char **dir);

/* Takes the folder of the journal from --sandbox=DIR, where no sandbox is started for it. */
bool cli_find_journal(struct cli *cli, struct err *err) MUST_CHECK;

/* The folder of the journal for journal_each and journal_verify; NULL: the usual place. */
const char *cli_journal_dir(const struct cli *cli);

/* For signals_watch while nothing but reading goes on: ends the process at once, and neither a
 * temporary sandbox nor a program that is asked for a token stays behind. user: the struct cli. */
void cli_stop(void *user);

/* One turn of the loop, while something runs. False when it was parked long ago and must be given
 * up. until: 0 before the first turn. */
bool cli_turn(const struct cli *cli, bool parked, int64_t *until);

/* The error of a call that a signal ended; what: what became of it. Returns false. */
bool cli_stopped(const char *what, struct err *err);

/* One line on stderr for each part of the estate that could not be read. */
void cli_notes(const struct cli *cli);

/* Prints value by the output options; takes the reference. sheet, what tables show, may be NULL.
 * Returns the exit code: `code`, or 1 with a line on stderr when it cannot be written. */
int cli_print(const struct cli *cli, json_t *value, const struct sheet *sheet, int code);

/* Fills what the options say of a sandbox (seed, fault, lro, throttle); fault has CLI_FAULTS_MAX
 * places. */
enum { CLI_FAULTS_MAX = 16 };
struct sandbox_options;
bool cli_sandbox_options(const struct cli *cli, const char *fault[CLI_FAULTS_MAX],
	struct sandbox_options *out, struct err *err) MUST_CHECK;

int cli_console(struct cli *cli);
/* The same as a plain numbered dialogue on stdin and stdout. */
int cli_accessible(struct cli *cli);
int cli_list(struct cli *cli);
int cli_show(struct cli *cli);
bool cli_shows(const struct kind *kind);
int cli_plan(struct cli *cli);
void cli_help_command(const struct command *command);
void cli_help_overview(void);
/* The topics of help that are in no table and no command; NULL ends. */
extern const char *const cli_help_topics[];
/* Prints a paragraph of ASCII, indented and broken at blanks. */
void cli_paragraph(const char *text, size_t len);
/* What a command does, in a sentence; list and show say it with the title of their kind. */
enum { CLI_SUMMARY = 120 };
const char *cli_summary(const struct command *command, char room[CLI_SUMMARY]);
int cli_version(void);
/* Name and version of claviger and its libraries, with separator in between. */
bool cli_versions(struct buf *out, const char *separator) MUST_CHECK;

/* Tells what a profile means for where requests go, in a few rows. */
typedef void cli_row(void *user, const char *check, const char *text);
void cli_profile_rows(const struct profile *profile, cli_row *row, void *user);
/* Whether the theme that a profile names can be had; the error names the profile's place. */
bool cli_profile_theme(const struct profile *profile, struct err *err) MUST_CHECK;

/* How doctor and posture end that found something. */
enum { EXIT_FINDINGS = 11 };

/* Doctor's rows, a new array; ask: with a request to the service. */
json_t *cli_checks(struct cli *cli, bool ask);

extern const struct command command_apply, command_journal_checkpoint, command_journal_export,
	command_operations, command_resume, command_rollback;
extern const struct command command_vault_deleted, command_key_versions, command_explain,
	command_completion;
extern const struct command command_bundle, command_doctor, command_help, command_journal_list,
	command_login, command_logout, command_journal_verify, command_impact, command_posture,
	command_profile_list, command_prove, command_sandbox, command_sandbox_ctl, command_selftest,
	command_tour;

#endif
