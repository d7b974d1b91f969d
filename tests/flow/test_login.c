/* A person's sign-in by device code and the Azure CLI's session, with the program as it is and a
 * sandbox that listens like any cloud: a profile names its cloud and its CA, nothing AZURE_* is
 * set, and the az that is found is a script of the test. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/auth/credential.h"
#include "backend/base/file.h"
#include "backend/json/json.h"
#include "tests/fixtures/got.h"
#include "tests/fixtures/lab.h"

static struct lab lab;

static int
start(void **state)
{
	char profiles[5 * PATH_MAX + 600];

	(void)state;
	lab_start(&lab);
	snprintf(profiles, sizeof profiles,
		"[profile work]\ncloud = Lab\nca-file = %s\nauth = login\ntenant = %s\n"
		"[profile any]\ncloud = Lab\nca-file = %s\nauth = login\n"
		"[profile wrong]\ncloud = Lab\nca-file = %s\nauth = login\n"
		"tenant = 00000000-0000-4000-8000-000000000000\n"
		"[profile az]\ncloud = Lab\nca-file = %s\nauth = az-cli\n"
		"[profile all]\ncloud = Lab\nca-file = %s\n",
		lab.ca, lab.tenant, lab.ca, lab.ca, lab.ca, lab.ca);
	lab_profiles(&lab, profiles);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	lab_stop(&lab);
	return 0;
}

/* Where nothing can be kept nothing is asked for either. */
static void
needs_a_keyring(void **state)
{
	struct ran ran;

	(void)state;
	if (lab_has_keyring())
		skip();
	run(&ran, "login", "--profile", "work", NULL);
	ran_expect(&ran, 1);
	ran_complains(&ran, "keyring", "az login", NULL);
	ran_free(&ran);
}

/* Starts a sign-in and waits for its code. */
static void
ask_for_code(struct going *going, const char *profile, char code[16])
{
	const char *at;

	going_start(going, "login", "--device-code", "--profile", profile, "-o", "json", NULL);
	going_wait(going, "is signed in as you.");
	at = strstr(going->said, "/devicelogin\n    ");
	assert_non_null(at);
	at += strlen("/devicelogin\n    ");
	snprintf(code, 16, "%.*s", (int)strcspn(at, "\n"), at);
	assert_int_equal(strlen(code), 9);
}

static void
lists(const char *profile, int code, const char *says)
{
	struct ran ran;

	run(&ran, "account", "list", "--profile", profile, "-o", "json", NULL);
	ran_expect(&ran, code);
	if (code == 0) {
		json_t *list = ran_json(&ran);

		find(list, "name", "aa-payroll");
		json_decref(list);
	} else if (!strstr(ran.err, says)) {
		fail_msg("'%s' is missing in: %s", says, ran.err);
	}
	ran_free(&ran);
}

static void
signs_out(const char *profile, const char *says)
{
	struct ran ran;

	run(&ran, "logout", "--profile", profile, NULL);
	ran_expect(&ran, 0);
	assert_string_equal(ran.out, "");
	ran_complains(&ran, says, NULL);
	ran_free(&ran);
}

static void
signs_in_lists_and_signs_out(void **state)
{
	struct going going;
	char code[16];

	(void)state;
	if (!lab_has_keyring())
		skip();
	lists("work", 4, "claviger login");
	ask_for_code(&going, "work", code);
	assert_non_null(strstr(going.said, lab.tenant));
	assert_non_null(strstr(going.said, "04b07795-8ddb-461a-bbee-02f9e1bf7b46"));
	assert_non_null(strstr(going.said, "offline_access openid"));
	assert_non_null(strstr(going.said, "(15 minutes)"));
	assert_non_null(strstr(going.said, "Nobody asks for one by mail"));
	lab_ctl(&lab, "approve", code);
	going_wait(&going, "\"keptSeconds\"");
	assert_int_equal(going_end(&going, 0), 0);
	assert_non_null(strstr(going.said, "\"user\": \"operator@contoso.example\""));
	assert_non_null(strstr(going.said, "\"cloud\": \"Lab\""));
	lists("work", 0, NULL);
	lists("any", 4, "claviger login");
	signs_out("work", "signed out");
	lists("work", 4, "claviger login");
	signs_out("work", "nobody was signed in");
}

