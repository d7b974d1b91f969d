/* Taking back what the identity was given on the vault itself: of an access policy the rights that
 * the service needs, of roles the one role, on the vault and on its keys, one request each. What it
 * has from above stays: other things may rest on that, and it is not this account's to take. */
#include "backend/plans/step.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"

static const struct store *
store(const struct plan_facts *facts)
{
	return store_of(&facts->facts.vault);
}

/* The i-th that opens the key, on the key itself or on the whole vault. */
static bool
covering(const struct plan_facts *facts, size_t i, struct gift *out)
{
	for (size_t k = 0; store(facts)->given(&facts->facts, step_principal(facts), NULL, k, out);
		k++)
		if ((!out->key[0] || text_casecmp(out->key, facts->want.key) == 0) && i-- == 0)
			return true;
	return false;
}

bool
step_given(const struct plan_facts *facts, size_t i, struct gift *out)
{
	const char *principal = step_principal(facts);
	const char *key = facts->want.key[0] ? facts->want.key : NULL;

	if (!principal[0])
		return false;
	return facts->covering ? covering(facts, i, out)
			       : store(facts)->given(&facts->facts, principal, key, i, out);
}

static bool
is_there(const struct plan_facts *facts, const struct gift *gift)
{
	struct gift now;

	return store(facts)->given(&facts->facts, step_principal(facts), gift->key, 0, &now) &&
	       !(gift->set & ~now.set);
}

/* The one to give back next, `ahead` more passed over; taken_len: none is missing. */
static size_t
nth_back(const struct plan_facts *facts, size_t ahead)
{
	size_t i = 0;

	while (i < facts->taken_len && (is_there(facts, &facts->taken[i]) || ahead-- > 0))
		i++;
	return i;
}

static size_t
next_back(const struct plan_facts *facts)
{
	return nth_back(facts, 0);
}

static bool
needed(const struct plan_facts *facts)
{
	struct gift gift;

	return step_given(facts, 0, &gift);
}

static size_t
left(const struct plan_facts *facts)
{
	struct gift gift;
	size_t n = 0;

	while (step_given(facts, n, &gift))
		n++;
	return n;
}

static void
describe(const struct plan_facts *facts, char *out, size_t room)
{
	const char *principal = step_principal(facts);
	char rights[240];
	struct gift gift;

	if (!step_given(facts, 0, &gift))
		snprintf(out, room, "%s holds nothing on %s", principal, facts->vault.name);
	else if (store(facts)->role)
		snprintf(out, room, "%s: takes back the role %s, %zu assignment%s on %s", principal,
			store(facts)->role_name, left(facts), left(facts) == 1 ? "" : "s",
			facts->vault.name);
	else
		snprintf(out, room,
			"%s: takes back %s on the keys of %s; secrets and certificates stay",
			principal, perm_print(gift.set, rights, sizeof rights), facts->vault.name);
}

static struct grantee
grantee_of(const struct plan_facts *facts, const struct gift *gift)
{
	return (struct grantee){.principal = step_principal(facts),
		.tenant = step_tenant(facts),
		.key = gift->key,
		.name = gift->name};
}

static bool
build(const struct plan_facts *facts, struct request *out, struct err *err)
{
	const struct store *store = step_store(facts, err);
	struct gift gift;
	struct grantee grantee;

	if (store == NULL)
		return false;
	if (!step_given(facts, facts->ahead, &gift))
		return err_set(err, ERR_FAILED, "NothingLeft", "%s: nothing is left to take back",
			facts->vault.name);
	grantee = grantee_of(facts, &gift);
	return store->remove(facts->session, &facts->facts, &grantee, gift.set, out, err);
}

/* What is not there is what was asked for; two writers at once are told to look again. */
static enum outcome
accept(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	err_set(err, ERR_FAILED, "NotInEffect",
		"%s: it was accepted, but the identity still holds it", facts->vault.name);
	if (reply || failure->http == 404)
		return OUTCOME_LOOK;
	step_failed(failure, err);
	return failure->http == 409 ? OUTCOME_AGAIN : OUTCOME_FAILED;
}

static void
note_taken(struct plan_facts *facts, const struct gift *gift)
{
	for (size_t i = 0; i < facts->taken_len; i++) {
		struct gift *old = &facts->taken[i];

		if (text_casecmp(old->key, gift->key) == 0 &&
			text_casecmp(old->name, gift->name) == 0) {
			old->set |= gift->set;
			return;
		}
	}
	facts->taken = mem_resize(facts->taken, (facts->taken_len + 1) * sizeof *facts->taken);
	facts->taken[facts->taken_len++] = *gift;
}

static bool
build_seen(const struct plan_facts *facts, struct request *out, struct err *err)
{
	return step_read_grants.build(facts, out, err);
}

/* Before it is read anew what is there is what the change in hand was made on. */
static enum outcome
accept_seen(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	struct gift gift;

	if (facts->next == NULL && facts->undoing)
		facts->given_back = next_back(facts);
	else if (facts->next == NULL && step_given(facts, 0, &gift))
		note_taken(facts, &gift);
	return step_read_grants.accept(facts, reply, failure, err);
}

static const struct step step_seen = {
	.name = "grants",
	.title = "Read what the identity was given",
	.on = STEP_ON_VAULT,
	.build = build_seen,
	.accept = accept_seen,
};

