/* Only the console reads and writes it: whoever calls a subcommand wants what is so now, and a
 * subcommand that wrote it would make a script wait for a disk. It can always be made anew, so it
 * is never worth an error: nothing waits for the disk, and what is broken, foreign or of another
 * sign-in is not looked at twice. There are no secrets in rows, so there are none here; it is
 * private nevertheless, as the names of an estate are nobody else's business. */
#include "backend/estate/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/base/clock.h"
#include "backend/base/file.h"
#include "backend/base/log.h"
#include "backend/base/mem.h"
#include "backend/estate/cache_rows.h"
#include "backend/estate/findings.h"
#include "crypto/digest.h"

enum { SCHEMA = 1, APPLICATION = 0x636c7631 /* clv1 */, ROWS_A_TURN = 2000, LOOK_EACH = 64 };
enum { TURN_US = 5000, VALUE_MAX = 1 << 20, SQL_MAX = 1024, STEPS_MAX = 200000 };

/* A table is gone through once, from end to end: no page is looked at again. */
static const char few_pages[] = "PRAGMA cache_size=-64";

enum work { WORK_NONE, WORK_LOAD, WORK_WRITE };

struct cache {
	struct estate *estate;
	char path[PATH_MAX], temporary[PATH_MAX + 32];
	char *wish; /* who is to sign in where, as far as the profile says it */
	enum work work;
	struct job *job; /* the next piece */
	sqlite3 *db;
	sqlite3_stmt *stmt;
	size_t table, row, steps;
	struct cached cached;        /* has its tables while it is being loaded */
	char client[64], object[64]; /* who had signed in when the rows shown were read */
	unsigned parts;
	time_t read_at;
	int64_t written_ms; /* the reading that was written last */
	void (*done)(void *user);
	void *user;
};

/* One text for all that decides what a sign-in is asked to see. */
static char *
describe(const struct profile *profile)
{
	char *out = mem_printf("%s\n%s\n%s\n%s\n%s\n%s\n", profile->name, profile->cloud.authority,
		profile->cloud.arm, profile->tenant, profile->client_id, profile->auth);

	for (size_t i = 0; i < profile->other_tenants_len; i++) {
		char *longer = mem_printf("%s+%s\n", out, profile->other_tenants[i]);

		free(out);
		out = longer;
	}
	for (size_t i = 0; i < profile->subscriptions_len; i++) {
		char *longer = mem_printf("%s%s\n", out, profile->subscriptions[i]);

		free(out);
		out = longer;
	}
	return out;
}

bool
cache_path(const struct profile *profile, const char *dir, char out[PATH_MAX], struct err *err)
{
	char place[PATH_MAX], digest[65], name[sizeof profile->name], *wish;
	int n;

	if (dir) {
		n = snprintf(out, PATH_MAX, "%s/estate.db", dir);
	} else {
		if (!file_place(FILE_CACHE, place, err))
			return false;
		wish = describe(profile);
		digest_sha256_hex(wish, strlen(wish), digest);
		free(wish);
		memcpy(name, profile->name, sizeof name);
		for (char *c = name; *c; c++)
			if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-",
				    *c))
				*c = '_';
		n = snprintf(out, PATH_MAX, "%s/%s-%.16s.db", place, name, digest);
	}
	return n < PATH_MAX || err_set(err, ERR_FAILED, "", "the cache's path is too long");
}

static bool
fail(sqlite3 *db, const char *path, struct err *err)
{
	return err_set(
		err, ERR_FAILED, "", "%s: %s", path, db ? sqlite3_errmsg(db) : "out of memory");
}

/* A file that others may write, or have put there, is not opened at all. */
static bool
is_private(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	bool ok;

	if (fd < 0)
		return err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_FAILED, "", "%s: %s",
			path, strerror(errno));
	ok = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	     (st.st_mode & 077) == 0;
	close(fd);
	return ok || err_set(err, ERR_FAILED, "", "%s: not a file of ours that is closed to others",
			     path);
}

/* The first number that a statement tells; -1 if it tells none. */
static int64_t
ask_number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt;
	int64_t out = -1;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return -1;
	if (sqlite3_step(stmt) == SQLITE_ROW && sqlite3_column_type(stmt, 0) == SQLITE_INTEGER)
		out = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return out;
}

/* Ends a statement that a row would never come out of. */
static int
count_steps(void *user)
{
	size_t *steps = user;

	return ++*steps > STEPS_MAX;
}

