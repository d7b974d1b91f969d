/* What the Azure CLI keeps and says: its files in a folder of the test, its answers as they were
 * and are. */
#include "backend/config/az_config.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/auth/ways.h"
#include "backend/base/file.h"
#include "backend/json/json.h"

static char folder[64];

static int
make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/claviger-az-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	setenv("AZURE_CONFIG_DIR", folder, 1);
	return 0;
}

static int
remove_folder(void **state)
{
	(void)state;
	file_remove_tree(folder);
	return 0;
}

static void
write_file(const char *name, const char *text)
{
	char path[PATH_MAX];
	struct err err;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	assert_true(file_write(path, text, strlen(text), &err));
}

static void
refuses(const char *file, const char *what)
{
	struct az_config config;
	struct err err = {0};

	assert_false(az_config_read(&config, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	if (!strstr(err.msg, file) || !strstr(err.msg, what))
		fail_msg("'%s' or '%s' is missing in: %s", file, what, err.msg);
}

static void
nothing_is_public_and_nobody(void **state)
{
	struct az_config config;
	struct err err;

	(void)state;
	assert_true(az_config_read(&config, &err));
	assert_string_equal(config.cloud.name, "AzureCloud");
	assert_string_equal(config.cloud.arm, "https://management.azure.com");
	assert_int_equal(config.subscriptions_len, 0);
	assert_null(az_config_default(&config));
	az_config_free(&config);
}

static const char profile[] =
	"\xef\xbb\xbf{\"installationId\":\"0d93c640-e5fc-11f1-9de9-02fc00000001\",\"subscriptions\":["
	"{\"id\":\"11111111-1111-1111-1111-111111111111\",\"name\":\"Other\",\"state\":\"Enabled\","
	"\"user\":{\"name\":\"ops@contoso.example\",\"type\":\"user\"},\"isDefault\":true,"
	"\"tenantId\":\"22222222-2222-2222-2222-222222222222\","
	"\"environmentName\":\"AzureChinaCloud\",\"managedByTenants\":[]},"
	"{\"id\":\"33333333-3333-3333-3333-333333333333\",\"name\":\"Staging\",\"state\":"
	"\"Disabled\","
	"\"user\":{\"name\":\"ops@contoso.example\",\"type\":\"user\"},\"isDefault\":false,"
	"\"tenantId\":\"44444444-4444-4444-4444-444444444444\",\"environmentName\":\"AzureCloud\"},"
	"{\"id\":\"55555555-5555-5555-5555-555555555555\",\"name\":\"\u202eProd\",\"state\":"
	"\"Enabled\","
	"\"user\":{\"name\":\"66666666-6666-6666-6666-666666666666\",\"type\":"
	"\"servicePrincipal\"},\"isDefault\":true,"
	"\"tenantId\":\"44444444-4444-4444-4444-444444444444\",\"environmentName\":\"AzureCloud\"}"
	"]}";

static void
reads_the_subscriptions_of_its_cloud(void **state)
{
	const struct az_subscription *chosen;
	struct az_config config;
	struct err err;

	(void)state;
	write_file("azureProfile.json", profile);
	write_file("config", "[defaults]\ngroup = rg-finance\n\n[cloud]\nname = AzureCloud\n");
	assert_true(az_config_read(&config, &err));
	assert_string_equal(config.group, "rg-finance");
	assert_int_equal(config.subscriptions_len, 2);
	assert_string_equal(config.subscriptions[0].name, "Staging");
	assert_false(config.subscriptions[0].enabled);
	chosen = az_config_default(&config);
	assert_ptr_equal(chosen, &config.subscriptions[1]);
	assert_true(chosen->enabled);
	assert_string_equal(chosen->name, "<U+202E>Prod");
	assert_string_equal(chosen->tenant, "44444444-4444-4444-4444-444444444444");
	assert_string_equal(chosen->user, "66666666-6666-6666-6666-666666666666");
	az_config_free(&config);
	write_file("config", "[cloud]\nname = AzureChinaCloud\n");
	assert_true(az_config_read(&config, &err));
	assert_string_equal(config.cloud.vault_suffix, ".vault.azure.cn");
	assert_int_equal(config.subscriptions_len, 1);
	az_config_free(&config);
}

static void
reads_a_custom_cloud(void **state)
{
	struct az_config config;
	char text[1200], filler[400];
	struct err err;

	(void)state;
	memset(filler, 'x', sizeof filler - 1);
	filler[sizeof filler - 1] = '\0';
	write_file("config", "[cloud]\nname = Hub\n");
	refuses("clouds.config", "Hub");
	snprintf(text, sizeof text,
		"[AzureCloud]\nsubscription = 1\n[Hub]\nprofile = latest\n"
		"endpoint_gallery = https://%s\n"
		"endpoint_resource_manager = https://arm.hub.example:8443/\n"
		"endpoint_active_directory = https://login.hub.example\n"
		"endpoint_active_directory_resource_id = https://arm.hub.example/\n"
		"suffix_keyvault_dns = .vault.hub.example\n"
		"suffix_storage_endpoint = core.hub.example\n",
		filler);
	write_file("clouds.config", text);
	assert_true(az_config_read(&config, &err));
	assert_string_equal(config.cloud.name, "Hub");
	assert_string_equal(config.cloud.arm, "https://arm.hub.example:8443");
	assert_string_equal(config.cloud.arm_audience, "https://arm.hub.example/");
	assert_string_equal(config.cloud.authority, "https://login.hub.example");
	assert_string_equal(config.cloud.vault_suffix, ".vault.hub.example");
	assert_string_equal(config.cloud.vault_audience, "https://vault.hub.example");
	assert_string_equal(config.cloud.blob_suffix, ".blob.core.hub.example");
	az_config_free(&config);
	write_file("clouds.config", "[Hub]\nendpoint_resource_manager = http://arm.hub.example\n"
				    "endpoint_active_directory = https://login.hub.example\n");
	refuses("clouds.config", "endpoint_resource_manager");
	write_file("clouds.config", "[Hub]\nendpoint_resource_manager = https://arm.hub.example\n"
				    "endpoint_active_directory = https://user@login.hub.example\n");
	refuses("clouds.config", "endpoint_active_directory");
}

static void
broken_files_are_named(void **state)
{
	char path[PATH_MAX];

	(void)state;
	write_file("config", "[cloud]\nname\n");
	refuses("config:2", "KEY = VALUE");
	write_file("config", "[cloud]\nname = a-name-that-is-longer-than-any-cloud-has\n");
	refuses("config", "[cloud] name");
	write_file("config", "");
	write_file("azureProfile.json", "{\"subscriptions\":[{\"id\":5,"
					"\"environmentName\":\"AzureCloud\"}]}");
	refuses("azureProfile.json", "subscriptions[0]");
	write_file("azureProfile.json", "{\"subscriptions\":{}}");
	refuses("azureProfile.json", "subscriptions");
	write_file("azureProfile.json", "<html>");
	refuses("azureProfile.json", "azureProfile.json");
	write_file("azureProfile.json", "{}");
	snprintf(path, sizeof path, "%s/config", folder);
	assert_int_equal(chmod(path, 0646), 0);
	refuses("config", "anybody may write it");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	refuses("config", "not a file");
}

/* What az says, and when it is then. */
static bool
accept(const char *text, int64_t *seconds, char token[32], struct err *err)
{
	const time_t now = 1605186000; /* 2020-11-12 13:00:00 UTC */
	struct token_reply got;
	bool ok = az_cli_accept(
		text, strlen(text), "22222222-2222-2222-2222-222222222222", now, &got, err);

	*seconds = got.expires_in_s;
	token[0] = '\0';
	if (ok)
		snprintf(token, 32, "%.*s", (int)got.token.len, (const char *)got.token.bytes);
	token_reply_free(&got);
	return ok;
}

static void
reads_both_shapes_of_tokens(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} cases[] = {
		{"{\"accessToken\":\"abc\",\"expiresOn\":\"2020-11-12 13:50:47.114324\","
		 "\"subscription\":\"s\",\"tenant\":\"22222222-2222-2222-2222-222222222222\","
		 "\"tokenType\":\"Bearer\"}",
			3047},
		{"{\"accessToken\":\"abc\",\"expiresOn\":\"2020-11-12 13:50:47\"}", 3047},
		{"{\"accessToken\":\"abc\",\"expiresOn\":\"2020-11-12 23:59:59.000000\","
		 "\"expires_on\":1605189600,\"tenant\":\"contoso.example\"}",
			3600},
		{"{\"accessToken\":\"abc\",\"expires_on\":\"1605189600\"}", 3600},
	};
	char token[32];
	struct err err;
	int64_t seconds;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_true(accept(cases[i].text, &seconds, token, &err));
		assert_int_equal(seconds, cases[i].seconds);
		assert_string_equal(token, "abc");
	}
}

