/* The loop watches one descriptor, so the terminal's two and that of signals are gathered in an
 * epoll set. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "backend/net/loop.h"
#include "tui/term.h"
#include "views/app/app_state.h"
#include "views/signals.h"

/* The turn that follows reads keys and signals anyway. */
static void
woken(void *user)
{
	(void)user;
}

bool
wake_start(struct app *app, struct err *err)
{
	const int fds[] = {STDIN_FILENO, term_wake_fd(), signals_fd()};

	app->wake = epoll_create1(EPOLL_CLOEXEC);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		struct epoll_event event = {.events = EPOLLIN};

		if (fds[i] >= 0 && epoll_ctl(app->wake, EPOLL_CTL_ADD, fds[i], &event) != 0) {
			err_set(err, ERR_FAILED, "", "cannot wait for the terminal: %s",
				strerror(errno));
			close(app->wake);
			return false;
		}
	}
	loop_watch(app->loop, app->wake, woken, app);
	return true;
}

void
wake_stop(struct app *app)
{
	loop_watch(app->loop, -1, NULL, NULL);
	close(app->wake);
}
