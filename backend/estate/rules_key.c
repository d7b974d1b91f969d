/* Rules on the key. They judge the version that the account uses of it, or is to get: a pinned
 * account is not made healthy by a newer version that it does not use. */
#include <stdio.h>

#include "backend/base/clock.h"
#include "backend/base/text.h"
#include "backend/estate/rules.h"

enum { DAY = 86400, SOON = 30 * DAY, OLD_DAYS = 730 };

/* vault/key with the first eight digits of the version, as lists show them. */
struct label {
	char text[220];
};

static struct label
label(const struct keyid *id, const char *version)
{
	struct label out;

	snprintf(out.text, sizeof out.text, "%s/%s%s%.8s", id->vault, id->key,
		version[0] ? " version " : "", version);
	return out;
}

static struct label
version_label(const struct facts *facts, const struct key_version *version)
{
	return label(&facts->key.id, version ? version->version : "");
}

static const char *
iso(int64_t t, char out[32])
{
	return clock_iso((time_t)t, out);
}

/* The key that is judged: read, or at least named by the account. */
static const struct keyid *
judged(const struct facts *facts)
{
	return facts->key.id.key[0] ? &facts->key.id : &facts->account.key;
}

bool
rule_key_absent(const struct facts *facts, char *cause, size_t room)
{
	if (facts->key_known != KNOWN_ABSENT)
		return false;
	snprintf(cause, room, "there is no key %s", label(judged(facts), "").text);
	return true;
}

bool
rule_version_absent(const struct facts *facts, char *cause, size_t room)
{
	if (facts_version(facts) != NULL || !facts->key.listed)
		return false;
	snprintf(cause, room, "there is no %s",
		label(judged(facts), facts_version_name(facts)).text);
	return true;
}

bool
rule_key_unreadable(const struct facts *facts, char *cause, size_t room)
{
	const struct keyid *id = judged(facts);
	bool unread = facts->key_known == KNOWN_DENIED || facts->key_known == KNOWN_FAILED;

	if (!unread && (facts->key_known != KNOWN_READ || facts->key_why.kind == ERR_NONE))
		return false;
	snprintf(cause, room, "%s%s: %s", unread ? "" : "versions of ", label(id, "").text,
		facts->key_why.msg);
	return true;
}

bool
rule_key_disabled(const struct facts *facts, char *cause, size_t room)
{
	const struct key_version *version = facts_version(facts);

	if (version == NULL || version->enabled != TRI_NO)
		return false;
	snprintf(cause, room, "%s is disabled", version_label(facts, version).text);
	return true;
}

bool
rule_key_expired(const struct facts *facts, char *cause, size_t room)
{
	const struct key_version *version = facts_version(facts);
	char when[32];

	if (version == NULL || version->expires == 0 || version->expires > facts->now)
		return false;
	snprintf(cause, room,
		"%s expired on %s: what it wrapped can still be unwrapped, but nothing new can be "
		"wrapped",
		version_label(facts, version).text, iso(version->expires, when));
	return true;
}

bool
rule_key_not_yet_valid(const struct facts *facts, char *cause, size_t room)
{
	const struct key_version *version = facts_version(facts);
	char when[32];

	if (version == NULL || version->not_before <= facts->now)
		return false;
	snprintf(cause, room, "%s is not valid before %s", version_label(facts, version).text,
		iso(version->not_before, when));
	return true;
}

bool
rule_key_expires_soon(const struct facts *facts, char *cause, size_t room)
{
	const struct key_version *version = facts_version(facts);
	char when[32];

	if (version == NULL || version->expires <= facts->now ||
		version->expires > facts->now + SOON)
		return false;
	snprintf(cause, room, "%s expires on %s, in %lld days", version_label(facts, version).text,
		iso(version->expires, when), (long long)((version->expires - facts->now) / DAY));
	return true;
}

static bool
is_rsa(const struct key *key)
{
	return text_casecmp(key->kty, "RSA") == 0 || text_casecmp(key->kty, "RSA-HSM") == 0;
}

bool
rule_key_not_rsa(const struct facts *facts, char *cause, size_t room)
{
	if (!facts->key.kty[0] || is_rsa(&facts->key))
		return false;
	snprintf(cause, room, "%s is of type %s; only RSA keys can be used",
		label(&facts->key.id, "").text, facts->key.kty);
	return true;
}

