/* Every rule on everything, each fault once: what is wrong with a vault is told of the vault and
 * not of each account that uses it, what is wrong with a key's current version of the key. An
 * account is judged by the version it uses only where that is another one. */
#include "backend/estate/posture_estate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/kind.h"
#include "backend/estate/posture_read.h"
#include "backend/estate/show.h"

static const struct rule rule_lists = {
	.id = "unknown",
	.severity = SEVERITY_MEDIUM,
	.source = "Azure Resource Manager, the reply to the list",
	.remedy = "Have somebody grant you Reader there, or sign in as another operator: claviger "
		  "doctor.",
};
static const struct rule rule_api_ends = {
	.id = "api-version-retires",
	.severity = SEVERITY_LOW,
	.source = "Key Vault documentation, access-control-default",
};

struct walk {
	struct estate *estate;
	struct posture_extras extras;
	json_t *found[SEVERITY_HIGH + 1];      /* by severity */
	bool *accounts, *vaults, *keys, *gone; /* the rows it is narrowed to; NULL: all */
	struct index names, twins;             /* of accounts; those that are not the only ones */
};

/* Whom a finding is of: names, "" for none. */
struct whom {
	const char *account, *vault, *key;
};

static void
tell(struct walk *walk, struct whom whom, const struct finding *finding)
{
	json_t *out = json_pack("{s:o, s:o, s:o}", "account", show_text(whom.account), "vault",
		show_text(whom.vault), "key", show_text(whom.key));
	json_t *rest = show_finding(finding);

	json_object_update(out, rest);
	json_decref(rest);
	json_array_append_new(walk->found[finding->rule->severity], out);
}

static void
judge(struct walk *walk, struct whom whom, const struct facts *facts, unsigned about,
	const char *account)
{
	struct finding found[FINDINGS_MAX];
	size_t len = posture_see(facts, about, account, found, FINDINGS_MAX);

	for (size_t i = 0; i < len; i++)
		tell(walk, whom, &found[i]);
}

static void
walk_vault(struct walk *walk, uint32_t row)
{
	struct estate *estate = walk->estate;
	struct facts facts = {.vault_known = KNOWN_READ, .now = clock_wall()};
	const char *why = vault_rows_text(estate->vaults, estate->vaults->rows[row].why);
	struct whom whom = {"", facts.vault.id.name, ""};
	uint32_t count;

	row_vault(estate, row, &facts.vault);
	if (why[0]) {
		facts.vault_known = KNOWN_FAILED;
		err_set(&facts.vault_why, ERR_FAILED, "", "%s", why);
	}
	judge(walk, whom, &facts, ABOUT_VAULT, "");
	if (!why[0] && joins_vault_keys(estate, row, &count, &why) != DETAIL_KNOWN) {
		facts.vault_known = KNOWN_FAILED;
		err_set(&facts.vault_why, ERR_FAILED, "", "its keys: %s", why);
		judge(walk, whom, &facts, ABOUT_VAULT, "");
	}
	facts_free(&facts);
}

static void
walk_deleted(struct walk *walk, const json_t *gone)
{
	const char *deleted = json_string_value(json_object_get(gone, "deleted"));
	const char *purge = json_string_value(json_object_get(gone, "purge"));
	struct facts facts = {.vault_known = KNOWN_ABSENT, .now = clock_wall()};
	struct whom whom = {"", facts.vault.id.name, ""};

	snprintf(facts.vault.id.name, sizeof facts.vault.id.name, "%s",
		json_string_value(json_object_get(gone, "name")));
	err_set(&facts.vault_why, ERR_NOT_FOUND, "",
		"%s was deleted on %.10s; it can be recovered until %.10s", facts.vault.id.name,
		deleted[0] ? deleted : "a day not told", purge[0] ? purge : "a day not told");
	judge(walk, whom, &facts, ABOUT_VAULT, "");
}

static void
walk_key(struct walk *walk, uint32_t row)
{
	struct estate *estate = walk->estate;
	struct facts facts = {.now = clock_wall()};
	struct whom whom = {"", facts.key.id.vault, facts.key.id.key};

	row_key_facts(estate, row, &facts);
	if (facts.key_known == KNOWN_NOT_READ) {
		facts.key_known = KNOWN_FAILED;
		err_set(&facts.key_why, ERR_FAILED, "", "it was not read");
	}
	posture_add_rotation(estate, &walk->extras, &facts);
	judge(walk, whom, &facts, ABOUT_KEY, "");
	facts_free(&facts);
}

