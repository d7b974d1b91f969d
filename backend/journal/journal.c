/* Appending. The file is the only state: every append takes the lock, reads the last line for its
 * number and hash, writes one line and waits for the disk, so that any number of processes may
 * share a journal. What cannot be written whole is taken back: a full disk leaves no torn line. */
#include "backend/journal/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/base/clock.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/journal/line.h"
#include "crypto/digest.h"

struct journal {
	int fd;
	bool sandbox;
	char dir[PATH_MAX], path[PATH_MAX + 16];
	char object_id[64], client_id[64];
};

static bool
fail(struct err *err, const struct journal *journal, const char *doing)
{
	return err_set(err, ERR_JOURNAL, "Journal", "%s: cannot %s: %s; nothing was sent",
		journal->path, doing, strerror(errno));
}

static bool
place(struct journal *journal, const char *dir, struct err *err)
{
	bool ok;

	if (dir)
		ok = text_copy(journal->dir, sizeof journal->dir, dir) ||
		     err_set(err, ERR_JOURNAL, "", "%s: the path is too long", dir);
	else
		ok = file_place(FILE_STATE, journal->dir, err);
	ok = ok && file_private_dir(journal->dir, err);
	if (!ok && err)
		err->kind = ERR_JOURNAL;
	snprintf(journal->path, sizeof journal->path, "%s/journal.jsonl", journal->dir);
	return ok;
}

static bool
sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

static bool
check_file(const struct journal *journal, struct err *err)
{
	struct stat st;

	if (fstat(journal->fd, &st) != 0)
		return fail(err, journal, "look at it");
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid())
		return err_set(err, ERR_JOURNAL, "Journal", "%s: not a file of yours; move it away",
			journal->path);
	if (st.st_mode & 077)
		return err_set(err, ERR_JOURNAL, "Journal",
			"%s: others may use it (mode %03o); run: chmod go= '%s'", journal->path,
			(unsigned)st.st_mode & 0777, journal->path);
	return true;
}

/* With the lock held: one line at the end, whole and on the disk, or not at all. */
static bool
put_line(struct journal *journal, off_t end, const struct buf *line, struct err *err)
{
	int why;

	if (file_put(journal->fd, line->data, line->len) && fdatasync(journal->fd) == 0)
		return true;
	why = errno;
	if (ftruncate(journal->fd, end) != 0)
		why = errno;
	errno = why;
	return fail(err, journal, "write it");
}

static void
put(json_t *object, const char *name, const char *value)
{
	char clean[2048];

	if (value == NULL || !*value)
		return;
	text_cleans(clean, sizeof clean, value);
	json_object_set_new(object, name, json_string(clean));
}

static json_t *
actor(const struct journal *journal)
{
	const char *connection = getenv("SSH_CONNECTION");
	json_t *who = json_object();
	struct passwd found, *entry = NULL;
	char room[2048];

	json_object_set_new(who, "uid", json_integer((json_int_t)geteuid()));
	if (getpwuid_r(geteuid(), &found, room, sizeof room, &entry) == 0 && entry)
		put(who, "login", entry->pw_name);
	if (connection) {
		char client[64];
		size_t len = strcspn(connection, " ");

		text_clean(client, sizeof client, connection, len);
		put(who, "ssh", client);
	}
	put(who, "objectId", journal->object_id);
	put(who, "clientId", journal->client_id);
	return who;
}

/* What every record begins with. */
static json_t *
begin(const struct journal *journal, int64_t seq)
{
	json_t *record = json_object();
	struct timespec boot = {0};
	char iso[32];

	clock_gettime(CLOCK_BOOTTIME, &boot);
	json_object_set_new(record, "seq", json_integer(seq));
	json_object_set_new(record, "time", json_string(clock_iso(clock_wall(), iso)));
	json_object_set_new(record, "boottime",
		json_integer((json_int_t)boot.tv_sec * 1000 + boot.tv_nsec / 1000000));
	json_object_set_new(record, "actor", actor(journal));
	json_object_set_new(record, "sandbox", json_boolean(journal->sandbox));
	return record;
}

static bool
finish(struct journal *journal, json_t *record, const char *prev, off_t end, struct err *err)
{
	char hash[LINE_HASH];
	struct buf line;
	bool ok;

	json_object_set_new(record, "prev", json_string(prev));
	buf_init(&line, LINE_MAX_BYTES);
	ok = line_write(record, &line, hash, err) && put_line(journal, end, &line, err);
	buf_free(&line);
	json_decref(record);
	return ok;
}

struct tail {
	off_t end;   /* size of the whole lines */
	size_t torn; /* bytes after them */
	int64_t seq; /* of the last record, 0: none */
	char hash[LINE_HASH];
	char bytes[LINE_MAX_BYTES + 1]; /* the last bytes of the file */
	size_t len;
};

