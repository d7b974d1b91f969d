/* Lines and rows are made from the run alone, so that a new plan needs nothing here. */
#include "views/cli_report.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "views/cli.h"

int
report_exit(const struct run *run, bool dry)
{
	switch (run->state) {
	case PLAN_UNCHANGED:
	case PLAN_DONE:
		return 0;
	case PLAN_PLANNED:
		return dry && !plan_changes(run) ? 0 : EXIT_PENDING;
	case PLAN_ROLLED_BACK:
		return err_exit(run->err.kind == ERR_NONE ? ERR_FAILED : run->err.kind);
	case PLAN_REFUSED:
		return err_exit(run->err.kind == ERR_NONE ? ERR_REFUSED : run->err.kind);
	case PLAN_READING:
	case PLAN_RUNNING:
	case PLAN_PARKED:
		return err_exit(run->err.kind == ERR_CANCELLED ? ERR_CANCELLED : ERR_PARKED);
	case PLAN_FAILED:
		break;
	}
	return err_exit(run->err.kind == ERR_NONE ? ERR_FAILED : run->err.kind);
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
report_plan(const char *name, const struct run *run)
{
	char shown[160], text[512];

	text_cleans(shown, sizeof shown, name);
	fprintf(stderr, "%s %s\n", run->plan->title, shown);
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
report_progress(const struct run *run)
{
	const struct run_step *step;

	if (run->state != PLAN_RUNNING || run->current >= run->steps_len) {
		fputs("\r\033[K", stderr);
		return;
	}
	step = &run->steps[run->current];
	fprintf(stderr, "\r\033[K%zu/%zu  %s%s%s", run->current + 1, run->steps_len,
		step->step->title, step->note[0] ? ": " : "",
		step->note[0]  ? step->note
		: run->waiting ? " (waiting to try again)"
			       : "");
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

void
report_columns(struct sheet *sheet, bool fleet)
{
	static const char *const of_steps[] = {"step", "state", "seconds", "note", "request"};
	static const char *const of_fleet[] = {"account", "state", "done", "note"};

	*sheet = (struct sheet){.headers = fleet ? of_fleet : of_steps,
		.columns = fleet ? ARRAY_LEN(of_fleet) : ARRAY_LEN(of_steps)};
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

static void
fleet_row(struct sheet *sheet, const struct run *run, const char *name)
{
	char text[160];
	size_t done = 0;

	for (size_t i = 0; i < run->steps_len; i++)
		done += run->steps[i].state == STEP_DONE;
	text_cleans(text, sizeof text, name);
	sheet_add(sheet, text);
	sheet_add(sheet, plan_state_name(run->state));
	snprintf(text, sizeof text, "%zu of %zu", done, run->steps_len);
	sheet_add(sheet, text);
	sheet_add(sheet, run->err.kind == ERR_NONE ? "" : run->err.msg);
}

void
report_rows(struct sheet *sheet, const struct run *run, const char *name, bool fleet)
{
	if (fleet)
		fleet_row(sheet, run, name);
	for (size_t i = 0; !fleet && i < run->steps_len; i++)
		step_row(sheet, &run->steps[i]);
}

void
report_unstarted_row(struct sheet *sheet, const char *name, const struct err *err, bool fleet)
{
	char shown[160], why[2 * sizeof err->msg];

	if (!fleet)
		return;
	text_cleans(shown, sizeof shown, name);
	text_cleans(why, sizeof why, err->msg);
	sheet_add(sheet, shown);
	sheet_add(sheet, "failed");
	sheet_add(sheet, "");
	sheet_add(sheet, why);
}
