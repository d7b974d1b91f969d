/* The blob data plane of storage accounts, and what a cut of the customer key does to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fixtures/sandbox_client.h"

#define STORE          \
	ARM PRODUCTION \
		"/resourceGroups/rg-finance/providers/Microsoft.Storage/storageAccounts/stblobs?api-version=2023-05-01"
#define BLOBS "https://stblobs.blob.core.windows.net/"
#define KEY_URL "https://kv-archive.vault.azure.net/keys/cmk-blobs"
#define OPERATOR_OBJECT "c81f6d24-95e3-4a70-b2d8-7e4a0c5b9607"
#define VERSION "x-ms-version: 2021-08-06"
#define BLOCK "x-ms-blob-type: BlockBlob"

static char token[4096];

static void
sign_in(void)
{
	char secret[64];

	client_file(&demo, "secret", secret);
	client_sign_in(&demo, OPERATOR, secret, ARM, demo.arm);
	client_sign_in(&demo, OPERATOR, secret, "https://vault.azure.net", demo.vault);
	client_sign_in(&demo, OPERATOR, secret, "https://storage.azure.com", token);
}

static void
later(const char *word)
{
	const char *const words[] = {"clock", word};
	struct buf out;

	buf_init(&out, 4096);
	assert_true(sandbox_ctl(demo.dir, words, 2, &out, NULL));
	buf_free(&out);
	sign_in();
}

/* One call with the version and at most two more headers. */
static long
with(const char *method, const char *path, const char *body, const char *first, const char *second)
{
	char url[512];
	long status;

	snprintf(url, sizeof url, BLOBS "%s", path);
	demo.extra[0] = VERSION;
	demo.extra[1] = first;
	demo.extra[2] = first ? second : NULL;
	status = client_send(&demo, method, url, token, body);
	demo.extra[0] = demo.extra[1] = demo.extra[2] = NULL;
	return status;
}

static long
blob(const char *method, const char *path, const char *body)
{
	return with(method, path, body, NULL, NULL);
}

static bool
has_header(const char *line)
{
	return strstr(demo.headers, line) != NULL;
}

static bool
says(const char *text)
{
	return strstr(demo.body, text) != NULL;
}

static void
refused(const char *code)
{
	char text[128];

	snprintf(text, sizeof text, "x-ms-error-code: %s\r\n", code);
	assert_true(has_header(text));
	snprintf(text, sizeof text,
		"<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>%s</Code><Message>", code);
	assert_memory_equal(demo.body, text, strlen(text));
	assert_true(says("\nRequestId:"));
	assert_true(says("\nTime:"));
	assert_true(has_header("Content-Type: application/xml\r\n"));
}

static int
setup(void **state)
{
	char body[512], object[64];

	demo_setup(state);
	assert_int_equal(
		demo_arm("PUT", STORE,
			"{\"sku\":{\"name\":\"Standard_LRS\"},\"kind\":\"StorageV2\",\"location\":\"westeurope\"," IDENTITY
			"}"),
		200);
	snprintf(object, sizeof object, "%s", client_text(&demo, "identity.principalId"));
	assert_int_equal(demo_kv("POST", KEY_URL "/create" V, "{\"kty\":\"RSA\"}"), 200);
	snprintf(body, sizeof body,
		"{\"properties\":{\"accessPolicies\":[{\"tenantId\":\"" TENANT
		"\",\"objectId\":\"%s\",\"permissions\":{\"keys\":[\"get\",\"wrapKey\",\"unwrapKey\"]}}]}}",
		object);
	assert_in_range(
		demo_arm("PUT", ARM SECURITY "kv-archive/accessPolicies/add?api-version=2023-07-01",
			body),
		200, 201);
	/* Storage Blob Data Contributor */
	assert_int_equal(
		demo_arm("PUT",
			ARM PRODUCTION
			"/providers/Microsoft.Authorization/roleAssignments/30000001-aaaa-4bbb-8ccc-000000000001?api-version=2022-04-01",
			"{\"properties\":{\"principalId\":\"" OPERATOR_OBJECT
			"\",\"principalType\":\"ServicePrincipal\",\"roleDefinitionId\":\"" PRODUCTION
			"/providers/Microsoft.Authorization/roleDefinitions/ba92f5b4-2d11-453d-a403-e96b0029c9fe\"}}"),
		201);
	later("+20m");
	assert_int_equal(blob("PUT", "box?restype=container", NULL), 201);
	return 0;
}

