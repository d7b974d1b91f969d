/* Profiles and clouds, and one error with its line for each thing that can be wrong. */
#include "backend/config.h"

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

static void
test_whole_profile(void **state)
{
	static const char text[] =
		"\xef\xbb\xbf# a comment\r\n"
		"[profile work]\r\n"
		"cloud = mine\r\n"
		"tenant = contoso.example ; inline\r\n"
		"subscriptions = " GUID ", 00000000-0000-0000-0000-000000000002\n"
		"auth = client-secret\n"
		"client-id = " GUID "\n"
		"read-only = yes\n"
		"colour = never\n"
		"theme = mono\n"
		"proxy = http://proxy.example:3128\n"
		"ca-file = /etc/ssl/own.pem\n"
		"connect-to = 127.0.0.1:8443\n"
		"[cloud mine]\n"
		"arm = https://arm.local:8443/\n"
		"authority = https://login.local\n"
		"vault-suffix = vault.local:8443\n"
		"hsm-suffix = .hsm.local\n"
		"storage-suffix = .core.local\n"
		"graph = https://graph.local\n"
		"[profile default]\n"
		"[profile china]\n"
		"cloud=azurechinacloud";
	struct profile p;
	struct err err;

	(void)state;
	assert_true(read_text(text, "work", &p, &err));
	assert_string_equal(p.name, "work");
	assert_string_equal(p.tenant, "contoso.example");
	assert_int_equal(p.subscriptions_len, 2);
	assert_string_equal(p.subscriptions[0], GUID);
	assert_string_equal(p.client_id, GUID);
	assert_true(p.read_only);
	assert_string_equal(p.colour, "never");
	assert_string_equal(p.theme, "mono");
	assert_string_equal(p.proxy, "http://proxy.example:3128");
	assert_string_equal(p.ca_file, "/etc/ssl/own.pem");
	assert_string_equal(p.connect_to, "127.0.0.1:8443");
	assert_string_equal(p.cloud.name, "mine");
	assert_string_equal(p.cloud.arm, "https://arm.local:8443");
	assert_string_equal(p.cloud.arm_audience, "https://arm.local:8443");
	assert_string_equal(p.cloud.authority, "https://login.local");
	assert_string_equal(p.cloud.vault_suffix, ".vault.local:8443");
	assert_string_equal(p.cloud.vault_audience, "https://vault.local:8443");
	assert_string_equal(p.cloud.hsm_suffix, ".hsm.local");
	assert_string_equal(p.cloud.hsm_audience, "https://hsm.local");
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
count(void *user, const struct profile *profile)
{
	char *names = user;

	names[strlen(names)] = profile->name[0];
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
	assert_true(config_read(path, NULL, &p, &err));
	assert_string_equal(p.name, "default");
	snprintf(missing, sizeof missing, "%s/none", folder);
	assert_false(config_read(missing, NULL, &p, &err));
	assert_non_null(strstr(err.msg, missing));
	assert_false(config_read(folder, NULL, &p, &err));
	setenv("XDG_CONFIG_HOME", missing, 1);
	names[0] = '\0';
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
}

static void
test_errors_name_the_line(void **state)
{
	static const struct {
		const char *text;
		int line;
		const char *says;
	} cases[] = {
		{"[profile a]\n\n\n\n\n\nreadonly = yes\n", 7, "unknown key readonly"},
		{"[profile a]\nauth = az\n", 2, "auth can be auto, client-secret"},
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
		{"[profile a]\ncloud = Mars\n\n", 2, "Mars"},
		{"[profile a]\ntheme =\n", 2, "no value"},
		{"[profile a]\ntheme = x\ntheme = y\n", 3, "twice"},
		{"[profile a]\ntheme = x\n  y\n", 3, "twice"},
		{"[profile a]\n[profile a]\n", 2, "twice, first in line 1"},
		{"[profile a]\nwhat is this\n", 2, "KEY = VALUE"},
		{"[profile a\n", 1, "[profile NAME]"},
		{"[profile]\n", 1, "without blanks"},
		{"[profile a b]\n", 1, "without blanks"},
		{"[profile a] x\n", 1, "text after"},
		{"[alias a]\n", 1, "unknown section"},
		{"[profile aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]\n", 1,
			"at most 48"},
		{"theme = x\n", 1, "before any section"},
		{"[cloud AzureCloud]\n", 1, "built in"},
		{"[cloud m]\narm = http://x\n", 2, "https://HOST"},
		{"[cloud m]\narm = https://x/path\n", 2, "without a path"},
		{"[cloud m]\nvault-suffix = a/b\n", 2, "end of a host name"},
		{"[cloud m]\ntenant = a\n", 2, "unknown key tenant"},
		{"\n[cloud m]\narm = https://a\nauthority = https://b\n", 2, "no vault-suffix"},
	};
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_whole_profile, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_list_and_missing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_usual_place, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_errors_name_the_line, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_long_lines_and_bytes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_mode, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
