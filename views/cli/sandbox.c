/* The sandbox as a process of its own: in the foreground, or a child that keeps serving. --detach
 * forks before anything is opened, since threads do not survive a fork; the parent stays until the
 * child says that connections are accepted, so that `eval "$(...)"` finds a server. */
#include "backend/sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backend/base/text.h"
#include "views/cli/cli.h"
#include "views/signals.h"

enum {
	ENV_MAX = 8192,
	DUMP_MAX = 256 << 20,
	LRO_MAX = 86400,
	INHERITED_MAX = 1024,
	CTL_WORDS = 8,
};

static bool
need_state(const struct cli *cli, const char **out, struct err *err)
{
	*out = cli_option(cli, "state");
	return (*out && **out) ||
	       err_set(err, ERR_USAGE, "", "%s: --state DIR is missing", cli->command.name);
}

bool
cli_sandbox_options(const struct cli *cli, const char *fault[CLI_FAULTS_MAX],
	struct sandbox_options *out, struct err *err)
{
	const char *lro = cli_option(cli, "lro"), *spec;
	char *end = NULL, shown[40];

	*out = (struct sandbox_options){.seed = cli_option(cli, "seed"),
		.fault = fault,
		.throttle = cli_option(cli, "throttle") != NULL};
	for (; (spec = cli_option_at(cli, "fault", out->fault_len)); out->fault_len++) {
		if (out->fault_len == CLI_FAULTS_MAX)
			return err_set(err, ERR_USAGE, "",
				"--fault: %d at most; add more with: claviger sandbox ctl",
				(int)CLI_FAULTS_MAX);
		if (!sandbox_fault_check(spec, err))
			return false;
		fault[out->fault_len] = spec;
	}
	if (lro && *lro >= '0' && *lro <= '9')
		out->lro = strtol(lro, &end, 10);
	if (!lro || (end && *end == '\0' && out->lro <= LRO_MAX))
		return true;
	text_cleans(shown, sizeof shown, lro);
	return err_set(err, ERR_USAGE, "", "--lro '%s': must be seconds from 0 to %d", shown,
		(int)LRO_MAX);
}

static struct sandbox *
start(const struct cli *cli, const char *state, struct err *err)
{
	const char *fault[CLI_FAULTS_MAX];
	struct sandbox_options options;
	struct sandbox *sandbox;
	char shown[200];

	if (!cli_sandbox_options(cli, fault, &options, err))
		return NULL;
	options.state = state;
	options.listen = cli_option(cli, "listen");
	options.names = cli_option(cli, "names");
	sandbox = sandbox_open(&options, err);
	if (sandbox == NULL || sandbox_serves(sandbox))
		return sandbox;
	sandbox_close(sandbox);
	text_cleans(shown, sizeof shown, state);
	err_set(err, ERR_REFUSED, "",
		"%s: a sandbox is already serving this folder; join it with --sandbox=%s, or end "
		"it first",
		shown, shown);
	return NULL;
}

/* What is said once connections are accepted: the block for a shell, or a line for people. */
static bool
announce(const struct cli *cli, const struct sandbox *sandbox, const char *state, struct err *err)
{
	const char *listen = cli_option(cli, "listen");
	struct buf env;
	bool ok;

	if (!cli_option(cli, "print-env")) {
		if (sandbox_port(sandbox))
			fprintf(stderr, "claviger: sandbox serving %s on %s:%u\n", state,
				listen && strstr(listen, "::1") ? "[::1]" : "127.0.0.1",
				sandbox_port(sandbox));
		else
			fprintf(stderr, "claviger: sandbox serving %s\n", state);
		return true;
	}
	buf_init(&env, ENV_MAX);
	ok = sandbox_print_env(sandbox, &env, err) && print_text(buf_text(&env), err);
	buf_free(&env);
	return ok;
}

/* Lets go of the caller's terminal and pipes, or `$(...)` would wait for the child's end. */
static bool
let_go(struct err *err)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	bool ok = null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(null, STDOUT_FILENO) >= 0 &&
		  dup2(null, STDERR_FILENO) >= 0;

	if (!ok)
		err_set(err, ERR_FAILED, "", "/dev/null: %s", strerror(errno));
	if (null >= 0)
		close(null);
	return ok;
}

