/* The survey of a journal: what lists show, read from its end without a tree of every record; and a
 * line of JSON looked at without one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/journal/line.h"
#include "backend/journal/scan.h"
#include "backend/journal/survey.h"
#include "tests/fixtures/journals.h"

enum { MANY = 5000, TURN = 1 << 20, MEMBERS = 3 };

#define CAMPAIGN "11111111-2222-4333-8444-000000000000"

/* A journal that is written at once, without waiting for the disk at each record. */
struct writer {
	struct buf out;
	char prev[LINE_HASH];
	int seq;
};

static void
open_writer(struct writer *writer)
{
	*writer = (struct writer){0};
	buf_init(&writer->out, 64 << 20);
	memcpy(writer->prev, line_origin, LINE_HASH);
}

/* Takes detail. */
static void
put(struct writer *writer, const char *id, const char *plan, const char *phase, const char *step,
	json_t *detail)
{
	json_t *record = json_pack("{s:i, s:s, s:s, s:s, s:s, s:s}", "seq", ++writer->seq, "time",
		"2026-11-22T14:22:08Z", "operation", id, "plan", plan, "phase", phase, "target",
		"/subscriptions/s/target");
	struct err err;

	if (step)
		json_object_set_new(record, "step", json_string(step));
	if (detail)
		json_object_set_new(record, "detail", detail);
	json_object_set_new(record, "prev", json_string(writer->prev));
	assert_true(line_write(record, &writer->out, writer->prev, &err));
	json_decref(record);
}

static void
close_writer(struct writer *writer, const struct place *place)
{
	journals_put(place, buf_text(&writer->out), writer->out.len);
	buf_free(&writer->out);
}

static void
put_one(struct writer *writer, const char *id, const char *name, const char *end)
{
	put(writer, id, "onboard", "begin", NULL,
		json_pack("{s:s, s:[s, s]}", "name", name, "steps", "identity", "switch"));
	put(writer, id, "onboard", "intent", "identity", NULL);
	put(writer, id, "onboard", "done", "identity", json_pack("{s:s}", "version", "v1"));
	if (end)
		put(writer, id, "onboard", "end", NULL, json_pack("{s:s}", "state", end));
}

static char *
id_of(int i, char id[OPERATION_ID])
{
	snprintf(id, OPERATION_ID, "22222222-2222-4333-8444-%012d", i);
	return id;
}

static struct survey *
read_whole(const struct place *place)
{
	struct err err = {0};
	struct survey *survey = survey_open(place->dir, &err);

	assert_non_null(survey);
	assert_true(survey_read(survey, SIZE_MAX, NULL, &err));
	assert_true(survey_is_whole(survey));
	assert_int_equal(survey_percent(survey), 100);
	return survey;
}

static void
fill_many(const struct place *place)
{
	struct writer writer;
	char id[OPERATION_ID], name[32];

	open_writer(&writer);
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof name, "aa-%d", i);
		put_one(&writer, id_of(i, id), name, i % 10 ? "done" : i % 20 ? NULL : "parked");
	}
	close_writer(&writer, place);
}

static void
assert_one(const struct survey *survey, size_t at, int i)
{
	struct operation one;
	char id[OPERATION_ID], name[32];

	survey_get(survey, at, &one);
	snprintf(name, sizeof name, "aa-%d", i);
	assert_string_equal(one.id, id_of(i, id));
	assert_string_equal(one.subject, name);
	assert_string_equal(one.plan, "onboard");
	assert_int_equal(one.state, i % 10 ? OPERATION_DONE : OPERATION_PARKED);
	assert_int_equal(one.done, 1);
	assert_int_equal(one.all, 2);
	assert_null(one.begin);
}

static void
the_newest_are_known_first(void **state)
{
	const struct place *place = *state;
	struct err err = {0};
	struct survey *survey;
	unsigned percent = 0;
	size_t turns = 0, len = 0;

	fill_many(place);
	survey = survey_open(place->dir, &err);
	assert_non_null(survey);
	for (; !survey_is_whole(survey); turns++) {
		assert_true(survey_read(survey, TURN, NULL, &err));
		assert_true(survey_percent(survey) > percent);
		assert_true(survey_len(survey) > len);
		percent = survey_percent(survey);
		len = survey_len(survey);
		assert_one(survey, len - 1, MANY - 1);
	}
	assert_true(turns > 3);
	assert_int_equal(len, MANY);
	for (int i = 0; i < MANY; i++)
		assert_one(survey, (size_t)i, i);
	survey_close(survey);
}

