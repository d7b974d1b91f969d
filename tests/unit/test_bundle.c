/* The support bundle takes in what its table names and nothing else, wherever it comes from. */
#include "tests/fixtures/world.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/journal/journal.h"
#include "backend/json/json.h"
#include "crypto/secret.h"
#include "views/wire/bundle.h"

#define CANARY "CANARY-7f3a91"

static char dir[] = "/tmp/claviger-bundle-XXXXXX";

/* Says the canary in every place of an error that a client might keep. */
static bool
say_canary(struct world *w, struct tls_conn *conn, const struct tls_request *request, int number)
{
	(void)w;
	(void)request;
	(void)number;
	tls_reply(conn, 403, "x-secret: " CANARY "\r\nSet-Cookie: " CANARY "\r\n",
		"{\"error\":{\"code\":\"Denied\",\"message\":\"no\",\"token\":\"" CANARY
		"\"},\"value\":\"" CANARY "\",\"" CANARY "\":1}");
	return true;
}

static void
write_journal(void)
{
	struct journal *journal = journal_open(dir, false, NULL);
	json_t *detail = json_pack("{s:s}", "value", CANARY);
	struct journal_entry entry = {.phase = JOURNAL_DONE,
		.operation = "op-1",
		.plan = "onboard",
		.step = "switch",
		.target = "/subscriptions/s",
		.method = "PATCH",
		.url = "https://management.azure.com/s?sig=" CANARY,
		.message = CANARY,
		.request_id = "r-1",
		.detail = detail};

	assert_non_null(journal);
	assert_true(journal_append(journal, &entry, NULL));
	journal_close(journal);
	json_decref(detail);
}

/* A session whose secret, token, query and bodies are all the canary. */
static void
play(struct world *w)
{
	struct credential credential;
	struct request request = {.method = HTTP_PATCH,
		.audience = AUDIENCE_ARM,
		.url = (char *)WORLD_ARM "/subscriptions/s?api-version=1&sig=" CANARY,
		.body = (char *)"{\"value\":\"" CANARY "\",\"name\":\"plain\"}",
		.changes = true};
	struct err err;

	world_serve(w, say_canary);
	w->token_reply = "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"" CANARY
			 "\",\"refresh_token\":\"" CANARY "\"}";
	credential_secret(&credential, WORLD_TENANT, WORLD_CLIENT, CANARY);
	w->session = session_open(&w->profile, &credential, &err);
	assert_non_null(w->session);
	world_expect(w, &request, ERR_DENIED, "Denied", &err);
}

static void
test_no_canary(void **state)
{
	json_t *checks = json_pack("[{s:s, s:s, s:s}]", "check", "clock", "text", "\033[2Jcleared",
		       "secret", CANARY),
	       *made, *record;
	struct world w;
	char *text;

	(void)state;
	play(&w);
	write_journal();
	made = bundle_make(&(struct bundle){.profile = &w.profile,
		.session = w.session,
		.journal_dir = dir,
		.checks = checks,
		.estate_error = "not read"});
	text = json_dumps(made, 0);
	if (strstr(text, CANARY))
		fail_msg("the canary is in %s", text);
	assert_null(strstr(text, "\\u001b"));
	free(text);
	assert_int_equal(json_array_size(json_object_get(made, "exchanges")), 2);
	record = json_array_get(json_object_get(made, "exchanges"), 1);
	assert_string_equal(json_string_value(json_object_get(record, "azureError")), "Denied");
	assert_string_equal(
		json_string_value(json_object_get(record, "query")), "api-version=1&sig=\u2026");
	record = json_array_get(json_object_get(made, "journalLast"), 0);
	assert_string_equal(json_string_value(json_object_get(record, "phase")), "done");
	assert_string_equal(json_string_value(json_object_get(record, "requestId")), "r-1");
	assert_null(json_object_get(record, "detail"));
	record = json_object_get(made, "journal");
	assert_int_equal(json_integer_value(json_object_get(record, "records")), 1);
	record = json_array_get(json_object_get(made, "checks"), 0);
	assert_string_equal(
		json_string_value(json_object_get(record, "text")), "<U+001B>[2Jcleared");
	record = json_object_get(made, "profile");
	assert_string_equal(json_string_value(json_object_get(record, "cloud")), "AzureCloud");
	assert_true(json_array_size(json_object_get(made, "apiVersions")) > 5);
	json_decref(made);
	json_decref(checks);
	world_close(&w);
}

/* A new file, ours alone; what is there stays, be it a link to nowhere. */
static void
test_file(void **state)
{
	struct bundle bundle = {.journal_dir = dir};
	char path[64], link[64];
	struct stat about;
	struct buf text;
	struct err err;
	json_t *root;

	(void)state;
	snprintf(path, sizeof path, "%s/bundle", dir);
	snprintf(link, sizeof link, "%s/link", dir);
	assert_int_equal(symlink("nowhere", link), 0);
	assert_true(bundle_write(&bundle, path, &err));
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
	assert_false(bundle_write(&bundle, path, &err));
	assert_int_equal(err.kind, ERR_REFUSED);
	assert_non_null(strstr(err.msg, path));
	assert_false(bundle_write(&bundle, link, &err));
	assert_int_equal(err.kind, ERR_REFUSED);
	assert_false(bundle_write(&bundle, "/nonexistent/bundle", &err));
	assert_int_equal(err.kind, ERR_FAILED);
	buf_init(&text, 1 << 20);
	assert_true(file_read(path, true, &text, &err));
	root = json_read(buf_text(&text), text.len, "bundle", &err);
	assert_non_null(root);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(root, "bundle"), "format")), 1);
	json_decref(root);
	buf_free(&text);
}

static int
make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int
remove_dir(void **state)
{
	(void)state;
	file_remove_tree(dir);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_canary),
		cmocka_unit_test(test_file),
	};

	secret_init();
	json_init();
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
