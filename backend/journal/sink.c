/* Appending. The file is the only state: every append takes the lock, reads the last line for its
 * number and hash, writes its lines and waits for the disk, so that any number of processes may
 * share a journal. What cannot be written whole is taken back: a full disk leaves no torn line. */
#include "backend/journal/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/journal/line.h"
#include "crypto/digest.h"

enum { APPEND_MAX = 64 << 20, WINDOW = 16 * 1024 };

struct sink {
	int fd;
	char dir[PATH_MAX], path[PATH_MAX + 16];
	json_t *(*mend)(void *user, const char *digest, const char *message);
	void *user;
};

struct tail {
	off_t end;   /* size of the whole lines */
	size_t torn; /* bytes after them */
	int64_t seq; /* of the last record, 0: none */
	char hash[LINE_HASH];
	char *bytes; /* the last ones of the file; owned */
	size_t len;
};

static bool
fail(struct err *err, const struct sink *sink, const char *doing)
{
	return err_set(err, ERR_JOURNAL, "Journal", "%s: cannot %s: %s", sink->path, doing,
		strerror(errno));
}

static void
tail_free(struct tail *tail)
{
	free(tail->bytes);
	free(tail);
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
check_file(const struct sink *sink, struct err *err)
{
	struct stat st;

	if (fstat(sink->fd, &st) != 0)
		return fail(err, sink, "look at it");
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid())
		return err_set(err, ERR_JOURNAL, "Journal", "%s: not a file of yours; move it away",
			sink->path);
	if (st.st_mode & 077)
		return err_set(err, ERR_JOURNAL, "Journal",
			"%s: others may use it (mode %03o); run: chmod go= '%s'", sink->path,
			(unsigned)st.st_mode & 0777, sink->path);
	return true;
}

/* With the lock held: one line at the end, whole and on the disk, or not at all. */
static bool
put_line(struct sink *sink, off_t end, const struct buf *line, struct err *err)
{
	int why;

	if (file_put(sink->fd, line->data, line->len) && fdatasync(sink->fd) == 0)
		return true;
	why = errno;
	if (ftruncate(sink->fd, end) != 0)
		why = errno;
	errno = why;
	return fail(err, sink, "write it");
}

/* The last bytes of the file: more and more of them, until a whole line is among them. False: it
 * cannot be read. *whole: they are all there are. */
static bool
read_end(struct sink *sink, struct tail *tail, off_t size, bool *whole)
{
	const char *newline;

	for (size_t room = WINDOW;; room *= 2) {
		*whole = size <= (off_t)room;
		tail->len = *whole ? (size_t)size : room;
		tail->bytes = mem_resize(tail->bytes, tail->len + 1);
		if (pread(sink->fd, tail->bytes, tail->len, size - (off_t)tail->len) !=
			(ssize_t)tail->len)
			return false;
		newline = memrchr(tail->bytes, '\n', tail->len);
		if (*whole || room > LINE_MAX_BYTES ||
			(newline && memrchr(tail->bytes, '\n', (size_t)(newline - tail->bytes))))
			return true;
	}
}

/* The last whole line. */
static bool
read_tail(struct sink *sink, struct tail *tail, struct err *err)
{
	char prev[LINE_HASH];
	const char *newline, *start;
	off_t size = lseek(sink->fd, 0, SEEK_END);
	json_t *record;
	bool whole;

	if (size < 0)
		return fail(err, sink, "look at it");
	if (!read_end(sink, tail, size, &whole))
		return fail(err, sink, "read it");
	memcpy(tail->hash, line_origin, LINE_HASH);
	tail->seq = 0;
	newline = memrchr(tail->bytes, '\n', tail->len);
	tail->torn = newline ? tail->len - (size_t)(newline + 1 - tail->bytes) : tail->len;
	tail->end = size - (off_t)tail->torn;
	if (newline == NULL && whole)
		return true;
	start = newline ? memrchr(tail->bytes, '\n', (size_t)(newline - tail->bytes)) : NULL;
	if (newline == NULL || (start == NULL && !whole))
		return err_set(err, ERR_JOURNAL, "Journal",
			"%s: its last line is no record; see: claviger journal verify", sink->path);
	start = start ? start + 1 : tail->bytes;
	record = line_read(start, (size_t)(newline - start), &tail->seq, prev, tail->hash, err);
	if (record == NULL) {
		err_prefix(err, "%s: the last line", sink->path);
		if (err)
			err->kind = ERR_JOURNAL;
		return false;
	}
	json_decref(record);
	return true;
}

