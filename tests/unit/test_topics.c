/* What the help topics say, fact by fact (tests/facts.txt), and that they are whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/text.h"
#include "backend/estate/kind.h"
#include "backend/estate/topics/topic.h"

enum { TEXT_MAX = 32000 };

static void
add(struct buf *out, const char *text)
{
	assert_true(buf_addf(out, "%s\n", text));
}

/* All that a topic says, sources aside. */
static void
say(const struct topic *topic, struct buf *out)
{
	buf_init(out, TEXT_MAX);
	add(out, topic->title);
	for (size_t i = 0; i < topic->statements_len; i++)
		add(out, topic->statements[i].text);
	if (topic->lines)
		assert_true(topic->lines(out));
}

static void
topics_are_whole(void **state)
{
	(void)state;
	assert_true(topics_len > 0);
	for (size_t i = 0; i < topics_len; i++) {
		const struct topic *topic = topics[i];

		assert_ptr_equal(topic_find(topic->name), topic);
		assert_null(kind_find(topic->name));
		assert_true(topic->title[0] && topic->statements_len > 0);
		for (size_t k = 0; k < topic->statements_len; k++) {
			const struct statement *one = &topic->statements[k];

			assert_true(one->text[0] && one->source && one->source[0]);
			assert_null(strchr(one->text, '\n'));
			assert_null(strstr(one->text, "  "));
			assert_null(strstr(one->source, "  "));
		}
	}
	assert_null(topic_find("weather"));
}

static const struct {
	const char *fact, *topic, *text;
} facts[] = {
	{"A1", "automation", "Credentials, certificates, connections and encrypted variables"},
	{"A2", "customer-key", "wraps that account key and nothing else"},
	{"A3", "automation", "always made on Microsoft's keys"},
	{"A4", "automation", "for an account and not for an asset"},
	{"A6", "customer-key", "takes effect at once, costs no performance and no downtime"},
	{"A7", "customer-key", "is not encrypted again"},
	{"A8", "automation", "2020-01-13-preview"},
	{"A14", "automation", "first the identity, then its rights, then the key"},
	{"A15", "roles", "Automation  policy  get recover wrapKey unwrapKey"},
	{"A17", "roles", "by its principal id and tenant"},
	{"A20", "automation", "grants on the vault of the key"},
	{"A24", "cut", "no article says how soon it takes effect"},
	{"A25", "audit", "KeyBackup and KeyRestore"},
	{"B1", "batch", "certificates and the metadata of jobs and tasks"},
	{"B3", "batch", "US Gov Virginia and US Gov Arizona"},
	{"B8", "roles", "Batch       policy  get wrapKey unwrapKey"},
	{"B18", "cut", "only deletion is allowed any more: do not delete it"},
	{"B20", "batch", "diskEncryptionConfiguration"},
	{"B21", "batch", "it may be deleted or changed, and not before"},
	{"B22", "rotation", "told each new version"},
	{"B23", "cut", "up to ten minutes"},
	{"B24", "cut", "tasks are stopped and queued again"},
	{"S1", "customer-key", "managed HSMs hold keys in HSMs only"},
	{"S3", "roles", "The first two may be two people"},
	{"S4", "roles", "Storage     policy  get wrapKey unwrapKey"},
	{"S5", "storage", "Azure Policy has a built-in policy"},
	{"S6", "storage", "it cannot be changed later"},
	{"S7", "customer-key", "nothing else has to be done"},
	{"S8", "words", "It can be done at any time"},
	{"S11", "customer-key", "costs what Key Vault's pricing says"},
	{"S13", "storage", "made with a customer key opens it as a user-assigned identity"},
	{"S14", "cross-tenant", "system-assigned identity cannot cross tenants"},
	{"S15", "roles", "Managed HSM Crypto Service Encryption User"},
	{"S16", "rotation", "at least every two years"},
	{"S17", "rotation", "chosen when the key is set or changed"},
	{"S18", "customer-key", "is never without encryption"},
	{"S19", "rotation", "do not show a rotation"},
	{"S20", "rotation", "Storage looks once a day"},
	{"S21", "rotation", "enabled for 24 hours"},
	{"S23", "rotation", "until somebody moves it"},
	{"S24", "cut", "Disable the versions in use"},
	{"S25", "cut", "403 to everybody"},
	{"S26", "cut", "until access to the key is restored"},
	{"S29", "storage-after-a-cut", "protects neither against deletion"},
	{"S30", "cut", "PowerShell and the CLI"},
	{"S31", "storage", "disk encryption sets"},
	{"S32", "audit", "logs every attempt at access"},
	{"S32", "storage", "Defender for Storage"},
	{"S32", "roles", "neither lists nor keeps them"},
	{"H1", "customer-key", "2021 wants both in one region"},
	{"H3", "az", "azure-cli 2.4.0"},
	{"H10", "rotation", "newest version is the one created last"},
	{"H13", "words", "goes on pointing at the key"},
	{"H14", "words", "the opposite of a cut"},
	{"H15", "cut", "the rights on secrets and certificates as well"},
	{"H16", "words", "keySource Microsoft.Storage"},
	{"X3", "cut", "the way the Storage article names"},
	{"X4", "roles", "policies on a vault of roles are accepted and ignored"},
	{"X5", "roles", "It has no recover"},
	{"X6", "rotation", "name a key without version"},
	{"X8", "customer-key", "27 February 2027"},
	{"X9", "firewall", "Automation is not"},
	{"X10", "customer-key", "still unwraps, decrypts and verifies"},
};

