/* One campaign is looked at, asked about and carried out as one plan is; what is several about it
 * is its members' own. */
#include "views/cli/campaign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/base/mem.h"
#include "backend/plans/plan_file.h"
#include "views/cli/ask.h"
#include "views/cli/report.h"
#include "views/signals.h"

struct several {
	struct cli *cli;
	struct campaign *campaign; /* in hand; NULL: none */
	bool back;                 /* it is taken back */
	bool agreed;               /* what it cuts was agreed to when it was begun */
	const json_t *file;        /* that it comes from; NULL: none */
	bool parked, told;
	const char *const *forced; /* rules that do not stop it; NULL: none */
	json_t *results;           /* of campaigns that came before; an array */
	int code;                  /* the highest so far */
	char spoken[REPORT_SPOKEN];
};

static void
stop(void *user)
{
	struct several *several = user;

	if (several->campaign == NULL && json_array_size(several->results) == 0)
		cli_stop(several->cli);
	signals_watch(session_loop(several->cli->session), NULL, NULL);
	several->parked = true;
	if (several->campaign)
		campaign_park(several->campaign, signals_kind(signals_pending()));
}

static void
changed(void *user)
{
	struct several *several = user;

	if (several->campaign && isatty(STDERR_FILENO))
		report_campaign_progress(several->campaign,
			cli_option(several->cli, "accessible") ? several->spoken : NULL);
}

static void
wait_for(struct several *several)
{
	int64_t until = 0;

	while (campaign_busy(several->campaign) && cli_turn(several->cli, several->parked, &until))
		continue;
	if (!campaign_busy(several->campaign))
		return;
	campaign_abandon(several->campaign);
	while (campaign_busy(several->campaign))
		loop_turn(session_loop(several->cli->session), 0);
}

/* Of the whole (run NULL), or of one member. */
static struct question
question_of(const struct several *several, const struct run *run)
{
	const struct campaign *campaign = several->campaign;
	bool cuts = campaign->plan->stages && campaign->plan->danger == PLAN_CUTS;
	struct question question = {.plan = campaign->plan,
		.name = campaign->fleet ? "several" : campaign->name,
		.cuts = cuts ? campaign->subject.key.key : NULL,
		.agreed = several->agreed,
		.told = several->told,
		.show = report_campaign,
		.what = campaign};

	if (run) {
		question.name = run->facts.name;
		question.cuts = plan_cuts(run) ? plan_confirm_name(run) : NULL;
		question.agreed =
			several->agreed && !several->back && campaign->plan->danger == PLAN_CUTS;
	}
	return question;
}

static bool
ask(struct several *several, const struct run *run, struct err *err)
{
	const struct question question = question_of(several, run);

	several->told = true;
	return ask_may(several->cli, &question, err);
}

/* Of each member, once all was agreed to at the terminal or with the call. */
static bool
may(void *user, struct run *run, struct err *err)
{
	struct several *several = user;

	const struct campaign *campaign = several->campaign;
	bool whole = campaign->plan->stages != NULL;

	/* A campaign is asked about as a whole, and whoever said yes at the terminal has said it;
	 * but one that is to cut nobody off has not asked whether it may, nor has one that is taken
	 * back. */
	if (plan_cuts(run) ? whole && !several->back && campaign->plan->danger == PLAN_CUTS
			   : whole || several->back || campaign->previewed)
		return true;
	return ask(several, run, err);
}

static size_t
limit_of(const struct cli *cli)
{
	const char *text = cli_option(cli, "max-failures");

	return text ? strtoul(text, NULL, 10) : 0;
}

static struct campaign_options
options_of(struct several *several)
{
	struct cli *cli = several->cli;

	return (struct campaign_options){.journal = cli->journal,
		.journal_dir = cli_journal_dir(cli),
		.changed = changed,
		.may = may,
		.user = several,
		.max_failures = limit_of(cli),
		.force = several->forced,
		.no_wait = cli_option(cli, "no-wait") != NULL};
}

/* Whether it has to be looked at whole before anything is done: somebody wants to see it, or has to
 * be asked. */
static bool
wants_preview(const struct several *several)
{
	const struct cli *cli = several->cli;
	const struct question question = question_of(several, NULL);

	if (cli_option(cli, "dry-run") || cli_option(cli, "plan-out") || several->file)
		return true;
	if (several->campaign->fleet && !isatty(STDIN_FILENO))
		return false;
	return cli->profile.read_only || !ask_is_answered(cli, &question);
}