bool
rule_key_size(const struct facts *facts, char *cause, size_t room)
{
	const struct service *service = facts->account.service;
	unsigned bits = facts->key.bits, least = service ? service->bits_min : 2048;
	unsigned most = service ? service->bits_max : 4096;

	if (!is_rsa(&facts->key) || !bits || (bits >= least && bits <= most && bits % 1024 == 0))
		return false;
	snprintf(cause, room, "%s has %u bits; 2048, 3072 and 4096 can be used",
		label(&facts->key.id, "").text, bits);
	return true;
}

bool
rule_key_operations(const struct facts *facts, char *cause, size_t room)
{
	perm_set lacks = (PERM_WRAP | PERM_UNWRAP) & ~facts->key.ops;
	char has[160], missing[40];

	if (!is_rsa(&facts->key) || !lacks || !facts->key.ops_known)
		return false;
	snprintf(cause, room, "%s permits %s; missing: %s", label(&facts->key.id, "").text,
		facts->key.ops ? perm_print(facts->key.ops, has, sizeof has) : "no operation",
		perm_print(lacks, missing, sizeof missing));
	return true;
}

bool
rule_key_on_hsm(const struct facts *facts, char *cause, size_t room)
{
	const struct service *service = facts->account.service;

	if (!facts->key.id.hsm || !service || service->managed_hsm)
		return false;
	snprintf(cause, room, "%s is on a Managed HSM; %s is not documented to use one",
		label(&facts->key.id, "").text, service->title);
	return true;
}

bool
rule_version_behind(const struct facts *facts, char *cause, size_t room)
{
	int behind = -1;

	if (facts_same_key(facts) && facts->account.mode == KEY_MODE_PINNED)
		behind = key_versions_behind(&facts->key, facts->account.key.version);
	if (behind <= 0)
		return false;
	snprintf(cause, room, "%s uses %s; the current version is %.8s, %s%d newer",
		facts->account.id.name, label(&facts->key.id, facts->account.key.version).text,
		facts->key.versions[0].version, facts->key.listed ? "" : "at least ", behind);
	return true;
}

bool
rule_version_old(const struct facts *facts, char *cause, size_t room)
{
	const struct key_version *version = facts_version(facts);
	long long days;

	if (version == NULL || version->created == 0)
		return false;
	days = (facts->now - version->created) / DAY;
	if (days <= OLD_DAYS)
		return false;
	snprintf(cause, room, "%s is %lld days old; keys should change at least every two years",
		version_label(facts, version).text, days);
	return true;
}

/* The current version, when an account that follows new ones says that it is on another; NULL: it
 * is not, or does not say, as Batch. */
static const struct key_version *
not_taken_up(const struct facts *facts)
{
	const struct account *account = &facts->account;
	const struct key_version *current = key_version_find(&facts->key, facts->key.id.version);

	if (!facts_same_key(facts) || account->mode != KEY_MODE_AUTO || !account->used[0] ||
		current == NULL || text_casecmp(account->used, current->version) == 0)
		return NULL;
	return current;
}

/* Storage looks once a day, so it is late only after that. */
bool
rule_automatic_lagging(const struct facts *facts, char *cause, size_t room)
{
	const struct key_version *current = not_taken_up(facts);

	if (current == NULL || facts->now - current->created <= DAY)
		return false;
	snprintf(cause, room,
		"%s follows %s but is on version %.8s; the current one, %.8s, is %lld days old",
		facts->account.id.name, label(&facts->key.id, "").text, facts->account.used,
		current->version, (long long)((facts->now - current->created) / DAY));
	return true;
}

/* Until then the old version has to stay enabled. */
bool
rule_automatic_waiting(const struct facts *facts, char *cause, size_t room)
{
	const struct key_version *current = not_taken_up(facts);
	char when[32];

	if (current == NULL || facts->now - current->created > DAY)
		return false;
	snprintf(cause, room,
		"%s is still on version %.8s of %s; it looks once a day, so expect it on %.8s by "
		"%s",
		facts->account.id.name, facts->account.used, label(&facts->key.id, "").text,
		current->version, iso(current->created + DAY, when));
	return true;
}

bool
rule_no_rotation_policy(const struct facts *facts, char *cause, size_t room)
{
	if (facts->rotation_known != KNOWN_READ || facts->rotates || !is_rsa(&facts->key))
		return false;
	snprintf(cause, room, "%s is in use and has no policy that rotates it",
		label(&facts->key.id, "").text);
	return true;
}
