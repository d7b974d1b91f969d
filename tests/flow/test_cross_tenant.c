/* A key in the tenant of somebody else: what this operator can see is checked, what he cannot is
 * told as unknown, and the account gets there by way of the application of both tenants. */
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
#include <sqlite3.h>

#include "tests/fixtures/serving.h"

#define FABRIKAM "b2d0c7e4-6f19-4a3c-8d52-91e7a0f3c602"
#define CONTOSO "7c3f1a52-0d4e-4b86-9a61-2e5d8f4b9c01"
#define BROKER "5d180bf6-a2c7-4349-be60-9fb251cd8e14"
#define STRANGER "11111111-2222-4333-8444-555555555555"
#define KEY "https://kv-fabrikam.vault.azure.net/keys/cmk-fabrikam"
#define TENANT "--vault-tenant", "fabrikam.example"
#define CLIENT "--federated-client-id", BROKER

static struct serving world;
static char storage[400], batch[400]; /* ARM ids of identities */

static void
identity(const char *name, char out[400])
{
	char query[80];
	json_t *one;

	snprintf(query, sizeof query, "[?name=='%s']|[0]", name);
	one = serving_run(&world, 0, "identity", "list", "--query", query, NULL);
	snprintf(out, 400, "%s", text_at(one, "id"));
	json_decref(one);
}

static const json_t *
step(const json_t *result, const char *name)
{
	return find(value_at(result, "steps"), "name", name);
}

/* What a finding of the checklist says. */
static const char *
told(const json_t *result, const char *rule)
{
	return text_at(find(value_at(result, "findings"), "rule", rule), "cause");
}

static void
says(const json_t *result, const char *rule, const char *severity, const char *text)
{
	assert_string_equal(
		text_at(find(value_at(result, "findings"), "rule", rule), "severity"), severity);
	if (!strstr(told(result, rule), text))
		fail_msg("%s: %s\nlacks: %s", rule, told(result, rule), text);
}

static void
what_cannot_be_is_refused(void **state)
{
	(void)state;
	serving_refuses(&world, "CrossTenant", "in the tenant of the account", "onboard",
		"aa-payroll", "--key", KEY, TENANT, CLIENT, "--yes", NULL);
	serving_refuses(&world, "CrossTenant", "in the tenant of the account", "onboard",
		"barender01", "--key", KEY, TENANT, CLIENT, "--yes", NULL);
	serving_refuses(&world, "UserIdentity", "system-assigned", "onboard", "stledger01", "--key",
		KEY, TENANT, CLIENT, "--yes", NULL);
	serving_refuses(&world, "CrossTenant", "--federated-client-id", "onboard", "stledger01",
		"--key", KEY, TENANT, "--user-identity", storage, "--yes", NULL);
	serving_refuses(&world, "CrossTenant", "--vault-tenant", "onboard", "stledger01", "--key",
		KEY, CLIENT, "--user-identity", storage, "--yes", NULL);
	serving_refuses(&world, "CrossTenant", "--create-key", "onboard", "stledger01", "--key",
		KEY, TENANT, CLIENT, "--user-identity", storage, "--create-key", "2048", "--yes",
		NULL);
	serving_refuses(&world, "identity-not-assigned", "does not have the identity", "onboard",
		"stledger01", "--key", KEY, TENANT, CLIENT, "--user-identity", storage, "--auto",
		"--yes", NULL);
	serving_expect(&world, "stledger01", "keySource", "Microsoft");
}

/* From here on stledger01 has both identities; only one of them is trusted. */
static void
the_wrong_application_is_refused(void **state)
{
	(void)state;
	json_decref(serving_run(&world, 0, "identity", "assign", "stledger01", "--user-identity",
		storage, "--yes", NULL));
	json_decref(serving_run(&world, 0, "identity", "assign", "stledger01", "--user-identity",
		batch, "--yes", NULL));
	serving_refuses(&world, "application-absent", STRANGER, "onboard", "stledger01", "--key",
		KEY, TENANT, "--federated-client-id", STRANGER, "--user-identity", storage,
		"--auto", "--yes", NULL);
	serving_refuses(&world, "application-not-trusting", "no federated credential", "onboard",
		"stledger01", "--key", KEY, TENANT, CLIENT, "--user-identity", batch, "--auto",
		"--yes", NULL);
	serving_refuses(&world, "other-tenant-version", "--auto", "onboard", "stledger01", "--key",
		KEY, TENANT, CLIENT, "--user-identity", storage, "--yes", NULL);
	serving_refuses(&world, "other-tenant", "itself", "onboard", "stledger01", "--key", KEY,
		"--vault-tenant", CONTOSO, CLIENT, "--user-identity", storage, "--auto", "--yes",
		NULL);
	serving_expect(&world, "stledger01", "keySource", "Microsoft");
}

