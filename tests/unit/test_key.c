/* Key bundles and version lists as recorded: order by name, ties, sizes, times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/estate/key.h"

#define KID "https://kv1.vault.azure.net/keys/k1"
#define V1 "11111111111111111111111111111111"
#define V2 "22222222222222222222222222222222"
#define V3 "33333333333333333333333333333333"
/* 256 bytes whose first bit is set, as in a recorded bundle. */
#define MODULUS                                                                                   \
	"s9Gkcjp3o15RNSx7_1C9ZCUBoyIbNT2NmVUfNpoABPMpC4SZbbBTuUo1wjsFxgNZshRIP3s9cmm76xUBYowx"    \
	"w9cXvuCx3cQlV7M2rO8MOxrzcGzL7-p2qWjvhS8deFGHO0g2R9LEywz8jWa2FahbAO0CedYdL1S8z-uxRJRTzSm" \
	"Mn-LmNC1Oga9Xwp_sMapHsQRdMBeIQR31r1Nr2WCCnguVq2d4p2XkJO6Krli95-9wycbOE83nr-SQjuH_nVHJHP" \
	"SNOsH6QBf9rHV3b0WfIjOoTyoHpssx_lugY4q6CBQbU5IJG9kl0CX4ugrSxonOOkGmLW0K0XUAJbjG6HHKkQ"

static json_t *
parsed(const char *text)
{
	struct err err = {0};
	json_t *json = json_read(text, strlen(text), "test", &err);

	if (!json)
		fail_msg("%s", err.msg);
	return json;
}

static struct key
bundle(const char *text)
{
	struct key out;
	struct err err = {0};
	json_t *json = parsed(text);
	bool ok = key_decode(json, &clouds[0], &out, &err);

	json_decref(json);
	assert_string_equal(err.msg, "");
	assert_true(ok);
	return out;
}

static void
test_recorded_bundle(void **state)
{
	struct key k = bundle("{\"key\":{\"kid\":\"" KID "/" V2 "\",\"kty\":\"RSA\",\"key_ops\":["
			      "\"encrypt\",\"decrypt\",\"sign\",\"verify\",\"wrapKey\","
			      "\"unwrapKey\"],\"n\":\"" MODULUS "\",\"e\":\"AQAB\"},"
			      "\"attributes\":{\"enabled\":true,\"created\":1703203029,"
			      "\"updated\":1703203030,\"exp\":1800000000,\"nbf\":1700000000,"
			      "\"recoveryLevel\":\"CustomizedRecoverable\","
			      "\"recoverableDays\":7,\"exportable\":false}}");

	(void)state;
	assert_string_equal(k.id.vault, "kv1");
	assert_string_equal(k.id.key, "k1");
	assert_string_equal(k.id.version, V2);
	assert_string_equal(k.kty, "RSA");
	assert_int_equal(k.bits, 2048);
	assert_int_equal(k.ops,
		PERM_ENCRYPT | PERM_DECRYPT | PERM_SIGN | PERM_VERIFY | PERM_WRAP | PERM_UNWRAP);
	assert_string_equal(k.recovery, "CustomizedRecoverable");
	assert_int_equal(k.versions_len, 1);
	assert_int_equal(k.versions[0].enabled, TRI_YES);
	assert_int_equal(k.versions[0].created, 1703203029);
	assert_int_equal(k.versions[0].updated, 1703203030);
	assert_int_equal(k.versions[0].expires, 1800000000);
	assert_int_equal(k.versions[0].not_before, 1700000000);
	assert_string_equal(json_string_value(json_object_get(k.jwk, "e")), "AQAB");
	key_free(&k);
}

static void
test_sizes(void **state)
{
	struct key k;

	(void)state;
	k = bundle("{\"key\":{\"kid\":\"" KID "/" V1 "\",\"kty\":\"EC\",\"crv\":\"P-256\"}}");
	assert_int_equal(k.bits, 256);
	assert_int_equal(k.versions[0].enabled, TRI_UNKNOWN);
	key_free(&k);
	k = bundle("{\"key\":{\"kid\":\"" KID "/" V1 "\",\"kty\":\"RSA\",\"n\":\"AH8\"}}");
	assert_int_equal(k.bits, 7);
	key_free(&k);
	k = bundle("{\"key\":{\"kid\":\"" KID "/" V1 "\",\"kty\":\"RSA\",\"n\":\"*\"}}");
	assert_int_equal(k.bits, 0);
	key_free(&k);
}

