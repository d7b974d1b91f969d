/* Every thread is traced: work beside the loop writes to the journal as well as the loop's own.
 * What one writes there is known by its first bytes, what it sends by the head of a TLS record. */
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
	THREADS_MAX = 64,
	WORDS_MAX = 64,
	WAIT_MS = 60000,
	TLS_DATA = 0x17,
	TLS_HEAD = 5,
	REQUEST_LEAST = 256, /* bytes; what ends a handshake is shorter */
	NO_TRACE = 77
};

struct thread {
	pid_t id;               /* 0: ended */
	uint64_t call, fd, len; /* of the system call under way */
	unsigned char first;    /* byte that it sends */
};

struct knife {
	pid_t pid; /* of the program, its first thread, and its process group */
	struct thread threads[THREADS_MAX];
	struct cut cut;
	size_t records, durable; /* written; on the disk */
	bool writing;
	bool fresh[FDS_MAX]; /* by descriptor: a connection that has carried no request yet */
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
	if (setpgid(0, 0) == 0 && ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0)
		execv(argv[0], (char *const *)argv);
	_exit(NO_TRACE);
}

/* The first bytes at an address of the program. */
static void
peek(const struct thread *thread, uint64_t at, unsigned char out[sizeof(long)])
{
	long word;

	errno = 0;
	word = ptrace(PTRACE_PEEKDATA, thread->id, (void *)(uintptr_t)at, NULL);
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
wait_for_answer(const struct knife *knife, const struct thread *thread)
{
	int pidfd = (int)syscall(SYS_pidfd_open, knife->pid, 0);
	int fd = (int)syscall(SYS_pidfd_getfd, pidfd, (int)thread->fd, 0);
	struct pollfd readable = {.fd = fd, .events = POLLIN};
	size_t wanted = 1 + (thread->fd < FDS_MAX && knife->fresh[thread->fd]);

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
at_entry(struct knife *knife, struct thread *thread, const struct __ptrace_syscall_info *info)
{
	static const unsigned char record[] = "{\"seq\":";
	unsigned char first[sizeof(long)];

	thread->call = info->entry.nr;
	thread->fd = info->entry.args[0];
	thread->len = info->entry.args[2];
	if (thread->call != SYS_write && thread->call != SYS_sendto)
		return false;
	peek(thread, info->entry.args[1], first);
	thread->first = first[0];
	if (thread->call != SYS_write || memcmp(first, record, sizeof record - 1) != 0)
		return false;
	knife->records++;
	knife->writing = true;
	return knife->cut.where == CUT_BEFORE && knife->cut.record == knife->records;
}

static bool
at_exit(struct knife *knife, const struct thread *thread, const struct __ptrace_syscall_info *info)
{
	bool request = thread->first == TLS_DATA && thread->len >= REQUEST_LEAST;

	if (thread->call == SYS_fdatasync && knife->writing) {
		knife->writing = false;
		knife->durable = knife->records;
		return knife->cut.where == CUT_AFTER && knife->cut.record == knife->durable;
	}
	if (thread->call != SYS_sendto || info->exit.is_error || thread->fd >= FDS_MAX)
		return false;
	if (request && knife->cut.where == CUT_SENT && knife->cut.record <= knife->durable) {
		wait_for_answer(knife, thread);
		return true;
	}
	knife->fresh[thread->fd] =
		!request && (thread->first != TLS_DATA || knife->fresh[thread->fd]);
	return false;
}

static bool
is_there(struct knife *knife, struct thread *thread)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, thread->id, sizeof info, &info) <= 0)
		fail_msg("ptrace: %s", strerror(errno));
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		return at_entry(knife, thread, &info);
	return info.op == PTRACE_SYSCALL_INFO_EXIT && at_exit(knife, thread, &info);
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
	ptrace(PTRACE_SETOPTIONS, knife->pid, NULL,
		PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL);
	knife->threads[0].id = knife->pid;
}

/* The thread of that number, one that is new as well. */
static struct thread *
thread_of(struct knife *knife, pid_t id, bool *new)
{
	struct thread *unused = NULL;

	*new = false;
	for (size_t i = 0; i < THREADS_MAX; i++) {
		if (knife->threads[i].id == id)
			return &knife->threads[i];
		if (unused == NULL && knife->threads[i].id == 0)
			unused = &knife->threads[i];
	}
	if (unused == NULL)
		fail_msg("the program has more threads than %d", THREADS_MAX);
	*new = true;
	*unused = (struct thread){.id = id};
	return unused;
}

/* Waits until any thread stops, and tells whether that is the place; the others run on. */
static bool
next_stop(struct knife *knife, bool *ended, int *code)
{
	int status;
	pid_t id = waitpid(-knife->pid, &status, __WALL);
	struct thread *thread;
	long signal;
	bool new;

	if (id < 0)
		fail_msg("waitpid: %s", strerror(errno));
	thread = thread_of(knife, id, &new);
	if (!WIFSTOPPED(status)) {
		thread->id = 0;
		*ended = id == knife->pid;
		*code = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
		return false;
	}
	signal = WSTOPSIG(status);
	if (signal == (SIGTRAP | 0x80) && is_there(knife, thread))
		return true;
	/* stops of the tracing itself are no signals of the program's */
	if (signal == (SIGTRAP | 0x80) || status >> 16 || (new &&signal == SIGSTOP))
		signal = 0;
	ptrace(PTRACE_SYSCALL, id, NULL, (void *)signal);
	return false;
}

bool
knife_run(const char *const *words, const struct cut *cut, int *code)
{
	struct knife knife = {.cut = *cut};
	bool ended = false;
	int status;
	pid_t id;

	begin(&knife, words);
	ptrace(PTRACE_SYSCALL, knife.pid, NULL, NULL);
	while (!next_stop(&knife, &ended, code))
		if (ended)
			return false;
	kill(knife.pid, SIGKILL);
	do
		id = waitpid(-knife.pid, &status, __WALL);
	while (id > 0 && (id != knife.pid || WIFSTOPPED(status)));
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
