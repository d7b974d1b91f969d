/* Hosts that lure: the real program between a sandbox and replies that were tampered with, under
 * Azure's own names. Wherever it can be lured to, somebody listens who has a certificate for that
 * name: not one byte may arrive there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/mem.h"
#include "tests/fixtures/middle.h"
#include "tests/fixtures/public.h"
#include "tests/fixtures/recorder.h"
#include "tests/fixtures/run.h"

static struct public_sandbox sandbox;

/* One run: the tampering, and what of the request it is for. */
struct lure {
	const char *method, *target; /* a part of path and query */
	const char *value;           /* a link, a header's lines, a status */
	int status;
	_Atomic int times; /* how often it was used */
};

static bool
answer(void *user, struct tls_conn *conn, const struct tls_request *request)
{
	(void)user;
	(void)request;
	tls_reply(conn, 200, "", "{\"value\":[],\"access_token\":\"x\",\"expires_in\":3599}");
	return true;
}

static bool
meant(struct lure *lure, const struct tls_request *request)
{
	if (strcmp(lure->method, request->method) != 0 || !strstr(request->target, lure->target))
		return false;
	lure->times++;
	return true;
}

/* Runs the words and sees that nobody was lured anywhere. */
static void
play(struct lure *lure, middle_tamper *tamper, struct ran *ran, const char *const *words)
{
	static const char *const names[] = {"evil.example", "*.evil.example", "*.azure.com",
		"*.microsoftonline.com", "*.azure.net", "*.azure.cn",
		"xn--mnagement-2fg.azure.com"};
	struct middle *middle = middle_start(sandbox.proxy, sandbox.ca);
	struct tls_server *foreign = tls_server_start(&(struct tls_options){
		.handler = answer, .names = names, .names_len = ARRAY_LEN(names)});
	struct recorder *recorder =
		recorder_start(middle_names, middle_port(middle), tls_server_port(foreign));

	middle_set(middle, tamper, lure);
	public_profile(&sandbox, recorder_at(recorder));
	run_words(ran, words, NULL);
	if (recorder_strangers(recorder) || !tls_server_untouched(foreign))
		fail_msg("%s: it was lured away: %s", lure->value, ran->err);
	if (lure->times == 0)
		fail_msg("%s: nobody asked for %s %s: %s", lure->value, lure->method, lure->target,
			ran->err);
	assert_false(recorder_saw(recorder, "Authorization"));
	assert_false(recorder_saw(recorder, "eyJ"));
	recorder_stop(recorder);
	tls_server_stop(foreign);
	middle_stop(middle);
}

/* Runs the words, and wants this exit code and this text on stderr.
 */
static void
refused(struct lure *lure, middle_tamper *tamper, int code, const char *text,
	const char *const *words)
{
	struct ran ran;

	play(lure, tamper, &ran, words);
	if (ran.code != code || !strstr(ran.err, text))
		fail_msg("%s: exit code %d, not %d, or no '%s' in: %s", lure->value, ran.code, code,
			text, ran.err);
	ran_free(&ran);
}

static const char *const list_accounts[] = {
	"--profile", "hostile", "account", "list", "-o", "json", NULL};
static const char *const show_key[] = {
	"--profile", "hostile", "key", "show", "kv-payroll/cmk-payroll", "-o", "json", NULL};

static void
set_link(void *user, const struct tls_request *request, struct middle_reply *reply)
{
	struct lure *lure = user;
	json_t *root;

	if (!meant(lure, request) || strstr(request->target, "again"))
		return;
	root = json_loads(reply->body, 0, NULL);
	json_object_set_new(root, "nextLink", json_string(lure->value));
	free(reply->body);
	reply->body = json_dumps(root, 0);
	json_decref(root);
}

