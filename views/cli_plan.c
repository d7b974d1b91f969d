/* Every plan as a subcommand, generated from its fields: this file knows no plan by name. A fleet
 * is carried out one account after another, because the second may find the key that the first
 * made. Nothing is ever begun without --yes or an answer typed at a terminal. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/base/clock.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "views/cli.h"
#include "views/cli_report.h"
#include "views/signals.h"

enum { NAMES_BYTES_MAX = 4 << 20, PARK_MS = 10000, TURN_MS = 1000, ANSWER_MAX = 16 };

/* The accounts of one call and what became of each. */
struct fleet {
	struct cli *cli;
	const char *values[PLAN_FIELDS_MAX];
	char **names;
	size_t names_len;
	bool array;     /* several were asked for: an array is printed */
	json_t *result; /* array of result objects */
	struct sheet sheet;
	int code; /* the highest exit code so far */
	size_t failures;

	struct run *run; /* under way; NULL: none */
	bool parked;
	bool warned; /* the profile's banner was shown */
};

static void
add_name(struct fleet *fleet, const char *name, size_t len)
{
	fleet->names = mem_resize(fleet->names, (fleet->names_len + 1) * sizeof *fleet->names);
	fleet->names[fleet->names_len] = mem_alloc(ARMID_MAX);
	text_clean(fleet->names[fleet->names_len++], ARMID_MAX, name, len);
}

static bool
read_stdin(struct buf *out, struct err *err)
{
	char piece[4096];
	size_t n;

	while ((n = fread(piece, 1, sizeof piece, stdin)) > 0)
		if (!buf_add(out, piece, n))
			return err_set(
				err, ERR_USAGE, "", "--ids @-: more than %zu bytes", out->max);
	return !ferror(stdin) ||
	       err_set(err, ERR_FAILED, "", "--ids @-: standard input cannot be read");
}

/* The names of --ids: one a line from a file or standard input; blank lines do not count. */
static bool
add_ids(struct fleet *fleet, const char *ids, struct err *err)
{
	struct buf text;
	bool ok = true;

	if (ids[0] != '@') {
		add_name(fleet, ids, strlen(ids));
		return true;
	}
	buf_init(&text, NAMES_BYTES_MAX);
	ok = strcmp(ids, "@-") == 0 ? read_stdin(&text, err)
				    : file_read(ids + 1, false, &text, err);
	for (const char *at = buf_text(&text); ok && *at;) {
		size_t skip = strspn(at, " \t\r\n"), len = strcspn(at + skip, " \t\r\n");

		if (len)
			add_name(fleet, at + skip, len);
		at += skip + len;
	}
	buf_free(&text);
	return ok;
}

static bool
collect_names(struct fleet *fleet, struct err *err)
{
	struct cli *cli = fleet->cli;
	const char *ids = cli_option(cli, "ids");

	for (size_t i = 0; i < cli->words_len; i++)
		add_name(fleet, cli->words[i], strlen(cli->words[i]));
	for (size_t i = 0; cli_option_at(cli, "ids", i); i++)
		if (!add_ids(fleet, cli_option_at(cli, "ids", i), err))
			return false;
	fleet->array = fleet->names_len > 1 || ids;
	return fleet->names_len ||
	       err_set(err, ERR_USAGE, "", "%s: NAME is missing; see: claviger %s --help",
		       cli->command.name, cli->command.name);
}

static bool
check_choice(const struct plan_field *field, const char *value, struct err *err)
{
	char shown[80], list[160] = "";
	size_t used = 0;

	if (field->choices == NULL)
		return true;
	for (size_t i = 0; field->choices[i]; i++) {
		if (strcmp(value, field->choices[i]) == 0)
			return true;
		if (used < sizeof list)
			used += (size_t)snprintf(list + used, sizeof list - used, "%s%s",
				i ? ", " : "", field->choices[i]);
	}
	text_cleans(shown, sizeof shown, value);
	return err_set(
		err, ERR_USAGE, "", "--%s '%s': must be one of %s", field->name, shown, list);
}

