/* A handler may do next to nothing, so it writes to an eventfd; the loop watches one descriptor, so
 * the terminal's two and this one are gathered in an epoll set. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "backend/net/loop.h"
#include "tui/term.h"
#include "views/app_state.h"

static const int caught[] = {SIGINT, SIGTERM, SIGHUP};

/* Handlers reach nothing but statics. */
static struct {
	volatile sig_atomic_t number;
	int event, all;
	struct sigaction before[ARRAY_LEN(caught)];
} wake = {.event = -1, .all = -1};

static void
on_signal(int number)
{
	static const uint64_t one = 1;
	int saved = errno;

	wake.number = number;
	(void)!write(wake.event, &one, sizeof one);
	errno = saved;
}

/* The turn that follows reads keys and wake anyway. */
static void
woken(void *user)
{
	(void)user;
}

bool
wake_start(struct app *app, struct err *err)
{
	struct sigaction action = {.sa_handler = on_signal};
	int fds[3];

	wake.number = 0;
	wake.event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	wake.all = epoll_create1(EPOLL_CLOEXEC);
	fds[0] = STDIN_FILENO;
	fds[1] = term_wake_fd();
	fds[2] = wake.event;
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		struct epoll_event event = {.events = EPOLLIN};

		if (fds[i] >= 0 && epoll_ctl(wake.all, EPOLL_CTL_ADD, fds[i], &event) != 0) {
			err_set(err, ERR_FAILED, "", "cannot wait for the terminal: %s",
				strerror(errno));
			close(wake.event);
			close(wake.all);
			return false;
		}
	}
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < ARRAY_LEN(caught); i++)
		sigaction(caught[i], &action, &wake.before[i]);
	loop_watch(app->loop, wake.all, woken, app);
	return true;
}

void
wake_stop(struct app *app)
{
	loop_watch(app->loop, -1, NULL, NULL);
	for (size_t i = 0; i < ARRAY_LEN(caught); i++)
		sigaction(caught[i], &wake.before[i], NULL);
	close(wake.event);
	close(wake.all);
	wake.event = wake.all = -1;
}

int
wake_signal(void)
{
	uint64_t count;
	int number;

	(void)!read(wake.event, &count, sizeof count);
	number = wake.number;
	wake.number = 0;
	return number;
}
