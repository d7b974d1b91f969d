/* The codes that can be looked up: each is told whole, and none that the program can end with is
 * missing. The second is looked for in the sources, so this runs at the root of the tree. */
#include <fts.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/auth/aadsts.h"
#include "backend/base/buf.h"
#include "backend/base/err.h"
#include "backend/base/file.h"
#include "backend/codes/code.h"
#include "backend/estate/posture.h"
#include "backend/plans/plan.h"

enum { SOURCE_MAX = 1 << 20, ALL_MAX = 64 << 20 };

static bool
is_known(const char *name)
{
	struct code code;

	for (size_t i = 0; code_at(i, &code); i++)
		if (strcmp(code.name, name) == 0)
			return true;
	return false;
}

static void
is_a_paragraph(const struct code *code, const char *text)
{
	if (text == NULL || *text == '\0')
		fail_msg("%s: a text is missing", code->name);
	for (const char *c = text; *c; c++)
		if (*c < ' ' || *c > '~' || (*c == ' ' && c[1] == ' '))
			fail_msg("%s: not one paragraph of ASCII: %s", code->name, text);
}

static void
every_code_is_told_whole(void **state)
{
	struct code code, other;

	(void)state;
	for (size_t i = 0; code_at(i, &code); i++) {
		is_a_paragraph(&code, code.name);
		is_a_paragraph(&code, code.from);
		is_a_paragraph(&code, code.means);
		is_a_paragraph(&code, code.todo);
		is_a_paragraph(&code, code.source);
		if (code.why)
			is_a_paragraph(&code, code.why);
		for (size_t k = 0; k < i; k++)
			if (code_at(k, &other) && strcmp(code.name, other.name) == 0 &&
				strcmp(code.from, other.from) == 0)
				fail_msg("%s is there twice", code.name);
	}
}

static void
it_is_found_as_people_write_it(void **state)
{
	static const struct code entra = {.name = "AADSTS700016"};
	static const struct code vault = {.name = "KeyDisabled"};

	(void)state;
	assert_true(code_is(&entra, "aadsts700016"));
	assert_true(code_is(&entra, "700016"));
	assert_false(code_is(&entra, "00016"));
	assert_true(code_is(&vault, "keydisabled"));
	assert_false(code_is(&vault, "key-disabled"));
}

static void
tables_of_others_are_covered(void **state)
{
	char name[32];

	(void)state;
	for (size_t i = 0; i < aadsts_table_len; i++) {
		snprintf(name, sizeof name, "AADSTS%d", aadsts_table[i].code);
		if (!is_known(name))
			fail_msg("%s is missing", name);
	}
	for (size_t i = 0; i < rules_len; i++)
		if (!is_known(rules[i].id))
			fail_msg("rule %s is missing", rules[i].id);
	for (size_t i = 0; i < plans_len; i++)
		for (size_t r = 0; plans[i]->blocking && plans[i]->blocking[r]; r++)
			if (!is_known(plans[i]->blocking[r]))
				fail_msg("rule %s of %s is missing", plans[i]->blocking[r],
					plans[i]->name);
	for (int kind = ERR_NONE; kind <= ERR_CANCELLED; kind++) {
		snprintf(name, sizeof name, "%d", err_exit(kind));
		if (!is_known(name))
			fail_msg("exit code %s is missing", name);
	}
}

static size_t missing;

/* Every text in quotes between from and to has to be a code; "" says that there is none. */
static size_t
look_at(const char *path, const char *from, const char *to)
{
	char name[64];
	size_t count = 0;

	while ((from = memchr(from, '"', (size_t)(to - from)))) {
		size_t len = strcspn(++from, "\"");

		snprintf(name, sizeof name, "%.*s", (int)len, from);
		from += len + 1;
		if (*name && *name != '%' && !is_known(name)) {
			print_error("%s: %s is in no table of backend/codes\n", path, name);
			missing++;
		}
		count += *name != '\0';
	}
	return count;
}

/* Where an argument ends that begins here. */
static const char *
end_of_argument(const char *at)
{
	for (int depth = 0; *at; at++) {
		if (*at == '"')
			for (at++; *at && *at != '"'; at++)
				at += *at == '\\';
		depth += (*at == '(') - (*at == ')');
		if ((*at == ',' && depth == 0) || depth < 0)
			break;
	}
	return at;
}

