/* What makes a session sign in again: claims challenges, the age of a token, a wrong clock; and how
 * it finds out which way to sign in there is. */
#include "tests/fixtures/world.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/base/clock.h"
#include "backend/base/file.h"
#include "backend/json/json.h"
#include "crypto/b64.h"
#include "crypto/cert.h"
#include "crypto/jws.h"
#include "crypto/secret.h"
#include "views/device_flow.h"

#define CLAIMS \
	"WWW-Authenticate: Bearer realm=\"\", error=\"insufficient_claims\", claims=\"%s\"\r\n"
#define CP1 "%22xms_cc%22%3A%7B%22values%22%3A%5B%22cp1%22%5D%7D"

enum { PEM_MAX = 16384, HOUR = 3600 };

static char forms[8][4096];

static void
keep_form(const struct tls_request *request, int number)
{
	assert_true(number <= (int)ARRAY_LEN(forms));
	snprintf(forms[number - 1], sizeof forms[0], "%s", request->body);
}

static bool
give_token(struct world *w, struct tls_conn *conn, const struct tls_request *request, int number)
{
	char body[120];

	(void)w;
	keep_form(request, number);
	snprintf(body, sizeof body, "{\"expires_in\":3599,\"access_token\":\"t%d\"}", number);
	tls_reply(conn, 200, "", body);
	return true;
}

/* text: "" for once, else for ever. */
static bool
want_claims(struct world *w, struct tls_conn *conn, const struct tls_request *request, int number)
{
	static const char claims[] = "{\"access_token\":{\"nbf\":{\"value\":\"17\"}}}";
	char coded[100], header[300];

	(void)number;
	b64_encode(coded, claims, sizeof claims - 1);
	snprintf(header, sizeof header, CLAIMS, coded);
	if (w->text[0] || strstr(request->head, "Bearer t1\r\n"))
		tls_reply(conn, 401, header,
			"{\"error\":{\"code\":\"InvalidAuthenticationToken\",\"message\":\"m\"}}");
	else
		tls_reply(conn, 200, "", "{}");
	return true;
}

static void
test_claims(void **state)
{
	struct request get = world_arm(HTTP_GET), key = world_vault();
	struct crowd crowd;
	struct world w;
	struct err err;

	(void)state;
	world_open(&w, want_claims);
	w.token_play = give_token;
	w.text = "";
	world_expect(&w, &get, ERR_NONE, "", &err);
	assert_int_equal(w.tokens, 2);
	assert_int_equal(w.calls, 2);
	assert_non_null(strstr(forms[0], "&claims=%7B%22access_token%22%3A%7B" CP1 "%7D%7D"));
	assert_non_null(strstr(forms[1], "%22nbf%22%3A%7B%22value%22%3A%2217%22%7D"));
	assert_non_null(strstr(forms[1], CP1));
	world_close(&w);

	world_open(&w, want_claims);
	w.token_play = give_token;
	w.text = "";
	world_expect(&w, &key, ERR_NONE, "", &err);
	assert_int_equal(w.tokens, 2);
	assert_null(strstr(forms[0], "claims"));
	assert_non_null(strstr(forms[1], CP1));
	world_close(&w);

	world_open(&w, want_claims);
	w.token_play = give_token;
	w.text = "";
	crowd_send(&w, &crowd, &get);
	crowd_wait(&crowd);
	assert_int_equal(crowd.failed, 0);
	assert_int_equal(w.tokens, 2);
	world_close(&w);
}

static void
test_claims_without_end(void **state)
{
	struct request get = world_arm(HTTP_GET);
	struct world w;
	struct err err;

	(void)state;
	world_open(&w, want_claims);
	w.token_play = give_token;
	w.text = "for ever";
	world_expect(&w, &get, ERR_DENIED, "InvalidAuthenticationToken", &err);
	assert_int_equal(w.calls, 2);
	assert_int_equal(w.tokens, 2);
	assert_non_null(strstr(err.msg, "asks for more claims"));
	world_close(&w);
}

