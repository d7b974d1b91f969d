#include "tests/flow/listener.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static void
serve(struct listener *listener, int fd)
{
	size_t len = 0;
	ssize_t n = 1;

	while (n > 0 && len + 1 < sizeof listener->heard &&
		strstr(listener->heard, "\r\n\r\n") == NULL) {
		n = read(fd, listener->heard + len, sizeof listener->heard - 1 - len);
		len += n > 0 ? (size_t)n : 0;
		listener->heard[len] = '\0';
	}
	(void)!write(fd, listener->says, strlen(listener->says));
	close(fd);
}

/* Ends when the socket is shut down. */
static void *
listen_on(void *arg)
{
	struct listener *listener = arg;
	int fd;

	while ((fd = accept(listener->fd, NULL, NULL)) >= 0) {
		atomic_fetch_add(&listener->connections, 1);
		memset(listener->heard, 0, sizeof listener->heard);
		serve(listener, fd);
	}
	return NULL;
}

void
listener_start(struct listener *listener, const char *says)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof at;

	*listener = (struct listener){.says = says};
	listener->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(listener->fd >= 0);
	assert_int_equal(bind(listener->fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(listener->fd, 16), 0);
	assert_int_equal(getsockname(listener->fd, (struct sockaddr *)&at, &len), 0);
	listener->port = ntohs(at.sin_port);
	assert_int_equal(pthread_create(&listener->thread, NULL, listen_on, listener), 0);
}

void
listener_stop(struct listener *listener)
{
	shutdown(listener->fd, SHUT_RDWR);
	pthread_join(listener->thread, NULL);
	close(listener->fd);
}
