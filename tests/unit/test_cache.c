/* The cache of the last reading: what it brings back, whom it does not serve, and that a file that
 * was broken, forged or opened to others is never more than no cache at all. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "backend/base/buf.h"
#include "backend/base/clock.h"
#include "backend/base/file.h"
#include "backend/estate/cache.h"
#include "backend/estate/inside.h"
#include "backend/estate/posture_estate.h"
#include "backend/net/loop.h"
#include "backend/session/call.h"
#include "tests/fixtures/script.h"

enum { FILE_BYTES = 4 << 20, FLIPS = 400 };
enum { LISTS = ESTATE_ACCOUNTS | ESTATE_VAULTS | ESTATE_KEYS };

static char folder[64], path[128];

static void
turn(struct stage *stage, const struct cache *cache)
{
	while (cache_busy(cache))
		loop_turn(session_loop(stage->world.session), 100);
}

static int
setup(void **state)
{
	snprintf(folder, sizeof folder, "/tmp/claviger-cache-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/estate.db", folder);
	return stage_setup(state);
}

static int
teardown(void **state)
{
	file_remove_tree(folder);
	return stage_teardown(state);
}

/* Reads everything and writes the cache. */
static void
fill(struct stage *stage)
{
	struct cache *cache;

	script_load(stage, LISTS);
	cache = cache_open(stage->estate, folder);
	assert_non_null(cache);
	cache_follow(cache);
	assert_true(cache_busy(cache));
	turn(stage, cache);
	cache_close(cache);
	assert_int_equal(access(path, R_OK), 0);
}

static void
set_true(void *user)
{
	*(bool *)user = true;
}

/* A new estate with what the cache gives it; *out is to be closed before the estate. */
static struct estate *
start_again(struct stage *stage, struct cache **out)
{
	struct estate *estate = estate_new(stage->world.session);
	bool done = false;

	*out = cache_open(estate, folder);
	assert_non_null(*out);
	cache_load(*out, set_true, &done);
	assert_false(done);
	turn(stage, *out);
	assert_true(done);
	return estate;
}

static void
end_again(struct estate *estate, struct cache *cache)
{
	cache_close(cache);
	estate_free(estate);
}

/* Every cell and every object of every kind. */
static void
tell_all(const struct estate *estate, struct buf *out)
{
	char text[512];

	for (size_t k = 0; k < kinds_len; k++) {
		for (size_t row = 0; row < kinds[k]->count(estate); row++) {
			json_t *json = kinds[k]->json(estate, row);
			char *dump = json_dumps(json, JSON_SORT_KEYS);

			assert_non_null(dump);
			assert_true(buf_adds(out, dump));
			free(dump);
			json_decref(json);
			for (size_t c = 0; c < kinds[k]->columns_len; c++) {
				kinds[k]->cell(estate, row, c, text, sizeof text);
				assert_true(buf_addf(out, "\n%s", text));
			}
		}
	}
}

static void
test_round(void **state)
{
	struct stage *stage = *state;
	struct buf before, after;
	struct estate *estate;
	struct cache *cache;
	struct stat st;
	time_t at = 0;

	buf_init(&before, FILE_BYTES);
	buf_init(&after, FILE_BYTES);
	fill(stage);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_true(cache_read_at(path, &at, NULL));
	assert_true(at <= clock_wall() && at > clock_wall() - 600);

	estate = start_again(stage, &cache);
	assert_int_equal(estate_stale(estate, ESTATE_PARTS, &at), stage->estate->read);
	assert_true(at > 0);
	assert_int_equal(estate_age(estate), -1);
	assert_int_equal(kind_account.count(estate), 3);
	script_cell(&kind_account, estate, "aa-one", "state", "behind by 1");
	script_cell(&kind_account, estate, "aa-three", "subscription", "Staging");
	script_cell(&kind_vault, estate, "kv-one", "keys", "1");
	tell_all(stage->estate, &before);
	tell_all(estate, &after);
	assert_string_equal(buf_text(&before), buf_text(&after));
	end_again(estate, cache);
	buf_free(&before);
	buf_free(&after);
}

