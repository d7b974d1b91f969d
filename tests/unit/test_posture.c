/* Every rule on facts that make it hold and on healthy ones, and the state that follows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/mem.h"
#include "backend/estate/posture.h"

enum { NOW = 1780000000, DAY = 86400 };

#define PRINCIPAL "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"
#define TENANT "bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb"
#define V1 "11111111111111111111111111111111"
#define V2 "22222222222222222222222222222222"

static void
put(char *out, size_t room, const char *text)
{
	assert_true(snprintf(out, room, "%s", text) < (int)room);
}

#define PUT(field, text) put(field, sizeof(field), text)

static void
add_version(struct key *key, const char *name, int64_t created)
{
	struct key_version version = {.enabled = TRI_YES, .created = created};

	PUT(version.version, name);
	key_put_version(key, &version);
	key_sort_versions(key, key->id.version);
}

/* An account on the only version of a sound key in a sound vault. */
static int
setup(void **state)
{
	struct facts *f = mem_alloc(sizeof *f);

	f->account_known = f->vault_known = f->key_known = KNOWN_READ;
	f->now = NOW;
	f->account.service = &service_automation;
	f->account.detailed = true;
	PUT(f->account.id.name, "aa");
	f->account.identity.system = TRI_YES;
	PUT(f->account.identity.principal, PRINCIPAL);
	PUT(f->account.identity.tenant, TENANT);
	f->account.source = KEY_SOURCE_CUSTOMER;
	f->account.mode = KEY_MODE_PINNED;
	PUT(f->account.key.host, "kv1.vault.azure.net");
	PUT(f->account.key.vault, "kv1");
	PUT(f->account.key.key, "k1");
	PUT(f->account.key.version, V1);
	PUT(f->vault.id.name, "kv1");
	PUT(f->vault.tenant, TENANT);
	f->vault.soft_delete = f->vault.purge_protection = TRI_YES;
	f->vault.model = GRANT_POLICIES;
	f->vault.policies = mem_alloc(sizeof *f->vault.policies);
	f->vault.policies_len = 1;
	PUT(f->vault.policies[0].principal, PRINCIPAL);
	f->vault.policies[0].keys = PERM_GET | PERM_RECOVER | PERM_WRAP | PERM_UNWRAP;
	f->key.id = f->account.key;
	PUT(f->key.kty, "RSA");
	f->key.bits = 2048;
	f->key.ops = PERM_WRAP | PERM_UNWRAP;
	f->key.ops_known = f->key.listed = true;
	add_version(&f->key, V1, NOW - 100 * DAY);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct facts *f = *state;

	facts_free(f);
	free(f);
	return 0;
}

static void
make_microsoft(struct facts *f)
{
	f->account.source = KEY_SOURCE_MICROSOFT;
	f->account.mode = KEY_MODE_NONE;
	f->account.key = (struct keyid){0};
}

/* Exactly one finding, of this rule and severity, whose cause says part. */
static void
only(const struct facts *f, const char *rule, enum severity severity, const char *part)
{
	struct finding found[32];
	size_t len = posture_judge(f, found, ARRAY_LEN(found));

	if (len != 1)
		fail_msg("%s: %zu findings, the first is %s", rule, len,
			len ? found[0].rule->id : "none");
	assert_string_equal(found[0].rule->id, rule);
	assert_int_equal(found[0].rule->severity, severity);
	assert_int_equal(found[0].effect, FINDING_TOLD);
	if (!strstr(found[0].cause, part))
		fail_msg("'%s' is not in '%s'", part, found[0].cause);
}

static void
healthy(const struct facts *f)
{
	struct finding found[32];
	size_t len = posture_judge(f, found, ARRAY_LEN(found));

	if (len)
		fail_msg("%s: %s", found[0].rule->id, found[0].cause);
}

static void
test_sound(void **state)
{
	struct facts *f = *state;

	healthy(f);
	assert_int_equal(facts_state(f), ACCOUNT_OK);
	assert_string_equal(account_state_name(facts_state(f)), "ok");
}

