/* The screen is libvterm's, so nothing here knows an escape sequence but those that that library
 * keeps to itself: bracketed paste, the mouse, the clipboard. */
#include "tests/pty/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATIENCE_MS = 60000 };

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int
set_property(VTermProp prop, VTermValue *value, void *user)
{
	struct terminal *terminal = user;

	if (prop == VTERM_PROP_ALTSCREEN)
		terminal->alternate = value->boolean;
	if (prop == VTERM_PROP_CURSORVISIBLE)
		terminal->cursor = value->boolean;
	return 1;
}

static const VTermScreenCallbacks callbacks = {.settermprop = set_property};

/* libvterm reads UTF-8; the name of the charset stands behind the dot. */
static void
open_charset(struct terminal *terminal)
{
	const char *locale = getenv("LC_ALL"), *name = locale ? strchr(locale, '.') : NULL;

	if (name == NULL || strcasecmp(name + 1, "UTF-8") == 0)
		return;
	terminal->charset = iconv_open("UTF-8", name + 1);
	terminal->converts = terminal->charset != (iconv_t)-1;
	if (!terminal->converts)
		fail_msg("%s: %s", name + 1, strerror(errno));
}

void
terminal_start(struct terminal *terminal, int columns, int rows, const char *word)
{
	const char *words[] = {getenv("CLAVIGER"), word, NULL};

	if (words[0] == NULL)
		fail_msg("the environment variable CLAVIGER must name the program");
	terminal_run(terminal, columns, rows, words);
}

void
terminal_run(struct terminal *terminal, int columns, int rows, const char *const *words)
{
	struct winsize size = {.ws_col = (unsigned short)columns, .ws_row = (unsigned short)rows};

	*terminal = (struct terminal){.columns = columns, .rows = rows, .cursor = true};
	open_charset(terminal);
	terminal->vterm = vterm_new(rows, columns);
	vterm_set_utf8(terminal->vterm, 1);
	terminal->screen = vterm_obtain_screen(terminal->vterm);
	vterm_screen_set_callbacks(terminal->screen, &callbacks, terminal);
	vterm_screen_enable_altscreen(terminal->screen, 1);
	vterm_screen_reset(terminal->screen, 1);
	terminal->pid = forkpty(&terminal->master, NULL, NULL, &size);
	if (terminal->pid < 0)
		fail_msg("forkpty: %s", strerror(errno));
	if (terminal->pid == 0) {
		execv(words[0], (char *const *)words);
		_exit(127);
	}
	tcgetattr(terminal->master, &terminal->before);
}

/* Modes that the library passes over in silence, or when they come two at a time. */
static void
look_for_modes(struct terminal *terminal, const char *bytes, size_t len)
{
	const struct {
		const char *on, *off;
		bool *is_on;
	} modes[] = {{"?2004h", "?2004l", &terminal->paste}, {"1000h", "1000l", &terminal->mouse}};

	for (size_t i = 0; i < len; i++)
		for (size_t m = 0; m < sizeof modes / sizeof modes[0]; m++) {
			size_t size = strlen(modes[m].on);

			if (i + size > len)
				continue;
			if (memcmp(bytes + i, modes[m].on, size) == 0)
				*modes[m].is_on = true;
			if (memcmp(bytes + i, modes[m].off, size) == 0)
				*modes[m].is_on = false;
		}
}

/* A clipboard comes in one write, and is short enough for one read. */
static void
look_for_clipboard(struct terminal *terminal, const char *bytes, size_t len)
{
	static const char before[] = "\033]52;c;";
	const char *at = memmem(bytes, len, before, sizeof before - 1), *end;

	if (at == NULL)
		return;
	at += sizeof before - 1;
	end = memchr(at, '\a', len - (size_t)(at - bytes));
	if (end)
		snprintf(terminal->clipboard, sizeof terminal->clipboard, "%.*s", (int)(end - at),
			at);
}

