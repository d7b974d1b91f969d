/* A pipe and not only a flag: a wait that began before the flag was looked at must end too, and a
 * blocking read (estate_load, session_ask) turns the loop without asking for anybody's flag. The
 * loop watches the pipe, so whoever waits, the stop runs in ordinary code on the loop's thread. */
#include "views/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backend/net/loop.h"

/* Handlers reach nothing but statics. */
static volatile sig_atomic_t pending, deferred;
static int wake_pipe[2] = {-1, -1};

static void
note(int signal)
{
	int saved = errno;

	if (!deferred)
		_exit(signals_exit(signal));
	if (pending == 0)
		pending = signal;
	(void)!write(wake_pipe[1], "", 1);
	errno = saved;
}

/* A SIGHUP that is ignored from the start stays so: that is how nohup asks for it. */
void
signals_start(void)
{
	static const int noted[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = note}, old;

	if (pipe2(wake_pipe, O_CLOEXEC | O_NONBLOCK) != 0)
		wake_pipe[0] = wake_pipe[1] = -1;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < ARRAY_LEN(noted); i++) {
		sigaction(noted[i], NULL, &old);
		if (noted[i] != SIGHUP || old.sa_handler != SIG_IGN)
			sigaction(noted[i], &action, NULL);
	}
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
}

void
signals_defer(void)
{
	deferred = 1;
}

int
signals_pending(void)
{
	return pending;
}

/* The pipe first: one that comes in between is found in the next turn, for which it is full. */
int
signals_take(void)
{
	char bytes[16];
	int taken;

	while (read(wake_pipe[0], bytes, sizeof bytes) > 0)
		;
	taken = pending;
	if (taken)
		pending = 0;
	return taken;
}

int
signals_fd(void)
{
	return wake_pipe[0];
}

enum err_kind
signals_kind(int signal)
{
	return signal == SIGINT ? ERR_CANCELLED : ERR_PARKED;
}

int
signals_exit(int signal)
{
	return err_exit(signals_kind(signal));
}

void
signals_watch(struct loop *loop, void (*stop)(void *user), void *user)
{
	signals_defer();
	loop_watch(loop, stop ? wake_pipe[0] : -1, stop, user);
}

int
signals_wait(void)
{
	struct pollfd fd = {.fd = wake_pipe[0], .events = POLLIN};

	while (pending == 0)
		poll(&fd, 1, -1);
	return pending;
}

/* What is left of a line that was too long must not answer the next question. */
static void
end_line(const char *start)
{
	char rest[256];
	const char *at = start;

	while (strchr(at, '\n') == NULL && fgets(rest, sizeof rest, stdin))
		at = rest;
}

/* Unbuffered, so that what is to be read is where poll sees it. */
bool
signals_line(char *out, int room)
{
	struct pollfd fds[] = {
		{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = wake_pipe[0], .events = POLLIN}};

	setvbuf(stdin, NULL, _IONBF, 0);
	while (poll(fds, ARRAY_LEN(fds), -1) < 0 && errno == EINTR && pending == 0)
		;
	if (pending || fgets(out, room, stdin) == NULL)
		return false;
	end_line(out);
	return true;
}