/* The last whole line, by the last bytes of the file: no line is longer than they are many. */
static bool
read_tail(struct journal *journal, struct tail *tail, struct err *err)
{
	char prev[LINE_HASH];
	const char *newline, *start;
	off_t size = lseek(journal->fd, 0, SEEK_END), from;
	json_t *record;
	ssize_t n;

	if (size < 0)
		return fail(err, journal, "look at it");
	from = size > (off_t)sizeof tail->bytes ? size - (off_t)sizeof tail->bytes : 0;
	n = pread(journal->fd, tail->bytes, (size_t)(size - from), from);
	if (n != size - from)
		return fail(err, journal, "read it");
	tail->len = (size_t)n;
	memcpy(tail->hash, line_origin, LINE_HASH);
	tail->seq = 0;
	newline = memrchr(tail->bytes, '\n', tail->len);
	tail->torn = newline ? tail->len - (size_t)(newline + 1 - tail->bytes) : tail->len;
	tail->end = size - (off_t)tail->torn;
	if (newline == NULL && from == 0)
		return true;
	start = newline ? memrchr(tail->bytes, '\n', (size_t)(newline - tail->bytes)) : NULL;
	if (newline == NULL || (start == NULL && from > 0))
		return err_set(err, ERR_JOURNAL, "Journal",
			"%s: its last line is no record; see: claviger journal verify",
			journal->path);
	start = start ? start + 1 : tail->bytes;
	record = line_read(start, (size_t)(newline - start), &tail->seq, prev, tail->hash, err);
	if (record == NULL) {
		err_prefix(err, "%s: the last line", journal->path);
		if (err)
			err->kind = ERR_JOURNAL;
		return false;
	}
	json_decref(record);
	return true;
}

/* Bytes of a write that a crash cut off: kept in a file of their own, and recorded. */
static bool
set_torn_aside(struct journal *journal, struct tail *tail, struct err *err)
{
	const char *bytes = tail->bytes + tail->len - tail->torn;
	char path[PATH_MAX + 64], message[160], digest[65];
	json_t *record;

	snprintf(path, sizeof path, "%s.torn-%lld", journal->path, (long long)tail->seq + 1);
	if (!file_write(path, bytes, tail->torn, err)) {
		if (err)
			err->kind = ERR_JOURNAL;
		return false;
	}
	if (ftruncate(journal->fd, tail->end) != 0)
		return fail(err, journal, "set a torn line aside");
	snprintf(message, sizeof message,
		"an interrupted write of %zu bytes was set aside in journal.jsonl.torn-%lld",
		tail->torn, (long long)tail->seq + 1);
	digest_sha256_hex(bytes, tail->torn, digest);
	record = begin(journal, tail->seq + 1);
	put(record, "phase", "repaired");
	put(record, "bodyDigest", digest);
	put(record, "code", "TornLine");
	put(record, "message", message);
	return finish(journal, record, tail->hash, tail->end, err) && read_tail(journal, tail, err);
}

/* Takes the lock and finds the end of the chain, mending a torn line. */
static bool
enter(struct journal *journal, struct tail *tail, struct err *err)
{
	while (flock(journal->fd, LOCK_EX) != 0)
		if (errno != EINTR)
			return fail(err, journal, "lock it");
	if (read_tail(journal, tail, err) && (!tail->torn || set_torn_aside(journal, tail, err)))
		return true;
	flock(journal->fd, LOCK_UN);
	return false;
}

struct journal *
journal_open(const char *dir, bool sandbox, struct err *err)
{
	struct journal *journal = mem_alloc(sizeof *journal);
	struct tail *tail = mem_alloc(sizeof *tail);
	bool ok;

	*journal = (struct journal){.fd = -1, .sandbox = sandbox};
	ok = place(journal, dir, err);
	if (ok) {
		journal->fd = open(journal->path,
			O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
		ok = journal->fd >= 0 || fail(err, journal, "open it");
	}
	ok = ok && check_file(journal, err) &&
	     (sync_dir(journal->dir) || fail(err, journal, "make it last"));
	if (ok && (ok = enter(journal, tail, err)))
		flock(journal->fd, LOCK_UN);
	free(tail);
	if (ok)
		return journal;
	journal_close(journal);
	return NULL;
}

void
journal_close(struct journal *journal)
{
	if (journal == NULL)
		return;
	if (journal->fd >= 0)
		close(journal->fd);
	free(journal);
}

void
journal_actor(struct journal *journal, const char *object_id, const char *client_id)
{
	text_cleans(journal->object_id, sizeof journal->object_id, object_id);
	text_cleans(journal->client_id, sizeof journal->client_id, client_id);
}

static json_t *
compose(const struct journal *journal, int64_t seq, const struct journal_entry *entry)
{
	static const char *const phases[] = {
		[JOURNAL_INTENT] = "intent",
		[JOURNAL_ACCEPTED] = "accepted",
		[JOURNAL_DONE] = "done",
		[JOURNAL_FAILED] = "failed",
		[JOURNAL_UNKNOWN] = "unknown",
		[JOURNAL_PARKED] = "parked",
	};
	json_t *record = begin(journal, seq);

	put(record, "operation", entry->operation);
	put(record, "plan", entry->plan);
	put(record, "step", entry->step);
	put(record, "phase", phases[entry->phase]);
	put(record, "target", entry->target);
	put(record, "method", entry->method);
	put(record, "url", entry->url);
	put(record, "bodyDigest", entry->body_digest);
	if (entry->http)
		json_object_set_new(record, "http", json_integer(entry->http));
	put(record, "requestId", entry->request_id);
	put(record, "code", entry->code);
	put(record, "message", entry->message);
	if (entry->phase != JOURNAL_INTENT)
		json_object_set_new(record, "us", json_integer(entry->us));
	if (entry->detail)
		json_object_set_new(record, "detail", json_deep_copy(entry->detail));
	return record;
}

bool
journal_append(struct journal *journal, const struct journal_entry *entry, struct err *err)
{
	struct tail *tail = mem_alloc(sizeof *tail);
	bool ok = enter(journal, tail, err);

	if (ok) {
		ok = finish(journal, compose(journal, tail->seq + 1, entry), tail->hash, tail->end,
			err);
		flock(journal->fd, LOCK_UN);
	}
	free(tail);
	return ok;
}