static void
show_bytes(struct terminal *terminal, const char *bytes, size_t len)
{
	char in[16384 + sizeof terminal->rest], out[4 * sizeof in], *from = in, *to = out;
	size_t left = terminal->rest_len + len, room = sizeof out;

	if (!terminal->converts) {
		vterm_input_write(terminal->vterm, bytes, len);
		return;
	}
	memcpy(in, terminal->rest, terminal->rest_len);
	memcpy(in + terminal->rest_len, bytes, len);
	if (iconv(terminal->charset, &from, &left, &to, &room) == (size_t)-1 && errno != EINVAL)
		fail_msg("0x%02X is not of this charset", (unsigned char)*from);
	vterm_input_write(terminal->vterm, out, (size_t)(to - out));
	assert_true(left <= sizeof terminal->rest);
	memcpy(terminal->rest, from, left);
	terminal->rest_len = left;
}

/* One read and what the terminal answers to it; false at the end of the program's output. */
static bool
take(struct terminal *terminal, int ms, size_t *got)
{
	struct pollfd p = {.fd = terminal->master, .events = POLLIN};
	char bytes[16384], answer[256];
	ssize_t n;
	size_t len;

	*got = 0;
	if (poll(&p, 1, ms) <= 0)
		return true;
	n = read(terminal->master, bytes, sizeof bytes);
	if (n <= 0)
		return false;
	*got = (size_t)n;
	if (terminal->tap)
		fwrite(bytes, 1, (size_t)n, terminal->tap);
	look_for_modes(terminal, bytes, (size_t)n);
	look_for_clipboard(terminal, bytes, (size_t)n);
	show_bytes(terminal, bytes, (size_t)n);
	len = vterm_output_read(terminal->vterm, answer, sizeof answer);
	if (len && write(terminal->master, answer, len) != (ssize_t)len)
		fail_msg("the terminal's answer could not be written");
	return true;
}

static void
read_screen(struct terminal *terminal)
{
	size_t at = 0;

	for (int row = 0; row < terminal->rows; row++) {
		VTermRect line = {row, row + 1, 0, terminal->columns};

		at += vterm_screen_get_text(terminal->screen, terminal->text + at,
			sizeof terminal->text - at - 2, line);
		terminal->text[at++] = '\n';
	}
	terminal->text[at] = '\0';
}

bool
terminal_shows(struct terminal *terminal, const char *text)
{
	read_screen(terminal);
	return strstr(terminal->text, text) != NULL;
}

static void
wait_until(struct terminal *terminal, const char *text, bool there)
{
	int64_t end = now_ms() + PATIENCE_MS;
	size_t got;

	while (terminal_shows(terminal, text) != there) {
		bool open = take(terminal, 100, &got);

		if (open && now_ms() < end)
			continue;
		if (terminal_shows(terminal, text) == there)
			return;
		fail_msg("the screen %s \"%s\"%s:\n%s", there ? "does not show" : "still shows",
			text, open ? "" : " and the program has ended", terminal->text);
	}
}

void
terminal_wait(struct terminal *terminal, const char *text)
{
	wait_until(terminal, text, true);
}

void
terminal_wait_gone(struct terminal *terminal, const char *text)
{
	wait_until(terminal, text, false);
}

void
terminal_type(struct terminal *terminal, const char *bytes)
{
	size_t len = strlen(bytes);

	assert_int_equal(write(terminal->master, bytes, len), (ssize_t)len);
}

size_t
terminal_drain(struct terminal *terminal, int ms)
{
	int64_t end = now_ms() + ms;
	size_t total = 0, got;

	while (now_ms() < end && take(terminal, (int)(end - now_ms()), &got))
		total += got;
	return total;
}

void
terminal_settle(struct terminal *terminal, int ms)
{
	int64_t end = now_ms() + PATIENCE_MS;

	while (terminal_drain(terminal, ms) > 0) {
		if (now_ms() < end)
			continue;
		read_screen(terminal);
		fail_msg("the screen does not come to rest:\n%s", terminal->text);
	}
}

