/* Journals in folders that are thrown away. */
#include "tests/unit/journals.h"

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

int
journals_setup(void **state)
{
	struct place *place = calloc(1, sizeof *place);

	snprintf(place->dir, sizeof place->dir, "/tmp/claviger-journal-XXXXXX");
	assert_non_null(mkdtemp(place->dir));
	snprintf(place->path, sizeof place->path, "%s/journal.jsonl", place->dir);
	*state = place;
	return 0;
}

int
journals_teardown(void **state)
{
	struct place *place = *state;

	unsetenv("XDG_STATE_HOME");
	unsetenv("XDG_RUNTIME_DIR");
	file_remove_tree(place->dir);
	free(place);
	return 0;
}

void
journals_block(const struct place *place)
{
	char home[160], runtime[160], blocked[200];

	snprintf(home, sizeof home, "%s/state", place->dir);
	snprintf(runtime, sizeof runtime, "%s/run", place->dir);
	snprintf(blocked, sizeof blocked, "%s/claviger", home);
	assert_int_equal(mkdir(home, 0700) | mkdir(runtime, 0700), 0);
	setenv("XDG_STATE_HOME", home, 1);
	setenv("XDG_RUNTIME_DIR", runtime, 1);
	close(open(blocked, O_WRONLY | O_CREAT, 0600));
}

void
journals_unblock(const struct place *place)
{
	char blocked[200];

	snprintf(blocked, sizeof blocked, "%s/state/claviger", place->dir);
	assert_int_equal(unlink(blocked), 0);
}

void
journals_append(struct journal *journal, enum journal_phase phase, const char *step)
{
	json_t *detail = json_pack("{s:s}", "version", "0123456789abcdef0123456789abcdef");
	struct journal_entry entry = {
		.phase = phase,
		.operation = "11111111-2222-4333-8444-555555555555",
		.plan = "onboard",
		.step = step,
		.target = "/subscriptions/s/x",
		.method = "PATCH",
		.url = "https://management.azure.com/subscriptions/s/x?api-version=2023-11-01",
		.body_digest = "aa",
		.http = phase == JOURNAL_INTENT ? 0 : 200,
		.request_id = "r-1",
		.us = 1234,
		.detail = detail,
	};
	struct err err = {0};

	assert_true(journal_append(journal, &entry, &err));
	json_decref(detail);
}

struct journal *
journals_open(const struct place *place)
{
	struct err err = {0};
	struct journal *journal = journal_open(place->dir, true, &err);

	if (journal == NULL)
		fail_msg("%s", err.msg);
	return journal;
}

/* A journal of n records; the whole file into out. */
void
journals_fill(const struct place *place, int n, struct buf *out)
{
	struct journal *journal = journals_open(place);
	struct err err = {0};

	for (int i = 0; i < n; i++)
		journals_append(journal, i % 2 ? JOURNAL_DONE : JOURNAL_INTENT, "switch");
	journal_close(journal);
	buf_init(out, 1 << 20);
	assert_true(file_read(place->path, true, out, &err));
}

void
journals_put(const struct place *place, const char *bytes, size_t len)
{
	int fd = open(place->path, O_WRONLY | O_TRUNC | O_CREAT, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
	close(fd);
}

bool
journals_verify(const struct place *place, size_t *records, struct err *err)
{
	char tail[65];

	*err = (struct err){0};
	return journal_verify(place->dir, records, tail, err);
}

void
journals_see(void *user, const json_t *record)
{
	struct seen *seen = user;

	seen->count++;
	json_decref(seen->last);
	seen->last = json_deep_copy(record);
}

/* Offsets of the lines; count + 1 of them. */
size_t
journals_lines(const struct buf *whole, size_t *at, size_t max)
{
	size_t count = 0;

	at[0] = 0;
	for (size_t i = 0; i < whole->len && count + 1 < max; i++)
		if (whole->data[i] == '\n')
			at[++count] = i + 1;
	return count;
}
