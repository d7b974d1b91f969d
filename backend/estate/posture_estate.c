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
#include "backend/estate/findings.h"
#include "backend/estate/posture_read.h"

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

/* What one walk goes through, in this order. */
enum stage { STAGE_ACCOUNTS, STAGE_VAULTS, STAGE_KEYS, STAGE_REST, STAGE_END };

enum { PIECE_MS = 4 };

struct posture {
	struct estate *estate;
	bool whole;
	struct posture_extras extras;
	struct findings *found;
	bool *accounts, *vaults, *keys, *gone; /* the rows it is narrowed to; NULL: all */
	struct index twins;                    /* names of accounts that are not the only ones */
	struct arena *names;                   /* of them */
	enum stage stage;
	uint32_t row; /* the next one of the stage */
	struct job *piece;
	void (*done)(void *user);
	void *user;
};

static void
judge(struct posture *walk, struct whom whom, const struct facts *facts, unsigned about,
	const char *account)
{
	struct finding found[FINDINGS_MAX];
	size_t len = posture_see(facts, about, account, found, FINDINGS_MAX);

	for (size_t i = 0; i < len; i++)
		findings_add(walk->found, &whom, &found[i]);
}

static void
walk_vault(struct posture *walk, uint32_t row)
{
	struct estate *estate = walk->estate;
	struct facts facts = {.vault_known = KNOWN_READ, .now = clock_wall()};
	const char *why = vault_rows_text(estate->vaults, estate->vaults->rows[row].why);
	struct whom whom = {0, facts.vault.id.name, ""};
	uint32_t count;

	row_vault(estate, row, &facts.vault);
	if (why[0]) {
		facts.vault_known = KNOWN_FAILED;
		err_set(&facts.vault_why, ERR_FAILED, "", "%s", why);
	}
	judge(walk, whom, &facts, ABOUT_VAULT, "");
	if (walk->whole && !why[0] && joins_vault_keys(estate, row, &count, &why) != DETAIL_KNOWN) {
		facts.vault_known = KNOWN_FAILED;
		err_set(&facts.vault_why, ERR_FAILED, "", "its keys: %s", why);
		judge(walk, whom, &facts, ABOUT_VAULT, "");
	}
	facts_free(&facts);
}

static void
walk_deleted(struct posture *walk, const json_t *gone)
{
	const char *deleted = json_string_value(json_object_get(gone, "deleted"));
	const char *purge = json_string_value(json_object_get(gone, "purge"));
	struct facts facts = {.vault_known = KNOWN_ABSENT, .now = clock_wall()};
	struct whom whom = {0, facts.vault.id.name, ""};

	snprintf(facts.vault.id.name, sizeof facts.vault.id.name, "%s",
		json_string_value(json_object_get(gone, "name")));
	err_set(&facts.vault_why, ERR_NOT_FOUND, "",
		"%s was deleted on %.10s; it can be recovered until %.10s", facts.vault.id.name,
		deleted[0] ? deleted : "a day not told", purge[0] ? purge : "a day not told");
	judge(walk, whom, &facts, ABOUT_VAULT, "");
}