static void
only_good_tokens_open(void **state)
{
	char wrong[4096], secret[64];

	(void)state;
	client_file(&demo, "secret", secret);
	demo.extra[0] = VERSION;
	assert_int_equal(client_send(&demo, "GET", BLOBS "?comp=list", NULL, NULL), 401);
	refused("NoAuthenticationInformation");
	assert_true(has_header(
		"WWW-Authenticate: Bearer authorization_uri=https://login.microsoftonline.com/" TENANT
		"/oauth2/authorize resource_id=https://storage.azure.com\r\n"));
	assert_int_equal(client_send(&demo, "GET", BLOBS "?comp=list", demo.arm, NULL), 401);
	refused("InvalidAuthenticationInfo");
	assert_int_equal(client_send(&demo, "GET", BLOBS "?comp=list",
				 "Authorization: SharedKey stblobs:AAAA", NULL),
		403);
	refused("KeyBasedAuthenticationNotPermitted");
	assert_int_equal(client_send(&demo, "GET",
				 "https://stnobody.blob.core.windows.net/?comp=list", token, NULL),
		404);
	demo.extra[0] = NULL;
	assert_int_equal(client_send(&demo, "GET", BLOBS "box/a", NULL, NULL), 409);
	refused("PublicAccessNotPermitted");
	client_sign_in(&demo, OPERATOR, secret, "https://stblobs.blob.core.windows.net", wrong);
	demo.extra[0] = VERSION;
	assert_int_equal(client_send(&demo, "GET", BLOBS "?comp=list", wrong, NULL), 200);
	client_file(&demo, "secret.reader", secret);
	client_sign_in(&demo, READER, secret, "https://storage.azure.com", wrong);
	assert_int_equal(client_send(&demo, "GET", BLOBS "box/a", wrong, NULL), 403);
	refused("AuthorizationPermissionMismatch");
	demo.extra[0] = NULL;
}

