/* Pipes are read together, so that a program that says much on both cannot stand still. */
#include "tests/flow/run.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/base/file.h"

enum { WORDS_MAX = 64, SECONDS_MAX = 90 };

extern char **environ;

const char *
run_program(void)
{
	const char *path = getenv("CLAVIGER");

	if (path == NULL || *path == '\0')
		fail_msg("the environment variable CLAVIGER must name the program");
	return path;
}

static pid_t
start(const char *const *words, const int in[2], const int out[2], const int err[2])
{
	const char *argv[WORDS_MAX + 2] = {run_program()};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t defaults;
	pid_t pid;
	int failed;

	for (size_t i = 0; words[i] && i < WORDS_MAX; i++)
		argv[i + 1] = words[i];
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGINT);
	sigaddset(&defaults, SIGHUP);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO);
	failed = posix_spawn(&pid, argv[0], &actions, &attributes, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	if (failed)
		fail_msg("%s: %s", argv[0], strerror(failed));
	return pid;
}

static void
make_pipe(int fds[2])
{
	if (pipe2(fds, O_CLOEXEC) != 0)
		fail_msg("pipe: %s", strerror(errno));
}

static int
code_of(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void
append(char **text, size_t *len, const char *piece, size_t size)
{
	*text = realloc(*text, *len + size + 1);
	assert_non_null(*text);
	memcpy(*text + *len, piece, size);
	*len += size;
	(*text)[*len] = '\0';
}

void
run_words(struct ran *ran, const char *const *words, const char *input)
{
	int in[2], out[2], err[2], status;
	size_t err_len = 0;
	struct pollfd fds[2];
	pid_t pid;

	*ran = (struct ran){0};
	append(&ran->out, &ran->out_len, "", 0);
	append(&ran->err, &err_len, "", 0);
	make_pipe(in);
	make_pipe(out);
	make_pipe(err);
	pid = start(words, in, out, err);
	close(in[0]);
	close(out[1]);
	close(err[1]);
	if (input && write(in[1], input, strlen(input)) < 0)
		fail_msg("standard input: %s", strerror(errno));
	close(in[1]);
	fds[0] = (struct pollfd){.fd = out[0], .events = POLLIN};
	fds[1] = (struct pollfd){.fd = err[0], .events = POLLIN};
	while (fds[0].fd >= 0 || fds[1].fd >= 0) {
		char piece[8192];

		if (poll(fds, 2, SECONDS_MAX * 1000) == 0) {
			kill(pid, SIGKILL);
			fail_msg("%s %s: nothing for %d s; stderr: %s", words[0],
				words[0] ? words[1] : "", SECONDS_MAX, ran->err);
		}
		for (int i = 0; i < 2; i++) {
			ssize_t n;

			if (fds[i].fd < 0 || fds[i].revents == 0)
				continue;
			n = read(fds[i].fd, piece, sizeof piece);
			if (n <= 0)
				fds[i].fd = -1;
			else if (i == 0)
				append(&ran->out, &ran->out_len, piece, (size_t)n);
			else
				append(&ran->err, &err_len, piece, (size_t)n);
		}
	}
	close(out[0]);
	close(err[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	ran->code = code_of(status);
}

static void
take_words(const char *words[WORDS_MAX + 1], va_list ap)
{
	size_t len = 0;

	while (len < WORDS_MAX && (words[len] = va_arg(ap, const char *)))
		len++;
	words[len] = NULL;
}

void
run(struct ran *ran, ...)
{
	const char *words[WORDS_MAX + 1];
	va_list ap;

	va_start(ap, ran);
	take_words(words, ap);
	va_end(ap);
	run_words(ran, words, NULL);
}

void
ran_free(struct ran *ran)
{
	free(ran->out);
	free(ran->err);
	*ran = (struct ran){0};
}

void
ran_expect(const struct ran *ran, int code)
{
	if (ran->code != code)
		fail_msg("exit code %d, not %d\nstdout: %s\nstderr: %s", ran->code, code, ran->out,
			ran->err);
}

void
ran_complains(const struct ran *ran, ...)
{
	const char *end = strchr(ran->err, '\n'), *text;
	va_list ap;

	if (end == NULL || end[1] != '\0')
		fail_msg("not one line: %s", ran->err);
	va_start(ap, ran);
	while ((text = va_arg(ap, const char *)))
		if (!strstr(ran->err, text))
			fail_msg("'%s' is missing in: %s", text, ran->err);
	va_end(ap);
}

json_t *
ran_json(const struct ran *ran)
{
	json_error_t error;
	json_t *root = json_loadb(ran->out, ran->out_len, 0, &error);

	if (root == NULL)
		fail_msg("no JSON: %s (line %d)\n%s\nstderr: %s", error.text, error.line, ran->out,
			ran->err);
	return root;
}

json_t *
value_at(const json_t *root, const char *path)
{
	const json_t *at = root;

	while (at && *path) {
		size_t len = strcspn(path, ".");
		char name[80];

		snprintf(name, sizeof name, "%.*s", (int)len, path);
		at = json_is_array(at) ? json_array_get(at, strtoul(name, NULL, 10))
				       : json_object_get(at, name);
		path += len + (path[len] == '.');
	}
	return (json_t *)at;
}

const char *
text_at(const json_t *root, const char *path)
{
	const json_t *value = value_at(root, path);
	char *shown;

	if (json_is_string(value))
		return json_string_value(value);
	shown = json_dumps(root, JSON_INDENT(1));
	fail_msg("no text at %s in %s", path, shown);
	return "";
}

json_t *
find(const json_t *array, const char *member, const char *text)
{
	json_t *element;
	size_t i;

	json_array_foreach(array, i, element)
	{
		const char *value = json_string_value(json_object_get(element, member));

		if (value && strcmp(value, text) == 0)
			return element;
	}
	fail_msg("no element with %s %s", member, text);
	return NULL;
}

void
env_value(const char *block, const char *name, char *out, size_t room)
{
	char start[64];
	const char *at;

	snprintf(start, sizeof start, "export %s='", name);
	at = strstr(block, start);
	if (at == NULL)
		fail_msg("no %s in: %s", name, block);
	at += strlen(start);
	snprintf(out, room, "%.*s", (int)strcspn(at, "'"), at);
}

void
going_start(struct going *going, ...)
{
	const char *words[WORDS_MAX + 1];
	int in[2], out[2], err[2];
	va_list ap;

	*going = (struct going){0};
	va_start(ap, going);
	take_words(words, ap);
	va_end(ap);
	make_pipe(in);
	make_pipe(out);
	make_pipe(err);
	going->pid = start(words, in, out, err);
	close(in[0]);
	close(in[1]);
	close(out[1]);
	close(err[1]);
	going->out = out[0];
	going->err = err[0];
}

void
going_wait(struct going *going, const char *text)
{
	struct pollfd fds[2] = {
		{.fd = going->out, .events = POLLIN}, {.fd = going->err, .events = POLLIN}};

	while (!strstr(going->said, text)) {
		if (poll(fds, 2, SECONDS_MAX * 1000) == 0 || (fds[0].fd < 0 && fds[1].fd < 0)) {
			kill(going->pid, SIGKILL);
			fail_msg("it did not say '%s' but: %s", text, going->said);
		}
		for (int i = 0; i < 2; i++) {
			size_t room = sizeof going->said - going->said_len - 1;
			ssize_t n;

			if (fds[i].fd < 0 || fds[i].revents == 0)
				continue;
			n = read(fds[i].fd, going->said + going->said_len, room);
			if (n <= 0)
				fds[i].fd = -1;
			else
				going->said_len += (size_t)n;
		}
	}
}

int
going_end(struct going *going, int signal)
{
	int status;

	if (signal)
		kill(going->pid, signal);
	while (waitpid(going->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(going->out);
	close(going->err);
	return code_of(status);
}

void
place_make(struct place *place)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(place->dir, sizeof place->dir, "%s/claviger-flow-XXXXXX",
		tmp && *tmp ? tmp : "/tmp");
	if (mkdtemp(place->dir) == NULL)
		fail_msg("%s: %s", place->dir, strerror(errno));
	snprintf(place->sandbox, sizeof place->sandbox, "--sandbox=%s", place->dir);
}

static void
copy_file(const char *from, const char *to)
{
	char piece[65536];
	size_t n;
	FILE *in = fopen(from, "r"), *out = fopen(to, "w");

	assert_non_null(in);
	assert_non_null(out);
	assert_int_equal(fchmod(fileno(out), 0600), 0);
	while ((n = fread(piece, 1, sizeof piece, in)) > 0)
		assert_int_equal(fwrite(piece, 1, n, out), n);
	fclose(in);
	assert_int_equal(fclose(out), 0);
}

static void
copy_files(const char *from, const char *to)
{
	DIR *dir = opendir(from);
	const struct dirent *entry;

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		char source[PATH_MAX + 300], target[PATH_MAX + 300];
		struct stat st;

		snprintf(source, sizeof source, "%s/%s", from, entry->d_name);
		snprintf(target, sizeof target, "%s/%s", to, entry->d_name);
		if (lstat(source, &st) == 0 && S_ISREG(st.st_mode))
			copy_file(source, target);
	}
	closedir(dir);
}

bool
place_fill(const char *dir)
{
	const char *demo = getenv("DEMO_ESTATE");

	if (demo == NULL || access(demo, R_OK | X_OK) != 0)
		return false;
	copy_files(demo, dir);
	return true;
}

void
place_seed(struct place *place)
{
	struct ran ran;

	place_make(place);
	if (place_fill(place->dir))
		return;
	run(&ran, place->sandbox, "account", "list", "-o", "none", NULL);
	ran_expect(&ran, 0);
	ran_free(&ran);
}

void
place_copy(struct place *to, const struct place *from)
{
	place_make(to);
	copy_files(from->dir, to->dir);
}

void
place_remove(struct place *place)
{
	file_remove_tree(place->dir);
}

void
place_ctl(const struct place *place, const char *word, const char *argument)
{
	struct ran ran;

	run(&ran, "sandbox", "ctl", "--state", place->dir, word, argument, NULL);
	ran_expect(&ran, 0);
	ran_free(&ran);
}

char *
place_dump(const struct place *place)
{
	struct ran ran;
	char *out;

	run(&ran, "sandbox", "ctl", "--state", place->dir, "dump", NULL);
	ran_expect(&ran, 0);
	out = strdup(ran.out);
	ran_free(&ran);
	return out;
}

json_t *
place_dumped(const struct place *place)
{
	char *text = place_dump(place);
	json_t *root = json_loads(text, 0, NULL);

	assert_non_null(root);
	free(text);
	return root;
}
