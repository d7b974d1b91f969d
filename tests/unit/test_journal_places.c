/* Where records go when they cannot go home, and what operations and checkpoints make of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backend/base/buf.h"
#include "backend/base/file.h"
#include "backend/journal/export.h"
#include "backend/journal/journal.h"
#include "backend/journal/operation.h"
#include "crypto/digest.h"
#include "tests/fixtures/journals.h"

/* A second file stands in, and whoever opens the first one next carries it home. */
static void
the_runtime_folder_stands_in(void **state)
{
	const struct place *place = *state;
	struct journal *journal;
	struct seen seen = {0};
	struct err err = {0};
	size_t records;

	journals_block(place);
	journal = journal_open(NULL, false, &err);
	assert_non_null(journal);
	assert_non_null(strstr(journal_note(journal), "runtime"));
	journals_append(journal, JOURNAL_INTENT, "switch");
	journal_close(journal);
	journals_unblock(place);
	journal = journal_open(NULL, false, &err);
	assert_non_null(journal);
	assert_string_equal(journal_note(journal), "");
	journals_append(journal, JOURNAL_DONE, "switch");
	journal_close(journal);
	assert_true(journal_each(NULL, journals_see, &seen, &err));
	assert_int_equal(seen.count, 3);
	json_decref(seen.last);
	assert_true(journal_verify(NULL, &records, (char[65]){0}, &err));
	assert_int_equal(records, 3);
}

/* Whoever wrote elsewhere goes on there after it was carried home: what it adds is no less in the
 * journal than what came before. */
static void
nothing_is_added_to_what_was_carried_home(void **state)
{
	const struct place *place = *state;
	struct journal *elsewhere, *journal;
	struct seen seen = {0};
	struct err err = {0};

	journals_block(place);
	elsewhere = journal_open(NULL, false, &err);
	assert_non_null(elsewhere);
	journals_append(elsewhere, JOURNAL_INTENT, "switch");
	journals_unblock(place);
	journal = journal_open(NULL, false, &err);
	assert_non_null(journal);
	journal_close(journal);
	journals_append(elsewhere, JOURNAL_DONE, "switch");
	journal_close(elsewhere);
	assert_true(journal_each(NULL, journals_see, &seen, &err));
	assert_int_equal(seen.count, 3);
	assert_string_equal(json_string_value(json_object_get(seen.last, "phase")), "done");
	json_decref(seen.last);
}

/* A timeline is read when nobody is there any more to be asked about what was cut off. */
static void
a_timeline_tells_of_every_account(void **state)
{
	enum { ACCOUNTS = 500 };
	json_t *accounts = json_array(), *records;
	struct buf out;
	char name[32];

	(void)state;
	for (int i = 0; i < ACCOUNTS; i++) {
		snprintf(name, sizeof name, "account-%d", i);
		json_array_append_new(
			accounts, json_pack("{s:s, s:s}", "name", name, "outcome", "dark"));
	}
	records = json_pack("[{s:s, s:{s:o}}]", "phase", "end", "detail", "accounts", accounts);
	buf_init(&out, 1 << 20);
	assert_true(export_markdown(records, &out));
	assert_non_null(strstr(buf_text(&out), "account-0 is dark; account-1 is dark"));
	assert_non_null(strstr(buf_text(&out), "; account-499 is dark |\n"));
	buf_free(&out);
	buf_init(&out, 1 << 12);
	assert_false(export_markdown(records, &out));
	buf_free(&out);
	json_decref(records);
}

/* Without a reason nothing holds; with one stderr does, and the next start tells of the gap. */
static void
broken_glass_is_told_at_the_next_start(void **state)
{
	const struct place *place = *state;
	struct journal *journal;
	struct seen seen = {0};
	struct err err = {0};
	size_t records;

	assert_int_equal(mkdir(place->path, 0700), 0);
	assert_null(journal_open(place->dir, true, &err));
	assert_int_equal(err.kind, ERR_JOURNAL);
	journal = journal_open_glass(place->dir, true, "the key was stolen", &err);
	assert_non_null(journal);
	journals_append(journal, JOURNAL_INTENT, "cut");
	journals_append(journal, JOURNAL_DONE, "cut");
	journal_close(journal);
	assert_int_equal(rmdir(place->path), 0);
	journal_close(journals_open(place));
	assert_true(journals_verify(place, &records, &err));
	assert_int_equal(records, 4);
	assert_true(journal_each(place->dir, journals_see, &seen, &err));
	assert_int_equal(seen.count, 4);
	assert_string_equal(json_string_value(json_object_get(seen.last, "phase")), "done");
	assert_true(json_is_true(json_object_get(seen.last, "carried")));
	json_decref(seen.last);
}

