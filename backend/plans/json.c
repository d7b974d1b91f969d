/* The result object that the command line prints. Bodies are shown as the JSON they are; nothing in
 * them is secret. */
#include <stdio.h>
#include <string.h>

#include "backend/plans/step.h"

static json_t *
text_or_null(const char *text)
{
	return text && *text ? json_string(text) : json_null();
}

static json_t *
seconds(int64_t us)
{
	return us > 0 ? json_real((double)us / 1e6) : json_null();
}

static json_t *
error_json(const struct err *err)
{
	json_t *out;

	if (err->kind == ERR_NONE)
		return json_null();
	out = json_object();
	json_object_set_new(out, "code", text_or_null(err->code));
	json_object_set_new(out, "message", json_string(err->msg));
	return out;
}

static json_t *
request_json(const struct run_step *shown)
{
	json_t *out, *body = NULL;

	if (shown->url == NULL)
		return json_null();
	if (shown->body)
		body = json_loads(shown->body, 0, NULL);
	out = json_object();
	json_object_set_new(out, "method", json_string(shown->method));
	json_object_set_new(out, "url", json_string(shown->url));
	json_object_set_new(out, "body", body ? body : json_null());
	return out;
}

static json_t *
step_object(const struct run_step *shown)
{
	enum step_state state = shown->state == STEP_RUNNING ? STEP_NEEDED : shown->state;
	json_t *out = json_object();

	json_object_set_new(out, "name", json_string(shown->step->name));
	json_object_set_new(out, "state", json_string(step_state_name(state)));
	json_object_set_new(out, "request", request_json(shown));
	json_object_set_new(out, "seconds", seconds(shown->us));
	json_object_set_new(out, "requestId", text_or_null(shown->request_id));
	json_object_set_new(out, "error", error_json(&shown->err));
	json_object_set_new(out, "note", text_or_null(shown->note));
	return out;
}

static json_t *
finding_object(const struct finding *finding)
{
	static const char *const effects[] = {
		[FINDING_TOLD] = "told",
		[FINDING_MENDED] = "mended",
		[FINDING_BLOCKS] = "blocks",
	};
	json_t *out = json_object();
	char source[200];

	json_object_set_new(out, "rule", json_string(finding->rule->id));
	json_object_set_new(out, "severity", json_string(severity_name(finding->rule->severity)));
	json_object_set_new(out, "cause", json_string(finding->cause));
	json_object_set_new(
		out, "source", json_string(finding_source(finding, source, sizeof source)));
	json_object_set_new(out, "remedy", json_string(finding->rule->remedy));
	json_object_set_new(out, "effect", json_string(effects[finding->effect]));
	json_object_set_new(out, "mendedBy", text_or_null(finding->mended_by));
	return out;
}

static json_t *
resources_json(const struct plan_facts *facts)
{
	json_t *out = json_object();
	char id[ARMID_MAX], key[KEYID_MAX];

	json_object_set_new(out, "account", json_string(armid_print(&facts->account, id)));
	json_object_set_new(out, "vault",
		facts->vault.name[0] ? json_string(armid_print(&facts->vault, id)) : json_null());
	json_object_set_new(out, "key",
		facts->want.key[0] ? json_string(keyid_print(&facts->want, key)) : json_null());
	json_object_set_new(out, "principalId", text_or_null(step_principal(facts)));
	return out;
}

static const struct run_step *
find_step(const struct run *run, const char *name)
{
	for (size_t i = 0; i < run->steps_len; i++)
		if (strcmp(run->steps[i].step->name, name) == 0)
			return &run->steps[i];
	return NULL;
}

/* What became of the account, from the steps that touch it. Parked half-way it is not as it was,
 * and nobody has read back what it is. */
static const char *
account_outcome(const struct run *run)
{
	bool touched = false, switched = false;

	if (run->state == PLAN_DONE)
		return "done";
	if (run->state == PLAN_ROLLED_BACK)
		return "restored";
	for (size_t i = 0; i < run->steps_len; i++) {
		const struct run_step *shown = &run->steps[i];

		if (shown->state == STEP_UNKNOWN || shown->state == STEP_ACCEPTED)
			return "unknown";
		touched = touched || (shown->step->changes && (shown->state == STEP_DONE ||
								      shown->state == STEP_FAILED));
		switched = switched || (shown->step->changes && shown->state == STEP_DONE &&
					       shown->step->on == STEP_ON_ACCOUNT);
	}
	if (run->state == PLAN_FAILED)
		return touched ? "failed" : "unaffected";
	return run->state == PLAN_PARKED && switched ? "unknown" : "unaffected";
}

static json_t *
account_object(const struct run *run)
{
	const struct run_step *verify = find_step(run, "verify");
	json_t *out = json_object();
	const char *evidence = "";
	int64_t us = 0;

	for (size_t i = 0; i < run->steps_len; i++)
		us += run->steps[i].us;
	if (verify && verify->state == STEP_DONE)
		evidence = verify->note;
	else if (run->err.kind != ERR_NONE)
		evidence = run->err.msg;
	json_object_set_new(out, "name", json_string(run->facts.account.name));
	json_object_set_new(out, "outcome", json_string(account_outcome(run)));
	json_object_set_new(out, "evidence", text_or_null(evidence));
	json_object_set_new(out, "seconds", seconds(us));
	return out;
}

json_t *
plan_json(const struct run *run, bool dry)
{
	json_t *out = json_object(), *steps = json_array(), *findings = json_array();
	json_t *accounts = json_array();

	for (size_t i = 0; i < run->steps_len; i++)
		json_array_append_new(steps, step_object(&run->steps[i]));
	for (size_t i = 0; i < run->findings_len; i++)
		json_array_append_new(findings, finding_object(&run->findings[i]));
	json_array_append_new(accounts, account_object(run));
	json_object_set_new(
		out, "operation", dry ? json_null() : json_string(run->facts.operation));
	json_object_set_new(out, "plan", json_string(run->plan->name));
	json_object_set_new(out, "state", json_string(plan_state_name(run->state)));
	json_object_set_new(out, "error", error_json(&run->err));
	json_object_set_new(out, "steps", steps);
	json_object_set_new(out, "findings", findings);
	json_object_set_new(out, "resources", resources_json(&run->facts));
	json_object_set_new(out, "accounts", accounts);
	return out;
}
