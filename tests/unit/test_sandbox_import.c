/* Keys that the caller brings, and what creation and the firewall refuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/mem.h"
#include "crypto/b64.h"
#include "crypto/rsa.h"
#include "tests/fixtures/sandbox_client.h"

/* The key of RFC 7515, appendix A.3. */
#define RFC_X "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define RFC_Y "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
#define RFC_D "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"

/* A JWK of a fresh key; without its CRT numbers when whole is false. */
static char *
jwk_of(const struct rsa_key *key, bool whole)
{
	static const char *const names[] = {"d", "p", "q", "dp", "dq", "qi"};
	unsigned char n[RSA_BYTES_MAX], e[8];
	char text[RSA_BYTES_MAX * 2];
	struct secret secrets[6] = {0};
	size_t n_len, e_len;
	json_t *jwk = json_pack("{s:s}", "kty", "RSA");
	char *out;

	rsa_public(key, n, &n_len, e, &e_len);
	b64_encode(text, n, n_len);
	json_object_set_new(jwk, "n", json_string(text));
	b64_encode(text, e, e_len);
	json_object_set_new(jwk, "e", json_string(text));
	assert_true(rsa_private(key, secrets, NULL));
	for (size_t i = 0; i < 6; i++) {
		b64_encode(text, secrets[i].bytes, secrets[i].len);
		if (whole || i == 0)
			json_object_set_new(jwk, names[i], json_string(text));
		secret_free(&secrets[i]);
	}
	out = json_dumps(jwk, JSON_COMPACT);
	json_decref(jwk);
	return out;
}

static long
import(const char *name, const char *jwk, const char *more)
{
	char url[256], *body = mem_printf("{\"key\":%s%s}", jwk, more);
	long status;

	snprintf(url, sizeof url, KEYS "/%s" V, name);
	status = demo_kv("PUT", url, body);
	free(body);
	return status;
}

static void
an_imported_rsa_key_is_the_same_key(void **state)
{
	static const struct rsa_cipher oaep = {
		.padding = RSA_OAEP, .digest = DIGEST_SHA256, .mgf = DIGEST_SHA256};
	struct rsa_key *key = rsa_generate(2048, NULL);
	unsigned char bytes[RSA_BYTES_MAX];
	char *jwk = jwk_of(key, true), *half = jwk_of(key, false), text[1024], body[1200], *at;
	size_t len;

	(void)state;
	assert_int_equal(
		import("brought", jwk,
			",\"Hsm\":false,\"attributes\":{\"enabled\":true,\"exp\":4000000000},\"tags\":{\"from\":\"home\"}"),
		200);
	assert_string_equal(client_text(&demo, "key.kty"), "RSA");
	assert_string_equal(client_text(&demo, "key.e"), "AQAB");
	assert_null(client_at(&demo, "key.d"));
	assert_null(client_at(&demo, "key.p"));
	assert_int_equal(json_array_size(client_at(&demo, "key.key_ops")), 6);
	assert_int_equal(client_number(&demo, "attributes.exp"), 4000000000);
	assert_string_equal(client_text(&demo, "tags.from"), "home");
	assert_true(rsa_encrypt(key, &oaep, "\1\2\3", 3, bytes, &len, NULL));
	b64_encode(text, bytes, len);
	snprintf(body, sizeof body, "{\"alg\":\"RSA-OAEP-256\",\"value\":\"%s\"}", text);
	assert_int_equal(demo_kv("POST", KEYS "/brought//unwrapkey" V, body), 200);
	assert_string_equal(client_text(&demo, "value"), "AQID");
	assert_int_equal(import("brought", half, ""), 400);
	assert_int_equal(import("brought", jwk, ",\"Hsm\":true"), 400);
	at = strstr(jwk, "\"p\":\"") + 20;
	*at = *at == 'A' ? 'B' : 'A';
	assert_int_equal(import("brought", jwk, ""), 400);
	assert_string_equal(client_text(&demo, "error.code"), "BadParameter");
	assert_int_equal(demo_kv("GET", KEYS "/brought/versions" V, NULL), 200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 1);
	free(jwk);
	free(half);
	rsa_free(key);
}