/* Without a tenant the answer tells which it is. */
static void
learns_its_tenant(void **state)
{
	struct going going;
	char code[16];

	(void)state;
	if (!lab_has_keyring())
		skip();
	ask_for_code(&going, "any", code);
	assert_non_null(strstr(going.said, "tenant  organizations"));
	lab_ctl(&lab, "approve", code);
	going_wait(&going, "\"keptSeconds\"");
	assert_int_equal(going_end(&going, 0), 0);
	assert_non_null(strstr(going.said, lab.tenant));
	lists("any", 0, NULL);
	signs_out("any", "signed out");
}

static void
ends_without_a_person(void **state)
{
	struct going going;
	struct ran ran;
	char code[16];

	(void)state;
	if (!lab_has_keyring())
		skip();
	run(&ran, "login", "--profile", "wrong", NULL);
	ran_expect(&ran, 4);
	ran_complains(&ran, "AADSTS90002", NULL);
	ran_free(&ran);
	ask_for_code(&going, "work", code);
	assert_int_equal(going_end(&going, SIGINT), 130);
	ask_for_code(&going, "work", code);
	lab_ctl(&lab, "clock", "+1h");
	going_wait(&going, "expired");
	assert_int_equal(going_end(&going, 0), 4);
	lists("work", 4, "claviger login");
}

/* A refresh token that the service takes back ends the sign-in, and the next call says so. */
static void
ends_when_it_is_taken_back(void **state)
{
	struct going going;
	char code[16];

	(void)state;
	if (!lab_has_keyring())
		skip();
	ask_for_code(&going, "work", code);
	lab_ctl(&lab, "approve", code);
	going_wait(&going, "\"keptSeconds\"");
	assert_int_equal(going_end(&going, 0), 0);
	lab_ctl(&lab, "clock", "+2400h");
	lists("work", 4, "claviger login");
	signs_out("work", "nobody was signed in");
}

static void
options_fit(void **state)
{
	struct ran ran;

	(void)state;
	run(&ran, "login", "--sandbox", NULL);
	ran_expect(&ran, 2);
	ran_free(&ran);
	run(&ran, "logout", "--device-code", NULL);
	ran_expect(&ran, 2);
	ran_free(&ran);
	run(&ran, "login", "now", NULL);
	ran_expect(&ran, 2);
	ran_free(&ran);
}

/* A real token of the sandbox, for the fake az to hand out. */
static void
write_token(const char *file, const char *audience)
{
	struct http *http = got_client(&(struct http_options){.ca_file = lab.ca});
	struct cloud cloud = {.name = "Lab"};
	struct token_ask ask = {.cloud = &cloud, .tenant = lab.tenant, .audience = audience};
	struct credential credential;
	struct token_reply token;
	struct request request;
	struct got got;
	struct err err;

	snprintf(cloud.authority, sizeof cloud.authority, "%s", lab.arm);
	credential_secret(&credential, lab.tenant, lab.client, lab.secret);
	assert_true(credential.kind->build(&credential, &ask, &request, &err));
	got = got_ask(http, &request, NULL, 30000);
	if (!credential_accept(&got.reply, &token, &err))
		fail_msg("%s", err.msg);
	lab_write(&lab, file, 0600, "%.*s", (int)token.token.len, (const char *)token.token.bytes);
	token_reply_free(&token);
	reply_free(&got.reply);
	request_free(&request);
	credential_free(&credential);
	http_free(http);
}

