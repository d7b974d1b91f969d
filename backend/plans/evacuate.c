/* Evacuate: the key was stolen. Disabling it at once would take every account down and the thief's
 * copy would go on working; so nobody may make another copy first, then a new key is made in
 * another vault, every account is moved there and proved, and only then the old key is disabled.
 * Nothing is ever deleted or purged: backups of data may need the old key. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/impact.h"
#include "backend/json/json.h"
#include "backend/plans/campaign.h"
#include "backend/plans/fit.h"
#include "backend/plans/hint.h"
#include "backend/plans/holders.h"
#include "backend/plans/step.h"

static const struct rule rule_same_vault = {
	.id = "same-vault",
	.severity = SEVERITY_HIGH,
	.source = "Azure Key Vault, responding to a compromised key",
	.remedy = "Name another vault, which few may manage: claviger vault create.",
};
static const struct rule rule_key_absent = {
	.id = "key-absent",
	.severity = SEVERITY_HIGH,
	.source = "Key Vault REST 7.4, KeyNotFound",
	.remedy = "Have it made with --create-key BITS, or name a key that is there.",
};
static const struct rule rule_key_exists = {
	.id = "key-exists",
	.severity = SEVERITY_HIGH,
	.source = "Key Vault REST 7.4, Create Key",
	.remedy = "Leave --create-key out to use the key that is there, or give another name.",
};
static const struct rule rule_copies = {
	.id = "copies-stay",
	.severity = SEVERITY_HIGH,
	.source = "Azure Key Vault, responding to a compromised key",
	.remedy = "Nothing reaches such a copy: what it opens has to be on another key, which is "
		  "what this does for the accounts.",
};
static const struct rule rule_logs = {
	.id = "look-at-logs",
	.severity = SEVERITY_HIGH,
	.source = "Azure Key Vault logging",
	.remedy = "Read them again later: none seen is no proof before the 10 minutes are over, "
		  "nor for the time that the vault was not logged.",
};
static const struct rule rule_keep = {
	.id = "keep-old-key",
	.severity = SEVERITY_INFO,
	.source = "Azure Key Vault, migrate key workloads; soft-delete overview",
	.remedy = "Leave it disabled, and neither delete nor purge it, until retention of the last "
		  "backup has ended; to read one, enable it for that time: claviger key enable.",
};

enum { FIELD_VAULT, FIELD_KEY, FIELD_CREATE };

static const char *const sizes[] = {"2048", "3072", "4096", NULL};

static const struct plan_field fields[] = {
	[FIELD_VAULT] = {.name = "vault",
		.title = "New vault",
		.arg = "VAULT",
		.help = "The vault of the new key: another one, which few may manage.",
		.required = true,
		.hint = hint_other_vault,
		.offer = offer_other_vaults,
		.parts = ESTATE_VAULTS},
	[FIELD_KEY] = {.name = "key",
		.title = "New key",
		.arg = "NEW",
		.help = "The new key that the accounts move to; never a version of the old one.",
		.required = true,
		.hint = hint_new_key,
		.offer = offer_new_keys,
		.parts = ESTATE_NAMES},
	[FIELD_CREATE] = {.name = "create-key",
		.title = "Create key",
		.arg = "BITS",
		.help = "Make the new key, an RSA key of 2048, 3072 or 4096 bits.",
		.choices = sizes,
		.hint = hint_bits},
};

static const struct keyid *
old_key(const struct campaign *campaign)
{
	return &campaign->subject.key;
}

/* The new key with its vault. */
static bool
find_new(struct campaign *campaign, struct subject *out, struct err *err)
{
	*out = (struct subject){.kind = SUBJECT_KEY};
	if (!estate_find_vault(
		    campaign->estate, campaign_value(campaign, "vault"), &out->id, err) ||
		!estate_find_key(campaign->estate, campaign_value(campaign, "key"), out->id.name,
			&out->key, err))
		return false;
	return out->key.version[0] == '\0' ||
	       err_set(err, ERR_USAGE, "",
		       "--key %s/%s: give the new key without a version; accounts move to its "
		       "current one",
		       out->key.vault, out->key.key);
}

