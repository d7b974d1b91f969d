/* A copy of a key in another vault is independent of the first one, and nothing makes a backup
 * invalid. So whoever may back up or restore is told of by name. An access policy is cut down by
 * the plan "contain"; a role is given as a whole and by whoever it may be, so it is only told of.
 */
#include "backend/plans/holders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/azure/role.h"
#include "backend/base/text.h"
#include "backend/net/origin.h"
#include "backend/plans/step.h"

enum { TOLD_MAX = 12, PAGES_MAX = 500 };

static const struct rule rule_holder = {
	.id = "may-copy",
	.severity = SEVERITY_HIGH,
	.source = "Azure Key Vault, responding to a compromised key; built-in roles",
	.remedy = "A role cannot be cut down, so it is not touched here: take it away where it was "
		  "given, or give one without backup in its place.",
};
static const struct rule rule_role_unknown = {
	.id = "may-copy-unknown",
	.severity = SEVERITY_MEDIUM,
	.source = "Azure role-based access control, custom roles",
	.remedy = "See whether their data actions have keys/backup or keys/restore: az role "
		  "definition list --name ID.",
};
static const struct rule rule_unread = {
	.id = "may-copy-unread",
	.severity = SEVERITY_HIGH,
	.source = "Azure Resource Manager, the replies to the reads",
	.remedy = "Have it looked at by somebody who may, before anything else: claviger policy "
		  "list.",
};
static const struct rule rule_own = {
	.id = "own-entry",
	.severity = SEVERITY_INFO,
	.source = "Azure Key Vault, assign an access policy",
	.remedy = "Nothing is to be done: all that follows needs neither of them.",
};

/* Roles of a managed HSM that copy keys by other ways than the two rights. */
static const struct {
	const char *role, *may;
} ways[] = {
	{"a290e904-7015-4bba-90c8-60543313cdb4", "back up and restore the HSM as a whole"},
	{"7b127d3c-77bd-4e3e-bbe0-dbb8971fa7f8", "back up keys, and the HSM as a whole"},
	{"6efe6056-5259-49d2-8b3d-d3d73544b20b", "restore keys, and the HSM as a whole"},
	{"515eb02d-2335-4d2d-92f2-b1cbdf9c3778", "export keys, and give roles"},
};

const char *
holders_may(const struct assignment *assignment, bool hsm)
{
	const struct role *role = role_find(assignment->role);

	for (size_t i = 0; hsm && i < ARRAY_LEN(ways); i++)
		if (text_casecmp(ways[i].role, assignment->role) == 0)
			return ways[i].may;
	if (role == NULL)
		return "do what nobody here knows";
	if ((role->keys & HOLDERS_COPY) == HOLDERS_COPY)
		return "back up and restore";
	return role->keys & PERM_BACKUP ? "back up" : role->keys & PERM_RESTORE ? "restore" : NULL;
}

static void
tell_role(struct campaign *campaign, const struct assignment *one, bool hsm)
{
	const char *own = session_object_id(estate_session(campaign->estate));
	const struct role *role = role_find(one->role);

	campaign_find(campaign, &rule_holder, "%s%s%s%s may %s: %s on %.110s", one->type,
		one->type[0] ? " " : "", one->principal,
		text_casecmp(one->principal, own) == 0 ? " (you)" : "", holders_may(one, hsm),
		role ? role->name : one->role, one->scope);
}

static void
tell_roles(struct campaign *campaign, const struct facts *facts, const struct keyid *key)
{
	const struct assignments *all = &facts->assigned;
	char scope[SCOPE_MAX], roles[120] = "";
	size_t told = 0, more = 0, unknown = 0, used = 0;

	store_of(&facts->vault)->scope(facts, key->key, scope);
	for (size_t i = 0; i < all->len; i++) {
		const struct assignment *one = &all->rows[i];

		if (!assignment_covers(one, scope) || holders_may(one, facts->vault.hsm) == NULL)
			continue;
		if (role_find(one->role) == NULL) {
			unknown++;
			if (strstr(roles, one->role) == NULL && used + 40 < sizeof roles)
				used += (size_t)snprintf(roles + used, sizeof roles - used, "%s%s",
					used ? ", " : "", one->role);
		} else if (told < TOLD_MAX) {
			tell_role(campaign, one, facts->vault.hsm);
			told++;
		} else {
			more++;
		}
	}
	if (more)
		campaign_find(campaign, &rule_holder,
			"%zu more role assignments let their holders do so: claviger policy list "
			"--vault %s",
			more, facts->vault.id.name);
	if (unknown)
		campaign_find(campaign, &rule_role_unknown,
			"%zu assignment%s on %s of roles that are not known here: %s", unknown,
			unknown == 1 ? "" : "s", facts->vault.id.name, roles);
}

/* Every role assignment that reaches the vault, of whomever. */
static bool
read_roles(struct session *session, struct facts *facts, struct err *err)
{
	const struct store *store = store_of(&facts->vault);
	const struct grantee everybody = {0};
	struct request request;
	char *next = NULL;
	size_t pages = 0;
	bool ok = store->list(session, facts, &everybody, &request, err);

	while (ok) {
		struct reply reply = {0};
		json_t *json = NULL;
		char *url;

		ok = session_ask(session, &request, &reply, err) &&
		     (json = step_json(&reply, "role assignments", err)) != NULL &&
		     assignments_take(&facts->assigned, json, NULL, &next, err);
		json_decref(json);
		reply_free(&reply);
		if (!ok || next[0] == '\0')
			break;
		ok = ++pages < PAGES_MAX ? origin_follow(request.url, next, &url, err)
					 : err_set(err, ERR_FAILED, "EndlessPages",
						   "the list has no end after %d pages", PAGES_MAX);
		free(next);
		next = NULL;
		if (ok) {
			free(request.url);
			request.url = url;
		}
	}
	free(next);
	request_free(&request);
	return ok;
}

static void
tell_own(struct campaign *campaign, const struct vault *vault)
{
	const char *own = session_object_id(estate_session(campaign->estate));

	if (perm_effective(vault_rights(vault, own)) & HOLDERS_COPY)
		campaign_find(campaign, &rule_own,
			"your own access policy on %s loses backup and restore too, as the last "
			"one",
			vault->id.name);
}

bool
holders_tell(struct campaign *campaign, const struct armid *vault, const struct keyid *key,
	bool *policies, struct err *err)
{
	struct facts facts = {0};
	bool ok = estate_read_vault(campaign->estate, vault, &facts.vault, err);

	*policies = ok && store_of(&facts.vault)->list == NULL;
	if (*policies)
		tell_own(campaign, &facts.vault);
	else if (ok && (ok = read_roles(estate_session(campaign->estate), &facts, err)))
		tell_roles(campaign, &facts, key);
	if (!ok && err->kind != ERR_CANCELLED) {
		campaign_find(campaign, &rule_unread,
			"who may back up or restore on %s is not known: %.150s", vault->name,
			err->msg);
		ok = true;
	}
	facts_free(&facts);
	return ok;
}
