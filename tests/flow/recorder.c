#include "tests/flow/recorder.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/base/file.h"
#include "backend/base/mem.h"

enum { CONNS_MAX = 128, HEADS_MAX = 256 << 10 };

struct recorder {
	const char *const *names;
	int home_port, foreign_port, listener;
	char at[40];
	pthread_t acceptor, threads[CONNS_MAX];
	int fds[CONNS_MAX];
	_Atomic int conns, strangers;
	pthread_mutex_t lock;
	struct buf heads;
};

struct conn {
	struct recorder *recorder;
	int fd;
};

static bool
is_home(const struct recorder *recorder, const char *target)
{
	size_t len = strcspn(target, ":");

	if (strncmp(target + len, ":443 ", 5) != 0)
		return false;
	for (const char *const *name = recorder->names; *name; name++) {
		size_t wanted = strlen(*name) - (**name == '*');
		const char *suffix = *name + (**name == '*');

		if (len >= wanted && (len == wanted || **name == '*') &&
			strncasecmp(target + len - wanted, suffix, wanted) == 0)
			return true;
	}
	return false;
}

/* Up to the empty line; false when the client went away. */
static bool
read_head(int fd, char *head, size_t room)
{
	size_t len = 0;

	while (len + 1 < room && read(fd, head + len, 1) == 1) {
		head[++len] = '\0';
		if (len >= 4 && strcmp(head + len - 4, "\r\n\r\n") == 0)
			return true;
	}
	return false;
}

static int
dial(int port)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void
splice_both(int a, int b)
{
	struct pollfd fds[2] = {{.fd = a, .events = POLLIN}, {.fd = b, .events = POLLIN}};
	char piece[16384];

	for (;;) {
		if (poll(fds, 2, -1) < 0)
			return;
		for (int i = 0; i < 2; i++) {
			ssize_t n;

			if (fds[i].revents == 0)
				continue;
			n = read(fds[i].fd, piece, sizeof piece);
			if (n <= 0 || !file_put(fds[1 - i].fd, piece, (size_t)n))
				return;
		}
	}
}

static void *
serve(void *user)
{
	static const char done[] = "HTTP/1.1 200 Connection established\r\n\r\n";
	struct conn *conn = user;
	struct recorder *recorder = conn->recorder;
	char head[16384] = "";
	int up = -1;
	bool home;

	if (read_head(conn->fd, head, sizeof head)) {
		home = strncmp(head, "CONNECT ", 8) == 0 && is_home(recorder, head + 8);
		if (!home)
			atomic_fetch_add(&recorder->strangers, 1);
		pthread_mutex_lock(&recorder->lock);
		if (!buf_adds(&recorder->heads, head))
			home = false;
		pthread_mutex_unlock(&recorder->lock);
		up = dial(home ? recorder->home_port : recorder->foreign_port);
	}
	if (up >= 0 && file_put(conn->fd, done, sizeof done - 1))
		splice_both(conn->fd, up);
	if (up >= 0)
		close(up);
	shutdown(conn->fd, SHUT_RDWR);
	free(conn);
	return NULL;
}

static void *
accept_all(void *user)
{
	struct recorder *recorder = user;
	int fd;

	while ((fd = accept4(recorder->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		struct conn *conn = mem_alloc(sizeof *conn);
		int at = recorder->conns;

		if (at == CONNS_MAX)
			abort();
		*conn = (struct conn){recorder, fd};
		recorder->fds[at] = fd;
		pthread_create(&recorder->threads[at], NULL, serve, conn);
		recorder->conns = at + 1;
	}
	return NULL;
}

struct recorder *
recorder_start(const char *const *names, int home_port, int foreign_port)
{
	struct recorder *recorder = mem_alloc(sizeof *recorder);
	struct sockaddr_in me = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof me;

	signal(SIGPIPE, SIG_IGN);
	recorder->names = names;
	recorder->home_port = home_port;
	recorder->foreign_port = foreign_port;
	pthread_mutex_init(&recorder->lock, NULL);
	buf_init(&recorder->heads, HEADS_MAX);
	recorder->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(recorder->listener, (struct sockaddr *)&me, sizeof me) != 0 ||
		listen(recorder->listener, CONNS_MAX) != 0 ||
		getsockname(recorder->listener, (struct sockaddr *)&me, &len) != 0)
		abort();
	snprintf(recorder->at, sizeof recorder->at, "http://127.0.0.1:%d", ntohs(me.sin_port));
	pthread_create(&recorder->acceptor, NULL, accept_all, recorder);
	return recorder;
}

void
recorder_stop(struct recorder *recorder)
{
	shutdown(recorder->listener, SHUT_RDWR);
	pthread_join(recorder->acceptor, NULL);
	close(recorder->listener);
	for (int i = 0; i < recorder->conns; i++) {
		shutdown(recorder->fds[i], SHUT_RDWR);
		pthread_join(recorder->threads[i], NULL);
		close(recorder->fds[i]);
	}
	buf_free(&recorder->heads);
	pthread_mutex_destroy(&recorder->lock);
	free(recorder);
}

const char *
recorder_at(const struct recorder *recorder)
{
	return recorder->at;
}

int
recorder_strangers(struct recorder *recorder)
{
	return recorder->strangers;
}

bool
recorder_saw(struct recorder *recorder, const char *text)
{
	bool saw;

	pthread_mutex_lock(&recorder->lock);
	saw = strstr(buf_text(&recorder->heads), text) != NULL;
	pthread_mutex_unlock(&recorder->lock);
	return saw;
}