/* Whether it is there, and as it is to be made: what stands against it is a finding. */
static bool
look_at_new(struct campaign *campaign, const struct subject *new, bool *there, struct err *err)
{
	const char *bits = campaign_value(campaign, "create-key");
	struct key key = {0};
	char name[SUBJECT_NAME];

	*there = estate_read_key(campaign->estate, &new->key, &key, err);
	subject_name(new, name);
	if (!*there && err->kind != ERR_NOT_FOUND)
		return false;
	if (!*there && bits == NULL)
		campaign_find(campaign, &rule_key_absent, "%s is not there", name);
	if (*there && bits && (key.bits != strtoul(bits, NULL, 10) || key.kty[0] != 'R'))
		campaign_find(campaign, &rule_key_exists, "%s is there already, %s with %u bits",
			name, key.kty, key.bits);
	*err = (struct err){0};
	key_free(&key);
	return true;
}

static void
tell(struct campaign *campaign)
{
	const struct keyid *old = old_key(campaign);

	campaign_find(campaign, &rule_copies,
		"a copy of %s/%s that was restored elsewhere opens all that it opened: disabling, "
		"deleting or purging this one does nothing to it, nor to a backup",
		old->vault, old->key);
	campaign_find(campaign, &rule_logs,
		"look for KeyBackup and KeyRestore of %s/%s in the logs of %s, and for KeyUpdate, "
		"KeyRecover, KeyUnwrap by strangers; they come up to 10 minutes late",
		old->vault, old->key, old->vault);
	campaign_find(campaign, &rule_keep,
		"backups of data that %s/%s wrapped can be read only with it", old->vault,
		old->key);
}

static bool
is_told(const json_t *accounts, const struct armid *id)
{
	char text[ARMID_MAX];
	json_t *one;
	size_t i;

	armid_print(id, text);
	json_array_foreach((json_t *)accounts, i, one)
	{
		const char *told = json_string_value(one);

		if (told && text_casecmp(told, text) == 0)
			return true;
	}
	return false;
}

static bool
is_concern(const struct campaign *campaign, const struct armid *id)
{
	for (size_t i = 0; i < campaign->concerns_len; i++)
		if (armid_same(&campaign->concerns[i].id, id))
			return true;
	return false;
}

/* Those that have left the old key by this campaign are proved like all others, whoever goes on
 * with it. */
static void
keep_accounts(struct campaign *campaign)
{
	json_t *kept = json_object_get(campaign->kept, "accounts"), *one;
	char text[ARMID_MAX];
	struct armid id;
	struct err err;
	size_t i;

	if (kept == NULL) {
		kept = json_array();
		json_object_set_new(campaign->kept, "accounts", kept);
	}
	for (i = 0; i < campaign->concerns_len; i++)
		if (!is_told(kept, &campaign->concerns[i].id))
			json_array_append_new(
				kept, json_string(armid_print(&campaign->concerns[i].id, text)));
	json_array_foreach(kept, i, one)
	{
		const char *told = json_string_value(one);

		if (!told || !armid_parse(&id, told, &err) || is_concern(campaign, &id))
			continue;
		campaign->concerns = mem_resize(campaign->concerns,
			(campaign->concerns_len + 1) * sizeof *campaign->concerns);
		campaign->concerns[campaign->concerns_len++] = (struct concern){.id = id};
	}
}

static bool
gather(struct campaign *campaign, struct err *err)
{
	struct subject new;
	bool there, policies;

	campaign->subject.key.version[0] = '\0';
	if (!find_new(campaign, &new, err))
		return false;
	if (text_casecmp(new.key.host, old_key(campaign)->host) == 0 &&
		text_casecmp(new.key.key, old_key(campaign)->key) == 0)
		return err_set(err, ERR_USAGE, "",
			"--key %s: the new key has to be another one than the stolen one",
			campaign->name);
	if (text_casecmp(new.key.host, old_key(campaign)->host) == 0)
		campaign_find(campaign, &rule_same_vault,
			"%s is where the stolen key is: who could copy that one can copy the next",
			new.id.name);
	if (!look_at_new(campaign, &new, &there, err) ||
		!campaign_users(campaign, old_key(campaign), NULL, err) ||
		!holders_tell(campaign, &campaign->subject.id, old_key(campaign), &policies, err))
		return false;
	json_object_set_new(campaign->kept, "policies", json_boolean(policies));
	if (json_object_get(campaign->kept, "makes") == NULL)
		json_object_set_new(campaign->kept, "makes", json_boolean(!there));
	keep_accounts(campaign);
	tell(campaign);
	return campaign_block(campaign, campaign->plan->blocking, err);
}

