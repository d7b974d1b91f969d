/* What could not be read is a finding of its own: a posture that passes over it in silence would be
 * taken for a good one. And a vault that was deleted, of which only a trace can be read. */
#include <stdio.h>

#include "backend/base/text.h"
#include "backend/estate/posture.h"
#include "backend/estate/rules.h"

static bool
is_unread(enum known known)
{
	return known == KNOWN_DENIED || known == KNOWN_FAILED;
}

bool
rule_vault_deleted(const struct facts *facts, char *cause, size_t room)
{
	if (facts->account_known != KNOWN_NOT_READ || facts->vault_known != KNOWN_ABSENT)
		return false;
	snprintf(cause, room, "%s", facts->vault_why.msg);
	return true;
}

/* The firewall has a rule of its own. */
bool
rule_account_unknown(const struct facts *facts, char *cause, size_t room)
{
	char firewall[240];

	if (is_unread(facts->account_known)) {
		snprintf(cause, room, "%s: %s", facts->account.id.name, facts->account_why.msg);
		return true;
	}
	if (facts->account_known != KNOWN_READ || facts_state(facts) != ACCOUNT_UNKNOWN ||
		rule_holds(facts, "vault-firewall", firewall, sizeof firewall))
		return false;
	snprintf(cause, room, "whether %s can open its key: %s", facts->account.id.name,
		facts_why_unknown(facts));
	return true;
}

bool
rule_vault_unknown(const struct facts *facts, char *cause, size_t room)
{
	return facts->account_known == KNOWN_NOT_READ && rule_vault_unreadable(facts, cause, room);
}

/* Of a key in use its rotation policy is one of the things to know. */
bool
rule_key_unknown(const struct facts *facts, char *cause, size_t room)
{
	const struct keyid *id = &facts->key.id;

	if (facts->account_known != KNOWN_NOT_READ)
		return false;
	if (rule_key_unreadable(facts, cause, room))
		return true;
	if (!is_unread(facts->rotation_known))
		return false;
	snprintf(cause, room, "rotation policy of %s/%s: %s", id->vault, id->key,
		facts->rotation_why.msg);
	return true;
}