static void
test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < rules_len; i++) {
		struct finding finding = {.rule = &rules[i], .service = &service_batch};
		char source[200];

		assert_true(rules[i].id[0] && rules[i].remedy[0]);
		assert_true((rules[i].source == NULL) != (rules[i].section == NULL));
		finding_source(&finding, source, sizeof source);
		assert_int_equal(
			strncmp(source, service_batch.article, strlen(service_batch.article)) == 0,
			rules[i].section != NULL);
		assert_non_null(rules[i].holds);
		assert_true(i == 0 || rules[i].severity <= rules[i - 1].severity);
		assert_non_null(rule_find(rules[i].id));
	}
	assert_null(rule_find("no-such-rule"));
	assert_string_equal(severity_name(SEVERITY_HIGH), "high");
}

static void
test_microsoft(void **state)
{
	struct facts *f = *state;
	struct finding found[8];

	make_microsoft(f);
	f->vault_known = f->key_known = KNOWN_NOT_READ;
	only(f, "not-onboarded", SEVERITY_INFO, "aa ");
	assert_int_equal(facts_state(f), ACCOUNT_NONE);
	f->account.identity = (struct identity){.system = TRI_NO};
	assert_int_equal(posture_judge(f, found, 8), 2);
	assert_string_equal(found[1].rule->id, "identity-missing");
	assert_int_equal(found[1].rule->severity, SEVERITY_INFO);
	assert_int_equal(posture_judge(f, found, 1), 1);
}

static void
test_preflight_rights(void **state)
{
	struct facts *f = *state;
	struct finding found[8];
	size_t len;

	make_microsoft(f);
	f->vault.policies[0].keys = PERM_GET;
	len = posture_judge(f, found, 8);
	assert_int_equal(len, 2);
	assert_string_equal(found[1].rule->id, "rights-missing");
	assert_int_equal(found[1].rule->severity, SEVERITY_INFO);
	assert_non_null(strstr(found[1].cause, "missing: recover wrapKey unwrapKey"));
}

static void
test_identity_lost(void **state)
{
	struct facts *f = *state;

	f->account.identity = (struct identity){.system = TRI_NO};
	only(f, "identity-missing", SEVERITY_HIGH, "no system-assigned identity");
	assert_int_equal(facts_state(f), ACCOUNT_LOCKED);
}

static void
test_rights(void **state)
{
	struct facts *f = *state;
	perm_set four = f->vault.policies[0].keys;

	f->vault.policies[0].keys = four & ~(perm_set)PERM_RECOVER;
	only(f, "rights-missing", SEVERITY_HIGH, "missing: recover");
	assert_int_equal(facts_state(f), ACCOUNT_OK);
	f->vault.policies[0].keys = four & ~(perm_set)PERM_UNWRAP;
	only(f, "rights-missing", SEVERITY_HIGH, "missing: unwrapKey");
	assert_int_equal(facts_state(f), ACCOUNT_LOCKED);
	f->vault.policies_len = 0;
	only(f, "rights-missing", SEVERITY_HIGH, "holds no key right on kv1");
	f->vault.policies_len = 1;
	f->vault.policies[0].keys = four | PERM_LIST;
	healthy(f);
	f->vault.policies[0].keys = four | PERM_BACKUP;
	only(f, "rights-excess", SEVERITY_LOW, "backup");
	f->vault.policies[0].keys = PERM_ALL;
	only(f, "rights-excess", SEVERITY_LOW, "delete");
}

static void
test_vault(void **state)
{
	struct facts *f = *state;

	f->vault.soft_delete = TRI_NO;
	only(f, "soft-delete-off", SEVERITY_HIGH, "kv1");
	f->vault.soft_delete = TRI_YES;
	f->vault.purge_protection = TRI_NO;
	only(f, "purge-protection-off", SEVERITY_HIGH, "kv1");
	assert_int_equal(facts_state(f), ACCOUNT_OK);
	f->vault.purge_protection = TRI_UNKNOWN;
	healthy(f);
	PUT(f->vault.tenant, PRINCIPAL);
	only(f, "tenant-mismatch", SEVERITY_HIGH, TENANT);
	assert_int_equal(facts_state(f), ACCOUNT_LOCKED);
	PUT(f->vault.tenant, TENANT);
	f->vault.model = GRANT_RBAC;
	healthy(f);
	assert_int_equal(facts_state(f), ACCOUNT_UNKNOWN);
}