static void
read_back(const char *name, char *out, size_t room)
{
	char path[PATH_MAX + 64];
	struct buf text;
	struct err err;

	buf_init(&text, room - 1);
	snprintf(path, sizeof path, "%s/%s", lab.place.dir, name);
	if (!file_read(path, false, &text, &err))
		fail_msg("%s", err.msg);
	snprintf(out, room, "%s", buf_text(&text));
	buf_free(&text);
}

static void
write_az(const char *answer)
{
	lab_write(&lab, "bin/az", 0755,
		"#!/bin/sh\n"
		"printf '%%s\\n' \"$*\" >>$HOME/asked\n"
		"tr '\\0' '\\n' </proc/$$/environ | sort >$HOME/given\n"
		"case $4 in *.vault.*|*//vault.*) t=vault;; *hsm*) t=hsm;; *) t=arm;; esac\n"
		"%s\n",
		answer);
}

static int
start_az(void **state)
{
	char path[PATH_MAX + 64], audience[160];

	start(state);
	lab_make_dir(&lab, "bin");
	lab_make_dir(&lab, "az");
	snprintf(path, sizeof path, "%s/bin:/usr/bin:/bin", lab.place.dir);
	setenv("PATH", path, 1);
	snprintf(path, sizeof path, "%s/az", lab.place.dir);
	setenv("AZURE_CONFIG_DIR", path, 1);
	setenv("NO_PROXY", "localhost", 1);
	setenv("AZURE_USERNAME", "not-for-az", 1);
	setenv("LD_LIBRARY_PATH", "/nowhere", 1);
	lab_write(&lab, "az/config", 0600, "[cloud]\nname = Lab\n");
	lab_write(&lab, "az/clouds.config", 0600,
		"[Lab]\nendpoint_resource_manager = %s/\nendpoint_active_directory = %s\n"
		"suffix_keyvault_dns = %s\n",
		lab.arm, lab.arm, lab.vault_suffix);
	lab_write(&lab, "az/azureProfile.json", 0600,
		"\xef\xbb\xbf{\"subscriptions\":[{\"id\":\"s\",\"name\":\"Production\",\"state\":"
		"\"Enabled\",\"isDefault\":true,\"tenantId\":\"%s\",\"environmentName\":\"Lab\","
		"\"user\":{\"name\":\"operator@contoso.example\",\"type\":\"user\"}}]}",
		lab.tenant);
	write_token("token-arm", lab.arm);
	snprintf(audience, sizeof audience, "https://%s", lab.vault_suffix + 1);
	write_token("token-vault", audience);
	return 0;
}

static int
stop_az(void **state)
{
	unsetenv("AZURE_CONFIG_DIR");
	unsetenv("AZURE_USERNAME");
	unsetenv("LD_LIBRARY_PATH");
	return stop(state);
}

static void
az_is_asked_as_it_should_be(void **state)
{
	static const char good[] =
		"printf '{\"accessToken\":\"%s\",\"expiresOn\":\"%s\",\"tenant\":\"%s\"}' "
		"\"$(cat $HOME/token-$t)\" \"$(date -d '+1 hour' '+%F %T.000000')\" \"$8\"";
	char asked[4000], given[4000], expected[PATH_MAX * 2 + 400];

	(void)state;
	setenv("AZURE_CLIENT_SECRET", "canary-7f3a", 1);
	setenv("TZ", "LOC-11", 1);
	write_az(good);
	lists("az", 0, NULL);
	unsetenv("AZURE_CLIENT_SECRET");
	unsetenv("TZ");
	read_back("asked", asked, sizeof asked);
	snprintf(expected, sizeof expected,
		"account get-access-token --resource %s --output json --tenant %s\n", lab.arm,
		lab.tenant);
	assert_non_null(strstr(asked, expected));
	assert_null(strstr(asked, "subscription"));
	read_back("given", given, sizeof given);
	snprintf(expected, sizeof expected,
		"AZURE_CONFIG_DIR=%s/az\nHOME=%s\nLANG=C.UTF-8\nLC_ALL=C.UTF-8\n"
		"NO_PROXY=localhost\n"
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nTZ=UTC0\n",
		lab.place.dir, lab.place.dir);
	assert_string_equal(given, expected);
}