static bool
want_rubbish(struct world *w, struct tls_conn *conn, const struct tls_request *request, int number)
{
	char header[200];

	(void)w;
	(void)request;
	(void)number;
	snprintf(header, sizeof header, CLAIMS, "%%%");
	tls_reply(conn, 401, header, "{}");
	return true;
}

static void
test_claims_that_cannot_be_read(void **state)
{
	struct request get = world_arm(HTTP_GET);
	struct world w;
	struct err err;

	(void)state;
	world_open(&w, want_rubbish);
	world_expect(&w, &get, ERR_DENIED, "BadChallenge", &err);
	assert_int_equal(w.tokens, 1);
	world_close(&w);
}

static void
turn_until(struct world *w, int tokens)
{
	for (int i = 0; i < 500 && w->tokens < tokens; i++)
		loop_turn(session_loop(w->session), 10);
	for (int i = 0; i < 5; i++)
		loop_turn(session_loop(w->session), 10);
	assert_int_equal(w->tokens, tokens);
}

static void
test_ahead_of_expiry(void **state)
{
	struct request get = world_arm(HTTP_GET);
	time_t start = time(NULL);
	struct world w;
	struct err err;

	(void)state;
	clock_freeze(start);
	world_open(&w, world_say_ok);
	world_expect(&w, &get, ERR_NONE, "", &err);
	clock_freeze(start + HOUR - 400);
	world_expect(&w, &get, ERR_NONE, "", &err);
	turn_until(&w, 1);
	clock_freeze(start + HOUR - 290);
	world_expect(&w, &get, ERR_NONE, "", &err);
	assert_string_equal(w.bearers[2], "t1");
	turn_until(&w, 2);
	world_expect(&w, &get, ERR_NONE, "", &err);
	assert_string_equal(w.bearers[3], "t2");
	world_close(&w);
	clock_thaw();
}

/* A failure ahead of time is nobody's; it is not repeated with each call either. */
static void
test_ahead_in_vain(void **state)
{
	struct request get = world_arm(HTTP_GET);
	time_t start = time(NULL);
	struct world w;
	struct err err;

	(void)state;
	clock_freeze(start);
	world_open(&w, world_say_ok);
	world_expect(&w, &get, ERR_NONE, "", &err);
	w.token_status = 401;
	w.token_reply = "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000222: m\"}";
	clock_freeze(start + HOUR - 290);
	for (int i = 0; i < 3; i++)
		world_expect(&w, &get, ERR_NONE, "", &err);
	turn_until(&w, 2);
	clock_freeze(start + HOUR - 100);
	world_expect(&w, &get, ERR_DENIED, "invalid_client", &err);
	assert_non_null(strstr(err.msg, "the secret has run out"));
	world_close(&w);
	clock_thaw();
}

static int64_t
nbf_of(const char *form)
{
	const char *at = strstr(form, "client_assertion=");
	struct buf header, payload;
	int64_t nbf = 0;
	char jwt[4096];
	json_t *root;

	assert_non_null(at);
	at += strlen("client_assertion=");
	snprintf(jwt, sizeof jwt, "%.*s", (int)strcspn(at, "&"), at);
	buf_init(&header, PEM_MAX);
	buf_init(&payload, PEM_MAX);
	assert_true(jws_peek(jwt, &header, &payload, NULL));
	root = json_read(buf_text(&payload), payload.len, "payload", NULL);
	assert_true(json_number(root, "nbf", &nbf, NULL));
	json_decref(root);
	buf_free(&header);
	buf_free(&payload);
	return nbf;
}

/* The service lives a day ahead. */
static bool
mind_the_time(struct world *w, struct tls_conn *conn, const struct tls_request *request, int number)
{
	time_t theirs = clock_wall() + 86400;
	char date[64], head[80], body[120];
	struct tm tm;

	keep_form(request, number);
	gmtime_r(&theirs, &tm);
	strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	snprintf(head, sizeof head, "Date: %s\r\n", date);
	if (nbf_of(request->body) > theirs - 60 && w->text[0] == '\0') {
		snprintf(body, sizeof body, "{\"expires_in\":3599,\"access_token\":\"t\"}");
		tls_reply(conn, 200, head, body);
	} else {
		tls_reply(conn, 401, head,
			"{\"error\":\"invalid_client\",\"error_description\":\"AADSTS700024: Client "
			"assertion is not within its valid time range.\"}");
	}
	return true;
}