/* The name of the folder in /tmp can be guessed: what others put there is neither read nor brought
 * home. */
static void
what_others_put_in_tmp_is_not_ours(void **state)
{
	const struct place *place = *state;
	struct journal *journal;
	struct seen seen = {0};
	struct err err = {0};
	char digest[65], path[64];
	size_t records;

	digest_sha256_hex(place->dir, strlen(place->dir), digest);
	snprintf(path, sizeof path, "/tmp/claviger-%u-%.12s", (unsigned)geteuid(), digest);
	journal = journal_open(path, true, &err);
	assert_non_null(journal);
	journals_append(journal, JOURNAL_INTENT, "cut");
	journal_close(journal);
	assert_int_equal(chmod(path, 0755), 0);
	assert_true(journal_each(place->dir, journals_see, &seen, &err));
	assert_int_equal(seen.count, 0);
	journal_close(journals_open(place));
	assert_true(journals_verify(place, &records, &err));
	assert_int_equal(records, 0);
	assert_int_equal(chmod(path, 0700), 0);
	journal_close(journals_open(place));
	assert_true(journals_verify(place, &records, &err));
	assert_int_equal(records, 2);
	file_remove_tree(path);
}

static void
a_checkpoint_shows_a_cut_and_a_rewriting(void **state)
{
	const struct place *place = *state;
	struct checkpoint saved, read;
	struct err err = {0};
	char line[160], tail[65];
	size_t records, at[8];
	struct buf whole;

	journals_fill(place, 3, &whole);
	journals_lines(&whole, at, 8);
	assert_true(journal_checkpoint(place->dir, &saved, &err));
	snprintf(line, sizeof line, "%s %zu %s\n", saved.origin, saved.size, saved.hash);
	assert_true(journal_checkpoint_read(line, &read, &err));
	assert_true(journal_verify_since(place->dir, &read, &records, tail, &err));
	journals_put(place, whole.data, at[2]);
	assert_false(journal_verify_since(place->dir, &read, &records, tail, &err));
	assert_string_equal(err.code, "JournalTruncated");
	buf_free(&whole);
	unlink(place->path);
	journals_fill(place, 4, &whole);
	assert_false(journal_verify_since(place->dir, &read, &records, tail, &err));
	assert_string_equal(err.code, "JournalRewritten");
	assert_false(journal_checkpoint_read("word", &read, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	buf_free(&whole);
}

/* The end of a run says how it stands; without one the steps do. */
static void
operations_are_folded(void **state)
{
	static const char id[] = "11111111-2222-4333-8444-555555555555";
	const struct place *place = *state;
	struct journal *journal = journals_open(place);
	struct journal_entry end = {.phase = JOURNAL_END, .operation = id, .plan = "onboard"};
	struct operation operation;
	struct err err = {0};

	journals_append(journal, JOURNAL_INTENT, "grant");
	journals_append(journal, JOURNAL_DONE, "grant");
	journals_append(journal, JOURNAL_INTENT, "switch");
	assert_true(operation_find(place->dir, "11111111", &operation, &err));
	assert_int_equal(operation.state, OPERATION_UNKNOWN);
	assert_int_equal(operation.done, 1);
	assert_null(operation.begin);
	operation_free(&operation);
	journals_append(journal, JOURNAL_FAILED, "switch");
	assert_true(operation_find(place->dir, id, &operation, &err));
	assert_int_equal(operation.state, OPERATION_FAILED);
	operation_free(&operation);
	end.detail = json_pack("{s:s}", "state", "done");
	assert_true(journal_append(journal, &end, &err));
	json_decref((json_t *)end.detail);
	assert_true(operation_find(place->dir, id, &operation, &err));
	assert_int_equal(operation.state, OPERATION_DONE);
	operation_free(&operation);
	assert_false(operation_find(place->dir, "99999999", &operation, &err));
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	journal_close(journal);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_runtime_folder_stands_in, journals_setup, journals_teardown),
		cmocka_unit_test_setup_teardown(nothing_is_added_to_what_was_carried_home,
			journals_setup, journals_teardown),
		cmocka_unit_test(a_timeline_tells_of_every_account),
		cmocka_unit_test_setup_teardown(
			broken_glass_is_told_at_the_next_start, journals_setup, journals_teardown),
		cmocka_unit_test_setup_teardown(
			what_others_put_in_tmp_is_not_ours, journals_setup, journals_teardown),
		cmocka_unit_test_setup_teardown(a_checkpoint_shows_a_cut_and_a_rewriting,
			journals_setup, journals_teardown),
		cmocka_unit_test_setup_teardown(
			operations_are_folded, journals_setup, journals_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
