/* Before an account leaves a key, its service has to unwrap with it once more. Batch's article is
 * plain about it: without its key nothing but deleting the account works. Of the others it is only
 * inferred, but none is known to do without. So evidence that the key cannot be used stops these
 * verbs, and what is not known is said. */
#include "backend/plans/used.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/plans/cross.h"

static const struct rule rule_dead = {
	.id = "used-key-unusable",
	.severity = SEVERITY_HIGH,
	.section = "what happens when access to the key is lost",
	.remedy = "Make the key in use usable again first: until then Batch allows nothing but "
		  "deleting the account.",
};
static const struct rule rule_unusable = {
	.id = "used-key-unusable",
	.severity = SEVERITY_HIGH,
	.source = "Inferred from how the keys are wrapped: no article says what happens otherwise",
	.remedy =
		"Make the key in use usable again first: the service has to unwrap with it before "
		"it can wrap anew.",
};
static const struct rule rule_unknown = {
	.id = "used-key-unknown",
	.severity = SEVERITY_MEDIUM,
	.source = "Inferred from how the keys are wrapped: no article says what happens otherwise",
	.remedy = "Have somebody look who may read its vault and key; if the key cannot be used, "
		  "expect a refusal.",
};
static const struct rule rule_pinning = {
	.id = "pinning",
	.severity = SEVERITY_MEDIUM,
	.section = "update the key version",
	.remedy = "Let it follow new versions with --auto, unless it is to stay on this one.",
};
static const struct rule rule_source_unknown = {
	.id = "key-source-unknown",
	.severity = SEVERITY_HIGH,
	.section = "the account's encryption properties",
	.remedy = "See what the account says of itself: claviger account show.",
};

bool
used_prepare(const struct subject *subject, struct err *err)
{
	return service_find(subject->id.type) ||
	       err_set(err, ERR_REFUSED, "NoService",
		       "%s: accounts of type %s are not managed by this version", subject->id.name,
		       subject->id.type);
}

/* What the journal says of the key to go back to is older, and right. */
bool
used_take(struct plan_facts *facts, const struct err *failure, struct err *err)
{
	const struct account *account = &facts->used.account;

	if (failure->kind != ERR_NONE) {
		*err = *failure;
		return false;
	}
	if (account->source == KEY_SOURCE_UNKNOWN)
		return err_set(err, ERR_REFUSED, rule_source_unknown.id,
			"%s does not say whether it uses Microsoft's keys or a customer key. %s",
			account->id.name, rule_source_unknown.remedy);
	if (account->source != KEY_SOURCE_CUSTOMER || facts->former.known)
		return true;
	facts->former.known = true;
	facts->former.key = account->key;
	memcpy(facts->former.identity, account->key_identity, sizeof facts->former.identity);
	memcpy(facts->former.federated, account->federated, sizeof facts->former.federated);
	return true;
}

bool
used_required(const struct plan_facts *facts, struct err *err)
{
	const struct account *account = &facts->used.account;

	return account->source == KEY_SOURCE_CUSTOMER ||
	       err_set(err, ERR_REFUSED, "not-onboarded",
		       "%s is encrypted with keys that Microsoft manages. To give it a customer key, "
		       "run claviger onboard",
		       account->id.name);
}

void
used_want(struct plan_facts *facts)
{
	const struct facts *used = &facts->used;
	struct facts *now = &facts->facts;

	account_copy(&now->account, &used->account);
	now->account_known = used->account_known;
	vault_copy(&now->vault, &used->vault);
	now->vault_known = used->vault_known;
	now->vault_why = used->vault_why;
	facts->vault = used->vault.id;
	facts->want = now->key.id = used->account.key;
	memcpy(facts->want_identity, used->account.key_identity, sizeof facts->want_identity);
	cross_inherit(facts);
}

/* Why it cannot be used, of the rules that posture has for it; "" when none says. */
static void
find_cause(const struct facts *used, char *cause, size_t room)
{
	static const char *const ids[] = {"vault-absent", "tenant-mismatch", "identity-missing",
		"rights-missing", "key-absent", "key-disabled", "key-operations"};

	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		if (rule_holds(used, ids[i], cause, room))
			return;
	snprintf(cause, room, "its identity does not hold the rights");
}

void
used_judge(const struct plan_facts *facts, struct judging *judging)
{
	const struct facts *used = &facts->used;
	const struct account *account = &used->account;
	char cause[240];

	switch (facts_state(used)) {
	case ACCOUNT_LOCKED:
		find_cause(used, cause, sizeof cause);
		judge_say(judging, account->service->dead_when_cut ? &rule_dead : &rule_unusable,
			"%s cannot open its key now: %.180s", account->id.name, cause);
		break;
	case ACCOUNT_UNKNOWN:
		judge_say(judging, &rule_unknown,
			"whether %s can open %s/%s now is not known: %.100s", account->id.name,
			account->key.vault, account->key.key, facts_why_unknown(used));
		break;
	case ACCOUNT_OK:
	case ACCOUNT_NONE:
		break;
	}
}

void
used_judge_pinning(const struct plan_facts *facts, struct judging *judging)
{
	const struct account *account = &facts->used.account;

	if (account->mode == KEY_MODE_AUTO && !facts->follow)
		judge_say(judging, &rule_pinning,
			"%s follows new versions of %s/%s by itself; pinned, it stays on one "
			"version until somebody moves it",
			account->id.name, account->key.vault, account->key.key);
}