static void
test_clock(void **state)
{
	char path[] = "/tmp/claviger-reauth-XXXXXX";
	struct request get = world_arm(HTTP_GET);
	struct buf pem, key;
	struct world w;
	struct err err;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	buf_init(&pem, PEM_MAX);
	buf_init(&key, PEM_MAX);
	assert_true(cert_make_client("c", time(NULL) - HOUR, time(NULL) + HOUR, &pem, &key, NULL));
	assert_true(buf_adds(&pem, buf_text(&key)));
	assert_true(file_write(path, buf_text(&pem), pem.len, NULL));
	for (int i = 0; i < 2; i++) {
		world_serve(&w, world_say_ok);
		w.token_play = mind_the_time;
		w.text = i == 0 ? "" : "whatever it says";
		snprintf(w.profile.tenant, sizeof w.profile.tenant, WORLD_TENANT);
		snprintf(w.profile.client_id, sizeof w.profile.client_id, WORLD_CLIENT);
		snprintf(w.profile.certificate, sizeof w.profile.certificate, "%s", path);
		w.session = session_open(&w.profile, NULL, &err);
		assert_non_null(w.session);
		world_expect(&w, &get, i == 0 ? ERR_NONE : ERR_DENIED,
			i == 0 ? "" : "invalid_client", &err);
		assert_int_equal(w.tokens, 2);
		assert_true(nbf_of(forms[1]) - nbf_of(forms[0]) > 80000);
		world_close(&w);
	}
	assert_non_null(strstr(err.msg, "AADSTS700024"));
	assert_non_null(strstr(err.msg, "timedatectl"));
	file_remove_tree(path);
	buf_free(&pem);
	buf_free(&key);
}

/* text: the status of the metadata service's first answers, then tokens. */
static bool
metadata(struct world *w, struct tls_conn *conn, const struct tls_request *request, int number)
{
	if (strstr(request->target, "/metadata/") == NULL)
		return world_say_ok(w, conn, request, number);
	assert_non_null(strstr(request->head, "Metadata: true\r\n"));
	assert_null(strstr(request->head, "Authorization"));
	if (w->text[0] == '4' && number == 1)
		tls_reply(conn, 404, "Retry-After: 1\r\n", "");
	else if (w->text[0] == 'n')
		tls_reply(conn, 400, "",
			"{\"error\":\"invalid_request\",\"error_description\":\"Identity not "
			"found\"}");
	else
		tls_reply(conn, 200, "",
			"{\"access_token\":\"imds\",\"expires_in\":\"86399\",\"expires_on\":\"9\"}");
	return true;
}

static void
machine(struct world *w, const char *text, const char *client)
{
	char at[80];
	struct err err;

	world_serve(w, metadata);
	w->text = text;
	snprintf(at, sizeof at, "https://localhost:%d", tls_server_port(w->server));
	setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", at, 1);
	snprintf(w->profile.client_id, sizeof w->profile.client_id, "%s", client);
	w->session = session_open(&w->profile, NULL, &err);
	assert_non_null(w->session);
}