void
terminal_wait_row(struct terminal *terminal, int row)
{
	int64_t end = now_ms() + PATIENCE_MS;
	int now, column;

	for (terminal_cursor(terminal, &now, &column); now != row;
		terminal_cursor(terminal, &now, &column)) {
		terminal_drain(terminal, 20);
		if (now_ms() >= end)
			fail_msg("the cursor is in row %d, not %d", now, row);
	}
}

bool
terminal_asleep(struct terminal *terminal)
{
	int keys = open(ptsname(terminal->master), O_RDWR | O_NOCTTY | O_CLOEXEC), waiting = 1;
	char path[64], stat[256] = "", *name_end;
	FILE *file;

	if (keys < 0)
		return true;
	ioctl(keys, FIONREAD, &waiting);
	close(keys);
	snprintf(path, sizeof path, "/proc/%d/stat", (int)tcgetpgrp(terminal->master));
	file = fopen(path, "r");
	if (file == NULL)
		return false;
	stat[fread(stat, 1, sizeof stat - 1, file)] = '\0';
	fclose(file);
	name_end = strrchr(stat, ')');
	return waiting == 0 && name_end && name_end[2] == 'S';
}

void
terminal_wait_asleep(struct terminal *terminal)
{
	int64_t end = now_ms() + PATIENCE_MS;

	while (!terminal_asleep(terminal)) {
		terminal_drain(terminal, 5);
		if (now_ms() >= end)
			fail_msg("the program does not come to rest");
	}
}

void
terminal_resize(struct terminal *terminal, int columns, int rows)
{
	struct winsize size = {.ws_col = (unsigned short)columns, .ws_row = (unsigned short)rows};

	terminal->columns = columns;
	terminal->rows = rows;
	vterm_set_size(terminal->vterm, rows, columns);
	assert_int_equal(ioctl(terminal->master, TIOCSWINSZ, &size), 0);
}

void
terminal_cursor(struct terminal *terminal, int *row, int *column)
{
	VTermPos position;

	vterm_state_get_cursorpos(vterm_obtain_state(terminal->vterm), &position);
	*row = position.row;
	*column = position.col;
}

int
terminal_end(struct terminal *terminal, int signal)
{
	int64_t end = now_ms() + PATIENCE_MS;
	int status = 0;
	size_t got;

	if (signal)
		kill(terminal->pid, signal);
	while (waitpid(terminal->pid, &status, WNOHANG) == 0) {
		if (now_ms() > end) {
			kill(terminal->pid, SIGKILL);
			waitpid(terminal->pid, &status, 0);
			read_screen(terminal);
			fail_msg("the program does not end:\n%s", terminal->text);
		}
		if (!take(terminal, 50, &got))
			poll(NULL, 0, 20);
	}
	while (take(terminal, 50, &got) && got)
		;
	terminal->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

int
terminal_hang_up(struct terminal *terminal)
{
	int64_t end = now_ms() + PATIENCE_MS;
	int status = 0;

	close(terminal->master);
	terminal->master = -1;
	while (waitpid(terminal->pid, &status, WNOHANG) == 0) {
		if (now_ms() > end)
			fail_msg("the program goes on without its terminal");
		poll(NULL, 0, 20);
	}
	terminal->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

void
terminal_expect_clean(struct terminal *terminal)
{
	struct termios after;

	assert_false(terminal->alternate);
	assert_true(terminal->cursor);
	assert_false(terminal->paste);
	assert_false(terminal->mouse);
	assert_int_equal(tcgetattr(terminal->master, &after), 0);
	assert_int_equal(after.c_lflag, terminal->before.c_lflag);
	assert_int_equal(after.c_iflag, terminal->before.c_iflag);
	assert_int_equal(after.c_oflag, terminal->before.c_oflag);
}

void
terminal_free(struct terminal *terminal)
{
	if (terminal->pid > 0) {
		kill(terminal->pid, SIGKILL);
		waitpid(terminal->pid, NULL, 0);
	}
	if (terminal->master >= 0)
		close(terminal->master);
	if (terminal->converts)
		iconv_close(terminal->charset);
	vterm_free(terminal->vterm);
}
