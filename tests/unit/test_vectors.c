/* Test vector files: those of the folder VECTORS, and small ones made here to be wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/base/buf.h"
#include "backend/base/file.h"
#include "backend/base/text.h"
#include "backend/json/vectors.h"
#include "crypto/rsa.h"
#include "crypto/selftest_known.h"

struct notes {
	size_t count;
	char last[600];
};

static void
keep(void *user, const char *line)
{
	struct notes *notes = user;

	notes->count++;
	snprintf(notes->last, sizeof notes->last, "%s", line);
}

static int
make_folder(void **state)
{
	char *path = strdup("/tmp/claviger-vectors-XXXXXX");

	*state = path;
	return path && mkdtemp(path) ? 0 : -1;
}

static int
drop_folder(void **state)
{
	file_remove_tree(*state);
	free(*state);
	return 0;
}

/* Runs text as a file; err.msg and notes say what came of it. */
static bool
run_text(void **state, const char *text, struct vector_result *result, struct notes *notes,
	struct err *err)
{
	char path[256];

	*notes = (struct notes){0};
	*err = (struct err){0};
	snprintf(path, sizeof path, "%s/v.json", (const char *)*state);
	assert_true(file_write(path, text, strlen(text), err));
	return vectors_run(path, result, keep, notes, err);
}

static void
add_hex(struct buf *out, const unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		assert_true(buf_addf(out, "%02x", bytes[i]));
}

/* A file with one group of one PKCS#1 signature over "abc" by the known key. */
static struct buf
signature_file(const char *sha, const char *result)
{
	unsigned char n[RSA_BYTES_MAX], e[8], digest[DIGEST_MAX], signature[RSA_BYTES_MAX];
	size_t n_len, e_len, len;
	struct rsa_signature how;
	struct err err = {0};
	struct rsa_key *key = known_rsa_key(&err);
	struct buf out;

	buf_init(&out, 65536);
	assert_non_null(key);
	assert_true(rsa_signature_named("RS256", &how));
	digest_of(DIGEST_SHA256, "abc", 3, digest);
	assert_true(rsa_sign(key, &how, digest, signature, &len, &err));
	rsa_public(key, n, &n_len, e, &e_len);
	rsa_free(key);
	assert_true(buf_addf(&out,
		"{\"algorithm\":\"RSASSA-PKCS1-v1_5\",\"testGroups\":[{\"type\":\"RsassaPkcs1Verify\","
		"\"sha\":\"%s\",\"publicKey\":{\"publicExponent\":\"010001\",\"modulus\":\"",
		sha));
	add_hex(&out, n, n_len);
	assert_true(buf_adds(&out, "\"},\"tests\":[{\"tcId\":7,\"comment\":\"c\\u001bx\","
				   "\"msg\":\"616263\",\"sig\":\""));
	add_hex(&out, signature, len);
	assert_true(buf_addf(&out, "\",\"result\":\"%s\"}]}]}", result));
	return out;
}

static void
each_verdict_is_counted(void **state)
{
	static const struct {
		const char *sha, *verdict;
		struct vector_result want;
	} cases[] = {
		{"SHA-256", "valid", {.tests = 1, .agree = 1}},
		{"SHA-256", "invalid", {.tests = 1, .differ = 1}},
		{"SHA-256", "acceptable", {.tests = 1, .acceptable = 1}},
		{"SHA-512", "valid", {.tests = 1, .differ = 1}},
		{"SHA-512", "invalid", {.tests = 1, .agree = 1}},
		{"SHAKE128", "valid", {.tests = 1, .skipped = 1}},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf file = signature_file(cases[i].sha, cases[i].verdict);
		struct vector_result result;
		struct notes notes;
		struct err err;

		assert_true(run_text(state, file.data, &result, &notes, &err));
		assert_memory_equal(&result, &cases[i].want, sizeof result);
		assert_int_equal(notes.count, result.differ + result.skipped);
		if (result.differ)
			assert_non_null(strstr(notes.last, "test 7: "));
		if (result.skipped)
			assert_non_null(strstr(notes.last, "SHAKE"));
		assert_null(strchr(notes.last, '\x1b'));
		buf_free(&file);
	}
}