static bool
begin_contain(struct campaign *campaign, struct err *err)
{
	const struct subject vault = {.kind = SUBJECT_VAULT, .id = campaign->subject.id};

	(void)err;
	if (json_is_true(json_object_get(campaign->kept, "policies")))
		campaign_add(campaign, &plan_contain, &vault, NULL, NULL);
	return true;
}

/* Whoever goes on finds the one that was made, by the plan that makes it. */
static bool
begin_key(struct campaign *campaign, struct err *err)
{
	const char *const pairs[] = {"bits", campaign_value(campaign, "create-key"), NULL};
	struct subject new;

	if (!json_is_true(json_object_get(campaign->kept, "makes")))
		return true;
	if (!find_new(campaign, &new, err))
		return false;
	campaign_add(campaign, &plan_key_create, &new, pairs, NULL);
	return true;
}

static bool
begin_move(struct campaign *campaign, struct err *err)
{
	static const char mark[] =
		REQUEST_UNKNOWN_OPEN "version, from stage key" REQUEST_UNKNOWN_CLOSE;
	bool to_come =
		campaign->previewing && json_is_true(json_object_get(campaign->kept, "makes"));
	char key[KEYID_MAX];
	const char *const pairs[] = {"key", key, "key-version", to_come ? mark : NULL, NULL};
	struct subject new;

	if (!find_new(campaign, &new, err))
		return false;
	keyid_print(&new.key, key);
	for (size_t i = 0; i < campaign->concerns_len; i++) {
		struct concern *concern = &campaign->concerns[i];
		const struct subject account = {.kind = SUBJECT_ACCOUNT, .id = concern->id};

		campaign_add(campaign, &plan_replace, &account, pairs, concern);
	}
	return true;
}

/* The lists still tell the old key, and the last look at them must not. */
static void
ended_move(struct campaign *campaign, const struct member *member, const struct run *run)
{
	bool unsure = member->unsure || run->state == PLAN_PARKED;
	const struct keyid *on = &run->facts.facts.account.key, *want = &run->facts.want;
	bool left = run->state == PLAN_PARKED && campaign_is_seen(member, run) &&
		    (text_casecmp(on->host, want->host) || text_casecmp(on->key, want->key));

	estate_touch(campaign->estate, &member->concern->id, NULL, NULL);
	if (left && on->key[0] == '\0')
		campaign_fate(campaign, member->concern, FATE_NONE,
			"not moved: Microsoft manages its key now");
	else if (left)
		campaign_fate(campaign, member->concern, FATE_NONE, "not moved yet: it is on %s/%s",
			on->vault, on->key);
	else if (campaign_is_seen(member, run))
		campaign_fate(campaign, member->concern, FATE_MOVED, "read back: it is on %s/%s",
			want->vault, want->key);
	else
		campaign_fate(campaign, member->concern, unsure ? FATE_UNKNOWN : FATE_FAILED,
			"%.300s", member->err.msg);
}

/* Who cannot move keeps nobody else from moving: that is asked before the old key is touched. */
static bool
end_move(struct campaign *campaign, struct err *err)
{
	(void)campaign;
	(void)err;
	return true;
}

static bool
begin_prove(struct campaign *campaign, struct err *err)
{
	char key[KEYID_MAX];
	const char *const pairs[] = {"key", key, NULL};
	struct subject new;

	if (campaign->previewing)
		return true;
	if (!find_new(campaign, &new, err))
		return false;
	keyid_print(&new.key, key);
	for (size_t i = 0; i < campaign->concerns_len; i++) {
		struct concern *concern = &campaign->concerns[i];
		const struct subject account = {.kind = SUBJECT_ACCOUNT, .id = concern->id};

		if (concern->fate == FATE_MOVED)
			campaign_add(campaign, &plan_moved, &account, pairs, concern);
	}
	return true;
}

