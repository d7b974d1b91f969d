/* Keys of a vault's data plane: every operation, on RSA and on curves. */
#include "tests/spec/calls.h"

#include <stdio.h>
#include <string.h>

#include "tests/fixtures/sandbox_client.h"

#define VAULT "https://kv-billing.vault.azure.net"
#define KEY VAULT "/keys/cmk-spec"
#define CURVE VAULT "/keys/cmk-spec-ec"
#define DELETED VAULT "/deletedkeys"
#define OPEN "https://kv-spec-open.vault.azure.net"
#define OPERATOR_OBJECT "c81f6d24-95e3-4a70-b2d8-7e4a0c5b9607"
#define BYTES32 "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"

static const struct calls_row life[] = {
	{false, "POST", KEY "/create" V,
		"{\"kty\":\"RSA\",\"key_size\":2048,\"key_ops\":[\"encrypt\",\"decrypt\",\"sign\",\"verify\",\"wrapKey\",\"unwrapKey\"],\"attributes\":{\"enabled\":true,\"exp\":2000000000},\"tags\":{\"a\":\"b\"}}"},
	{false, "POST", CURVE "/create?api-version=7.5", "{\"kty\":\"EC\",\"crv\":\"P-256\"}"},
	{true, "POST", KEY "/create" V, "{}"},
	{true, "POST", KEY "/create" V, "{\"kty\":\"RSA\",\"key_size\":100}"},
	{true, "POST", VAULT "/keys/bad[]name/create" V, "{\"kty\":\"RSA\"}"},
	/* the key of RFC 7515's appendix A.3 */
	{false, "PUT", VAULT "/keys/cmk-spec-import" V,
		"{\"key\":{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\",\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\"}}"},
	{true, "PUT", VAULT "/keys/cmk-spec-import" V, "{}"},
	{false, "GET", VAULT "/keys" V, NULL},
	{false, "GET", VAULT "/keys?api-version=7.0&maxresults=1", NULL},
	{true, "GET", VAULT "/keys" V "&maxresults=1000", NULL},
	{true, "GET", VAULT "/keys", NULL},
	{true, "GET", VAULT "/secrets" V, NULL},
	{false, "GET", KEY V, NULL},
	{false, "GET", KEY "/" V, NULL},
	{false, "GET", KEY "?api-version=7.2", NULL},
	{false, "GET", KEY "?api-version=7.3", NULL},
	{false, "GET", KEY "?api-version=2025-07-01", NULL},
	{true, "GET", VAULT "/keys/none" V, NULL},
	{true, "GET", KEY "/0123456789abcdef0123456789abcdef" V, NULL},
	{false, "GET", KEY "/versions" V, NULL},
	{false, "GET", VAULT "/keys/cmk-billing/versions" V "&maxresults=1", NULL},
	{false, "GET", VAULT "/keys/none/versions" V, NULL},
	{false, "PATCH", KEY V, "{\"attributes\":{\"enabled\":true},\"tags\":{\"c\":\"d\"}}"},
	{true, "PATCH", KEY V, "{\"attributes\":7}"},
	{false, "GET", KEY "/rotationpolicy" V, NULL},
	{false, "PUT", KEY "/rotationpolicy" V,
		"{\"lifetimeActions\":[{\"trigger\":{\"timeAfterCreate\":\"P90D\"},\"action\":{\"type\":\"Rotate\"}}],\"attributes\":{\"expiryTime\":\"P2Y\"}}"},
	{true, "PUT", KEY "/rotationpolicy" V,
		"{\"lifetimeActions\":[{\"trigger\":{\"timeAfterCreate\":\"soon\"},\"action\":{\"type\":\"Rotate\"}}]}"},
	{false, "GET", KEY "/rotationpolicy" V, NULL},
	{false, "POST", KEY "/rotate" V, NULL},
	{true, "POST", VAULT "/keys/none/rotate" V, NULL},
	{false, "POST", KEY "//sign" V, "{\"alg\":\"RS256\",\"value\":\"" BYTES32 "\"}"},
	{false, "POST", CURVE "//sign" V, "{\"alg\":\"ES256\",\"value\":\"" BYTES32 "\"}"},
	{true, "POST", CURVE "//wrapkey" V, "{\"alg\":\"RSA-OAEP\",\"value\":\"" BYTES32 "\"}"},
	{false, "POST", KEY "/wrapkey" V, "{\"alg\":\"RSA-OAEP\",\"value\":\"" BYTES32 "\"}"},
	{true, "POST", KEY "//unwrapkey" V, "{\"alg\":\"RSA-OAEP\",\"value\":\"" BYTES32 "\"}"},
	{true, "POST", KEY "//wrapkey" V, "{\"alg\":\"RSA-OAEP\"}"},
	{true, "POST", KEY "//wrapkey" V, "{\"alg\":\"ROT13\",\"value\":\"" BYTES32 "\"}"},
};

