/* One thread, one poll: a tunnel that stands still holds up none of the others. Each direction has
 * its own buffer and ends on its own; a reset on one side becomes a reset on the other. Nothing is
 * ever connected to but the sandbox's own port. */
#include "backend/sandbox/proxy.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/sandbox/names.h"
#include "backend/sandbox/peer.h"

enum { TUNNELS = 256, PIECE = 16384, HEAD_MAX = 8192, HEAD_MS = 10000, REST_MS = 20 };

/* One direction: read from its side, not yet written to the other. */
struct flow {
	char bytes[PIECE];
	size_t from, to;
	bool ended;  /* its side has no more */
	bool passed; /* and the other has been told */
};

struct tunnel {
	int fd[2]; /* client, sandbox; [1] is -1 until the head has been read */
	struct flow flow[2];
	bool refused; /* an answer is on its way, then the end */
	int64_t deadline;
};

struct proxy {
	int listener, wake[2];
	bool six;
	unsigned port, sandbox_port;
	pthread_t thread;
	struct tunnel *tunnels[TUNNELS];
	size_t tunnels_len;
};

static void
drop(struct tunnel *tunnel, bool reset)
{
	struct linger hard = {.l_onoff = 1};

	for (int i = 0; i < 2; i++) {
		if (tunnel->fd[i] < 0)
			continue;
		if (reset)
			setsockopt(tunnel->fd[i], SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
		close(tunnel->fd[i]);
	}
	free(tunnel);
}

static void
refuse(struct tunnel *tunnel, const char *status, const char *why)
{
	struct flow *back = &tunnel->flow[1];

	back->to = (size_t)snprintf(back->bytes, sizeof back->bytes,
		"HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s\n",
		status, strlen(why) + 1, why);
	tunnel->flow[0] = (struct flow){.ended = true, .passed = true};
	back->ended = tunnel->refused = true;
}

static bool
is_ours(const char *target)
{
	const char *colon = strrchr(target, ':');
	struct naming naming;

	names_read(&naming, target);
	return naming.role != HOST_NONE && naming.role != HOST_LOCAL && colon &&
	       strcmp(colon, ":443") == 0;
}

static int
connect_sandbox(const struct proxy *proxy)
{
	struct sockaddr_in four = {.sin_family = AF_INET,
		.sin_port = htons((in_port_t)proxy->sandbox_port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6,
		.sin6_port = htons((in_port_t)proxy->sandbox_port),
		.sin6_addr = in6addr_loopback};
	int fd = socket(proxy->six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	/* to loopback a connect is over at once: the kernel's queue takes it */
	if (fd >= 0 &&
		(proxy->six ? connect(fd, (struct sockaddr *)&six, sizeof six)
			    : connect(fd, (struct sockaddr *)&four, sizeof four)) == 0 &&
		fcntl(fd, F_SETFL, O_NONBLOCK) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* The head is whole: CONNECT HOST:443 HTTP/1.x. What came after it belongs to the tunnel. */
static void
begin_tunnel(const struct proxy *proxy, struct tunnel *tunnel, size_t head)
{
	static const char yes[] = "HTTP/1.1 200 Connection established\r\n\r\n";
	struct flow *there = &tunnel->flow[0], *back = &tunnel->flow[1];
	char method[16], target[300];
	int read = 0;

	there->bytes[head - 1] = '\0';
	if (sscanf(there->bytes, "%15[A-Z] %299[!-~] HTTP/1.%*1[01]%n", method, target, &read) !=
			2 ||
		read == 0 || there->bytes[read] != '\r') {
		refuse(tunnel, "400 Bad Request", "This is no request of HTTP.");
		return;
	}
	if (strcmp(method, "CONNECT") != 0) {
		refuse(tunnel, "405 Method Not Allowed",
			"This proxy knows CONNECT only: use it for https URLs.");
		return;
	}
	if (!is_ours(target)) {
		refuse(tunnel, "403 Forbidden",
			"This proxy leads to the sandbox only, and the sandbox has no such name.");
		return;
	}
	tunnel->fd[1] = connect_sandbox(proxy);
	if (tunnel->fd[1] < 0) {
		refuse(tunnel, "502 Bad Gateway", "The sandbox takes no connection.");
		return;
	}
	there->from = head;
	memcpy(back->bytes, yes, sizeof yes - 1);
	back->to = sizeof yes - 1;
}

static void
look_for_head(const struct proxy *proxy, struct tunnel *tunnel)
{
	struct flow *there = &tunnel->flow[0];
	const char *end = memmem(there->bytes, there->to, "\r\n\r\n", 4);

	if (end)
		begin_tunnel(proxy, tunnel, (size_t)(end - there->bytes) + 4);
	else if (there->to >= HEAD_MAX)
		refuse(tunnel, "431 Request Header Fields Too Large", "The head is too long.");
	else if (there->ended)
		refuse(tunnel, "400 Bad Request", "The head has no end.");
}

/* Reads what one side has; false when the connection broke. */
static bool
take(int fd, struct flow *flow)
{
	ssize_t n;

	if (flow->from == flow->to)
		flow->from = flow->to = 0;
	if (flow->ended || flow->to == sizeof flow->bytes)
		return true;
	n = recv(fd, flow->bytes + flow->to, sizeof flow->bytes - flow->to, MSG_DONTWAIT);
	if (n > 0)
		flow->to += (size_t)n;
	else if (n == 0)
		flow->ended = true;
	return n >= 0 || errno == EAGAIN || errno == EINTR;
}

static bool
give(int fd, struct flow *flow)
{
	ssize_t n;

	if (flow->from < flow->to) {
		n = send(fd, flow->bytes + flow->from, flow->to - flow->from,
			MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0)
			flow->from += (size_t)n;
		else if (errno != EAGAIN && errno != EINTR)
			return false;
	}
	if (flow->from == flow->to && flow->ended && !flow->passed) {
		flow->passed = true;
		shutdown(fd, SHUT_WR);
	}
	return true;
}

enum turn { TURN_GOES_ON, TURN_OVER, TURN_BROKEN };

static enum turn
serve_tunnel(const struct proxy *proxy, struct tunnel *t, const short events[2])
{
	bool headless = t->fd[1] < 0;

	if (!t->refused && events[0] & (POLLIN | POLLHUP | POLLERR) && !take(t->fd[0], &t->flow[0]))
		return TURN_BROKEN;
	if (!headless && events[1] & (POLLIN | POLLHUP | POLLERR) && !take(t->fd[1], &t->flow[1]))
		return TURN_BROKEN;
	if (headless && !t->refused)
		look_for_head(proxy, t);
	if (t->fd[1] >= 0 && !give(t->fd[1], &t->flow[0]))
		return TURN_BROKEN;
	if (!give(t->fd[0], &t->flow[1]))
		return TURN_BROKEN;
	if (t->fd[1] < 0 && clock_mono_ms() > t->deadline)
		return TURN_OVER;
	return t->flow[0].passed && t->flow[1].passed ? TURN_OVER : TURN_GOES_ON;
}

static void
accept_one(struct proxy *proxy)
{
	int fd = accept4(proxy->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), on = 1;
	struct tunnel *tunnel;

	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
			poll(NULL, 0, REST_MS);
		return;
	}
	if (proxy->tunnels_len == TUNNELS || !peer_allowed_fd(fd)) {
		close(fd);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	tunnel = mem_alloc(sizeof *tunnel);
	tunnel->fd[0] = fd;
	tunnel->fd[1] = -1;
	tunnel->deadline = clock_mono_ms() + HEAD_MS;
	proxy->tunnels[proxy->tunnels_len++] = tunnel;
}

/* What each side of a tunnel waits for; a side that waits for nothing is left out, or a hang-up
 * would turn the wait into a spin. */
static void
ask_sides(const struct tunnel *t, struct pollfd out[2])
{
	for (int i = 0; i < 2; i++) {
		const struct flow *mine = &t->flow[i], *other = &t->flow[1 - i];
		bool room = mine->to < sizeof mine->bytes || mine->from == mine->to;
		short events = 0;

		if (!mine->ended && room)
			events |= POLLIN;
		if (other->from < other->to && !(i == 1 && t->fd[1] < 0))
			events |= POLLOUT;
		out[i] = (struct pollfd){.fd = events ? t->fd[i] : -1, .events = events};
	}
}

static bool
turn(struct proxy *proxy)
{
	struct pollfd fds[2 + 2 * TUNNELS] = {{.fd = proxy->wake[0], .events = POLLIN},
		{.fd = proxy->listener, .events = POLLIN}};
	size_t len = proxy->tunnels_len, kept = 0;
	bool headless = false;

	for (size_t i = 0; i < len; i++) {
		ask_sides(proxy->tunnels[i], &fds[2 + 2 * i]);
		headless |= proxy->tunnels[i]->fd[1] < 0;
	}
	if (poll(fds, 2 + 2 * len, headless ? 1000 : -1) < 0)
		return true;
	if (fds[0].revents)
		return false;
	for (size_t i = 0; i < len; i++) {
		const short events[] = {fds[2 + 2 * i].revents, fds[3 + 2 * i].revents};
		struct tunnel *tunnel = proxy->tunnels[i];
		enum turn how = serve_tunnel(proxy, tunnel, events);

		if (how == TURN_GOES_ON)
			proxy->tunnels[kept++] = tunnel;
		else
			drop(tunnel, how == TURN_BROKEN);
	}
	proxy->tunnels_len = kept;
	if (fds[1].revents)
		accept_one(proxy);
	return true;
}

static void *
run(void *arg)
{
	while (turn(arg))
		continue;
	return NULL;
}

static void
release(struct proxy *proxy)
{
	for (size_t i = 0; i < proxy->tunnels_len; i++)
		drop(proxy->tunnels[i], true);
	if (proxy->listener >= 0)
		close(proxy->listener);
	for (int i = 0; i < 2; i++)
		if (proxy->wake[i] >= 0)
			close(proxy->wake[i]);
	free(proxy);
}

struct proxy *
proxy_start(bool six, unsigned sandbox_port, struct err *err)
{
	struct proxy *proxy = mem_alloc(sizeof *proxy);

	proxy->wake[0] = proxy->wake[1] = -1;
	proxy->six = six;
	proxy->sandbox_port = sandbox_port;
	proxy->listener = peer_listen(six, &proxy->port);
	if (proxy->listener >= 0 && pipe2(proxy->wake, O_CLOEXEC) == 0 &&
		pthread_create(&proxy->thread, NULL, run, proxy) == 0)
		return proxy;
	err_set(err, ERR_FAILED, "", "--names: the proxy cannot listen on loopback: %s",
		strerror(errno));
	release(proxy);
	return NULL;
}

void
proxy_stop(struct proxy *proxy)
{
	if (!proxy)
		return;
	(void)!write(proxy->wake[1], "", 1);
	pthread_join(proxy->thread, NULL);
	release(proxy);
}

unsigned
proxy_port(const struct proxy *proxy)
{
	return proxy->port;
}
