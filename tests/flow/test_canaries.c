/* Every secret that the program is given or fetches is known here by a piece of it. Whatever it
 * then says, writes and starts is searched for these pieces; and while it holds them, another
 * process of the same user tries to get at its memory. All of it runs without root's rights, which
 * would make the last part say nothing. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/base/file.h"
#include "tests/fixtures/lab.h"
#include "tests/fixtures/listener.h"

#define WRONG_SECRET "wr0ng-c4nary-s3cret"
#define PROXY_PASSWORD "pr0xy-c4nary-p4ss"
#define PROXY_BASIC "b3BzOnByMHh5LWM0bmFyeS1wNHNz" /* ops: and the password in base64 */
#define AZ_TOKEN "az-c4nary-t0ken-0123456789"

enum { CANARIES_MAX = 16, FILE_MAX = 8 << 20, NOBODY = 65534 };

static struct lab lab;
static char own[] = "/tmp/claviger-canaries-XXXXXX"; /* the program's copy, when started by root */

static struct {
	const char *name;
	char text[200];
} canaries[CANARIES_MAX];
static size_t canaries_len;

static void
add_canary(const char *name, const char *text)
{
	assert_true(canaries_len < CANARIES_MAX && strlen(text) >= 3);
	canaries[canaries_len].name = name;
	snprintf(canaries[canaries_len++].text, sizeof canaries->text, "%s", text);
}

static void
search(const char *where, const void *bytes, size_t len)
{
	for (size_t i = 0; i < canaries_len; i++)
		if (memmem(bytes, len, canaries[i].text, strlen(canaries[i].text)))
			fail_msg("%s holds the %s: %.*s", where, canaries[i].name,
				(int)(len < 4000 ? len : 4000), (const char *)bytes);
}

/* The sandbox's own state, and what this test has put there for the program to read. */
static bool
is_given(const char *path)
{
	const char *below = path + strlen(lab.place.dir);

	return strncmp(below, "/state/", 7) == 0 || strncmp(below, "/given/", 7) == 0;
}

static int
search_file(const char *path, const struct stat *about, int type, struct FTW *at)
{
	struct buf text;

	(void)at;
	if (type != FTW_F || !S_ISREG(about->st_mode) || is_given(path))
		return 0;
	if (about->st_mode & 077)
		fail_msg("%s: mode %o", path, (unsigned)about->st_mode);
	if (strncmp(strrchr(path, '/') + 1, "core", 4) == 0)
		fail_msg("%s: a core file", path);
	buf_init(&text, FILE_MAX);
	assert_true(file_read(path, false, &text, NULL));
	search(path, buf_text(&text), text.len);
	buf_free(&text);
	return 0;
}

static void
search_files(void)
{
	assert_int_equal(nftw(lab.place.dir, search_file, 16, FTW_PHYS), 0);
}

/* Searches all that a run says; code -1: any. */
static void
say(int code, const char *const *words)
{
	struct ran ran;

	run_words(&ran, words, NULL);
	search("stdout", ran.out, ran.out_len);
	search("stderr", ran.err, strlen(ran.err));
	if (code >= 0)
		ran_expect(&ran, code);
	ran_free(&ran);
}

static void
bundle(const char *profile, const char *name)
{
	char path[PATH_MAX + 64];
	const char *const words[] = {"--profile", profile, "bundle", "-o", path, "--verbose", NULL};

	snprintf(path, sizeof path, "%s/%s", lab.place.dir, name);
	say(0, words);
	say(5, words);
	assert_int_equal(access(path, R_OK), 0);
}

/* What reads, with a profile that signs in one way. code: of the list. */
static void
use(const char *profile, int code)
{
	const char *const list[] = {
		"--profile", profile, "--verbose", "account", "list", "-o", "json", NULL};
	const char *const doctor[] = {"--profile", profile, "--verbose", "doctor", NULL};
	char name[64];

	say(code, list);
	say(-1, doctor);
	snprintf(name, sizeof name, "bundle-%s", profile);
	bundle(profile, name);
	search_files();
}

static void
by_secret(void **state)
{
	static const char *const onboard[] = {"--profile", "secret", "--verbose", "onboard",
		"aa-payroll", "--vault", "kv-payroll", "--key", "cmk-payroll", "--yes", NULL};
	static const char *const journal[] = {"journal", "list", "-o", "json", NULL};

	(void)state;
	use("secret", 0);
	say(0, onboard);
	say(0, journal);
	search_files();
}

