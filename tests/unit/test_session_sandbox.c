/* A session against the embedded sandbox: real names, real tokens, a Unix socket. */
#include "backend/session/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/azure/armid.h"
#include "backend/base/clock.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/json/json.h"
#include "crypto/secret.h"
#include "tests/fixtures/inside.h"

static struct place place;
static struct sandbox *sandbox;

static int
start(void **state)
{
	(void)state;
	sandbox = inside_serve(&place, &(struct sandbox_options){0});
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	sandbox_close(sandbox);
	place_remove(&place);
	clock_shift(0);
	return 0;
}

static struct session *
sign_in_to(const struct sandbox *there, const char *secret)
{
	const struct sandbox_access *access = sandbox_access(there);
	struct credential credential;
	struct profile profile;
	struct session *session;
	struct err err;

	inside_profile(there, &profile);
	credential_secret(&credential, access->tenant, access->client_id, secret);
	session = session_open(&profile, &credential, &err);
	assert_non_null(session);
	return session;
}

static struct session *
sign_in(const char *secret)
{
	return sign_in_to(sandbox, secret);
}

static json_t *
get(struct session *session, enum audience audience, const char *url)
{
	struct request request = {.audience = audience, .url = (char *)url};
	struct err err = {0};
	struct reply reply;
	json_t *root;

	if (!session_ask(session, &request, &reply, &err))
		fail_msg("%s: %s: %s", url, err.code, err.msg);
	root = json_read(buf_text(&reply.body), reply.body.len, url, &err);
	assert_non_null(root);
	reply_free(&reply);
	return root;
}

static void
test_lists(void **state)
{
	const struct sandbox_access *access = sandbox_access(sandbox);
	struct session *session = sign_in(access->client_secret);
	const json_t *list = NULL;
	char url[300];
	struct err err;
	json_t *root;

	(void)state;
	root = get(session, AUDIENCE_ARM,
		"https://management.azure.com/subscriptions?api-version=2022-12-01");
	assert_true(json_list(root, "value", &list, &err) && json_array_size(list) == 2);
	json_decref(root);
	snprintf(url, sizeof url,
		"https://management.azure.com/subscriptions/%s/providers/"
		"Microsoft.Automation/automationAccounts?api-version=2023-11-01",
		access->subscription);
	root = get(session, AUDIENCE_ARM, url);
	assert_true(json_list(root, "value", &list, &err) && json_array_size(list) > 0);
	json_decref(root);
	root = get(
		session, AUDIENCE_VAULT, "https://kv-payroll.vault.azure.net/keys?api-version=7.4");
	assert_true(json_list(root, "value", &list, &err) && json_array_size(list) > 0);
	json_decref(root);
	assert_true(armid_is_guid(session_object_id(session)));
	assert_string_equal(session_client_id(session), access->client_id);
	assert_int_equal(session_totals(session).requests, 5);
	session_close(session);
}

static void
test_refusals(void **state)
{
	struct session *session = sign_in("wrong");
	struct request request = {.audience = AUDIENCE_ARM,
		.url = (char *)"https://management.azure.com/subscriptions?api-version=2022-12-01"};
	struct err err = {0};

	(void)state;
	assert_false(session_ask(session, &request, NULL, &err));
	assert_int_equal(err.kind, ERR_DENIED);
	assert_string_equal(err.code, "invalid_client");
	session_close(session);
	session = sign_in(sandbox_access(sandbox)->client_secret);
	request.audience = AUDIENCE_VAULT;
	request.url = (char *)"https://kv-payroll.vault.azure.net/keys/none?api-version=7.4";
	assert_false(session_ask(session, &request, NULL, &err));
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_string_equal(err.code, "KeyNotFound");
	session_close(session);
}

/* The very next calls of one that had joined, a read and a change, while it takes over. */
static void
test_takes_over(void **state)
{
	char dir[] = "/tmp/claviger-test-XXXXXX", url[300];
	struct sandbox_options options = {.state = mkdtemp(dir), .seed = "empty"};
	struct request change = {
		.audience = AUDIENCE_ARM, .method = HTTP_PUT, .url = url, .changes = true};
	struct sandbox *first, *heir;
	struct session *session;
	struct err err = {0};

	(void)state;
	first = sandbox_open(&options, &err);
	heir = sandbox_open(&options, &err);
	assert_true(first && heir && !sandbox_serves(heir));
	session = sign_in_to(heir, sandbox_access(heir)->client_secret);
	snprintf(url, sizeof url, "https://management.azure.com/subscriptions?api-version=%s",
		"2022-12-01");
	json_decref(get(session, AUDIENCE_ARM, url));
	sandbox_close(first);
	json_decref(get(session, AUDIENCE_ARM, url));
	assert_true(sandbox_serves(heir));
	first = heir;
	options.seed = NULL;
	heir = sandbox_open(&options, &err);
	assert_true(heir && !sandbox_serves(heir));
	sandbox_close(first);
	snprintf(url, sizeof url,
		"https://management.azure.com/subscriptions/%s/resourceGroups/rg-heir?api-version=%s",
		sandbox_access(heir)->subscription, "2022-09-01");
	change.body = (char *)"{\"location\":\"westeurope\"}";
	if (!session_ask(session, &change, NULL, &err))
		fail_msg("%s: %s", err.code, err.msg);
	session_close(session);
	sandbox_close(heir);
	file_remove_tree(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_takes_over),
	};

	secret_init();
	json_init();
	return cmocka_run_group_tests(tests, start, stop);
}
