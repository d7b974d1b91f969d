/* What a shell is offered for a word: from the tables and, for names, from what the console kept;
 * never anything that a shell would not take as it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "backend/base/file.h"
#include "backend/estate/cache.h"
#include "backend/net/loop.h"
#include "tests/fixtures/script.h"
#include "views/cli/completion.h"

enum { OUT_MAX = 1 << 20, WORDS_MAX = 12 };

static char folder[64], path[128], option[96];

/* The words offered, each between line ends, without what they are. */
static void
offered(const char *const *words, struct buf *out)
{
	size_t len = 0;
	struct buf told;

	while (words[len])
		len++;
	buf_init(&told, OUT_MAX);
	buf_init(out, OUT_MAX);
	assert_true(completion_words(words, len, &told));
	assert_true(buf_adds(out, "\n"));
	for (const char *at = buf_text(&told); *at; at += strcspn(at, "\n") + 1)
		assert_true(buf_add(out, at, strcspn(at, "\t\n")) && buf_adds(out, "\n"));
	buf_free(&told);
}

struct expected {
	const char *words[WORDS_MAX];
	const char *there[6], *absent[6];
};

static void
expect(const struct expected *expected)
{
	struct buf out;
	char line[128];

	offered(expected->words, &out);
	for (size_t i = 0; i < 6 && expected->there[i]; i++) {
		snprintf(line, sizeof line, "\n%s\n", expected->there[i]);
		if (!strstr(buf_text(&out), line))
			fail_msg("%s: %s is not offered:%s", expected->words[0], expected->there[i],
				buf_text(&out));
	}
	for (size_t i = 0; i < 6 && expected->absent[i]; i++) {
		snprintf(line, sizeof line, "\n%s\n", expected->absent[i]);
		if (strstr(buf_text(&out), line))
			fail_msg("%s: %s is offered", expected->words[0], expected->absent[i]);
	}
	buf_free(&out);
}

