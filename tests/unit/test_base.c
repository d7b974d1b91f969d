/* Errors, buffers, arenas, clocks, files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/base/clock.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"

static void
errors_are_values(void **state)
{
	struct err err;

	(void)state;
	assert_false(err_set(&err, ERR_DENIED, "Forbidden", "no right on %s", "kv1"));
	assert_int_equal(err.kind, ERR_DENIED);
	assert_string_equal(err.code, "Forbidden");
	assert_string_equal(err.msg, "no right on kv1");
	assert_false(err_prefix(&err, "step %s", "grant"));
	assert_string_equal(err.msg, "step grant: no right on kv1");
	assert_string_equal(err.code, "Forbidden");
	assert_false(err_set(NULL, ERR_FAILED, "", "nobody listens"));
}

static void
an_error_that_is_cut_says_so(void **state)
{
	char text[2 * sizeof((struct err *)NULL)->msg];
	struct err err;

	(void)state;
	for (size_t i = 0; i + 2 < sizeof text; i += 2)
		memcpy(text + i, "\xc3\xa9", sizeof "\xc3\xa9");
	err_set(&err, ERR_FAILED, "", "%s", text);
	assert_string_equal(err.msg + strlen(err.msg) - 6, "\xc3\xa9 ...");
	err_prefix(&err, "x");
	assert_memory_equal(err.msg, "x: \xc3\xa9", 5);
	assert_string_equal(err.msg + strlen(err.msg) - 6, "\xc3\xa9 ...");
}

static void
exit_codes_are_the_contract(void **state)
{
	(void)state;
	assert_int_equal(err_exit(ERR_NONE), 0);
	assert_int_equal(err_exit(ERR_FAILED), 1);
	assert_int_equal(err_exit(ERR_USAGE), 2);
	assert_int_equal(err_exit(ERR_NOT_FOUND), 3);
	assert_int_equal(err_exit(ERR_DENIED), 4);
	assert_int_equal(err_exit(ERR_REFUSED), 5);
	assert_int_equal(err_exit(ERR_UNAVAILABLE), 6);
	assert_int_equal(err_exit(ERR_JOURNAL), 74);
	assert_int_equal(err_exit(ERR_PARKED), 75);
	assert_int_equal(err_exit(ERR_CANCELLED), 130);
}

static void
buffers_keep_their_cap(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 10);
	assert_string_equal(buf_text(&buf), "");
	assert_true(buf_adds(&buf, "12345"));
	assert_true(buf_addf(&buf, "%d", 67890));
	assert_false(buf_add(&buf, "x", 1));
	assert_false(buf_addf(&buf, "%s", "y"));
	assert_false(buf_add(&buf, "x", SIZE_MAX));
	assert_int_equal(buf.len, 10);
	assert_string_equal(buf_text(&buf), "1234567890");
	buf_clear(&buf);
	assert_int_equal(buf.len, 0);
	assert_true(buf_adds(&buf, "again"));
	buf_free(&buf);
	assert_string_equal(buf_text(&buf), "");
}

static void
buffers_grow(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 1 << 20);
	for (int i = 0; i < 10000; i++)
		assert_true(buf_addf(&buf, "%05d", i));
	assert_int_equal(buf.len, 50000);
	assert_memory_equal(buf.data + 49995, "09999", 6);
	buf_expect(&buf, 2 << 20);
	assert_true(buf.room < 1 << 20);
	buf_expect(&buf, 60000);
	assert_true(buf.room < 1 << 17);
	assert_true(buf_adds(&buf, "10000"));
	assert_memory_equal(buf.data + 49995, "0999910000", 11);
	buf_free(&buf);
	buf_expect(&buf, 60000);
	assert_int_equal(buf.room, 60001);
	assert_string_equal(buf_text(&buf), "");
	buf_free(&buf);
}

static void
arenas_hold_any_size(void **state)
{
	struct arena *arena = arena_new();
	char *big = arena_alloc(arena, 100000), *small = arena_strdup(arena, "kv-payroll");

	(void)state;
	memset(big, 'x', 100000);
	assert_string_equal(small, "kv-payroll");
	assert_string_equal(arena_printf(arena, "%s/%d", small, 7), "kv-payroll/7");
	for (int i = 0; i < 5000; i++)
		assert_int_equal((uintptr_t)arena_alloc(arena, 3) % _Alignof(max_align_t), 0);
	arena_free(arena);
	arena_free(NULL);
}

static void
zeroing_allocator_keeps_content(void **state)
{
	char *p = mem_zeroing_malloc(8);

	(void)state;
	assert_non_null(p);
	memcpy(p, "1234567", 8);
	p = mem_zeroing_realloc(p, 4000);
	assert_non_null(p);
	assert_string_equal(p, "1234567");
	mem_zeroing_free(p);
	mem_zeroing_free(NULL);
}

static void
clocks_can_be_stopped(void **state)
{
	char text[32];

	(void)state;
	clock_freeze(1700000000);
	assert_int_equal(clock_wall(), 1700000000);
	assert_int_equal(clock_mono_ms(), 1700000000000);
	clock_shift(86400);
	assert_int_equal(clock_wall(), 1700086400);
	assert_int_equal(clock_mono_ms(), 1700000000000);
	clock_shift(0);
	clock_thaw();
	assert_true(clock_wall() > 1700086400);
	assert_string_equal(clock_iso(1700000000, text), "2023-11-14T22:13:20Z");
	assert_string_equal(clock_iso(0, text), "");
}

static char dir[64];

static void
path_of(char out[PATH_MAX], const char *name)
{
	snprintf(out, PATH_MAX, "%s/%s", dir, name);
}

static void
new_files_take_no_name_that_is_taken(void **state)
{
	char path[PATH_MAX], link[PATH_MAX];
	struct stat st;
	struct err err;

	(void)state;
	path_of(path, "new");
	path_of(link, "to-nowhere");
	assert_int_equal(symlink("nowhere", link), 0);
	assert_true(file_write_new(path, "first", 5, &err));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_false(file_write_new(path, "second", 6, &err));
	assert_int_equal(err.kind, ERR_REFUSED);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 5);
	assert_false(file_write_new(link, "second", 6, &err));
	assert_int_equal(err.kind, ERR_REFUSED);
	assert_false(file_write_new(dir, "second", 6, &err));
	assert_int_equal(err.kind, ERR_REFUSED);
}

static void
files_are_whole_and_private(void **state)
{
	char path[PATH_MAX];
	struct stat st;
	struct buf buf;
	struct err err;

	(void)state;
	path_of(path, "a");
	assert_true(file_write(path, "first", 5, &err));
	assert_true(file_write(path, "second", 6, &err));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	buf_init(&buf, 100);
	assert_true(file_read(path, true, &buf, &err));
	assert_string_equal(buf_text(&buf), "second");
	buf_free(&buf);

	buf_init(&buf, 3);
	assert_false(file_read(path, true, &buf, &err));
	assert_non_null(strstr(err.msg, "larger than 3 bytes"));
	buf_free(&buf);

	buf_init(&buf, 100);
	assert_int_equal(chmod(path, 0644), 0);
	assert_false(file_read(path, true, &buf, &err));
	assert_non_null(strstr(err.msg, "chmod go="));
	assert_true(file_read(path, false, &buf, &err));
	buf_free(&buf);
}

static void
links_are_not_followed(void **state)
{
	char path[PATH_MAX], link[PATH_MAX];
	struct buf buf;
	struct err err;

	(void)state;
	path_of(path, "target");
	path_of(link, "link");
	assert_true(file_write(path, "x", 1, &err));
	assert_int_equal(symlink(path, link), 0);
	buf_init(&buf, 100);
	assert_false(file_read(link, true, &buf, &err));
	buf_free(&buf);
	path_of(path, "nothing");
	assert_false(file_read(path, true, &buf, &err));
	assert_int_equal(err.kind, ERR_NOT_FOUND);
}

static void
folders_are_private(void **state)
{
	char path[PATH_MAX];
	struct stat st;
	struct err err;

	(void)state;
	path_of(path, "x/y/z");
	assert_true(file_private_dir(path, &err));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_true(file_private_dir(path, &err));
	assert_int_equal(chmod(path, 0755), 0);
	assert_false(file_private_dir(path, &err));
	assert_non_null(strstr(err.msg, "name another folder"));
	assert_non_null(strstr(err.msg, "chmod go="));
	path_of(path, "x");
	file_remove_tree(path);
	assert_int_equal(stat(path, &st), -1);
}

static void
places_follow_xdg(void **state)
{
	char path[PATH_MAX];
	struct err err;

	(void)state;
	setenv("HOME", "/h", 1);
	unsetenv("XDG_STATE_HOME");
	assert_true(file_place(FILE_STATE, path, &err));
	assert_string_equal(path, "/h/.local/state/claviger");
	setenv("XDG_STATE_HOME", "/s", 1);
	assert_true(file_place(FILE_STATE, path, &err));
	assert_string_equal(path, "/s/claviger");
	setenv("XDG_STATE_HOME", "relative", 1);
	assert_true(file_place(FILE_STATE, path, &err));
	assert_string_equal(path, "/h/.local/state/claviger");
	unsetenv("HOME");
	assert_false(file_place(FILE_STATE, path, &err));
	assert_non_null(strstr(err.msg, "XDG_STATE_HOME"));
}

static int
make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof dir, "/tmp/claviger-test-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int
remove_dir(void **state)
{
	(void)state;
	file_remove_tree(dir);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_are_values),
		cmocka_unit_test(an_error_that_is_cut_says_so),
		cmocka_unit_test(exit_codes_are_the_contract),
		cmocka_unit_test(buffers_keep_their_cap),
		cmocka_unit_test(buffers_grow),
		cmocka_unit_test(arenas_hold_any_size),
		cmocka_unit_test(zeroing_allocator_keeps_content),
		cmocka_unit_test(clocks_can_be_stopped),
		cmocka_unit_test(new_files_take_no_name_that_is_taken),
		cmocka_unit_test(files_are_whole_and_private),
		cmocka_unit_test(links_are_not_followed),
		cmocka_unit_test(folders_are_private),
		cmocka_unit_test(places_follow_xdg),
	};

	return cmocka_run_group_tests_name("base", tests, make_dir, remove_dir);
}
