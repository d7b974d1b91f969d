/* The journal: what is appended can be read back, and nothing that happens to it goes unnoticed. */
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
#include "backend/journal/journal.h"
#include "tests/fixtures/journals.h"

static void
records_hold_what_was_given(void **state)
{
	const struct place *place = *state;
	struct journal *journal = journals_open(place);
	struct seen seen = {0};
	struct err err = {0};
	size_t records;
	struct stat st;
	json_t *actor;

	setenv("SSH_CONNECTION", "192.0.2.7 5022 192.0.2.1 22", 1);
	journal_actor(journal, "oid-1", "app-1");
	journals_append(journal, JOURNAL_INTENT, "grant");
	journals_append(journal, JOURNAL_DONE, "grant");
	journal_close(journal);
	unsetenv("SSH_CONNECTION");
	assert_true(journal_each(place->dir, journals_see, &seen, &err));
	assert_int_equal(seen.count, 2);
	actor = json_object_get(seen.last, "actor");
	assert_int_equal(json_integer_value(json_object_get(seen.last, "seq")), 2);
	assert_string_equal(json_string_value(json_object_get(seen.last, "phase")), "done");
	assert_string_equal(json_string_value(json_object_get(seen.last, "step")), "grant");
	assert_string_equal(json_string_value(json_object_get(seen.last, "requestId")), "r-1");
	assert_int_equal(json_integer_value(json_object_get(seen.last, "http")), 200);
	assert_true(json_is_true(json_object_get(seen.last, "sandbox")));
	assert_string_equal(json_string_value(json_object_get(actor, "ssh")), "192.0.2.7");
	assert_string_equal(json_string_value(json_object_get(actor, "objectId")), "oid-1");
	assert_int_equal(json_integer_value(json_object_get(actor, "uid")), (int)geteuid());
	assert_null(json_object_get(seen.last, "body"));
	json_decref(seen.last);
	assert_true(journals_verify(place, &records, &err));
	assert_int_equal(records, 2);
	assert_int_equal(stat(place->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void
no_file_is_an_empty_journal(void **state)
{
	const struct place *place = *state;
	struct seen seen = {0};
	struct err err = {0};
	size_t records = 9;

	assert_true(journal_each(place->dir, journals_see, &seen, &err));
	assert_int_equal(seen.count, 0);
	assert_true(journals_verify(place, &records, &err));
	assert_int_equal(records, 0);
}

struct writing_reader {
	struct journal *journal;
	atomic_bool stop;
	size_t count;
};

static void
append_one(void *user, const json_t *record)
{
	struct writing_reader *reader = user;

	(void)record;
	reader->count++;
	journals_append(reader->journal, JOURNAL_DONE, "grant");
}

/* A long reading keeps nobody from writing, and ends where the journal did when it began. */
static void
whoever_reads_lets_others_write(void **state)
{
	const struct place *place = *state;
	struct writing_reader reader = {.journal = journals_open(place)};
	struct err err = {0};
	size_t size = journal_size(place->dir), records;

	assert_int_equal(size, 0);
	journals_append(reader.journal, JOURNAL_INTENT, "grant");
	journals_append(reader.journal, JOURNAL_DONE, "grant");
	assert_true(journal_each(place->dir, append_one, &reader, &err));
	assert_int_equal(reader.count, 2);
	assert_true(journals_verify(place, &records, &err));
	assert_int_equal(records, 4);
	assert_true(journal_size(place->dir) > size);
	journal_close(reader.journal);
}

static void
stop_here(void *user, const json_t *record)
{
	struct writing_reader *reader = user;

	(void)record;
	reader->count++;
	reader->stop = true;
}

static void
a_reading_that_nobody_waits_for_ends(void **state)
{
	const struct place *place = *state;
	struct writing_reader reader = {0};
	struct err err = {0};
	struct buf whole;

	journals_fill(place, 3, &whole);
	buf_free(&whole);
	assert_false(journal_each_until(place->dir, stop_here, &reader, &reader.stop, &err));
	assert_int_equal(err.kind, ERR_CANCELLED);
	assert_int_equal(reader.count, 1);
}

static void
foreign_text_is_made_safe(void **state)
{
	const struct place *place = *state;
	struct journal *journal = journals_open(place);
	struct journal_entry entry = {.phase = JOURNAL_FAILED,
		.operation = "op",
		.plan = "onboard",
		.step = "switch",
		.code = "X",
		.message = "evil \x1b[2J \xe2\x80\xae \xff end"};
	struct seen seen = {0};
	struct err err = {0};
	const char *message;
	size_t records;

	assert_true(journal_append(journal, &entry, &err));
	journal_close(journal);
	assert_true(journal_each(place->dir, journals_see, &seen, &err));
	message = json_string_value(json_object_get(seen.last, "message"));
	assert_null(strchr(message, '\x1b'));
	assert_non_null(strstr(message, "<U+202E>"));
	assert_non_null(strstr(message, "<xFF>"));
	json_decref(seen.last);
	assert_true(journals_verify(place, &records, &err));
}

static void
every_flipped_byte_shows(void **state)
{
	const struct place *place = *state;
	struct err err;
	size_t records;
	struct buf whole;

	journals_fill(place, 3, &whole);
	assert_true(journals_verify(place, &records, &err));
	for (size_t i = 0; i < whole.len; i++) {
		static const unsigned char flips[] = {0x01, 0x20, 0x80};

		for (size_t f = 0; f < sizeof flips; f++) {
			whole.data[i] = (char)(whole.data[i] ^ flips[f]);
			journals_put(place, whole.data, whole.len);
			if (journals_verify(place, &records, &err))
				fail_msg("byte %zu ^ %02x went unnoticed", i, flips[f]);
			assert_non_null(strstr(err.msg, "line "));
			whole.data[i] = (char)(whole.data[i] ^ flips[f]);
		}
	}
	buf_free(&whole);
}

/* Writes the lines in the order given (NULL-less list of indexes) and expects a complaint. */
static void
expect_noticed(const struct place *place, const struct buf *whole, const size_t *at,
	const size_t *order, size_t len, const char *code)
{
	struct err err;
	size_t records;
	struct buf out;

	buf_init(&out, 1 << 20);
	for (size_t i = 0; i < len; i++)
		assert_true(
			buf_add(&out, whole->data + at[order[i]], at[order[i] + 1] - at[order[i]]));
	journals_put(place, out.data, out.len);
	assert_false(journals_verify(place, &records, &err));
	assert_string_equal(err.code, code);
	buf_free(&out);
}

static void
taken_out_doubled_and_swapped_records_show(void **state)
{
	const struct place *place = *state;
	size_t at[8];
	struct buf whole;

	journals_fill(place, 4, &whole);
	assert_int_equal(journals_lines(&whole, at, 8), 4);
	expect_noticed(place, &whole, at, (size_t[]){1, 2, 3}, 3, "JournalSequence");
	expect_noticed(place, &whole, at, (size_t[]){0, 2, 3}, 3, "JournalSequence");
	expect_noticed(place, &whole, at, (size_t[]){0, 1, 1, 2, 3}, 5, "JournalSequence");
	expect_noticed(place, &whole, at, (size_t[]){0, 2, 1, 3}, 4, "JournalSequence");
	buf_free(&whole);
}

/* A record of another journal with the right number and a right hash of its own. */
static void
a_replaced_record_breaks_the_chain(void **state)
{
	const struct place *place = *state;
	struct place other;
	struct buf ours, theirs, out;
	size_t a[8], b[8], records;
	struct journal *journal;
	struct err err;

	journals_fill(place, 3, &ours);
	snprintf(other.dir, sizeof other.dir, "%.60s/other", place->dir);
	snprintf(other.path, sizeof other.path, "%s/journal.jsonl", other.dir);
	journal = journals_open(&other);
	for (int i = 0; i < 3; i++)
		journals_append(journal, JOURNAL_FAILED, "other");
	journal_close(journal);
	buf_init(&theirs, 1 << 20);
	assert_true(file_read(other.path, true, &theirs, &err));
	journals_lines(&ours, a, 8);
	journals_lines(&theirs, b, 8);
	buf_init(&out, 1 << 20);
	assert_true(buf_add(&out, ours.data, a[1]) &&
		    buf_add(&out, theirs.data + b[1], b[2] - b[1]) &&
		    buf_add(&out, ours.data + a[2], a[3] - a[2]));
	journals_put(place, out.data, out.len);
	assert_false(journals_verify(place, &records, &err));
	assert_string_equal(err.code, "JournalChain");
	assert_int_equal(records, 1);
	buf_free(&ours);
	buf_free(&theirs);
	buf_free(&out);
}

static void
a_torn_last_line_is_set_aside(void **state)
{
	const struct place *place = *state;
	struct seen seen = {0};
	struct err err;
	size_t records, at[8];
	struct journal *journal;
	struct buf whole, torn;
	char path[192];

	journals_fill(place, 3, &whole);
	journals_lines(&whole, at, 8);
	journals_put(place, whole.data, at[2] + 40);
	assert_false(journals_verify(place, &records, &err));
	assert_string_equal(err.code, "JournalTorn");
	assert_true(journal_each(place->dir, journals_see, &seen, &err));
	assert_int_equal(seen.count, 2);

	journal = journals_open(place);
	journals_append(journal, JOURNAL_INTENT, "after");
	journal_close(journal);
	assert_true(journals_verify(place, &records, &err));
	assert_int_equal(records, 4);
	snprintf(path, sizeof path, "%s.torn-3", place->path);
	buf_init(&torn, 1 << 16);
	assert_true(file_read(path, true, &torn, &err));
	assert_int_equal(torn.len, 40);
	assert_memory_equal(torn.data, whole.data + at[2], 40);
	json_decref(seen.last);
	buf_free(&torn);
	buf_free(&whole);
}

/* Nothing but a piece of a first record. */
static void
a_torn_first_line_is_set_aside(void **state)
{
	const struct place *place = *state;
	struct journal *journal;
	struct err err;
	size_t records;

	journals_put(place, "{\"seq\":1,", 9);
	journal = journals_open(place);
	journals_append(journal, JOURNAL_INTENT, "after");
	journal_close(journal);
	assert_true(journals_verify(place, &records, &err));
	assert_int_equal(records, 2);
}

static void
a_spoilt_last_record_stops_the_writer(void **state)
{
	const struct place *place = *state;
	struct err err = {0};
	struct buf whole;

	journals_fill(place, 2, &whole);
	whole.data[whole.len - 20] ^= 1;
	journals_put(place, whole.data, whole.len);
	assert_null(journal_open(place->dir, true, &err));
	assert_int_equal(err.kind, ERR_JOURNAL);
	buf_free(&whole);
}

static void
open_modes_links_and_others_are_refused(void **state)
{
	const struct place *place = *state;
	char elsewhere[160];
	struct buf whole;
	struct err err = {0};

	journals_fill(place, 1, &whole);
	buf_free(&whole);
	assert_int_equal(chmod(place->path, 0644), 0);
	assert_null(journal_open(place->dir, true, &err));
	assert_int_equal(err.kind, ERR_JOURNAL);
	assert_non_null(strstr(err.msg, "chmod"));

	assert_int_equal(chmod(place->path, 0600), 0);
	snprintf(elsewhere, sizeof elsewhere, "%s/elsewhere", place->dir);
	assert_int_equal(rename(place->path, elsewhere), 0);
	assert_int_equal(symlink(elsewhere, place->path), 0);
	err = (struct err){0};
	assert_null(journal_open(place->dir, true, &err));
	assert_int_equal(err.kind, ERR_JOURNAL);

	assert_int_equal(unlink(place->path), 0);
	assert_int_equal(mkfifo(place->path, 0600), 0);
	assert_null(journal_open(place->dir, true, &err));
	assert_int_equal(err.kind, ERR_JOURNAL);

	assert_int_equal(unlink(place->path), 0);
	assert_int_equal(chmod(place->dir, 0755), 0);
	assert_null(journal_open(place->dir, true, &err));
	assert_int_equal(err.kind, ERR_JOURNAL);
	assert_int_equal(chmod(place->dir, 0700), 0);
}

/* A size limit is a disk that fills up in the middle of a line. */
static void
a_full_disk_leaves_no_half_record(void **state)
{
	const struct place *place = *state;
	struct journal_entry entry = {
		.phase = JOURNAL_INTENT, .operation = "op", .plan = "onboard", .step = "switch"};
	struct rlimit old, small;
	struct journal *journal;
	struct err err = {0};
	struct buf whole;
	size_t records;
	bool ok;

	journals_fill(place, 2, &whole);
	journal = journals_open(place);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = old;
	small.rlim_cur = whole.len + 50;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	ok = journal_append(journal, &entry, &err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_false(ok);
	assert_int_equal(err.kind, ERR_JOURNAL);
	assert_int_equal(err_exit(err.kind), 74);
	assert_true(journals_verify(place, &records, &err));
	assert_int_equal(records, 2);
	assert_true(journal_append(journal, &entry, &err));
	assert_true(journals_verify(place, &records, &err));
	assert_int_equal(records, 3);
	journal_close(journal);
	buf_free(&whole);
}

static void
several_writers_share_one_chain(void **state)
{
	const struct place *place = *state;
	struct err err;
	size_t records;
	pid_t child[3];

	for (int i = 0; i < 3; i++) {
		child[i] = fork();
		if (child[i] == 0) {
			struct journal *journal = journal_open(place->dir, false, &err);
			struct journal_entry entry = {.phase = JOURNAL_INTENT,
				.operation = "op",
				.plan = "onboard",
				.step = "switch"};
			bool ok = journal != NULL;

			for (int n = 0; ok && n < 10; n++)
				ok = journal_append(journal, &entry, &err);
			_exit(ok ? 0 : 1);
		}
	}
	for (int i = 0; i < 3; i++) {
		int status;

		assert_int_equal(waitpid(child[i], &status, 0), child[i]);
		assert_int_equal(status, 0);
	}
	assert_true(journals_verify(place, &records, &err));
	assert_int_equal(records, 30);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			records_hold_what_was_given, journals_setup, journals_teardown),
		cmocka_unit_test_setup_teardown(
			no_file_is_an_empty_journal, journals_setup, journals_teardown),
		cmocka_unit_test_setup_teardown(
			whoever_reads_lets_others_write, journals_setup, journals_teardown),
		cmocka_unit_test_setup_teardown(
			a_reading_that_nobody_waits_for_ends, journals_setup, journals_teardown),
		cmocka_unit_test_setup_teardown(
			foreign_text_is_made_safe, journals_setup, journals_teardown),
		cmocka_unit_test_setup_teardown(
			every_flipped_byte_shows, journals_setup, journals_teardown),
		cmocka_unit_test_setup_teardown(taken_out_doubled_and_swapped_records_show,
			journals_setup, journals_teardown),
		cmocka_unit_test_setup_teardown(
			a_replaced_record_breaks_the_chain, journals_setup, journals_teardown),
		cmocka_unit_test_setup_teardown(
			a_torn_last_line_is_set_aside, journals_setup, journals_teardown),
		cmocka_unit_test_setup_teardown(
			a_torn_first_line_is_set_aside, journals_setup, journals_teardown),
		cmocka_unit_test_setup_teardown(
			a_spoilt_last_record_stops_the_writer, journals_setup, journals_teardown),
		cmocka_unit_test_setup_teardown(
			open_modes_links_and_others_are_refused, journals_setup, journals_teardown),
		cmocka_unit_test_setup_teardown(
			a_full_disk_leaves_no_half_record, journals_setup, journals_teardown),
		cmocka_unit_test_setup_teardown(
			several_writers_share_one_chain, journals_setup, journals_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