static void
blobs_live_and_die(void **state)
{
	(void)state;
	assert_int_equal(blob("GET", "box/none", NULL), 404);
	refused("BlobNotFound");
	assert_int_equal(blob("HEAD", "box/none", NULL), 404);
	assert_true(has_header("x-ms-error-code: BlobNotFound\r\n"));
	assert_int_equal(blob("GET", "nobox/none", NULL), 404);
	refused("ContainerNotFound");
	assert_int_equal(blob("PUT", "box/a/b.txt", "hello"), 400);
	refused("MissingRequiredHeader");
	assert_int_equal(with("PUT", "box/a/b.txt", "hello", BLOCK, "x-ms-meta-Owner: me"), 201);
	assert_true(has_header("Content-MD5: XUFAKrxLKna5cZ2REBfFkg==\r\n"));
	assert_true(has_header("ETag: \"0x8"));
	assert_true(has_header("x-ms-request-server-encrypted: true\r\n"));
	assert_true(has_header("x-ms-version: 2021-08-06\r\n"));
	assert_int_equal(blob("GET", "box/a/b.txt", NULL), 200);
	assert_string_equal(demo.body, "hello");
	assert_true(has_header("x-ms-blob-type: BlockBlob\r\n"));
	assert_true(has_header("x-ms-meta-Owner: me\r\n"));
	assert_true(has_header("Last-Modified: "));
	assert_int_equal(blob("HEAD", "box/a%2Fb.txt", NULL), 200);
	assert_true(has_header("Content-Length: 5\r\n"));
	assert_string_equal(demo.body, "");
	assert_int_equal(with("GET", "box/a/b.txt", NULL, "x-ms-range: bytes=1-2", NULL), 206);
	assert_string_equal(demo.body, "el");
	assert_true(has_header("Content-Range: bytes 1-2/5\r\n"));
	assert_int_equal(with("GET", "box/a/b.txt", NULL, "x-ms-range: bytes=0-99", NULL), 206);
	assert_true(has_header("Content-Range: bytes 0-4/5\r\n"));
	assert_int_equal(with("GET", "box/a/b.txt", NULL, "Range: bytes=9-", NULL), 416);
	refused("InvalidRange");
	assert_int_equal(with("PUT", "box/a/b.txt", "x", BLOCK, "If-None-Match: *"), 409);
	refused("BlobAlreadyExists");
	assert_int_equal(with("PUT", "box/a/b.txt", "x", BLOCK, "If-Match: \"0x1\""), 412);
	assert_int_equal(with("PUT", "box/a/b.txt", "x", BLOCK, "Content-MD5: AAAA"), 400);
	refused("Md5Mismatch");
	assert_int_equal(
		with("PUT", "box/a/b.txt?comp=metadata", NULL, "x-ms-meta-k: v", NULL), 200);
	assert_int_equal(blob("GET", "box/a/b.txt?comp=metadata", NULL), 200);
	assert_true(has_header("x-ms-meta-k: v\r\n"));
	assert_false(has_header("x-ms-meta-Owner"));
	assert_int_equal(
		with("PUT", "box/a/b.txt?comp=tier", NULL, "x-ms-access-tier: Cool", NULL), 200);
	assert_int_equal(blob("HEAD", "box/a/b.txt", NULL), 200);
	assert_true(has_header("x-ms-access-tier: Cool\r\n"));
	assert_int_equal(blob("POST", "box/a/b.txt", ""), 405);
	refused("UnsupportedHttpVerb");
	assert_int_equal(blob("GET", "box/a/b.txt?comp=moon", NULL), 400);
	assert_int_equal(blob("DELETE", "box/a/b.txt", NULL), 202);
	assert_int_equal(blob("GET", "box/a/b.txt", NULL), 404);
	/* bytes of any kind */
	assert_int_equal(with("PUT", "box/pages", NULL, "x-ms-blob-type: PageBlob",
				 "x-ms-blob-content-length: 512"),
		201);
	assert_int_equal(blob("GET", "box/pages", NULL), 200);
	assert_int_equal(demo.body_len, 512);
	assert_int_equal(blob("DELETE", "box/pages", NULL), 202);
}

static void
blobs_are_put_together(void **state)
{
	(void)state;
	assert_int_equal(blob("PUT", "box/parts?comp=block&blockid=QQ==", "one "), 201);
	assert_int_equal(blob("PUT", "box/parts?comp=block&blockid=Qg==", "two"), 201);
	assert_int_equal(blob("GET", "box/parts?comp=blocklist&blocklisttype=all", NULL), 200);
	assert_true(says("<UncommittedBlocks><Block><Name>QQ==</Name><Size>4</Size></Block>"));
	assert_int_equal(
		blob("PUT", "box/parts?comp=blocklist",
			"<?xml version=\"1.0\"?><BlockList><Latest>QQ==</Latest><Latest>Zz==</Latest></BlockList>"),
		400);
	refused("InvalidBlockList");
	assert_int_equal(
		blob("PUT", "box/parts?comp=blocklist",
			"<?xml version=\"1.0\"?><BlockList>\n<Latest>Qg==</Latest>\n<Uncommitted>QQ==</Uncommitted></BlockList>"),
		201);
	assert_int_equal(blob("GET", "box/parts", NULL), 200);
	assert_string_equal(demo.body, "twoone ");
	assert_int_equal(blob("PUT", "box/parts?comp=blocklist", "<BlockList><Lat"), 400);
	assert_int_equal(with("PUT", "box/log", NULL, "x-ms-blob-type: AppendBlob", NULL), 201);
	assert_int_equal(blob("PUT", "box/log?comp=appendblock", "a"), 201);
	assert_int_equal(blob("PUT", "box/log?comp=appendblock", "b"), 201);
	assert_true(has_header("x-ms-blob-append-offset: 1\r\n"));
	assert_int_equal(blob("GET", "box/log", NULL), 200);
	assert_string_equal(demo.body, "ab");
	assert_int_equal(blob("DELETE", "box/log", NULL), 202);
	assert_int_equal(blob("DELETE", "box/parts", NULL), 202);
}

