/* The kernel is asked first through its socket diagnostics, which work without /proc; else the
 * tables of /proc/net. Only a connection that a process still holds (it has an inode) counts: after
 * a close both sources name root as the owner, whoever it was. */
#include "backend/sandbox/peer.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

/* One end of a connection, in network order. */
struct end {
	int family;
	uint32_t address[4];
	uint16_t port;
};

enum verdict { VERDICT_UNKNOWN, VERDICT_YES, VERDICT_NO };

static bool
take_end(const struct sockaddr *from, struct end *out)
{
	*out = (struct end){.family = from->sa_family};
	if (from->sa_family == AF_INET) {
		struct sockaddr_in four;

		memcpy(&four, from, sizeof four);
		out->address[0] = four.sin_addr.s_addr;
		out->port = four.sin_port;
		return true;
	}
	if (from->sa_family == AF_INET6) {
		struct sockaddr_in6 six;

		memcpy(&six, from, sizeof six);
		memcpy(out->address, &six.sin6_addr, sizeof out->address);
		out->port = six.sin6_port;
		return true;
	}
	return false;
}

static enum verdict
judge(unsigned uid, unsigned long inode)
{
	return inode != 0 && (uid == geteuid() || uid == 0) ? VERDICT_YES : VERDICT_NO;
}

static bool
ask_kernel(int fd, const struct end *from, const struct end *to)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	struct {
		struct nlmsghdr head;
		struct inet_diag_req_v2 body;
	} ask = {0};

	ask.head.nlmsg_len = sizeof ask;
	ask.head.nlmsg_type = SOCK_DIAG_BY_FAMILY;
	ask.head.nlmsg_flags = NLM_F_REQUEST;
	ask.body.sdiag_family = (unsigned char)from->family;
	ask.body.sdiag_protocol = IPPROTO_TCP;
	ask.body.idiag_states = ~0u;
	ask.body.id.idiag_sport = from->port;
	ask.body.id.idiag_dport = to->port;
	memcpy(ask.body.id.idiag_src, from->address, sizeof from->address);
	memcpy(ask.body.id.idiag_dst, to->address, sizeof to->address);
	ask.body.id.idiag_cookie[0] = ask.body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	return sendto(fd, &ask, sizeof ask, 0, (struct sockaddr *)&kernel, sizeof kernel) ==
	       (ssize_t)sizeof ask;
}

/* The one answer: the connection, or an error (no such connection, or not supported here). */
static enum verdict
read_kernel(int fd, const struct end *from)
{
	char bytes[1024];
	ssize_t n = recv(fd, bytes, sizeof bytes, 0);
	struct inet_diag_msg found;
	struct nlmsghdr head;

	if (n < (ssize_t)sizeof head)
		return VERDICT_UNKNOWN;
	memcpy(&head, bytes, sizeof head);
	if (head.nlmsg_type != SOCK_DIAG_BY_FAMILY || n < (ssize_t)(NLMSG_HDRLEN + sizeof found))
		return VERDICT_UNKNOWN;
	memcpy(&found, bytes + NLMSG_HDRLEN, sizeof found);
	if (found.id.idiag_sport != from->port)
		return VERDICT_UNKNOWN;
	return judge(found.idiag_uid, found.idiag_inode);
}

static enum verdict
by_kernel(const struct end *from, const struct end *to)
{
	struct timeval limit = {.tv_sec = 1};
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	enum verdict verdict = VERDICT_UNKNOWN;

	if (fd < 0)
		return VERDICT_UNKNOWN;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	if (ask_kernel(fd, from, to))
		verdict = read_kernel(fd, from);
	close(fd);
	return verdict;
}

/* An address and port as /proc/net/tcp writes them. */
static void
written(const struct end *end, char out[48])
{
	size_t words = end->family == AF_INET ? 1 : 4, used = 0;

	for (size_t i = 0; i < words; i++)
		used += (size_t)snprintf(out + used, 48 - used, "%08X", (unsigned)end->address[i]);
	snprintf(out + used, 48 - used, ":%04X", (unsigned)ntohs(end->port));
}