static void
walk_key(struct posture *walk, uint32_t row)
{
	struct estate *estate = walk->estate;
	struct facts facts = {.now = clock_wall()};
	struct whom whom = {0, facts.key.id.vault, facts.key.id.key};

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
word_of(const struct posture *walk, const struct facts *facts, char id[ARMID_MAX])
{
	uint32_t row;

	if (index_find(&walk->twins, facts->account.id.name, &row))
		return armid_print(&facts->account.id, id);
	return facts->account.id.name;
}

static void
walk_account(struct posture *walk, uint32_t row)
{
	struct estate *estate = walk->estate;
	struct facts facts;
	struct whom whom;
	unsigned about = ABOUT_ACCOUNT;
	char id[ARMID_MAX];
	struct err why = {0};

	row_facts(estate, row, &facts);
	whom = (struct whom){row + 1, facts.account.key.vault, facts.account.key.key};
	if (facts.vault_known == KNOWN_FAILED &&
		posture_is_deleted(estate, facts.account.key.vault))
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
tell_notes(struct posture *walk)
{
	const struct whom nobody = {0, "", ""};
	struct finding finding = {.rule = &rule_lists};

	for (size_t i = 0; i < estate_notes(walk->estate); i++) {
		unsigned parts = walk->estate->notes[i].parts;

		if (!estate_note_lacks(walk->estate, i) || (parts && !(parts & POSTURE_PARTS)))
			continue;
		text_cleans(finding.cause, sizeof finding.cause, estate_note(walk->estate, i)->msg);
		findings_add(walk->found, &nobody, &finding);
	}
}

/* One more of a list; what does not fit is cut. */
static void
add_version(char *list, size_t size, const char *type, const char *version)
{
	size_t len = strlen(list);

	snprintf(list + len, size - len, "%s%s %s", len ? ", " : "", type, version);
}

/* The api-versions in use that Azure is going to switch off, whenever that is: one finding, as one
 * line of the profile mends it. */
static void
tell_api_versions(struct posture *walk)
{
	const struct profile *profile = session_profile(walk->estate->session);
	const struct whom nobody = {0, "", ""};
	const time_t ever = INT32_MAX;
	struct rule rule = rule_api_ends;
	struct finding finding = {.rule = &rule};
	char in_use[200] = "", versions[200] = "", remedy[320];
	const char *ends = "";

	for (size_t i = 0; i < api_types_len; i++) {
		const struct api_type *type = &api_types[i];

		if (!api_ends_by(&profile->api, type, ever))
			continue;
		ends = type->ends;
		add_version(
			in_use, sizeof in_use, type->name, api_version(&profile->api, type->name));
		add_version(versions, sizeof versions, type->name, type->stays);
	}
	if (in_use[0] == '\0')
		return;
	snprintf(finding.cause, sizeof finding.cause, "%s end on %s", in_use, ends);
	snprintf(remedy, sizeof remedy, "Add to api-versions in [profile %.40s]: %s.",
		profile->name, versions);
	rule.remedy = remedy;
	findings_add(walk->found, &nobody, &finding);
}

/* Most names are of one account only. A bit for each, by its hash, tells the few that may not be,
 * and they alone are looked up by their text. */
static void
find_twins(struct posture *walk)
{
	const struct accounts *accounts = walk->estate->accounts;
	struct index maybe = {0};
	size_t bits = 64;
	uint64_t *seen, at, bit;
	char name[ROW_NAME];
	uint32_t other;

	while (bits < accounts->len * 8)
		bits *= 2;
	seen = mem_alloc(bits / 8);
	for (uint32_t i = 0; i < accounts->len; i++) {
		account_rows_name(accounts, i, name);
		at = index_hash(name) & (bits - 1);
		bit = UINT64_C(1) << at % 64;
		if (seen[at / 64] & bit)
			index_put(&maybe, arena_strdup(walk->names, name), i);
		seen[at / 64] |= bit;
	}
	free(seen);
	for (uint32_t i = 0; i < accounts->len; i++) {
		account_rows_name(accounts, i, name);
		if (index_find(&maybe, name, &other) && other != i)
			index_put(&walk->twins, arena_strdup(walk->names, name), i);
	}
	index_free(&maybe);
}

static bool *
flags(size_t len)
{
	return mem_alloc((len + 1) * sizeof(bool));
}

static void
select_key(struct posture *walk, const char *host, const char *name)
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
select_account(struct posture *walk, const struct armid *id)
{
	const struct estate *estate = walk->estate;
	struct armid other;
	struct keyid key;
	uint32_t vault;

	for (uint32_t i = 0; i < estate->accounts->len; i++) {
		const struct account_row *row = account_row(estate->accounts, i);

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
select_vault(struct posture *walk, const struct armid *id)
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
select_deleted(struct posture *walk, const char *name)
{
	bool found = false;
	json_t *one;
	size_t i;

	json_array_foreach(walk->estate->gone, i, one)
	{
		if (text_casecmp(json_string_value(json_object_get(one, "name")), name) != 0)
			continue;
		walk->gone[i] = found = true;
	}
	return found;
}

static bool
select_one(struct posture *walk, const char *name, struct err *err)
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
narrow(struct posture *walk, const char *const *names, size_t len, struct err *err)
{
	const struct estate *estate = walk->estate;

	if (len == 0)
		return true;
	walk->accounts = flags(estate->accounts->len);
	walk->vaults = flags(estate->vaults->len);
	walk->keys = flags(estate->keys->len);
	walk->gone = flags(json_array_size(estate->gone));
	for (size_t i = 0; i < len; i++)
		if (!select_one(walk, names[i], err))
			return false;
	return true;
}

/* How many rows the stage has; those it is not narrowed to are passed over. */
static uint32_t
stage_rows(const struct posture *walk)
{
	const struct estate *estate = walk->estate;

	switch (walk->stage) {
	case STAGE_ACCOUNTS:
		return (uint32_t)estate->accounts->len;
	case STAGE_VAULTS:
		return (uint32_t)estate->vaults->len;
	case STAGE_KEYS:
		return (uint32_t)estate->keys->len;
	default:
		return 0;
	}
}

/* A key that was only listed is judged once all of it was asked for. */
static bool
is_judged(const struct posture *walk, const struct key_row *row)
{
	return row->name && (walk->whole || (row->used && row->detail != DETAIL_LOADING));
}

static void
walk_row(struct posture *walk)
{
	uint32_t row = walk->row++;

	switch (walk->stage) {
	case STAGE_ACCOUNTS:
		if (walk->accounts == NULL || walk->accounts[row])
			walk_account(walk, row);
		break;
	case STAGE_VAULTS:
		if (walk->vaults == NULL || walk->vaults[row])
			walk_vault(walk, row);
		break;
	default:
		if ((walk->keys == NULL || walk->keys[row]) &&
			is_judged(walk, &walk->estate->keys->rows[row]))
			walk_key(walk, row);
		break;
	}
}

static void
walk_rest(struct posture *walk)
{
	json_t *one;
	size_t i;

	json_array_foreach(walk->estate->gone, i, one)
	{
		if (walk->gone == NULL || walk->gone[i])
			walk_deleted(walk, one);
	}
	tell_notes(walk);
	if (walk->accounts == NULL)
		tell_api_versions(walk);
}

/* A key that is pressed meanwhile waits no longer than one piece takes. */
static void
walk_piece(void *user)
{
	struct posture *walk = user;
	int64_t until = clock_mono_ms() + PIECE_MS;

	walk->piece = NULL;
	while (walk->stage < STAGE_REST && clock_mono_ms() < until) {
		if (walk->row < stage_rows(walk)) {
			walk_row(walk);
			continue;
		}
		walk->stage++;
		walk->row = 0;
	}
	if (walk->stage == STAGE_REST) {
		walk_rest(walk);
		findings_trim(walk->found);
		walk->stage = STAGE_END;
		walk->done(walk->user);
	} else {
		walk->piece = job_after(session_loop(walk->estate->session), 0, walk_piece, walk);
	}
}

static void
answers_came(void *user)
{
	struct posture *walk = user;

	walk->piece = NULL;
	walk->extras.round = NULL;
	find_twins(walk);
	walk_piece(walk);
}

static struct posture *
posture_new(struct estate *estate, bool whole, void (*done)(void *user), void *user)
{
	struct posture *walk = mem_alloc(sizeof *walk);

	*walk = (struct posture){.estate = estate,
		.whole = whole,
		.found = findings_new(estate->accounts->names),
		.names = arena_new(),
		.done = done,
		.user = user};
	return walk;
}

/* Rows must stay as they are until done(user) or posture_cancel. */
static void
posture_start(struct posture *walk)
{
	struct estate *estate = walk->estate;

	if (walk->whole)
		posture_extras_start(estate, &walk->extras, answers_came, walk);
	else
		walk->piece = job_after(session_loop(estate->session), 0, answers_came, walk);
}

void
posture_cancel(struct posture *walk)
{
	if (walk == NULL)
		return;
	job_cancel(walk->piece);
	posture_extras_free(&walk->extras);
	findings_free(walk->found);
	index_free(&walk->twins);
	arena_free(walk->names);
	free(walk->accounts);
	free(walk->vaults);
	free(walk->keys);
	free(walk->gone);
	free(walk);
}

static void
set_true(void *user)
{
	*(bool *)user = true;
}

json_t *
posture_estate(struct estate *estate, const char *const *names, size_t names_len, struct err *err)
{
	bool done = false;
	struct posture *walk = posture_new(estate, true, set_true, &done);
	json_t *out = NULL;

	if (narrow(walk, names, names_len, err)) {
		posture_start(walk);
		loop_until(session_loop(estate->session), &done);
		if (!done)
			err_set(err, ERR_CANCELLED, "", "not everything was read: interrupted");
	}
	if (done) {
		out = json_array();
		for (size_t i = 0; i < walk->found->len; i++)
			json_array_append_new(out, findings_json(walk->found, i));
	}
	posture_cancel(walk);
	return out;
}

/* The findings take the place of those of before. */
static void
followed(void *user)
{
	struct estate *estate = user;
	struct posture *walk = estate->posture;

	findings_free(estate->findings);
	estate->findings = walk->found;
	walk->found = NULL;
	estate->judged_whole = walk->whole;
	estate->judged = estate->changes;
	estate->posture = NULL;
	posture_cancel(walk);
	if (estate->changed)
		estate->changed(estate->user);
}

static bool
is_fresh(const struct estate *estate)
{
	return estate->findings && estate->judged == estate->changes;
}

void
posture_follow(struct estate *estate, bool whole)
{
	estate->judge_whole |= whole;
	whole = estate->judge_whole;
	if (estate->posture &&
		(estate->judging != estate->changes || (whole && !estate->posture->whole))) {
		posture_cancel(estate->posture);
		estate->posture = NULL;
	}
	if (estate_busy(estate) || estate->posture || !estate_has(estate, ESTATE_ACCOUNTS) ||
		(is_fresh(estate) && estate->judged_whole == whole))
		return;
	estate->judging = estate->changes;
	estate->posture = posture_new(estate, whole, followed, estate);
	posture_start(estate->posture);
}

struct posture_sight
posture_sight(const struct estate *estate)
{
	return (struct posture_sight){.len = estate->findings ? estate->findings->len : 0,
		.known = estate->findings != NULL,
		.whole = estate->judged_whole,
		.fresh = is_fresh(estate) && !estate_busy(estate),
		.busy = estate->posture != NULL};
}
