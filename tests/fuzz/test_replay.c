/* Every input of the corpus, and each of them cut short and with single bytes changed, through the
 * target that the fuzzer runs: what it demands holds for all of them. With the name of a folder it
 * writes the corpus there instead. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/buf.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "tests/fuzz/corpus.h"
#include "tests/fuzz/fuzz_router.h"

enum { FILE_MAX = 1 << 20, CUTS = 2, FLIPS = 2 };

struct tally {
	size_t inputs, obeyed, same, known;
};

static void
replay(void *user, const char *text, size_t len, unsigned expected)
{
	struct tally *tally = user;
	unsigned status = fuzz_router(text, len);

	tally->inputs++;
	tally->obeyed += status >= 200 && status < 300;
	tally->known += expected != 0;
	tally->same += expected && status / 100 == expected / 100;
}

/* The same places of every input at each run: what fails once fails again. */
static void
spoil(const char *text, size_t len, size_t n)
{
	static const char bytes[] = {'\0', '%', '"', '\x80', '{', '/', '-', '\n'};
	char *copy = mem_alloc(len + 1);

	for (size_t i = 1; i <= CUTS; i++)
		fuzz_router(text, len * i / (CUTS + 1));
	for (size_t i = 0; i < FLIPS && len; i++) {
		size_t at = (len * (2 * i + 1) / (2 * FLIPS) + n * 7) % len;

		memcpy(copy, text, len);
		copy[at] = bytes[(n + i) % sizeof bytes];
		fuzz_router(copy, len);
	}
	free(copy);
}

static void
replay_and_spoil(void *user, const char *text, size_t len, unsigned expected)
{
	struct tally *tally = user;

	replay(user, text, len, expected);
	spoil(text, len, tally->inputs);
}

/* A call that the catalogue's sandbox obeyed is mostly obeyed here too: else the inputs would try
 * nothing but refusals. */
static void
the_corpus_holds(void **state)
{
	struct tally tally = {0};

	(void)state;
	corpus_make(replay_and_spoil, &tally);
	print_message("%zu inputs, %zu obeyed; %zu of %zu as in the catalogue\n", tally.inputs,
		tally.obeyed, tally.same, tally.known);
	assert_true(tally.inputs > 400);
	assert_true(tally.obeyed > 200);
	assert_true(tally.same * 4 > tally.known * 3);
}

/* What the fuzzer has found before. */
static void
finds_hold(void **state)
{
	const char *folder = getenv("FUZZ_CORPUS");
	struct tally tally = {0};
	struct dirent *entry;
	DIR *dir = folder && *folder ? opendir(folder) : NULL;

	(void)state;
	if (!dir) {
		skip();
		return;
	}
	while ((entry = readdir(dir)) != NULL) {
		char *path = mem_printf("%s/%s", folder, entry->d_name);
		struct buf text;

		buf_init(&text, FILE_MAX);
		if (entry->d_name[0] != '.') {
			assert_true(file_read(path, false, &text, NULL));
			replay(&tally, buf_text(&text), text.len, 0);
		}
		buf_free(&text);
		free(path);
	}
	closedir(dir);
	assert_true(tally.inputs > 0);
}

struct writer {
	const char *folder;
	size_t n;
};

static void
write_file(void *user, const char *text, size_t len, unsigned expected)
{
	struct writer *writer = user;
	char *path = mem_printf("%s/%04zu", writer->folder, writer->n++);
	struct err err;

	(void)expected;
	if (!file_write(path, text, len, &err)) {
		fprintf(stderr, "%s\n", err.msg);
		exit(1);
	}
	free(path);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_corpus_holds),
		cmocka_unit_test(finds_hold),
	};

	if (argc == 2) {
		corpus_make(write_file, &(struct writer){argv[1], 0});
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