static void
test_firewall(void **state)
{
	struct facts *f = *state;
	struct service trusted = service_automation;

	PUT(f->vault.network_default, "Allow");
	healthy(f);
	PUT(f->vault.network_default, "deny");
	PUT(f->vault.network_bypass, "AzureServices");
	only(f, "vault-firewall", SEVERITY_HIGH, "Automation");
	assert_int_equal(facts_state(f), ACCOUNT_UNKNOWN);
	trusted.trusted_by_firewall = true;
	f->account.service = &trusted;
	healthy(f);
	PUT(f->vault.public_access, "SecuredByPerimeter");
	only(f, "vault-firewall", SEVERITY_HIGH, "SecuredByPerimeter");
	f->account.service = &service_automation;
	PUT(f->vault.network_default, "");
	PUT(f->vault.public_access, "Disabled");
	only(f, "vault-firewall", SEVERITY_HIGH, "Disabled");
}

static void
test_unread(void **state)
{
	struct facts *f = *state;

	f->vault_known = KNOWN_DENIED;
	err_set(&f->vault_why, ERR_DENIED, "AuthorizationFailed", "no right to read it");
	only(f, "vault-unreadable", SEVERITY_MEDIUM, "no right to read it");
	assert_int_equal(facts_state(f), ACCOUNT_UNKNOWN);
	f->vault_known = KNOWN_ABSENT;
	only(f, "vault-absent", SEVERITY_HIGH, "kv1");
	assert_int_equal(facts_state(f), ACCOUNT_LOCKED);
	f->vault_known = KNOWN_READ;
	f->key_known = KNOWN_FAILED;
	err_set(&f->key_why, ERR_UNAVAILABLE, "", "timed out");
	only(f, "key-unreadable", SEVERITY_MEDIUM, "timed out");
	assert_int_equal(facts_state(f), ACCOUNT_UNKNOWN);
	f->account_known = KNOWN_FAILED;
	assert_int_equal(facts_state(f), ACCOUNT_UNKNOWN);
}

static void
test_key_absent(void **state)
{
	struct facts *f = *state;

	f->key_known = KNOWN_ABSENT;
	only(f, "key-absent", SEVERITY_HIGH, "kv1/k1");
	assert_int_equal(facts_state(f), ACCOUNT_LOCKED);
	f->key_known = KNOWN_READ;
	PUT(f->account.key.version, V2);
	only(f, "key-absent", SEVERITY_HIGH, "22222222");
	assert_int_equal(facts_state(f), ACCOUNT_LOCKED);
	/* Without the whole list a version that is not there is not gone. */
	f->key.listed = false;
	healthy(f);
}

static void
test_key(void **state)
{
	struct facts *f = *state;
	struct key_version *version = &f->key.versions[0];

	version->enabled = TRI_NO;
	only(f, "key-disabled", SEVERITY_HIGH, "kv1/k1 version 11111111 is disabled");
	assert_int_equal(facts_state(f), ACCOUNT_LOCKED);
	version->enabled = TRI_YES;
	version->expires = NOW;
	only(f, "key-expired", SEVERITY_HIGH, "still be unwrapped");
	assert_int_equal(facts_state(f), ACCOUNT_OK);
	version->expires = NOW + 29 * DAY;
	only(f, "key-expires-soon", SEVERITY_MEDIUM, "in 29 days");
	version->expires = NOW + 31 * DAY;
	healthy(f);
	version->not_before = NOW + 1;
	only(f, "key-not-yet-valid", SEVERITY_HIGH, "not valid before 2026-");
	version->not_before = 0;
	version->created = NOW - 731 * DAY;
	only(f, "version-old", SEVERITY_LOW, "731 days");
}