static void
lists_have_pages_and_levels(void **state)
{
	(void)state;
	assert_int_equal(blob("PUT", "lists?restype=container", NULL), 201);
	assert_int_equal(blob("PUT", "lists?restype=container", NULL), 409);
	refused("ContainerAlreadyExists");
	assert_int_equal(blob("PUT", "BAD?restype=container", NULL), 400);
	assert_int_equal(with("PUT", "lists/a", "1", BLOCK, NULL), 201);
	assert_int_equal(with("PUT", "lists/d/x", "2", BLOCK, "x-ms-meta-k: <v>"), 201);
	assert_int_equal(with("PUT", "lists/d/y", "3", BLOCK, NULL), 201);
	assert_int_equal(with("PUT", "lists/z&", "4", BLOCK, NULL), 201);
	assert_int_equal(blob("GET", "lists?restype=container&comp=list", NULL), 200);
	assert_true(says("<Name>d/x</Name>"));
	assert_true(says("<Name>z&amp;</Name>"));
	assert_true(says("<NextMarker /></EnumerationResults>"));
	assert_false(says("<Metadata>"));
	assert_int_equal(
		blob("GET", "lists?restype=container&comp=list&include=metadata&prefix=d/", NULL),
		200);
	assert_true(says("<Metadata><k>&lt;v&gt;</k></Metadata>"));
	assert_false(says("<Name>a</Name>"));
	assert_int_equal(
		blob("GET", "lists?restype=container&comp=list&delimiter=/&maxresults=2", NULL),
		200);
	assert_true(says("<BlobPrefix><Name>d/</Name></BlobPrefix>"));
	assert_true(says("<NextMarker>d/</NextMarker>"));
	assert_int_equal(
		blob("GET", "lists?restype=container&comp=list&delimiter=/&marker=d/", NULL), 200);
	assert_false(says("<BlobPrefix>"));
	assert_true(says("<Name>z&amp;</Name>"));
	assert_int_equal(blob("GET", "?comp=list&prefix=li", NULL), 200);
	assert_true(says("<Container><Name>lists</Name>"));
	assert_false(says("<Name>box</Name>"));
	assert_int_equal(blob("GET", "?comp=list&maxresults=0", NULL), 400);
	assert_int_equal(blob("HEAD", "lists?restype=container", NULL), 200);
	assert_int_equal(blob("DELETE", "lists?restype=container", NULL), 202);
	assert_int_equal(blob("HEAD", "lists?restype=container", NULL), 404);
}

/* The list of the article, and what is not on it. */
static void
check_dark(const char *code)
{
	static const struct {
		const char *method, *path, *header;
	} stopped[] = {
		{"GET", "box/canary", NULL},
		{"HEAD", "box/canary", NULL},
		{"GET", "box/canary?comp=metadata", NULL},
		{"PUT", "box/canary?comp=metadata", "x-ms-meta-k: v"},
		{"PUT", "box/canary?comp=snapshot", "x-ms-meta-k: v"},
		{"PUT", "box/canary", "x-ms-copy-source: https://elsewhere/"},
		{"PUT", "box/canary?comp=incrementalcopy", NULL},
		{"PUT", "box/canary?comp=tier", "x-ms-access-tier: Hot"},
		{"PUT", "box/canary?comp=block&blockid=QQ==", NULL},
		{"PUT", "box/log?comp=appendblock", NULL},
		{"PUT", "box/new", BLOCK},
		{"PUT", "box/canary?comp=page", NULL},
		{"GET", "box?restype=container&comp=list&include=metadata", NULL},
	};
	char header[96];

	snprintf(header, sizeof header, "x-ms-error-code: %s\r\n", code);
	for (size_t i = 0; i < ARRAY_LEN(stopped); i++) {
		assert_int_equal(
			with(stopped[i].method, stopped[i].path, NULL, stopped[i].header, NULL),
			403);
		assert_true(has_header(header));
	}
	assert_int_equal(blob("GET", "box?restype=container&comp=list", NULL), 200);
	assert_int_equal(blob("GET", "?comp=list", NULL), 200);
	assert_int_equal(blob("HEAD", "box?restype=container", NULL), 200);
	assert_int_equal(blob("PUT", "box/canary?comp=snapshot", NULL), 400);
	assert_int_equal(blob("PUT", "box/canary?comp=properties", NULL), 200);
	assert_int_equal(blob("PUT", "more?restype=container", NULL), 201);
	assert_int_equal(blob("DELETE", "more?restype=container", NULL), 202);
	assert_int_equal(blob("DELETE", "box/waste", NULL), 202);
}

