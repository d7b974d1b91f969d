/* What may be claimed of an account. Two things must agree: what was read back of its key and of
 * who may open it, and what its service did when it was asked. Where one of them is not known, or
 * they disagree, that is said, and nothing is claimed. */
#include <stdio.h>
#include <string.h>

#include "backend/azure/role.h"
#include "backend/base/text.h"
#include "backend/plans/canary.h"
#include "backend/plans/grant.h"
#include "backend/plans/step.h"

/* Rights without which a service opens no key. */
static const perm_set opens = PERM_UNWRAP;

static bool
is_on_key(const struct plan_facts *facts)
{
	return grant_is_used(facts) &&
	       text_casecmp(facts->facts.account.key.key, facts->want.key) == 0;
}

static bool
follows(const struct account *account)
{
	return account->key.version[0] == '\0';
}

/* NO: every enabled version that the account may use was read as disabled. */
static enum tri
version_opens(const struct plan_facts *facts, char *why, size_t room)
{
	const struct account *account = &facts->facts.account;
	const struct key *key = &facts->facts.key;
	const struct key_version *one = key_version_find(key, account->key.version);
	const char *version = account->key.version;

	if (!follows(account)) {
		enum tri enabled = one ? one->enabled : TRI_UNKNOWN;

		snprintf(why, room, "version %.8s %s", version,
			enabled == TRI_NO    ? "read back as disabled"
			: enabled == TRI_YES ? "is enabled"
					     : "could not be read back");
		return enabled;
	}
	for (size_t i = 0; i < key->versions_len; i++) {
		one = &key->versions[i];
		if (one->enabled == TRI_NO)
			continue;
		snprintf(why, room, "version %.8s, which it may follow to, %s", one->version,
			one->enabled == TRI_YES ? "is enabled" : "could not be read back");
		return one->enabled;
	}
	snprintf(why, room, "%s",
		key->listed ? "all its versions read back as disabled"
			    : "its versions cannot be listed");
	return key->listed ? TRI_NO : TRI_UNKNOWN;
}

/* The first thing that gives the right, as "ROLE from SCOPE". */
static void
say_grant(const struct plan_facts *facts, char *why, size_t room)
{
	const struct store *store = store_of(&facts->facts.vault);
	const struct assignments *assigned = &facts->facts.assigned;
	char scope[SCOPE_MAX];

	if (store->role == NULL) {
		snprintf(why, room, "%s holds unwrapKey by an access policy of %s",
			step_principal(facts), facts->vault.name);
		return;
	}
	store->scope(&facts->facts, facts->want.key, scope);
	for (size_t i = 0; i < assigned->len; i++) {
		const struct role *role = role_find(assigned->rows[i].role);

		if (role && (role->keys & opens) && assignment_covers(&assigned->rows[i], scope)) {
			snprintf(why, room, "%s has the role %s from %.160s", step_principal(facts),
				role->name, assigned->rows[i].scope);
			return;
		}
	}
	snprintf(why, room, "%s holds unwrapKey", step_principal(facts));
}

/* NO: the body of a 200 shows at every scope that the identity does not hold it. */
enum tri
grant_of(const struct plan_facts *facts, char *why, size_t room)
{
	const struct facts *read = &facts->facts;
	const struct store *store = store_of(&read->vault);
	const char *principal = step_principal(facts);

	if (read->vault_known != KNOWN_READ || (store->list && read->roles_known != KNOWN_READ)) {
		snprintf(why, room, "what its identity holds could not be read back");
		return TRI_UNKNOWN;
	}
	/* In another tenant it is the application that holds it, which is not looked at here. */
	if (!principal[0] || read->account.federated[0]) {
		snprintf(why, room, "who opens its key is not known");
		return TRI_UNKNOWN;
	}
	if (store->holds(read, principal, facts->want.key) & opens) {
		say_grant(facts, why, room);
		return TRI_YES;
	}
	if (store->list && read->roles_maybe && read->roles_maybe[0]) {
		snprintf(why, room, "its identity %s", read->roles_maybe);
		return TRI_UNKNOWN;
	}
	snprintf(
		why, room, "%s read back as holding nothing that opens it at any scope", principal);
	return TRI_NO;
}

