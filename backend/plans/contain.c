/* Contain: nobody makes or brings back a copy of a key any more. Whoever may back up or restore by
 * an access policy of the vault loses these two rights and keeps all others: where they stand as
 * the word "all" the others are first written out, then the word is taken away. Only
 * accessPolicies/add and /remove are sent. The operator's own entry comes last: when that cuts
 * more than was meant, all else is done. Roles cannot be cut down; see holders.h. */
#include <stdio.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/plans/holders.h"
#include "backend/plans/judge.h"
#include "backend/plans/step.h"

static bool
same_entry(const struct policy_entry *entry, const struct pruned *cut)
{
	return text_casecmp(entry->principal, cut->principal) == 0 &&
	       text_casecmp(entry->tenant, cut->tenant) == 0 &&
	       text_casecmp(entry->application, cut->application) == 0;
}

static bool
same_change(const struct pruned *a, const struct pruned *b)
{
	return text_casecmp(a->principal, b->principal) == 0 &&
	       text_casecmp(a->tenant, b->tenant) == 0 &&
	       text_casecmp(a->application, b->application) == 0 && !a->added == !b->added;
}

static const struct policy_entry *
entry_of(const struct vault *vault, const struct pruned *cut)
{
	for (size_t i = 0; i < vault->policies_len; i++)
		if (same_entry(&vault->policies[i], cut))
			return &vault->policies[i];
	return NULL;
}

/* The changes that an entry still needs, in order. */
static size_t
changes_of(const struct policy_entry *entry, struct pruned out[2])
{
	perm_set spelled = (PERM_ALL - 1) & ~(PERM_PURGE | HOLDERS_COPY) & ~entry->keys;
	struct pruned cut = {0};
	size_t n = 0;

	memcpy(cut.principal, entry->principal, sizeof cut.principal);
	memcpy(cut.tenant, entry->tenant, sizeof cut.tenant);
	memcpy(cut.application, entry->application, sizeof cut.application);
	if (entry->keys & PERM_ALL && spelled) {
		out[n] = cut;
		out[n++].added = spelled;
	}
	cut.taken = entry->keys & (HOLDERS_COPY | PERM_ALL);
	if (cut.taken)
		out[n++] = cut;
	return n;
}

static bool
is_own(const struct plan_facts *facts, const struct policy_entry *entry)
{
	const char *own = session_object_id(facts->session);

	return own[0] && text_casecmp(entry->principal, own) == 0;
}

/* The change to be made next, `ahead` more passed over; false: none is left. */
static bool
next_change(const struct plan_facts *facts, size_t ahead, struct pruned *out)
{
	const struct vault *vault = &facts->facts.vault;
	struct pruned changes[2];

	if (vault->hsm || vault->model != GRANT_POLICIES)
		return false;
	for (size_t i = 0; i < 2 * vault->policies_len; i++) {
		const struct policy_entry *entry = &vault->policies[i % vault->policies_len];
		size_t n;

		if (is_own(facts, entry) != (i >= vault->policies_len))
			continue;
		n = changes_of(entry, changes);
		if (ahead < n) {
			*out = changes[ahead];
			return true;
		}
		ahead -= n;
	}
	return false;
}

/* The change that the undo makes next: what was taken is there again before what was written out in
 * its place goes. */
static bool
next_back(const struct plan_facts *facts, struct pruned *out)
{
	for (size_t i = facts->cuts_len; i-- > 0;) {
		const struct pruned *cut = &facts->cuts[i];
		const struct policy_entry *entry = entry_of(&facts->facts.vault, cut);
		perm_set has = entry ? entry->keys : 0;

		*out = *cut;
		out->added = cut->taken & ~has;
		out->taken = out->added ? 0 : cut->added & has;
		if (out->added || out->taken)
			return true;
	}
	return false;
}

static size_t
left(const struct plan_facts *facts)
{
	struct pruned change;
	size_t n = 0;

	while (next_change(facts, n, &change))
		n++;
	return n;
}

static bool
needed(const struct plan_facts *facts)
{
	struct pruned change;

	return next_change(facts, 0, &change);
}

static void
describe(const struct plan_facts *facts, char *out, size_t room)
{
	size_t n = left(facts);

	snprintf(out, room,
		"%s: takes backup and restore out of its access policies, %zu change%s; all other "
		"rights stay",
		facts->vault.name, n, n == 1 ? "" : "s");
}

