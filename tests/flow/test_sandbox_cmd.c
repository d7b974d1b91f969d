/* The sandbox as a process of its own, doctor, and profiles. */
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
#include <sys/file.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/base/err.h"
#include "tests/fixtures/run.h"

static struct place place;

/* Foreground, joined by another process, ended by SIGTERM. */
static void
foreground(void **state)
{
	struct going going;
	struct ran ran;

	(void)state;
	going_start(&going, "sandbox", "--state", place.dir, "--listen", "127.0.0.1:0", NULL);
	going_wait(&going, "127.0.0.1:");
	run(&ran, place.sandbox, "account", "show", "aa-payroll", "--query", "name", "-o", "tsv",
		NULL);
	ran_expect(&ran, 0);
	assert_string_equal(ran.out, "aa-payroll\n");
	ran_free(&ran);
	run(&ran, "sandbox", "--state", place.dir, NULL);
	ran_expect(&ran, 5);
	ran_complains(&ran, "already", "--sandbox=", NULL);
	ran_free(&ran);
	run(&ran, "sandbox", "ctl", "--state", place.dir, "dump", NULL);
	ran_expect(&ran, 0);
	assert_non_null(strstr(ran.out, "aa-payroll"));
	assert_null(strstr(ran.out, "\"clock\""));
	ran_free(&ran);
	run(&ran, "sandbox", "ctl", "--state", place.dir, "dump", "--raw", NULL);
	ran_expect(&ran, 0);
	assert_non_null(strstr(ran.out, "\"clock\""));
	ran_free(&ran);
	run(&ran, "sandbox", "ctl", "--state", place.dir, "approve", "--raw", "CODE", NULL);
	ran_expect(&ran, 2);
	ran_free(&ran);
	run(&ran, "sandbox", "ctl", "--state", place.dir, "fault", "a=drop", "b=drop", NULL);
	ran_expect(&ran, 2);
	ran_complains(&ran, "one SPEC at a time", NULL);
	ran_free(&ran);
	run(&ran, "sandbox", "ctl", "--state", place.dir, "nonsense", NULL);
	ran_expect(&ran, 2);
	ran_free(&ran);
	assert_int_equal(going_end(&going, SIGTERM), 0);
	run(&ran, "sandbox", "ctl", "--state", place.dir, "dump", NULL);
	ran_expect(&ran, 3);
	ran_free(&ran);
}

/* These lines in this order, and nothing else. */
static void
expect_block(const char *block, const char *const *names, size_t len)
{
	char start[64];

	for (size_t i = 0; i < len; i++) {
		snprintf(start, sizeof start, "export %s='", names[i]);
		if (strncmp(block, start, strlen(start)) != 0)
			fail_msg("not %s but: %s", names[i], block);
		block += strlen(start);
		assert_true(strcspn(block, "'\n") > 0);
		block += strcspn(block, "'\n");
		assert_int_equal(strncmp(block, "'\n", 2), 0);
		block += 2;
	}
	assert_string_equal(block, "");
}

/* Ended when it has given back the lock: the endpoint is gone before that. */
static void
end_detached(pid_t pid)
{
	char path[PATH_MAX + 16];
	bool ended = false;
	int fd;

	snprintf(path, sizeof path, "%s/lock", place.dir);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_not_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(kill(pid, SIGTERM), 0);
	for (int i = 0; i < 600 && !(ended = flock(fd, LOCK_EX | LOCK_NB) == 0); i++)
		usleep(50000);
	close(fd);
	assert_true(ended);
	snprintf(path, sizeof path, "%s/endpoint", place.dir);
	assert_int_not_equal(access(path, F_OK), 0);
}

/* --detach comes back at once with the block; the child goes on serving. */
static void
detached(void **state)
{
	static const char *const names[] = {"CLAVIGER_LISTEN", "CLAVIGER_ARM", "CLAVIGER_AUTHORITY",
		"CLAVIGER_GRAPH", "CLAVIGER_VAULT_SUFFIX", "CLAVIGER_HSM_SUFFIX",
		"CLAVIGER_BLOB_SUFFIX", "CLAVIGER_CA", "CLAVIGER_SUBSCRIPTION", "CLAVIGER_TENANT",
		"CLAVIGER_CLIENT_ID", "CLAVIGER_SANDBOX_PID", "CLAVIGER_CLIENT_SECRET"};
	char value[4096];
	struct ran ran;
	int left_open[2];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(left_open, O_NONBLOCK), 0);
	run(&ran, "sandbox", "--state", place.dir, "--listen", "127.0.0.1:0", "--print-env",
		"--detach", NULL);
	close(left_open[1]);
	assert_int_equal(read(left_open[0], value, 1), 0);
	close(left_open[0]);
	ran_expect(&ran, 0);
	expect_block(ran.out, names, ARRAY_LEN(names));
	env_value(ran.out, "CLAVIGER_CA", value, sizeof value);
	assert_int_equal(access(value, R_OK), 0);
	env_value(ran.out, "CLAVIGER_SANDBOX_PID", value, sizeof value);
	pid = (pid_t)strtol(value, NULL, 10);
	assert_true(pid > 1);
	assert_int_equal(kill(pid, 0), 0);
	ran_free(&ran);
	run(&ran, place.sandbox, "account", "list", "-o", "none", NULL);
	ran_expect(&ran, 0);
	ran_free(&ran);
	end_detached(pid);
}

