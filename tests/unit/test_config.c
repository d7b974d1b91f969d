/* Profiles and clouds, and one error with its line for each thing that can be wrong. */
#include "backend/config/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/auth/credential.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"

#define GUID "00000000-0000-0000-0000-000000000001"

static char folder[64], path[128];

static int
set_up(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/claviger-test-config-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/config", folder);
	setenv("HOME", folder, 1);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	file_remove_tree(folder);
	return 0;
}

static void
write_config(const char *text, size_t len)
{
	struct err err;

	assert_true(file_write(path, text, len, &err));
}

static bool
read_text(const char *text, const char *name, struct profile *out, struct err *err)
{
	write_config(text, strlen(text));
	return config_read(path, name, out, err);
}

static const char whole[] = "\xef\xbb\xbf# a comment\r\n"
			    "[profile work]\r\n"
			    "cloud = mine\r\n"
			    "tenant = contoso.example ; inline\r\n"
			    "subscriptions = " GUID ", 00000000-0000-0000-0000-000000000002\n"
			    "\t00000000-0000-0000-0000-000000000003,\n"
			    "  00000000-0000-0000-0000-000000000004\n"
			    "auth = client-secret\n"
			    "client-id = " GUID "\n"
			    "read-only = yes\n"
			    "colour = never\n"
			    "theme = mono\n"
			    "proxy = http://proxy.example:3128\n"
			    "ca-file = /etc/ssl/own.pem\n"
			    "connect-to = 127.0.0.1:8443\n"
			    "[cloud mine]\n"
			    "arm-audience = https://management.contoso.onmicrosoft.com/4d1e/\n"
			    "arm = https://arm.local:8443/\n"
			    "authority = https://login.local\n"
			    "vault-suffix = vault.local:8443\n"
			    "hsm-suffix = .hsm.local\n"
			    "storage-suffix = .core.local\n"
			    "graph = https://graph.local\n"
			    "[profile default]\n"
			    "[profile china]\n"
			    "cloud=azurechinacloud";

static void
test_whole_profile(void **state)
{
	char source[200];
	struct profile p;
	struct err err;

	(void)state;
	assert_true(read_text(whole, "work", &p, &err));
	assert_string_equal(p.name, "work");
	assert_string_equal(p.tenant, "contoso.example");
	assert_int_equal(p.other_tenants_len, 0);
	assert_int_equal(p.subscriptions_len, 4);
	assert_string_equal(p.subscriptions[0], GUID);
	assert_string_equal(p.subscriptions[3], "00000000-0000-0000-0000-000000000004");
	assert_string_equal(p.client_id, GUID);
	assert_true(p.read_only);
	assert_string_equal(p.colour, "never");
	assert_string_equal(p.theme, "mono");
	assert_string_equal(p.proxy, "http://proxy.example:3128");
	assert_string_equal(p.ca_file, "/etc/ssl/own.pem");
	assert_string_equal(p.connect_to, "127.0.0.1:8443");
	assert_string_equal(p.cloud.name, "mine");
	assert_string_equal(p.cloud.arm, "https://arm.local:8443");
	assert_string_equal(
		p.cloud.arm_audience, "https://management.contoso.onmicrosoft.com/4d1e/");
	assert_string_equal(p.cloud.authority, "https://login.local");
	assert_string_equal(p.cloud.vault_suffix, ".vault.local:8443");
	assert_string_equal(p.cloud.vault_audience, "https://vault.local:8443");
	assert_string_equal(p.cloud.hsm_suffix, ".hsm.local");
	assert_string_equal(p.cloud.hsm_audience, "https://hsm.local");
	assert_string_equal(p.cloud.blob_suffix, ".blob.core.local");
	assert_string_equal(p.cloud.storage_audience, "https://storage.azure.com/");
	assert_string_equal(p.cloud.graph, "https://graph.local");
	assert_string_equal(p.banner, "");
	snprintf(source, sizeof source, "%s:2", path);
	assert_string_equal(p.source, source);
	assert_true(config_read(path, NULL, &p, &err));
	assert_string_equal(p.name, "default");
	assert_string_equal(p.cloud.name, "AzureCloud");
	assert_true(config_read(path, "china", &p, &err));
	assert_string_equal(p.cloud.name, "AzureChinaCloud");
	assert_false(config_read(path, "nope", &p, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.msg, "nope"));
	assert_non_null(strstr(err.msg, "work, default, china"));
}