bool
cache_open_old(const char *path, size_t *steps, sqlite3 **out, struct err *err)
{
	int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;

	*out = NULL;
	if (!is_private(path, err))
		return false;
	if (sqlite3_open_v2(path, out, flags, NULL) != SQLITE_OK)
		return fail(*out, path, err);
	sqlite3_limit(*out, SQLITE_LIMIT_LENGTH, VALUE_MAX);
	sqlite3_db_config(*out, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(*out, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	*steps = 0;
	sqlite3_progress_handler(*out, 1000, count_steps, steps);
	sqlite3_exec(*out, few_pages, NULL, NULL, NULL);
	if (ask_number(*out, "PRAGMA application_id") != APPLICATION ||
		ask_number(*out, "PRAGMA user_version") != SCHEMA)
		return err_set(err, ERR_FAILED, "", "%s: no cache of this version", path);
	return true;
}

bool
cache_read_at(const char *path, time_t *out, struct err *err)
{
	size_t steps;
	sqlite3 *db;
	int64_t at;

	if (!cache_open_old(path, &steps, &db, err)) {
		sqlite3_close(db);
		return false;
	}
	at = ask_number(db, "SELECT read_at FROM reading");
	sqlite3_close(db);
	*out = (time_t)at;
	return at > 0 || err_set(err, ERR_FAILED, "", "%s: does not say when it was read", path);
}

struct cache *
cache_open(struct estate *estate, const char *dir)
{
	const struct profile *profile = session_profile(estate->session);
	struct cache *cache = mem_alloc(sizeof *cache);
	char folder[PATH_MAX];
	struct err err;
	bool ok = cache_path(profile, dir, cache->path, &err);

	if (ok) {
		memcpy(folder, cache->path, sizeof folder);
		*strrchr(folder, '/') = '\0';
		ok = file_private_dir(folder, &err);
	}
	if (!ok) {
		log_line("cache: %s", err.msg);
		free(cache);
		return NULL;
	}
	snprintf(
		cache->temporary, sizeof cache->temporary, "%s.new.%d", cache->path, (int)getpid());
	cache->estate = estate;
	cache->wish = describe(profile);
	return cache;
}

/* Ends what is under way, with nothing kept of it. */
static void
stop(struct cache *cache)
{
	if (cache->job)
		job_cancel(cache->job);
	cache->job = NULL;
	sqlite3_finalize(cache->stmt);
	sqlite3_close(cache->db);
	cache->stmt = NULL;
	cache->db = NULL;
	if (cache->work == WORK_WRITE)
		unlink(cache->temporary);
	if (cache->work == WORK_LOAD)
		cached_free(&cache->cached);
	cache->work = WORK_NONE;
	cache->table = cache->row = cache->steps = 0;
}

void
cache_close(struct cache *cache)
{
	if (cache == NULL)
		return;
	stop(cache);
	free(cache->wish);
	free(cache);
}

bool
cache_busy(const struct cache *cache)
{
	return cache && cache->work != WORK_NONE;
}

static void
next_turn(struct cache *cache, void (*piece)(void *user))
{
	cache->job = job_after(session_loop(cache->estate->session), 0, piece, cache);
}

static void
give_up(struct cache *cache, const char *doing)
{
	log_line("cache: %s: %s: %s", cache->path, doing,
		cache->db ? sqlite3_errmsg(cache->db) : "not usable");
	stop(cache);
}

/* Whoever is not known yet may be the one: the first token tells. */
static bool
may_be(const char *before, const char *now)
{
	return now[0] == '\0' || before[0] == '\0' || strcmp(before, now) == 0;
}

static bool
is_of_others(const struct cache *cache)
{
	const struct session *session = cache->estate->session;

	return !may_be(cache->client, session_client_id(session)) ||
	       !may_be(cache->object, session_object_id(session));
}

static bool
take_reading(struct cache *cache)
{
	static const char sql[] = "SELECT wish, client, object, parts, read_at FROM reading";
	sqlite3_stmt *stmt;
	bool ok = sqlite3_prepare_v2(cache->db, sql, -1, &stmt, NULL) == SQLITE_OK &&
		  sqlite3_step(stmt) == SQLITE_ROW;
	const char *text[3];

	for (int i = 0; ok && i < 3; i++) {
		text[i] = (const char *)sqlite3_column_text(stmt, i);
		ok = text[i] != NULL;
	}
	if (ok) {
		ok = strcmp(text[0], cache->wish) == 0;
		snprintf(cache->client, sizeof cache->client, "%s", text[1]);
		snprintf(cache->object, sizeof cache->object, "%s", text[2]);
		cache->parts = (unsigned)sqlite3_column_int64(stmt, 3) & ESTATE_ALL;
		cache->read_at = (time_t)sqlite3_column_int64(stmt, 4);
	}
	sqlite3_finalize(stmt);
	return ok && cache->read_at > 0 && !is_of_others(cache);
}

static bool PRINTF_LIKE(2, 3) prepare(struct cache *cache, const char *fmt, ...)
{
	char sql[SQL_MAX];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(sql, sizeof sql, fmt, ap);
	va_end(ap);
	sqlite3_finalize(cache->stmt);
	cache->stmt = NULL;
	return n < (int)sizeof sql &&
	       sqlite3_prepare_v2(cache->db, sql, -1, &cache->stmt, NULL) == SQLITE_OK;
}

/* Pieces end early on a slow machine. */
static bool
turn_is_over(size_t rows, int64_t began_us)
{
	return rows == ROWS_A_TURN ||
	       (rows % LOOK_EACH == LOOK_EACH - 1 && clock_mono_us() - began_us > TURN_US);
}

/* Rows of one turn; *all: there are no more. */
static bool
load_rows(struct cache *cache, bool *all)
{
	int64_t began = clock_mono_us();

	cache->steps = 0;
	for (size_t n = 0; !*all && !turn_is_over(n, began); n++) {
		const struct cache_table *table = &cache_tables[cache->table];
		struct cells cells = {.clean = cache->cached.clean};
		int result;

		if (cache->stmt == NULL && !prepare(cache, "SELECT %s FROM %s ORDER BY rowid",
						   table->columns, table->name))
			return false;
		result = sqlite3_step(cache->stmt);
		cells.stmt = cache->stmt;
		if (result == SQLITE_ROW)
			table->take(&cells, &cache->cached);
		else if (result != SQLITE_DONE)
			return false;
		if (cells.bad || ++cache->row > CACHE_ROWS)
			return false;
		if (result == SQLITE_ROW)
			continue;
		sqlite3_finalize(cache->stmt);
		cache->stmt = NULL;
		*all = ++cache->table == cache_tables_len;
	}
	return true;
}

/* Rows that have come meanwhile are newer than any that could be put in their place. */
static bool
adopt(struct cache *cache)
{
	struct estate *estate = cache->estate;

	if (estate->read || estate_busy(estate))
		return true;
	if (!cached_adopt(&cache->cached))
		return false;
	estate->changes++;
	estate->replaced++;
	estate->stale = cache->parts;
	for (size_t i = 0; i < PARTS; i++)
		estate->at[i] = cache->read_at;
	return true;
}

static void
load_piece(void *user)
{
	struct cache *cache = user;
	struct err err = {0};
	bool all = false, ok = true;

	cache->job = NULL;
	if (cache->db == NULL) {
		ok = cache_open_old(cache->path, &cache->steps, &cache->db, &err) &&
		     take_reading(cache);
		if (err.kind == ERR_NONE && !ok)
			err_set(&err, ERR_FAILED, "", "%s: of another sign-in", cache->path);
	} else {
		ok = load_rows(cache, &all) && (!all || adopt(cache));
		if (!ok)
			fail(cache->db, cache->path, &err);
	}
	if (ok && !all) {
		next_turn(cache, load_piece);
		return;
	}
	if (!ok && err.kind != ERR_NOT_FOUND)
		log_line("cache: %s; it is made anew", err.msg);
	stop(cache);
	cache->done(cache->user);
}

void
cache_load(struct cache *cache, void (*done)(void *user), void *user)
{
	cache->done = done;
	cache->user = user;
	cache->work = WORK_LOAD;
	cached_start(&cache->cached, cache->estate);
	next_turn(cache, load_piece);
}

/* Without a journal and without waiting for the disk: what a power cut leaves half written is
 * noticed when it is read. */
static bool
open_new(struct cache *cache)
{
	static const char setup[] =
		"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE;"
		"BEGIN; CREATE TABLE reading(wish, client, object, parts, read_at)";
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, fd;

	unlink(cache->temporary);
	fd = open(cache->temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	close(fd);
	return sqlite3_open_v2(cache->temporary, &cache->db, flags, NULL) == SQLITE_OK &&
	       sqlite3_exec(cache->db, few_pages, NULL, NULL, NULL) == SQLITE_OK &&
	       sqlite3_exec(cache->db, setup, NULL, NULL, NULL) == SQLITE_OK;
}

/* The statement that takes the rows of a table, which it makes. */
static bool
begin_table(struct cache *cache, const struct cache_table *table)
{
	char marks[128] = "?";
	size_t used = 1;

	if (!prepare(cache, "CREATE TABLE %s(%s)", table->name, table->columns) ||
		sqlite3_step(cache->stmt) != SQLITE_DONE)
		return false;
	for (const char *c = table->columns; *c && used + 3 < sizeof marks; c++)
		if (*c == ',')
			used += (size_t)snprintf(marks + used, sizeof marks - used, ",?");
	return prepare(cache, "INSERT INTO %s VALUES(%s)", table->name, marks);
}

static bool
write_rows(struct cache *cache, bool *all)
{
	int64_t began = clock_mono_us();

	for (size_t n = 0; !*all && !turn_is_over(n, began); n++) {
		const struct cache_table *table = &cache_tables[cache->table];
		struct cells cells = {0};

		if (cache->stmt == NULL && !begin_table(cache, table))
			return false;
		if (cache->row == table->count(cache->estate)) {
			sqlite3_finalize(cache->stmt);
			cache->stmt = NULL;
			cache->row = 0;
			*all = ++cache->table == cache_tables_len;
			continue;
		}
		cells.stmt = cache->stmt;
		table->put(&cells, cache->estate, cache->row++);
		if (cells.bad || sqlite3_step(cache->stmt) != SQLITE_DONE)
			return false;
		sqlite3_reset(cache->stmt);
	}
	return true;
}

static bool
end_writing(struct cache *cache)
{
	const struct estate *estate = cache->estate;
	char sql[128];
	bool ok;

	ok = prepare(cache, "INSERT INTO reading VALUES(?,?,?,?,?)") &&
	     sqlite3_bind_text(cache->stmt, 1, cache->wish, -1, SQLITE_STATIC) == SQLITE_OK &&
	     sqlite3_bind_text(cache->stmt, 2, session_client_id(estate->session), -1,
		     SQLITE_STATIC) == SQLITE_OK &&
	     sqlite3_bind_text(cache->stmt, 3, session_object_id(estate->session), -1,
		     SQLITE_STATIC) == SQLITE_OK &&
	     sqlite3_bind_int64(cache->stmt, 4, estate->read) == SQLITE_OK &&
	     sqlite3_bind_int64(cache->stmt, 5, cache->read_at) == SQLITE_OK &&
	     sqlite3_step(cache->stmt) == SQLITE_DONE;
	sqlite3_finalize(cache->stmt);
	cache->stmt = NULL;
	snprintf(sql, sizeof sql, "PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT",
		APPLICATION, SCHEMA);
	return ok && sqlite3_exec(cache->db, sql, NULL, NULL, NULL) == SQLITE_OK &&
	       rename(cache->temporary, cache->path) == 0;
}

static void
write_piece(void *user)
{
	struct cache *cache = user;
	bool all = false;

	cache->job = NULL;
	if ((cache->db == NULL && !open_new(cache)) || !write_rows(cache, &all) ||
		(all && !end_writing(cache)))
		give_up(cache, "cannot write it");
	else if (all)
		stop(cache);
	else
		next_turn(cache, write_piece);
}

/* Emptied where they are: a reading under way may look at them. */
static void
forget(struct estate *estate)
{
	estate->accounts->len = estate->identities->len = estate->grants->len = 0;
	posture_cancel(estate->posture);
	findings_free(estate->findings);
	estate->posture = NULL;
	estate->findings = NULL;
	estate->vaults->len = estate->vaults->entries_len = 0;
	estate->keys->len = estate->keys->unlisted = estate->keys->versions_len = 0;
	index_free(&estate->vaults->hosts);
	index_free(&estate->keys->texts);
	joins_drop(estate->joins);
	estate->changes++;
	estate->replaced++;
	estate->stale = 0;
}

static bool
is_complete(const struct estate *estate)
{
	unsigned needed = ESTATE_ACCOUNTS | ESTATE_VAULTS;

	return !estate_busy(estate) && estate->stale == 0 && (estate->read & needed) == needed &&
	       estate->failed[part_number(ESTATE_ACCOUNTS)].kind == ERR_NONE &&
	       estate->failed[part_number(ESTATE_VAULTS)].kind == ERR_NONE;
}

void
cache_follow(struct cache *cache)
{
	struct estate *estate;

	if (cache == NULL || cache->work == WORK_LOAD)
		return;
	estate = cache->estate;
	if ((estate->stale & ~estate->read) && is_of_others(cache))
		forget(estate);
	if (cache->work == WORK_WRITE &&
		(estate_busy(estate) || estate->read_ms != cache->written_ms))
		stop(cache);
	if (!is_complete(estate) || estate->read_ms == cache->written_ms)
		return;
	cache->written_ms = estate->read_ms;
	cache->read_at = clock_wall() - estate_age(estate);
	cache->work = WORK_WRITE;
	next_turn(cache, write_piece);
}