/* What cannot be opened says why, with --detach too. */
static void
bad_start(void **state)
{
	struct ran ran;

	(void)state;
	run(&ran, "sandbox", "--state", "/dev/null/no/such", "--detach", NULL);
	assert_int_not_equal(ran.code, 0);
	ran_complains(&ran, "/dev/null", NULL);
	ran_free(&ran);
	run(&ran, "sandbox", "--state", place.dir, "--listen", "0.0.0.0:1", NULL);
	ran_expect(&ran, 2);
	ran_free(&ran);
	run(&ran, "sandbox", "--state", place.dir, "--seed", "nonsense", NULL);
	ran_expect(&ran, 2);
	ran_free(&ran);
}

/* The names of a cloud and the proxy that leads them here; a signal ends both. */
static void
cloud_names(void **state)
{
	char value[4096];
	struct ran ran;
	pid_t pid;

	(void)state;
	run(&ran, "sandbox", "--state", place.dir, "--names", "public", "--lro", "1", "--throttle",
		"--print-env", "--detach", NULL);
	ran_expect(&ran, 0);
	env_value(ran.out, "CLAVIGER_ARM", value, sizeof value);
	assert_string_equal(value, "https://management.azure.com");
	env_value(ran.out, "CLAVIGER_VAULT_SUFFIX", value, sizeof value);
	assert_string_equal(value, ".vault.azure.net");
	env_value(ran.out, "CLAVIGER_PROXY", value, sizeof value);
	assert_int_equal(strncmp(value, "http://127.0.0.1:", 17), 0);
	env_value(ran.out, "CLAVIGER_SANDBOX_PID", value, sizeof value);
	pid = (pid_t)strtol(value, NULL, 10);
	assert_true(pid > 1);
	ran_free(&ran);
	end_detached(pid);
}

/* Words that are wrong are said before anything is opened. */
static void
wrong_words(void **state)
{
	struct ran ran;

	(void)state;
	run(&ran, "sandbox", "--state", place.dir, "--names", "mars", NULL);
	ran_expect(&ran, 2);
	ran_complains(&ran, "mars", "local, public, china or usgov", NULL);
	ran_free(&ran);
	run(&ran, "sandbox", "--state", place.dir, "--lro", "soon", NULL);
	ran_expect(&ran, 2);
	ran_complains(&ran, "soon", "seconds from 0 to 86400", NULL);
	ran_free(&ran);
	run(&ran, "sandbox", "--state", place.dir, "--fault", "x=explode", NULL);
	ran_expect(&ran, 2);
	ran_complains(&ran, "claviger help sandbox", "PATTERN=ACTION", NULL);
	ran_free(&ran);
	run(&ran, "sandbox", "--state", place.dir, "--print-env", NULL);
	ran_expect(&ran, 2);
	ran_complains(&ran, "--print-env", "--listen 127.0.0.1:0", NULL);
	ran_free(&ran);
	run(&ran, "account", "list", "--throttle", NULL);
	ran_expect(&ran, 2);
	ran_complains(&ran, "--sandbox", NULL);
	ran_free(&ran);
}

static void
doctor(void **state)
{
	struct ran ran;
	json_t *root, *row;
	size_t i;

	(void)state;
	run(&ran, place.sandbox, "doctor", "-o", "json", NULL);
	ran_expect(&ran, 0);
	root = ran_json(&ran);
	json_array_foreach(root, i, row)
	{
		assert_string_equal(text_at(row, "state"), "ok");
		assert_true(strlen(text_at(row, "text")) > 0);
	}
	find(root, "check", "clock");
	find(root, "check", "libraries");
	json_decref(root);
	ran_free(&ran);
	run(&ran, "doctor", "-o", "json", NULL);
	ran_expect(&ran, 11);
	root = ran_json(&ran);
	row = find(root, "state", "bad");
	assert_string_equal(text_at(row, "check"), "credential");
	assert_non_null(strstr(text_at(row, "fix"), "AZURE_CLIENT_ID"));
	row = find(root, "check", "cloud");
	assert_non_null(strstr(text_at(row, "text"), "https://management.azure.com"));
	assert_string_equal(text_at(find(root, "check", "tenant"), "text"), "the credential's");
	json_decref(root);
	ran_free(&ran);
}