static void
test_tenants(void **state)
{
	char text[600] = "[profile a]\ntenant = home.example, " GUID "\n\tthird.example\n";
	struct profile p;
	struct err err;

	(void)state;
	assert_true(read_text(text, "a", &p, &err));
	assert_string_equal(p.tenant, "home.example");
	assert_int_equal(p.other_tenants_len, 2);
	assert_string_equal(p.other_tenants[0], GUID);
	assert_string_equal(p.other_tenants[1], "third.example");
	for (int i = 0; i < PROFILE_TENANTS - 2; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), "\tt%d.example\n", i);
	assert_true(read_text(text, "a", &p, &err));
	assert_int_equal(p.other_tenants_len, PROFILE_TENANTS);
	snprintf(text + strlen(text), sizeof text - strlen(text), "\tone.more\n");
	assert_false(read_text(text, "a", &p, &err));
	assert_non_null(strstr(err.msg, "more than 17 tenants"));
}

static void
test_banner(void **state)
{
	static const char text[] = "[profile prod-eu]\n[profile PRODUCTION]\nbanner = none\n"
				   "[profile lab]\nbanner = LAB, not yours\n"
				   "[profile prod]\nbanner = LIVE\n[profile reprod]\n";
	static const char *const expected[][2] = {{"prod-eu", "PRODUCTION"}, {"PRODUCTION", ""},
		{"lab", "LAB, not yours"}, {"prod", "LIVE"}, {"reprod", ""}};
	struct profile p;
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
		assert_true(read_text(text, expected[i][0], &p, &err));
		assert_string_equal(p.banner, expected[i][1]);
	}
}

/* The names are written down twice, because config may not know of sign-in: here they meet. */
static void
test_auth_names(void **state)
{
	char text[100];
	struct profile p;
	struct err err;

	(void)state;
	for (size_t i = 0; i < credential_kinds_len; i++) {
		snprintf(text, sizeof text, "[profile a]\nauth = %s\n", credential_kinds[i]->name);
		assert_true(read_text(text, "a", &p, &err));
		assert_string_equal(p.auth, credential_kinds[i]->name);
	}
	assert_string_equal(config_auth_names[0], "auto");
	for (size_t i = 1; config_auth_names[i]; i++)
		if (credential_kind_find(config_auth_names[i]) == NULL)
			fail_msg("auth = %s is no kind of credential", config_auth_names[i]);
}

static void
count(void *user, const struct profile *profile, bool is_default)
{
	char *names = user;

	names[strlen(names)] = profile->name[0];
	if (is_default)
		names[strlen(names)] = '!';
}

static void
put_az(const char *name, const char *text)
{
	char dir[200], file[260];
	struct err err;

	snprintf(dir, sizeof dir, "%s/az", folder);
	assert_true(file_private_dir(dir, &err));
	snprintf(file, sizeof file, "%s/%s", dir, name);
	assert_true(file_write(file, text, strlen(text), &err));
	setenv("AZURE_CONFIG_DIR", dir, 1);
}

