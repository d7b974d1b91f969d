/* One thread for all sockets. While a fault is about certificates it looks at each client's first
 * bytes, without taking them, and so serves one after the other for a moment. */
#include "backend/sandbox/gatekeeper.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "backend/base/clock.h"
#include "backend/base/log.h"
#include "backend/base/mem.h"
#include "backend/sandbox/hello.h"
#include "backend/sandbox/peer.h"

enum { LOOK_MS = 1000, HELLO_MAX = 16384 + 5, REST_MS = 20 };

struct gatekeeper {
	struct gate_ops ops;
	int fds[2], wake[2];
	pthread_t thread;
};

static void
look(int fd, char name[256])
{
	unsigned char bytes[HELLO_MAX];
	int64_t deadline = clock_mono_ms() + LOOK_MS;
	struct pollfd wait = {.fd = fd, .events = POLLIN};

	name[0] = '\0';
	while (clock_mono_ms() < deadline && poll(&wait, 1, LOOK_MS) > 0) {
		ssize_t n = recv(fd, bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT);

		if (n <= 0 || hello_name(bytes, (size_t)n, name) != HELLO_MORE)
			return;
		poll(NULL, 0, REST_MS);
	}
}

static void
accept_one(struct gatekeeper *keeper, int listener, bool tcp)
{
	struct sockaddr_storage from;
	socklen_t len = sizeof from;
	int fd = accept4(listener, (struct sockaddr *)&from, &len, SOCK_CLOEXEC), on = 1;
	char name[256] = "";

	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
			poll(NULL, 0, REST_MS);
		return;
	}
	if (tcp && !peer_allowed_fd(fd)) {
		log_line("sandbox: a connection of another user was refused");
		close(fd);
		return;
	}
	if (tcp)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (keeper->ops.names_matter(keeper->ops.user))
		look(fd, name);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	keeper->ops.hand_on(keeper->ops.user, fd, (struct sockaddr *)&from, len, name);
}

static void *
run(void *arg)
{
	struct gatekeeper *keeper = arg;
	struct pollfd wait[] = {{.fd = keeper->wake[0], .events = POLLIN},
		{.fd = keeper->fds[0], .events = POLLIN}, {.fd = keeper->fds[1], .events = POLLIN}};

	for (;;) {
		if (poll(wait, ARRAY_LEN(wait), -1) < 0)
			continue;
		if (wait[0].revents)
			return NULL;
		for (size_t i = 0; i < 2; i++)
			if (wait[i + 1].revents)
				accept_one(keeper, keeper->fds[i], i == 1);
	}
}

static void
release(struct gatekeeper *keeper)
{
	const int fds[] = {keeper->fds[0], keeper->fds[1], keeper->wake[0], keeper->wake[1]};

	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	free(keeper);
}

struct gatekeeper *
gatekeeper_start(int unix_fd, int tcp_fd, const struct gate_ops *ops, struct err *err)
{
	struct gatekeeper *keeper = mem_alloc(sizeof *keeper);

	*keeper = (struct gatekeeper){.ops = *ops, .fds = {unix_fd, tcp_fd}, .wake = {-1, -1}};
	fcntl(unix_fd, F_SETFL, O_NONBLOCK);
	if (tcp_fd >= 0)
		fcntl(tcp_fd, F_SETFL, O_NONBLOCK);
	if (pipe2(keeper->wake, O_CLOEXEC) == 0 &&
		pthread_create(&keeper->thread, NULL, run, keeper) == 0)
		return keeper;
	err_set(err, ERR_FAILED, "", "the sandbox's sockets cannot be served");
	release(keeper);
	return NULL;
}

void
gatekeeper_stop(struct gatekeeper *keeper)
{
	if (!keeper)
		return;
	(void)!write(keeper->wake[1], "", 1);
	pthread_join(keeper->thread, NULL);
	release(keeper);
}
