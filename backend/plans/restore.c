/* Restore: exactly what was. What the journal has of the revokes of the key since it was last
 * restored is taken back, the last one first; what the world has done meanwhile is mended from what
 * was written down before the first of them. Where nothing is recorded the key and the vault are
 * brought back if they were deleted, and what the accounts use is made usable. Then it is proved:
 * by the key, and by every service. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/plans/canary.h"
#include "backend/plans/fit.h"
#include "backend/plans/past.h"
#include "backend/plans/recall.h"
#include "backend/plans/saved.h"

static const struct rule rule_unrecorded = {
	.id = "nothing-recorded",
	.severity = SEVERITY_INFO,
	.source = "the journal",
	.remedy =
		"What the accounts use is made usable; what else there was before, nobody wrote down.",
};
static const struct rule rule_differs = {
	.id = "differs-from-before",
	.severity = SEVERITY_MEDIUM,
	.source = "the journal, and the replies to the reads",
	.remedy = "See who changed it, and whether it is to stay: claviger journal list.",
};
static const struct rule rule_unproved = {
	.id = "not-proved",
	.severity = SEVERITY_MEDIUM,
	.source = "Key Vault REST 7.4, Unwrap Key",
	.remedy = "See why, and try again: claviger prove.",
};

/* A whole id of an operation, or its beginning. */
static bool
may_be_operation(const char *name)
{
	size_t len = strlen(name);

	for (const char *p = name; *p; p++)
		if (!isxdigit((unsigned char)*p) && *p != '-')
			return false;
	return len >= 8 && len <= 36;
}

/* Of a vault that was deleted the name tells its host. */
static bool
find_in_deleted(struct estate *estate, const char *name, const char *vault, struct subject *out,
	struct err *err)
{
	const struct cloud *cloud = session_cloud(estate_session(estate));
	const char *slash = strchr(name, '/'), *key = slash ? slash + 1 : name;
	char in[64], uri[KEYID_MAX];
	bool hsm;

	if (slash == NULL && vault == NULL)
		return false;
	if (strstr(name, "://")) {
		if (!keyid_parse(&out->key, name, cloud, err))
			return false;
		snprintf(in, sizeof in, "%.63s", out->key.vault);
		return estate_find_deleted(estate, in, &out->id, out->location, err);
	}
	snprintf(in, sizeof in, "%.*s", slash ? (int)(slash - name) : 63, slash ? name : vault);
	if (!keyid_is_key_name(key) ||
		!estate_find_deleted(estate, in, &out->id, out->location, err))
		return false;
	hsm = text_casecmp(out->id.type, vault_type(true)) == 0;
	snprintf(uri, sizeof uri, "https://%s%s/keys/%s", out->id.name,
		hsm ? cloud->hsm_suffix : cloud->vault_suffix, key);
	return keyid_parse(&out->key, uri, cloud, err);
}

static bool
find(struct estate *estate, const char *journal_dir, const char *name, const char *vault,
	struct subject *out, struct err *err)
{
	struct operation operation;
	struct err why;
	bool ok;

	if (may_be_operation(name) && recall_find(session_loop(estate_session(estate)), journal_dir,
					      name, &operation, &why)) {
		ok = strcmp(operation.plan, plan_revoke.name) == 0 ||
		     err_set(err, ERR_USAGE, "",
			     "operation %s is no revoke; claviger rollback takes it back",
			     operation.id);
		ok = ok &&
		     past_subject(session_cloud(estate_session(estate)), operation.begin, out, err);
		memcpy(out->operation, operation.id, sizeof out->operation);
		operation_free(&operation);
		return ok;
	}
	if (estate_find_key(estate, name, vault, &out->key, err) &&
		estate_find_vault(estate, out->key.vault, &out->id, err))
		return true;
	return err->kind == ERR_NOT_FOUND && find_in_deleted(estate, name, vault, out, &why);
}

struct search {
	const struct campaign *campaign;
	json_t *revokes;  /* ids, oldest first */
	json_t *versions; /* of the state before the first of them */
	json_t *accounts;
};

/* The first word counts: that is how it was before anything was cut. */
static void
take_saved(struct search *search, const json_t *kept)
{
	const json_t *versions = json_object_get(kept, "versions"), *one;
	size_t i, k;

	json_array_foreach((json_t *)versions, i, one)
	{
		for (k = 0; k < json_array_size(search->versions); k++)
			if (json_equal(json_array_get(search->versions, k), one))
				break;
		if (k == json_array_size(search->versions))
			json_array_append(search->versions, (json_t *)one);
	}
	json_object_update_missing(search->accounts, json_object_get(kept, "accounts"));
}

/* A restore that was carried to its end begins a new account. */
static void
look_at(struct search *search, const struct operation *operation)
{
	const struct campaign *campaign = search->campaign;
	const char *named = campaign->subject.operation;
	bool revoke = strcmp(operation->plan, plan_revoke.name) == 0;

	if (named[0] ? strcmp(operation->id, named) != 0 : !revoke) {
		if (!named[0] && strcmp(operation->plan, campaign->plan->name) == 0 &&
			operation->state == OPERATION_DONE) {
			json_array_clear(search->revokes);
			json_array_clear(search->versions);
			json_object_clear(search->accounts);
		}
		return;
	}
	if (operation->state == OPERATION_ROLLED_BACK && !named[0])
		return;
	json_array_append_new(search->revokes, json_string(operation->id));
	take_saved(search, operation->kept);
}