/* Harness check: a file that is right stops being right with any one digit of its signature. */
static void
one_changed_digit_differs(void **state)
{
	struct buf file = signature_file("SHA-256", "valid");
	char *digits = strstr(file.data, "\"sig\":\"") + strlen("\"sig\":\"");
	struct vector_result result;
	struct notes notes;
	struct err err;

	for (size_t i = 0; i < 512; i += 73) {
		char was = digits[i];

		digits[i] = was == '0' ? '1' : '0';
		assert_true(run_text(state, file.data, &result, &notes, &err));
		assert_int_equal(result.differ, 1);
		digits[i] = was;
	}
	buf_free(&file);
}

static void
refused_key_is_a_difference(void **state)
{
	static const char file[] =
		"{\"algorithm\":\"RSASSA-PSS\",\"testGroups\":[{\"type\":\"RsassaPssVerify\","
		"\"sha\":\"SHA-1\",\"mgf\":\"MGF1\",\"mgfSha\":\"SHA-1\",\"sLen\":20,"
		"\"publicKey\":{\"modulus\":\"0101\",\"publicExponent\":\"03\"},\"tests\":["
		"{\"tcId\":1,\"msg\":\"\",\"sig\":\"\",\"result\":\"valid\"},"
		"{\"tcId\":2,\"msg\":\"\",\"sig\":\"\",\"result\":\"invalid\"}]}]}";
	struct vector_result result;
	struct notes notes;
	struct err err;

	assert_true(run_text(state, file, &result, &notes, &err));
	assert_int_equal(result.differ, 1);
	assert_int_equal(result.agree, 1);
	assert_non_null(strstr(notes.last, "test 1: valid, but the result is number n"));
}

