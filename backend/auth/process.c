/* What a program leaves behind may hold its output open for ever, so its own end counts and not
 * that of its output. It gets a session of its own: no terminal to ask at, and one group to end. */
#include "backend/auth/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"

enum { TICK_MS = 20, GRACE_MS = 500, STDERR_MAX = 4096, PIECES = 32, ENVIRONMENT_MAX = 12 };

/* Handed on as they are; the second name is tried where the first is not set. */
static const struct {
	const char *name, *twin;
} passed_on[] = {
	{"HOME", NULL},
	{"AZURE_CONFIG_DIR", NULL},
	{"HTTPS_PROXY", "https_proxy"},
	{"NO_PROXY", "no_proxy"},
	{"REQUESTS_CA_BUNDLE", NULL},
};

struct process {
	pid_t pid;
	int out, err; /* what it says; -1 after its end */
};

/* Times are told in UTC: local ones without a zone could not be read back with certainty. */
static void
make_environment(char *env[ENVIRONMENT_MAX])
{
	static const char *const fixed[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8",
		"LC_ALL=C.UTF-8", "TZ=UTC0"};
	size_t len = 0;

	for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
		env[len++] = mem_strdup(fixed[i]);
	for (size_t i = 0; i < ARRAY_LEN(passed_on); i++) {
		const char *value = getenv(passed_on[i].name);

		if (value == NULL && passed_on[i].twin)
			value = getenv(passed_on[i].twin);
		if (value)
			env[len++] = mem_printf("%s=%s", passed_on[i].name, value);
	}
	env[len] = NULL;
}

/* A proxy's URL may hold a password. */
static void
free_environment(char *env[ENVIRONMENT_MAX])
{
	for (size_t i = 0; env[i]; i++)
		mem_zeroing_free(env[i]);
}