static bool
search_journal(struct campaign *campaign, struct err *err)
{
	struct search search = {campaign, json_array(), json_array(), json_object()};
	struct operations past;
	bool ok = recall_search(session_loop(estate_session(campaign->estate)),
		campaign_journal(campaign), NULL, campaign->name, &past, err);

	for (size_t i = 0; i < past.len; i++)
		look_at(&search, &past.rows[i]);
	operations_free(&past);
	json_object_set_new(campaign->kept, "revokes", search.revokes);
	json_object_set_new(campaign->kept, "versions", search.versions);
	json_object_set_new(campaign->kept, "accounts", search.accounts);
	return ok;
}

static bool
is_recorded(const struct campaign *campaign)
{
	return json_array_size(json_object_get(campaign->kept, "revokes")) != 0;
}

static bool
gather(struct campaign *campaign, struct err *err)
{
	campaign->subject.key.version[0] = '\0';
	if (json_object_get(campaign->kept, "revokes") == NULL && !search_journal(campaign, err))
		return false;
	if (!is_recorded(campaign))
		campaign_find(campaign, &rule_unrecorded,
			"no revoke of %s is recorded since it was last restored", campaign->name);
	return campaign_users(campaign, &campaign->subject.key, NULL, err);
}

/* 404 and nothing else. */
static bool
is_gone(struct campaign *campaign, bool vault)
{
	struct err err = {0};
	struct vault is = {0};
	struct key key = {0};
	bool there = vault ? estate_read_vault(campaign->estate, &campaign->subject.id, &is, &err)
			   : estate_read_key(campaign->estate, &campaign->subject.key, &key, &err);

	vault_free(&is);
	key_free(&key);
	return !there && err.http == 404;
}

static bool
begin_vault(struct campaign *campaign, struct err *err)
{
	struct subject subject = {.kind = SUBJECT_VAULT, .id = campaign->subject.id};
	struct armid id;

	if (!is_gone(campaign, true))
		return true;
	if (!estate_find_deleted(campaign->estate, subject.id.name, &id, subject.location, err))
		return false;
	campaign_add(campaign, &plan_vault_recover, &subject, NULL, NULL);
	return true;
}

static bool
begin_key(struct campaign *campaign, struct err *err)
{
	(void)err;
	if (is_gone(campaign, false))
		campaign_add(campaign, &plan_key_recover, &campaign->subject, NULL, NULL);
	return true;
}

static bool
begin_back(struct campaign *campaign, struct err *err)
{
	const json_t *revokes = json_object_get(campaign->kept, "revokes");

	for (size_t i = json_array_size(revokes); i-- > 0;) {
		const char *revoke = json_string_value(json_array_get(revokes, i));
		struct operations members;

		/* The journal may have been written by others; of nothing all are members. */
		if (revoke == NULL || *revoke == '\0')
			continue;
		if (!recall_search(session_loop(estate_session(campaign->estate)),
			    campaign_journal(campaign), revoke, NULL, &members, err))
			return false;
		for (size_t k = 0; k < members.len; k++)
			campaign_add_back(campaign, &members.rows[k], NULL);
		operations_free(&members);
	}
	return true;
}

/* The versions that the accounts are on; of one that does not tell, the key's current one. */
static json_t *
versions_in_use(struct campaign *campaign)
{
	json_t *out = json_array();
	struct key key = {0};
	struct err err;

	if (!estate_read_key(campaign->estate, &campaign->subject.key, &key, &err)) {
		key_free(&key);
		return out;
	}
	for (size_t i = 0; i < campaign->concerns_len; i++) {
		const char *version = campaign->concerns[i].key.version;
		size_t k;

		if (!version[0])
			version = key.id.version;
		for (k = 0; k < json_array_size(out); k++)
			if (text_casecmp(json_string_value(json_array_get(out, k)), version) == 0)
				break;
		if (k == json_array_size(out) && key_version_find(&key, version))
			json_array_append_new(out, json_string(version));
	}
	key_free(&key);
	return out;
}

static json_t *
versions_to_enable(struct campaign *campaign)
{
	return is_recorded(campaign) ? json_incref(json_object_get(campaign->kept, "versions"))
				     : versions_in_use(campaign);
}

static bool
begin_enable(struct campaign *campaign, struct err *err)
{
	json_t *versions = versions_to_enable(campaign);
	char *list = saved_list(versions);

	(void)err;
	if (list[0])
		campaign_add(campaign, &plan_enable_versions, &campaign->subject,
			(const char *const[]){"versions", list, NULL}, NULL);
	free(list);
	json_decref(versions);
	return true;
}

/* What was written down of the account is given back; of one that was not, what its service needs
 * is granted. */
