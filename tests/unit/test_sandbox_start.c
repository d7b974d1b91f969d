/* Starting, joining, refusing, ending; the control words. On the empty seed, for speed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/base/file.h"
#include "backend/sandbox/env.h"
#include "backend/sandbox/heir.h"
#include "tests/fixtures/sandbox_client.h"

static struct client client;

static void
files_are_private(void **state)
{
	static const char *const names[] = {"s", "c", "lock", "secret", "secret.reader", "ca.key",
		"leaf.key", "state.db", "endpoint"};
	char path[128];
	struct stat st;

	(void)state;
	assert_int_equal(stat(client.dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(path, sizeof path, "%s/%s", client.dir, names[i]);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
}

/* A lock that cannot be had for another reason than a holder is said at once, not waited for. */
static void
a_lock_that_cannot_be_opened_is_named(void **state)
{
	struct sandbox_options options = {0};
	char lock[128], dir[] = "/tmp/claviger-lock-XXXXXX";
	struct err err;

	(void)state;
	options.state = mkdtemp(dir);
	assert_non_null(options.state);
	snprintf(lock, sizeof lock, "%s/lock", dir);
	assert_int_equal(mkdir(lock, 0700), 0);
	assert_null(sandbox_open(&options, &err));
	assert_int_equal(err.kind, ERR_FAILED);
	assert_non_null(strstr(err.msg, "/lock"));
	rmdir(lock);
	rmdir(dir);
}

static void
a_second_one_joins(void **state)
{
	struct sandbox_options options = {.state = client.dir};
	struct sandbox *other;
	struct err err;

	(void)state;
	other = sandbox_open(&options, &err);
	assert_non_null(other);
	assert_false(sandbox_serves(other));
	assert_true(sandbox_serves(client.sandbox));
	assert_string_equal(sandbox_access(other)->socket, sandbox_access(client.sandbox)->socket);
	assert_string_equal(sandbox_access(other)->client_secret,
		sandbox_access(client.sandbox)->client_secret);
	sandbox_close(other);
	assert_int_equal(client_send(&client, "GET", ARM "/tenants?api-version=2022-12-01",
				 client.arm, NULL),
		200);
	options.seed = "demo";
	assert_null(sandbox_open(&options, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.msg, "empty"));
}

static bool
serve_in_vain(void *user, struct err *err)
{
	atomic_fetch_add((atomic_int *)user, 1);
	return err_set(err, ERR_FAILED, "", "it cannot be served");
}

/* Or nobody else could take over. One that is not needed any more ends without serving. */
static void
an_heir_in_vain_gives_the_lock_back(void **state)
{
	char dir[] = "/tmp/claviger-test-XXXXXX";
	struct state first, second, third;
	atomic_int served = 0;
	struct heir *heir;
	struct err err;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_true(state_open(&first, dir, &err) && first.lock >= 0);
	assert_true(state_open(&second, dir, &err) && second.lock < 0);
	assert_true(state_open(&third, dir, &err) && third.lock < 0);
	heir = heir_start(&second, serve_in_vain, &served, &err);
	assert_non_null(heir);
	heir_stop(heir);
	assert_int_equal(served, 0);
	heir = heir_start(&second, serve_in_vain, &served, &err);
	assert_non_null(heir);
	state_close(&first);
	while (atomic_load(&served) == 0 || !state_lock(&third))
		usleep(1000);
	heir_stop(heir);
	assert_int_equal(served, 1);
	assert_int_equal(second.lock, -1);
	state_close(&third);
	file_remove_tree(dir);
}