static void
what_is_seen_is_told_apart_from_what_is_not(void **state)
{
	const json_t *encryption;
	json_t *dry;

	(void)state;
	dry = serving_plan(&world, "onboard", "stledger01", "--key", KEY, TENANT, CLIENT,
		"--user-identity", storage, "--auto", NULL);
	says(dry, "two-tenants-identity", "info", "1 of 5, tenant " CONTOSO);
	says(dry, "two-tenants-trust", "info", "has a federated credential");
	says(dry, "two-tenants-installed", "medium", "3 of 5, tenant fabrikam.example");
	says(dry, "two-tenants-grant", "medium", "is not known");
	says(dry, "two-tenants-key", "medium", "the vault and the key cannot be read here");
	assert_string_equal(text_at(step(dry, "protect"), "state"), "skipped");
	assert_string_equal(text_at(step(dry, "grant"), "state"), "skipped");
	assert_string_equal(text_at(step(dry, "prove"), "state"), "skipped");
	assert_true(json_is_null(value_at(dry, "resources.vault")));
	encryption = value_at(step(dry, "switch"), "request.body.properties.encryption");
	assert_string_equal(text_at(encryption, "identity.userAssignedIdentity"), storage);
	assert_string_equal(text_at(encryption, "identity.federatedIdentityClientId"), BROKER);
	assert_string_equal(text_at(encryption, "keyvaultproperties.keyversion"), "");
	json_decref(dry);
	serving_expect(&world, "stledger01", "store", "kv-fabrikam");
	serving_expect(&world, "stledger01", "mode", "auto");
	serving_expect(&world, "stledger01", "identity", storage);
	serving_expect(&world, "stledger01", "federatedClientId", BROKER);
}

/* Nobody here knows what the application may do: neither accused nor praised. */
static void
judged_unknown(const json_t *found)
{
	const json_t *one;
	size_t i;

	json_array_foreach(found, i, one) assert_string_not_equal(text_at(one, "severity"), "high");
	assert_non_null(strstr(text_at(find(found, "rule", "unknown"), "cause"), "application"));
}

static void
it_is_read_right(void **state)
{
	json_t *shown, *found;

	(void)state;
	shown = serving_run(&world, 0, "account", "show", "stledger01", NULL);
	assert_string_equal(text_at(shown, "mode"), "auto");
	assert_string_equal(text_at(shown, "state"), "unknown");
	assert_non_null(strstr(text_at(shown, "unknown.state"), "application"));
	assert_non_null(strstr(text_at(shown, "unknown.currentKeyVersion"), FABRIKAM));
	json_decref(shown);
	found = serving_run(&world, 0, "posture", "stledger01", NULL);
	judged_unknown(found);
	json_decref(found);
	shown = serving_run(&world, 0, "impact", KEY, NULL);
	find(value_at(shown, "accounts"), "name", "stledger01");
	find(value_at(shown, "unknown"), "what", "vault kv-fabrikam");
	json_decref(shown);
}

/* The version as it really is called. */
static void
version(char out[33])
{
	json_t *vaults, *keys;
	struct ran ran;

	run(&ran, "sandbox", "ctl", "--state", world.place.dir, "dump", "--raw", NULL);
	ran_expect(&ran, 0);
	vaults = ran_json(&ran);
	keys = value_at(find(value_at(vaults, "vaults"), "name", "kv-fabrikam"), "keys");
	snprintf(out, 33, "%s", text_at(find(keys, "name", "cmk-fabrikam"), "version"));
	json_decref(vaults);
	ran_free(&ran);
}