static void
ended_prove(struct campaign *campaign, const struct member *member, const struct run *run)
{
	const struct keyid *on = &run->facts.want;
	enum fate fate = FATE_MOVED;

	if (run->facts.proof == PROOF_PROVED && run->state == PLAN_UNCHANGED) {
		campaign_fate(campaign, member->concern, FATE_MOVED,
			"read back: it is on %s/%s version %s, which opens what was wrapped here",
			on->vault, on->key, on->version);
		return;
	}
	if (strcmp(member->err.code, "NotMoved") == 0)
		fate = FATE_FAILED;
	else if (run->facts.facts.account_known != KNOWN_READ)
		fate = FATE_UNKNOWN;
	campaign_fate(campaign, member->concern, fate, "%s%.280s",
		fate == FATE_MOVED ? "moved, but not proved: " : "", member->err.msg);
}

/* Whose service can be asked is asked for something that only the key opens. */
static bool
begin_canary(struct campaign *campaign, struct err *err)
{
	char vault[ARMID_MAX], key[KEYID_MAX];
	const char *const pairs[] = {
		"vault", vault, "key", key, "until", "answered", "wait", "no", NULL};
	struct subject new;

	if (campaign->previewing)
		return true;
	if (!find_new(campaign, &new, err))
		return false;
	armid_print(&new.id, vault);
	keyid_print(&new.key, key);
	for (size_t i = 0; i < campaign->concerns_len; i++) {
		struct concern *concern = &campaign->concerns[i];
		const struct subject account = {.kind = SUBJECT_ACCOUNT, .id = concern->id};

		if (concern->fate == FATE_MOVED)
			campaign_add(campaign, &plan_canary, &account, pairs, concern);
	}
	return true;
}

/* An account without a canary, or one that nobody here may read, is as well as it was before. */
static void
ended_canary(struct campaign *campaign, const struct member *member, const struct run *run)
{
	struct concern *concern = member->concern;
	size_t used = strlen(concern->evidence);

	concern->answers = run->facts.canary.asked && run->facts.canary.told == CANARY_ANSWERS;
	if (run->facts.canary.asked && run->facts.canary.told == CANARY_REFUSED)
		campaign_fate(campaign, concern, FATE_FAILED,
			"it is on the new key, but its service refuses its data: %.200s",
			run->facts.canary.words);
	else
		snprintf(concern->evidence + used, sizeof concern->evidence - used, "%s",
			concern->answers ? "; its service gives its data"
					 : "; whether its service gives its data was not seen");
}

/* Whether it was seen on the new key, and that key proved, by this very run. */
static bool
is_proved(const struct campaign *campaign, const struct concern *concern)
{
	for (size_t i = 0; i < campaign->members_len; i++)
		if (campaign->members[i].concern == concern &&
			campaign->members[i].plan == &plan_moved)
			return campaign->members[i].state == PLAN_UNCHANGED;
	return false;
}

static bool
check_proved(const struct campaign *campaign, struct err *err)
{
	const struct concern *first = NULL;
	size_t n = 0;

	for (size_t i = 0; i < campaign->concerns_len; i++) {
		if (campaign->concerns[i].fate == FATE_MOVED &&
			is_proved(campaign, &campaign->concerns[i]))
			continue;
		if (first == NULL)
			first = &campaign->concerns[i];
		n++;
	}
	return n == 0 ||
	       err_set(err, ERR_PARKED, "NotMoved",
		       "%s stays enabled: of %zu accounts %zu not moved and proved, %s first: "
		       "%.200s; mend that, then claviger resume %.8s",
		       campaign->name, campaign->concerns_len, n, first->id.name, first->evidence,
		       campaign->operation);
}

