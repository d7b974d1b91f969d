/* Where a token may go: look-alikes, user information, ports, links and challenges. */
#include "backend/net/origin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
test_hosts(void **state)
{
	static const struct {
		const char *url, *host;
	} good[] = {
		{"https://kv1.vault.azure.net/keys", "kv1.vault.azure.net"},
		{"HTTPS://KV1.Vault.Azure.NET", "kv1.vault.azure.net"},
		{"https://kv1.vault.azure.net:443/keys", "kv1.vault.azure.net"},
		{"https://localhost:8443?x", "localhost:8443"},
		{"https://a-b.c/#f@g", "a-b.c"},
	};
	static const char *const bad[] = {"", "https://", "http://a/", "https:///x", "https:/a",
		"https://user@a/", "https://a:b@c/", "https://a\\@b/", "https://a b/",
		"https://a:/", "https://a:0/", "https://a:65536/", "https://a:44x/",
		"https://a..b/", "https://.a/", "https://a./", "https://[::1]/",
		"https://\xc3\xa4.net/", "//a/", "https://a%2eb/", "https://a\tb/", "https://a_b/",
		"ftp://a/", " https://a/"};
	char host[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		assert_true(origin_host(good[i].url, host, sizeof host));
		assert_string_equal(host, good[i].host);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(origin_host(bad[i], host, sizeof host));
	assert_false(origin_host("https://abcdef/", host, 6));
}

static void
test_same(void **state)
{
	(void)state;
	assert_true(origin_same("https://a.b/x", "https://A.B:443/y"));
	assert_false(origin_same("https://a.b/x", "https://a.b:8443/x"));
	assert_false(origin_same("https://a.b/x", "http://a.b/x"));
	assert_false(origin_same("https://a.b/x", "https://a.b.evil/x"));
	assert_false(origin_same("https://a.b/x", "https://a.b@evil/x"));
	assert_false(origin_same("bad", "bad"));
}

static bool
allowed(enum audience audience, const char *url)
{
	struct request request = {.audience = audience, .url = (char *)url};
	struct err err = {0};
	bool ok = origin_check(&clouds[0], &request, &err);

	if (!ok) {
		assert_int_equal(err.kind, ERR_DENIED);
		assert_string_equal(err.code, "ForeignOrigin");
	}
	return ok;
}

static void
test_audiences(void **state)
{
	(void)state;
	assert_true(allowed(AUDIENCE_ARM, "https://management.azure.com/subscriptions"));
	assert_false(allowed(AUDIENCE_ARM, "https://management.azure.com.evil.example/"));
	assert_false(allowed(AUDIENCE_ARM, "https://management.chinacloudapi.cn/"));
	assert_false(allowed(AUDIENCE_ARM, "https://kv1.vault.azure.net/"));
	assert_true(allowed(AUDIENCE_VAULT, "https://kv1.vault.azure.net/keys"));
	assert_false(allowed(AUDIENCE_VAULT, "https://vault.azure.net/keys"));
	assert_false(allowed(AUDIENCE_VAULT, "https://a.b.vault.azure.net/keys"));
	assert_false(allowed(AUDIENCE_VAULT, "https://kv1.vault.azure.net.evil.example/"));
	assert_false(allowed(AUDIENCE_VAULT, "https://evilvault.azure.net/"));
	assert_false(allowed(AUDIENCE_VAULT, "https://kv1.vault.azure.net:8443/keys"));
	assert_false(allowed(AUDIENCE_VAULT, "https://kv1.vault.azure.cn/keys"));
	assert_false(allowed(AUDIENCE_VAULT, "https://kv1.managedhsm.azure.net/keys"));
	assert_true(allowed(AUDIENCE_HSM, "https://h.managedhsm.azure.net/keys"));
	assert_false(allowed(AUDIENCE_HSM, "https://kv1.vault.azure.net/keys"));
	assert_true(allowed(AUDIENCE_BLOB, "https://st1.blob.core.windows.net/canary/canary.txt"));
	assert_false(allowed(AUDIENCE_BLOB, "https://blob.core.windows.net/canary"));
	assert_false(allowed(AUDIENCE_BLOB, "https://a.b.blob.core.windows.net/canary"));
	assert_false(allowed(AUDIENCE_BLOB, "https://st1.blob.core.windows.net.evil.example/"));
	assert_false(allowed(AUDIENCE_BLOB, "https://st1.file.core.windows.net/"));
	assert_false(allowed(AUDIENCE_BLOB, "https://st1.blob.core.chinacloudapi.cn/"));
	assert_false(allowed(AUDIENCE_BLOB, "https://kv1.vault.azure.net/"));
	assert_false(allowed(AUDIENCE_ARM, "https://st1.blob.core.windows.net/"));
	assert_false(allowed(AUDIENCE_VAULT, "https://st1.blob.core.windows.net/"));
	assert_true(allowed(AUDIENCE_GRAPH, "https://graph.microsoft.com/v1.0/servicePrincipals"));
	assert_false(allowed(AUDIENCE_GRAPH, "https://graph.microsoft.us/v1.0/servicePrincipals"));
	assert_false(allowed(AUDIENCE_GRAPH, "https://management.azure.com/subscriptions"));
	assert_true(allowed(AUDIENCE_NONE, "https://login.microsoftonline.com/t/oauth2"));
	assert_false(allowed(AUDIENCE_NONE, "https://login.evil.example/t/oauth2"));
	assert_false(allowed(AUDIENCE_ARM, ""));
}

static void
test_custom_cloud(void **state)
{
	struct cloud cloud = {
		.arm = "https://localhost:8443", .vault_suffix = ".vault.localhost:8443"};
	struct request request = {.audience = AUDIENCE_VAULT};
	struct err err;

	(void)state;
	request.url = (char *)"https://kv.vault.localhost:8443/keys";
	assert_true(origin_check(&cloud, &request, &err));
	request.url = (char *)"https://kv.vault.localhost:8444/keys";
	assert_false(origin_check(&cloud, &request, &err));
	request.url = (char *)"https://kv.vault.localhost/keys";
	assert_false(origin_check(&cloud, &request, &err));
	request.audience = AUDIENCE_HSM;
	assert_false(origin_check(&cloud, &request, &err));
	/* a cloud that names no Graph has none */
	request.audience = AUDIENCE_GRAPH;
	assert_false(origin_check(&cloud, &request, &err));
	/* a cloud that names no host for blobs has none */
	request.audience = AUDIENCE_BLOB;
	request.url = (char *)"https://st1.blob.core.windows.net/canary/canary.txt";
	assert_false(origin_check(&cloud, &request, &err));
}

static void
test_links(void **state)
{
	static const char from[] = "https://kv1.vault.azure.net/keys?api-version=7.4";
	static const struct {
		const char *link, *whole;
	} good[] = {
		{"https://kv1.vault.azure.net:443/keys?$skiptoken=x&api-version=7.4",
			"https://kv1.vault.azure.net:443/keys?$skiptoken=x&api-version=7.4"},
		{"/next?a=b", "https://kv1.vault.azure.net/next?a=b"},
		{"//kv1.vault.azure.net/n", "https://kv1.vault.azure.net/n"},
		{"/x?$filter=a eq 'b'#frag", "https://kv1.vault.azure.net/x?$filter=a%20eq%20'b'"},
		{"/\xc3\xa4", "https://kv1.vault.azure.net/%C3%A4"},
	};
	static const char *const bad[] = {"", "next", "?a=b", "http://kv1.vault.azure.net/x",
		"https://kv2.vault.azure.net/x", "//evil.example/x",
		"https://kv1.vault.azure.net@evil/", "https://kv1.vault.azure.net.evil.example/",
		"/\\evil.example/", "/a\r\nb", "https://kv1.vault.azure.net:8443/x",
		"javascript:alert(1)", "file:///etc/passwd"};
	struct err err;
	char *out;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		assert_true(origin_follow(from, good[i].link, &out, &err));
		assert_string_equal(out, good[i].whole);
		free(out);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_false(origin_follow(from, bad[i], &out, &err));
		assert_null(out);
		assert_int_equal(err.kind, ERR_DENIED);
		assert_string_equal(err.code, "ForeignOrigin");
	}
}