/* Old rows stay until the new reading is complete, and are asked for nothing. */
static void
test_replaced(void **state)
{
	static const struct answer fewer[] = {{ARM, "/subscriptions?", 200,
						      "{\"value\":[{\"subscriptionId\":\"" S1
						      "\",\"displayName\":\"Production\"}]}"},
		{ARM, "/subscriptions/" S2, 403, ERROR("AuthorizationFailed")},
		{NULL, NULL, 0, NULL}};
	struct stage *stage = *state;
	struct estate *estate;
	struct cache *cache;
	struct err err;
	time_t at, first;

	fill(stage);
	assert_true(cache_read_at(path, &first, NULL));
	estate = start_again(stage, &cache);
	script_over = fewer;
	estate_refresh(estate, LISTS);
	assert_int_equal(kind_account.count(estate), 3);
	assert_true(estate_load(estate, LISTS, &err));
	assert_int_equal(estate_stale(estate, ESTATE_PARTS, &at), 0);
	assert_int_equal(kind_account.count(estate), 2);
	assert_int_equal(estate_subscriptions_seen(estate), 1);
	for (size_t i = 0; i < estate_notes(estate); i++)
		assert_null(strstr(estate_note(estate, i)->msg, "Staging"));
	cache_follow(cache);
	turn(stage, cache);
	end_again(estate, cache);
	/* What is gone stays gone. */
	estate = start_again(stage, &cache);
	assert_int_equal(kind_account.count(estate), 2);
	assert_int_equal(estate_subscriptions(estate), 1);
	end_again(estate, cache);
}

/* A name is looked for among what is there now. */
static void
test_found(void **state)
{
	static const struct answer gone[] = {
		{ARM, LIST(S2), 200, "{\"value\":[]}"}, {NULL, NULL, 0, NULL}};
	struct stage *stage = *state;
	const struct service *service;
	struct estate *estate;
	struct cache *cache;
	struct armid id;
	struct err err;

	fill(stage);
	estate = start_again(stage, &cache);
	script_over = gone;
	assert_false(estate_find_account(estate, "aa-three", NULL, &id, &service, &err));
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_true(estate_find_account(estate, "aa-one", NULL, &id, &service, &err));
	end_again(estate, cache);
}

static void
expect_nothing(struct stage *stage)
{
	struct cache *cache;
	struct estate *estate = start_again(stage, &cache);
	time_t at;

	assert_int_equal(estate_stale(estate, ESTATE_PARTS, &at), 0);
	assert_int_equal(kind_account.count(estate), 0);
	assert_int_equal(kind_vault.count(estate), 0);
	assert_int_equal(kind_key.count(estate), 0);
	end_again(estate, cache);
}

static void
change(const char *sql)
{
	char *why = NULL;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
	sqlite3_close(db);
}

/* Of another sign-in, another profile, another version. */
static void
test_others(void **state)
{
	static const char *const changes[] = {
		"UPDATE reading SET client='33333333-0000-0000-0000-000000000000'",
		"UPDATE reading SET wish='x'",
		"UPDATE reading SET wish=NULL",
		"UPDATE reading SET read_at=0",
		"DELETE FROM reading",
		"PRAGMA user_version=99",
		"PRAGMA application_id=1",
	};

	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		fill(*state);
		change(changes[i]);
		expect_nothing(*state);
		/* It does not stand in the way of a new one. */
		fill(*state);
	}
}

/* Known only once somebody has signed in: the rows go. */
static void
test_turned_out(void **state)
{
	struct stage *stage = *state;
	struct estate *estate;
	struct cache *cache;
	time_t at;

	fill(stage);
	change("UPDATE reading SET object='99999999-0000-0000-0000-000000000000'");
	if (session_object_id(stage->world.session)[0] == '\0') {
		/* The tokens of this world say nothing: then nobody is a stranger. */
		estate = start_again(stage, &cache);
		cache_follow(cache);
		assert_int_not_equal(estate_stale(estate, ESTATE_PARTS, &at), 0);
		end_again(estate, cache);
		return;
	}
	expect_nothing(stage);
}

/* Nothing that is said of those rows stays, and the first of this sign-in take their place. */
static void
test_turned_out_later(void **state)
{
	static const struct answer gone[] = {
		{ARM, LIST(S1), 200, "{\"value\":[]}"}, {NULL, NULL, 0, NULL}};
	struct stage *stage = *state;
	struct session *session = stage->world.session;
	char before[sizeof session->object_id];
	struct estate *estate;
	struct cache *cache;
	struct err err;

	fill(stage);
	change("UPDATE reading SET object='99999999-0000-0000-0000-000000000000'");
	memcpy(before, session->object_id, sizeof before);
	session->object_id[0] = '\0';
	estate = start_again(stage, &cache);
	assert_int_equal(kind_account.count(estate), 3);
	posture_follow(estate, false);
	while (estate->posture)
		loop_turn(session_loop(session), 100);
	assert_int_not_equal(kind_finding.count(estate), 0);
	snprintf(session->object_id, sizeof session->object_id, "%s",
		"88888888-0000-0000-0000-000000000000");
	cache_follow(cache);
	assert_int_equal(kind_account.count(estate), 0);
	assert_int_equal(kind_finding.count(estate), 0);
	script_over = gone;
	assert_true(estate_load(estate, LISTS, &err));
	assert_int_equal(kind_account.count(estate), 1);
	script_cell(&kind_account, estate, "aa-three", "subscription", "Staging");
	memcpy(session->object_id, before, sizeof before);
	end_again(estate, cache);
}