static void
next_links(void **state)
{
	static const char *const links[] = {
		"https://evil.example/subscriptions?api-version=2022-12-01",
		"https://management.azure.com.evil.example/subscriptions",
		"https://management.azure.com@evil.example/subscriptions",
		"https://management.azure.com:443@evil.example/subscriptions",
		"https://evil.example\\@management.azure.com/subscriptions",
		"https://evil.example#@management.azure.com/subscriptions",
		"https://evil.example?@management.azure.com/subscriptions",
		"https://management.azure.com:8443/subscriptions",
		"http://management.azure.com/subscriptions",
		"http://management.azure.com:443/subscriptions",
		"https://management.azure.com./subscriptions",
		"https://management.chinacloudapi.azure.cn/subscriptions",
		"https://xn--mnagement-2fg.azure.com/subscriptions",
		"https://m\u0430nagement.azure.com/subscriptions",
		"https://management.azure.com%2eevil.example/subscriptions",
		"https://management.azure.com%00.evil.example/subscriptions",
		"https://management.azure.com\r\nHost: evil.example/subscriptions",
		"//evil.example/subscriptions",
		"\\\\evil.example\\subscriptions",
		" https://evil.example/subscriptions",
		"https:evil.example/subscriptions",
		"https:///evil.example/subscriptions",
		"ftp://management.azure.com/subscriptions",
		"file:///etc/passwd",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(links); i++) {
		struct lure lure = {"GET", "/subscriptions?", links[i], 0, 0};

		refused(&lure, set_link, 0, "not at https://management.azure.com", list_accounts);
	}
}

/* The same host in other letters, with its own port, is no lure. */
static void
good_links(void **state)
{
	static const char *const links[] = {
		"https://management.azure.com/subscriptions?api-version=2022-12-01&again=1",
		"HTTPS://MANAGEMENT.Azure.com:443/subscriptions?api-version=2022-12-01&again=1",
	};
	struct ran ran;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(links); i++) {
		struct lure lure = {"GET", "/subscriptions?", links[i], 0, 0};

		play(&lure, set_link, &ran, list_accounts);
		ran_expect(&ran, 0);
		assert_int_equal(lure.times, 2);
		ran_free(&ran);
	}
}

/* A list that never ends is not read for ever. */
static void
endless_links(void **state)
{
	struct lure lure = {"GET", "/subscriptions?",
		"https://management.azure.com/subscriptions?api-version=2022-12-01", 0, 0};
	struct ran ran;

	(void)state;
	play(&lure, set_link, &ran, list_accounts);
	ran_expect(&ran, 0);
	ran_complains(&ran, "not read: subscriptions", "circle", NULL);
	assert_true(lure.times <= 2);
	ran_free(&ran);
}

static void
set_skip_token(void *user, const struct tls_request *request, struct middle_reply *reply)
{
	struct lure *lure = user;
	json_t *root;

	if (!meant(lure, request))
		return;
	root = json_loads(reply->body, 0, NULL);
	json_object_set_new(root, "$skipToken", json_string(lure->value));
	free(reply->body);
	reply->body = json_dumps(root, 0);
	json_decref(root);
}

/* A query whose pages always have one more is given up, and said not to be whole. */
static void
endless_skip_tokens(void **state)
{
	struct lure lure = {"POST", "/Microsoft.ResourceGraph/resources", "the-same-again", 0, 0};
	struct ran ran;

	(void)state;
	play(&lure, set_skip_token, &ran, list_accounts);
	if (ran.code > 6 || !strstr(ran.err, "not read") || lure.times > 40)
		fail_msg("%d pages, exit code %d: %s", lure.times, ran.code, ran.err);
	ran_free(&ran);
}

static void
set_reply(void *user, const struct tls_request *request, struct middle_reply *reply)
{
	struct lure *lure = user;

	if (!meant(lure, request))
		return;
	reply->status = lure->status;
	snprintf(reply->headers, sizeof reply->headers, "%s", lure->value);
	reply->body[0] = '\0';
}

