/* The sandbox's small languages: hosts, seeds, clock, faults. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "backend/sandbox/names.h"
#include "backend/sandbox/sandbox.h"
#include "backend/sandbox/seed/seed.h"
#include "backend/sandbox/vclock.h"

static void
hosts_have_roles(void **state)
{
	static const struct {
		const char *host;
		enum host_role role;
		const char *store, *port;
	} cases[] = {
		{"management.azure.com", HOST_ARM, "", ""},
		{"MANAGEMENT.azure.com:443", HOST_ARM, "", ""},
		{"login.microsoftonline.com", HOST_ENTRA, "", ""},
		{"login.partner.microsoftonline.cn", HOST_ENTRA, "", ""},
		{"management.chinacloudapi.cn", HOST_ARM, "", ""},
		{"kv1.vault.azure.net", HOST_VAULT, "kv1", ""},
		{"KV1.vault.usgovcloudapi.net", HOST_VAULT, "kv1", ""},
		{"kv1.vault.localhost:40123", HOST_VAULT, "kv1", ":40123"},
		{"localhost:40123", HOST_LOCAL, "", ":40123"},
		{"127.0.0.1:1", HOST_LOCAL, "", ":1"},
		{"[::1]:1", HOST_LOCAL, "", ":1"},
		{"a.b.vault.azure.net", HOST_NONE, "", ""},
		{".vault.azure.net", HOST_NONE, "", ""},
		{"vault.azure.net", HOST_NONE, "", ""},
		{"localhost:x", HOST_NONE, "", ""},
		{"localhost:999999", HOST_NONE, "", ""},
		{"example.com", HOST_NONE, "", ""},
		{"", HOST_NONE, "", ""},
	};
	struct naming naming;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		names_read(&naming, cases[i].host);
		assert_int_equal(naming.role, cases[i].role);
		if (naming.role == HOST_NONE)
			continue;
		assert_string_equal(naming.store, cases[i].store);
		assert_string_equal(naming.port, cases[i].port);
	}
}

static void
urls_follow_the_asker(void **state)
{
	char url[NAMES_URL];
	struct naming naming;

	(void)state;
	names_read(&naming, "kv1.vault.localhost:40123");
	assert_string_equal(names_authority(&naming, url), "https://localhost:40123");
	assert_string_equal(
		names_store(&naming, STORE_VAULT, "kv9", url), "https://kv9.vault.localhost:40123");
	assert_string_equal(
		names_store_audience(&naming, STORE_VAULT, url), "https://vault.localhost:40123");
	names_read(&naming, "management.chinacloudapi.cn");
	assert_string_equal(names_authority(&naming, url), "https://login.chinacloudapi.cn");
	assert_string_equal(
		names_store(&naming, STORE_VAULT, "kv9", url), "https://kv9.vault.azure.cn");
	assert_true(names_is_arm_audience(&naming, "https://management.core.windows.net/"));
	assert_true(names_is_arm_audience(&naming, "https://management.chinacloudapi.cn"));
	assert_false(names_is_arm_audience(&naming, "https://vault.azure.net"));
	assert_true(names_is_audience(&naming, "https://vault.azure.net"));
	assert_false(names_is_audience(&naming, "https://example.com"));
}

static void
vault_uris_are_read(void **state)
{
	enum store_kind kind;
	char vault[64];
	bool slash;

	(void)state;
	assert_true(names_parse_store("https://KV1.vault.azure.net", &kind, vault, &slash));
	assert_string_equal(vault, "kv1");
	assert_false(slash);
	assert_true(names_parse_store("https://kv1.vault.localhost:4/", &kind, vault, &slash));
	assert_true(slash);
	assert_true(names_parse_store("https://kv1.vault.azure.net:443/", &kind, vault, &slash));
	assert_false(names_parse_store("http://kv1.vault.azure.net", &kind, vault, &slash));
	assert_false(names_parse_store("https://kv1.vault.azure.net/keys/k", &kind, vault, &slash));
	assert_false(
		names_parse_store("https://kv1.vault.azure.net.example.com", &kind, vault, &slash));
	assert_false(names_parse_store("https://u@kv1.vault.azure.net", &kind, vault, &slash));
	assert_int_equal(kind, STORE_VAULT);
	assert_true(names_parse_store("https://kv1.managedhsm.azure.net", &kind, vault, &slash));
	assert_int_equal(kind, STORE_HSM);
	assert_false(names_parse_store("https://st1.blob.core.windows.net", &kind, vault, &slash));
}

static void
clock_words(void **state)
{
	int64_t seconds;

	(void)state;
	assert_true(vclock_parse("+24h", &seconds, NULL));
	assert_int_equal(seconds, 86400);
	assert_true(vclock_parse("+90m", &seconds, NULL));
	assert_int_equal(seconds, 5400);
	assert_true(vclock_parse("+7d", &seconds, NULL));
	assert_int_equal(seconds, 604800);
	assert_false(vclock_parse("24h", &seconds, NULL));
	assert_false(vclock_parse("+24", &seconds, NULL));
	assert_false(vclock_parse("-1h", &seconds, NULL));
	assert_false(vclock_parse("+1hh", &seconds, NULL));
	assert_false(vclock_parse("", &seconds, NULL));
}

static void
http_dates(void **state)
{
	char text[32];

	(void)state;
	assert_string_equal(vclock_http(784111777, text), "Sun, 06 Nov 1994 08:49:37 GMT");
}

static void
seed_words(void **state)
{
	static const char *const wrong[] = {"", "Demo", "fleet", "fleet:", "fleet:0", "fleet:-1",
		"fleet:1x", "fleet:100001", "fleet:99999999999999999999"};
	struct err err;

	(void)state;
	assert_true(seed_check("demo", NULL));
	assert_true(seed_check("empty", NULL));
	assert_true(seed_check("fleet:1", NULL));
	assert_true(seed_check("fleet:100000", NULL));
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		assert_false(seed_check(wrong[i], &err));
		assert_int_equal(err.kind, ERR_USAGE);
	}
}

static void
good_faults(void **state)
{
	static const char *const specs[] = {"unwrapkey=flip:value",
		"PATCH *automation*=status:503*2", "*=status:429:5",
		"get /keys/*=type:attributes.enabled", "*.vault.azure.net/*=delay:50",
		"wrapkey=drop*1", "keys=html", "keys=truncate", "*=status:429:date:5",
		"*=status:429:ms:500*1", "*=status:503:x-ms:1", "PUT *=after:504*1", "x=stall",
		"x=stall:200*1", "x=stall-body", "x=stall-body:5", "x=reset", "x=oversize",
		"x=oversize:8*2", "x=mime:text/plain*1", "x=nextlink",
		"x=nextlink:a.example:8443*1", "x=challenge:login.example", "x=skew:-90",
		"x=skew:+3600", "x=skew:60*3", "x=lro:fails*1", "x=lro:canceled", "x=lro:never",
		"x=lro:elsewhere:a.example", "*.vault.azure.net=cert:expired*1",
		"localhost=cert:untrusted", "*=cert:early", "*=cert:name"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(specs); i++)
		assert_true(sandbox_fault_check(specs[i], NULL));
}

static void
bad_faults_name_the_column(void **state)
{
	static const struct {
		const char *spec, *column;
	} cases[] = {
		{"", "column 1"},
		{"unwrapkey", "column 10"},
		{"=drop", "column 1"},
		{"FETCH x=drop", "column 1"},
		{"x=explode", "column 3"},
		{"x=status:200", "column 13"},
		{"x=status:5x", "column"},
		{"x=status:503:", "column 14"},
		{"x=flip:", "column 8"},
		{"x=drop*0", "column"},
		{"x=drop*2x", "column 9"},
		{"x=dropped", "column 7"},
		{"x=delay:700000", "column"},
		{"x=status:429:later:5", "column 14"},
		{"x=after:200", "column"},
		{"x=stall:", "column 9"},
		{"x=oversize:0", "column"},
		{"x=skew:0", "column"},
		{"x=skew:soon", "column 8"},
		{"x=nextlink:a b", "column"},
		{"x=lro:slowly", "column 7"},
		{"x=cert:old", "column 8"},
		{"/keys=cert:expired", "column 1"},
		{"GET x=cert:expired", "column 1"},
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_false(sandbox_fault_check(cases[i].spec, &err));
		assert_int_equal(err.kind, ERR_USAGE);
		assert_non_null(strstr(err.msg, cases[i].column));
		assert_non_null(strstr(err.msg, "PATTERN=ACTION"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_have_roles),
		cmocka_unit_test(urls_follow_the_asker),
		cmocka_unit_test(vault_uris_are_read),
		cmocka_unit_test(clock_words),
		cmocka_unit_test(http_dates),
		cmocka_unit_test(seed_words),
		cmocka_unit_test(good_faults),
		cmocka_unit_test(bad_faults_name_the_column),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
