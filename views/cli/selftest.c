/* The local RSA self-tests and test vectors, one line each. Nothing here touches the network. */
#include <stdio.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/base/text.h"
#include "backend/json/vectors.h"
#include "crypto/rsa.h"
#include "crypto/selftest.h"
#include "views/cli/cli.h"

enum { BENCH_US = 1000000 };

static const char *const test_columns[] = {"name", "result", "ms", "title"};
static const char *const vector_columns[] = {
	"file", "tests", "agree", "differ", "acceptable", "skipped"};
static const char *const bench_columns[] = {"operation", "bits", "perSecond"};

/* One part of the answer: an array and the table that shows the same. */
struct part {
	json_t *array;
	struct sheet sheet;
	bool failed;
};

static void
add_number(struct sheet *sheet, double value, int digits)
{
	char text[40];

	snprintf(text, sizeof text, "%.*f", digits, value);
	sheet_add(sheet, text);
}

static void
run_tests(struct part *part)
{
	for (size_t i = 0; i < selftests_len; i++) {
		const struct selftest *test = &selftests[i];
		struct err err = {0};
		int64_t us = 0;
		bool ok = selftest_run(test, &us, &err);

		json_array_append_new(
			part->array, json_pack("{s:s, s:s, s:f, s:s, s:s*}", "name", test->name,
					     "result", ok ? "ok" : "failed", "ms", (double)us / 1e3,
					     "title", test->title, "why", ok ? NULL : err.msg));
		sheet_add(&part->sheet, test->name);
		sheet_add(&part->sheet, ok ? "ok" : "FAILED");
		add_number(&part->sheet, (double)us / 1e3, 1);
		sheet_add(&part->sheet, test->title);
		if (ok)
			continue;
		part->failed = true;
		err_prefix(&err, "self-test %s", test->name);
		cli_fail(&err);
	}
}

static void
note(void *user, const char *line)
{
	(void)user;
	fprintf(stderr, "claviger: %s\n", line);
}

/* One file. *ran counts the tests that were carried out. */
static void
run_file(struct part *part, const char *path, size_t *ran)
{
	struct vector_result result = {0};
	struct err err = {0};
	char shown[PATH_MAX];
	bool ok = vectors_run(path, &result, note, NULL, &err);
	const size_t counts[] = {
		result.tests, result.agree, result.differ, result.acceptable, result.skipped};

	text_cleans(shown, sizeof shown, path);
	if (!ok)
		cli_fail(&err);
	part->failed = part->failed || !ok || result.differ;
	*ran += result.agree + result.differ + result.acceptable;
	json_array_append_new(part->array,
		json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:s*}", "file", shown, "tests",
			(json_int_t)result.tests, "agree", (json_int_t)result.agree, "differ",
			(json_int_t)result.differ, "acceptable", (json_int_t)result.acceptable,
			"skipped", (json_int_t)result.skipped, "why", ok ? NULL : err.msg));
	sheet_add(&part->sheet, shown);
	for (size_t i = 0; i < ARRAY_LEN(counts); i++)
		add_number(&part->sheet, (double)counts[i], 0);
}

/* Every value of --vectors and every word that is left: a shell makes words of a pattern. */
static bool
run_vectors(const struct cli *cli, struct part *part, struct err *err)
{
	size_t ran = 0;
	const char *path;

	for (size_t i = 0; (path = cli_option_at(cli, "vectors", i)); i++)
		run_file(part, path, &ran);
	for (size_t i = 0; i < cli->words_len; i++)
		run_file(part, cli->words[i], &ran);
	return ran || part->failed ||
	       err_set(err, ERR_FAILED, "", "no test was run: every one was skipped");
}

/* How often `work` can be done in a second, on this thread. */
static double
rate(bool (*work)(const struct rsa_key *, struct err *), const struct rsa_key *key, struct err *err)
{
	int64_t start = clock_mono_us(), us = 0;
	size_t done = 0;

	while (us < BENCH_US) {
		if (!work(key, err))
			return 0;
		done++;
		us = clock_mono_us() - start;
	}
	return (double)done * 1e6 / (double)us;
}