static void
topics_say(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
		const struct topic *topic = topic_find(facts[i].topic);
		struct buf text;

		assert_non_null(topic);
		say(topic, &text);
		if (!strstr(buf_text(&text), facts[i].text))
			fail_msg("%s: help %s does not say '%s'", facts[i].fact, facts[i].topic,
				facts[i].text);
		buf_free(&text);
	}
}

/* The questions at the end of the Storage article are of other clouds as well. */
static void
nothing_is_said_of_other_clouds(void **state)
{
	static const char *const words[] = {"Cloud KMS", "CMEK", "AWS", "Oracle"};

	(void)state;
	for (size_t i = 0; i < topics_len; i++) {
		struct buf text;

		say(topics[i], &text);
		for (size_t k = 0; k < ARRAY_LEN(words); k++)
			assert_null(strstr(buf_text(&text), words[k]));
		buf_free(&text);
	}
}

static const struct stopped_operation *
stopped(const char *name, int of)
{
	for (size_t i = 0; i < stopped_operations_len; i++)
		if ((int)stopped_operations[i].of == of &&
			strcmp(stopped_operations[i].name, name) == 0)
			return &stopped_operations[i];
	return NULL;
}

static void
expect_stopped(int of, const char *const *names, const char *const *others, size_t count)
{
	size_t len = 0;

	for (size_t i = 0; i < stopped_operations_len; i++)
		len += (int)stopped_operations[i].of == of;
	assert_int_equal(len, count);
	for (; *names; names++)
		assert_non_null(stopped(*names, of));
	for (; *others; others++)
		assert_null(stopped(*others, of));
}

/* 17 on blobs; with what is not among them: what goes on after a cut. */
static void
blob_operations(void **state)
{
	static const char *const names[] = {"Get Blob", "Put Blob", "Set Blob Tier", "Put Block",
		"Incremental Copy Blob", NULL};
	static const char *const others[] = {
		"Delete Blob", "Delete Container", "Lease Blob", "Put Block List", NULL};

	(void)state;
	expect_stopped(STOPPED_BLOB, names, others, 17);
	assert_string_equal(stopped("List Blobs", STOPPED_BLOB)->only, "with include=metadata");
	assert_string_equal(stopped("Snapshot Blob", STOPPED_BLOB)->only, "with x-ms-meta-name");
	assert_null(stopped("Get Blob", STOPPED_BLOB)->only);
}

/* 18 on files; here names cannot be listed either. */
static void
file_operations(void **state)
{
	static const char *const names[] = {"Create Permission", "List Directories and Files",
		"Get File", "Put Range From URL", "Rename File", NULL};
	static const char *const others[] = {
		"Delete File", "Delete Directory", "Delete Share", NULL};

	(void)state;
	expect_stopped(STOPPED_FILE, names, others, 18);
}

static void
operations_are_in_the_topic(void **state)
{
	struct buf text;

	(void)state;
	say(&topic_storage_after, &text);
	for (size_t i = 0; i < stopped_operations_len; i++)
		assert_non_null(strstr(buf_text(&text), stopped_operations[i].name));
	assert_non_null(strstr(buf_text(&text), "List Blobs, only with include=metadata"));
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(topics_are_whole),
		cmocka_unit_test(topics_say),
		cmocka_unit_test(nothing_is_said_of_other_clouds),
		cmocka_unit_test(blob_operations),
		cmocka_unit_test(file_operations),
		cmocka_unit_test(operations_are_in_the_topic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
