/* Only the first thread is traced: the journal and the network are its alone. What it writes to the
 * journal is known by its first bytes, what it sends by the head of a TLS record. */
#include "tests/flow/knife.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/flow/run.h"

enum {
	FDS_MAX = 256,
	WORDS_MAX = 64,
	WAIT_MS = 60000,
	TLS_DATA = 0x17,
	TLS_HEAD = 5,
	REQUEST_LEAST = 256, /* bytes; what ends a handshake is shorter */
	NO_TRACE = 77
};

struct knife {
	pid_t pid;
	struct cut cut;
	size_t records, durable; /* written; on the disk */
	bool writing;
	uint64_t call, fd, len; /* of the system call under way */
	unsigned char first;    /* byte that it sends */
	bool fresh[FDS_MAX];    /* by descriptor: a connection that has carried no request yet */
};

static void
become(const char *const *words)
{
	const char *argv[WORDS_MAX + 2] = {run_program()};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (size_t i = 0; words[i] && i < WORDS_MAX; i++)
		argv[i + 1] = words[i];
	for (int fd = 0; fd <= 2; fd++)
		dup2(null, fd);
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0)
		execv(argv[0], (char *const *)argv);
	_exit(NO_TRACE);
}

/* The first bytes at an address of the program. */
static void
peek(const struct knife *knife, uint64_t at, unsigned char out[sizeof(long)])
{
	long word;

	errno = 0;
	word = ptrace(PTRACE_PEEKDATA, knife->pid, (void *)(uintptr_t)at, NULL);
	if (errno)
		word = 0;
	memcpy(out, &word, sizeof word);
}

/* How much has come on a connection, read by nobody: whole TLS records. */
static size_t
waiting_records(int fd)
{
	static unsigned char bytes[1 << 16];
	ssize_t len = recv(fd, bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT);
	size_t records = 0, at = 0;

	while (len > 0 && at + TLS_HEAD <= (size_t)len) {
		at += TLS_HEAD + (size_t)(bytes[at + 3] << 8 | bytes[at + 4]);
		records += at <= (size_t)len;
	}
	return records;
}

/* Where a program may not be looked into: a guest without the right, an old kernel. */
static void
leave_out(const struct knife *knife, const char *what)
{
	printf("skipped: kills at a system call (%s: %s)\n", what, strerror(errno));
	fflush(stdout);
	kill(knife->pid, SIGKILL);
	waitpid(knife->pid, NULL, 0);
	skip();
}

/* Until the answer has come. On a fresh connection the server's ticket comes before it. */
static void
wait_for_answer(const struct knife *knife)
{
	int pidfd = (int)syscall(SYS_pidfd_open, knife->pid, 0);
	int fd = (int)syscall(SYS_pidfd_getfd, pidfd, (int)knife->fd, 0);
	struct pollfd readable = {.fd = fd, .events = POLLIN};
	size_t wanted = 1 + (knife->fd < FDS_MAX && knife->fresh[knife->fd]);

	if (fd < 0)
		leave_out(knife, "its connections cannot be looked at");
	for (int ms = 0; waiting_records(fd) < wanted && ms < WAIT_MS; ms++) {
		if (poll(&readable, 1, WAIT_MS) == 0)
			fail_msg("nobody answered the program");
		usleep(1000);
	}
	close(fd);
	close(pidfd);
}

static bool
at_entry(struct knife *knife, const struct __ptrace_syscall_info *info)
{
	static const unsigned char record[] = "{\"seq\":";
	unsigned char first[sizeof(long)];

	knife->call = info->entry.nr;
	knife->fd = info->entry.args[0];
	knife->len = info->entry.args[2];
	if (knife->call != SYS_write && knife->call != SYS_sendto)
		return false;
	peek(knife, info->entry.args[1], first);
	knife->first = first[0];
	if (knife->call != SYS_write || memcmp(first, record, sizeof record - 1) != 0)
		return false;
	knife->records++;
	knife->writing = true;
	return knife->cut.where == CUT_BEFORE && knife->cut.record == knife->records;
}

