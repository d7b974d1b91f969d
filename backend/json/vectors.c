/* What a test expects comes from its file alone: digest, mask digest, salt and label are never
 * guessed from the algorithm's usual choice, or a harness with the wrong hash would agree with
 * itself. */
#include "backend/json/vectors.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/buf.h"
#include "backend/base/file.h"
#include "backend/base/text.h"
#include "backend/json/json.h"
#include "backend/json/vectors_read.h"

enum { FILE_MAX = 64 << 20, LINE_MAX_LEN = 512 };

enum expected { VALID, INVALID, ACCEPTABLE };

/* What our own code made of a test. */
enum outcome {
	REFUSED,  /* an error, or a signature not accepted */
	OTHER,    /* decryption gave other bytes, signing another signature */
	ACCEPTED, /* the message, the signature */
};

struct run {
	const char *path;
	struct vector_result *result;
	void (*note)(void *user, const char *line);
	void *user;
	struct arena *arena;
};

struct test {
	const json_t *json;
	struct vector_bytes msg, data, label; /* data: ct or sig */
	enum expected expected;
	long long id;
};

struct group {
	const struct group_kind *kind;
	const json_t *json;
	struct rsa_key *key; /* NULL when crypto/rsa refuses it */
	const char *why;
	enum digest sha, mgf;
	size_t salt;
};

/* One row for each type of test group. */
struct group_kind {
	const char *type, *algorithm;
	const char *data; /* the field that holds what is decrypted or verified */
	bool private, has_sha, has_mgf, has_salt, may_reject_silently;
	enum outcome (*run)(const struct group *, const struct test *);
};

static enum outcome
decrypt(const struct group *group, const struct test *test)
{
	const struct rsa_cipher how = {
		.padding = group->kind->has_sha ? RSA_OAEP : RSA_PKCS1,
		.digest = group->sha,
		.mgf = group->mgf,
		.label = test->label.bytes,
		.label_len = test->label.len,
	};
	const struct secret message = {.bytes = test->msg.bytes, .len = test->msg.len};
	enum outcome out = REFUSED;
	struct secret plain;

	if (!rsa_decrypt(group->key, &how, test->data.bytes, test->data.len, &plain, NULL))
		return REFUSED;
	out = secret_equal(&plain, &message) ? ACCEPTED : OTHER;
	secret_free(&plain);
	return out;
}

static struct rsa_signature
signature_of(const struct group *group)
{
	return (struct rsa_signature){
		.padding = group->kind->has_salt ? RSA_SIGN_PSS : RSA_SIGN_PKCS1,
		.digest = group->sha,
		.mgf = group->mgf,
		.salt = group->salt,
	};
}

static enum outcome
verify(const struct group *group, const struct test *test)
{
	const struct rsa_signature how = signature_of(group);
	unsigned char digest[DIGEST_MAX];

	digest_of(group->sha, test->msg.bytes, test->msg.len, digest);
	return rsa_verify(group->key, &how, digest, test->data.bytes, test->data.len) ? ACCEPTED
										      : REFUSED;
}

/* PKCS#1 v1.5 signatures have no randomness: ours must be the one in the file, and be accepted. */
static enum outcome
sign(const struct group *group, const struct test *test)
{
	const struct rsa_signature how = signature_of(group);
	unsigned char digest[DIGEST_MAX], made[RSA_BYTES_MAX];
	size_t len;

	digest_of(group->sha, test->msg.bytes, test->msg.len, digest);
	if (!rsa_sign(group->key, &how, digest, made, &len, NULL))
		return REFUSED;
	if (len != test->data.len || memcmp(made, test->data.bytes, len) != 0)
		return OTHER;
	return verify(group, test);
}

static const struct group_kind kinds[] = {
	{
		.type = "RsaesOaepDecrypt",
		.algorithm = "RSAES-OAEP",
		.data = "ct",
		.private = true,
		.has_sha = true,
		.has_mgf = true,
		.run = decrypt,
	},
	{
		.type = "RsaesPkcs1Decrypt",
		.algorithm = "RSAES-PKCS1-v1_5",
		.data = "ct",
		.private = true,
		.may_reject_silently = true,
		.run = decrypt,
	},
	{
		.type = "RsassaPkcs1Verify",
		.algorithm = "RSASSA-PKCS1-v1_5",
		.data = "sig",
		.has_sha = true,
		.run = verify,
	},
	{
		.type = "RsassaPkcs1Generate",
		.algorithm = "RSASSA-PKCS1-v1_5",
		.data = "sig",
		.private = true,
		.has_sha = true,
		.run = sign,
	},
	{
		.type = "RsassaPssVerify",
		.algorithm = "RSASSA-PSS",
		.data = "sig",
		.has_sha = true,
		.has_mgf = true,
		.has_salt = true,
		.run = verify,
	},
	{
		.type = "RsassaPssWithParametersVerify",
		.algorithm = "RSASSA-PSS",
		.data = "sig",
		.has_sha = true,
		.has_mgf = true,
		.has_salt = true,
		.run = verify,
	},
};