/* The Azure CLI's cloud and tenant, where nothing of ours says otherwise. */
static void
test_az(void **state)
{
	static const char subscriptions[] =
		"\xef\xbb\xbf{\"subscriptions\":[{\"id\":\"" GUID "\",\"name\":\"P\","
		"\"state\":\"Enabled\",\"user\":{\"name\":\"ops@contoso.example\"},"
		"\"isDefault\":true,\"tenantId\":\"00000000-0000-0000-0000-00000000000f\","
		"\"environmentName\":\"AzureChinaCloud\"}]}";
	static const char section[] = "[profile az]\n";
	char names[100] = "", dir[200], file[260];
	struct profile p;
	struct err err;

	(void)state;
	setenv("XDG_CONFIG_HOME", folder, 1);
	put_az("config", "[cloud]\nname = AzureChinaCloud\n");
	put_az("azureProfile.json", subscriptions);
	assert_true(config_read(NULL, NULL, &p, &err));
	assert_string_equal(p.name, "az");
	assert_string_equal(p.cloud.name, "AzureChinaCloud");
	assert_string_equal(p.tenant, "00000000-0000-0000-0000-00000000000f");
	assert_int_equal(p.subscriptions_len, 0);
	assert_non_null(strstr(p.source, "Azure CLI"));
	assert_true(config_read(NULL, "az", &p, &err));
	assert_true(config_list(NULL, count, names, &err));
	assert_string_equal(names, "a!");
	/* A section of that name does not become the default. */
	snprintf(dir, sizeof dir, "%s/claviger", folder);
	assert_true(file_private_dir(dir, &err));
	snprintf(file, sizeof file, "%s/config", dir);
	assert_true(file_write(file, section, sizeof section - 1, &err));
	memset(names, 0, sizeof names);
	assert_true(config_list(NULL, count, names, &err));
	assert_string_equal(names, "aa!");
	file_remove_tree(dir);
	setenv("AZURE_TENANT_ID", GUID, 1);
	assert_true(config_read(NULL, NULL, &p, &err));
	assert_string_equal(p.tenant, "");
	unsetenv("AZURE_TENANT_ID");
	put_az("azureProfile.json", "{");
	assert_false(config_read(NULL, NULL, &p, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.msg, "azureProfile.json"));
	assert_true(read_text("[profile default]\n", NULL, &p, &err));
	assert_string_equal(p.name, "default");
	unsetenv("AZURE_CONFIG_DIR");
}

static void
test_list_and_missing(void **state)
{
	char names[100] = "", missing[200];
	struct profile p;
	struct err err;

	(void)state;
	assert_true(read_text("[profile a]\n[profile b]\n", "b", &p, &err));
	assert_true(config_list(path, count, names, &err));
	assert_string_equal(names, "ab");
	memset(names, 0, sizeof names);
	assert_true(read_text("[profile a]\n[profile default]\n", "a", &p, &err));
	assert_true(config_list(path, count, names, &err));
	assert_string_equal(names, "ad!");
	assert_true(config_read(path, NULL, &p, &err));
	assert_string_equal(p.name, "default");
	snprintf(missing, sizeof missing, "%s/none", folder);
	assert_false(config_read(missing, NULL, &p, &err));
	assert_non_null(strstr(err.msg, missing));
	assert_false(config_read(folder, NULL, &p, &err));
	setenv("XDG_CONFIG_HOME", missing, 1);
	memset(names, 0, sizeof names);
	assert_true(config_list(NULL, count, names, &err));
	assert_string_equal(names, "");
	assert_true(config_read(NULL, NULL, &p, &err));
	assert_true(config_read(NULL, "default", &p, &err));
	assert_false(config_read(NULL, "other", &p, &err));
	assert_int_equal(err.kind, ERR_USAGE);
}

static void
test_usual_place(void **state)
{
	char dir[200];
	struct profile p;
	struct err err;

	(void)state;
	snprintf(dir, sizeof dir, "%s/xdg/claviger", folder);
	assert_true(file_private_dir(dir, &err));
	snprintf(dir, sizeof dir, "%s/xdg/claviger/config", folder);
	assert_true(file_write(dir, "[profile default]\ntenant=t1\n", 28, &err));
	snprintf(dir, sizeof dir, "%s/xdg", folder);
	setenv("XDG_CONFIG_HOME", dir, 1);
	assert_true(config_read(NULL, NULL, &p, &err));
	assert_string_equal(p.tenant, "t1");
	/* Relative and empty paths are passed over [XDG Base Directory Specification]. */
	for (size_t i = 0; i < 2; i++) {
		setenv("XDG_CONFIG_HOME", i ? "" : "xdg", 1);
		assert_true(config_read(NULL, NULL, &p, &err));
		assert_string_equal(p.tenant, "");
		assert_string_equal(p.source, "");
	}
}