static void
by_certificate(void **state)
{
	(void)state;
	use("certificate", 0);
}

static void
by_workload(void **state)
{
	(void)state;
	use("workload", 0);
}

/* App Service's shape: the header that proves who asks is a secret of the machine. */
static void
by_machine(void **state)
{
	char endpoint[200], client[sizeof lab.client];

	(void)state;
	snprintf(endpoint, sizeof endpoint, "%s/msi/token", lab.arm);
	snprintf(client, sizeof client, "%s", getenv("AZURE_CLIENT_ID"));
	unsetenv("AZURE_CLIENT_ID");
	setenv("IDENTITY_ENDPOINT", endpoint, 1);
	setenv("IDENTITY_HEADER", lab.secret, 1);
	use("machine", 0);
	unsetenv("IDENTITY_ENDPOINT");
	setenv("AZURE_CLIENT_ID", client, 1);
}

/* az's token is none that the service knows; the process that says it is told no secret. */
static void
by_az(void **state)
{
	char path[PATH_MAX + 64];

	(void)state;
	use("az", -1);
	snprintf(path, sizeof path, "%s/az-environ", lab.place.dir);
	assert_int_equal(access(path, R_OK), 0);
}

static void
wrong_secret(void **state)
{
	(void)state;
	setenv("AZURE_CLIENT_SECRET", WRONG_SECRET, 1);
	use("secret-wrong", 4);
	setenv("AZURE_CLIENT_SECRET", lab.secret, 1);
}

/* A proxy that does not want us: its password was sent to it and appears nowhere else. */
static void
proxy_password(void **state)
{
	static const char refusal[] = "HTTP/1.1 407 Proxy Authentication Required\r\n"
				      "Content-Length: 0\r\nConnection: close\r\n\r\n";
	static const char *const doctor[] = {
		"--profile", "secret", "--verbose", "doctor", "-o", "json", NULL};
	struct listener proxy;
	char url[120];

	(void)state;
	listener_start(&proxy, refusal);
	snprintf(url, sizeof url, "http://ops:" PROXY_PASSWORD "@127.0.0.1:%d", proxy.port);
	setenv("HTTPS_PROXY", url, 1);
	say(11, doctor);
	assert_non_null(strstr(proxy.heard, "Proxy-Authorization: Basic " PROXY_BASIC));
	unsetenv("HTTPS_PROXY");
	listener_stop(&proxy);
	search_files();
}

/* The refresh token is known once it is in the kernel's keyring, where it belongs. */
static void
by_login(void **state)
{
	static const char *const logout[] = {"--profile", "login", "logout", NULL};
	struct going going;
	const char *at;
	char code[16];

	(void)state;
	if (!lab_has_keyring())
		skip();
	going_start(&going, "--profile", "login", "--verbose", "login", "--device-code", NULL);
	going_wait(&going, "is signed in as you.");
	at = strstr(going.said, "/devicelogin\n    ");
	assert_non_null(at);
	snprintf(code, sizeof code, "%.9s", at + strlen("/devicelogin\n    "));
	lab_ctl(&lab, "approve", code);
	assert_int_equal(going_end(&going, 0), 0);
	search("the sign-in", going.said, going.said_len);
	use("login", 0);
	say(0, logout);
}

/* Begins a list of which no reply comes, so that the token is in its memory. */
static void
hold(struct going *going)
{
	lab_ctl(&lab, "fault", "*automationAccounts*=stall");
	lab_ctl(&lab, "fault", "*resourceGraph*=stall");
	going_start(going, "--profile", "secret", "--verbose", "account", "list", NULL);
	going_wait(going, "/subscriptions?api-version");
}

static void
let_go(struct going *going, int signal, int code)
{
	assert_int_equal(going_end(going, signal), code);
	search("an interrupted run", going->said, going->said_len);
	lab_ctl(&lab, "fault", "none");
	search_files();
}

/* What another process of this user can get of that one; NULL: nothing. */
static const char *
gets(pid_t pid)
{
	static const char *const files[] = {"environ", "mem", "maps", "auxv", "fd", "fdinfo"};
	char path[64], bytes[64];
	struct iovec here = {bytes, sizeof bytes}, there = {(void *)0x10000, sizeof bytes};

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		int fd;

		snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, files[i]);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0 && close(fd) == 0)
			return files[i];
		if (errno != EACCES && errno != EPERM)
			return "an error of another kind";
	}
	if (process_vm_readv(pid, &here, 1, &there, 1, 0) >= 0 || errno != EPERM)
		return "process_vm_readv";
	if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) == 0 || errno != EPERM)
		return "ptrace";
	return NULL;
}