/* The word by which a command takes an account. */
static const char *
word_of(const struct walk *walk, const struct facts *facts, char id[ARMID_MAX])
{
	uint32_t row;

	if (index_find(&walk->twins, facts->account.id.name, &row))
		return armid_print(&facts->account.id, id);
	return facts->account.id.name;
}

static void
walk_account(struct walk *walk, uint32_t row)
{
	struct estate *estate = walk->estate;
	struct facts facts;
	struct whom whom;
	unsigned about = ABOUT_ACCOUNT;
	char id[ARMID_MAX];
	struct err why = {0};

	row_facts(estate, row, &facts);
	whom = (struct whom){facts.account.id.name, facts.account.key.vault, facts.account.key.key};
	if (facts.vault_known == KNOWN_FAILED &&
		posture_is_deleted(&walk->extras, facts.account.key.vault))
		facts.vault_known = KNOWN_ABSENT;
	if (facts.key_known == KNOWN_READ && account_version(&facts.account)[0] &&
		key_versions_behind(&facts.key, account_version(&facts.account)) != 0) {
		about |= ABOUT_KEY;
		if (!posture_add_version(estate, &walk->extras, &facts, &why)) {
			struct facts unread = {.key_known = KNOWN_FAILED, .key_why = why};

			unread.key.id = facts.key.id;
			judge(walk, whom, &unread, ABOUT_KEY, "");
		}
	}
	judge(walk, whom, &facts, about, word_of(walk, &facts, id));
	facts_free(&facts);
}

/* Lists that did not come, or not whole: what is missing in them is in no row. */
static void
tell_notes(struct walk *walk)
{
	const struct whom nobody = {"", "", ""};
	struct finding finding = {.rule = &rule_lists};

	for (size_t i = 0; i < estate_notes(walk->estate); i++) {
		if (!estate_note_lacks(walk->estate, i))
			continue;
		text_cleans(finding.cause, sizeof finding.cause, estate_note(walk->estate, i)->msg);
		tell(walk, nobody, &finding);
	}
	if (walk->extras.deleted == NULL && walk->extras.deleted_why.kind != ERR_NOT_FOUND) {
		snprintf(finding.cause, sizeof finding.cause, "deleted vaults: %.200s",
			walk->extras.deleted_why.msg);
		tell(walk, nobody, &finding);
	}
}

/* The api-versions in use that Azure is going to switch off, whenever that is: one finding, as one
 * line of the profile mends it. */
static void
tell_api_versions(struct walk *walk)
{
	const struct profile *profile = session_profile(walk->estate->session);
	const time_t ever = INT32_MAX;
	struct rule rule = rule_api_ends;
	struct finding finding = {.rule = &rule};
	size_t cause = 0, line = 0;
	char versions[200] = "", remedy[320];
	const char *ends = "";

	for (size_t i = 0; i < api_types_len; i++) {
		const struct api_type *type = &api_types[i];

		if (!api_ends_by(&profile->api, type, ever))
			continue;
		ends = type->ends;
		cause += (size_t)snprintf(finding.cause + cause, sizeof finding.cause - cause,
			"%s%s %s", cause ? ", " : "", type->name,
			api_version(&profile->api, type->name));
		line += (size_t)snprintf(versions + line, sizeof versions - line, "%s%s %s",
			line ? ", " : "", type->name, type->stays);
	}
	if (cause == 0)
		return;
	snprintf(finding.cause + cause, sizeof finding.cause - cause, " end on %s", ends);
	snprintf(remedy, sizeof remedy, "Add to api-versions in [profile %.40s]: %s.",
		profile->name, versions);
	rule.remedy = remedy;
	tell(walk, (struct whom){"", "", ""}, &finding);
}

static void
index_names(struct walk *walk)
{
	const struct accounts *accounts = walk->estate->accounts;

	for (uint32_t i = 0; i < accounts->len; i++) {
		const char *name = account_rows_text(accounts, accounts->rows[i].name);
		uint32_t first;

		if (index_find(&walk->names, name, &first))
			index_put(&walk->twins, name, i);
		else
			index_put(&walk->names, name, i);
	}
}

static bool *
flags(size_t len)
{
	return mem_alloc((len + 1) * sizeof(bool));
}

static void
select_key(struct walk *walk, const char *host, const char *name)
{
	char text[KEYID_MAX];
	uint32_t row;

	snprintf(text, sizeof text, "%s/%s", host, name);
	row = key_rows_find(walk->estate->keys, text);
	if (row != ROW_NONE)
		walk->keys[row] = true;
}