/* Numbers and chains the records after the tail, and writes them as one. */
static bool
add_lines(struct sink *sink, struct tail *tail, const json_t *records, struct err *err)
{
	struct buf lines;
	json_t *given;
	size_t i;
	bool ok = true;

	buf_init(&lines, APPEND_MAX);
	json_array_foreach((json_t *)records, i, given)
	{
		json_t *record = json_pack("{s:I}", "seq", (json_int_t)++tail->seq);

		json_object_update(record, given);
		json_object_set_new(record, "prev", json_string(tail->hash));
		ok = ok && line_write(record, &lines, tail->hash, err);
		json_decref(record);
	}
	ok = ok && put_line(sink, tail->end, &lines, err);
	buf_free(&lines);
	return ok;
}

/* Bytes of a write that a crash cut off: kept in a file of their own, and recorded. */
static bool
set_torn_aside(struct sink *sink, struct tail *tail, struct err *err)
{
	const char *bytes = tail->bytes + tail->len - tail->torn;
	char path[PATH_MAX + 64], message[160], digest[65];
	json_t *records;
	bool ok;

	snprintf(path, sizeof path, "%s.torn-%lld", sink->path, (long long)tail->seq + 1);
	if (!file_write(path, bytes, tail->torn, err)) {
		if (err)
			err->kind = ERR_JOURNAL;
		return false;
	}
	if (ftruncate(sink->fd, tail->end) != 0)
		return fail(err, sink, "set a torn line aside");
	snprintf(message, sizeof message,
		"an interrupted write of %zu bytes was set aside in journal.jsonl.torn-%lld",
		tail->torn, (long long)tail->seq + 1);
	digest_sha256_hex(bytes, tail->torn, digest);
	records = json_pack("[o]", sink->mend(sink->user, digest, message));
	ok = add_lines(sink, tail, records, err) && read_tail(sink, tail, err);
	json_decref(records);
	return ok;
}

static bool
open_file(struct sink *sink, struct err *err)
{
	sink->fd = open(sink->path,
		O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (sink->fd < 0)
		return fail(err, sink, "open it");
	if (check_file(sink, err) && (sync_dir(sink->dir) || fail(err, sink, "make it last")))
		return true;
	close(sink->fd);
	sink->fd = -1;
	return false;
}

/* What another process has carried home and removed meanwhile takes no record any more: nobody
 * would ever read it. */
static bool
lock(struct sink *sink, struct err *err)
{
	for (;;) {
		if (sink->fd < 0 && !open_file(sink, err))
			return false;
		while (flock(sink->fd, LOCK_EX) != 0)
			if (errno != EINTR)
				return fail(err, sink, "lock it");
		if (file_is(sink->fd, sink->path))
			return true;
		close(sink->fd);
		sink->fd = -1;
	}
}

/* Takes the lock and finds the end of the chain, mending a torn line. */
static bool
enter(struct sink *sink, struct tail *tail, struct err *err)
{
	if (!lock(sink, err))
		return false;
	if (read_tail(sink, tail, err) && (!tail->torn || set_torn_aside(sink, tail, err)))
		return true;
	flock(sink->fd, LOCK_UN);
	return false;
}

struct sink *
sink_open(const char *dir, json_t *(*mend)(void *user, const char *digest, const char *message),
	void *user, struct err *err)
{
	struct sink *sink = mem_alloc(sizeof *sink);
	struct tail *tail = mem_alloc(sizeof *tail);
	bool ok;

	*sink = (struct sink){.fd = -1, .mend = mend, .user = user};
	ok = text_copy(sink->dir, sizeof sink->dir, dir) ||
	     err_set(err, ERR_JOURNAL, "", "%s: the path is too long", dir);
	snprintf(sink->path, sizeof sink->path, "%s/journal.jsonl", sink->dir);
	ok = ok && file_private_dir(sink->dir, err) && enter(sink, tail, err);
	if (ok)
		flock(sink->fd, LOCK_UN);
	tail_free(tail);
	if (ok)
		return sink;
	if (err)
		err->kind = ERR_JOURNAL;
	sink_close(sink);
	return NULL;
}

void
sink_close(struct sink *sink)
{
	if (sink == NULL)
		return;
	if (sink->fd >= 0)
		close(sink->fd);
	free(sink);
}

bool
sink_append(struct sink *sink, const json_t *records, struct err *err)
{
	struct tail *tail = mem_alloc(sizeof *tail);
	bool ok = enter(sink, tail, err);

	if (ok) {
		ok = add_lines(sink, tail, records, err);
		flock(sink->fd, LOCK_UN);
	}
	tail_free(tail);
	return ok;
}