/* argv may be read by everybody. */
static void
search_words(pid_t pid)
{
	char path[64], bytes[4096];
	ssize_t len;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	len = read(fd, bytes, sizeof bytes);
	close(fd);
	assert_true(len > 0);
	search("argv", bytes, (size_t)len);
}

/* The same look at a process that does not guard itself must succeed, or it shows nothing. */
static void
closed_to_others(void **state)
{
	struct going going;
	const char *got;
	pid_t plain = fork();

	(void)state;
	if (plain == 0) {
		execl("/bin/sleep", "sleep", "60", NULL);
		_exit(127);
	}
	hold(&going);
	search_words(going.pid);
	got = gets(going.pid);
	if (got)
		fail_msg("another process of the same user gets at its %s", got);
	assert_non_null(gets(plain));
	kill(plain, SIGKILL);
	waitpid(plain, NULL, 0);
	let_go(&going, SIGINT, 130);
}

/* A crash leaves nothing behind, however large a core file may be. */
static void
no_core(void **state)
{
	struct rlimit core;
	struct going going;
	int status;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_CORE, &core), 0);
	core.rlim_cur = core.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_CORE, &core), 0);
	assert_int_equal(chdir(lab.place.dir), 0);
	hold(&going);
	kill(going.pid, SIGABRT);
	assert_int_equal(waitpid(going.pid, &status, 0), going.pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	assert_false(WCOREDUMP(status));
	close(going.out);
	close(going.err);
	search("a crash", going.said, going.said_len);
	lab_ctl(&lab, "fault", "none");
	search_files();
	assert_int_equal(chdir("/"), 0);
}

static void
interrupted(void **state)
{
	struct going going;

	(void)state;
	hold(&going);
	let_go(&going, SIGTERM, 75);
}

/* The second line of a PEM file's key, or the last part of a token. */
static void
add_from(const char *name, const char *file, const char *before, size_t skip)
{
	char path[PATH_MAX + 64], text[64];
	const char *at, *next;
	struct buf all;

	snprintf(path, sizeof path, "%s/state/%s", lab.place.dir, file);
	buf_init(&all, 65536);
	assert_true(file_read(path, true, &all, NULL));
	for (at = NULL, next = buf_text(&all); (next = strstr(next, before));)
		at = next += strlen(before);
	assert_non_null(at);
	snprintf(text, sizeof text, "%.40s", at + skip);
	add_canary(name, text);
	buf_free(&all);
}

static void
write_az(void)
{
	char path[3 * PATH_MAX];

	lab_make_dir(&lab, "given");
	lab_write(&lab, "given/az", 0700,
		"#!/bin/sh\numask 077\n/usr/bin/env > '%s/az-environ'\n"
		"echo \"{\\\"accessToken\\\": \\\"" AZ_TOKEN
		"\\\", \\\"expires_on\\\": $(($(/bin/date +%%s) + 3600))}\"\n",
		lab.place.dir);
	snprintf(path, sizeof path, "%s/given:/usr/bin:/bin", lab.place.dir);
	setenv("PATH", path, 1);
	lab_make_dir(&lab, "given/azure");
	snprintf(path, sizeof path, "%s/given/azure", lab.place.dir);
	setenv("AZURE_CONFIG_DIR", path, 1);
	lab_write(&lab, "given/azure/config", 0600, "[cloud]\nname = Lab\n");
	lab_write(&lab, "given/azure/clouds.config", 0600,
		"[Lab]\nendpoint_resource_manager = %s/\nendpoint_active_directory = %s\n"
		"suffix_keyvault_dns = %s\n",
		lab.arm, lab.arm, lab.vault_suffix);
	lab_write(&lab, "given/azure/azureProfile.json", 0600,
		"{\"subscriptions\":[{\"id\":\"s\",\"name\":\"P\",\"state\":\"Enabled\","
		"\"isDefault\":true,\"tenantId\":\"%s\",\"environmentName\":\"Lab\","
		"\"user\":{\"name\":\"operator@contoso.example\",\"type\":\"user\"}}]}",
		lab.tenant);
}