static void
words_of_the_tables(void **state)
{
	static const struct expected cases[] = {
		{{""}, {"account", "onboard", "explain", "sandbox", "tour"}, {"list", "--help"}},
		{{"acc"}, {"account"}, {"vault", "key"}},
		{{"account", ""}, {"list", "show", "create"}, {"onboard", "deleted"}},
		{{"account", "create", ""}, {"batch", "storage"}, {"list"}},
		{{"--verbose", "key", "ro"}, {"rotation-policy"}, {"list"}},
		{{"--profile", "prod", "vault", "d"}, {"deleted"}, {"list"}},
		{{"completion", ""}, {"bash", "zsh", "fish"}, {"words"}},
		{{"help", "cu"}, {"cut", "customer-key"}, {"roles"}},
		{{"explain", "Key"}, {"KeyDisabled", "KeyNotFound"}, {"key-disabled"}},
		{{"nonsense", ""}, {NULL}, {"account", "list"}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		expect(&cases[i]);
}

static void
options_of_the_command(void **state)
{
	static const struct expected cases[] = {
		{{"-"}, {"--sandbox", "--sandbox=", "--theme", "--help"}, {"--dry-run", "--key"}},
		{{"onboard", "x", "--"}, {"--key", "--create-key", "--dry-run", "--verbose"},
			{"--theme", "--listen"}},
		{{"account", "list", "--"}, {"--query", "--output"}, {"--dry-run", "--key"}},
		{{"journal", "export", "--o"}, {"--output", "--operation"}, {"--query"}},
		{{"sandbox", "--"}, {"--state", "--listen"}, {"--yes"}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		expect(&cases[i]);
}

/* As bash takes words apart, as other shells do, and with a blank between. */
static void
values_of_options(void **state)
{
	static const struct expected cases[] = {
		{{"onboard", "x", "--create-key", ""}, {"2048", "3072", "4096"}, {"--key"}},
		{{"onboard", "x", "--create-key", "=", "3"}, {"3072"}, {"2048"}},
		{{"onboard", "x", "--create-key", "="}, {"2048", "3072"}, {NULL}},
		{{"onboard", "x", "--create-key=3"}, {"--create-key=3072"}, {"3072"}},
		{{"revoke", "k", "--method", ""}, {"disable", "ungrant", "both"}, {NULL}},
		{{"account", "list", "-o", ""}, {"table", "json", "tsv"}, {"md"}},
		{{"journal", "export", "-o", ""}, {"md", "json", "csv"}, {"table"}},
		{{"sandbox", "--names", "="}, {"local", "china"}, {NULL}},
		{{"--sandbox", "--seed", "d"}, {"demo"}, {"empty"}},
		{{"onboard", "x", "--force", "key-"}, {"key-expired"}, {"vault-absent"}},
		{{"onboard", "x", "--key", "k", "--yes", ""}, {NULL}, {"2048", "list"}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		expect(&cases[i]);
}

static int
setup(void **state)
{
	snprintf(folder, sizeof folder, "/tmp/claviger-complete-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/estate.db", folder);
	snprintf(option, sizeof option, "--sandbox=%s", folder);
	return stage_setup(state);
}

static int
teardown(void **state)
{
	file_remove_tree(folder);
	return stage_teardown(state);
}

/* What the console leaves behind. */
static void
keep(struct stage *stage)
{
	struct cache *cache;

	script_load(stage, ESTATE_ACCOUNTS | ESTATE_VAULTS | ESTATE_KEYS | ESTATE_IDENTITIES);
	cache = cache_open(stage->estate, folder);
	assert_non_null(cache);
	cache_follow(cache);
	while (cache_busy(cache))
		loop_turn(session_loop(stage->world.session), 100);
	cache_close(cache);
}

struct first {
	char name[160];
	size_t count;
};

static void
take_first(void *user, const char *name)
{
	struct first *first = user;

	if (first->count++ == 0)
		snprintf(first->name, sizeof first->name, "%s", name);
}

static void
first_name(const char *kind, struct first *first)
{
	struct err err;

	*first = (struct first){0};
	assert_true(cache_names(path, kind, take_first, first, &err));
	assert_true(first->count > 0);
}

static void
is_offered(const char *name, const char *a, const char *b, const char *c)
{
	struct expected expected = {{option, a, b, c}, {name}, {NULL}};

	expect(&expected);
}

static void
names_come_from_the_cache_alone(void **state)
{
	struct stage *stage = *state;
	struct first account, vault, key;
	int calls;

	keep(stage);
	calls = stage->world.calls;
	first_name("account", &account);
	first_name("vault", &vault);
	first_name("key", &key);
	assert_non_null(strchr(key.name, '/'));
	is_offered(account.name, "account", "show", "");
	is_offered(account.name, "onboard", "", NULL);
	is_offered(vault.name, "vault", "show", "");
	assert_int_equal(stage->world.calls, calls);
}

static void
names_where_they_belong(void **state)
{
	struct first account, vault, key;

	keep(*state);
	first_name("account", &account);
	first_name("vault", &vault);
	first_name("key", &key);
	expect(&(struct expected){{option, "rotate", ""}, {key.name}, {account.name}});
	expect(&(struct expected){{option, "impact", ""}, {key.name}, {account.name}});
	expect(&(struct expected){{option, "protect", ""}, {vault.name}, {account.name}});
	expect(&(struct expected){
		{option, "onboard", "x", "--key", ""}, {key.name}, {account.name}});
	expect(&(struct expected){
		{option, "onboard", "x", "--vault", "="}, {vault.name}, {account.name}});
	/* What is to be made is not there, and what confirms a cut is to be typed. */
	expect(&(struct expected){{option, "vault", "create", ""}, {NULL}, {vault.name}});
	expect(&(struct expected){
		{option, "revoke", key.name, "--confirm", ""}, {NULL}, {key.name}});
	/* Without the folder nothing is known. */
	expect(&(struct expected){{"--sandbox", "rotate", ""}, {NULL}, {key.name}});
}

static void
a_name_that_a_shell_would_read_is_not_offered(void **state)
{
	static const char *const words[] = {option, "account", "show", "", NULL};
	struct buf out;
	sqlite3 *db;

	keep(*state);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "UPDATE accounts SET name = 'x;$(id)'", NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(db);
	offered(words, &out);
	assert_string_equal(buf_text(&out), "\n");
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_of_the_tables),
		cmocka_unit_test(options_of_the_command),
		cmocka_unit_test(values_of_options),
		cmocka_unit_test_setup_teardown(names_come_from_the_cache_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(names_where_they_belong, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_name_that_a_shell_would_read_is_not_offered, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