static void
check_light(void)
{
	assert_int_equal(blob("GET", "box/canary", NULL), 200);
	assert_string_equal(demo.body, "still here");
	assert_int_equal(with("PUT", "box/waste", "x", BLOCK, NULL), 201);
}

static void
cuts_stop_what_the_article_lists(void **state)
{
	static const char on[] =
		"{" IDENTITY
		",\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.Keyvault\",\"keyvaultproperties\":{\"keyvaulturi\":\"https://kv-archive.vault.azure.net\",\"keyname\":\"cmk-blobs\"}}}}";
	static const char off[] =
		"{\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.Storage\"}}}";

	(void)state;
	assert_int_equal(with("PUT", "box/canary", "still here", BLOCK, NULL), 201);
	assert_int_equal(with("PUT", "box/log", NULL, "x-ms-blob-type: AppendBlob", NULL), 201);
	assert_int_equal(demo_arm("PATCH", STORE, on), 200);
	check_light();
	/* disabled, and enabled again */
	assert_int_equal(demo_kv("PATCH", KEY_URL V, "{\"attributes\":{\"enabled\":false}}"), 200);
	later("+1m");
	check_dark("KeyVaultEncryptionKeyNotFound");
	assert_int_equal(demo_arm("PATCH", STORE, "{\"tags\":{\"still\":\"changes\"}}"), 200);
	assert_int_equal(demo_arm("PATCH", STORE, off), 403);
	assert_int_equal(demo_kv("PATCH", KEY_URL V, "{\"attributes\":{\"enabled\":true}}"), 200);
	check_light();
	/* an expired key still opens what it closed */
	assert_int_equal(demo_kv("PATCH", KEY_URL V, "{\"attributes\":{\"exp\":1700000000}}"), 200);
	later("+1m");
	check_light();
	/* the identity taken away */
	assert_int_equal(demo_arm("PATCH", STORE, "{\"identity\":{\"type\":\"None\"}}"), 200);
	later("+1m");
	check_dark("KeyVaultAccessTokenCannotBeAcquired");
}

static void
no_vault_no_data(void **state)
{
	(void)state;
	assert_int_equal(
		demo_arm("DELETE", ARM SECURITY "kv-archive?api-version=2023-07-01", NULL), 200);
	assert_int_equal(demo_arm("PATCH", STORE, "{" IDENTITY "}"), 200);
	later("+1m");
	assert_int_equal(blob("GET", "box/canary", NULL), 403);
	refused("KeyVaultVaultNotFound");
	assert_int_equal(demo_arm("DELETE", STORE, NULL), 200);
	assert_int_equal(blob("GET", "box/canary", NULL), 404);
}

/* What does not hold any more when a change is carried out refuses it. */
static void
conditions_guard_every_change(void **state)
{
	(void)state;
	assert_int_equal(with("PUT", "guarded?restype=container", NULL, NULL, NULL), 201);
	assert_int_equal(with("PUT", "guarded/b", "hello", BLOCK, NULL), 201);
	assert_int_equal(with("DELETE", "guarded/b", NULL, "If-Match: \"0x1\"", NULL), 412);
	assert_int_equal(with("PUT", "guarded/b?comp=blocklist", "<BlockList></BlockList>",
				 "If-Match: \"0x1\"", NULL),
		412);
	assert_int_equal(blob("GET", "guarded/b", NULL), 200);
	assert_string_equal(demo.body, "hello");
	assert_int_equal(blob("DELETE", "guarded/b", NULL), 202);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conditions_guard_every_change),
		cmocka_unit_test(only_good_tokens_open),
		cmocka_unit_test(blobs_live_and_die),
		cmocka_unit_test(blobs_are_put_together),
		cmocka_unit_test(lists_have_pages_and_levels),
		cmocka_unit_test(cuts_stop_what_the_article_lists),
		cmocka_unit_test(no_vault_no_data),
	};

	return cmocka_run_group_tests(tests, setup, demo_teardown);
}
