/* A session against the embedded sandbox: real names, real tokens, a Unix socket. */
#include "backend/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/azure/armid.h"
#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/json.h"
#include "backend/sandbox/sandbox.h"
#include "crypto/secret.h"

static struct sandbox *sandbox;

static int
start(void **state)
{
	struct err err;

	(void)state;
	sandbox = sandbox_open(&(struct sandbox_options){.seed = "demo"}, &err);
	if (sandbox == NULL)
		print_error("%s\n", err.msg);
	return sandbox ? 0 : -1;
}

static int
stop(void **state)
{
	(void)state;
	sandbox_close(sandbox);
	clock_shift(0);
	return 0;
}

static struct session *
sign_in(const char *secret)
{
	const struct sandbox_access *access = sandbox_access(sandbox);
	struct credential credential;
	struct profile profile;
	struct session *session;
	struct err err;

	profile_default(&profile);
	profile.sandbox = true;
	snprintf(profile.ca_file, sizeof profile.ca_file, "%s", access->ca_file);
	snprintf(profile.connect_to, sizeof profile.connect_to, "%s", access->socket);
	credential_secret(&credential, access->tenant, access->client_id, secret);
	session = session_open(&profile, &credential, &err);
	assert_non_null(session);
	return session;
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_refusals),
	};

	secret_init();
	json_init();
	return cmocka_run_group_tests(tests, start, stop);
}
