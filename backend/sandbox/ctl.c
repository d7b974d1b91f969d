/* The socket lies in a private directory and takes only its owner's processes; so it needs no
 * further secret. An answer is "ok" or the kind of the error, then the text. */
#include "backend/sandbox/ctl.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/base/clock.h"
#include "backend/base/text.h"
#include "backend/sandbox/dump/dump.h"
#include "backend/sandbox/entra/device.h"
#include "backend/sandbox/fault.h"
#include "backend/sandbox/service/due.h"
#include "backend/sandbox/state.h"

enum { REQUEST_MAX = 4096, ANSWER_MAX = 256 << 20, WORDS = 8, REST_MS = 20 };

static const int64_t YEAR_10000 = 253402300800;

struct ctl {
	struct world *world;
	int fd, wake[2];
	pthread_t thread;
};

static bool
do_clock(struct world *world, const char *word, struct buf *out, struct err *err)
{
	char now[32];
	int64_t seconds;

	if (word) {
		if (!vclock_parse(word, &seconds, err))
			return false;
		if (vclock_now(&world->clock) > YEAR_10000 - seconds)
			return err_set(err, ERR_USAGE, "",
				"clock '%.40s': would leave the years that dates can show; use another folder",
				word);
		if (!due_advance(world, seconds))
			return err_set(err, ERR_FAILED, "", "clock: the state cannot be written");
	}
	return buf_addf(out, "%s\n", clock_iso(vclock_now(&world->clock), now)) ||
	       err_set(err, ERR_FAILED, "", "clock: no room");
}

static bool
do_fault(struct world *world, const char *spec, struct buf *out, struct err *err)
{
	if (spec && strcmp(spec, "none") == 0)
		faults_clear(world->faults);
	else if (spec && !fault_add(world->faults, spec, err))
		return false;
	return faults_list(world->faults, out) || err_set(err, ERR_FAILED, "", "fault: too many");
}

static bool
do_approve(struct world *world, const char *code, struct buf *out, struct err *err)
{
	char who[129];

	return device_approve(world, code, who, err) &&
	       (buf_addf(out, "signed in as %s\n", who) ||
		       err_set(err, ERR_FAILED, "", "approve: no room"));
}

static bool
obey(struct world *world, char **words, size_t len, struct buf *out, struct err *err)
{
	const char *argument = len > 1 ? words[1] : NULL;

	if (len >= 1 && len <= 2 && strcmp(words[0], "clock") == 0)
		return do_clock(world, argument, out, err);
	if (len >= 1 && len <= 2 && strcmp(words[0], "fault") == 0)
		return do_fault(world, argument, out, err);
	if (len == 2 && strcmp(words[0], "approve") == 0)
		return do_approve(world, argument, out, err);
	if (len >= 1 && len <= 2 && strcmp(words[0], "dump") == 0 &&
		(!argument || strcmp(argument, "--raw") == 0))
		return dump_estate(world, argument != NULL, out, err);
	if (len > 2 && strcmp(words[0], "fault") == 0)
		return err_set(err, ERR_USAGE, "",
			"sandbox ctl fault: takes one SPEC at a time; call it once for each");
	return err_set(err, ERR_USAGE, "",
		"sandbox ctl: must be followed by clock [+24h], fault [SPEC|none], approve CODE or dump [--raw]");
}

static bool
read_all(int fd, char *out, size_t room, size_t *len)
{
	ssize_t n;

	*len = 0;
	while (*len < room && (n = read(fd, out + *len, room - *len)) > 0) {
		*len += (size_t)n;
		if (out[*len - 1] == '\n')
			return true;
	}
	return false;
}

static void
write_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		bytes += n;
		len -= (size_t)n;
	}
}

static bool
is_owner(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof peer;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && peer.uid == geteuid();
}