static const struct {
	const char *text;
	int line;
	const char *says;
} cases[] = {
	{"[profile a]\n\n\n\n\n\nreadonly = yes\n", 7, "unknown key readonly"},
	{"[profile a]\nauth = az\n", 2, "one of auto, client-secret"},
	{"[profile a]\nbanner = a\x1b[31m\n", 2, "plain text"},
	{"[profile a]\nbanner = 12345678901234567890123456789012345678901234567890\n", 2,
		"banner is longer than 47"},
	{"[profile a]\ntenant = x.example, X.Example\n", 2, "X.Example is there twice"},
	{"[profile a]\ntenant = x\ntenant = y\n", 3, "twice"},
	{"[profile a]\nsubscriptions = " GUID "\n\ttheme = x\n", 3, "GUID"},
	{"[profile a]\nsubscriptions = " GUID "\nsubscriptions = " GUID "\n", 3, "twice"},
	{"[profile a]\ncertificate = x.pem\n", 2, "begins with /"},
	{"[profile a]\nread-only = maybe\n", 2, "yes or no"},
	{"[profile a]\nsubscriptions = abc\n", 2, "GUID"},
	{"[profile a]\nclient-id = abc\n", 2, "GUID"},
	{"[profile a]\ntenant = a/b\n", 2, "tenant"},
	{"[profile a]\ncolour = pink\n", 2, "auto, always or never"},
	{"[profile a]\nproxy = ftp://x\n", 2, "proxy"},
	{"[profile a]\nproxy = http://u:p@x\n", 2, "without user"},
	{"[profile a]\nca-file = own.pem\n", 2, "begins with /"},
	{"[profile a]\nconnect-to = host\n", 2, "HOST:PORT"},
	{"[profile a]\nconnect-to = host:x\n", 2, "HOST:PORT"},
	{"[profile a]\nconnect-to = host:0\n", 2, "HOST:PORT"},
	{"[profile a]\nconnect-to = host:65536\n", 2, "HOST:PORT"},
	{"[profile a]\ncloud = Mars\n\n", 2, "Mars"},
	{"[profile a]\ntheme =\n", 2, "no value"},
	{"[profile a]\ntheme = x\ntheme = y\n", 3, "twice"},
	{"[profile a]\ntheme = x\n  y\n", 3, "twice"},
	{"[profile a]\n[profile a]\n", 2, "twice, first in line 1"},
	{"[profile a]\nwhat is this\n", 2, "KEY = VALUE"},
	{"[profile a\n", 1, "its ] is missing"},
	{"[keys\n", 1, "or [keys]; its ] is missing"},
	{"[profile]\n", 1, "without blanks"},
	{"[profile a b]\n", 1, "without blanks"},
	{"[profile a] x\n", 1, "text after"},
	{"[alias a]\n", 1, "unknown section"},
	{"[profile aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]\n", 1, "at most 48"},
	{"theme = x\n", 1, "before any section"},
	{"[cloud AzureCloud]\n", 1, "built in"},
	{"[cloud m]\narm = http://x\n", 2, "arm must be https://HOST"},
	{"[cloud m]\narm = https://x/path\n", 2, "without a path"},
	{"[cloud m]\nvault-suffix = a/b\n", 2, "vault-suffix must be the end of"},
	{"[cloud m]\ntenant = a\n", 2, "unknown key tenant"},
	{"[cloud m]\n[cloud M]\n", 2, "twice, first in line 1"},
	{"[cloud m]\narm-audience = management\n", 2, "https URL"},
	{"[cloud m]\nstorage-suffix = a?b\n", 2, "end of a host name"},
	{"[cloud m]\ngraph = https://u@g\n", 2, "https://HOST"},
	{"\n[cloud m]\narm = https://a\nauthority = https://b\n", 2, "no vault-suffix"},
};

static void
test_errors_name_the_line(void **state)
{
	struct profile p;
	struct err err;
	char place[200];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_false(read_text(cases[i].text, NULL, &p, &err));
		assert_int_equal(err.kind, ERR_USAGE);
		snprintf(place, sizeof place, "%s:%d: ", path, cases[i].line);
		assert_ptr_equal(strstr(err.msg, place), err.msg);
		assert_non_null(strstr(err.msg, cases[i].says));
	}
}