static void
the_records_of_one_are_read_alone(void **state)
{
	const struct place *place = *state;
	bool *chosen = calloc(MANY, sizeof *chosen);
	struct survey *survey;
	struct operation one;
	struct seen seen = {0};
	struct err err = {0};

	fill_many(place);
	survey = read_whole(place);
	assert_true(survey_find(survey, 1234, &one, &err));
	assert_string_equal(json_string_value(json_object_get(one.begin, "name")), "aa-1234");
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(one.steps, "identity"), "phase")),
		"done");
	operation_free(&one);
	chosen[7] = chosen[4999] = true;
	assert_true(survey_records(survey, chosen, journals_see, &seen, NULL, &err));
	assert_int_equal(seen.count, 8);
	assert_string_equal(json_string_value(json_object_get(seen.last, "phase")), "end");
	json_decref(seen.last);
	survey_close(survey);
	free(chosen);
}

static void
nobody_waits_for_it(void **state)
{
	const struct place *place = *state;
	atomic_bool stop = true;
	struct operations found;
	struct operation one;
	struct err err = {0};

	fill_many(place);
	assert_false(operation_find_until(
		place->dir, "22222222-2222-4333-8444-000000000007", &one, &stop, &err));
	assert_int_equal(err.kind, ERR_CANCELLED);
	assert_false(operation_search(place->dir, NULL, "aa-7", &found, &stop, &err));
	assert_int_equal(found.len, 0);
	assert_true(operation_search(place->dir, NULL, "AA-7", &found, NULL, &err));
	assert_int_equal(found.len, 1);
	assert_non_null(found.rows[0].begin);
	operations_free(&found);
}

/* As told by its members, by what was taken back, and by the last word of each run. */
static void
a_campaign_is_counted(void **state)
{
	const struct place *place = *state;
	struct operations members;
	struct writer writer;
	struct operation one;
	struct err err = {0};
	char id[OPERATION_ID];

	open_writer(&writer);
	put(&writer, CAMPAIGN, "revoke", "begin", NULL,
		json_pack("{s:s, s:[s, s, s]}", "name", "kv/cmk", "fleet", "a", "b", "c"));
	for (int i = 0; i < MEMBERS; i++) {
		id_of(i, id);
		put(&writer, id, "key disable", "begin", NULL,
			json_pack("{s:s, s:s, s:s}", "name", "m", "of", CAMPAIGN, "stage", "cut"));
		put(&writer, id, "key disable", "done", "disable", NULL);
		put(&writer, id, "key disable", "end", NULL, json_pack("{s:s}", "state", "done"));
	}
	put(&writer, id, "key disable", "done", "disable", json_pack("{s:b}", "undo", 1));
	put(&writer, id, "key disable", "end", NULL, json_pack("{s:s}", "state", "rolled-back"));
	put(&writer, CAMPAIGN, "revoke", "end", NULL,
		json_pack("{s:s, s:{s:s}}", "state", "failed", "kept", "a", "b"));
	close_writer(&writer, place);

	assert_true(operation_find(place->dir, CAMPAIGN, &one, &err));
	assert_int_equal(one.state, OPERATION_FAILED);
	assert_int_equal(one.done, MEMBERS - 1);
	assert_int_equal(one.all, MEMBERS);
	assert_int_equal(one.fleet, 3);
	assert_true(one.keeps && one.begun && one.ended && !one.taken_back);
	assert_string_equal(json_string_value(json_object_get(one.kept, "a")), "b");
	operation_free(&one);
	assert_true(operation_search(place->dir, CAMPAIGN, NULL, &members, NULL, &err));
	assert_int_equal(members.len, MEMBERS);
	assert_string_equal(members.rows[0].stage, "cut");
	assert_int_equal(members.rows[0].state, OPERATION_DONE);
	assert_int_equal(members.rows[2].state, OPERATION_ROLLED_BACK);
	assert_int_equal(members.rows[2].done, 0);
	operations_free(&members);
}

/* A campaign may name so many accounts in one record that no block holds it; what others wrote into
 * a record is safe; what was cut off at the end is the next writer's business. */
static void
lines_of_every_length(void **state)
{
	const struct place *place = *state;
	json_t *fleet = json_array();
	struct survey *survey;
	struct writer writer;
	struct operation one;
	char id[OPERATION_ID];

	for (int i = 0; i < 30000; i++)
		json_array_append_new(fleet, json_sprintf("/subscriptions/s/accounts/aa-%d", i));
	open_writer(&writer);
	put_one(&writer, id_of(1, id), "quote \" and \\ \xe9\x92\xa5 \x1b[2J", "done");
	put(&writer, CAMPAIGN, "grant", "begin", NULL,
		json_pack("{s:s, s:o}", "name", "all", "fleet", fleet));
	put_one(&writer, id_of(2, id), "short", NULL);
	assert_true(buf_adds(&writer.out, "{\"seq\":99,\"operation\":\"half of"));
	close_writer(&writer, place);

	survey = read_whole(place);
	assert_int_equal(survey_len(survey), 3);
	survey_get(survey, 0, &one);
	assert_string_equal(one.subject, "quote \" and \\ \xe9\x92\xa5 <U+001B>[2J");
	survey_get(survey, 1, &one);
	assert_int_equal(one.fleet, 30000);
	survey_get(survey, 2, &one);
	assert_string_equal(one.subject, "short");
	survey_close(survey);
}

