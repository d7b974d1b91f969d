/* The journal of a run. Nothing is sent before its intent is on the disk; one intent covers the
 * tries of one step as long as they send the same bytes. */
#include "backend/plans/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "crypto/digest.h"

/* What a resume needs to find its way; public names and numbers only. */
static json_t *
detail(const struct run *run, bool undo)
{
	const struct plan_facts *facts = &run->facts;
	const char *principal = account_principal(&facts->facts.account);
	char key[KEYID_MAX], granted[240];
	json_t *out = json_object();

	if (facts->want.key[0])
		json_object_set_new(out, "key", json_string(keyid_print(&facts->want, key)));
	if (principal[0])
		json_object_set_new(out, "principalId", json_string(principal));
	if (facts->granted)
		json_object_set_new(out, "granted",
			json_string(perm_print(facts->granted, granted, sizeof granted)));
	if (run->private->operation[0])
		json_object_set_new(out, "acceptedOperation", json_string(run->private->operation));
	if (undo)
		json_object_set_new(out, "undo", json_true());
	return out;
}

static void
target(const struct run *run, const struct step *step, char out[ARMID_MAX])
{
	char key[KEYID_MAX];
	struct keyid bare = run->facts.want;

	bare.version[0] = '\0';
	if (step->on == STEP_ON_KEY)
		snprintf(out, ARMID_MAX, "%s", keyid_print(&bare, key));
	else
		armid_print(
			step->on == STEP_ON_VAULT ? &run->facts.vault : &run->facts.account, out);
}

static bool
append(struct run *run, const struct step *step, struct journal_entry *entry, bool undo,
	struct err *err)
{
	char on[ARMID_MAX];
	json_t *more = detail(run, undo);
	bool ok;

	target(run, step, on);
	entry->operation = run->facts.operation;
	entry->plan = run->plan->name;
	entry->step = step->name;
	entry->target = on;
	entry->detail = more;
	ok = journal_append(run->private->journal, entry, err);
	json_decref(more);
	return ok;
}

bool
run_intend(struct run *run, const struct step *step, const struct request *request, bool undo,
	struct err *err)
{
	struct run_private *p = run->private;
	struct journal_entry entry = {.phase = JOURNAL_INTENT};
	const char *body = request->body ? request->body : "";
	char digest[65];

	if (p->journal == NULL)
		return err_set(err, ERR_JOURNAL, "Journal",
			"there is no journal to record the change in; nothing was sent");
	digest_sha256_hex(body, strlen(body), digest);
	if (strcmp(digest, p->digest) == 0)
		return true;
	journal_actor(p->journal, session_object_id(p->session), session_client_id(p->session));
	snprintf(p->method, sizeof p->method, "%s", http_method_name(request->method));
	free(p->url);
	p->url = mem_strdup(request->url);
	entry.method = p->method;
	entry.url = p->url;
	entry.body_digest = digest;
	if (!append(run, step, &entry, undo, err))
		return false;
	memcpy(p->digest, digest, sizeof digest);
	return true;
}

bool
run_record(struct run *run, const struct run_step *shown, enum journal_phase phase,
	const struct err *why, struct err *err)
{
	struct run_private *p = run->private;
	struct journal_entry entry = {.phase = phase, .http = p->status, .us = p->us};
	bool undo = p->doing == DOING_UNDO || p->doing == DOING_UNDO_REREAD;

	entry.request_id = shown->request_id;
	if (p->digest[0]) {
		entry.method = p->method;
		entry.url = p->url;
		entry.body_digest = p->digest;
	}
	if (why && why->kind != ERR_NONE) {
		entry.code = why->code;
		entry.message = why->msg;
	}
	if (!append(run, shown->step, &entry, undo, err))
		return false;
	if (phase != JOURNAL_ACCEPTED)
		p->digest[0] = '\0';
	return true;
}