static void
serve_one(struct world *world, int fd)
{
	struct timeval limit = {.tv_sec = 5};
	char request[REQUEST_MAX], *words[WORDS], head[32];
	struct buf out;
	struct err err = {0};
	size_t len, count = 0;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	if (!is_owner(fd) || !read_all(fd, request, sizeof request - 1, &len))
		return;
	request[len - 1] = '\0';
	buf_init(&out, ANSWER_MAX);
	for (char *at = request; count < WORDS; at++) {
		words[count++] = at;
		at += strcspn(at, "\t");
		if (!*at)
			break;
		*at = '\0';
	}
	if (obey(world, words, count, &out, &err)) {
		write_all(fd, "0\n", 2);
		write_all(fd, buf_text(&out), out.len);
	} else {
		snprintf(head, sizeof head, "%d\n", (int)err.kind);
		write_all(fd, head, strlen(head));
		write_all(fd, err.msg, strlen(err.msg));
	}
	buf_free(&out);
}

static void *
serve(void *arg)
{
	struct ctl *ctl = arg;
	struct pollfd wait[] = {
		{.fd = ctl->fd, .events = POLLIN}, {.fd = ctl->wake[0], .events = POLLIN}};

	for (;;) {
		int fd;

		if (poll(wait, ARRAY_LEN(wait), -1) < 0)
			continue;
		if (wait[1].revents)
			return NULL;
		fd = accept4(ctl->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0) {
			poll(NULL, 0, REST_MS);
			continue;
		}
		serve_one(ctl->world, fd);
		close(fd);
	}
}

struct ctl *
ctl_start(struct world *world, int fd, struct err *err)
{
	struct ctl *ctl = mem_alloc(sizeof *ctl);

	*ctl = (struct ctl){.world = world, .fd = fd, .wake = {-1, -1}};
	if (pipe2(ctl->wake, O_CLOEXEC) == 0 && pthread_create(&ctl->thread, NULL, serve, ctl) == 0)
		return ctl;
	err_set(err, ERR_FAILED, "", "the sandbox's control socket cannot be served");
	close(fd);
	if (ctl->wake[0] >= 0) {
		close(ctl->wake[0]);
		close(ctl->wake[1]);
	}
	free(ctl);
	return NULL;
}

void
ctl_stop(struct ctl *ctl)
{
	if (!ctl)
		return;
	close(ctl->wake[1]);
	pthread_join(ctl->thread, NULL);
	close(ctl->wake[0]);
	close(ctl->fd);
	free(ctl);
}

static bool
send_words(int fd, const char *const *words, size_t len, struct err *err)
{
	struct buf line;
	bool ok = true;

	buf_init(&line, REQUEST_MAX - 1);
	for (size_t i = 0; i < len && ok; i++)
		ok = !strpbrk(words[i], "\t\n") && buf_adds(&line, words[i]) &&
		     buf_add(&line, i + 1 < len ? "\t" : "\n", 1);
	if (!ok || len == 0)
		ok = err_set(err, ERR_USAGE, "",
			"sandbox ctl: needs words without tabs and newlines, of 4000 characters at most");
	else
		write_all(fd, line.data, line.len);
	buf_free(&line);
	return ok;
}

bool
ctl_ask(const char *socket, const char *const *words, size_t words_len, struct buf *out,
	struct err *err)
{
	int fd = state_connect(socket);
	char piece[16384], *end;
	struct buf answer;
	ssize_t n;
	bool ok;
	long kind;

	if (fd < 0)
		return err_set(err, ERR_NOT_FOUND, "",
			"no sandbox serves this folder; start one with: claviger sandbox --state DIR");
	buf_init(&answer, ANSWER_MAX + 16);
	ok = send_words(fd, words, words_len, err);
	while (ok && (n = read(fd, piece, sizeof piece)) > 0)
		ok = buf_add(&answer, piece, (size_t)n) ||
		     err_set(err, ERR_FAILED, "", "sandbox ctl: the answer is too long");
	close(fd);
	kind = ok ? strtol(buf_text(&answer), &end, 10) : 0;
	if (ok && (answer.len < 2 || *end != '\n'))
		ok = err_set(err, ERR_FAILED, "", "the sandbox closed without an answer");
	else if (ok && kind)
		ok = err_set(err,
			kind > 0 && kind <= ERR_CANCELLED ? (enum err_kind)kind : ERR_FAILED, "",
			"%s", end + 1);
	else if (ok && !buf_adds(out, end + 1))
		ok = err_set(err, ERR_FAILED, "", "sandbox ctl: the answer is too long");
	buf_free(&answer);
	return ok;
}