static void
profiles(void **state)
{
	struct ran ran;

	(void)state;
	run(&ran, "profile", "list", "-o", "json", NULL);
	ran_expect(&ran, 0);
	assert_string_equal(ran.out, "[]\n");
	ran_free(&ran);
}

/* What profiles say comes back in `profile list` and in doctor's rows. */
static void
profiles_told(void **state)
{
	char path[PATH_MAX + 32], source[PATH_MAX + 40];
	struct place own;
	struct ran ran;
	json_t *root, *row;
	FILE *file;

	(void)state;
	place_make(&own);
	snprintf(path, sizeof path, "%s/claviger", own.dir);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof path, "%s/claviger/config", own.dir);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs("[profile default]\nread-only = yes\n[profile prod-cn]\ncloud = AzureChinaCloud\n"
	      "tenant = a.example, b.example\nauth = az-cli\n",
		file);
	assert_int_equal(fclose(file), 0);
	setenv("XDG_CONFIG_HOME", own.dir, 1);
	setenv("HTTPS_PROXY", "http://me:hunter2@proxy.example:3128", 1);
	setenv("no_proxy", "example, .chinacloudapi.cn", 1);
	run(&ran, "profile", "list", "-o", "json", NULL);
	ran_expect(&ran, 0);
	root = ran_json(&ran);
	assert_true(json_is_true(value_at(root, "0.default")));
	assert_true(json_is_true(value_at(root, "0.readOnly")));
	assert_true(json_is_null(value_at(root, "0.tenant")));
	assert_string_equal(text_at(root, "0.auth"), "auto");
	assert_string_equal(text_at(root, "1.name"), "prod-cn");
	assert_string_equal(text_at(root, "1.cloud"), "AzureChinaCloud");
	assert_string_equal(text_at(root, "1.tenant"), "a.example");
	assert_string_equal(text_at(root, "1.otherTenants.0"), "b.example");
	assert_string_equal(text_at(root, "1.banner"), "PRODUCTION");
	assert_true(json_is_false(value_at(root, "1.default")));
	snprintf(source, sizeof source, "%s:3", path);
	assert_string_equal(text_at(root, "1.source"), source);
	json_decref(root);
	ran_free(&ran);
	run(&ran, "doctor", "--profile", "prod-cn", "-o", "json", NULL);
	root = ran_json(&ran);
	row = find(root, "check", "profile");
	assert_non_null(strstr(text_at(row, "text"), "banner PRODUCTION"));
	row = find(root, "check", "tenant");
	assert_string_equal(text_at(row, "text"), "a.example, b.example");
	row = find(root, "text", "https://login.chinacloudapi.cn: none, by no_proxy");
	assert_string_equal(text_at(row, "check"), "proxy");
	find(root, "text", ".vault.azure.cn: proxy.example:3128, by HTTPS_PROXY");
	assert_null(strstr(ran.out, "hunter2"));
	json_decref(root);
	ran_free(&ran);
	run(&ran, "account", "list", "--profile", "nobody", NULL);
	ran_expect(&ran, 2);
	ran_complains(&ran, "no profile nobody", "there are default, prod-cn", NULL);
	ran_free(&ran);
	unsetenv("HTTPS_PROXY");
	unsetenv("no_proxy");
	unsetenv("XDG_CONFIG_HOME");
	place_remove(&own);
}

/* What only the console would find out later is told as well. */
static void
a_profile_with_no_such_theme(void **state)
{
	char path[PATH_MAX + 32], source[PATH_MAX + 40];
	struct place own;
	struct ran ran;
	FILE *file;

	(void)state;
	place_make(&own);
	snprintf(path, sizeof path, "%s/claviger", own.dir);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof path, "%s/claviger/config", own.dir);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs("[profile a]\ntheme = light\n[profile b]\ntheme = nosuch\n", file);
	assert_int_equal(fclose(file), 0);
	setenv("XDG_CONFIG_HOME", own.dir, 1);
	snprintf(source, sizeof source, "%s:3:", path);
	run(&ran, "profile", "list", NULL);
	ran_expect(&ran, 2);
	ran_complains(&ran, source, "profile b: theme: no theme", "there are", NULL);
	ran_free(&ran);
	unsetenv("XDG_CONFIG_HOME");
	place_remove(&own);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(foreground),
		cmocka_unit_test(detached),
		cmocka_unit_test(bad_start),
		cmocka_unit_test(cloud_names),
		cmocka_unit_test(wrong_words),
		cmocka_unit_test(doctor),
		cmocka_unit_test(profiles),
		cmocka_unit_test(profiles_told),
		cmocka_unit_test(a_profile_with_no_such_theme),
	};
	int failed;

	place_make(&place);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	place_remove(&place);
	return failed;
}