static void
test_modes(void **state)
{
	struct stage *stage = *state;
	char away[160];
	struct estate *estate;
	struct cache *cache;

	fill(stage);
	assert_int_equal(chmod(path, 0640), 0);
	expect_nothing(stage);
	assert_int_equal(chmod(path, 0600), 0);
	snprintf(away, sizeof away, "%s/away", folder);
	assert_int_equal(rename(path, away), 0);
	expect_nothing(stage);
	assert_int_equal(symlink(away, path), 0);
	expect_nothing(stage);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	expect_nothing(stage);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rename(away, path), 0);
	estate = start_again(stage, &cache);
	assert_int_equal(kind_account.count(estate), 3);
	end_again(estate, cache);
	assert_int_equal(chmod(folder, 0755), 0);
	assert_null(cache_open(stage->estate, folder));
	assert_int_equal(chmod(folder, 0700), 0);
}

/* What does not fit makes the whole of it worth nothing. */
static void
test_forged(void **state)
{
	static const char *const changes[] = {
		"UPDATE accounts SET subscription=99",
		"UPDATE accounts SET subscription=-1",
		"UPDATE accounts SET subscription='x'",
		"UPDATE accounts SET service='nothing'",
		"UPDATE accounts SET detail=3",
		"UPDATE accounts SET principal=x'00'",
		"UPDATE accounts SET principal=zeroblob(1000000)",
		"UPDATE accounts SET name='a/../b'",
		"UPDATE accounts SET name=''",
		"UPDATE accounts SET name=NULL",
		"UPDATE accounts SET name='aa' || char(27) || '[31m'",
		"UPDATE accounts SET location=hex(zeroblob(100000))",
		"UPDATE accounts SET tags='[1'",
		"UPDATE accounts SET tags='{\"a\":{}}'",
		"UPDATE vaults SET entries=4000000",
		"UPDATE vaults SET entries_len=9223372036854775807",
		"UPDATE vaults SET retention=70000",
		"UPDATE keys SET versions=2",
		"UPDATE keys SET versions_len=0",
		"UPDATE keys SET bits=1e300",
		"UPDATE versions SET created=9223372036854775807",
		"UPDATE versions SET enabled=9",
		"UPDATE subscriptions SET id='x'",
		"UPDATE subscriptions SET id=''",
		"DROP TABLE grants",
		"DROP TABLE grants; CREATE VIEW grants AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
		"SELECT i+1 FROM n) SELECT i AS rowid, '' AS scope, x'' AS principal, x'' AS role, '' "
		"AS type FROM n WHERE i<0",
		"ALTER TABLE versions RENAME COLUMN created TO made",
	};

	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		fill(*state);
		change(changes[i]);
		print_message("%s\n", changes[i]);
		expect_nothing(*state);
	}
}

/* What steers a terminal becomes visible, wherever it stands. */
static void
test_steering(void **state)
{
	struct stage *stage = *state;
	struct estate *estate;
	struct cache *cache;
	struct buf all;

	buf_init(&all, FILE_BYTES);
	fill(stage);
	change("UPDATE accounts SET location='a' || char(27) || '[31m' || char(8238);"
	       "UPDATE accounts SET tags='{\"\\u001bkey\":\"\\u202evalue\"}',"
	       "users='id' || char(27) || ' p c' || char(10);"
	       "UPDATE subscriptions SET name=name || char(7);"
	       "UPDATE vaults SET sku=char(155);"
	       "UPDATE keys SET kty='R' || char(27), why=char(13);");
	estate = start_again(stage, &cache);
	assert_int_equal(kind_account.count(estate), 3);
	tell_all(estate, &all);
	for (size_t i = 0; i < all.len; i++)
		assert_true((unsigned char)all.data[i] >= ' ' || all.data[i] == '\n');
	assert_null(strstr(buf_text(&all), "\u202e"));
	assert_null(strstr(buf_text(&all), "\\u001b"));
	assert_non_null(strstr(buf_text(&all), "<U+001B>"));
	end_again(estate, cache);
	buf_free(&all);
}

static void
put_file(const char *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CREAT, 0600);

	assert_true(fd >= 0 && file_put(fd, bytes, len));
	close(fd);
}