static void
test_kind_of_key(void **state)
{
	struct facts *f = *state;

	PUT(f->key.kty, "RSA-HSM");
	healthy(f);
	PUT(f->key.kty, "EC");
	f->key.bits = 256;
	f->key.ops = PERM_SIGN | PERM_UNWRAP;
	only(f, "key-not-rsa", SEVERITY_HIGH, "type EC");
	PUT(f->key.kty, "RSA");
	f->key.ops = PERM_WRAP | PERM_UNWRAP;
	for (unsigned bits = 1024; bits <= 8192; bits *= 2) {
		f->key.bits = bits;
		if (bits == 2048 || bits == 4096)
			healthy(f);
		else
			only(f, "key-size", SEVERITY_HIGH, "bits");
	}
	f->key.bits = 3072;
	healthy(f);
	f->key.ops = PERM_ENCRYPT | PERM_UNWRAP;
	only(f, "key-operations", SEVERITY_HIGH, "missing: wrapKey");
	assert_int_equal(facts_state(f), ACCOUNT_OK);
	f->key.ops = PERM_WRAP;
	only(f, "key-operations", SEVERITY_HIGH, "missing: unwrapKey");
	assert_int_equal(facts_state(f), ACCOUNT_LOCKED);
	f->key.ops = PERM_WRAP | PERM_UNWRAP;
	f->key.id.hsm = true;
	only(f, "key-on-hsm", SEVERITY_HIGH, "Managed HSM");
}

/* A pinned account is judged by the version it uses, a plan by the version it is to get. */
static void
test_versions(void **state)
{
	struct facts *f = *state;

	add_version(&f->key, V2, NOW - DAY);
	PUT(f->key.id.version, V2);
	only(f, "version-behind", SEVERITY_MEDIUM, "version 11111111; the current version is 2222");
	f->key.versions[0].enabled = TRI_NO;
	only(f, "version-behind", SEVERITY_MEDIUM, "1 newer");
	assert_int_equal(facts_state(f), ACCOUNT_OK);
	assert_string_equal(facts_version(f)->version, V1);
	PUT(f->target, V2);
	assert_string_equal(facts_version(f)->version, V2);
	assert_non_null(rule_holds(f, "key-disabled", (char[240]){0}, 240));
	assert_int_equal(facts_state(f), ACCOUNT_OK);
	f->target[0] = '\0';
	PUT(f->account.key.key, "other");
	assert_false(facts_same_key(f));
	assert_string_equal(facts_version(f)->version, V2);
}

static void
test_known(void **state)
{
	struct err err = {.kind = ERR_NOT_FOUND};

	(void)state;
	assert_int_equal(known_of(&err), KNOWN_ABSENT);
	PUT(err.code, "SubscriptionNotFound");
	assert_int_equal(known_of(&err), KNOWN_FAILED);
	err = (struct err){.kind = ERR_DENIED};
	assert_int_equal(known_of(&err), KNOWN_DENIED);
	err = (struct err){.kind = ERR_UNAVAILABLE};
	assert_int_equal(known_of(&err), KNOWN_FAILED);
	err = (struct err){0};
	assert_int_equal(known_of(&err), KNOWN_READ);
}

/* The finding of this rule as things stand; fails unless it is there once. */
static struct finding
seen(const struct facts *f, unsigned about, const char *rule)
{
	struct finding found[FINDINGS_MAX], out = {0};
	size_t len = posture_see(f, about, "aa", found, FINDINGS_MAX), n = 0;

	for (size_t i = 0; i < len; i++)
		if (strcmp(found[i].rule->id, rule) == 0 && n++ == 0)
			out = found[i];
	if (n != 1)
		fail_msg("%s: %zu times", rule, n);
	return out;
}

static void
nothing_seen(const struct facts *f, unsigned about)
{
	struct finding found;

	if (posture_see(f, about, "aa", &found, 1))
		fail_msg("%s: %s", found.rule->id, found.cause);
}