static bool
request(const struct plan_facts *facts, const struct pruned *cut, struct request *out,
	struct err *err)
{
	const struct grantee grantee = {.principal = cut->principal,
		.tenant = cut->tenant,
		.application = cut->application,
		.key = "",
		.name = ""};

	return (cut->added ? store_policies.add : store_policies.remove)(facts->session,
		&facts->facts, &grantee, cut->added ? cut->added : cut->taken, out, err);
}

static bool
build(const struct plan_facts *facts, struct request *out, struct err *err)
{
	struct pruned change;

	if (next_change(facts, facts->ahead, &change))
		return request(facts, &change, out, err);
	return err_set(err, ERR_FAILED, "NothingLeft", "%s: nothing is left to take away",
		facts->vault.name);
}

/* Two writers at once are told to look again. */
static enum outcome
accept(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	err_set(err, ERR_FAILED, "NotInEffect",
		"vault %s: Azure accepted it, but the access policy does not show it",
		facts->vault.name);
	if (reply)
		return OUTCOME_LOOK;
	step_failed(failure, err);
	return failure->http == 409 ? OUTCOME_AGAIN : OUTCOME_FAILED;
}

static void
note(struct plan_facts *facts, const struct pruned *cut)
{
	for (size_t i = 0; i < facts->cuts_len; i++) {
		struct pruned *old = &facts->cuts[i];

		if (text_casecmp(old->principal, cut->principal) == 0 &&
			text_casecmp(old->tenant, cut->tenant) == 0 &&
			text_casecmp(old->application, cut->application) == 0) {
			old->added |= cut->added;
			old->taken |= cut->taken;
			return;
		}
	}
	facts->cuts = mem_resize(facts->cuts, (facts->cuts_len + 1) * sizeof *facts->cuts);
	facts->cuts[facts->cuts_len++] = *cut;
}

static bool
build_seen(const struct plan_facts *facts, struct request *out, struct err *err)
{
	return step_read_vault.build(facts, out, err);
}

/* Before it is read anew what is there is what the change in hand was made on. */
static enum outcome
accept_seen(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	struct pruned change;

	if (facts->undoing ? next_back(facts, &change) : next_change(facts, 0, &change)) {
		facts->hand = change;
		if (!facts->undoing)
			note(facts, &change);
	}
	if (reply == NULL)
		return step_failed(failure, err);
	return step_take_vault(facts, reply, err) ? OUTCOME_DONE : OUTCOME_FAILED;
}

static const struct step step_seen = {
	.name = "policies",
	.title = "Read the access policies",
	.on = STEP_ON_VAULT,
	.build = build_seen,
	.accept = accept_seen,
};

/* Whether an entry says what it said, apart from backup and restore where those were taken. */
static bool
is_kept(const struct plan_facts *facts, const struct policy_entry *old)
{
	const struct vault *now = &facts->facts.vault;
	perm_set apart = PERM_ALL, keys = perm_effective(old->keys), has = 0;
	const struct policy_entry *entry = NULL;
	struct pruned changes[2];

	for (size_t i = 0; entry == NULL && i < now->policies_len; i++)
		if (text_casecmp(now->policies[i].principal, old->principal) == 0 &&
			text_casecmp(now->policies[i].tenant, old->tenant) == 0 &&
			text_casecmp(now->policies[i].application, old->application) == 0)
			entry = &now->policies[i];
	if (changes_of(old, changes))
		apart |= HOLDERS_COPY;
	if (entry)
		has = perm_effective(entry->keys);
	return (has & ~apart) == (keys & ~apart) &&
	       (entry ? entry->others : false) == old->others &&
	       strcmp(entry ? entry->unknown : "", old->unknown) == 0;
}

static enum outcome
seen(struct plan_facts *facts, struct err *err)
{
	const struct vault *before = &facts->before;
	struct pruned change;

	for (size_t i = 0; i < before->policies_len; i++)
		if (!is_kept(facts, &before->policies[i])) {
			err_set(err, ERR_FAILED, "ForeignPolicyChanged",
				"vault %s: the access policy of %s changed meanwhile; see who else "
				"works on the vault before going on",
				facts->vault.name, before->policies[i].principal);
			return OUTCOME_FAILED;
		}
	if (next_change(facts, 0, &change)) {
		err_set(err, ERR_FAILED, "NotInEffect",
			"vault %s: Azure accepted it, but %s still holds the right",
			facts->vault.name, change.principal);
		return same_change(&change, &facts->hand) ? OUTCOME_LOOK : OUTCOME_MORE;
	}
	snprintf(facts->note, sizeof facts->note,
		"read back: no access policy gives backup or restore, all other rights are as they "
		"were");
	return OUTCOME_DONE;
}