static bool
collect_values(struct fleet *fleet, struct err *err)
{
	const struct plan_def *plan = fleet->cli->command.plan;

	for (size_t i = 0; i < plan->fields_len; i++) {
		const struct plan_field *field = &plan->fields[i];
		const char *value = cli_option(fleet->cli, field->name);

		if (value == NULL && field->required)
			return err_set(err, ERR_USAGE, "",
				"%s: --%s %s is missing; see: claviger %s --help", plan->name,
				field->name, field->arg ? field->arg : "", plan->name);
		if (value && field->arg && !check_choice(field, value, err))
			return false;
		fleet->values[i] = value && field->arg == NULL ? "yes" : value;
	}
	return true;
}

/* A signal parks the plan: the exchange under way is finished, nothing new is begun. Before a plan
 * is there, there is nothing to finish. */
static void
stop(void *user)
{
	struct fleet *fleet = user;

	if (fleet->run == NULL && json_array_size(fleet->result) == 0)
		cli_stop(fleet->cli);
	signals_watch(session_loop(fleet->cli->session), NULL, NULL);
	fleet->parked = true;
	if (fleet->run)
		plan_park(fleet->run, signals_pending() == SIGINT ? ERR_CANCELLED : ERR_PARKED);
}

static void
changed(void *user)
{
	struct fleet *fleet = user;

	if (fleet->run && isatty(STDERR_FILENO))
		report_progress(fleet->run);
}

/* Turns the loop until the plan stands still; once parked, not longer than PARK_MS. */
static void
wait_for(struct fleet *fleet, struct run *run)
{
	struct loop *loop = session_loop(fleet->cli->session);
	int64_t until = 0;

	fleet->run = run;
	if (fleet->parked)
		plan_park(run, signals_pending() == SIGINT ? ERR_CANCELLED : ERR_PARKED);
	while (plan_busy(run)) {
		if (fleet->parked && until == 0)
			until = clock_mono_ms() + PARK_MS;
		if (until && clock_mono_ms() > until) {
			plan_abandon(run);
			break;
		}
		loop_turn(loop, TURN_MS);
	}
	fleet->run = NULL;
}

/* Reads and judges for one account; NULL when it does not come to a plan. */
static struct run *
start(struct fleet *fleet, const char *name, struct err *err)
{
	struct cli *cli = fleet->cli;
	const struct service *service;
	struct armid id;
	struct run *run;

	if (!estate_find_account(
		    cli->estate, name, cli_option(cli, "resource-group"), &id, &service, err))
		return NULL;
	run = plan_start(cli->estate, cli->journal, cli->command.plan, &id, fleet->values, changed,
		fleet, err);
	if (run && cli_option(cli, "no-wait"))
		plan_no_wait(run);
	if (run)
		wait_for(fleet, run);
	return run;
}

static void
count(struct fleet *fleet, int code)
{
	if (code != 0 && code != EXIT_PENDING)
		fleet->failures++;
	if (code > fleet->code)
		fleet->code = code;
}

/* Takes what became of one account into the result. why: it was planned but not carried out. */
static void
take_run(struct fleet *fleet, const char *name, struct run *run, bool dry, const struct err *why)
{
	int code = report_exit(run, dry);

	if (why->kind != ERR_NONE)
		code = cli_fail(why);
	else if (run->err.kind != ERR_NONE)
		report_failure(name, run);
	json_array_append_new(fleet->result, plan_json(run, dry));
	report_rows(&fleet->sheet, run, name, fleet->array);
	count(fleet, code);
}

static void
take_error(struct fleet *fleet, const char *name, const struct err *err)
{
	json_array_append_new(fleet->result, report_unstarted(fleet->cli->command.plan, name, err));
	report_unstarted_row(&fleet->sheet, name, err, fleet->array);
	count(fleet, cli_fail(err));
}

/* Asks at the terminal. Anything but y or yes is a no. */
static bool
agreed(const char *question)
{
	char answer[ANSWER_MAX] = "";

	fprintf(stderr, "%s [y/N] ", question);
	fflush(stderr);
	if (!fgets(answer, sizeof answer, stdin))
		return false;
	answer[strcspn(answer, "\r\n")] = '\0';
	return text_casecmp(answer, "y") == 0 || text_casecmp(answer, "yes") == 0;
}