static void
curves_are_imported(void **state)
{
	static const char rfc[] =
		"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" RFC_X "\",\"y\":\"" RFC_Y
		"\",\"d\":\"" RFC_D "\",\"key_ops\":[\"sign\"]}";
	static const char swapped[] = "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" RFC_Y
				      "\",\"y\":\"" RFC_X "\",\"d\":\"" RFC_D "\"}";
	static const char other[] = "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" RFC_X
				    "\",\"y\":\"" RFC_Y "\",\"d\":\"" RFC_X "\"}";

	(void)state;
	assert_int_equal(import("brought-ec", rfc, ""), 200);
	assert_string_equal(client_text(&demo, "key.kty"), "EC");
	assert_string_equal(client_text(&demo, "key.x"), RFC_X);
	assert_string_equal(client_text(&demo, "key.y"), RFC_Y);
	assert_string_equal(client_text(&demo, "key.key_ops.0"), "sign");
	assert_int_equal(import("brought-ec", swapped, ""), 400);
	assert_int_equal(import("brought-ec", other, ""), 400);
	assert_int_equal(import("brought-ec", "{\"kty\":\"oct\",\"k\":\"AAAA\"}", ""), 400);
	assert_int_equal(import("brought-ec", "{\"kty\":\"EC\",\"crv\":\"P-1\"}", ""), 400);
	assert_int_equal(import("brought-ec", "7", ""), 400);
	assert_int_equal(demo_kv("PUT", KEYS "/brought-ec" V, "{}"), 400);
	assert_int_equal(demo_kv("PUT", KEYS "/no%5B" V, "{}"), 400);
}

static void
creation_refuses(void **state)
{
	static const struct {
		const char *body, *message;
	} cases[] = {
		{"{\"kty\":\"oct-HSM\",\"key_size\":256}", "Property kty"},
		{"{\"kty\":\"RSA-HSM\"}", "HSM-backed"},
		{"{\"kty\":\"RSA\",\"key_size\":2049}", "key_size"},
		{"{\"kty\":\"RSA\",\"public_exponent\":17}", "public_exponent"},
		{"{\"kty\":\"EC\",\"key_ops\":[\"wrapKey\"]}", "key_ops"},
		{"{\"kty\":\"EC\",\"crv\":\"P-224\"}", "crv"},
		{"{\"kty\":\"EC\",\"attributes\":{\"exportable\":true}}", "AKV.SKR.1001"},
		{"{\"kty\":\"EC\",\"release_policy\":{\"data\":\"AA\"}}", "AKV.SKR.1005"},
		{"{\"kty\":\"EC\",\"attributes\":{\"nbf\":20,\"exp\":10}}", "exp"},
		{"{\"kty\":\"EC\",\"attributes\":{\"exp\":9000000000000000000}}", "attributes"},
		{"{\"kty\":\"EC\",\"tags\":{\"a\":7}}", "tags"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(demo_kv("POST", KEYS "/refused/create" V, cases[i].body), 400);
		assert_string_equal(client_text(&demo, "error.code"), "BadParameter");
		assert_non_null(strstr(client_text(&demo, "error.message"), cases[i].message));
	}
	assert_int_equal(demo_kv("GET", KEYS "/refused" V, NULL), 404);
	assert_int_equal(
		demo_kv("POST", KEYS "/cmk-payroll//release" V, "{\"target\":\"t\"}"), 400);
}

/* Attributes came with the versions of the API. */
static void
attributes_follow_the_version(void **state)
{
	(void)state;
	assert_int_equal(demo_kv("GET", KEYS "/cmk-ec?api-version=7.0", NULL), 200);
	assert_null(client_at(&demo, "attributes.recoverableDays"));
	assert_int_equal(demo_kv("GET", KEYS "/cmk-ec?api-version=7.1", NULL), 200);
	assert_int_equal(client_number(&demo, "attributes.recoverableDays"), 90);
	assert_null(client_at(&demo, "attributes.exportable"));
	assert_int_equal(demo_kv("GET", KEYS "/cmk-ec?api-version=7.4", NULL), 200);
	assert_true(json_is_false(client_at(&demo, "attributes.exportable")));
	assert_null(client_at(&demo, "attributes.hsmPlatform"));
	assert_int_equal(demo_kv("GET", KEYS "/cmk-ec?api-version=2025-07-01", NULL), 200);
	assert_string_equal(client_text(&demo, "attributes.hsmPlatform"), "0");
}

static void
every_algorithm_of_rsa_works(void **state)
{
	static const struct {
		const char *alg;
		int digest;
	} algs[] = {{"RS256", 32}, {"RS384", 48}, {"RS512", 64}, {"PS256", 32}, {"PS384", 48},
		{"PS512", 64}};
	unsigned char digest[64] = {1, 2, 3};
	char text[100], value[700], body[1200];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(algs); i++) {
		b64_encode(text, digest, (size_t)algs[i].digest);
		snprintf(body, sizeof body, "{\"alg\":\"%s\",\"value\":\"%s\"}", algs[i].alg, text);
		assert_int_equal(demo_kv("POST", KEYS "/cmk-payroll//sign" V, body), 200);
		snprintf(value, sizeof value, "%s", client_text(&demo, "value"));
		assert_null(client_at(&demo, "alg"));
		snprintf(body, sizeof body, "{\"alg\":\"%s\",\"digest\":\"%s\",\"value\":\"%s\"}",
			algs[i].alg, text, value);
		assert_int_equal(demo_kv("POST", KEYS "/cmk-payroll//verify" V, body), 200);
		assert_true(json_is_true(client_at(&demo, "value")));
		assert_int_equal(demo_kv("POST", KEYS "/cmk-payroll//sign" V,
					 "{\"alg\":\"ES256\",\"value\":\"AA\"}"),
			400);
	}
}

