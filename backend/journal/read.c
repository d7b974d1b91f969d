/* Reading, for list and verify: line by line, as far as the file went when nobody wrote to it, so
 * that no line is half there. What stands before that only stays: no lock is held while it is read,
 * which may take long, or whoever has a change to record would wait for the reader. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/base/file.h"
#include "backend/base/text.h"
#include "backend/journal/journal.h"
#include "backend/journal/line.h"
#include "backend/journal/places.h"
#include "backend/journal/read.h"

typedef bool take_line(void *user, size_t number, const char *line, size_t len, struct err *err);

/* size: of the file. */
static bool
walk(FILE *file, off_t size, const char *path, take_line *take, void *user, struct err *err)
{
	char *line = NULL;
	size_t room = 0, number = 0;
	ssize_t n;
	bool ok = true;

	while (ok && size > 0 && (n = getline(&line, &room, file)) > 0) {
		number++;
		size -= n;
		if (line[n - 1] != '\n')
			ok = err_set(err, ERR_FAILED, "JournalTorn",
				"is cut off; the next change sets it aside");
		else
			ok = take(user, number, line, (size_t)n - 1, err);
		if (!ok)
			err_prefix(err, "%s: line %zu", path, number);
	}
	if (ok && ferror(file))
		ok = err_set(err, ERR_FAILED, "", "%s: cannot read it: %s", path, strerror(errno));
	free(line);
	return ok;
}

/* Its lock goes with it. NULL with err as it was: there is no such file. */
static FILE *
open_locked(const char *path, int how, off_t *size, struct err *err)
{
	struct stat st = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;

	if (file == NULL && !(fd < 0 && errno == ENOENT))
		err_set(err, ERR_FAILED, "", "%s: cannot open it: %s", path, strerror(errno));
	if (file == NULL && fd >= 0)
		close(fd);
	while (file && flock(fd, how) != 0 && errno == EINTR)
		;
	*size = file && fstat(fd, &st) == 0 ? st.st_size : 0;
	return file;
}

bool
read_open(const char *path, FILE **file, off_t *size, struct err *err)
{
	struct err why = {0};

	*file = open_locked(path, LOCK_SH, size, &why);
	if (*file)
		flock(fileno(*file), LOCK_UN);
	if (err && why.kind != ERR_NONE)
		*err = why;
	return why.kind == ERR_NONE;
}

static bool
open_and_walk(const char *path, take_line *take, void *user, struct err *err)
{
	off_t size;
	FILE *file;
	bool ok = read_open(path, &file, &size, err);

	if (file == NULL)
		return ok;
	ok = walk(file, size, path, take, user, err);
	fclose(file);
	return ok;
}

struct listing {
	void (*each)(void *user, const json_t *record);
	void *user;
	const atomic_bool *stop; /* NULL: it is read to its end */
};

bool
read_fault(struct err *err)
{
	return err_set(
		err, ERR_FAILED, "JournalForm", "is not a record; see: claviger journal verify");
}

json_t *
read_record(const char *line, size_t len, struct err *err)
{
	json_t *record = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);

	if (json_is_object(record))
		return record;
	json_decref(record);
	(void)read_fault(err);
	return NULL;
}

static bool
list_line(void *user, size_t number, const char *line, size_t len, struct err *err)
{
	const struct listing *listing = user;
	json_t *record;

	(void)number;
	if (listing->stop && *listing->stop)
		return err_set(err, ERR_CANCELLED, "", "was not read: nobody waits for it");
	record = read_record(line, len, err);
	if (record == NULL)
		return false;
	listing->each(listing->user, record);
	json_decref(record);
	return true;
}

/* A torn last line is the next writer's business: every whole record was given. */
static bool
but_torn(const struct err *why, struct err *err)
{
	if (why->kind == ERR_NONE || strcmp(why->code, "JournalTorn") == 0)
		return true;
	if (err)
		*err = *why;
	return false;
}

static bool
read_records(const char *path, struct listing *listing, struct err *err)
{
	struct err why = {0};

	return open_and_walk(path, list_line, listing, &why) || but_torn(&why, err);
}

bool
read_away(const char *path, void (*each)(void *user, const json_t *record),
	bool (*kept)(void *user), void *user, struct err *err)
{
	struct listing listing = {.each = each, .user = user};
	struct err why = {0};
	off_t size;
	FILE *file = open_locked(path, LOCK_EX, &size, &why);
	bool ok;

	if (file == NULL)
		return but_torn(&why, err);
	/* Another has removed it meanwhile: what has its name by now is not what is read here. */
	if (!file_is(fileno(file), path)) {
		fclose(file);
		return true;
	}
	ok = (walk(file, size, path, list_line, &listing, &why) || but_torn(&why, err)) &&
	     kept(user) && unlink(path) == 0;
	fclose(file);
	return ok;
}

bool
journal_each(const char *dir, void (*each)(void *user, const json_t *record), void *user,
	struct err *err)
{
	return journal_each_until(dir, each, user, NULL, err);
}