/* Once, before anything is asked or changed. */
static void
show_banner(struct fleet *fleet)
{
	const struct profile *profile = &fleet->cli->profile;

	if (profile->banner[0] && !fleet->warned)
		fprintf(stderr, "claviger: %s: profile %s, %s\n", profile->banner, profile->name,
			profile->cloud.name);
	fleet->warned = true;
}

/* Whether a planned run may be carried out. Without a terminal there is nobody to ask. A plain no
 * is no error: the changes stay pending. */
static bool
allowed(struct fleet *fleet, const char *name, struct run *run, struct err *err)
{
	struct cli *cli = fleet->cli;

	if (cli->profile.read_only)
		return err_set(err, ERR_DENIED, "ReadOnly",
			"%s %s: there are changes to make, and this call is read-only; leave out "
			"--read-only, or set read-only = no in the profile",
			run->plan->name, name);
	show_banner(fleet);
	if (cli_option(cli, "yes"))
		return true;
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return err_set(err, ERR_USAGE, "",
			"%s %s: there are changes to make; look at them with --dry-run, make them "
			"with --yes",
			run->plan->name, name);
	report_plan(name, run);
	if (agreed("Make these changes?"))
		return true;
	if (signals_pending())
		return cli_stopped("nothing was changed", err);
	fprintf(stderr, "claviger: %s %s: nothing was changed\n", run->plan->name, name);
	return false;
}

static void
carry_out(struct fleet *fleet, const char *name)
{
	struct err err = {0};
	struct run *run = start(fleet, name, &err);
	bool dry = cli_option(fleet->cli, "dry-run") != NULL;

	if (run == NULL) {
		take_error(fleet, name, &err);
		return;
	}
	if (run->state == PLAN_PLANNED && !dry && !fleet->parked) {
		if (allowed(fleet, name, run, &err)) {
			plan_all(run);
			wait_for(fleet, run);
		} else {
			dry = true;
		}
	}
	take_run(fleet, name, run, dry, &err);
	plan_free(run);
}

static bool
enough(const struct fleet *fleet, size_t max_failures)
{
	return fleet->parked || (max_failures && fleet->failures >= max_failures);
}

static bool
read_limit(const struct cli *cli, size_t *out, struct err *err)
{
	const char *text = cli_option(cli, "max-failures");
	char *end;

	*out = 0;
	if (text == NULL)
		return true;
	*out = strtoul(text, &end, 10);
	return (*end == '\0' && *out > 0 && *out < 1000000) ||
	       err_set(err, ERR_USAGE, "", "--max-failures: must be a number from 1 to 999999");
}

static void
free_fleet(struct fleet *fleet)
{
	for (size_t i = 0; i < fleet->names_len; i++)
		free(fleet->names[i]);
	free(fleet->names);
	sheet_free(&fleet->sheet);
	json_decref(fleet->result);
}

int
cli_plan(struct cli *cli)
{
	struct fleet fleet = {.cli = cli, .result = json_array()};
	struct err err = {0};
	size_t max_failures;
	json_t *value;
	int code;

	if (!collect_values(&fleet, &err) || !collect_names(&fleet, &err) ||
		!read_limit(cli, &max_failures, &err) || !cli_open(cli, &err) ||
		(!cli_option(cli, "dry-run") && !cli_open_journal(cli, &err))) {
		free_fleet(&fleet);
		return cli_fail(&err);
	}
	signals_watch(session_loop(cli->session), stop, &fleet);
	report_columns(&fleet.sheet, fleet.array);
	for (size_t i = 0; i < fleet.names_len && !enough(&fleet, max_failures); i++)
		carry_out(&fleet, fleet.names[i]);
	value = fleet.array ? json_incref(fleet.result)
			    : json_incref(json_array_get(fleet.result, 0));
	code = fleet.parked && fleet.code == 0 && json_array_size(fleet.result) < fleet.names_len
		       ? signals_exit(signals_pending())
		       : fleet.code;
	code = value ? cli_print(cli, value, &fleet.sheet, code) : code;
	free_fleet(&fleet);
	return code;
}