/* An account with the vault and the key that it uses. */
static void
select_account(struct walk *walk, const struct armid *id)
{
	const struct estate *estate = walk->estate;
	struct armid other;
	struct keyid key;
	uint32_t vault;

	for (uint32_t i = 0; i < estate->accounts->len; i++) {
		const struct account_row *row = &estate->accounts->rows[i];

		estate_account_id(estate, i, &other);
		if (!armid_same(&other, id))
			continue;
		walk->accounts[i] = true;
		if (row->key == 0)
			continue;
		key_text_split(account_rows_text(estate->accounts, row->key), &key);
		select_key(walk, key.host, key.key);
		vault = vault_rows_find(estate->vaults, key.host);
		if (vault != ROW_NONE)
			walk->vaults[vault] = true;
	}
}

/* A vault with its keys. */
static void
select_vault(struct walk *walk, const struct armid *id)
{
	const struct estate *estate = walk->estate;
	struct armid other;
	struct keyid key;

	for (uint32_t i = 0; i < estate->vaults->len; i++) {
		estate_vault_id(estate, i, &other);
		walk->vaults[i] = walk->vaults[i] || armid_same(&other, id);
	}
	for (uint32_t i = 0; i < estate->keys->len; i++) {
		key_rows_id(estate->keys, i, &key);
		walk->keys[i] = walk->keys[i] || text_casecmp(key.vault, id->name) == 0;
	}
}

static bool
select_deleted(struct walk *walk, const char *name)
{
	bool found = false;
	json_t *one;
	size_t i;

	json_array_foreach(walk->extras.deleted, i, one)
	{
		if (text_casecmp(json_string_value(json_object_get(one, "name")), name) != 0)
			continue;
		walk->gone[i] = found = true;
	}
	return found;
}

static bool
select_one(struct walk *walk, const char *name, struct err *err)
{
	const struct service *service;
	struct err other = {0};
	struct armid id;
	struct keyid key;

	if (!strchr(name, '/') && select_deleted(walk, name))
		return true;
	if (estate_find_account(walk->estate, name, NULL, &id, &service, err)) {
		select_account(walk, &id);
		return true;
	}
	if (err->kind != ERR_NOT_FOUND && strchr(name, '/') == NULL)
		return false;
	if (estate_find_vault(walk->estate, name, &id, &other)) {
		select_vault(walk, &id);
		return true;
	}
	if (!strchr(name, '/') || !estate_find_key(walk->estate, name, NULL, &key, &other))
		return false;
	select_key(walk, key.host, key.key);
	return true;
}

static bool
narrow(struct walk *walk, const char *const *names, size_t len, struct err *err)
{
	const struct estate *estate = walk->estate;

	if (len == 0)
		return true;
	walk->accounts = flags(estate->accounts->len);
	walk->vaults = flags(estate->vaults->len);
	walk->keys = flags(estate->keys->len);
	walk->gone = flags(json_array_size(walk->extras.deleted));
	for (size_t i = 0; i < len; i++)
		if (!select_one(walk, names[i], err))
			return false;
	return true;
}

static void
walk_all(struct walk *walk)
{
	const struct estate *estate = walk->estate;
	json_t *one;
	size_t i;

	for (uint32_t row = 0; row < estate->accounts->len; row++)
		if (walk->accounts == NULL || walk->accounts[row])
			walk_account(walk, row);
	for (uint32_t row = 0; row < estate->vaults->len; row++)
		if (walk->vaults == NULL || walk->vaults[row])
			walk_vault(walk, row);
	for (uint32_t row = 0; row < estate->keys->len; row++)
		if (estate->keys->rows[row].name && (walk->keys == NULL || walk->keys[row]))
			walk_key(walk, row);
	json_array_foreach(walk->extras.deleted, i, one) if (walk->gone == NULL || walk->gone[i])
		walk_deleted(walk, one);
	tell_notes(walk);
	if (walk->accounts == NULL)
		tell_api_versions(walk);
}

json_t *
posture_estate(struct estate *estate, const char *const *names, size_t names_len, struct err *err)
{
	struct walk walk = {.estate = estate};
	json_t *out = NULL;

	for (size_t i = 0; i < ARRAY_LEN(walk.found); i++)
		walk.found[i] = json_array();
	if (posture_extras_read(estate, &walk.extras, err) &&
		narrow(&walk, names, names_len, err)) {
		index_names(&walk);
		walk_all(&walk);
		out = json_array();
		for (size_t i = ARRAY_LEN(walk.found); i-- > 0;)
			json_array_extend(out, walk.found[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(walk.found); i++)
		json_decref(walk.found[i]);
	posture_extras_free(&walk.extras);
	index_free(&walk.names);
	index_free(&walk.twins);
	free(walk.accounts);
	free(walk.vaults);
	free(walk.keys);
	free(walk.gone);
	return out;
}
