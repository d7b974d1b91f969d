/* Campaigns and fleets, for people: from their results alone, so that a new verb needs nothing
 * here. */
#include <stdio.h>
#include <string.h>

#include "backend/json/json.h"
#include "views/cli/report.h"

int
report_campaign_exit(const struct campaign *campaign, bool dry)
{
	int code, one;

	if (!campaign->fleet || campaign->state == PLAN_PARKED)
		return report_state_exit(campaign->state, &campaign->err, dry, true);
	/* That it has ended could not be recorded. */
	code = campaign->err.kind == ERR_JOURNAL ? err_exit(ERR_JOURNAL) : 0;
	for (size_t i = 0; i < campaign->members_len; i++) {
		const struct member *member = &campaign->members[i];

		if (member->progress != MEMBER_ENDED)
			continue;
		one = report_state_exit(member->state, &member->err, dry, member->changes);
		code = one > code ? one : code;
	}
	return code;
}

static void
fail_member(const struct member *member)
{
	struct err err = member->err;
	char name[SUBJECT_NAME];

	err_prefix(&err, "%s %s: %s", member->plan->name, subject_name(&member->subject, name),
		plan_state_name(member->state));
	cli_fail(&err);
}

void
report_campaign_failure(const struct campaign *campaign)
{
	struct err err = campaign->err;

	for (size_t i = 0; campaign->fleet && i < campaign->members_len; i++)
		if (campaign->members[i].err.kind != ERR_NONE)
			fail_member(&campaign->members[i]);
	if (err.kind == ERR_NONE ||
		(campaign->fleet && campaign->state == PLAN_FAILED && err.kind != ERR_JOURNAL))
		return;
	err_prefix(&err, "%s %s: %s", campaign->plan->name,
		campaign->fleet ? "of several" : campaign->name, plan_state_name(campaign->state));
	cli_fail(&err);
}

static void
say_step(const json_t *step)
{
	const json_t *request = json_object_get(step, "request");

	if (strcmp(json_str(step, "state"), "needed") != 0)
		return;
	fprintf(stderr, "    %-10s %s %s\n", json_str(step, "name"), json_str(request, "method"),
		json_str(request, "url"));
}

static void
say_finding(const json_t *finding)
{
	fprintf(stderr, "    finding  %-6s %s; %s\n", json_str(finding, "severity"),
		json_str(finding, "cause"), json_str(finding, "remedy"));
}

void
report_campaign(const void *what)
{
	const struct campaign *campaign = what;
	const struct stage *stage = NULL;

	fprintf(stderr, "%s %s\n", campaign->plan->title,
		campaign->fleet ? "several" : campaign->name);
	for (size_t i = 0; i < campaign->findings_len; i++) {
		const struct finding *finding = &campaign->findings[i];

		fprintf(stderr, "  finding  %-6s %s; %s\n", severity_name(finding->rule->severity),
			finding->cause, finding->rule->remedy);
	}
	for (size_t i = 0; i < campaign->members_len; i++) {
		const struct member *member = &campaign->members[i];
		char name[SUBJECT_NAME];
		json_t *step, *finding;
		size_t k;

		if (member->stage && member->stage != stage)
			fprintf(stderr, " %s: %s\n", member->stage->name, member->stage->title);
		stage = member->stage;
		fprintf(stderr, "  %-9s %s %s%s%s\n", plan_state_name(member->state),
			member->plan->name, subject_name(&member->subject, name),
			member->err.kind == ERR_NONE ? "" : ": ", member->err.msg);
		json_array_foreach(
			member->cuts ? json_object_get(member->result, "findings") : NULL, k,
			finding)
		{
			say_finding(finding);
		}
		json_array_foreach(json_object_get(member->result, "steps"), k, step)
		{
			say_step(step);
		}
	}
}