static void
test_long_lines_and_bytes(void **state)
{
	char text[600] = "[profile a]\ntheme = ";
	size_t start = strlen("[profile a]\n");
	struct profile p;
	struct err err;

	(void)state;
	memset(text + strlen(text), 'x', 127);
	assert_true(read_text(text, "a", &p, &err));
	assert_int_equal(strlen(p.theme), 127);
	memset(text + start, '#', 198);
	text[start + 198] = '\0';
	assert_true(read_text(text, "a", &p, &err));
	text[start + 198] = '#';
	text[start + 199] = '\0';
	assert_false(read_text(text, "a", &p, &err));
	assert_non_null(strstr(err.msg, ":2: is longer than 198 bytes"));
	write_config("[profile a]\nth\0eme = x\n", 22);
	assert_false(config_read(path, "a", &p, &err));
	assert_non_null(strstr(err.msg, ":2: "));
	write_config("", 0);
	assert_true(config_read(path, NULL, &p, &err));
}

static void
test_mode(void **state)
{
	static const mode_t bad[] = {0620, 0602, 0666};
	struct profile p;
	struct err err;

	(void)state;
	assert_true(read_text("[profile default]\n", NULL, &p, &err));
	assert_int_equal(chmod(path, 0644), 0);
	assert_true(config_read(path, NULL, &p, &err));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_equal(chmod(path, bad[i]), 0);
		assert_false(config_read(path, NULL, &p, &err));
		assert_non_null(strstr(err.msg, "chmod go-w"));
	}
}

static void
test_api_versions(void **state)
{
	static const struct {
		const char *value, *complaint;
	} wrong[] = {
		{"Microsoft.KeyVault/vaults", "TYPE VERSION"},
		{"Microsoft.KeyVault/vault 2026-02-01", "KeyVault/vaults"},
		{"Microsoft.KeyVault/vaults 2026-02-02",
			"there are 2023-07-01, 2022-07-01, 2026-02-01"},
		{"keyvault 7.4, subscriptions 1", "there are 2022-12-01"},
	};
	char text[300];
	struct profile p;
	struct err err;

	(void)state;
	assert_true(
		read_text("[profile default]\napi-versions = microsoft.keyvault/VAULTS 2026-02-01,"
			  "Microsoft.KeyVault/vaults/accessPolicies  2018-02-14\n"
			  "  keyvault 2025-07-01\n",
			NULL, &p, &err));
	assert_string_equal(api_version(&p.api, "Microsoft.KeyVault/vaults"), "2026-02-01");
	assert_string_equal(
		api_version(&p.api, "Microsoft.KeyVault/vaults/accessPolicies"), "2018-02-14");
	assert_string_equal(api_version(&p.api, "keyvault"), "2025-07-01");
	assert_string_equal(
		api_version(&p.api, "Microsoft.Automation/automationAccounts"), "2023-11-01");
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		snprintf(text, sizeof text, "[profile default]\n\napi-versions = %s\n",
			wrong[i].value);
		assert_false(read_text(text, NULL, &p, &err));
		assert_int_equal(err.kind, ERR_USAGE);
		assert_non_null(strstr(err.msg, ":3: api-versions: "));
		if (strstr(err.msg, wrong[i].complaint) == NULL)
			fail_msg("%s", err.msg);
	}
}

/* What ends can be left by a version that is there to choose. */
static void
test_ends_of_versions(void **state)
{
	struct api_choice choice = {0};
	struct err err;
	size_t ends = 0;

	(void)state;
	for (size_t i = 0; i < api_types_len; i++) {
		const struct api_type *type = &api_types[i];
		char words[128];

		assert_string_equal(api_version(&choice, type->name), type->versions[0]);
		if (type->ends == NULL)
			continue;
		ends++;
		assert_false(api_ends_by(&choice, type, 1803081600)); /* 2027-02-20 */
		assert_true(api_ends_by(&choice, type, 1803772800));  /* 2027-02-28 */
		snprintf(words, sizeof words, "%s %s", type->name, type->stays);
		assert_true(api_choose(&choice, words, &err));
		assert_false(api_ends_by(&choice, type, 1803772800));
	}
	assert_int_equal(ends, 3);
	assert_null(api_version(&choice, "Microsoft.Unknown/things"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_api_versions, set_up, tear_down),
		cmocka_unit_test(test_ends_of_versions),
		cmocka_unit_test_setup_teardown(test_whole_profile, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_tenants, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_az, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_banner, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_auth_names, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_list_and_missing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_usual_place, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_errors_name_the_line, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_long_lines_and_bytes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_mode, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