/* What was cut off when it was opened is set aside by the next writer while it is read, and other
 * records come to stand there: it is of the time at which it was opened all the same. */
static void
others_write_meanwhile(void **state)
{
	const struct place *place = *state;
	struct survey *before, *after;
	struct journal *journal;
	struct writer writer;
	struct operation one;
	struct err err = {0};
	char id[OPERATION_ID];

	open_writer(&writer);
	put_one(&writer, id_of(1, id), "aa", "done");
	assert_true(buf_adds(&writer.out, "{\"seq\":5,\"operation\":\"half of"));
	close_writer(&writer, place);
	before = survey_open(place->dir, &err);
	assert_non_null(before);
	journal = journals_open(place);
	journals_append(journal, JOURNAL_INTENT, "switch");
	journal_close(journal);

	assert_true(survey_read(before, SIZE_MAX, NULL, &err));
	assert_int_equal(survey_len(before), 1);
	assert_true(survey_find(before, 0, &one, &err));
	assert_string_equal(one.id, id);
	assert_int_equal(one.state, OPERATION_DONE);
	operation_free(&one);
	survey_close(before);
	after = read_whole(place);
	assert_int_equal(survey_len(after), 2);
	survey_get(after, 1, &one);
	assert_int_equal(one.state, OPERATION_UNKNOWN);
	survey_close(after);
}

static void
what_is_no_record_is_named(void **state)
{
	static const char *const lines[] = {
		"hello\n", "[1]\n", "{\"operation\":\n", "{\"a\":\"b\" \"c\"}\n", "{}}\n", "\n"};
	const struct place *place = *state;

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct err err = {0}, told = {0};
		struct seen seen = {0};
		struct writer writer;
		struct operation one;
		char id[OPERATION_ID];

		open_writer(&writer);
		put_one(&writer, id_of(1, id), "aa", "done");
		assert_true(buf_adds(&writer.out, lines[i]));
		put_one(&writer, id_of(2, id), "bb", "done");
		close_writer(&writer, place);
		assert_false(operation_find(place->dir, id, &one, &err));
		assert_string_equal(err.code, "JournalForm");
		assert_non_null(strstr(err.msg, "line 5"));
		assert_false(journal_each(place->dir, journals_see, &seen, &told));
		assert_string_equal(err.msg, told.msg);
		json_decref(seen.last);
	}
}

static void
members_of_a_line_are_found(void **state)
{
	static const char *const names[] = {"a", "deep", "text", "none"};
	static const char text[] = "{ \"x\":[{\"a\":1}], \"a\" : -1.5e3 ,\"deep\":{\"a\":[1,[2]]},"
				   "\"text\":\"a \\\\\\\" b\",\"list\":[]}";
	struct slice out[ARRAY_LEN(names)], list = {"[1, \"a,b\", {\"c\":[1,2]} ]", 24};
	char clean[32];

	(void)state;
	assert_true(scan_object(text, strlen(text), names, ARRAY_LEN(names), out));
	assert_memory_equal(out[0].at, "-1.5e3", out[0].len);
	assert_true(scan_is_object(out[1]) && !scan_is_object(out[0]));
	scan_text(out[2], clean, sizeof clean);
	assert_string_equal(clean, "a \\\" b");
	assert_null(out[3].at);
	scan_text(out[3], clean, sizeof clean);
	assert_string_equal(clean, "");
	assert_int_equal(scan_count(list), 3);
	assert_int_equal(scan_count(out[0]), 0);
	for (size_t len = 0; len < strlen(text); len++)
		assert_false(scan_object(text, len, names, ARRAY_LEN(names), out));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_newest_are_known_first, journals_setup, journals_teardown),
		cmocka_unit_test_setup_teardown(
			the_records_of_one_are_read_alone, journals_setup, journals_teardown),
		cmocka_unit_test_setup_teardown(
			nobody_waits_for_it, journals_setup, journals_teardown),
		cmocka_unit_test_setup_teardown(
			a_campaign_is_counted, journals_setup, journals_teardown),
		cmocka_unit_test_setup_teardown(
			lines_of_every_length, journals_setup, journals_teardown),
		cmocka_unit_test_setup_teardown(
			others_write_meanwhile, journals_setup, journals_teardown),
		cmocka_unit_test_setup_teardown(
			what_is_no_record_is_named, journals_setup, journals_teardown),
		cmocka_unit_test(members_of_a_line_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
