/* Lost updates: claviger at work in eight processes on the access policies of one vault, while
 * another team's program adds and removes entries of its own. Azure has no condition to send along;
 * of two changes at a time it refuses one. Afterwards every entry is as whoever may change it left
 * it, and a plan whose ground has moved was refused. INTERLEAVINGS: how many runs of the program.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "tests/fixtures/run.h"
#include "tests/fixtures/sandbox_client.h"

enum { WRITERS = 8, STRANGERS = 4, DEFAULT_RUNS = 24 };

#define VAULT ARM SECURITY "kv-payroll"
#define VAULT_API "?api-version=2023-07-01"
#define OURS "[\"get\",\"recover\",\"wrapKey\",\"unwrapKey\"]"

static struct client client;
static char sandbox[80];

/* One account that a process works for, and one entry of another team. */
static struct writer {
	char name[24], principal[37];
	bool granted;
	struct going going;
} writers[WRITERS + 1]; /* the last one's plan goes stale */
static struct stranger {
	char principal[37];
	bool there;
} strangers[STRANGERS];
static unsigned long runs, conflicts, refused, foreign;
static unsigned seed = 1;

static unsigned
chance(unsigned below)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % below;
}

/* Another team's change, tried until it is taken. */
static void
change_entry(const char *operation, const char *principal, const char *rights)
{
	char *url = mem_printf(VAULT "/accessPolicies/%s" VAULT_API, operation);
	char *body = mem_printf("{\"properties\":{\"accessPolicies\":[{\"tenantId\":\"" TENANT
				"\",\"objectId\":\"%s\",\"permissions\":{\"keys\":%s,"
				"\"secrets\":[\"get\"],\"certificates\":[]}}]}}",
		principal, rights);

	while (client_send(&client, "PUT", url, client.arm, body) == 409) {
		assert_string_equal(client_text(&client, "error.code"), "ConflictError");
		assert_non_null(strstr(client_text(&client, "error.message"),
			"changed from the point the operation began"));
		conflicts++;
	}
	assert_int_equal(client.status, 200);
	free(url);
	free(body);
}

/* The rights on keys of a principal: how many; -1: no entry. Of the vault as it was read last. */
static int
rights_of(const char *principal)
{
	const json_t *list = client_at(&client, "properties.accessPolicies"), *entry;
	size_t i;

	json_array_foreach(list, i, entry)
	{
		if (text_casecmp(text_at(entry, "objectId"), principal) == 0)
			return (int)json_array_size(value_at(entry, "permissions.keys"));
	}
	return -1;
}

static void
read_vault(void)
{
	assert_int_equal(client_send(&client, "GET", VAULT VAULT_API, client.arm, NULL), 200);
}

static int
setup(void **state)
{
	static const char *const slow[] = {"accessPolicies=delay:15"};

	(void)state;
	client_open_with(
		&client, &(struct sandbox_options){.seed = "demo", .fault = slow, .fault_len = 1});
	snprintf(sandbox, sizeof sandbox, "--sandbox=%s", client.dir);
	for (size_t i = 0; i <= WRITERS; i++) {
		char *url;

		snprintf(writers[i].name, sizeof writers[i].name, "aa-crowd-%zu", i);
		url = mem_printf(ARM FINANCE "%s?api-version=2023-11-01", writers[i].name);
		client_send(&client, "PUT", url, client.arm,
			"{\"location\":\"westeurope\"," IDENTITY
			",\"properties\":{\"sku\":{\"name\":\"Basic\"}}}");
		assert_int_equal(client.status / 100, 2);
		snprintf(writers[i].principal, sizeof writers[i].principal, "%s",
			client_text(&client, "identity.principalId"));
		free(url);
	}
	for (size_t i = 0; i < STRANGERS; i++)
		snprintf(strangers[i].principal, sizeof strangers[i].principal,
			"0a0b0c0d-0000-4000-8000-00000000000%zu", i);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	client_close(&client);
	return 0;
}

