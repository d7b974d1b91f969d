/* Judging facts by the table of rules, and saying what was found: its cause, its source, and the
 * command that mends it. */
#include "backend/estate/posture.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/buf.h"
#include "backend/base/text.h"

static bool
holds(const struct rule *rule, const struct facts *facts, char *cause, size_t room)
{
	char raw[sizeof((struct finding *)0)->cause];

	if ((rule->needs_vault && facts->vault_known != KNOWN_READ) ||
		(rule->needs_key && facts->key_known != KNOWN_READ))
		return false;
	if (!rule->holds(facts, raw, sizeof raw))
		return false;
	text_cleans(cause, room, raw);
	return true;
}

const struct rule *
rule_holds(const struct facts *facts, const char *id, char *cause, size_t room)
{
	for (size_t i = 0; i < rules_len; i++)
		if (strcmp(rules[i].id, id) == 0 && holds(&rules[i], facts, cause, room))
			return &rules[i];
	return NULL;
}

const char *
finding_source(const struct finding *finding, char *out, size_t room)
{
	const struct rule *rule = finding->rule;

	if (rule->section)
		snprintf(out, room, "%s, %s",
			finding->service ? finding->service->article : "Customer-managed keys",
			rule->section);
	else
		snprintf(out, room, "%s", rule->source);
	return out;
}

const char *
severity_name(enum severity severity)
{
	static const char *const names[] = {
		[SEVERITY_INFO] = "info",
		[SEVERITY_LOW] = "low",
		[SEVERITY_MEDIUM] = "medium",
		[SEVERITY_HIGH] = "high",
	};

	return names[severity];
}

static size_t
judge(const struct facts *facts, enum rule_told but, unsigned about, struct finding *out,
	size_t max)
{
	size_t len = 0;

	for (size_t i = 0; i < rules_len && len < max; i++) {
		struct finding *found = &out[len];

		if (rules[i].told == but || !(rules[i].about & about) ||
			!holds(&rules[i], facts, found->cause, sizeof found->cause))
			continue;
		found->rule = &rules[i];
		found->service = facts->account.service;
		found->effect = FINDING_TOLD;
		found->mended_by = NULL;
		found->command[0] = '\0';
		len++;
	}
	return len;
}

size_t
posture_judge(const struct facts *facts, struct finding *out, size_t max)
{
	return judge(facts, TOLD_BY_POSTURE, ABOUT_ALL, out, max);
}

const char *
finding_remedy(const struct finding *finding)
{
	return finding->command[0] ? finding->command : finding->rule->remedy;
}

/* The key that is judged: read, or at least named by the account. */
static struct keyid
key_of(const struct facts *facts)
{
	struct keyid out = facts->key.id.key[0] ? facts->key.id : facts->account.key;

	snprintf(out.version, sizeof out.version, "%s", facts_version_name(facts));
	return out;
}

/* What a word in braces stands for; NULL: it is not known. */
static const char *
word_of(const struct facts *facts, const char *account, const char *word, char room[KEYID_MAX])
{
	struct keyid key = key_of(facts);
	bool pinned = facts->account.mode != KEY_MODE_AUTO;

	room[0] = '\0';
	if (text_case_starts(word, "account}"))
		return account;
	if (text_case_starts(word, "vault}"))
		snprintf(room, KEYID_MAX, "%s",
			facts->vault.id.name[0] ? facts->vault.id.name : key.vault);
	else if (text_case_starts(word, "key}") && key.key[0])
		snprintf(room, KEYID_MAX, "%s/%s", key.vault, key.key);
	else if (text_case_starts(word, "uri}") && key.key[0])
		keyid_print(&key, room);
	else if (text_case_starts(word, "current}"))
		snprintf(room, KEYID_MAX, "%s", facts->key.id.version);
	else if (text_case_starts(word, "pin}") && pinned && key.version[0])
		snprintf(room, KEYID_MAX, "--key-version %s", key.version);
	else if (text_case_starts(word, "pin}") && !pinned)
		return "--auto";
	return room[0] ? room : NULL;
}

/* A command that is not whole is none. */
static void
fill(struct finding *finding, const struct facts *facts, const char *account)
{
	const char *at = finding->rule->command;
	char room[KEYID_MAX];
	struct buf out;
	bool ok = at != NULL;

	buf_init(&out, sizeof finding->command - 1);
	while (ok && *at) {
		size_t plain = strcspn(at, "{");
		const char *word;

		ok = buf_add(&out, at, plain);
		at += plain;
		if (!ok || *at == '\0')
			break;
		word = word_of(facts, account, at + 1, room);
		ok = word && buf_adds(&out, word);
		at += strcspn(at, "}") + 1;
	}
	if (ok)
		snprintf(finding->command, sizeof finding->command, "%s", buf_text(&out));
	buf_free(&out);
}

/* The one that locks the account says so first, and what must not be done about it. */
static void
say_locked(struct finding *finding)
{
	static const char dead[] = "locked, only deletion is allowed (do not delete it): ";
	bool is_dead = finding->service && finding->service->dead_when_cut;
	const char *prefix = is_dead ? dead : "locked: ";
	char cause[sizeof finding->cause];

	memcpy(cause, finding->cause, sizeof cause);
	snprintf(finding->cause, sizeof finding->cause, "%s%.*s", prefix,
		(int)(sizeof cause - sizeof dead), cause);
}

size_t
posture_see(const struct facts *facts, unsigned about, const char *account, struct finding *out,
	size_t max)
{
	size_t len = judge(facts, TOLD_BEFORE_PLANS, about, out, max);
	bool locked = facts_state(facts) == ACCOUNT_LOCKED;

	for (size_t i = 0; i < len; i++) {
		if (locked && out[i].rule->locks)
			say_locked(&out[i]);
		fill(&out[i], facts, account);
	}
	return len;
}