static enum verdict
by_table(const char *path, const struct end *from, const struct end *to)
{
	char line[512], local[48], remote[48], want_local[48], want_remote[48];
	enum verdict verdict = VERDICT_UNKNOWN;
	unsigned uid;
	unsigned long inode;
	FILE *file = fopen(path, "re");

	if (!file)
		return VERDICT_UNKNOWN;
	written(from, want_local);
	written(to, want_remote);
	while (verdict == VERDICT_UNKNOWN && fgets(line, sizeof line, file))
		if (sscanf(line, "%*d: %47s %47s %*x %*s %*s %*s %u %*d %lu", local, remote, &uid,
			    &inode) == 4 &&
			strcmp(local, want_local) == 0 && strcmp(remote, want_remote) == 0)
			verdict = judge(uid, inode);
	fclose(file);
	return verdict;
}

/* How an IPv4 connection of an IPv6 socket stands in the table of IPv6. */
static struct end
mapped(const struct end *end)
{
	return (struct end){.family = AF_INET6,
		.address = {0, 0, htonl(0xffff), end->address[0]},
		.port = end->port};
}

bool
peer_allowed(const struct sockaddr *from, const struct sockaddr *to)
{
	struct end source, target;
	enum verdict verdict;

	if (!take_end(from, &source) || !take_end(to, &target) || source.family != target.family)
		return false;
	verdict = by_kernel(&source, &target);
	if (verdict == VERDICT_UNKNOWN && source.family == AF_INET) {
		struct end six = mapped(&source), six_to = mapped(&target);

		verdict = by_table("/proc/net/tcp", &source, &target);
		if (verdict == VERDICT_UNKNOWN)
			verdict = by_table("/proc/net/tcp6", &six, &six_to);
	} else if (verdict == VERDICT_UNKNOWN) {
		verdict = by_table("/proc/net/tcp6", &source, &target);
	}
	return verdict == VERDICT_YES;
}

bool
peer_allowed_fd(int fd)
{
	struct sockaddr_storage from, to;
	socklen_t from_len = sizeof from, to_len = sizeof to;

	return getpeername(fd, (struct sockaddr *)&from, &from_len) == 0 &&
	       getsockname(fd, (struct sockaddr *)&to, &to_len) == 0 &&
	       peer_allowed((struct sockaddr *)&from, (struct sockaddr *)&to);
}

int
peer_listen(bool six, unsigned *port)
{
	struct sockaddr_in four = {.sin_family = AF_INET,
		.sin_port = htons((in_port_t)*port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in6 name6 = {.sin6_family = AF_INET6,
		.sin6_port = htons((in_port_t)*port),
		.sin6_addr = in6addr_loopback};
	struct sockaddr *name = six ? (struct sockaddr *)&name6 : (struct sockaddr *)&four;
	socklen_t len = six ? sizeof name6 : sizeof four;
	int fd = socket(name->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
		bind(fd, name, len) == 0 && listen(fd, 128) == 0 &&
		getsockname(fd, name, &len) == 0) {
		*port = ntohs(six ? name6.sin6_port : four.sin_port);
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

bool
peer_works(struct err *err)
{
	struct sockaddr_in name = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	unsigned port = 0;
	int server = peer_listen(false, &port), near = -1, far = -1;
	bool ok = false;

	name.sin_port = htons((in_port_t)port);
	if (server >= 0 && (near = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) >= 0 &&
		connect(near, (struct sockaddr *)&name, sizeof name) == 0 &&
		(far = accept4(server, NULL, NULL, SOCK_CLOEXEC)) >= 0)
		ok = peer_allowed_fd(far);
	if (far >= 0)
		close(far);
	if (near >= 0)
		close(near);
	if (server >= 0)
		close(server);
	return ok ||
	       err_set(err, ERR_FAILED, "",
		       "this machine does not tell who is behind a TCP connection (no socket diagnostics, no /proc/net/tcp), so all of them would be refused; leave --listen and --names out and use the socket");
}