static void
the_firewall_closes(void **state)
{
	static const char url[] = ARM SECURITY "kv-archive?api-version=2023-07-01";
	static const char keys[] = "https://kv-archive.vault.azure.net/keys" V;

	(void)state;
	assert_int_equal(demo_kv("GET", keys, NULL), 200);
	assert_int_equal(
		demo_arm("PATCH", url,
			"{\"properties\":{\"networkAcls\":{\"defaultAction\":\"Deny\",\"bypass\":\"AzureServices\",\"ipRules\":[],\"virtualNetworkRules\":[]}}}"),
		200);
	assert_int_equal(demo_kv("GET", keys, NULL), 403);
	assert_string_equal(client_text(&demo, "error.code"), "Forbidden");
	assert_string_equal(client_text(&demo, "error.innererror.code"), "ForbiddenByFirewall");
	assert_non_null(strstr(client_text(&demo, "error.message"),
		"Client address is not authorized and caller is not a trusted service.\r\nClient address: 127.0.0.1\r\n"));
	assert_int_equal(client_send(&demo, "GET", keys, NULL, NULL), 401);
	assert_int_equal(
		demo_arm("PATCH", url, "{\"properties\":{\"publicNetworkAccess\":\"Disabled\"}}"),
		200);
	assert_int_equal(demo_kv("GET", keys, NULL), 403);
	assert_string_equal(client_text(&demo, "error.innererror.code"), "ForbiddenByConnection");
	assert_int_equal(
		demo_arm("PATCH", url,
			"{\"properties\":{\"publicNetworkAccess\":\"Enabled\",\"networkAcls\":{\"defaultAction\":\"Allow\"}}}"),
		200);
	assert_int_equal(demo_kv("GET", keys, NULL), 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_imported_rsa_key_is_the_same_key),
		cmocka_unit_test(curves_are_imported),
		cmocka_unit_test(creation_refuses),
		cmocka_unit_test(attributes_follow_the_version),
		cmocka_unit_test(every_algorithm_of_rsa_works),
		cmocka_unit_test(the_firewall_closes),
	};

	return cmocka_run_group_tests(tests, demo_setup, demo_teardown);
}