#define T "11111111-1111-1111-1111-111111111111"
#define AUTH "authorization=\"https://login.microsoftonline.com/" T "\""

static void
test_challenges(void **state)
{
	static const char *const good[] = {
		"Bearer " AUTH ", resource=\"https://vault.azure.net\"",
		"Bearer " AUTH " , resource=\"https://vault.azure.net\"",
		"Bearer " AUTH ",resource=\"https://vault.azure.net\"",
		"bearer " AUTH " resource=\"https://vault.azure.net/\"",
		"Bearer " AUTH ", scope=\"https://vault.azure.net/.default\"",
		"Bearer error=\"invalid_token\", " AUTH ", resource=\"https://vault.azure.net\"",
		"Bearer authorization_uri=\"https://login.windows.net/" T
		"/oauth2/authorize\", resource=https://vault.azure.net",
		"Bearer authorization=https://login.windows.net/" T
		"/, resource=https://vault.azure.net",
		"Bearer authorization=\"https://login.partner.microsoftonline.cn/" T
		"\", resource=\"https://vault.azure.net\"",
	};
	static const char *const bad[] = {
		"",
		"Basic realm=x",
		"Bearer",
		"Bearer " AUTH,
		"Bearer resource=\"https://vault.azure.net\"",
		"Bearer " AUTH ", resource=\"https://evil.example\"",
		"Bearer " AUTH ", resource=\"https://azure.net\"",
		"Bearer " AUTH ", resource=\"https://net\"",
		"Bearer " AUTH ", resource=\"https://managedhsm.azure.net\"",
		"Bearer " AUTH ", resource=\"http://vault.azure.net\"",
		"Bearer " AUTH ", resource=\"https://x@vault.azure.net\"",
		"Bearer authorization=\"http://login.windows.net/" T
		"\", resource=\"https://vault.azure.net\"",
		"Bearer authorization=\"https://login.windows.net\", "
		"resource=\"https://vault.azure.net\"",
		"Bearer authorization=\"https://login.windows.net/a%2fb\", "
		"resource=\"https://vault.azure.net\"",
		"Bearer authorization=\"\", resource=\"\"",
		"Bearer authorization=\"",
	};
	static const char url[] = "https://kv1.vault.azure.net/keys";
	char tenant[64], resource[160];
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		assert_true(origin_challenge(good[i], url, &clouds[0], tenant, resource, &err));
		assert_string_equal(tenant, T);
		assert_string_equal(resource, "https://vault.azure.net");
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_false(origin_challenge(bad[i], url, &clouds[0], tenant, resource, &err));
		assert_int_equal(err.kind, ERR_DENIED);
		assert_string_equal(err.code, "BadChallenge");
	}
	assert_false(origin_challenge(
		good[0], "https://evil.example/", &clouds[0], tenant, resource, &err));
	assert_string_equal(err.code, "ForeignOrigin");
	assert_true(origin_challenge("Bearer " AUTH ", resource=\"https://managedhsm.azure.net\"",
		"https://h.managedhsm.azure.net/", &clouds[0], tenant, resource, &err));
}