static void
test_metadata(void **state)
{
	struct request get = world_arm(HTTP_GET), key = world_vault();
	const struct choice *choice;
	struct crowd crowd;
	struct world w;
	struct err err;

	(void)state;
	machine(&w, "", "");
	crowd_send(&w, &crowd, &get);
	world_expect(&w, &key, ERR_NONE, "", &err);
	crowd_wait(&crowd);
	assert_int_equal(crowd.failed, 0);
	assert_int_equal(w.tokens, 0);
	assert_int_equal(w.calls, 2 + 1 + 40);
	choice = session_choice(w.session);
	assert_int_equal(choice->state, CHOICE_MADE);
	assert_string_equal(credential_kinds[choice->at]->name, "managed-identity");
	world_close(&w);

	machine(&w, "404 first", "");
	world_expect(&w, &get, ERR_NONE, "", &err);
	assert_int_equal(w.calls, 3);
	world_close(&w);

	machine(&w, "none", WORLD_CLIENT);
	world_expect(&w, &get, ERR_DENIED, "invalid_request", &err);
	assert_non_null(strstr(err.msg, "managed-identity as " WORLD_CLIENT));
	assert_non_null(strstr(err.msg, "Identity not found"));
	assert_non_null(strstr(err.msg, "assign that identity"));
	world_close(&w);
	unsetenv("AZURE_POD_IDENTITY_AUTHORITY_HOST");
}

static void
test_nobody(void **state)
{
	struct request get = world_arm(HTTP_GET), key = world_vault();
	struct crowd crowd;
	struct world w;
	struct err err;

	(void)state;
	machine(&w, "none", "");
	crowd_send(&w, &crowd, &key);
	world_expect(&w, &get, ERR_DENIED, "NoCredential", &err);
	crowd_wait(&crowd);
	assert_int_equal(crowd.failed, 40);
	assert_int_equal(w.calls, 1);
	assert_int_equal(session_choice(w.session)->state, CHOICE_NONE);
	assert_non_null(strstr(choice_reason(session_choice(w.session), 3), "Identity not found"));
	world_close(&w);
	unsetenv("AZURE_POD_IDENTITY_AUTHORITY_HOST");
}

/* What refuses one service or tenant does not end the sign-in; what ends it is not tried again. */
static void
test_end_of_login(void **state)
{
	struct request get = world_arm(HTTP_GET), key = world_vault();
	struct login_place place = {.client_id = WORLD_CLIENT};
	struct secret refresh = {(unsigned char *)"r", 1};
	struct credential credential;
	struct world w;
	struct err err;

	(void)state;
	world_serve(&w, world_say_ok);
	assert_true(login_take(&place, WORLD_TENANT, &refresh, false, &credential, &err));
	w.session = session_open(&w.profile, &credential, &err);
	assert_non_null(w.session);
	w.token_status = 400;
	w.token_reply = "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS65001: m\"}";
	world_expect(&w, &key, ERR_DENIED, "invalid_grant", &err);
	assert_null(strstr(err.msg, "has come to its end"));
	assert_non_null(strstr(err.msg, "consent"));
	w.token_status = 0;
	w.token_reply = NULL;
	world_expect(&w, &get, ERR_NONE, "", &err);
	w.token_status = 400;
	w.token_reply = "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS700082: m\"}";
	world_expect(&w, &key, ERR_DENIED, "invalid_grant", &err);
	assert_non_null(strstr(err.msg, "has come to its end, run: claviger login"));
	world_expect(&w, &key, ERR_DENIED, "SignedOut", &err);
	assert_int_equal(w.tokens, 3);
	world_close(&w);
}

/* Whoever stands between here and Entra is known by the place that was asked. */
static void
test_answers_that_are_not_of_entra(void **state)
{
	struct request get = world_arm(HTTP_GET);
	struct world w;
	struct err err;

	(void)state;
	world_open(&w, world_say_ok);
	w.token_reply = "<html>Welcome to the hotel</html>";
	world_expect(&w, &get, ERR_FAILED, "BadReply", &err);
	assert_non_null(strstr(err.msg, WORLD_TENANT ": login.microsoftonline.com: "));
	w.token_status = 400;
	world_expect(&w, &get, ERR_DENIED, "", &err);
	assert_non_null(strstr(err.msg, ": login.microsoftonline.com: answered with status 400"));
	world_close(&w);
}

static bool
welcome(struct world *w, struct tls_conn *conn, const struct tls_request *request, int number)
{
	(void)w;
	(void)number;
	assert_non_null(strstr(request->target, "/oauth2/v2.0/devicecode"));
	tls_reply(conn, 200, "", "<html>Welcome to the hotel</html>");
	return true;
}

