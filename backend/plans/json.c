/* The result object that the command line prints. Bodies are shown as the JSON they are; nothing in
 * them is secret. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/plans/az.h"
#include "backend/plans/run.h"
#include "backend/plans/step.h"

json_t *
run_text_json(const char *text)
{
	char clean[1024];
	json_t *out;

	if (text == NULL || *text == '\0')
		return json_null();
	if ((out = json_string(text)))
		return out;
	text_cleans(clean, sizeof clean, text);
	return json_string(clean);
}

static json_t *
seconds(int64_t us)
{
	return us > 0 ? json_real((double)us / 1e6) : json_null();
}

json_t *
run_error_json(const struct err *err)
{
	json_t *out;

	if (err == NULL || err->kind == ERR_NONE)
		return json_null();
	out = json_object();
	json_object_set_new(out, "code", run_text_json(err->code));
	json_object_set_new(out, "message", run_text_json(err->msg));
	return out;
}

json_t *
run_request_json(const char *method, const char *url, const char *body)
{
	json_t *out = json_object(), *json = body ? json_loads(body, 0, NULL) : NULL;
	char *az = az_command(method, url, body);

	json_object_set_new(out, "method", json_string(method));
	json_object_set_new(out, "url", json_string(url));
	json_object_set_new(out, "body", json ? json : json_null());
	json_object_set_new(out, "az", run_text_json(az));
	free(az);
	return out;
}

static json_t *
step_object(const struct run_step *shown)
{
	enum step_state state = shown->state == STEP_RUNNING ? STEP_NEEDED : shown->state;
	json_t *out = json_object();

	json_object_set_new(out, "name", json_string(shown->step->name));
	json_object_set_new(out, "state", json_string(step_state_name(state)));
	json_object_set_new(out, "request",
		shown->url ? run_request_json(shown->method, shown->url, shown->body)
			   : json_null());
	if (shown->others)
		json_object_set(out, "otherRequests", shown->others);
	json_object_set_new(out, "seconds", seconds(shown->us));
	json_object_set_new(out, "requestId", run_text_json(shown->request_id));
	json_object_set_new(out, "error", run_error_json(&shown->err));
	json_object_set_new(out, "note", run_text_json(shown->note));
	return out;
}

json_t *
run_finding_json(const struct finding *finding)
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
	json_object_set_new(out, "cause", run_text_json(finding->cause));
	json_object_set_new(
		out, "source", json_string(finding_source(finding, source, sizeof source)));
	json_object_set_new(out, "remedy", json_string(finding->rule->remedy));
	json_object_set_new(out, "effect", json_string(effects[finding->effect]));
	json_object_set_new(out, "mendedBy", run_text_json(finding->mended_by));
	return out;
}

static json_t *
resources_json(const struct plan_facts *facts)
{
	json_t *out = json_object();
	char id[ARMID_MAX], key[KEYID_MAX];

	json_object_set_new(out, "account",
		facts->account.name[0] ? json_string(armid_print(&facts->account, id))
				       : json_null());
	json_object_set_new(out, "vault",
		facts->vault.subscription[0] ? json_string(armid_print(&facts->vault, id))
					     : json_null());
	json_object_set_new(out, "key",
		facts->want.key[0] ? json_string(keyid_print(&facts->want, key)) : json_null());
	json_object_set_new(out, "identity",
		facts->identity.name[0] ? json_string(armid_print(&facts->identity, id))
					: json_null());
	json_object_set_new(out, "principalId",
		run_text_json(facts->identity_principal[0] ? facts->identity_principal
							   : step_principal(facts)));
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
	json_object_set_new(out, "evidence", run_text_json(evidence));
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
		json_array_append_new(findings, run_finding_json(&run->findings[i]));
	if (run->plan->subject == SUBJECT_ACCOUNT)
		json_array_append_new(accounts, account_object(run));
	json_object_set_new(
		out, "operation", dry ? json_null() : json_string(run->facts.operation));
	json_object_set_new(out, "plan", json_string(run->plan->name));
	json_object_set_new(out, "state", json_string(plan_state_name(run->state)));
	json_object_set_new(out, "error", run_error_json(&run->err));
	json_object_set_new(out, "steps", steps);
	json_object_set_new(out, "findings", findings);
	json_object_set_new(out, "resources", resources_json(&run->facts));
	json_object_set_new(out, "accounts", accounts);
	return out;
}
