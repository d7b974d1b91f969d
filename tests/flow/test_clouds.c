/* The program under the real names of each cloud, with nothing told of a sandbox: a profile that
 * names the cloud, a CA file and the proxy, credentials in the environment. What leads it to the
 * sandbox is the proxy alone, so that its own table of clouds and every URL it writes are put to
 * the test. */
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

#include "tests/flow/run.h"

static struct place place;
static pid_t server;

static void
pass_on(const char *block, const char *from, const char *to)
{
	char value[4096];

	env_value(block, from, value, sizeof value);
	setenv(to, value, 1);
}

static void
write_profile(const char *block, const char *cloud)
{
	char path[PATH_MAX + 64], ca[4096], proxy[128];
	FILE *file;

	env_value(block, "CLAVIGER_CA", ca, sizeof ca);
	env_value(block, "CLAVIGER_PROXY", proxy, sizeof proxy);
	snprintf(path, sizeof path, "%s/claviger", place.dir);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof path, "%s/claviger/config", place.dir);
	setenv("XDG_CONFIG_HOME", place.dir, 1);
	setenv("XDG_STATE_HOME", place.dir, 1);
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "[profile wire]\ncloud = %s\nca-file = %s\nproxy = %s\n", cloud, ca, proxy);
	assert_int_equal(fclose(file), 0);
}

/* Serves under the names of a cloud, and readies the environment for its clients. */
static void
start(const char *names, const char *cloud)
{
	char pid[16];
	struct ran ran;

	place_make(&place);
	run(&ran, "sandbox", "--state", place.dir, "--names", names, "--print-env", "--detach",
		NULL);
	ran_expect(&ran, 0);
	write_profile(ran.out, cloud);
	pass_on(ran.out, "CLAVIGER_TENANT", "AZURE_TENANT_ID");
	pass_on(ran.out, "CLAVIGER_CLIENT_ID", "AZURE_CLIENT_ID");
	pass_on(ran.out, "CLAVIGER_CLIENT_SECRET", "AZURE_CLIENT_SECRET");
	env_value(ran.out, "CLAVIGER_SANDBOX_PID", pid, sizeof pid);
	server = (pid_t)strtol(pid, NULL, 10);
	ran_free(&ran);
}

static void
stop(void)
{
	unsetenv("AZURE_TENANT_ID");
	unsetenv("AZURE_CLIENT_ID");
	unsetenv("AZURE_CLIENT_SECRET");
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("XDG_STATE_HOME");
	assert_int_equal(kill(server, SIGTERM), 0);
	for (int i = 0; i < 100 && kill(server, 0) == 0; i++)
		usleep(50000);
	place_remove(&place);
}

/* The main job, from the first list to the switch that was read back. */
static void
onboards(const char *names, const char *cloud, const char *vault_uri)
{
	struct ran ran;
	json_t *root;

	start(names, cloud);
	run(&ran, "--profile", "wire", "onboard", "aa-payroll", "--vault", "kv-payroll", "--key",
		"cmk-payroll", "--yes", "-o", "json", NULL);
	ran_expect(&ran, 0);
	root = ran_json(&ran);
	assert_string_equal(text_at(root, "state"), "done");
	json_decref(root);
	ran_free(&ran);
	run(&ran, "--profile", "wire", "account", "show", "aa-payroll", "-o", "json", NULL);
	ran_expect(&ran, 0);
	root = ran_json(&ran);
	assert_string_equal(text_at(root, "keySource"), "customer");
	assert_string_equal(text_at(root, "vaultUri"), vault_uri);
	json_decref(root);
	ran_free(&ran);
	stop();
}

static void
public_cloud(void **state)
{
	(void)state;
	onboards("public", "AzureCloud", "https://kv-payroll.vault.azure.net/");
}

static void
china(void **state)
{
	(void)state;
	onboards("china", "AzureChinaCloud", "https://kv-payroll.vault.azure.cn/");
}

static void
us_government(void **state)
{
	(void)state;
	onboards("usgov", "AzureUSGovernment", "https://kv-payroll.vault.usgovcloudapi.net/");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(public_cloud),
		cmocka_unit_test(china),
		cmocka_unit_test(us_government),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