static void
tell(const struct run *run, const char *text)
{
	char raw[LINE_MAX_LEN], line[LINE_MAX_LEN];

	if (run->note == NULL)
		return;
	snprintf(raw, sizeof raw, "%s: %s", run->path, text);
	text_cleans(line, sizeof line, raw);
	run->note(run->user, line);
}

static void
tell_difference(
	const struct run *run, const struct group *group, const struct test *test, enum outcome out)
{
	const char *comment = json_string_value(json_object_get(test->json, "comment"));
	const char *result = out == REFUSED ? "an error" : out == OTHER ? "other bytes" : "success";
	char text[LINE_MAX_LEN];

	if (group->key == NULL)
		result = group->why;
	snprintf(text, sizeof text, "test %lld: %s, but the result is %s%s%s", test->id,
		test->expected == VALID ? "valid" : "invalid", result,
		comment && comment[0] ? ": " : "", comment ? comment : "");
	tell(run, text);
}

static bool
read_test(struct run *run, const struct group *group, struct test *test, struct err *err)
{
	static const char *const names[] = {
		[VALID] = "valid", [INVALID] = "invalid", [ACCEPTABLE] = "acceptable"};
	const json_t *id = json_object_get(test->json, "tcId");
	const char *result;
	size_t i = 0;

	if (!json_is_integer(id))
		return err_set(err, ERR_FAILED, "VECTORS", "tcId: is missing or no number");
	test->id = json_integer_value(id);
	if (!vectors_text(test->json, "result", &result, err))
		return false;
	while (i < ARRAY_LEN(names) && strcmp(result, names[i]) != 0)
		i++;
	if (i == ARRAY_LEN(names))
		return err_set(err, ERR_FAILED, "VECTORS",
			"result: is none of valid, invalid, acceptable");
	test->expected = (enum expected)i;
	return vectors_hex(run->arena, test->json, "msg", true, &test->msg, err) &&
	       vectors_hex(run->arena, test->json, group->kind->data, true, &test->data, err) &&
	       vectors_hex(run->arena, test->json, "label", false, &test->label, err);
}

/* A refused key refuses everything: right for what is invalid, a difference for what is valid. */
static void
judge(const struct run *run, const struct group *group, const struct test *test)
{
	enum outcome out = group->key ? group->kind->run(group, test) : REFUSED;
	struct vector_result *result = run->result;
	bool agree;

	if (test->expected == ACCEPTABLE) {
		result->acceptable++;
		return;
	}
	if (test->expected == VALID)
		agree = out == ACCEPTED;
	else
		agree = out == REFUSED || (out == OTHER && group->kind->may_reject_silently);
	result->agree += agree;
	result->differ += !agree;
	if (!agree)
		tell_difference(run, group, test, out);
}

static bool
run_tests(struct run *run, const struct group *group, bool shake, struct err *err)
{
	const json_t *tests = json_object_get(group->json, "tests");
	char text[LINE_MAX_LEN];

	if (!json_is_array(tests))
		return err_set(err, ERR_FAILED, "VECTORS", "tests: is missing or no list");
	for (size_t i = 0; i < json_array_size(tests); i++) {
		struct test test = {.json = json_array_get(tests, i)};

		if (!read_test(run, group, &test, err))
			return err_prefix(err, "tests[%zu]", i);
		run->result->tests++;
		if (shake)
			run->result->skipped++;
		else
			judge(run, group, &test);
	}
	if (shake) {
		snprintf(text, sizeof text,
			"skipped a group of %zu: it needs SHAKE, which is not done",
			json_array_size(tests));
		tell(run, text);
	}
	return true;
}

