/* Reading, for list and verify: line by line, under a shared lock so that no line is half there. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "backend/base/file.h"
#include "backend/base/text.h"
#include "backend/journal/journal.h"
#include "backend/journal/line.h"

typedef bool take_line(void *user, size_t number, const char *line, size_t len, struct err *err);

static bool
find(const char *dir, char path[PATH_MAX], struct err *err)
{
	char usual[PATH_MAX];

	if (dir == NULL && !file_place(FILE_STATE, usual, err))
		return false;
	if (snprintf(path, PATH_MAX, "%s/journal.jsonl", dir ? dir : usual) < PATH_MAX)
		return true;
	return err_set(err, ERR_FAILED, "", "%s: the path is too long", dir ? dir : usual);
}

static bool
walk(FILE *file, const char *path, take_line *take, void *user, struct err *err)
{
	char *line = NULL;
	size_t room = 0, number = 0;
	ssize_t n;
	bool ok = true;

	while (ok && (n = getline(&line, &room, file)) > 0) {
		number++;
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

static bool
open_and_walk(const char *dir, take_line *take, void *user, struct err *err)
{
	char path[PATH_MAX];
	FILE *file;
	bool ok;
	int fd;

	if (!find(dir, path, err))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT)
		return true;
	if (fd < 0)
		return err_set(
			err, ERR_FAILED, "", "%s: cannot open it: %s", path, strerror(errno));
	file = fdopen(fd, "r");
	if (file == NULL) {
		close(fd);
		return err_set(
			err, ERR_FAILED, "", "%s: cannot read it: %s", path, strerror(errno));
	}
	while (flock(fd, LOCK_SH) != 0 && errno == EINTR)
		;
	ok = walk(file, path, take, user, err);
	fclose(file);
	return ok;
}

struct listing {
	void (*each)(void *user, const json_t *record);
	void *user;
};

static bool
list_line(void *user, size_t number, const char *line, size_t len, struct err *err)
{
	const struct listing *listing = user;
	json_t *record;

	(void)number;
	record = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(record)) {
		json_decref(record);
		return err_set(err, ERR_FAILED, "JournalForm",
			"is not a record; see: claviger journal verify");
	}
	listing->each(listing->user, record);
	json_decref(record);
	return true;
}

bool
journal_each(const char *dir, void (*each)(void *user, const json_t *record), void *user,
	struct err *err)
{
	struct listing listing = {.each = each, .user = user};
	struct err why = {0};

	if (open_and_walk(dir, list_line, &listing, &why))
		return true;
	/* A torn last line is the next writer's business: every whole record was given. */
	if (strcmp(why.code, "JournalTorn") == 0)
		return true;
	if (err)
		*err = why;
	return false;
}

struct chain {
	size_t records;
	char tail[LINE_HASH];
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
	return true;
}

bool
journal_verify(const char *dir, size_t *records, char tail[65], struct err *err)
{
	struct chain chain = {0};
	bool ok;

	memcpy(chain.tail, line_origin, LINE_HASH);
	ok = open_and_walk(dir, verify_line, &chain, err);
	*records = chain.records;
	memcpy(tail, chain.tail, LINE_HASH);
	return ok;
}