static void
the_verbs_keep_the_application(void **state)
{
	char pinned[33];
	json_t *done;

	(void)state;
	version(pinned);
	json_decref(serving_plan(&world, "repin", "stledger01", "--key-version", pinned, NULL));
	serving_expect(&world, "stledger01", "mode", "pinned");
	serving_expect(&world, "stledger01", "federatedClientId", BROKER);
	json_decref(serving_plan(&world, "repin", "stledger01", "--auto", NULL));
	done = serving_run(&world, 0, "replace", "stledger01", "--key", KEY, "--yes", NULL);
	assert_string_equal(text_at(done, "state"), "unchanged");
	json_decref(done);
	done = serving_run(&world, 0, "detach", "stledger01", "--yes", NULL);
	serving_expect(&world, "stledger01", "keySource", "Microsoft");
	json_decref(serving_run(&world, 0, "rollback", text_at(done, "operation"), "--yes", NULL));
	json_decref(done);
	serving_expect(&world, "stledger01", "store", "kv-fabrikam");
	serving_expect(&world, "stledger01", "federatedClientId", BROKER);
}

/* On a customer key already: who opens it first, then the key; and back again. */
static void
from_one_tenant_to_the_other(void **state)
{
	json_t *done;

	(void)state;
	done = serving_run(&world, 10, "replace", "starchive01", "--key", KEY, TENANT, CLIENT,
		"--dry-run", NULL);
	assert_string_equal(text_at(step(done, "federate"), "state"), "needed");
	assert_string_equal(
		text_at(step(done, "federate"),
			"request.body.properties.encryption.keyvaultproperties.keyname"),
		"cmk-archive");
	assert_string_equal(text_at(step(done, "opener"), "state"), "skipped");
	json_decref(done);
	done = serving_run(
		&world, 0, "replace", "starchive01", "--key", KEY, TENANT, CLIENT, "--yes", NULL);
	serving_expect(&world, "starchive01", "store", "kv-fabrikam");
	serving_expect(&world, "starchive01", "mode", "auto");
	serving_expect(&world, "starchive01", "federatedClientId", BROKER);
	json_decref(serving_run(&world, 0, "rollback", text_at(done, "operation"), "--yes", NULL));
	json_decref(done);
	serving_expect(&world, "starchive01", "store", "kv-archive");
	serving_expect(&world, "starchive01", "key", "cmk-archive");
	serving_expect(&world, "starchive01", "mode", "auto");
	serving_expect(&world, "starchive01", "federatedClientId", "");
}

/* An estate where the client "reader", which both tenants know, may do both halves, and where the
 * application has no rights on the vault yet. */
static void
seed_for_both(struct place *place)
{
	static const char sql[] =
		"DELETE FROM policy WHERE object='7f3a2d18-c4e9-456b-9082-b1d473efa016';"
		"INSERT INTO role_assignment(name, principal, principal_type, role, scope, created_by,"
		" created_ms) VALUES"
		"('aaaaaaaa-0000-4000-8000-000000000001', 'f3e07a85-1d6b-4c29-a4f0-8b5c2d9e6709',"
		" 'ServicePrincipal', 'b24988ac-6180-42a0-ab88-20f7382dd24c',"
		" '/subscriptions/4e9a6c18-73b2-4d05-8f1e-c6a2d7b45103', 'test', 1),"
		"('aaaaaaaa-0000-4000-8000-000000000002', '04f18b96-2e7c-4d3a-b501-9c6d3eaf7810',"
		" 'ServicePrincipal', 'f25e0fa2-a7c8-4377-a976-54943a77a395',"
		" '/subscriptions/e07b4d92-8a15-43c6-9f3d-6b1e5c7a8305', 'test', 1);";
	char path[PATH_MAX + 16], *problem = NULL;
	struct ran ran;
	sqlite3 *db;

	place_seed(place);
	run(&ran, place->sandbox, "identity", "assign", "stledger01", "--user-identity", storage,
		"--yes", "-o", "none", NULL);
	ran_expect(&ran, 0);
	ran_free(&ran);
	snprintf(path, sizeof path, "%s/state.db", place->dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &problem) != SQLITE_OK)
		fail_msg("%s", problem);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* The profile and the environment of "reader", under the public cloud's own names. */
