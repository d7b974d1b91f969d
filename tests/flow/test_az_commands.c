/* The az commands of dry runs: a shell takes them as they are, and az is handed the request's very
 * URL and body. A stand-in for az writes down what it is given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/plans/az.h"
#include "tests/fixtures/run.h"

static struct place place;

/* What az is handed, word by word, one a line; the caller gives it back. */
static char *
handed(const char *command)
{
	static const char stand_in[] = "az() { printf '%s\\n' \"$@\"; }\n";
	char path[sizeof place.dir + 16], line[2 * sizeof path + 32], *out = calloc(1, 1 << 16);
	FILE *file, *said;

	assert_non_null(out);
	snprintf(path, sizeof path, "%s/az.sh", place.dir);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fprintf(file, "%s%s\n", stand_in, command) > 0);
	assert_int_equal(fclose(file), 0);
	snprintf(line, sizeof line, "sh -n '%s' && sh '%s'", path, path);
	said = popen(line, "r");
	assert_non_null(said);
	assert_true(fread(out, 1, (1 << 16) - 1, said) < (1 << 16) - 1);
	assert_int_equal(pclose(said), 0);
	return out;
}

static void
quotes_survive_the_shell(void **state)
{
	char *command = az_command("PATCH", "https://kv1.vault.azure.net/keys/a?b=$HOME&c=`d`",
		"{\"it's\":\"\\\"$x\\\" * ;\"}");
	char *words = handed(command);

	(void)state;
	assert_string_equal(words,
		"rest\n--method\npatch\n--url\nhttps://kv1.vault.azure.net/keys/a?b=$HOME&c=`d`\n"
		"--resource\nhttps://vault.azure.net\n--body\n{\"it's\":\"\\\"$x\\\" * ;\"}\n");
	free(words);
	free(command);
}

/* A token for the resource manager az finds by itself. */
static void
resource_is_named_for_keys_only(void **state)
{
	static const struct {
		const char *url, *resource;
	} cases[] = {
		{"https://management.azure.com/subscriptions/s/providers/Microsoft.KeyVault/vaults/v",
			NULL},
		{"https://v.vault.azure.cn/keys/k", " --resource 'https://vault.azure.cn'"},
		{"https://h.managedhsm.usgovcloudapi.net/keys/k",
			" --resource 'https://managedhsm.usgovcloudapi.net'"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *command = az_command("GET", cases[i].url, NULL);

		if (cases[i].resource)
			assert_non_null(strstr(command, cases[i].resource));
		else
			assert_null(strstr(command, "--resource"));
		assert_null(strstr(command, "--body"));
		free(command);
	}
}

/* The step's request and the words that az is handed agree. */
static void
agrees(const json_t *request)
{
	char *words = handed(text_at(request, "az")), *want = strstr(words, "--body\n");
	const json_t *body = json_object_get(request, "body");
	char url[1024];
	json_t *sent;

	snprintf(url, sizeof url, "\n--url\n%s\n", text_at(request, "url"));
	assert_non_null(strstr(words, url));
	assert_null(strchr(text_at(request, "az"), '\n'));
	if (json_is_null(body))
		assert_null(want);
	else {
		assert_non_null(want);
		sent = json_loads(want + strlen("--body\n"), 0, NULL);
		assert_true(json_equal(sent, body));
		json_decref(sent);
	}
	free(words);
}

static void
every_request_of_a_dry_run(void **state)
{
	static const char *const calls[][8] = {
		{"onboard", "aa-payroll", "--key", "kv-payroll/cmk-payroll"},
		{"onboard", "barender01", "--key", "kv-billing/cmk-billing"},
		{"onboard", "stledger01", "--key", "hsm-core/cmk-hsm", "--auto"},
		{"detach", "aa-billing"},
		{"key", "disable", "kv-billing/cmk-billing"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		const char *words[16] = {place.sandbox};
		size_t len = 1, commands = 0, at;
		json_t *out, *step;
		struct ran ran;

		for (size_t k = 0; calls[i][k]; k++)
			words[len++] = calls[i][k];
		words[len++] = "--dry-run";
		words[len++] = "-o";
		words[len++] = "json";
		run_words(&ran, words, NULL);
		ran_expect(&ran, 10);
		out = ran_json(&ran);
		json_array_foreach(json_object_get(out, "steps"), at, step)
		{
			const json_t *request = json_object_get(step, "request");

			if (json_is_null(request))
				continue;
			agrees(request);
			commands++;
		}
		assert_true(commands > 0);
		json_decref(out);
		ran_free(&ran);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quotes_survive_the_shell),
		cmocka_unit_test(resource_is_named_for_keys_only),
		cmocka_unit_test(every_request_of_a_dry_run),
	};
	int failed;

	place_seed(&place);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	place_remove(&place);
	return failed;
}