/* Serves until a signal comes. ready, when not -1, is told once. SIGTERM is the way to end it. */
static int
serve(const struct cli *cli, const char *state, int ready)
{
	struct err err = {0};
	struct sandbox *sandbox = start(cli, state, &err);
	int signal;

	if (sandbox == NULL)
		return cli_fail(&err);
	if (!announce(cli, sandbox, state, &err) || (ready >= 0 && !let_go(&err))) {
		sandbox_close(sandbox);
		return cli_fail(&err);
	}
	if (ready >= 0) {
		(void)!write(ready, "", 1);
		close(ready);
	}
	signal = signals_wait();
	sandbox_close(sandbox);
	return signal == SIGINT ? signals_exit(signal) : 0;
}

/* The parent's part: waits for the byte that says ready, or for the child's end. */
static int
wait_ready(pid_t child, int from)
{
	char byte;
	ssize_t n;
	int status;

	do {
		n = read(from, &byte, 1);
	} while (n < 0 && errno == EINTR && signals_pending() == 0);
	close(from);
	if (n == 1)
		return 0;
	if (n < 0)
		kill(child, SIGTERM);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (signals_pending())
		return signals_exit(signals_pending());
	return WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status)
							: err_exit(ERR_FAILED);
}

/* What the caller had open besides its terminal, such as a lock or a pipe, must not stay so for as
 * long as the child serves. Our own descriptors are those that close on exec. */
static void
close_inherited(void)
{
	for (int fd = STDERR_FILENO + 1; fd < INHERITED_MAX; fd++) {
		int flags = fcntl(fd, F_GETFD);

		if (flags >= 0 && !(flags & FD_CLOEXEC))
			close(fd);
	}
}

static int
serve_detached(const struct cli *cli, const char *state)
{
	struct err err;
	int fds[2], code;
	pid_t child;

	if (pipe2(fds, O_CLOEXEC) != 0 || (child = fork()) < 0) {
		err_set(&err, ERR_FAILED, "", "--detach: %s", strerror(errno));
		return cli_fail(&err);
	}
	if (child > 0) {
		close(fds[1]);
		return wait_ready(child, fds[0]);
	}
	close(fds[0]);
	setsid();
	close_inherited();
	code = serve(cli, state, fds[1]);
	fflush(NULL);
	_exit(code);
}

/* --print-env is for clients that come by TCP: without a port nothing is started. */
static bool
need_port(const struct cli *cli, struct err *err)
{
	const char *names = cli_option(cli, "names");

	return !cli_option(cli, "print-env") || cli_option(cli, "listen") ||
	       (names && strcmp(names, "local") != 0) ||
	       err_set(err, ERR_USAGE, "",
		       "--print-env: other clients need a port; add --listen 127.0.0.1:0");
}

static int
sandbox_serve(struct cli *cli)
{
	const char *state, *fault[CLI_FAULTS_MAX];
	struct sandbox_options options;
	struct err err = {0};

	signals_defer();
	if (!need_state(cli, &state, &err) || !need_port(cli, &err) ||
		!cli_sandbox_options(cli, fault, &options, &err))
		return cli_fail(&err);
	return cli_option(cli, "detach") ? serve_detached(cli, state) : serve(cli, state, -1);
}

static int
sandbox_control(struct cli *cli)
{
	const char *state, *words[CTL_WORDS + 1];
	size_t len = cli->words_len;
	struct err err = {0};
	struct buf out;
	bool ok;

	if (!need_state(cli, &state, &err))
		return cli_fail(&err);
	memcpy(words, cli->words, len * sizeof *words);
	if (cli_option(cli, "raw"))
		words[len++] = "--raw";
	buf_init(&out, DUMP_MAX);
	ok = sandbox_ctl(state, words, len, &out, &err) && print_text(buf_text(&out), &err);
	buf_free(&out);
	return ok ? 0 : cli_fail(&err);
}

const struct command command_sandbox = {
	.name = "sandbox",
	.args = "--state DIR",
	.summary = "Serve the built-in sandbox until it is ended by SIGTERM.",
	.options = OPTIONS_COMMON | OPTIONS_SERVE,
	.run = sandbox_serve,
};

const struct command command_sandbox_ctl = {
	.name = "sandbox ctl",
	.args = "--state DIR clock +24h | fault SPEC | fault none | approve CODE | dump [--raw]",
	.summary = "Drive a serving sandbox.",
	.options = OPTIONS_COMMON | OPTIONS_STATE,
	.words_min = 1,
	.words_max = CTL_WORDS,
	.run = sandbox_control,
};
