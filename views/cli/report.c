/* Lines and rows are made from the run alone, so that a new plan needs nothing here. */
#include "views/cli/report.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "views/cli/cli.h"

int
report_state_exit(enum plan_state state, const struct err *err, bool dry, bool changes)
{
	switch (state) {
	case PLAN_UNCHANGED:
	case PLAN_DONE:
		return 0;
	case PLAN_PLANNED:
		if (err->kind != ERR_NONE)
			return err_exit(err->kind);
		return dry && !changes ? 0 : EXIT_PENDING;
	case PLAN_ROLLED_BACK:
		return err_exit(err->kind);
	case PLAN_REFUSED:
		return err_exit(err->kind == ERR_NONE ? ERR_REFUSED : err->kind);
	case PLAN_READING:
	case PLAN_RUNNING:
	case PLAN_PARKED:
		return err_exit(err->kind == ERR_CANCELLED ? ERR_CANCELLED : ERR_PARKED);
	case PLAN_FAILED:
		break;
	}
	return err_exit(err->kind == ERR_NONE ? ERR_FAILED : err->kind);
}

int
report_exit(const struct run *run, bool dry)
{
	return report_state_exit(run->state, &run->err, dry, plan_changes(run));
}

void
report_failure(const char *name, const struct run *run)
{
	struct err err = run->err;
	char shown[160];

	text_cleans(shown, sizeof shown, name);
	err_prefix(&err, "%s %s: %s", run->plan->name, shown, plan_state_name(run->state));
	cli_fail(&err);
}

void
report_left(const struct run *run)
{
	for (size_t i = 0; i < run->steps_len; i++)
		if (text_case_starts(run->steps[i].note, "not undone"))
			fprintf(stderr, "claviger: %s: %s\n", run->steps[i].step->name,
				run->steps[i].note);
}

static const char *
effect_text(const struct finding *finding)
{
	switch (finding->effect) {
	case FINDING_BLOCKS:
		return "stops this plan: ";
	case FINDING_MENDED:
		return "mended by step ";
	case FINDING_TOLD:
		break;
	}
	return "";
}

void
report_plan(const void *what)
{
	const struct run *run = what;
	char text[512];

	fprintf(stderr, "%s %s\n", run->plan->title, run->facts.name);
	for (size_t i = 0; i < run->findings_len; i++) {
		const struct finding *finding = &run->findings[i];

		fprintf(stderr, "  finding  %-6s %s; %s%s\n",
			severity_name(finding->rule->severity), finding->cause,
			effect_text(finding),
			finding->effect == FINDING_MENDED ? finding->mended_by
							  : finding->rule->remedy);
	}
	for (size_t i = 0; i < run->steps_len; i++) {
		const struct run_step *step = &run->steps[i];

		fprintf(stderr, "  %-7s  %-10s %s\n", step_state_name(step->state),
			step->step->name, step->step->title);
		if (step->state != STEP_NEEDED)
			continue;
		if (step->step->describe) {
			step->step->describe(&run->facts, text, sizeof text);
			fprintf(stderr, "           %-10s %s\n", "", text);
		}
		if (step->url)
			fprintf(stderr, "           %-10s %s %s\n", "", step->method, step->url);
		if (step->step->warning)
			fprintf(stderr, "           %-10s cannot be undone: %s\n", "",
				step->step->warning);
	}
}

void
report_line(const char *line, char *spoken)
{
	if (spoken == NULL) {
		fprintf(stderr, "\r\033[K%s", line);
	} else if (*line && strcmp(line, spoken) != 0) {
		fprintf(stderr, "%s\n", line);
		snprintf(spoken, REPORT_SPOKEN, "%s", line);
	}
}

size_t
report_wait(const struct run *run, char *out, size_t room)
{
	struct call_wait wait;
	char reason[WAIT_REASON];

	*out = '\0';
	if (!plan_waits(run, &wait))
		return 0;
	return (size_t)snprintf(out, room, "%s, again in %d s (%d of %d)",
		call_wait_reason(&wait, reason), (wait.ms + 999) / 1000, wait.try, wait.tries);
}

void
report_progress(const struct run *run, char *spoken)
{
	const struct run_step *step;
	char line[REPORT_SPOKEN] = "", waits[160];

	if (report_wait(run, waits, sizeof waits)) {
		snprintf(line, sizeof line, "%zu/%zu  %s: %s", run->current + 1, run->steps_len,
			run->steps[run->current].step->title, waits);
	} else if (run->state == PLAN_RUNNING && run->current < run->steps_len) {
		step = &run->steps[run->current];
		snprintf(line, sizeof line, "%zu/%zu  %s%s%s", run->current + 1, run->steps_len,
			step->step->title, step->note[0] ? ": " : "",
			step->note[0]  ? step->note
			: run->waiting ? " (waiting to try again)"
				       : "");
	} else if (spoken && !plan_busy(run)) {
		snprintf(line, sizeof line, "%s %s: %s", run->plan->title, run->facts.name,
			plan_state_name(run->state));
	}
	report_line(line, spoken);
}

void
report_kept(const char *path, const char *digest)
{
	fprintf(stderr, "claviger: the plan is in %s; its digest is %s\n", path, digest);
}

json_t *
report_unstarted(const struct plan_def *plan, const char *name, const struct err *err)
{
	char shown[ARMID_MAX], why[2 * sizeof err->msg];

	text_cleans(shown, sizeof shown, name);
	text_cleans(why, sizeof why, err->msg);
	return json_pack("{s:n, s:s, s:s, s:[], s:[], s:{}, s:[{s:s, s:s, s:s, s:n}]}", "operation",
		"plan", plan->name, "state", err->kind == ERR_REFUSED ? "refused" : "failed",
		"steps", "findings", "resources", "accounts", "name", shown, "outcome", "failed",
		"evidence", why, "seconds");
}

int
report_nothing(struct cli *cli, const char *name, const struct err *err)
{
	struct sheet sheet = {0};

	return cli_print(
		cli, report_unstarted(cli->command.plan, name, err), &sheet, cli_fail(err));
}

static void
step_row(struct sheet *sheet, const struct run_step *step)
{
	char text[640];

	sheet_add(sheet, step->step->name);
	sheet_add(sheet, step_state_name(step->state));
	snprintf(text, sizeof text, "%.3f", (double)step->us / 1e6);
	sheet_add(sheet, step->us ? text : "");
	sheet_add(sheet, step->err.kind == ERR_NONE ? step->note : step->err.msg);
	snprintf(text, sizeof text, "%s%s%s", step->method ? step->method : "",
		step->url ? " " : "", step->url ? step->url : "");
	sheet_add(sheet, text);
}

void
report_rows(struct sheet *sheet, const struct run *run)
{
	static const char *const headers[] = {"step", "state", "seconds", "note", "request"};

	*sheet = (struct sheet){.headers = headers, .columns = ARRAY_LEN(headers)};
	for (size_t i = 0; i < run->steps_len; i++)
		step_row(sheet, &run->steps[i]);
}