static void
test_versions(void **state)
{
	struct key k = {0};
	struct err err = {0};
	char *next;
	json_t *page = parsed(
		"{\"value\":[{\"kid\":\"" KID "/" V1 "\",\"attributes\":{\"enabled\":true,"
		"\"created\":300}},{\"kid\":\"" KID "/" V2 "\",\"attributes\":{\"enabled\":false,"
		"\"created\":100}}],\"nextLink\":\"https://kv1.vault.azure.net:443/keys/k1/"
		"versions?api-version=7.4&$skiptoken=x\"}");

	(void)state;
	assert_true(key_decode_versions(page, &clouds[0], &k, &next, &err));
	assert_true(strstr(next, ":443/") != NULL);
	free(next);
	json_decref(page);
	page = parsed("{\"value\":[{\"kid\":\"" KID "/" V3 "\",\"attributes\":{\"enabled\":true,"
		      "\"created\":200}}],\"nextLink\":null}");
	assert_true(key_decode_versions(page, &clouds[0], &k, &next, &err));
	assert_string_equal(next, "");
	free(next);
	assert_int_equal(k.versions_len, 3);
	assert_string_equal(k.versions[0].version, V1);
	assert_string_equal(k.versions[1].version, V3);
	assert_string_equal(k.versions[2].version, V2);
	assert_int_equal(key_versions_behind(&k, V2), 2);
	assert_int_equal(key_versions_behind(&k, V1), 0);
	assert_int_equal(key_versions_behind(&k, "44444444444444444444444444444444"), -1);
	assert_string_equal(key_version_find(&k, "")->version, V1);
	assert_int_equal(key_version_find(&k, V2)->enabled, TRI_NO);
	/* A page read twice changes nothing. */
	assert_true(key_decode_versions(page, &clouds[0], &k, &next, &err));
	free(next);
	assert_int_equal(k.versions_len, 3);
	json_decref(page);
	key_free(&k);
}

/* Two versions of the same second: the one that the vault calls current is the newer. */
static void
test_ties(void **state)
{
	struct key k = {0};
	struct err err = {0};
	char *next;
	json_t *page = parsed("{\"value\":[{\"kid\":\"" KID "/" V1
			      "\",\"attributes\":{\"created\":5}},{\"kid\":\"" KID "/" V2
			      "\",\"attributes\":{\"created\":5}},{\"kid\":\"" KID "/" V3
			      "\",\"attributes\":{\"created\":5}}]}");

	(void)state;
	assert_true(key_decode_versions(page, &clouds[0], &k, &next, &err));
	free(next);
	json_decref(page);
	key_sort_versions(&k, V2);
	assert_string_equal(k.versions[0].version, V2);
	assert_string_equal(k.versions[1].version, V1);
	assert_string_equal(k.versions[2].version, V3);
	key_sort_versions(&k, "");
	assert_string_equal(k.versions[0].version, V1);
	key_free(&k);
}

static void
test_no_such_key(void **state)
{
	struct key k = {0};
	struct err err = {0};
	char *next;
	json_t *page = parsed("{\"value\":[],\"nextLink\":null}");

	(void)state;
	assert_true(key_decode_versions(page, &clouds[0], &k, &next, &err));
	assert_int_equal(k.versions_len, 0);
	assert_null(key_version_find(&k, ""));
	free(next);
	json_decref(page);
}

static void
refused(const char *text, bool versions, const char *part)
{
	struct key k = {0};
	struct err err = {0};
	char *next = NULL;
	json_t *json = parsed(text);

	if (versions)
		assert_false(key_decode_versions(json, &clouds[0], &k, &next, &err));
	else
		assert_false(key_decode(json, &clouds[0], &k, &err));
	assert_int_equal(err.kind, ERR_FAILED);
	assert_null(next);
	if (!strstr(err.msg, part))
		fail_msg("'%s' is not in '%s'", part, err.msg);
	json_decref(json);
	key_free(&k);
}

static void
test_wrong_types(void **state)
{
	(void)state;
	refused("{}", false, "kid");
	refused("{\"key\":[]}", false, "key");
	refused("{\"key\":{\"kid\":\"https://evil.example/keys/k1\"}}", false, "kid");
	refused("{\"key\":{\"kid\":\"" KID "/" V1 "\"}}", false, "kty");
	refused("{\"key\":{\"kid\":\"" KID "/" V1 "\",\"kty\":\"RSA\",\"key_ops\":\"get\"}}", false,
		"key_ops");
	refused("{\"key\":{\"kid\":\"" KID "/" V1 "\",\"kty\":\"RSA\"},\"attributes\":"
		"{\"created\":{}}}",
		false, "created");
	refused("{\"value\":{}}", true, "value");
	refused("{\"nextLink\":null}", true, "value");
	refused("{\"value\":[],\"nextLink\":3}", true, "nextLink");
	refused("{\"value\":[{\"kid\":\"" KID "\"}]}", true, "version");
	refused("{\"value\":[{\"kid\":\"" KID "/" V1 "\"},{\"kid\":"
		"\"https://kv1.vault.azure.net/keys/k2/" V1 "\"}]}",
		true, "another key");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recorded_bundle),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_ties),
		cmocka_unit_test(test_no_such_key),
		cmocka_unit_test(test_wrong_types),
	};

	json_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