/* Workers block all signals and this program ignores some: a child begins with none of that. */
static int
spawn(const char *const *argv, int in, int out, int err, pid_t *pid)
{
	char *env[ENVIRONMENT_MAX];
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t set;
	int failed;

	posix_spawnattr_init(&attributes);
	sigfillset(&set);
	posix_spawnattr_setsigdefault(&attributes, &set);
	sigemptyset(&set);
	posix_spawnattr_setsigmask(&attributes, &set);
	posix_spawnattr_setflags(
		&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	posix_spawn_file_actions_init(&actions);
	if (in >= 0)
		failed = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	else
		failed = posix_spawn_file_actions_addopen(
			&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (failed == 0)
		failed = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	if (failed == 0)
		failed = posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
	if (failed == 0)
		failed = posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
	make_environment(env);
	if (failed == 0)
		failed = posix_spawn(pid, argv[0], &actions, &attributes, (char *const *)argv, env);
	free_environment(env);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return failed;
}

static bool
start(struct process *process, const char *const *argv, int in, struct err *err)
{
	int out[2], errors[2], failed;

	if (pipe2(out, O_CLOEXEC) != 0)
		return err_set(err, ERR_FAILED, "ProcessStart", "%s: %s", argv[0], strerror(errno));
	if (pipe2(errors, O_CLOEXEC) != 0) {
		err_set(err, ERR_FAILED, "ProcessStart", "%s: %s", argv[0], strerror(errno));
		close(out[0]);
		close(out[1]);
		return false;
	}
	failed = spawn(argv, in, out[1], errors[1], &process->pid);
	close(out[1]);
	close(errors[1]);
	process->out = out[0];
	process->err = errors[0];
	fcntl(process->out, F_SETFL, O_NONBLOCK);
	fcntl(process->err, F_SETFL, O_NONBLOCK);
	if (failed == 0)
		return true;
	close(out[0]);
	close(errors[0]);
	return err_set(err, ERR_FAILED, "ProcessStart", "%s: cannot be started: %s", argv[0],
		strerror(failed));
}

/* Takes what is there, a pipe full at most: whoever writes without end must not keep the deadline
 * from being looked at. False when it passes the cap of buf and is not to be lost. */
static bool
take(int *fd, struct buf *buf, bool all)
{
	char piece[4096];
	ssize_t n = 1;
	bool ok = true;

	for (int i = 0; i < PIECES && ok && n > 0 && *fd >= 0; i++) {
		n = read(*fd, piece, sizeof piece);
		if (n > 0)
			ok = buf_add(buf, piece, (size_t)n) || !all;
		else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
			close(*fd);
			*fd = -1;
		}
	}
	explicit_bzero(piece, sizeof piece);
	return ok;
}

/* Leaves it to be waited for: until then its number is not another's. */
static bool
ended(pid_t pid)
{
	siginfo_t info = {0};

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid;
}

/* First politely, then not; whatever it started goes with it. */
static void
end(pid_t pid)
{
	int64_t until = clock_mono_ms() + GRACE_MS;

	kill(-pid, SIGTERM);
	while (!ended(pid) && clock_mono_ms() < until)
		poll(NULL, 0, TICK_MS);
	kill(-pid, SIGKILL);
}

/* Until it ends; false when it said too much, took too long, or is to be stopped. */
static bool
listen_to(struct process *process, const char *name, struct process_said *said, int deadline_ms,
	int stop, struct err *err)
{
	int64_t until = clock_mono_ms() + deadline_ms;
	bool over = false;

	while (!over) {
		struct pollfd fds[] = {{.fd = process->out, .events = POLLIN},
			{.fd = process->err, .events = POLLIN}, {.fd = stop}};

		poll(fds, ARRAY_LEN(fds), TICK_MS);
		over = ended(process->pid);
		(void)take(&process->err, &said->err, false);
		if (!take(&process->out, &said->out, true))
			return err_set(err, ERR_FAILED, "ProcessOutput",
				"%s: said more than %zu bytes", name, said->out.max);
		if (!over && (fds[2].revents & POLLHUP))
			return err_set(err, ERR_CANCELLED, "ProcessStopped",
				"%s: was ended before it gave an answer", name);
		if (!over && clock_mono_ms() >= until)
			return err_set(err, ERR_UNAVAILABLE, "ProcessTimeout",
				"%s: gave no answer within %d s, so it was ended", name,
				deadline_ms / 1000);
	}
	return true;
}

bool
process_run(const char *const *argv, int in, size_t out_max, int deadline_ms, int stop,
	struct process_said *said, struct err *err)
{
	struct process process;
	int status = 0;
	bool ok;

	*said = (struct process_said){0};
	buf_init(&said->out, out_max);
	buf_init(&said->err, STDERR_MAX);
	if (!start(&process, argv, in, err))
		return false;
	ok = listen_to(&process, argv[0], said, deadline_ms, stop, err);
	if (!ok)
		end(process.pid);
	while (waitpid(process.pid, &status, 0) < 0 && errno == EINTR)
		;
	said->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	if (process.out >= 0)
		close(process.out);
	if (process.err >= 0)
		close(process.err);
	if (!ok)
		process_said_free(said);
	return ok;
}

void
process_said_free(struct process_said *said)
{
	buf_free(&said->out);
	buf_free(&said->err);
	*said = (struct process_said){0};
}

/* The folder may be a group's: Debian gives /usr/local/bin to staff. */
static bool
is_safe(const char *path, const char *dir)
{
	struct stat file, folder;

	if (stat(path, &file) != 0 || stat(dir, &folder) != 0 || !S_ISREG(file.st_mode))
		return false;
	return (file.st_uid == 0 || file.st_uid == geteuid()) &&
	       (file.st_mode & (S_IWGRP | S_IWOTH)) == 0 &&
	       (folder.st_uid == 0 || folder.st_uid == geteuid()) &&
	       (folder.st_mode & S_IWOTH) == 0;
}

bool
process_find(const char *name, char out[PATH_MAX], char *reason, size_t room)
{
	const char *path = getenv("PATH"), *colon;

	snprintf(reason, room, "%s is not installed (no such program in PATH)", name);
	for (; path && *path; path = *colon ? colon + 1 : colon) {
		char dir[PATH_MAX];

		colon = path + strcspn(path, ":");
		if (*path != '/' ||
			snprintf(dir, sizeof dir, "%.*s", (int)(colon - path), path) >=
				(int)sizeof dir ||
			snprintf(out, PATH_MAX, "%s/%s", dir, name) >= PATH_MAX ||
			access(out, X_OK) != 0)
			continue;
		if (is_safe(out, dir))
			return true;
		snprintf(reason, room, "%s: others may change it or its folder", name);
	}
	out[0] = '\0';
	return false;
}
