/* A plan about one thing as a subcommand, generated from its fields: this file knows no plan by
 * name. Several NAMEs are a fleet, and plans with stages are campaigns: cli_campaign.c. */
#include "views/cli/plan.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backend/plans/plan_file.h"
#include "views/cli/ask.h"
#include "views/cli/campaign.h"
#include "views/cli/names.h"
#include "views/cli/report.h"
#include "views/signals.h"

struct single {
	struct cli *cli;
	const char *name;
	const struct cli_source *source; /* what it comes from instead of a NAME; NULL: from that */
	const char *values[PLAN_FIELDS_MAX], *forced[FORCED_MAX + 1];
	struct run *run; /* under way; NULL: none */
	bool parked;
	char spoken[REPORT_SPOKEN];
};

/* A signal parks the plan: the exchange under way is finished, nothing new is begun. Before a plan
 * is there, there is nothing to finish. */
static void
stop(void *user)
{
	struct single *single = user;

	if (single->run == NULL)
		cli_stop(single->cli);
	signals_watch(session_loop(single->cli->session), NULL, NULL);
	single->parked = true;
	if (single->run)
		plan_park(single->run, signals_kind(signals_pending()));
}

static void
changed(void *user)
{
	struct single *single = user;

	if (single->run && isatty(STDERR_FILENO))
		report_progress(
			single->run, cli_option(single->cli, "accessible") ? single->spoken : NULL);
}

/* Turns the loop until the plan stands still. */
static void
wait_for(struct single *single, struct run *run)
{
	struct call_wait wait;
	int64_t until = 0;

	single->run = run;
	while (plan_busy(run) && cli_turn(single->cli, single->parked, &until))
		if (plan_waits(run, &wait) && !cli_option(single->cli, "accessible"))
			changed(single);
	if (plan_busy(run))
		plan_abandon(run);
}

/* Reads and judges; NULL when it does not come to a plan. */
static struct run *
start(struct single *single, struct err *err)
{
	struct cli *cli = single->cli;
	struct subject subject;
	struct run *run = NULL;

	if (single->source)
		run = single->source->start(single->source, cli, changed, single, err);
	else if (names_subject(cli, single->name, &subject, err))
		run = plan_start(cli->estate, cli->journal, cli->command.plan, &subject,
			single->values, changed, single, err);
	if (run && single->forced[0])
		plan_force(run, single->forced);
	if (run && cli_option(cli, "no-wait"))
		plan_no_wait(run);
	if (run)
		wait_for(single, run);
	return run;
}

/* The dialogue asks for a name where the console does: before a step that cannot be undone. */
static const char *
irreversible(const struct cli *cli, const struct run *run)
{
	const char *name = NULL;

	for (size_t i = 0; cli_option(cli, "accessible") && !name && i < run->steps_len; i++)
		name = plan_step_name(run, i);
	return name;
}

/* Makes, or takes back, what is planned, if that may be. */
static bool
make(struct single *single, struct run *run, struct err *err)
{
	const struct cli_source *source = single->source;
	struct question question = {.plan = run->plan,
		.name = single->name,
		.cuts = plan_cuts(run) ? plan_confirm_name(run) : NULL,
		.agreed = source && source->agreed,
		.types = irreversible(single->cli, run),
		.show = report_plan,
		.what = run};

	if ((source && source->check && !source->check(source, run, err)) ||
		!ask_may(single->cli, &question, err))
		return false;
	if (source && source->back)
		plan_undo(run);
	else
		plan_all(run);
	wait_for(single, run);
	return true;
}

/* Keeps the plan instead of carrying it out. */
static bool
keep(const struct run *run, const char *path, struct err *err)
{
	char digest[65];

	if (!plan_file_write(run, path, digest, err))
		return false;
	report_kept(path, digest);
	return true;
}

/* why: it was planned but not carried out. */
static int
report(struct single *single, struct run *run, bool dry, const struct err *why)
{
	int code = report_exit(run, dry);
	struct sheet sheet;

	if (single->source && single->source->back)
		report_left(run);
	if (why->kind != ERR_NONE)
		code = cli_fail(why);
	else if (run->err.kind != ERR_NONE)
		report_failure(single->name, run);
	report_rows(&sheet, run);
	code = cli_print(single->cli, plan_json(run, dry), &sheet, code);
	sheet_free(&sheet);
	return code;
}

static int
carry_out(struct single *single)
{
	struct cli *cli = single->cli;
	const char *out = cli_option(cli, "plan-out");
	bool dry = out || cli_option(cli, "dry-run");
	struct err err = {0};
	struct run *run;
	int code;

	signals_watch(session_loop(cli->session), stop, single);
	run = start(single, &err);
	if (run == NULL)
		return report_nothing(cli, single->name, &err);
	if (run->state == PLAN_PLANNED && out && !keep(run, out, &err))
		dry = true;
	if (run->state == PLAN_PLANNED && !dry && !single->parked)
		dry = !make(single, run, &err);
	if (run->state == PLAN_UNCHANGED && !dry && single->source && single->source->back)
		plan_settle(run);
	code = report(single, run, dry, &err);
	single->run = NULL;
	plan_free(run);
	return code;
}

/* How things are, where none of the fields says what is to change. */
static int
show(struct cli *cli, const struct names *names)
{
	json_t *shown = json_array(), *json;
	int code = 0;

	for (size_t i = 0; i < names->len; i++) {
		struct subject subject;
		struct err err = {0};

		json = names_subject(cli, names->rows[i], &subject, &err)
			       ? cli->command.plan->show(cli->estate, &subject, &err)
			       : NULL;
		if (json == NULL) {
			json = report_unstarted(cli->command.plan, names->rows[i], &err);
			code = cli_fail(&err) > code ? err_exit(err.kind) : code;
		}
		json_array_append_new(shown, json);
	}
	json = json_incref(names->several ? shown : json_array_get(shown, 0));
	json_decref(shown);
	return cli_print(cli, json, NULL, code);
}

static bool
only_shows(const struct plan_def *plan, const char *const *values)
{
	for (size_t i = 0; i < plan->fields_len; i++)
		if (values[i])
			return false;
	return plan->show != NULL;
}

static bool
prepare(struct cli *cli, struct err *err)
{
	bool dry = cli_option(cli, "dry-run") || cli_option(cli, "plan-out");

	return ask_may_break(cli, err) && cli_open(cli, err) && (dry || cli_open_journal(cli, err));
}

int
cli_plan(struct cli *cli)
{
	struct single single = {.cli = cli};
	struct names names = {0};
	struct err err = {0};
	int code;

	if (!names_values(cli, &names, single.values, &err) || !names_collect(cli, &names, &err) ||
		!cli_campaign_limit(cli, &err) || !ask_forced(cli, single.forced, &err) ||
		!prepare(cli, &err)) {
		names_free(&names);
		return cli_fail(&err);
	}
	single.name = names.rows[0];
	if (only_shows(cli->command.plan, single.values))
		code = show(cli, &names);
	else if (cli->command.plan->stages || names.several)
		code = cli_campaign(cli, &names, single.values, single.forced);
	else
		code = carry_out(&single);
	names_free(&names);
	return code;
}

int
cli_plan_from(struct cli *cli, const struct cli_source *source)
{
	struct single single = {.cli = cli, .source = source, .name = source->name};
	struct err err = {0};

	return prepare(cli, &err) ? carry_out(&single) : cli_fail(&err);
}