bool
journal_each_until(const char *dir, void (*each)(void *user, const json_t *record), void *user,
	const atomic_bool *stop, struct err *err)
{
	struct listing listing = {.each = each, .user = user, .stop = stop};
	struct places places;
	char path[PATH_MAX];

	if (!places_find(dir, &places, err))
		return false;
	for (enum place place = 0; place < PLACES; place++)
		if (places_file(&places, place, path) && !read_records(path, &listing, err))
			return false;
	return true;
}

size_t
journal_size(const char *dir)
{
	struct places places;
	struct stat st;
	char path[PATH_MAX];
	size_t size = 0;

	if (!places_find(dir, &places, NULL))
		return 0;
	for (enum place place = 0; place < PLACES; place++)
		if (places_file(&places, place, path) && stat(path, &st) == 0)
			size += (size_t)st.st_size;
	return size;
}

struct chain {
	size_t records;
	char tail[LINE_HASH];
	char first[LINE_HASH];          /* of the first record */
	const struct checkpoint *saved; /* NULL: none to compare with */
};

static bool
verify_line(void *user, size_t number, const char *line, size_t len, struct err *err)
{
	struct chain *chain = user;
	char prev[LINE_HASH], hash[LINE_HASH];
	int64_t seq;
	json_t *record = line_read(line, len, &seq, prev, hash, err);

	if (record == NULL)
		return false;
	json_decref(record);
	if (seq != (int64_t)number)
		return err_set(err, ERR_FAILED, "JournalSequence",
			"has number %lld: records were taken out, put in or moved", (long long)seq);
	if (strcmp(prev, chain->tail) != 0)
		return err_set(err, ERR_FAILED, "JournalChain",
			"does not follow the line before it: one of them was replaced");
	chain->records++;
	memcpy(chain->tail, hash, LINE_HASH);
	if (number == 1)
		memcpy(chain->first, hash, LINE_HASH);
	if (chain->saved && chain->saved->size == number && strcmp(chain->saved->hash, hash) != 0)
		return err_set(err, ERR_FAILED, "JournalRewritten",
			"is not the one of the checkpoint: the journal was written anew");
	return true;
}

/* The chain of one place after the other; what is told is of the usual one. */
static bool
verify_all(const char *dir, struct chain *chain, struct err *err)
{
	struct places places;
	char path[PATH_MAX];
	bool ok = true;

	if (!places_find(dir, &places, err))
		return false;
	for (enum place place = 0; ok && place < PLACES; place++) {
		struct chain own = {.saved = place == PLACE_USUAL ? chain->saved : NULL};

		memcpy(own.tail, line_origin, LINE_HASH);
		memcpy(own.first, line_origin, LINE_HASH);
		ok = !places_file(&places, place, path) ||
		     open_and_walk(path, verify_line, &own, err);
		if (place == PLACE_USUAL)
			*chain = own;
	}
	return ok;
}

bool
journal_verify(const char *dir, size_t *records, char tail[65], struct err *err)
{
	struct chain chain = {0};
	bool ok = verify_all(dir, &chain, err);

	*records = chain.records;
	memcpy(tail, chain.tail, LINE_HASH);
	return ok;
}

/* A journal is known by its first record: two of them never begin alike. */
static void
name_origin(const struct chain *chain, char out[CHECKPOINT_ORIGIN])
{
	snprintf(out, CHECKPOINT_ORIGIN, "claviger-journal/%.16s", chain->first);
}

bool
journal_checkpoint(const char *dir, struct checkpoint *out, struct err *err)
{
	struct chain chain = {0};

	*out = (struct checkpoint){0};
	if (!verify_all(dir, &chain, err))
		return false;
	out->size = chain.records;
	memcpy(out->hash, chain.tail, LINE_HASH);
	name_origin(&chain, out->origin);
	return true;
}

bool
journal_verify_since(const char *dir, const struct checkpoint *saved, size_t *records,
	char tail[65], struct err *err)
{
	struct chain chain = {.saved = saved};
	char origin[CHECKPOINT_ORIGIN];
	bool ok = verify_all(dir, &chain, err);

	*records = chain.records;
	memcpy(tail, chain.tail, LINE_HASH);
	if (!ok)
		return false;
	if (chain.records < saved->size)
		return err_set(err, ERR_FAILED, "JournalTruncated",
			"the journal has %zu records and had %zu at the checkpoint: it was cut off",
			chain.records, saved->size);
	name_origin(&chain, origin);
	return saved->size == 0 || strcmp(origin, saved->origin) == 0 ||
	       err_set(err, ERR_FAILED, "JournalOther",
		       "the checkpoint is of another journal: %s, and this is %s", saved->origin,
		       origin);
}

bool
journal_checkpoint_read(const char *text, struct checkpoint *out, struct err *err)
{
	long long size;
	char rest[2];

	*out = (struct checkpoint){0};
	if (sscanf(text, "%39s %lld %64s %1s", out->origin, &size, out->hash, rest) == 3 &&
		size >= 0 && strspn(out->hash, "0123456789abcdef") == LINE_HASH - 1) {
		out->size = (size_t)size;
		return true;
	}
	return err_set(err, ERR_USAGE, "",
		"a checkpoint is a line of origin, size and hash, as journal checkpoint prints it");
}