/* Hundreds of files with a byte or a page that is not as it was. */
static void
test_broken(void **state)
{
	struct stage *stage = *state;
	uint32_t chance = 20261122;
	struct buf file, all;
	struct err err;

	buf_init(&file, FILE_BYTES);
	fill(stage);
	assert_true(file_read(path, true, &file, &err));
	for (int i = 0; i < FLIPS; i++) {
		struct estate *estate;
		struct cache *cache;
		size_t at, len = 1;
		char kept[512];

		chance = chance * 1664525 + 1013904223;
		/* Every third one where the tables' descriptions are. */
		at = (chance >> 8) % (i % 3 == 0 ? 4096 : file.len);
		len = i % 5 == 0 && at + sizeof kept < file.len ? sizeof kept : 1;
		memcpy(kept, file.data + at, len);
		for (size_t b = 0; b < len; b++)
			file.data[at + b] = (char)(file.data[at + b] ^ (chance >> 24 | 1));
		put_file(file.data, i % 7 == 0 ? at : file.len);
		memcpy(file.data + at, kept, len);
		estate = start_again(stage, &cache);
		buf_init(&all, FILE_BYTES);
		tell_all(estate, &all);
		buf_free(&all);
		end_again(estate, cache);
	}
	buf_free(&file);
}

/* A disk that is full costs the new cache, not the old one, and leaves nothing behind. */
static void
test_full(void **state)
{
	struct rlimit before, small;
	struct stage *stage = *state;
	struct cache *cache;
	struct estate *estate;
	char temporary[160];

	fill(stage);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 8192;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	cache = cache_open(stage->estate, folder);
	cache_follow(cache);
	turn(stage, cache);
	cache_close(cache);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	snprintf(temporary, sizeof temporary, "%s.new.%d", path, (int)getpid());
	assert_int_equal(access(temporary, F_OK), -1);
	estate = start_again(stage, &cache);
	assert_int_equal(kind_account.count(estate), 3);
	end_again(estate, cache);
}

/* A reading that begins in the middle of the writing ends it. */
static void
test_overtaken(void **state)
{
	struct stage *stage = *state;
	struct cache *cache;

	script_load(stage, LISTS);
	cache = cache_open(stage->estate, folder);
	cache_follow(cache);
	assert_true(cache_busy(cache));
	estate_refresh(stage->estate, ESTATE_ACCOUNTS);
	cache_follow(cache);
	assert_false(cache_busy(cache));
	script_turn(stage, LISTS);
	cache_follow(cache);
	assert_true(cache_busy(cache));
	cache_close(cache);
	assert_int_equal(access(path, F_OK), -1);
}

static void
test_no_secret(void **state)
{
	struct stage *stage = *state;
	struct buf file;
	struct err err;

	buf_init(&file, FILE_BYTES);
	fill(stage);
	assert_true(file_read(path, true, &file, &err));
	assert_non_null(memmem(file.data, file.len, "aa-one", 6));
	assert_null(memmem(file.data, file.len, "s3cret", 6));
	assert_null(memmem(file.data, file.len, "Bearer", 6));
	for (size_t i = 0; i < ARRAY_LEN(stage->world.bearers); i++) {
		const char *bearer = stage->world.bearers[i];

		if (strlen(bearer) > 12)
			assert_null(memmem(file.data, file.len, bearer, strlen(bearer)));
	}
	buf_free(&file);
}

static void
test_place(void **state)
{
	struct profile profile, other;
	char a[PATH_MAX], b[PATH_MAX];

	(void)state;
	assert_int_equal(setenv("XDG_CACHE_HOME", "/c", 1), 0);
	profile_default(&profile);
	snprintf(profile.name, sizeof profile.name, "../prod x");
	other = profile;
	assert_true(cache_path(&profile, NULL, a, NULL));
	assert_non_null(strstr(a, "/c/claviger/___prod_x-"));
	snprintf(other.subscriptions[0], sizeof other.subscriptions[0], "%s", S1);
	other.subscriptions_len = 1;
	assert_true(cache_path(&other, NULL, b, NULL));
	assert_string_not_equal(a, b);
	assert_true(cache_path(&other, "/d", b, NULL));
	assert_string_equal(b, "/d/estate.db");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_round, setup, teardown),
		cmocka_unit_test_setup_teardown(test_replaced, setup, teardown),
		cmocka_unit_test_setup_teardown(test_found, setup, teardown),
		cmocka_unit_test_setup_teardown(test_others, setup, teardown),
		cmocka_unit_test_setup_teardown(test_turned_out, setup, teardown),
		cmocka_unit_test_setup_teardown(test_turned_out_later, setup, teardown),
		cmocka_unit_test_setup_teardown(test_modes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_forged, setup, teardown),
		cmocka_unit_test_setup_teardown(test_steering, setup, teardown),
		cmocka_unit_test_setup_teardown(test_broken, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full, setup, teardown),
		cmocka_unit_test_setup_teardown(test_overtaken, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_secret, setup, teardown),
		cmocka_unit_test(test_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