/* The machine's zone must not matter: az is run in UTC. */
static void
zone_does_not_matter(void **state)
{
	char token[32];
	struct err err;
	int64_t seconds;

	setenv("TZ", "LOC-14", 1);
	tzset();
	reads_both_shapes_of_tokens(state);
	assert_false(accept("{\"accessToken\":\"abc\",\"expiresOn\":\"2020-11-12 12:59:59\"}",
		&seconds, token, &err));
	unsetenv("TZ");
	tzset();
}

static void
refuses_other_answers(void **state)
{
	static const char *const cases[] = {
		"",
		"[]",
		"null",
		"WARNING: something\n{}",
		"{\"accessToken\":\"abc\"}",
		"{\"accessToken\":\"abc\",\"expires_on\":1605185999}",
		"{\"accessToken\":\"abc\",\"expires_on\":9223372036854775807}",
		"{\"accessToken\":\"abc\",\"expires_on\":-1}",
		"{\"accessToken\":\"abc\",\"expires_on\":{}}",
		"{\"accessToken\":\"abc\",\"expiresOn\":\"soon\"}",
		"{\"accessToken\":\"abc\",\"expiresOn\":\"2020-11-12T13:50:47Z and more\"}",
		"{\"accessToken\":\"a b\",\"expires_on\":1605189600}",
		"{\"accessToken\":\"a\\nb\",\"expires_on\":1605189600}",
		"{\"accessToken\":\"\",\"expires_on\":1605189600}",
		"{\"accessToken\":7,\"expires_on\":1605189600}",
		"{\"expires_on\":1605189600}",
		"{\"accessToken\":\"abc\",\"expires_on\":1605189600,"
		"\"tenant\":\"77777777-7777-7777-7777-777777777777\"}",
		"{\"accessToken\":\"abc\",\"expires_on\":1605189600,\"tenant\":[]}",
	};
	char token[32];
	int64_t seconds;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = {0};

		if (accept(cases[i], &seconds, token, &err))
			fail_msg("taken: %s", cases[i]);
		assert_int_equal(err.kind, ERR_FAILED);
		assert_true(err.msg[0]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			nothing_is_public_and_nobody, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(
			reads_the_subscriptions_of_its_cloud, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(reads_a_custom_cloud, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(broken_files_are_named, make_folder, remove_folder),
		cmocka_unit_test(reads_both_shapes_of_tokens),
		cmocka_unit_test(zone_does_not_matter),
		cmocka_unit_test(refuses_other_answers),
	};

	secret_init();
	json_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