/* The private operation alone, so that it can be held against `openssl speed`. */
static bool
sign_once(const struct rsa_key *key, struct err *err)
{
	static const unsigned char digest[64];
	unsigned char out[RSA_BYTES_MAX];
	struct rsa_signature how;
	size_t len;

	return rsa_signature_named("RS256", &how) && rsa_sign(key, &how, digest, out, &len, err);
}

static bool
run_bench(struct part *part, struct err *err)
{
	static const unsigned sizes[] = {2048, 3072, 4096};
	static const struct {
		const char *name;
		bool (*work)(const struct rsa_key *, struct err *);
	} works[] = {{"sign", sign_once}, {"wrap-unwrap-sign-verify", selftest_four}};

	for (size_t s = 0; s < ARRAY_LEN(sizes); s++) {
		struct rsa_key *key = rsa_generate(sizes[s], err);

		for (size_t w = 0; key && w < ARRAY_LEN(works); w++) {
			double per_second = rate(works[w].work, key, err);

			json_array_append_new(part->array,
				json_pack("{s:s, s:i, s:f}", "operation", works[w].name, "bits",
					(int)sizes[s], "perSecond", per_second));
			sheet_add(&part->sheet, works[w].name);
			add_number(&part->sheet, sizes[s], 0);
			add_number(&part->sheet, per_second, 1);
			part->failed = part->failed || per_second <= 0;
		}
		rsa_free(key);
		if (key == NULL || part->failed)
			return false;
	}
	return true;
}

/* Prints a part of its own as an array, several as an object of arrays. */
static int
print_parts(
	const struct cli *cli, struct part *parts, const char *const *names, size_t len, int code)
{
	json_t *all = json_object(), *only = NULL;
	size_t filled = 0;
	int out = code;

	for (size_t i = 0; i < len; i++) {
		if (json_array_size(parts[i].array) == 0)
			continue;
		filled++;
		only = parts[i].array;
		json_object_set(all, names[i], parts[i].array);
	}
	if (filled > 1 && cli->print.query == NULL &&
		(cli->print.format == PRINT_TABLE || cli->print.format == PRINT_TSV)) {
		for (size_t i = 0; i < len; i++)
			if (parts[i].sheet.cells_len)
				out = cli_print(cli, json_null(), &parts[i].sheet, out);
	} else if (filled > 1) {
		out = cli_print(cli, json_incref(all), NULL, code);
	} else {
		for (size_t i = 0; i < len; i++)
			if (parts[i].array == only)
				out = cli_print(cli, json_incref(only), &parts[i].sheet, code);
	}
	json_decref(all);
	return out;
}

static int
selftest(struct cli *cli)
{
	static const char *const names[] = {"tests", "vectors", "bench"};
	struct part parts[] = {
		{.sheet = {.headers = test_columns, .columns = ARRAY_LEN(test_columns)}},
		{.sheet = {.headers = vector_columns, .columns = ARRAY_LEN(vector_columns)}},
		{.sheet = {.headers = bench_columns, .columns = ARRAY_LEN(bench_columns)}},
	};
	bool vectors = cli_option(cli, "vectors"), failed = false;
	struct err err = {0};
	int code;

	if (cli->words_len && !vectors) {
		err_set(&err, ERR_USAGE, "",
			"selftest: files of test vectors follow --vectors: claviger selftest "
			"--vectors FILE...");
		return cli_fail(&err);
	}
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		parts[i].array = json_array();
	run_tests(&parts[0]);
	if ((vectors && !run_vectors(cli, &parts[1], &err)) ||
		(cli_option(cli, "bench") && !run_bench(&parts[2], &err))) {
		failed = true;
		cli_fail(&err);
	}
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		failed = failed || parts[i].failed;
	code = print_parts(cli, parts, names, ARRAY_LEN(parts), failed ? err_exit(ERR_FAILED) : 0);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		json_decref(parts[i].array);
		sheet_free(&parts[i].sheet);
	}
	return code;
}

const struct command command_selftest = {
	.name = "selftest",
	.args = "[--vectors FILE...]",
	.summary = "Run the local RSA self-tests, and the test vectors of files.",
	.options = OPTIONS_COMMON | OPTIONS_DATA | OPTIONS_TEST,
	.words_max = SIZE_MAX,
	.run = selftest,
};