static bool
at_exit(struct knife *knife, const struct __ptrace_syscall_info *info)
{
	bool request = knife->first == TLS_DATA && knife->len >= REQUEST_LEAST;

	if (knife->call == SYS_fdatasync && knife->writing) {
		knife->writing = false;
		knife->durable = knife->records;
		return knife->cut.where == CUT_AFTER && knife->cut.record == knife->durable;
	}
	if (knife->call != SYS_sendto || info->exit.is_error || knife->fd >= FDS_MAX)
		return false;
	if (request && knife->cut.where == CUT_SENT && knife->cut.record <= knife->durable) {
		wait_for_answer(knife);
		return true;
	}
	knife->fresh[knife->fd] = !request && (knife->first != TLS_DATA || knife->fresh[knife->fd]);
	return false;
}

static bool
is_there(struct knife *knife)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, knife->pid, sizeof info, &info) <= 0)
		fail_msg("ptrace: %s", strerror(errno));
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		return at_entry(knife, &info);
	return info.op == PTRACE_SYSCALL_INFO_EXIT && at_exit(knife, &info);
}

static void
begin(struct knife *knife, const char *const *words)
{
	int status;

	knife->pid = fork();
	if (knife->pid == 0)
		become(words);
	if (waitpid(knife->pid, &status, 0) != knife->pid || !WIFSTOPPED(status))
		leave_out(knife, "ptrace");
	ptrace(PTRACE_SETOPTIONS, knife->pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
}

bool
knife_run(const char *const *words, const struct cut *cut, int *code)
{
	struct knife knife = {.cut = *cut};
	long signal = 0;
	int status;

	begin(&knife, words);
	for (;;) {
		ptrace(PTRACE_SYSCALL, knife.pid, NULL, (void *)signal);
		if (waitpid(knife.pid, &status, 0) != knife.pid)
			fail_msg("waitpid: %s", strerror(errno));
		if (!WIFSTOPPED(status)) {
			*code = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
			return false;
		}
		signal = WSTOPSIG(status) == (SIGTRAP | 0x80) ? 0 : WSTOPSIG(status);
		if (signal == 0 && is_there(&knife))
			break;
	}
	kill(knife.pid, SIGKILL);
	while (waitpid(knife.pid, &status, 0) == knife.pid && !WIFSIGNALED(status))
		;
	return true;
}

static void
add(struct boundary *boundary, size_t record, enum cut_where where, const json_t *of)
{
	static const char *const names[] = {
		[CUT_BEFORE] = "before", [CUT_AFTER] = "after", [CUT_SENT] = "answered, after"};
	const char *step = json_string_value(json_object_get(of, "step"));

	boundary->cut = (struct cut){record, where};
	snprintf(boundary->label, sizeof boundary->label, "%s %s%s%s", names[where],
		text_at(of, "phase"), step ? " of " : "", step ? step : "");
}

size_t
knife_boundaries(const char *dir, size_t from, struct boundary **out)
{
	char path[PATH_MAX + 32], *line = NULL;
	size_t len = 0, records = 0, room = 0;
	FILE *file;

	*out = NULL;
	snprintf(path, sizeof path, "%s/journal.jsonl", dir);
	file = fopen(path, "r");
	while (file && getline(&line, &room, file) > 0) {
		json_t *record = json_loads(line, 0, NULL);

		assert_non_null(record);
		if (records++ >= from) {
			*out = realloc(*out, (len + 3) * sizeof **out);
			assert_non_null(*out);
			add(&(*out)[len++], records - from, CUT_BEFORE, record);
			add(&(*out)[len++], records - from, CUT_AFTER, record);
			if (strcmp(text_at(record, "phase"), "intent") == 0)
				add(&(*out)[len++], records - from, CUT_SENT, record);
		}
		json_decref(record);
	}
	if (file)
		fclose(file);
	free(line);
	assert_true(len > 0);
	return len;
}