/* The last of them sees to the vault itself; the others give or take, as it comes. */
static void
begin(size_t i)
{
	struct writer *writer = &writers[i];
	char *confirm;

	if (i == WRITERS - 1) {
		going_start(&writer->going, sandbox, "protect", "kv-payroll", "--yes", NULL);
		return;
	}
	confirm = mem_printf("--confirm=%s", writer->name);
	writer->granted = chance(2);
	if (writer->granted)
		going_start(&writer->going, sandbox, "grant", writer->name, "--vault", "kv-payroll",
			"--yes", NULL);
	else
		going_start(&writer->going, sandbox, "ungrant", writer->name, "--vault",
			"kv-payroll", "--yes", confirm, NULL);
	free(confirm);
}

/* Adds and removes entries of the other team as long as any of the processes runs. */
static void
disturb(void)
{
	siginfo_t ended;

	for (size_t left = WRITERS; left;) {
		struct stranger *one = &strangers[chance(STRANGERS)];

		one->there = !one->there;
		change_entry(one->there ? "add" : "remove", one->principal, "[\"get\",\"list\"]");
		foreign++;
		left = 0;
		for (size_t i = 0; i < WRITERS; i++) {
			ended.si_pid = 0;
			waitid(P_PID, (id_t)writers[i].going.pid, &ended,
				WEXITED | WNOHANG | WNOWAIT);
			left += ended.si_pid == 0;
		}
	}
}

static void
finish(struct writer *writer)
{
	struct going *going = &writer->going;
	ssize_t n = read(going->err, going->said, sizeof going->said - 1);
	int code = going_end(going, 0);

	if (code != 0)
		fail_msg("%s: exit %d: %.*s", writer->name, code, n > 0 ? (int)n : 0, going->said);
	runs++;
}

/* A plan in a file, and then somebody gives its principal a right: it must not be carried out. */
static void
go_stale(void)
{
	struct writer *writer = &writers[WRITERS];
	char *file = mem_printf("%s/stale.json", client.dir);
	struct ran ran;

	run(&ran, sandbox, "grant", writer->name, "--vault", "kv-payroll", "--plan-out", file,
		NULL);
	ran_expect(&ran, 10);
	ran_free(&ran);
	change_entry("add", writer->principal, "[\"get\"]");
	run(&ran, sandbox, "apply", file, "--yes", NULL);
	ran_expect(&ran, 5);
	assert_non_null(strstr(ran.err, "vault.rights was \"\" and is \"get\""));
	ran_free(&ran);
	refused++;
	read_vault();
	assert_int_equal(rights_of(writer->principal), 1);
	change_entry("remove", writer->principal, "[\"get\"]");
	remove(file);
	free(file);
}

static void
check(void)
{
	read_vault();
	for (size_t i = 0; i < STRANGERS; i++)
		assert_int_equal(rights_of(strangers[i].principal), strangers[i].there ? 2 : -1);
	for (size_t i = 0; i < WRITERS - 1; i++)
		assert_int_equal(
			rights_of(writers[i].principal) > 0 ? 4 : 0, writers[i].granted ? 4 : 0);
}

static void
no_entry_is_lost_and_no_stale_plan_carried_out(void **state)
{
	const char *asked = getenv("INTERLEAVINGS");
	unsigned long all = asked && *asked ? strtoul(asked, NULL, 10) : DEFAULT_RUNS;
	size_t others;

	(void)state;
	read_vault();
	others = json_array_size(client_at(&client, "properties.accessPolicies"));
	while (runs < all) {
		for (size_t i = 0; i < WRITERS; i++)
			begin(i);
		disturb();
		for (size_t i = 0; i < WRITERS; i++) {
			finish(&writers[i]);
		}
		check();
		go_stale();
	}
	for (size_t i = 0; i < WRITERS; i++)
		change_entry("remove", writers[i].principal, OURS);
	for (size_t i = 0; i < STRANGERS; i++)
		change_entry("remove", strangers[i].principal, "[\"get\",\"list\"]");
	read_vault();
	assert_int_equal(json_array_size(client_at(&client, "properties.accessPolicies")), others);
	assert_true(conflicts > 0);
	print_message("%lu runs of the program beside each other and beside %lu changes of another "
		      "team's, which met a 409 %lu times: no entry lost; %lu stale plans refused\n",
		runs, foreign, conflicts, refused);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			no_entry_is_lost_and_no_stale_plan_carried_out, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