static bool
undo(const struct plan_facts *facts, struct request *out, struct err *err)
{
	struct pruned change;

	if (next_back(facts, &change))
		return request(facts, &change, out, err);
	return err_set(err, ERR_REFUSED, "NothingTaken",
		"vault %s: nothing was taken away that could be given back", facts->vault.name);
}

static enum outcome
undone(const struct plan_facts *facts)
{
	struct pruned change;

	if (!next_back(facts, &change))
		return OUTCOME_DONE;
	return same_change(&change, &facts->hand) ? OUTCOME_LOOK : OUTCOME_MORE;
}

static json_t *
cut_json(const struct pruned *cut)
{
	char added[240], taken[240];

	return json_pack("{s:s, s:s, s:s, s:s, s:s}", "principal", cut->principal, "tenant",
		cut->tenant, "application", cut->application, "added",
		perm_print(cut->added, added, sizeof added), "taken",
		perm_print(cut->taken, taken, sizeof taken));
}

/* What was changed, and what is in hand. */
static void
save(const struct plan_facts *facts, json_t *detail)
{
	json_t *list = json_array();
	struct pruned change;

	for (size_t i = 0; i < facts->cuts_len; i++)
		json_array_append_new(list, cut_json(&facts->cuts[i]));
	if (!facts->undoing && next_change(facts, 0, &change))
		json_array_append_new(list, cut_json(&change));
	json_object_set_new(detail, "cuts", list);
}

/* Names that are no rights are nothing. */
static perm_set
rights(const json_t *json, const char *member)
{
	char text[240];
	perm_set out = 0;
	struct err err;

	if (!json_text(json, member, text, sizeof text, &err))
		return 0;
	for (char *rest = text, *word; (word = strsep(&rest, " ")) != NULL;)
		out |= perm_parse(word);
	return out;
}

static void
load(struct plan_facts *facts, const json_t *detail)
{
	const json_t *list = json_object_get(detail, "cuts"), *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		struct pruned cut = {.added = rights(one, "added"), .taken = rights(one, "taken")};
		struct err err;

		if (json_text(one, "principal", cut.principal, sizeof cut.principal, &err) &&
			json_text(one, "tenant", cut.tenant, sizeof cut.tenant, &err) &&
			json_text(one, "application", cut.application, sizeof cut.application,
				&err) &&
			armid_is_guid(cut.principal) && armid_is_guid(cut.tenant) &&
			(!cut.application[0] || armid_is_guid(cut.application)))
			note(facts, &cut);
	}
}

static const struct step step_contain = {
	.name = "contain",
	.title = "Take backup and restore away",
	.why = "Who may back a key up and restore it in another vault has a copy that nothing done to "
	       "the first one touches. So first of all these two rights go. What accounts need to "
	       "open the key stays, and so do all other rights.",
	.changes = true,
	.on = STEP_ON_VAULT,
	.again_ms = 1000,
	.budget_ms = 60000,
	.needed = needed,
	.describe = describe,
	.build = build,
	.accept = accept,
	.reread = &step_seen,
	.seen = seen,
	.undo = undo,
	.undone = undone,
	.left = left,
	.save = save,
	.load = load,
};

static size_t
judge(const struct plan_facts *facts, struct finding *out, size_t max)
{
	struct judging judging = {.out = out, .max = max};

	judge_vault(facts, &judging);
	return judging.len;
}

static const struct step *const reads[] = {&step_read_vault, NULL};
static const struct step *const steps[] = {&step_contain, NULL};
static const char *const blocking[] = {"vault-absent", "vault-unreadable", NULL};

const struct plan_def plan_contain = {
	.name = "contain",
	.title = "Contain",
	.summary = "Take the rights to back keys up and to restore them out of a vault's access "
		   "policies.",
	.subject = SUBJECT_VAULT,
	.danger = PLAN_CHANGES,
	.member = true,
	.reads = reads,
	.steps = steps,
	.blocking = blocking,
	.judge = judge,
};
