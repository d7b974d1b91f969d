/* Replies that are given again: for a minute, to the same question only, and not after a change. */
#include "backend/net/memo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define VAULT                                                                       \
	"https://management.azure.com/subscriptions/s/resourceGroups/rg/providers/" \
	"Microsoft.KeyVault/vaults/kv"
#define OTHER VAULT "-two"
#define API "?api-version=2023-07-01"
#define KEY "https://kv.vault.azure.net/keys/cmk"

static void
keep(struct memo *memo, const char *url, const char *text, int64_t now_ms)
{
	struct buf body;

	buf_init(&body, 64);
	assert_true(buf_adds(&body, text));
	memo_keep(memo, url, &body, now_ms);
	buf_free(&body);
}

static void
expect(struct memo *memo, const char *url, int64_t now_ms, const char *text)
{
	const struct buf *body = memo_find(memo, url, now_ms);

	if (text == NULL) {
		assert_null(body);
		return;
	}
	assert_non_null(body);
	assert_string_equal(buf_text(body), text);
}

static void
what_was_told_is_told_again_for_a_minute(void **state)
{
	struct memo *memo = memo_new();

	(void)state;
	expect(memo, KEY, 0, NULL);
	keep(memo, KEY, "one", 1000);
	keep(memo, KEY "/versions", "two", 2000);
	expect(memo, KEY, 1000 + MEMO_MS, "one");
	expect(memo, KEY "/versions", 2000, "two");
	keep(memo, KEY, "newer", 30000);
	expect(memo, KEY, 30001, "newer");
	expect(memo, KEY, 30001 + MEMO_MS, NULL);
	memo_free(memo);
}

static void
a_change_makes_it_forget_what_it_is_about(void **state)
{
	static const char *const changes[] = {
		VAULT API,
		VAULT "/accessPolicies/add" API,
		VAULT "/keys/cmk/providers/Microsoft.Authorization/roleAssignments/g" API,
		"https://MANAGEMENT.azure.com/subscriptions/S/resourcegroups/rg/providers/"
		"microsoft.keyvault/vaults/KV" API,
	};

	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		struct memo *memo = memo_new();

		keep(memo, VAULT API, "vault", 0);
		keep(memo, VAULT "/providers/Microsoft.Authorization/roleAssignments" API, "roles",
			0);
		keep(memo, OTHER API, "other", 0);
		keep(memo, KEY, "key", 0);
		memo_drop(memo, changes[i]);
		expect(memo, VAULT API, 1, NULL);
		expect(memo, VAULT "/providers/Microsoft.Authorization/roleAssignments" API, 1,
			NULL);
		expect(memo, OTHER API, 1, "other");
		expect(memo, KEY, 1, "key");
		memo_free(memo);
	}
}

static void
a_change_of_a_key_forgets_its_vault(void **state)
{
	struct memo *memo = memo_new();

	(void)state;
	keep(memo, KEY, "key", 0);
	keep(memo, KEY "/versions", "versions", 0);
	keep(memo, "https://kv.vault.azure.net.example/keys/cmk", "elsewhere", 0);
	memo_drop(memo, KEY "/0123456789abcdef0123456789abcdef");
	expect(memo, KEY, 1, NULL);
	expect(memo, KEY "/versions", 1, NULL);
	expect(memo, "https://kv.vault.azure.net.example/keys/cmk", 1, "elsewhere");
	memo_free(memo);
}

static void
it_does_not_grow_without_end(void **state)
{
	struct memo *memo = memo_new();
	char url[80];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		snprintf(url, sizeof url, KEY "-%d", i);
		keep(memo, url, "key", i);
	}
	expect(memo, KEY "-999", 1000, "key");
	expect(memo, KEY "-0", 1000, NULL);
	memo_free(memo);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_told_is_told_again_for_a_minute),
		cmocka_unit_test(a_change_makes_it_forget_what_it_is_about),
		cmocka_unit_test(a_change_of_a_key_forgets_its_vault),
		cmocka_unit_test(it_does_not_grow_without_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