/* One way and back, each with what the other gave. */
static void
there_and_back(
	struct calls *calls, const char *kid, const char *there, const char *back, const char *alg)
{
	char url[512], body[2048];

	snprintf(url, sizeof url, "%s/%s" V, kid, there);
	snprintf(body, sizeof body, "{\"alg\":\"%s\",\"value\":\"" BYTES32 "\"}", alg);
	calls_good(calls, "POST", url, body);
	snprintf(body, sizeof body,
		strcmp(back, "verify") == 0
			? "{\"alg\":\"%s\",\"value\":\"%s\",\"digest\":\"" BYTES32 "\"}"
			: "{\"alg\":\"%s\",\"value\":\"%s\"}",
		alg, client_text(&demo, "value"));
	snprintf(url, sizeof url, "%s/%s" V, kid, back);
	calls_good(calls, "POST", url, body);
}

static void
cryptography(struct calls *calls)
{
	char kid[256], url[512];

	calls_good(calls, "GET", KEY V, NULL);
	snprintf(kid, sizeof kid, "%s", client_text(&demo, "key.kid"));
	there_and_back(calls, kid, "wrapkey", "unwrapkey", "RSA-OAEP-256");
	there_and_back(calls, kid, "encrypt", "decrypt", "RSA-OAEP");
	there_and_back(calls, kid, "sign", "verify", "PS256");
	snprintf(url, sizeof url, "%s" V, kid);
	calls_good(calls, "GET", url, NULL);
	calls_good(calls, "PATCH", url, "{\"attributes\":{\"enabled\":false}}");
	calls_good(calls, "GET", url, NULL);
	snprintf(url, sizeof url, "%s/wrapkey" V, kid);
	calls_bad(calls, "POST", url, "{\"alg\":\"RSA-OAEP\",\"value\":\"" BYTES32 "\"}");
}

/* A deleted key appears among the deleted ones after a while of the sandbox's clock. */
static void
wait_for_deletion(void)
{
	const char *words[] = {"clock", "+5m"};
	struct buf out;

	buf_init(&out, 4096);
	if (!sandbox_ctl(demo.dir, words, ARRAY_LEN(words), &out, NULL))
		fprintf(stderr, "the sandbox's clock cannot be moved\n");
	buf_free(&out);
}

static void
backup(struct calls *calls)
{
	static char body[1 << 16];

	calls_good(calls, "POST", CURVE "/backup" V, NULL);
	snprintf(body, sizeof body, "{\"value\":\"%s\"}", client_text(&demo, "value"));
	calls_bad(calls, "POST", VAULT "/keys/restore" V, body);
	calls_bad(calls, "POST", VAULT "/keys/restore" V, "{\"value\":\"AAAA\"}");
	calls_good(calls, "POST", "https://kv-archive.vault.azure.net/keys/restore" V, body);
}

static const struct calls_row ends[] = {
	{false, "DELETE", KEY V, NULL},
	{true, "DELETE", VAULT "/keys/none" V, NULL},
	{true, "GET", DELETED "/none" V, NULL},
	{true, "POST", KEY "/create" V, "{\"kty\":\"RSA\"}"},
};

static const struct calls_row after[] = {
	{false, "GET", DELETED V, NULL},
	{false, "GET", DELETED "/cmk-spec" V, NULL},
	{true, "DELETE", DELETED "/cmk-spec" V, NULL}, /* purge protection is on */
	{false, "POST", DELETED "/cmk-spec/recover" V, NULL},
	{true, "POST", DELETED "/none/recover" V, NULL},
	{false, "PUT", ARM SECURITY "kv-spec-open?api-version=2023-07-01",
		"{\"location\":\"westeurope\",\"properties\":{\"tenantId\":\"" TENANT
		"\",\"sku\":{\"family\":\"A\",\"name\":\"standard\"},\"accessPolicies\":[{\"tenantId\":\"" TENANT
		"\",\"objectId\":\"" OPERATOR_OBJECT
		"\",\"permissions\":{\"keys\":[\"create\",\"delete\",\"purge\"]}}]}}"},
	{false, "POST", OPEN "/keys/cmk-spec/create" V, "{\"kty\":\"EC\"}"},
	{false, "DELETE", OPEN "/keys/cmk-spec" V, NULL},
};

void
calls_keys(struct calls *calls)
{
	calls_rows(calls, life, ARRAY_LEN(life));
	cryptography(calls);
	backup(calls);
	calls_rows(calls, ends, ARRAY_LEN(ends));
	wait_for_deletion();
	calls_rows(calls, after, ARRAY_LEN(after));
	wait_for_deletion();
	calls_good(calls, "DELETE", OPEN "/deletedkeys/cmk-spec" V, NULL);
}