static void
a_restart_keeps_what_was_there(void **state)
{
	struct sandbox_options options = {.state = client.dir, .seed = "empty"};
	char secret[64];
	struct err err;

	(void)state;
	client_file(&client, "secret", secret);
	assert_int_equal(client_send(&client, "PUT",
				 ARM PRODUCTION "/resourcegroups/rg-new?api-version=2022-09-01",
				 client.arm, "{\"location\":\"West Europe\"}"),
		201);
	assert_string_equal(client_text(&client, "location"), "westeurope");
	sandbox_close(client.sandbox);
	client.sandbox = sandbox_open(&options, &err);
	assert_non_null(client.sandbox);
	assert_string_equal(sandbox_access(client.sandbox)->client_secret, secret);
	assert_int_equal(client_send(&client, "GET",
				 ARM PRODUCTION "/resourcegroups/rg-new?api-version=2022-09-01",
				 client.arm, NULL),
		200);
	sandbox_close(client.sandbox);
	options.seed = "fleet:2";
	assert_null(sandbox_open(&options, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	options.seed = NULL;
	client.sandbox = sandbox_open(&options, &err);
	assert_non_null(client.sandbox);
}

static void
without_a_directory_nothing_stays(void **state)
{
	struct sandbox_options options = {.seed = "empty", .listen = "127.0.0.1:0"};
	char dir[PATH_MAX];
	struct sandbox *sandbox;
	struct err err;
	struct buf env;

	(void)state;
	sandbox = sandbox_open(&options, &err);
	assert_non_null(sandbox);
	assert_true(sandbox_port(sandbox) > 0);
	buf_init(&env, 65536);
	assert_true(sandbox_print_env(sandbox, &env, &err));
	assert_non_null(strstr(buf_text(&env), "export CLAVIGER_ARM='https://localhost:"));
	assert_non_null(strstr(buf_text(&env), "\nexport CLAVIGER_CLIENT_SECRET='"));
	buf_free(&env);
	snprintf(dir, sizeof dir, "%s", sandbox_access(sandbox)->ca_file);
	*strrchr(dir, '/') = '\0';
	assert_int_equal(access(dir, F_OK), 0);
	sandbox_close(sandbox);
	assert_int_not_equal(access(dir, F_OK), 0);
}

/* A folder's name may hold what a shell would take for the end of the value. */
static void
the_block_is_quoted(void **state)
{
	struct sandbox_access access = {.ca_file = "/tmp/it's $(here)/ca.pem"};
	const struct env env = {.access = &access, .port = 4443, .six = true};
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	assert_true(env_print(&env, &out));
	assert_non_null(strstr(
		buf_text(&out), "\nexport CLAVIGER_CA='/tmp/it'\\''s $(here)/ca.pem'\nexport "));
	assert_int_equal(strncmp(buf_text(&out), "export CLAVIGER_LISTEN='[::1]:4443'\n", 36), 0);
	assert_null(strstr(buf_text(&out), "CLAVIGER_PROXY"));
	buf_free(&out);
}

static void
wrong_options_are_refused(void **state)
{
	static const char *const listens[] = {"0.0.0.0:0", "192.0.2.1:1", "127.0.0.1",
		"localhost:", "127.0.0.1:70000", ":0", "127.0.0.1:1x"};
	struct sandbox_options options = {.seed = "empty"};
	const char *fault = "x=explode";
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(listens); i++) {
		options.listen = listens[i];
		assert_null(sandbox_open(&options, &err));
		assert_int_equal(err.kind, ERR_USAGE);
	}
	options.listen = NULL;
	options.fault = &fault;
	options.fault_len = 1;
	assert_null(sandbox_open(&options, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	options.fault_len = 0;
	options.seed = "nothing";
	assert_null(sandbox_open(&options, &err));
	assert_int_equal(err.kind, ERR_USAGE);
}

static void
an_open_directory_is_refused(void **state)
{
	char dir[] = "/tmp/claviger-test-XXXXXX";
	struct sandbox_options options = {.state = dir, .seed = "empty"};
	struct err err;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chmod(dir, 0755), 0);
	assert_null(sandbox_open(&options, &err));
	assert_int_equal(err.kind, ERR_FAILED);
	assert_non_null(strstr(err.msg, "chmod"));
	rmdir(dir);
}

static void
a_long_path_has_its_socket_elsewhere(void **state)
{
	char base[] = "/tmp/claviger-test-XXXXXX", dir[256], runtime[128];
	struct sandbox_options options = {.state = dir, .seed = "empty"};
	struct sandbox *sandbox, *other;
	struct err err;

	(void)state;
	assert_non_null(mkdtemp(base));
	snprintf(runtime, sizeof runtime, "%s/run", base);
	assert_int_equal(mkdir(runtime, 0700), 0);
	setenv("XDG_RUNTIME_DIR", runtime, 1);
	snprintf(dir, sizeof dir, "%s/%0120d", base, 1);
	sandbox = sandbox_open(&options, &err);
	assert_non_null(sandbox);
	assert_memory_equal(sandbox_access(sandbox)->socket, runtime, strlen(runtime));
	other = sandbox_open(&options, &err);
	assert_non_null(other);
	assert_string_equal(sandbox_access(other)->socket, sandbox_access(sandbox)->socket);
	sandbox_close(other);
	sandbox_close(sandbox);
	unsetenv("XDG_RUNTIME_DIR");
	file_remove_tree(base);
}

/* To the byte: DIR/s has 107 at most. */
static void
the_socket_is_beside_the_state_where_it_fits(void **state)
{
	char base[] = "/tmp/claviger-test-XXXXXX", dir[256], expected[300], runtime[200];
	struct state opened;
	struct err err;

	(void)state;
	assert_non_null(mkdtemp(base));
	snprintf(runtime, sizeof runtime, "%s/%0*d", base, 77 - (int)strlen(base), 1);
	setenv("XDG_RUNTIME_DIR", runtime, 1);
	for (int len = 99; len <= 106; len++) {
		snprintf(dir, sizeof dir, "%s/%0*d", base, len - 1 - (int)strlen(base), 1);
		assert_int_equal(strlen(dir), len);
		assert_true(state_open(&opened, dir, &err));
		snprintf(expected, sizeof expected, "%s/s", len <= 105 ? dir : "");
		if (len > 105) {
			snprintf(expected, sizeof expected, "%s/claviger/", runtime);
			opened.socket[strlen(expected)] = '\0';
		}
		assert_string_equal(opened.socket, expected);
		state_close(&opened);
	}
	snprintf(runtime + strlen(runtime), 8, "1");
	setenv("XDG_RUNTIME_DIR", runtime, 1);
	assert_true(state_open(&opened, dir, &err));
	assert_int_equal(strlen(opened.socket), 107);
	state_close(&opened);
	snprintf(runtime + strlen(runtime), 8, "1");
	setenv("XDG_RUNTIME_DIR", runtime, 1);
	assert_false(state_open(&opened, dir, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	state_close(&opened);
	unsetenv("XDG_RUNTIME_DIR");
	file_remove_tree(base);
}

static bool
ctl(const char *a, const char *b, struct buf *out, struct err *err)
{
	const char *words[] = {a, b};

	buf_clear(out);
	return sandbox_ctl(client.dir, words, b ? 2 : 1, out, err);
}

static void
clock_goes_forward(void **state)
{
	struct buf out;
	struct err err;
	char before[32];

	(void)state;
	buf_init(&out, 1 << 20);
	assert_true(ctl("clock", NULL, &out, &err));
	snprintf(before, sizeof before, "%s", buf_text(&out));
	assert_int_equal(strlen(before), 21);
	assert_true(ctl("clock", "+48h", &out, &err));
	assert_string_not_equal(buf_text(&out), before);
	assert_int_equal(client_send(&client, "GET", ARM "/tenants?api-version=2022-12-01",
				 client.arm, NULL),
		401);
	assert_string_equal(client_text(&client, "error.code"), "ExpiredAuthenticationToken");
	assert_false(ctl("clock", "24h", &out, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_false(ctl("nonsense", "x", &out, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	for (int i = 0; i < 29; i++)
		assert_true(ctl("clock", "+100000d", &out, &err));
	assert_false(ctl("clock", "+100000d", &out, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_true(ctl("clock", NULL, &out, &err));
	assert_int_equal(strlen(buf_text(&out)), 21);
	buf_free(&out);
}

static void
faults_come_and_go(void **state)
{
	static const char url[] = "https://login.microsoftonline.com/" TENANT
				  "/v2.0/.well-known/openid-configuration";
	struct buf out;
	struct err err;

	(void)state;
	buf_init(&out, 1 << 20);
	assert_true(ctl("fault", "openid=status:429:7*1", &out, &err));
	assert_string_equal(buf_text(&out), "openid=status:429:7*1\n");
	assert_int_equal(client_send(&client, "GET", url, NULL, NULL), 429);
	assert_non_null(strstr(client.headers, "Retry-After: 7\r\n"));
	assert_int_equal(client_send(&client, "GET", url, NULL, NULL), 200);
	assert_true(ctl("fault", "GET openid=type:issuer", &out, &err));
	assert_int_equal(client_send(&client, "GET", url, NULL, NULL), 200);
	assert_true(json_is_integer(client_at(&client, "issuer")));
	assert_true(ctl("fault", "none", &out, &err));
	assert_string_equal(buf_text(&out), "");
	assert_true(ctl("fault", "openid=drop*1", &out, &err));
	assert_int_equal(client_send(&client, "GET", url, NULL, NULL), 0);
	assert_true(ctl("fault", "openid=truncate*1", &out, &err));
	assert_int_equal(client_send(&client, "GET", url, NULL, NULL), 0);
	assert_null(client.json);
	assert_true(ctl("fault", "openid=html*1", &out, &err));
	assert_int_equal(client_send(&client, "GET", url, NULL, NULL), 200);
	assert_null(client.json);
	assert_int_equal(client_send(&client, "GET", url, NULL, NULL), 200);
	assert_non_null(client.json);
	buf_free(&out);
}

static void
nobody_there_is_said(void **state)
{
	const char *word = "clock";
	struct buf out;
	struct err err;

	(void)state;
	buf_init(&out, 100);
	assert_false(sandbox_ctl("/tmp/claviger-no-such-folder", &word, 1, &out, &err));
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_private),
		cmocka_unit_test(a_lock_that_cannot_be_opened_is_named),
		cmocka_unit_test(a_second_one_joins),
		cmocka_unit_test(an_heir_in_vain_gives_the_lock_back),
		cmocka_unit_test(a_restart_keeps_what_was_there),
		cmocka_unit_test(without_a_directory_nothing_stays),
		cmocka_unit_test(the_block_is_quoted),
		cmocka_unit_test(wrong_options_are_refused),
		cmocka_unit_test(an_open_directory_is_refused),
		cmocka_unit_test(a_long_path_has_its_socket_elsewhere),
		cmocka_unit_test(the_socket_is_beside_the_state_where_it_fits),
		cmocka_unit_test(nobody_there_is_said),
		cmocka_unit_test(faults_come_and_go),
		cmocka_unit_test(clock_goes_forward),
	};
	int failed;

	client_open(&client, "empty");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	client_close(&client);
	return failed;
}