/* The lists once more: somebody may have come since, and what was unknown may still be. */
static bool
check_unused(struct campaign *campaign, struct err *err)
{
	const json_t *one;
	json_t *impact;
	struct err why;
	bool ok = false;

	estate_refresh(campaign->estate, IMPACT_PARTS);
	if (!estate_load(campaign->estate, IMPACT_PARTS, &why) && why.kind == ERR_CANCELLED)
		return *err = why, false;
	impact = impact_of(campaign->estate, old_key(campaign), err);
	if (impact == NULL)
		return false;
	if ((one = json_array_get(json_object_get(impact, "accounts"), 0)))
		err_set(err, ERR_PARKED, "StillUsed", "%s stays enabled: %s uses it",
			campaign->name, json_str(one, "name"));
	else if ((one = json_array_get(json_object_get(impact, "others"), 0)))
		err_set(err, ERR_PARKED, "OtherServices",
			"%s stays enabled: %s (%s) holds it and is not managed here; move it with "
			"its own tools",
			campaign->name, json_str(one, "name"), json_str(one, "type"));
	else if ((one = json_array_get(json_object_get(impact, "unknown"), 0)))
		err_set(err, ERR_PARKED, "UsersUnknown",
			"%s stays enabled: who else uses it is not known: %s: %.150s",
			campaign->name, json_str(one, "what"), json_str(one, "why"));
	else
		ok = true;
	json_decref(impact);
	if (!ok)
		snprintf(err->msg + strlen(err->msg), sizeof err->msg - strlen(err->msg),
			"; then claviger resume %.8s, or claviger key disable in its place",
			campaign->operation);
	return ok;
}

static bool
is_doubtful(const struct campaign *campaign)
{
	for (size_t i = 0; i < campaign->findings_len; i++)
		if (strcmp(campaign->findings[i].rule->id, "users-unknown") == 0 ||
			strcmp(campaign->findings[i].rule->id, "other-services") == 0)
			return true;
	return false;
}

static bool
begin_disable(struct campaign *campaign, struct err *err)
{
	if (campaign->previewing && is_doubtful(campaign))
		return true;
	if (!campaign->previewing && (!check_proved(campaign, err) || !check_unused(campaign, err)))
		return false;
	campaign_add(campaign, &plan_key_disable, &campaign->subject, NULL, NULL);
	return true;
}

static const struct stage stage_contain = {
	.name = "contain",
	.title = "Let nobody copy the key any more",
	.why = "A key is stolen by a backup that is restored in another vault. So who may back up or "
	       "restore loses that first; the accounts go on as they are.",
	.begin = begin_contain,
	.needs_all = true,
};
static const struct stage stage_key = {
	.name = "key",
	.title = "Make the new key",
	.why = "A new version would live in the same vault, under the same rights. So it is a new key "
	       "in another vault, which few may manage.",
	.begin = begin_key,
	.needs_all = true,
};
static const struct stage stage_move = {
	.name = "move",
	.title = "Move the accounts",
	.why = "Each account's own key is unwrapped with the old key and wrapped with the new one; the "
	       "identity is given its rights on the new vault before the switch. One goes first, "
	       "alone.",
	.begin = begin_move,
	.ended = ended_move,
	.end = end_move,
	.first_alone = true,
};
static const struct stage stage_prove = {
	.name = "prove",
	.title = "Prove the accounts",
	.why = "Every account is asked anew which key it is on, and that key opens what was wrapped "
	       "here. What is not seen does not count.",
	.begin = begin_prove,
	.ended = ended_prove,
	.end = end_move,
};
static const struct stage stage_canary = {
	.name = "canary",
	.title = "Ask their services",
	.why = "What only the key opens is read: Storage a blob's properties, Automation an encrypted "
	       "variable, Batch its pools. Only the service can show that the data are there.",
	.begin = begin_canary,
	.ended = ended_canary,
	.end = end_move,
};
static const struct stage stage_disable = {
	.name = "disable",
	.title = "Disable the old key",
	.why = "Last of all, and only when every account is known to have left it: whoever still needs "
	       "the key would go dark. It is not deleted, since backups may need it.",
	.begin = begin_disable,
};
static const struct stage *const stages[] = {
	&stage_contain, &stage_key, &stage_move, &stage_prove, &stage_canary, &stage_disable, NULL};

static const char *const blocking[] = {"same-vault", "key-absent", "key-exists", NULL};

const struct plan_def plan_evacuate = {
	.name = "evacuate",
	.title = "Evacuate",
	.summary = "The key was stolen: move every account to a new key in another vault, and "
		   "disable the old one last.",
	.subject = SUBJECT_KEY,
	.danger = PLAN_CUTS,
	.fields = fields,
	.fields_len = ARRAY_LEN(fields),
	.stages = stages,
	.blocking = blocking,
	.gather = gather,
	.unfit = unfit_rotate,
};