static void
bad_files_name_the_place(void **state)
{
	static const struct {
		const char *text, *place;
	} cases[] = {
		{"", "not readable as JSON"},
		{"{\n\"algorithm\":\n", "line 3"},
		{"[]", "algorithm"},
		{"{\"algorithm\":\"AES-GCM\"}", "'AES-GCM' is none of"},
		{"{\"algorithm\":\"RSASSA-PSS\",\"schema\":\"aead.json\"}", "schema: unknown"},
		{"{\"algorithm\":\"RSASSA-PSS\"}", "testGroups: is missing"},
		{"{\"algorithm\":\"RSASSA-PSS\",\"testGroups\":[]}", "there is no test"},
		{"{\"algorithm\":\"RSASSA-PSS\",\"testGroups\":[3]}", "testGroups[0]: type"},
		{"{\"algorithm\":\"RSASSA-PSS\",\"testGroups\":[{\"type\":\"RsaesOaepDecrypt\"}]}",
			"unknown kind of test 'RsaesOaepDecrypt'"},
		{"{\"algorithm\":\"RSASSA-PSS\",\"testGroups\":[{\"type\":\"RsassaPssVerify\","
		 "\"sha\":\"MD5\"}]}",
			"testGroups[0]: sha: unknown digest 'MD5'"},
		{"{\"algorithm\":\"RSASSA-PSS\",\"testGroups\":[{\"type\":\"RsassaPssVerify\","
		 "\"sha\":\"SHA-1\",\"mgf\":\"MGF2\"}]}",
			"mgf: "},
		{"{\"algorithm\":\"RSASSA-PSS\",\"testGroups\":[{\"type\":\"RsassaPssVerify\","
		 "\"sha\":\"SHA-1\",\"mgf\":\"MGF1\",\"mgfSha\":\"SHA-1\",\"sLen\":-1}]}",
			"sLen: "},
		{"{\"algorithm\":\"RSASSA-PKCS1-v1_5\",\"testGroups\":[{\"type\":"
		 "\"RsassaPkcs1Verify\",\"sha\":\"SHA-1\"}]}",
			"publicKeyDer: is missing"},
		{"{\"algorithm\":\"RSASSA-PKCS1-v1_5\",\"testGroups\":[{\"type\":"
		 "\"RsassaPkcs1Verify\",\"sha\":\"SHA-1\",\"n\":\"zz\"}]}",
			"n: has a character"},
		{"{\"algorithm\":\"RSAES-PKCS1-v1_5\",\"testGroups\":[{\"type\":"
		 "\"RsaesPkcs1Decrypt\",\"privateKeyPkcs8\":\"00\",\"tests\":[{\"tcId\":1,"
		 "\"result\":\"maybe\"}]}]}",
			"tests[0]: result"},
		{"{\"algorithm\":\"RSAES-PKCS1-v1_5\",\"testGroups\":[{\"type\":"
		 "\"RsaesPkcs1Decrypt\",\"privateKeyPkcs8\":\"00\",\"tests\":[{\"tcId\":1,"
		 "\"result\":\"valid\",\"msg\":\"000\",\"ct\":\"\"}]}]}",
			"tests[0]: msg: has an odd number"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct vector_result result;
		struct notes notes;
		struct err err;

		assert_false(run_text(state, cases[i].text, &result, &notes, &err));
		assert_int_equal(err.kind, ERR_FAILED);
		assert_non_null(strstr(err.msg, "v.json: "));
		if (strstr(err.msg, cases[i].place) == NULL)
			fail_msg("'%s' is not in '%s'", cases[i].place, err.msg);
	}
}

static void
missing_file_is_named(void **state)
{
	struct vector_result result;
	struct err err = {0};

	(void)state;
	assert_false(vectors_run("/nonexistent/v.json", &result, NULL, NULL, &err));
	assert_int_equal(err.kind, ERR_FAILED);
	assert_non_null(strstr(err.msg, "/nonexistent/v.json"));
}

/* The folder VECTORS, or the test ends as skipped. */
static DIR *
open_vectors(const char **folder)
{
	DIR *dir;

	*folder = getenv("VECTORS");
	dir = *folder && (*folder)[0] ? opendir(*folder) : NULL;
	if (dir == NULL) {
		print_message("skipped: VECTORS names no folder of test vectors\n");
		skip();
	}
	return dir;
}

static void
given_vectors_agree(void **state)
{
	const char *folder;
	DIR *dir = open_vectors(&folder);
	struct dirent *entry;
	size_t ran = 0;

	(void)state;
	while ((entry = readdir(dir))) {
		struct vector_result result;
		struct notes notes = {0};
		struct err err = {0};
		char path[1024];

		if (!text_case_ends(entry->d_name, ".json"))
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		if (!vectors_run(path, &result, keep, &notes, &err))
			fail_msg("%s", err.msg);
		if (result.differ)
			fail_msg("%s", notes.last);
		assert_int_equal(result.agree + result.acceptable + result.skipped, result.tests);
		ran += result.agree;
	}
	closedir(dir);
	assert_true(ran > 0);
}

/* A copy of a given file with one digit changed in the data of its first valid test. */
static void
given_vectors_notice_a_changed_digit(void **state)
{
	static const struct {
		const char *file, *field;
	} cases[] = {
		{"rsa_oaep_2048_sha256_mgf1sha1_test.json", "ct"},
		{"rsa_pkcs1_2048_test.json", "ct"},
		{"rsa_pss_2048_sha256_mgf1_32_test.json", "sig"},
		{"rsa_signature_2048_sha256_test.json", "sig"},
	};
	const char *folder;
	DIR *dir = open_vectors(&folder);

	closedir(dir);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct vector_result result;
		struct notes notes;
		struct err err = {0};
		struct buf text;
		char path[1024], field[16], *at;

		snprintf(path, sizeof path, "%s/%s", folder, cases[i].file);
		snprintf(field, sizeof field, "\"%s\"", cases[i].field);
		buf_init(&text, 1 << 20);
		assert_true(file_read(path, false, &text, &err));
		at = strstr(strstr(strstr(text.data, "\"tests\""), field) + strlen(field), "\"") +
		     60;
		*at = *at == '0' ? '1' : '0';
		assert_true(run_text(state, text.data, &result, &notes, &err));
		assert_int_equal(result.differ, 1);
		assert_int_equal(notes.count, 1);
		buf_free(&text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_verdict_is_counted),
		cmocka_unit_test(one_changed_digit_differs),
		cmocka_unit_test(refused_key_is_a_difference),
		cmocka_unit_test(bad_files_name_the_place),
		cmocka_unit_test(missing_file_is_named),
		cmocka_unit_test(given_vectors_agree),
		cmocka_unit_test(given_vectors_notice_a_changed_digit),
	};

	secret_init();
	return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