static void
test_local(void **state)
{
	static const char *const good[] = {"http://169.254.169.254/metadata", "http://localhost/x",
		"https://localhost:8443/x", "http://127.0.0.1:41000/msi", "http://127.9.8.7/"};
	static const char *const bad[] = {"http://169.253.1.1/", "http://10.0.0.1/",
		"http://localhost.evil.example/", "http://localhost@evil.example/",
		"http://127.0.0.1.evil.example/", "http://127.1/", "http://0177.0.0.1/",
		"http://2130706433/", "http://metadata/", "ftp://localhost/", "//localhost/", "",
		"https://login.microsoftonline.com/"};
	struct request request = {.local = true};
	char host[64];
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		request.url = (char *)good[i];
		assert_true(origin_check(&clouds[0], &request, &err));
		assert_true(origin_request(&request, host, sizeof host));
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		request.url = (char *)bad[i];
		assert_false(origin_check(&clouds[0], &request, &err));
		assert_string_equal(err.code, "ForeignOrigin");
		assert_false(origin_request(&request, host, sizeof host));
	}
	request = (struct request){
		.local = true, .audience = AUDIENCE_ARM, .url = (char *)"http://localhost/"};
	assert_false(origin_check(&clouds[0], &request, &err));
	assert_true(origin_local("http://LOCALHOST:80/x", host, sizeof host));
	assert_string_equal(host, "localhost");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_local),
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_audiences),
		cmocka_unit_test(test_custom_cloud),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_challenges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