static void
write_profiles(void)
{
	static const char *const ways[][2] = {{"secret", "client-secret"},
		{"secret-wrong", "client-secret"}, {"certificate", "client-certificate"},
		{"workload", "workload-identity"}, {"machine", "managed-identity"},
		{"az", "az-cli"}, {"login", "login"}};
	char text[65536] = "";

	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		size_t len = strlen(text);

		snprintf(text + len, sizeof text - len,
			"[profile %s]\ncloud = Lab\nca-file = %s\nauth = %s\ntenant = %s\n",
			ways[i][0], lab.ca, ways[i][1], lab.tenant);
	}
	lab_profiles(&lab, text);
}

static int
start(void **state)
{
	char path[PATH_MAX + 64];

	(void)state;
	lab_start(&lab);
	write_az();
	write_profiles();
	setenv("XDG_CACHE_HOME", lab.place.dir, 1);
	setenv("AZURE_TENANT_ID", lab.tenant, 1);
	setenv("AZURE_CLIENT_ID", lab.client, 1);
	setenv("AZURE_CLIENT_SECRET", lab.secret, 1);
	setenv("AZURE_AUTHORITY_HOST", lab.arm, 1);
	snprintf(path, sizeof path, "%s/state/operator.pem", lab.place.dir);
	setenv("AZURE_CLIENT_CERTIFICATE_PATH", path, 1);
	snprintf(path, sizeof path, "%s/state/federated.jwt", lab.place.dir);
	setenv("AZURE_FEDERATED_TOKEN_FILE", path, 1);
	add_canary("client secret", lab.secret);
	add_canary("wrong client secret", WRONG_SECRET);
	add_canary("password of the proxy", PROXY_PASSWORD);
	add_canary("password of the proxy", PROXY_BASIC);
	add_canary("token of az", AZ_TOKEN);
	add_canary("beginning of any access token", "eyJ");
	add_canary("mark of a refresh token", "refresh_token");
	add_from("certificate's key", "operator.pem", "PRIVATE KEY-----\n", 0);
	add_from("federated token", "federated.jwt", ".", 0);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	lab_stop(&lab);
	if (own[sizeof own - 2] != 'X')
		file_remove_tree(own);
	return 0;
}

/* The program may lie where only root may go. */
static bool
copy_program(void)
{
	char path[sizeof own + 16], piece[65536];
	const char *from = getenv("CLAVIGER");
	int in = open(from ? from : "", O_RDONLY | O_CLOEXEC), out;
	ssize_t n = -1;

	snprintf(path, sizeof path, "%s/claviger", own);
	out = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	while (in >= 0 && out >= 0 && (n = read(in, piece, sizeof piece)) > 0)
		if (!file_put(out, piece, (size_t)n))
			return false;
	if (in < 0 || out < 0)
		return false;
	close(in);
	setenv("CLAVIGER", path, 1);
	return close(out) == 0 && n == 0;
}

/* Root reads everything. What is left behind is a user of no account; the leak checker, which
 * traces its own process, may not do so then. */
static bool
drop_root(void)
{
	char run[sizeof own + 8];

	if (geteuid() != 0)
		return true;
	setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
	umask(022);
	if (mkdtemp(own) == NULL || !copy_program() || chmod(own, 0755) != 0 ||
		chown(own, NOBODY, NOBODY) != 0)
		return false;
	snprintf(run, sizeof run, "%s/run", own);
	if (mkdir(run, 0700) != 0 || chown(run, NOBODY, NOBODY) != 0)
		return false;
	setenv("XDG_RUNTIME_DIR", run, 1);
	umask(077);
	unsetenv("TMPDIR");
	return setgroups(0, NULL) == 0 && setgid(NOBODY) == 0 && setuid(NOBODY) == 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_secret),
		cmocka_unit_test(by_certificate),
		cmocka_unit_test(by_workload),
		cmocka_unit_test(by_machine),
		cmocka_unit_test(by_az),
		cmocka_unit_test(by_login),
		cmocka_unit_test(wrong_secret),
		cmocka_unit_test(proxy_password),
		cmocka_unit_test(closed_to_others),
		cmocka_unit_test(no_core),
		cmocka_unit_test(interrupted),
	};

	if (!drop_root()) {
		fprintf(stderr, "test_canaries: cannot become another user: %s\n", strerror(errno));
		return 1;
	}
	return cmocka_run_group_tests(tests, start, stop);
}