static void
enter(const struct place *place, const char *block)
{
	char path[PATH_MAX + 32], ca[PATH_MAX], proxy[128], secret[128] = "";
	FILE *file;

	env_value(block, "CLAVIGER_CA", ca, sizeof ca);
	env_value(block, "CLAVIGER_PROXY", proxy, sizeof proxy);
	snprintf(path, sizeof path, "%s/claviger", place->dir);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof path, "%s/claviger/config", place->dir);
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "[profile both]\ncloud = AzureCloud\nca-file = %s\nproxy = %s\n", ca, proxy);
	fputs("tenant = " CONTOSO ",\n\t" FABRIKAM "\n", file);
	assert_int_equal(fclose(file), 0);
	snprintf(path, sizeof path, "%s/secret.reader", place->dir);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_non_null(fgets(secret, sizeof secret, file));
	secret[strcspn(secret, "\n")] = '\0';
	fclose(file);
	setenv("XDG_CONFIG_HOME", place->dir, 1);
	setenv("XDG_STATE_HOME", place->dir, 1);
	setenv("AZURE_TENANT_ID", CONTOSO, 1);
	setenv("AZURE_CLIENT_ID", "d6b92f41-5c8d-4ea3-9f17-e4da02c38508", 1);
	setenv("AZURE_CLIENT_SECRET", secret, 1);
}

static json_t *
both(const char *option, int code)
{
	struct ran ran;
	json_t *out;

	run(&ran, "--profile", "both", "onboard", "stledger01", "--key", KEY, "--vault-tenant",
		FABRIKAM, CLIENT, "--user-identity", storage, "-o", "json", option, NULL);
	ran_expect(&ran, code);
	out = ran_json(&ran);
	ran_free(&ran);
	return out;
}

/* Who is let in by both tenants sees all five, and grants what is missing. */
static void
one_operator_for_both(void **state)
{
	char pid[16];
	struct place place;
	struct ran ran;
	json_t *out;

	(void)state;
	seed_for_both(&place);
	run(&ran, "sandbox", "--state", place.dir, "--names", "public", "--print-env", "--detach",
		NULL);
	ran_expect(&ran, 0);
	enter(&place, ran.out);
	env_value(ran.out, "CLAVIGER_SANDBOX_PID", pid, sizeof pid);
	ran_free(&ran);
	run(&ran, "--profile", "both", "onboard", "stledger01", "--key", "kv-fabrikam/cmk-fabrikam",
		"--user-identity", storage, "--yes", "-o", "none", NULL);
	ran_expect(&ran, 5);
	ran_complains(&ran, "tenant-mismatch", FABRIKAM, NULL);
	ran_free(&ran);
	out = both("--dry-run", 10);
	says(out, "two-tenants-installed", "info", "tenant " FABRIKAM);
	says(out, "two-tenants-key", "info", "were read");
	says(out, "application-rights-missing", "high", "get wrapKey unwrapKey");
	assert_string_equal(
		text_at(find(value_at(out, "findings"), "rule", "application-rights-missing"),
			"mendedBy"),
		"grant");
	assert_non_null(strstr(text_at(step(out, "grant"), "request.url"), "/kv-fabrikam/"));
	assert_string_equal(text_at(step(out, "prove"), "state"), "needed");
	json_decref(out);
	json_decref(both("--yes", 0));
	out = both("--yes", 0);
	assert_string_equal(text_at(out, "state"), "unchanged");
	says(out, "two-tenants-grant", "info", "holds what it needs");
	json_decref(out);
	run(&ran, "--profile", "both", "posture", "stledger01", "-o", "json", NULL);
	ran_expect(&ran, 0);
	out = ran_json(&ran);
	judged_unknown(out);
	json_decref(out);
	ran_free(&ran);
	run(&ran, "--profile", "both", "grant", "stledger01", "--vault", "kv-fabrikam", "--yes",
		"-o", "none", NULL);
	ran_expect(&ran, 5);
	ran_complains(&ran, "other-tenant", BROKER, NULL);
	ran_free(&ran);
	assert_int_equal(kill((pid_t)strtol(pid, NULL, 10), SIGTERM), 0);
	for (int i = 0; i < 100 && kill((pid_t)strtol(pid, NULL, 10), 0) == 0; i++)
		usleep(50000);
	place_remove(&place);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(the_wrong_application_is_refused),
		cmocka_unit_test(what_is_seen_is_told_apart_from_what_is_not),
		cmocka_unit_test(it_is_read_right),
		cmocka_unit_test(the_verbs_keep_the_application),
		cmocka_unit_test(from_one_tenant_to_the_other),
		cmocka_unit_test(one_operator_for_both),
	};
	int failed;

	serving_start(&world);
	identity("id-storage", storage);
	identity("id-batch", batch);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	serving_stop(&world);
	return failed;
}