static void
add_grant(struct campaign *campaign, struct concern *concern)
{
	const json_t *was = saved_of(json_object_get(campaign->kept, "accounts"), &concern->id);
	const json_t *taken = json_object_get(was, "taken");
	struct subject subject = {.kind = SUBJECT_ACCOUNT, .id = concern->id};
	char vault[ARMID_MAX], key[KEYID_MAX], *text = NULL;
	json_t *list;

	armid_print(&campaign->subject.id, vault);
	keyid_print(&campaign->subject.key, key);
	if (was && json_array_size(taken) == 0)
		return;
	if (was) {
		list = json_pack("{s:O}", "taken", taken);
		text = json_dumps(list, JSON_COMPACT);
		json_decref(list);
	}
	campaign_add(campaign, was ? &plan_regrant : &plan_grant, &subject,
		(const char *const[]){
			"vault", vault, "key", key, text ? "taken" : NULL, text, NULL},
		concern);
	free(text);
}

static bool
begin_grant(struct campaign *campaign, struct err *err)
{
	(void)err;
	for (size_t i = 0; i < campaign->concerns_len; i++)
		add_grant(campaign, &campaign->concerns[i]);
	return true;
}

static bool
begin_prove(struct campaign *campaign, struct err *err)
{
	json_t *versions = versions_in_use(campaign), *one;
	size_t i;

	(void)err;
	json_array_foreach(versions, i, one)
	{
		struct subject subject = campaign->subject;

		snprintf(subject.key.version, sizeof subject.key.version, "%s",
			json_string_value(one));
		campaign_add(campaign, &plan_proof, &subject, NULL, NULL);
	}
	json_decref(versions);
	return true;
}

static void
proof_ended(struct campaign *campaign, const struct member *member, const struct run *run)
{
	const struct plan_facts *facts = &run->facts;

	if (facts->proof == PROOF_PROVED)
		json_object_set_new(
			campaign->kept, "proved", json_string(member->subject.key.version));
	else
		campaign_find(campaign, &rule_unproved, "version %.8s: %.200s",
			member->subject.key.version,
			facts->proof_why.kind != ERR_NONE ? facts->proof_why.msg : run->err.msg);
}

static bool
begin_watch(struct campaign *campaign, struct err *err)
{
	(void)err;
	for (size_t i = 0; i < campaign->concerns_len; i++)
		canary_add(campaign, &campaign->concerns[i], true);
	return true;
}

static void
watch_ended(struct campaign *campaign, const struct member *member, const struct run *run)
{
	const json_t *was =
		saved_of(json_object_get(campaign->kept, "accounts"), &member->subject.id);
	char how[200];

	canary_ended(campaign, member, run);
	if (was && member->state == PLAN_DONE && saved_differs(was, &run->facts, how, sizeof how))
		campaign_find(campaign, &rule_differs, "%s: %s", member->subject.id.name, how);
}

static bool
conclude(struct campaign *campaign, struct err *err)
{
	return canary_conclude(campaign, FATE_RESTORED, "restored", err);
}

static const struct stage vault = {
	.name = "vault",
	.title = "Recover the vault",
	.why = "A deleted vault comes back with its keys and access policies, but without its role "
	       "assignments.",
	.begin = begin_vault,
};
static const struct stage key = {
	.name = "key",
	.title = "Recover the key",
	.why = "A deleted key comes back with every version, as it was set.",
	.begin = begin_key,
};
static const struct stage back = {
	.name = "back",
	.title = "Take back what was cut",
	.why = "What the journal has of the revoke, the last change first.",
	.begin = begin_back,
	.end = canary_recorded,
};
static const struct stage enable = {
	.name = "enable",
	.title = "Enable the versions that were in use",
	.why = "Whatever somebody else has disabled of them meanwhile.",
	.begin = begin_enable,
	.end = canary_recorded,
};
static const struct stage grant = {
	.name = "grant",
	.title = "Give back what opens the key",
	.why = "As it was written down; role assignments are lost with a vault that is deleted, and made again.",
	.begin = begin_grant,
	.end = canary_recorded,
};
static const struct stage prove = {
	.name = "prove",
	.title = "Prove the key",
	.why = "Before a service is asked: the vault opens what is wrapped here.",
	.begin = begin_prove,
	.ended = proof_ended,
	.end = canary_recorded,
};
static const struct stage watch = {
	.name = "watch",
	.title = "Watch it come back",
	.why = "A Batch account may take ten minutes until it is accessible again, and a grant as long to take "
	       "effect.",
	.begin = begin_watch,
	.ended = watch_ended,
	.end = canary_recorded,
};
static const struct stage *const stages[] = {
	&vault, &key, &back, &enable, &grant, &prove, &watch, NULL};

const struct plan_def plan_restore = {
	.name = "restore",
	.title = "Restore",
	.summary = "Take a revoke back, exactly as it was, and show that the data can be read.",
	.inverse = "revoke",
	.subject = SUBJECT_KEY,
	.danger = PLAN_CHANGES,
	.unfit = unfit_restore,
	.find = find,
	.stages = stages,
	.gather = gather,
	.conclude = conclude,
	.final = "a restore takes back what was recorded of a revoke, and to take that back is to "
		 "cut again: claviger revoke, which asks for it",
};