static enum outcome
seen(struct plan_facts *facts, struct err *err)
{
	const char *principal = step_principal(facts), *key = facts->facts.key.id.key;
	perm_set holds;
	char rights[240];

	if (facts->taken_len && is_there(facts, &facts->taken[facts->taken_len - 1])) {
		err_set(err, ERR_FAILED, "NotInEffect",
			"%s: Azure accepted it, but %s still holds what was to be taken back",
			facts->vault.name, principal);
		return OUTCOME_LOOK;
	}
	if (needed(facts))
		return OUTCOME_MORE;
	holds = store(facts)->holds(&facts->facts, principal, key);
	if (holds & (PERM_GET | PERM_UNWRAP))
		snprintf(facts->note, sizeof facts->note,
			"%s still holds %s by what it has from elsewhere: data stay readable",
			principal, perm_print(holds, rights, sizeof rights));
	else
		snprintf(facts->note, sizeof facts->note,
			"read back: %s has no right left to unwrap on %s; what it has opened may stay "
			"readable until its service asks again",
			principal, facts->vault.name);
	return OUTCOME_DONE;
}

static bool
undo(const struct plan_facts *facts, struct request *out, struct err *err)
{
	const struct store *store = step_store(facts, err);
	size_t i = nth_back(facts, facts->ahead);
	struct grantee grantee;

	if (store == NULL)
		return false;
	if (i == facts->taken_len)
		return err_set(err, ERR_REFUSED, "NothingTaken",
			"vault %s: nothing was taken back that could be given again",
			facts->vault.name);
	grantee = grantee_of(facts, &facts->taken[i]);
	return store->add(facts->session, &facts->facts, &grantee, facts->taken[i].set, out, err);
}

static enum outcome
undone(const struct plan_facts *facts)
{
	if (facts->given_back < facts->taken_len &&
		!is_there(facts, &facts->taken[facts->given_back]))
		return OUTCOME_LOOK;
	return next_back(facts) < facts->taken_len ? OUTCOME_MORE : OUTCOME_DONE;
}

json_t *
step_gift_json(const struct gift *gift)
{
	char rights[240];

	return json_pack("{s:s, s:s, s:s}", "key", gift->key, "assignment", gift->name, "rights",
		perm_print(gift->set, rights, sizeof rights));
}

/* What was taken, and what is in hand. */
static void
save(const struct plan_facts *facts, json_t *detail)
{
	json_t *list = json_array();
	struct gift gift;

	for (size_t i = 0; i < facts->taken_len; i++)
		json_array_append_new(list, step_gift_json(&facts->taken[i]));
	if (!facts->undoing && step_given(facts, 0, &gift))
		json_array_append_new(list, step_gift_json(&gift));
	json_object_set_new(detail, "taken", list);
}

void
step_load_taken(struct plan_facts *facts, const json_t *detail)
{
	const json_t *list = json_object_get(detail, "taken"), *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		struct gift gift = {0};
		char rights[240];
		struct err err;

		if (!json_text(one, "key", gift.key, sizeof gift.key, &err) ||
			!json_text(one, "assignment", gift.name, sizeof gift.name, &err) ||
			!json_text(one, "rights", rights, sizeof rights, &err) ||
			(gift.key[0] && !keyid_is_key_name(gift.key)) ||
			(gift.name[0] && !armid_is_guid(gift.name)))
			continue;
		for (char *rest = rights, *word; (word = strsep(&rest, " ")) != NULL;)
			gift.set |= perm_parse(word);
		if (gift.set)
			note_taken(facts, &gift);
	}
}

const struct step step_ungrant = {
	.name = "ungrant",
	.title = "Take the rights back",
	.why = "An account opens its key by the rights of its identity. Without them its service can no "
	       "longer unwrap the account's own key, and what that protects becomes unreadable as soon as "
	       "the service asks again. Giving the rights back makes it readable again.",
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
	.load = step_load_taken,
};

static bool
lacks(const struct plan_facts *facts)
{
	return step_principal(facts)[0] && next_back(facts) < facts->taken_len;
}

static size_t
lacking(const struct plan_facts *facts)
{
	size_t n = 0;

	while (nth_back(facts, n) < facts->taken_len)
		n++;
	return n;
}

static void
describe_back(const struct plan_facts *facts, char *out, size_t room)
{
	snprintf(out, room, "%s: gives back on %s what was recorded, %zu missing",
		step_principal(facts), facts->vault.name, lacking(facts));
}

/* Before it is read anew, what is missing first is what was sent. */
static enum outcome
accept_back(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	facts->given_back = next_back(facts);
	err_set(err, ERR_FAILED, "NotInEffect",
		"%s: it was accepted, but the identity does not hold it", facts->vault.name);
	if (reply || text_case_has(failure->code, "RoleAssignmentExists"))
		return OUTCOME_LOOK;
	step_failed(failure, err);
	return failure->http == 409 || text_case_has(failure->code, "PrincipalNotFound")
		       ? OUTCOME_AGAIN
		       : OUTCOME_FAILED;
}

static enum outcome
seen_back(struct plan_facts *facts, struct err *err)
{
	enum outcome outcome = undone(facts);

	(void)err;
	if (outcome == OUTCOME_DONE)
		snprintf(facts->note, sizeof facts->note, "read back: %s holds what was recorded",
			step_principal(facts));
	return outcome;
}

const struct step step_regrant = {
	.name = "regrant",
	.title = "Give the rights back",
	.why = "What an identity held is written down before it is taken. Role assignments do not come back "
	       "with a vault that is recovered, so they are made again, under the names that they had.",
	.stays = "what was given back stays; claviger revoke takes it again",
	.changes = true,
	.on = STEP_ON_VAULT,
	.again_ms = 1000,
	.budget_ms = 60000,
	.needed = lacks,
	.describe = describe_back,
	.build = undo,
	.accept = accept_back,
	.reread = &step_read_grants,
	.seen = seen_back,
	.left = lacking,
};