static void
redirects(void **state)
{
	static const int status[] = {301, 302, 307};
	static const char location[] = "Location: https://evil.example/\r\n";

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(status); i++) {
		struct lure list = {"GET", "/subscriptions?", location, status[i], 0};
		struct lure token = {"POST", "/oauth2/v2.0/token", location, status[i], 0};
		struct lure keys = {"GET", "/keys/cmk-payroll?", location, status[i], 0};
		struct lure home = {"GET", "/subscriptions?",
			"Location: https://management.azure.com/elsewhere\r\n", status[i], 0};

		refused(&list, set_reply, 0, "management.azure.com", list_accounts);
		refused(&home, set_reply, 0, "management.azure.com", list_accounts);
		refused(&token, set_reply, 1, "sign-in", list_accounts);
		refused(&keys, set_reply, 1, "kv-payroll.vault.azure.net", show_key);
	}
}

#define BEARER "WWW-Authenticate: Bearer authorization=\"https://"
#define OURS "login.microsoftonline.com/7c3f1a52-0d4e-4b86-9a61-2e5d8f4b9c01"

static void
challenges(void **state)
{
	static const char *const lines[] = {
		BEARER "evil.example/t\", resource=\"https://vault.azure.net\"\r\n",
		BEARER "login.microsoftonline.com.evil.example/t\", "
		       "resource=\"https://vault.azure.net\"\r\n",
		BEARER "login.microsoftonline.com@evil.example/t\", "
		       "resource=\"https://vault.azure.net\"\r\n",
		BEARER OURS "\", resource=\"https://evil.example\"\r\n",
		BEARER OURS "\", resource=\"https://vault.azure.net.evil.example\"\r\n",
		BEARER OURS "\", resource=\"https://azure.net\"\r\n",
		BEARER OURS "\", resource=\"https://management.azure.com\"\r\n",
		BEARER OURS "\", resource=\"http://vault.azure.net\"\r\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct lure lure = {"GET", "/keys/cmk-payroll?", lines[i], 401, 0};

		refused(&lure, set_reply, 4, "kv-payroll.vault.azure.net", show_key);
	}
}

/* For each reading of the key one new sign-in, then it is denied. */
static void
challenge_loop(void **state)
{
	struct lure lure = {"GET", "/keys/cmk-payroll?",
		BEARER OURS "\", resource=\"https://vault.azure.net\"\r\n", 401, 0};

	(void)state;
	refused(&lure, set_reply, 4, "kv-payroll.vault.azure.net", show_key);
	assert_true(lure.times <= 4);
}

/* Accepted changes whose operations run elsewhere are not followed: what became of them is read
 * back where it belongs, and was done. */
static void
operations(void **state)
{
	static const struct {
		const char *account, *target, *headers;
	} cases[] = {
		{"aa-payroll", "/vaults/kv-payroll",
			"Azure-AsyncOperation: https://evil.example/operations/1\r\n"},
		{"aa-guidang", "/automationAccounts/aa-guidang",
			"Location: https://management.azure.com.evil.example/operations/1\r\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *const words[] = {"--profile", "hostile", "onboard", cases[i].account,
			"--vault", "kv-payroll", "--key", "cmk-payroll", "--yes", "-o", "json",
			NULL};
		struct lure lure = {"PATCH", cases[i].target, cases[i].headers, 202, 0};
		struct ran ran;
		json_t *root;

		play(&lure, set_reply, &ran, words);
		ran_expect(&ran, 0);
		root = ran_json(&ran);
		assert_string_equal(text_at(root, "state"), "done");
		json_decref(root);
		ran_free(&ran);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(next_links),
		cmocka_unit_test(good_links),
		cmocka_unit_test(endless_links),
		cmocka_unit_test(endless_skip_tokens),
		cmocka_unit_test(redirects),
		cmocka_unit_test(challenges),
		cmocka_unit_test(challenge_loop),
		cmocka_unit_test(operations),
	};
	int failed;

	public_start(&sandbox);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	public_stop(&sandbox);
	return failed;
}
