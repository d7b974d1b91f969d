/* The program under the real names of each cloud, with nothing told of a sandbox: a profile that
 * names the cloud, a CA file and the proxy, credentials in the environment. What leads it to the
 * sandbox is the proxy alone, so that its own table of clouds and every URL it writes are put to
 * the test. Then under the names of a cloud of one's own, and with two tenants in one profile. */
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

#include "tests/fixtures/run.h"

static struct place place;
static pid_t server;

static void
pass_on(const char *block, const char *from, const char *to)
{
	char value[4096];

	env_value(block, from, value, sizeof value);
	setenv(to, value, 1);
}

/* The configuration, with the profile "wire" begun; the caller adds to it and closes it. */
static FILE *
write_profile(const char *block, const char *cloud)
{
	char path[PATH_MAX + 64], ca[4096];
	FILE *file;

	env_value(block, "CLAVIGER_CA", ca, sizeof ca);
	snprintf(path, sizeof path, "%s/claviger", place.dir);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof path, "%s/claviger/config", place.dir);
	setenv("XDG_CONFIG_HOME", place.dir, 1);
	setenv("XDG_STATE_HOME", place.dir, 1);
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "[profile wire]\ncloud = %s\nca-file = %s\n", cloud, ca);
	return file;
}

/* What a client needs of the block: the environment, and who serves. */
static void
ready(const char *block)
{
	char pid[16];

	pass_on(block, "CLAVIGER_TENANT", "AZURE_TENANT_ID");
	pass_on(block, "CLAVIGER_CLIENT_ID", "AZURE_CLIENT_ID");
	pass_on(block, "CLAVIGER_CLIENT_SECRET", "AZURE_CLIENT_SECRET");
	env_value(block, "CLAVIGER_SANDBOX_PID", pid, sizeof pid);
	server = (pid_t)strtol(pid, NULL, 10);
}

/* Serves under the names of a cloud; more: further lines of the profile. */
static void
start(const char *names, const char *cloud, const char *more)
{
	char proxy[128];
	struct ran ran;
	FILE *file;

	place_seed(&place);
	run(&ran, "sandbox", "--state", place.dir, "--names", names, "--print-env", "--detach",
		NULL);
	ran_expect(&ran, 0);
	file = write_profile(ran.out, cloud);
	env_value(ran.out, "CLAVIGER_PROXY", proxy, sizeof proxy);
	fprintf(file, "proxy = %s\n%s", proxy, more);
	assert_int_equal(fclose(file), 0);
	ready(ran.out);
	ran_free(&ran);
}

/* Serves under names that only this machine knows, which a section of the configuration tells. */
static void
start_custom(void)
{
	static const char *const keys[][2] = {{"CLAVIGER_ARM", "arm"},
		{"CLAVIGER_AUTHORITY", "authority"}, {"CLAVIGER_VAULT_SUFFIX", "vault-suffix"},
		{"CLAVIGER_HSM_SUFFIX", "hsm-suffix"}, {"CLAVIGER_GRAPH", "graph"}};
	char value[128];
	struct ran ran;
	FILE *file;

	place_seed(&place);
	run(&ran, "sandbox", "--state", place.dir, "--listen", "127.0.0.1:0", "--print-env",
		"--detach", NULL);
	ran_expect(&ran, 0);
	file = write_profile(ran.out, "Cellar");
	fputs("[cloud Cellar]\n", file);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		env_value(ran.out, keys[i][0], value, sizeof value);
		fprintf(file, "%s = %s\n", keys[i][1], value);
	}
	env_value(ran.out, "CLAVIGER_BLOB_SUFFIX", value, sizeof value);
	fprintf(file, "storage-suffix = %s\n", value + strlen(".blob."));
	assert_int_equal(fclose(file), 0);
	ready(ran.out);
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

/* A key of another cloud is refused by its name, wherever one can be given. */
static void
refuses(const char *cloud, const char *host, const char *what)
{
	char vault[128], key[160], says[160];
	struct ran ran;

	snprintf(vault, sizeof vault, "https://%s/", host);
	snprintf(key, sizeof key, "https://%s/keys/cmk-payroll", host);
	snprintf(says, sizeof says, "%s is a %s; the profile's cloud is %s", host, what, cloud);
	const char *const calls[][8] = {
		{"onboard", "aa-payroll", "--key", key, "--yes", "-o", "none"},
		{"onboard", "aa-payroll", "--key", "cmk-payroll", "--vault", vault, "--dry-run"},
		{"key", "show", key},
		{"prove", key},
		{"vault", "show", vault},
	};

	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		const char *words[11] = {"--profile", "wire"};

		memcpy(words + 2, calls[i], sizeof calls[i]);
		run_words(&ran, words, NULL);
		ran_expect(&ran, 2);
		ran_complains(&ran, says, NULL);
		ran_free(&ran);
	}
}

static void
lists(void)
{
	struct ran ran;
	json_t *root;

	run(&ran, "--profile", "wire", "account", "list", "-o", "json", NULL);
	ran_expect(&ran, 0);
	root = ran_json(&ran);
	assert_int_equal(json_array_size(root), 8);
	find(root, "name", "starchive01");
	json_decref(root);
	ran_free(&ran);
}