static void
az_says_no(void **state)
{
	(void)state;
	write_az("echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1");
	lists("az", 4, "Please run 'az login'");
	write_az("echo 'WARNING: old' >&2; echo 'ERROR: AADSTS50079: second factor' >&2; exit 1");
	lists("az", 4, "AADSTS50079: second factor");
	write_az("echo '<html>'");
	lists("az", 1, "az");
	write_az("exec cat /dev/zero");
	lists("az", 1, "said more than");
	lab_write(&lab, "az/config", 0600, "[cloud]\nname = AzureCloud\n");
	lists("az", 4, "az cloud set --name Lab");
}

/* What comes later in the order is not called missing, and what alone is allowed is named. */
static void
az_is_told_of(void **state)
{
	struct ran ran;
	json_t *root;

	(void)state;
	lab_write(&lab, "az/config", 0600, "[cloud]\nname = Lab\n");
	write_az("echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1");
	setenv("AZURE_TENANT_ID", lab.tenant, 1);
	setenv("AZURE_CLIENT_ID", lab.client, 1);
	setenv("AZURE_CLIENT_SECRET", lab.secret, 1);
	run(&ran, "doctor", "--profile", "all", "-o", "json", NULL);
	root = ran_json(&ran);
	find(root, "text", "az-cli: another one comes first");
	json_decref(root);
	ran_free(&ran);
	run(&ran, "doctor", "--profile", "az", "-o", "json", NULL);
	ran_expect(&ran, 11);
	root = ran_json(&ran);
	assert_string_equal(
		text_at(find(root, "text", "the profile's auth allows only az-cli"), "state"),
		"bad");
	json_decref(root);
	ran_free(&ran);
	unsetenv("AZURE_TENANT_ID");
	unsetenv("AZURE_CLIENT_ID");
	unsetenv("AZURE_CLIENT_SECRET");
}

/* Whoever ends claviger does not wait for az, and leaves none behind. */
static void
az_ends_with_us(void **state)
{
	char path[PATH_MAX + 64], pid[32] = "";
	struct going going;

	(void)state;
	lab_write(&lab, "az/config", 0600, "[cloud]\nname = Lab\n");
	write_az("echo $$ >$HOME/pid.new; mv $HOME/pid.new $HOME/pid; exec sleep 600");
	snprintf(path, sizeof path, "%s/pid", lab.place.dir);
	going_start(&going, "account", "list", "--profile", "az", NULL);
	while (access(path, R_OK) != 0)
		usleep(20000);
	assert_int_equal(going_end(&going, SIGTERM), 75);
	read_back("pid", pid, sizeof pid);
	assert_int_not_equal(kill((pid_t)strtol(pid, NULL, 10), 0), 0);
}

int
main(void)
{
	const struct CMUnitTest people[] = {
		cmocka_unit_test(needs_a_keyring),
		cmocka_unit_test(signs_in_lists_and_signs_out),
		cmocka_unit_test(learns_its_tenant),
		cmocka_unit_test(ends_without_a_person),
		cmocka_unit_test(ends_when_it_is_taken_back),
		cmocka_unit_test(options_fit),
	};
	const struct CMUnitTest az[] = {
		cmocka_unit_test(az_is_asked_as_it_should_be),
		cmocka_unit_test(az_says_no),
		cmocka_unit_test(az_is_told_of),
		cmocka_unit_test(az_ends_with_us),
	};

	secret_init();
	json_init();
	return cmocka_run_group_tests(people, start, stop) +
	       cmocka_run_group_tests(az, start_az, stop_az);
}