/* One of the two ways is enough to be cut; the other does not matter then. */
enum cut
cut_of(const struct plan_facts *facts, char *why, size_t room)
{
	char version[160], grant[320];
	enum tri by_version = version_opens(facts, version, sizeof version);
	enum tri by_grant = grant_of(facts, grant, sizeof grant);

	if (by_version == TRI_NO)
		snprintf(why, room, "%s", version);
	else if (by_grant == TRI_NO)
		snprintf(why, room, "%s", grant);
	else
		snprintf(why, room, "%s, %s", version, grant);
	if (by_version == TRI_NO || by_grant == TRI_NO)
		return CUT_YES;
	return by_version == TRI_UNKNOWN || by_grant == TRI_UNKNOWN ? CUT_UNKNOWN : CUT_NO;
}

enum tri
open_of(const struct plan_facts *facts, char *why, size_t room)
{
	char version[160], grant[320];
	enum tri by_version, by_grant = grant_of(facts, grant, sizeof grant);

	by_version = version_opens(facts, version, sizeof version);
	snprintf(why, room, "%s, %s", version, grant);
	if (by_version == TRI_NO || by_grant == TRI_NO)
		return TRI_NO;
	return by_version == TRI_YES && by_grant == TRI_YES ? TRI_YES : TRI_UNKNOWN;
}

/* What the canary told at the last, in a few words. */
static void
say_canary(const struct plan_facts *facts, char *out, size_t room)
{
	const struct service *service = facts->facts.account.service;
	bool asked = facts->canary.asked != 0;

	switch (facts->canary.told) {
	case CANARY_REFUSED:
		snprintf(out, room, "%s refused %u time%s in a row (%.80s)", service->canary_title,
			facts->canary.same, facts->canary.same == 1 ? "" : "s",
			facts->canary.words);
		return;
	case CANARY_ANSWERS:
		if (asked) {
			snprintf(out, room, "%s was read", service->canary_title);
			return;
		}
		break;
	case CANARY_DENIED:
		snprintf(out, room, "you may not read %s (%.80s)", service->canary_title,
			facts->canary.words);
		return;
	case CANARY_UNCLEAR:
		snprintf(out, room, "%s: %.120s, which tells nothing", service->canary_title,
			facts->canary.words);
		return;
	case CANARY_ABSENT:
		break;
	}
	snprintf(out, room, "%s",
		service->canary_lack ? service->canary_lack : "its service could not be asked");
}

static bool
has_canary(const struct plan_facts *facts)
{
	return facts->canary.asked ? facts->canary.told != CANARY_ABSENT
				   : facts->canary.told == CANARY_DENIED ||
					     facts->canary.told == CANARY_UNCLEAR ||
					     facts->canary.told == CANARY_REFUSED;
}

static bool
is_sure(const struct plan_facts *facts, enum canary of)
{
	return facts->canary.asked && facts->canary.told == of &&
	       facts->canary.same >= CANARY_ENOUGH;
}

static enum fate
fate_cut(const struct plan_facts *facts, enum cut cut)
{
	enum canary told = facts->canary.told;

	if (cut == CUT_YES && is_sure(facts, CANARY_REFUSED))
		return FATE_DARK;
	if (cut == CUT_YES && !has_canary(facts))
		return FATE_CUT;
	if (facts->canary.asked && told == CANARY_ANSWERS)
		return FATE_READABLE;
	return cut == CUT_NO && !(has_canary(facts) && told == CANARY_REFUSED) ? FATE_READABLE
									       : FATE_UNKNOWN;
}

enum fate
canary_fate(const struct plan_facts *facts, bool ended, char *why, size_t room)
{
	char state[320], canary[320];
	enum fate fate;
	bool back = facts->canary.back, keeps = false;

	if (facts->facts.account_known == KNOWN_READ && !is_on_key(facts)) {
		snprintf(why, room, "it is not on %s/%s", facts->want.vault, facts->want.key);
		return FATE_UNAFFECTED;
	}
	if (!ended || facts->facts.account_known != KNOWN_READ) {
		snprintf(why, room, "it was not asked to the end");
		return FATE_UNKNOWN;
	}
	say_canary(facts, canary, sizeof canary);
	if (back) {
		bool open = open_of(facts, state, sizeof state) == TRI_YES;

		fate = open && is_sure(facts, CANARY_ANSWERS) ? FATE_RESTORED : FATE_UNKNOWN;
	} else {
		enum cut cut = cut_of(facts, state, sizeof state);

		fate = fate_cut(facts, cut);
		keeps = cut == CUT_YES && fate == FATE_READABLE;
	}
	snprintf(why, room, "%.205s; %.105s%s", state, canary,
		keeps ? "; possible: it keeps the key a while" : "");
	return fate;
}