/* The first of those under way that waits tells for all. */
static size_t
say_waits(const struct campaign *campaign, char *out, size_t room)
{
	char waits[160], name[SUBJECT_NAME];

	for (size_t i = 0; i < campaign->members_len; i++) {
		const struct member *member = &campaign->members[i];

		if (member->run && report_wait(member->run, waits, sizeof waits))
			return (size_t)snprintf(out, room, ", %.100s: %s",
				subject_name(&member->subject, name), waits);
	}
	return 0;
}

/* The time that is left changes with every reply: it is shown, and not read aloud. */
void
report_campaign_progress(const struct campaign *campaign, char *spoken)
{
	size_t ended, failed, all, used;
	char line[REPORT_SPOKEN] = "";
	int left;

	campaign_progress(campaign, &ended, &failed, &all, &left);
	if (campaign_busy(campaign)) {
		used = (size_t)snprintf(line, sizeof line, "%zu of %zu", ended, all);
		if (failed)
			used += (size_t)snprintf(
				line + used, sizeof line - used, ", %zu not done", failed);
		used += say_waits(campaign, line + used, sizeof line - used);
		if (left >= 0 && spoken == NULL)
			snprintf(line + used, sizeof line - used, ", about %d s left", left);
	} else if (spoken) {
		snprintf(line, sizeof line, "%s %s: %s", campaign->plan->title,
			campaign->fleet ? "of several" : campaign->name,
			plan_state_name(campaign->state));
	}
	report_line(line, spoken);
}

/* One row a member. */
static void
fleet_rows(struct sheet *sheet, const struct campaign *campaign)
{
	for (size_t i = 0; i < campaign->members_len; i++) {
		const struct member *member = &campaign->members[i];
		const json_t *steps = json_object_get(member->result, "steps");
		char name[SUBJECT_NAME], text[64] = "";
		size_t done = 0, k;
		json_t *step;

		json_array_foreach(steps, k, step)
		{
			done += strcmp(json_str(step, "state"), "done") == 0;
		}
		if (steps)
			snprintf(text, sizeof text, "%zu of %zu", done, json_array_size(steps));
		sheet_add(sheet, subject_name(&member->subject, name));
		sheet_add(sheet, member->progress == MEMBER_ENDED ? plan_state_name(member->state)
								  : "not begun");
		sheet_add(sheet, text);
		sheet_add(sheet, member->err.msg);
	}
}

/* One row a step of each member, then what became of the accounts. */
static void
campaign_rows(struct sheet *sheet, const struct campaign *campaign)
{
	for (size_t i = 0; i < campaign->members_len; i++) {
		const struct member *member = &campaign->members[i];
		json_t *step;
		size_t k;

		json_array_foreach(json_object_get(member->result, "steps"), k, step)
		{
			const json_t *error = json_object_get(step, "error");

			if (strcmp(json_str(step, "name"), "preflight") == 0 &&
				!json_is_object(error))
				continue;
			sheet_add(sheet, member->stage ? member->stage->name : "");
			sheet_add(sheet, json_str(step, "subject"));
			sheet_add(sheet, json_str(step, "name"));
			sheet_add(sheet, json_str(step, "state"));
			sheet_add(sheet, json_is_object(error) ? json_str(error, "message")
							       : json_str(step, "note"));
		}
	}
	for (size_t i = 0; i < campaign->concerns_len; i++) {
		const struct concern *concern = &campaign->concerns[i];

		sheet_add(sheet, "account");
		sheet_add(sheet, concern->id.name);
		sheet_add(sheet, "");
		sheet_add(sheet, fate_name(concern->fate));
		sheet_add(sheet, concern->evidence);
	}
}

void
report_campaign_rows(struct sheet *sheet, const struct campaign *campaign)
{
	static const char *const of_fleet[] = {"name", "state", "done", "note"};
	static const char *const of_stages[] = {"stage", "subject", "step", "state", "note"};

	sheet->headers = campaign->fleet ? of_fleet : of_stages;
	sheet->columns = campaign->fleet ? ARRAY_LEN(of_fleet) : ARRAY_LEN(of_stages);
	(campaign->fleet ? fleet_rows : campaign_rows)(sheet, campaign);
}