static bool
keep(const struct several *several, const char *path, struct err *err)
{
	char digest[65];

	if (!plan_file_write_campaign(several->campaign, path, digest, err))
		return false;
	report_kept(path, digest);
	return true;
}

/* Returns whether it was only looked at. */
static bool
carry_out(struct several *several, struct err *err)
{
	struct campaign *campaign = several->campaign;
	const char *out = cli_option(several->cli, "plan-out");
	bool dry = out || cli_option(several->cli, "dry-run");

	/* While it was put together nothing could be parked. */
	if (several->parked)
		return !cli_stopped("nothing was begun", err);
	if (wants_preview(several)) {
		campaign_preview(campaign);
		wait_for(several);
		if (campaign->state == PLAN_UNCHANGED && !dry && !several->parked &&
			!several->back) {
			campaign_go(campaign);
			wait_for(several);
			return false;
		}
		if (campaign->state != PLAN_PLANNED)
			return dry;
		if (out && !keep(several, out, err))
			return true;
		if (!dry && several->file &&
			!plan_file_holds_campaign(several->file, campaign, err))
			return true;
		if (several->parked)
			return !cli_stopped("nothing was changed", err);
		if (dry || !ask(several, NULL, err))
			return true;
	}
	campaign_go(campaign);
	wait_for(several);
	return false;
}

static void
count(struct several *several, int code)
{
	if (code > several->code)
		several->code = code;
}

/* How to go on with it. */
static void
say_operation(const struct campaign *campaign)
{
	if (campaign_is_recorded(campaign) &&
		(campaign->state == PLAN_PARKED || campaign->state == PLAN_FAILED))
		fprintf(stderr,
			"claviger: this is operation %s; claviger resume %.8s goes on, claviger "
			"rollback %.8s takes it back\n",
			campaign->operation, campaign->operation, campaign->operation);
}

/* Carries out the one in hand, and reports it; sheet gets its rows, after those that it has. Frees
 * it. */
static json_t *
finish(struct several *several, struct sheet *sheet)
{
	struct campaign *campaign = several->campaign;
	struct err err = {0};
	bool dry = campaign->state == PLAN_REFUSED || carry_out(several, &err);
	int code = report_campaign_exit(campaign, dry);
	json_t *json;

	if (err.kind != ERR_NONE)
		code = cli_fail(&err);
	else
		report_campaign_failure(campaign);
	if (!dry)
		say_operation(campaign);
	report_campaign_rows(sheet, campaign);
	json = campaign_json(campaign, dry);
	several->campaign = NULL;
	campaign_free(campaign);
	count(several, code);
	return json;
}

static bool
same(const struct subject *a, const struct subject *b)
{
	char one[SUBJECT_NAME], other[SUBJECT_NAME];

	return armid_same(&a->id, &b->id) &&
	       strcmp(subject_name(a, one), subject_name(b, other)) == 0;
}

/* The subjects of all names, each once. The results get a place for each of them, and the reason
 * for a name that is none. None at all when too many are none. */
static size_t
find_subjects(struct several *several, const struct names *names, struct subject *out)
{
	size_t len = 0, wrong = 0, limit = limit_of(several->cli), k;

	for (size_t i = 0; i < names->len && !several->parked; i++) {
		struct err err = {0};

		if (!names_subject(several->cli, names->rows[i], &out[len], &err)) {
			json_array_append_new(several->results,
				report_unstarted(several->cli->command.plan, names->rows[i], &err));
			count(several, cli_fail(&err));
			if (++wrong == limit)
				return 0;
			continue;
		}
		for (k = 0; k < len && !same(&out[k], &out[len]);)
			k++;
		if (k == len)
			json_array_append_new(several->results, json_null());
		len += k == len;
	}
	return len;
}

/* Those of a fleet into the places that were kept for them; places without one go. */
static void
place_results(struct several *several, const json_t *made)
{
	size_t next = 0;

	for (size_t i = 0; i < json_array_size(several->results); i++) {
		if (!json_is_null(json_array_get(several->results, i)))
			continue;
		if (next < json_array_size(made))
			json_array_set(several->results, i, json_array_get(made, next++));
		else
			json_array_remove(several->results, i--);
	}
}

static int
print(struct several *several, json_t *value, struct sheet *sheet)
{
	int code = several->code;

	if (several->parked && code == 0)
		code = signals_exit(signals_pending());
	code = cli_print(several->cli, value, sheet, code);
	sheet_free(sheet);
	json_decref(several->results);
	return code;
}