/* The n-th argument of each call of it. */
static size_t
calls_of(const char *path, const char *text, const char *function, unsigned n)
{
	size_t count = 0;

	for (const char *at = text; (at = strstr(at, function)); at++) {
		const char *from = at + strlen(function), *to = from;

		for (unsigned i = 0; i <= n && *to; i++) {
			from = to + (i > 0);
			to = end_of_argument(from);
			if (*to != ',' && i < n)
				break;
			if (i == n)
				count += look_at(path, from, to);
		}
	}
	return count;
}

/* Ids of rules: .id = "..." */
static size_t
ids_of(const char *path, const char *text)
{
	static const char id[] = ".id = \"";
	size_t count = 0;

	for (const char *at = text; (at = strstr(at, id)); at += strlen(id)) {
		const char *from = at + strlen(id) - 1;

		count += look_at(path, from, strchr(from + 1, '"') + 1);
	}
	return count;
}

struct counted {
	size_t calls, ids;
	struct buf all; /* every source, in which our own codes have to be */
};

static void
look_at_source(const char *path, struct counted *counted)
{
	struct buf text;
	struct err err;

	buf_init(&text, SOURCE_MAX);
	assert_true(file_read(path, false, &text, &err));
	assert_true(buf_adds(&counted->all, buf_text(&text)));
	counted->calls += calls_of(path, buf_text(&text), "err_set(", 2);
	counted->calls += calls_of(path, buf_text(&text), "ossl_fail(", 1);
	counted->calls += calls_of(path, buf_text(&text), "fail(call,", 1);
	counted->calls += calls_of(path, buf_text(&text), "sizeof err->code,", 0);
	if (strncmp(path, "backend/plans/", strlen("backend/plans/")) == 0 ||
		strncmp(path, "backend/estate/posture", strlen("backend/estate/posture")) == 0)
		counted->ids += ids_of(path, buf_text(&text));
	buf_free(&text);
}

/* Nobody looks up what is never said. */
static void
is_said(const struct code_table *table, const char *sources)
{
	char quoted[80];

	for (size_t i = 0; i < table->len; i++) {
		snprintf(quoted, sizeof quoted, "\"%s\"", table->codes[i].name);
		if (!strstr(sources, quoted)) {
			print_error("%s is said nowhere\n", table->codes[i].name);
			missing++;
		}
	}
}

/* The sandbox is Azure: what it answers is not the program's own. */
static void
every_code_in_the_sources_is_known(void **state)
{
	static char backend[] = "backend", crypto[] = "crypto", tui[] = "tui", views[] = "views";
	char *const roots[] = {backend, crypto, tui, views, NULL};
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	struct counted counted = {0};
	FTSENT *entry;

	(void)state;
	assert_non_null(tree);
	buf_init(&counted.all, ALL_MAX);
	while ((entry = fts_read(tree))) {
		size_t len = strlen(entry->fts_path);

		if (entry->fts_info == FTS_D && strcmp(entry->fts_path, "backend/sandbox") == 0)
			fts_set(tree, entry, FTS_SKIP);
		else if (entry->fts_info == FTS_F && len > 2 &&
			 strcmp(entry->fts_path + len - 2, ".c") == 0)
			look_at_source(entry->fts_path, &counted);
	}
	fts_close(tree);
	/* That it looks at all: there are about 200 and 100 of them. */
	assert_in_range(counted.calls, 150, 1000);
	assert_in_range(counted.ids, 80, 1000);
	is_said(&codes_own, buf_text(&counted.all));
	is_said(&codes_changes, buf_text(&counted.all));
	is_said(&codes_rules, buf_text(&counted.all));
	is_said(&codes_plan_rules, buf_text(&counted.all));
	buf_free(&counted.all);
	assert_int_equal(missing, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_is_told_whole),
		cmocka_unit_test(it_is_found_as_people_write_it),
		cmocka_unit_test(tables_of_others_are_covered),
		cmocka_unit_test(every_code_in_the_sources_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