/* The main job, from the first list to the switch that was read back. */
static void
onboards(const char *vault_uri)
{
	struct ran ran;
	json_t *root;

	lists();
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
	start("public", "AzureCloud", "");
	refuses("AzureCloud", "kv-payroll.vault.azure.cn", "vault of AzureChinaCloud");
	refuses("AzureCloud", "hsm-core.managedhsm.usgovcloudapi.net",
		"Managed HSM of AzureUSGovernment");
	onboards("https://kv-payroll.vault.azure.net/");
}

static void
china(void **state)
{
	(void)state;
	start("china", "AzureChinaCloud", "");
	refuses("AzureChinaCloud", "kv-payroll.vault.azure.net", "vault of AzureCloud");
	onboards("https://kv-payroll.vault.azure.cn/");
}

static void
us_government(void **state)
{
	(void)state;
	start("usgov", "AzureUSGovernment", "");
	refuses("AzureUSGovernment", "kv-payroll.vault.azure.net", "vault of AzureCloud");
	onboards("https://kv-payroll.vault.usgovcloudapi.net/");
}

static void
custom_cloud(void **state)
{
	char suffix[128] = "", uri[192];
	struct ran ran;
	json_t *root;

	(void)state;
	start_custom();
	run(&ran, "doctor", "--profile", "wire", "-o", "json", NULL);
	root = ran_json(&ran);
	sscanf(strstr(text_at(find(root, "check", "cloud"), "text"), ".vault."), "%127[^,]",
		suffix);
	assert_non_null(strstr(text_at(find(root, "check", "cloud"), "text"), "Cellar"));
	json_decref(root);
	ran_free(&ran);
	refuses("Cellar", "kv-payroll.vault.azure.net", "vault of AzureCloud");
	snprintf(uri, sizeof uri, "https://kv-payroll%s/", suffix);
	onboards(uri);
}

/* The client that is at home in one tenant and a guest in the other sees the vaults of both, with a
 * token of each. A tenant that does not know it may have subscriptions: the list is not whole, and
 * says so, unless those that were asked for are all there. */
static void
two_tenants(void **state)
{
	static const char more[] = "tenant = 7c3f1a52-0d4e-4b86-9a61-2e5d8f4b9c01,\n"
				   "\tb2d0c7e4-6f19-4a3c-8d52-91e7a0f3c602\n";
	char path[PATH_MAX + 32], secret[128] = "";
	struct ran ran;
	json_t *root;
	FILE *file;

	(void)state;
	start("public", "AzureCloud", more);
	run(&ran, "--profile", "wire", "vault", "list", "-o", "json", NULL);
	ran_expect(&ran, 4);
	assert_non_null(strstr(ran.err, "subscriptions of tenant b2d0c7e4"));
	root = ran_json(&ran);
	find(root, "name", "kv-payroll");
	json_decref(root);
	ran_free(&ran);
	run(&ran, "--profile", "wire", "--subscription", "Production", "vault", "list", "-o",
		"json", NULL);
	ran_expect(&ran, 0);
	assert_non_null(strstr(ran.err, "subscriptions of tenant b2d0c7e4"));
	root = ran_json(&ran);
	find(root, "name", "kv-payroll");
	json_decref(root);
	ran_free(&ran);
	run(&ran, "--profile", "wire", "doctor", "-o", "json", NULL);
	ran_expect(&ran, 11);
	root = ran_json(&ran);
	assert_string_equal(text_at(find(root, "state", "bad"), "check"), "service");
	assert_non_null(strstr(text_at(find(root, "state", "bad"), "text"), "tenant b2d0c7e4"));
	json_decref(root);
	ran_free(&ran);
	snprintf(path, sizeof path, "%s/secret.reader", place.dir);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_non_null(fgets(secret, sizeof secret, file));
	secret[strcspn(secret, "\n")] = '\0';
	fclose(file);
	setenv("AZURE_CLIENT_ID", "d6b92f41-5c8d-4ea3-9f17-e4da02c38508", 1);
	setenv("AZURE_CLIENT_SECRET", secret, 1);
	run(&ran, "--profile", "wire", "vault", "list", "-o", "json", NULL);
	ran_expect(&ran, 0);
	root = ran_json(&ran);
	find(root, "name", "kv-payroll");
	find(root, "name", "kv-fabrikam");
	json_decref(root);
	ran_free(&ran);
	run(&ran, "--profile", "wire", "key", "show", "kv-fabrikam/cmk-fabrikam", "-o", "json",
		NULL);
	ran_expect(&ran, 0);
	ran_free(&ran);
	run(&ran, "--profile", "wire", "--subscription", "Fabrikam", "vault", "list", "-o", "json",
		NULL);
	ran_expect(&ran, 0);
	root = ran_json(&ran);
	assert_int_equal(json_array_size(root), 1);
	json_decref(root);
	ran_free(&ran);
	stop();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(public_cloud),
		cmocka_unit_test(china),
		cmocka_unit_test(us_government),
		cmocka_unit_test(custom_cloud),
		cmocka_unit_test(two_tenants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