/* Reads digest, mask and salt; *shake says that the group needs SHAKE. */
static bool
read_parameters(struct group *group, bool *shake, struct err *err)
{
	const json_t *salt = json_object_get(group->json, "sLen");
	const char *mgf;

	if (group->kind->has_sha && !vectors_digest(group->json, "sha", &group->sha, err))
		return false;
	if (group->kind->has_mgf) {
		if (!vectors_text(group->json, "mgf", &mgf, err))
			return false;
		if (strcmp(mgf, "MGF1") == 0) {
			if (!vectors_digest(group->json, "mgfSha", &group->mgf, err))
				return false;
		} else if (strncmp(mgf, "SHAKE", strlen("SHAKE")) != 0) {
			return err_set(
				err, ERR_FAILED, "VECTORS", "mgf: is neither MGF1 nor SHAKE");
		}
	}
	*shake = (group->kind->has_sha && group->sha == DIGEST_NONE) ||
		 (group->kind->has_mgf && group->mgf == DIGEST_NONE);
	if (group->kind->has_salt && !*shake) {
		if (!json_is_integer(salt) || json_integer_value(salt) < 0 ||
			json_integer_value(salt) > RSA_BYTES_MAX)
			return err_set(err, ERR_FAILED, "VECTORS",
				"sLen: is missing or no length in bytes");
		group->salt = (size_t)json_integer_value(salt);
	}
	return true;
}

static bool
run_group(struct run *run, const json_t *json, const char *algorithm, struct err *err)
{
	struct group group = {.json = json, .why = ""};
	bool shake = false, ok;
	const char *type;
	char shown[64];

	if (!vectors_text(json, "type", &type, err))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i].type, type) == 0 && strcmp(kinds[i].algorithm, algorithm) == 0)
			group.kind = &kinds[i];
	text_cleans(shown, sizeof shown, type);
	if (group.kind == NULL)
		return err_set(
			err, ERR_FAILED, "VECTORS", "type: unknown kind of test '%s'", shown);
	if (!read_parameters(&group, &shake, err))
		return false;
	if (!shake &&
		!vectors_key(run->arena, json, group.kind->private, &group.key, &group.why, err))
		return false;
	ok = run_tests(run, &group, shake, err);
	rsa_free(group.key);
	return ok;
}

/* Whether the file is of a family that kinds[] knows. */
static bool
check_family(const json_t *root, const char **algorithm, struct err *err)
{
	const char *schema = json_string_value(json_object_get(root, "schema"));
	bool known = false;
	char shown[64];

	if (!vectors_text(root, "algorithm", algorithm, err))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		known = known || strcmp(kinds[i].algorithm, *algorithm) == 0;
	text_cleans(shown, sizeof shown, *algorithm);
	if (!known)
		return err_set(err, ERR_FAILED, "VECTORS",
			"algorithm: '%s' is none of RSAES-OAEP, RSAES-PKCS1-v1_5, "
			"RSASSA-PKCS1-v1_5, RSASSA-PSS",
			shown);
	if (schema && strncmp(schema, "rsa", strlen("rsa")) != 0) {
		text_cleans(shown, sizeof shown, schema);
		return err_set(err, ERR_FAILED, "VECTORS", "schema: unknown '%s'", shown);
	}
	return true;
}

static bool
run_groups(struct run *run, const json_t *root, struct err *err)
{
	const json_t *groups = json_object_get(root, "testGroups");
	const char *algorithm;

	if (!check_family(root, &algorithm, err))
		return false;
	if (!json_is_array(groups))
		return err_set(err, ERR_FAILED, "VECTORS", "testGroups: is missing or no list");
	for (size_t i = 0; i < json_array_size(groups); i++)
		if (!run_group(run, json_array_get(groups, i), algorithm, err))
			return err_prefix(err, "testGroups[%zu]", i);
	return run->result->tests > 0 ||
	       err_set(err, ERR_FAILED, "VECTORS", "testGroups: there is no test in it");
}

bool
vectors_run(const char *path, struct vector_result *result,
	void (*note)(void *user, const char *line), void *user, struct err *err)
{
	struct run run = {.path = path, .result = result, .note = note, .user = user};
	char shown[LINE_MAX_LEN];
	struct buf text;
	json_t *root;
	bool ok;

	*result = (struct vector_result){0};
	buf_init(&text, FILE_MAX);
	text_cleans(shown, sizeof shown, path);
	if (!file_read(path, false, &text, err)) {
		buf_free(&text);
		err->kind = ERR_FAILED;
		return false;
	}
	root = json_read(buf_text(&text), text.len, path, err);
	buf_free(&text);
	if (root == NULL)
		return false;
	run.arena = arena_new();
	ok = run_groups(&run, root, err);
	arena_free(run.arena);
	json_decref(root);
	return ok || err_prefix(err, "%s", shown);
}