static void
flow_ended(void *user)
{
	*(bool *)user = true;
}

static void
test_codes_that_are_not_of_entra(void **state)
{
	struct device_flow flow;
	bool over = false;
	struct world w;
	struct err err;

	(void)state;
	world_open(&w, welcome);
	assert_true(device_flow_start(&flow, w.session, flow_ended, &over, &err));
	loop_until(session_loop(w.session), &over);
	assert_int_equal(flow.state, FLOW_FAILED);
	assert_non_null(strstr(flow.err.msg, "https://login.microsoftonline.com: device code: "));
	device_flow_stop(&flow);
	world_close(&w);
}

/* As 403 is: there is no way in with it. */
static void
test_unusable_certificate(void **state)
{
	struct request get = world_arm(HTTP_GET);
	struct world w;
	struct err err;

	(void)state;
	world_serve(&w, world_say_ok);
	snprintf(w.profile.tenant, sizeof w.profile.tenant, WORLD_TENANT);
	snprintf(w.profile.client_id, sizeof w.profile.client_id, WORLD_CLIENT);
	snprintf(w.profile.certificate, sizeof w.profile.certificate, "/nowhere/c.pem");
	w.session = session_open(&w.profile, NULL, &err);
	assert_non_null(w.session);
	world_expect(&w, &get, ERR_DENIED, "Certificate", &err);
	assert_non_null(strstr(err.msg, "/nowhere/c.pem"));
	assert_int_equal(w.tokens, 0);
	world_close(&w);
}

/* az hangs, and with the clock at a stand its deadline never comes: closing the session ends it. */
static void
test_hanging_az(void **state)
{
	static const char script[] = "#!/bin/sh\necho $$ >\"$HOME/pid\"\nexec sleep 600\n";
	char folder[] = "/tmp/claviger-reauth-XXXXXX", az[64], pid[64];
	struct request get = world_arm(HTTP_GET);
	struct buf text;
	struct world w;
	struct err err;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(az, sizeof az, "%s/az", folder);
	snprintf(pid, sizeof pid, "%s/pid", folder);
	assert_true(file_write(az, script, sizeof script - 1, &err));
	assert_int_equal(chmod(az, 0755), 0);
	setenv("PATH", folder, 1);
	setenv("HOME", folder, 1);
	setenv("AZURE_CONFIG_DIR", folder, 1);
	world_serve(&w, world_say_ok);
	snprintf(w.profile.auth, sizeof w.profile.auth, "az-cli");
	w.session = session_open(&w.profile, NULL, &err);
	assert_non_null(w.session);
	clock_freeze(time(NULL));
	session_send(w.session, &get, crowd_never, NULL);
	buf_init(&text, PEM_MAX);
	while (text.len == 0) {
		loop_turn(session_loop(w.session), 0);
		usleep(10000);
		if (access(pid, R_OK) == 0)
			assert_true(file_read(pid, false, &text, &err));
	}
	world_close(&w);
	clock_thaw();
	assert_int_not_equal(kill((pid_t)strtol(text.data, NULL, 10), 0), 0);
	buf_free(&text);
	file_remove_tree(folder);
	setenv("PATH", "/nowhere", 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_claims),
		cmocka_unit_test(test_claims_without_end),
		cmocka_unit_test(test_claims_that_cannot_be_read),
		cmocka_unit_test(test_ahead_of_expiry),
		cmocka_unit_test(test_ahead_in_vain),
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_metadata),
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_end_of_login),
		cmocka_unit_test(test_answers_that_are_not_of_entra),
		cmocka_unit_test(test_codes_that_are_not_of_entra),
		cmocka_unit_test(test_unusable_certificate),
		cmocka_unit_test(test_hanging_az),
	};

	secret_init();
	json_init();
	unsetenv("AZURE_TENANT_ID");
	unsetenv("AZURE_CLIENT_ID");
	unsetenv("AZURE_CLIENT_SECRET");
	setenv("PATH", "/nowhere", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