static int
carry_fleet(struct several *several, const struct names *names, const char *const *values)
{
	struct campaign_options options = options_of(several);
	struct subject *subjects = mem_alloc(names->len * sizeof *subjects);
	size_t len = find_subjects(several, names, subjects);
	struct sheet sheet = {0};
	json_t *made = NULL;

	if (len) {
		several->campaign = campaign_fleet(several->cli->estate, several->cli->command.plan,
			subjects, len, values, &options);
		made = finish(several, &sheet);
	}
	place_results(several, made);
	json_decref(made);
	free(subjects);
	return print(several, json_incref(several->results), &sheet);
}

static int
carry_stages(struct several *several, const struct names *names, const char *const *values)
{
	struct campaign_options options = options_of(several);
	struct cli *cli = several->cli;
	struct sheet sheet = {0};

	for (size_t i = 0; i < names->len && !several->parked; i++) {
		struct subject subject;
		struct err err = {0};

		if (names_subject(cli, names->rows[i], &subject, &err))
			several->campaign = campaign_start(
				cli->estate, cli->command.plan, &subject, values, &options, &err);
		if (several->campaign) {
			json_array_append_new(several->results, finish(several, &sheet));
		} else {
			json_array_append_new(several->results,
				report_unstarted(cli->command.plan, names->rows[i], &err));
			count(several, cli_fail(&err));
		}
	}
	return print(several,
		json_incref(
			names->several ? several->results : json_array_get(several->results, 0)),
		&sheet);
}

bool
cli_campaign_limit(const struct cli *cli, struct err *err)
{
	const char *text = cli_option(cli, "max-failures");
	char *rest;
	size_t limit;

	if (text == NULL)
		return true;
	limit = strtoul(text, &rest, 10);
	return (*rest == '\0' && limit > 0 && limit < 1000000) ||
	       err_set(err, ERR_USAGE, "", "--max-failures: must be a number from 1 to 999999");
}

int
cli_campaign(struct cli *cli, const struct names *names, const char *const *values,
	const char *const *forced)
{
	struct several several = {.cli = cli, .forced = forced};
	struct err err = {0};

	if (cli_option(cli, "plan-out") && names->several) {
		err_set(&err, ERR_USAGE, "", "--plan-out: a file takes one plan; give one NAME");
		return cli_fail(&err);
	}
	several.results = json_array();
	signals_watch(session_loop(cli->session), stop, &several);
	return (cli->command.plan->stages ? carry_stages : carry_fleet)(&several, names, values);
}

bool
cli_is_campaign(const struct operation *operation)
{
	const struct plan_def *plan = plan_find(operation->plan);

	return (plan && plan->stages) || json_object_get(operation->begin, "fleet");
}

static int
carry_one(struct several *several)
{
	struct sheet sheet = {0};

	return print(several, finish(several, &sheet), &sheet);
}

int
cli_campaign_again(struct cli *cli, const struct operation *operation, bool back)
{
	struct several several = {
		.cli = cli, .back = back, .agreed = true, .results = json_array()};
	struct campaign_options options;
	struct operation now;
	struct err err = {0};

	if (!cli_campaign_limit(cli, &err) || !ask_may_break(cli, &err) || !cli_open(cli, &err) ||
		(!cli_option(cli, "dry-run") && !cli_open_journal(cli, &err))) {
		json_decref(several.results);
		return cli_fail(&err);
	}
	options = options_of(&several);
	signals_watch(session_loop(cli->session), stop, &several);
	if (operation_take(cli->journal, cli_journal_dir(cli), operation->id, &now, &err)) {
		several.campaign = (back ? campaign_rollback : campaign_resume)(
			cli->estate, &now, &options, &err);
		if (several.campaign == NULL && cli->journal)
			journal_release(cli->journal, now.id);
		operation_free(&now);
	}
	if (several.campaign)
		return carry_one(&several);
	json_decref(several.results);
	return cli_fail(&err);
}

int
cli_campaign_apply(struct cli *cli, const json_t *file, const char *approval)
{
	struct several several = {
		.cli = cli, .file = file, .agreed = true, .results = json_array()};
	struct campaign_options options;
	struct err err = {0};

	if (ask_may_break(cli, &err) && cli_open(cli, &err) &&
		(cli_option(cli, "dry-run") || cli_open_journal(cli, &err))) {
		options = options_of(&several);
		signals_watch(session_loop(cli->session), stop, &several);
		several.campaign = campaign_again(cli->estate, file, approval, &options, &err);
	}
	if (several.campaign)
		return carry_one(&several);
	json_decref(several.results);
	return cli_fail(&err);
}