static void
test_commands(void **state)
{
	struct facts *f = *state;
	struct finding found;

	f->vault.policies[0].keys = PERM_GET;
	found = seen(f, ABOUT_ALL, "rights-missing");
	assert_string_equal(finding_remedy(&found), "claviger grant aa --vault kv1");
	assert_non_null(strstr(found.cause, "locked: the identity of aa"));
	f->account.service = &service_batch;
	found = seen(f, ABOUT_ACCOUNT, "rights-missing");
	assert_non_null(strstr(found.cause, "only deletion is allowed (do not delete it): the id"));
	f->account.service = &service_automation;
	add_version(&f->key, V2, NOW - 2 * DAY);
	PUT(f->key.id.version, V2);
	found = seen(f, ABOUT_ACCOUNT, "version-behind");
	assert_string_equal(finding_remedy(&found), "claviger repin aa --key-version " V2);
	f->account.identity = (struct identity){.system = TRI_NO};
	found = seen(f, ABOUT_ACCOUNT, "identity-missing");
	assert_string_equal(finding_remedy(&found),
		"claviger onboard aa --key https://kv1.vault.azure.net/keys/k1/" V1
		" --key-version " V1);
	f->vault.purge_protection = TRI_NO;
	found = seen(f, ABOUT_VAULT, "purge-protection-off");
	assert_string_equal(finding_remedy(&found), "claviger protect kv1");
	make_microsoft(f);
	assert_int_equal(posture_see(f, ABOUT_ACCOUNT, "aa", &found, 1), 1);
	assert_string_equal(found.rule->id, "not-onboarded");
}

/* What is no plan's business is told as things stand only. */
static void
test_posture_only(void **state)
{
	struct facts *f = *state;
	struct finding found;

	add_version(&f->key, V2, NOW - DAY / 2);
	PUT(f->key.id.version, V2);
	PUT(f->account.used, V1);
	f->account.mode = KEY_MODE_AUTO;
	f->account.key.version[0] = '\0';
	found = seen(f, ABOUT_ALL, "automatic-lagging");
	assert_int_equal(found.rule->severity, SEVERITY_INFO);
	assert_non_null(strstr(found.cause, "once a day, so expect it on 22222222 by 2026-05-2"));
	f->now += DAY;
	found = seen(f, ABOUT_ACCOUNT, "automatic-lagging");
	assert_int_equal(found.rule->severity, SEVERITY_MEDIUM);
	assert_string_equal(finding_remedy(&found), "claviger repin aa --auto");
	PUT(f->account.location, "westeurope");
	PUT(f->vault.location, "eastus");
	seen(f, ABOUT_ACCOUNT, "region-differs");
	f->account.table_covered = TRI_NO;
	found = seen(f, ABOUT_ACCOUNT, "services-not-covered");
	assert_non_null(strstr(found.cause, "tables of aa"));
	nothing_seen(f, ABOUT_KEY);
	f->rotation_known = KNOWN_READ;
	found = seen(f, ABOUT_KEY, "no-rotation-policy");
	assert_non_null(strstr(finding_remedy(&found), "key rotation-policy kv1/k1 --every"));
	f->rotates = true;
	nothing_seen(f, ABOUT_KEY);
	healthy(f);
}

static void
test_unknown(void **state)
{
	struct facts *f = *state;
	struct finding found;

	f->key_known = KNOWN_DENIED;
	err_set(&f->key_why, ERR_DENIED, "Forbidden", "no right to read it");
	found = seen(f, ABOUT_ALL, "unknown");
	assert_non_null(strstr(found.cause, "no right to read it"));
	f->account_known = KNOWN_FAILED;
	err_set(&f->account_why, ERR_UNAVAILABLE, "", "timed out");
	found = seen(f, ABOUT_ACCOUNT, "unknown");
	assert_non_null(strstr(found.cause, "timed out"));
	f->account_known = KNOWN_NOT_READ;
	found = seen(f, ABOUT_KEY, "unknown");
	assert_non_null(strstr(found.cause, "kv1/k1"));
	f->vault_known = KNOWN_DENIED;
	seen(f, ABOUT_VAULT, "unknown");
}

/* A rule that speaks of nothing would never be told. */
static void
test_about(void **state)
{
	(void)state;
	for (size_t i = 0; i < rules_len; i++) {
		assert_true(rules[i].about != 0);
		if (rules[i].command)
			assert_int_equal(strncmp(rules[i].command, "claviger ", 9), 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_sound),
		TEST(test_table),
		TEST(test_microsoft),
		TEST(test_preflight_rights),
		TEST(test_identity_lost),
		TEST(test_rights),
		TEST(test_vault),
		TEST(test_firewall),
		TEST(test_unread),
		TEST(test_key_absent),
		TEST(test_key),
		TEST(test_kind_of_key),
		TEST(test_versions),
		TEST(test_known),
		TEST(test_commands),
		TEST(test_posture_only),
		TEST(test_unknown),
		TEST(test_about),
	};

	json_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
