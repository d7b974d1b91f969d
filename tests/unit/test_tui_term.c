/* The terminal itself: a child runs the console's loop in a pseudo-terminal, the test plays the
 * terminal and looks at every byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "tui/draw.h"
#include "tui/key.h"
#include "tui/term.h"

enum { PATIENCE_MS = 20000, QUIET_MS = 150, SEEN_MAX = 65536 };

static const char question[] = "\033[5n", answer[] = "\033[0n";

static struct {
	int fd;
	pid_t child;
	struct termios before;
	char seen[SEEN_MAX]; /* what the child wrote since the last look */
	size_t len;
} pty;

/* Exhausted memory is asked for on purpose; a sanitizer must let malloc say so. */
const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

/* What the child shows for a key, on another line than the last, so that ncurses has to write all
 * of it. Some keys make it end in ways of their own. */
static void
show(key_code key, struct area screen, int line)
{
	char name[16];

	if (key == 'S')
		raise(SIGSEGV);
	if (key == 'A')
		abort();
	if (key == 'M')
		mem_resize(NULL, SIZE_MAX / 2);
	if (key == 'L')
		term_repaint();
	if (key != 'N')
		draw_clear(screen);
	if (key == TK_RESIZE)
		draw_textf(screen, line, 0, ROLE_TEXT, "[size %dx%d]", screen.w, screen.h);
	else if (key == TK_PASTE)
		draw_textf(screen, line, 0, ROLE_TEXT, "[paste %.60s]", key_pasted());
	else if (key != 'N')
		draw_textf(screen, line, 0, ROLE_TEXT, "[key %s]", key_label(key, name));
}

static void
child(void)
{
	bool dirty = true, quit = false;
	struct err err;
	int line = 0;

	if (!term_start(&err)) {
		printf("%s\n", err.msg);
		fflush(stdout);
		_exit(3);
	}
	draw_text(draw_screen(), 0, 0, ROLE_TEXT, "[ready]");
	while (!quit) {
		struct pollfd p[2] = {{.fd = STDIN_FILENO, .events = POLLIN},
			{.fd = term_wake_fd(), .events = POLLIN}};
		key_code key;

		if (dirty && term_flush())
			dirty = false;
		poll(p, 2, dirty ? term_wait_ms() : -1);
		while (!quit && (key = key_read()) != KEY_NOTHING) {
			quit = key == 'q' || key == TK_EOF;
			show(key, draw_screen(), ++line % 2);
			dirty = true;
		}
	}
	term_stop();
	_exit(7);
}

/* Reads what the child writes until want has come, or for a while when want is NULL. False when the
 * child has closed the terminal or nothing came. */
static bool
look(const char *want)
{
	int64_t end = clock_mono_ms() + PATIENCE_MS;

	while (want == NULL || memmem(pty.seen, pty.len, want, strlen(want)) == NULL) {
		struct pollfd p = {.fd = pty.fd, .events = POLLIN};
		ssize_t n;

		if (clock_mono_ms() > end || poll(&p, 1, want ? PATIENCE_MS : QUIET_MS) <= 0)
			return false;
		n = read(pty.fd, pty.seen + pty.len, sizeof pty.seen - pty.len);
		if (n <= 0)
			return false;
		pty.len += (size_t)n;
	}
	return true;
}

static void
forget(void)
{
	pty.len = 0;
	memset(pty.seen, 0, sizeof pty.seen);
}

static bool
saw(const char *want)
{
	return memmem(pty.seen, pty.len, want, strlen(want)) != NULL;
}

static void
send_keys(const char *bytes)
{
	assert_int_equal(write(pty.fd, bytes, strlen(bytes)), strlen(bytes));
}

/* The next frame with its question, which is answered; then forgets. */
static void
expect_frame(const char *want)
{
	if (!look(want) || !look(question))
		fail_msg("no frame with \"%s\" in \"%.*s\"", want, (int)pty.len, pty.seen);
	send_keys(answer);
	forget();
}

static void
launch(const char *term)
{
	struct winsize size = {.ws_row = 10, .ws_col = 40};
	int slave;

	forget();
	assert_int_equal(openpty(&pty.fd, &slave, NULL, NULL, &size), 0);
	assert_int_equal(tcgetattr(slave, &pty.before), 0);
	pty.child = fork();
	assert_true(pty.child >= 0);
	if (pty.child == 0) {
		close(pty.fd);
		setenv("TERM", term, 1);
		setenv("LC_ALL", "C.UTF-8", 1);
		setenv("COLUMNS", "200", 1);
		login_tty(slave);
		child();
	}
	close(slave);
}

static int
finish(void)
{
	int status;

	look(NULL);
	while (waitpid(pty.child, &status, 0) < 0)
		assert_int_equal(errno, EINTR);
	return status;
}

/* Ends with q and checks that all is as it was found. */
static void
leave(void)
{
	struct termios after;

	send_keys("q");
	look("\033[?1049l");
	look(NULL);
	assert_true(saw("\033[?2004l"));
	assert_true(saw("\033[?1049l"));
	assert_int_equal(tcgetattr(pty.fd, &after), 0);
	assert_memory_equal(&after, &pty.before, sizeof after);
	assert_int_equal(WEXITSTATUS(finish()), 7);
	close(pty.fd);
}

static void
keys_and_frames(void **state)
{
	(void)state;
	launch("xterm-256color");
	assert_true(look("\033[?2004h"));
	expect_frame("[ready]");
	send_keys("a");
	expect_frame("[key a]");
	send_keys("\033OB");
	expect_frame("[key Down]");
	send_keys("\033[6~");
	expect_frame("[key PgDn]");
	send_keys("\033");
	expect_frame("[key Esc]");
	send_keys("\r");
	expect_frame("[key Enter]");
	send_keys("\x12");
	expect_frame("[key ^R]");
	send_keys("\xe8\xb4\xa2");
	expect_frame("[key 财]");
	leave();
}

/* A key that changes nothing on the screen sends nothing, not even the question. */
static void
nothing_painted_nothing_sent(void **state)
{
	(void)state;
	launch("xterm-256color");
	expect_frame("[ready]");
	send_keys("N");
	assert_false(look(NULL));
	assert_int_equal(pty.len, 0);
	leave();
}

static void
unknown_sequences_are_no_keys(void **state)
{
	(void)state;
	launch("xterm-256color");
	expect_frame("[ready]");
	send_keys("\033[I\033[1;2;3Z\033[?1;2c\033Oz\033[0nx");
	expect_frame("[key x]");
	send_keys("\033j");
	expect_frame("j");
	leave();
}

static void
paste_is_one_key(void **state)
{
	(void)state;
	launch("xterm-256color");
	expect_frame("[ready]");
	send_keys("\033[200~kv-pay/cmk\tqx");
	assert_false(look(NULL));
	send_keys("\xe2\x80\xaez\r\n\033[201~");
	expect_frame("[paste kv-pay/cmk<U+0009>qx<U+202E>z]");
	send_keys("b");
	expect_frame("[key b]");
	leave();
}

/* Two frames go out unanswered, then the loop only collects keys; one answer lets one frame
 * through, and it shows the last key. */
static void
a_slow_terminal_gets_no_queue(void **state)
{
	(void)state;
	launch("xterm-256color");
	expect_frame("[ready]");
	send_keys("a");
	assert_true(look("[key a]") && look(question));
	send_keys("b");
	assert_true(look("[key b]"));
	assert_false(look(NULL));
	forget();
	for (const char *key = "cdefg"; *key; key++) {
		assert_int_equal(write(pty.fd, key, 1), 1);
		assert_false(look(NULL));
	}
	assert_int_equal(pty.len, 0);
	send_keys(answer);
	assert_true(look("[key g]"));
	assert_false(saw("[key f]"));
	assert_true(look(question));
	send_keys(answer);
	send_keys(answer);
	leave();
}

static void
a_silent_terminal_is_not_asked_for_ever(void **state)
{
	(void)state;
	launch("xterm-256color");
	assert_true(look("[ready]") && look(question));
	send_keys("a");
	assert_true(look("[key a]"));
	send_keys("b");
	assert_true(look("[key b]"));
	assert_false(look(NULL));
	forget();
	for (const char *key = "cdef"; *key; key++) {
		char want[] = {'[', 'k', 'e', 'y', ' ', *key, ']', '\0'};

		assert_int_equal(write(pty.fd, key, 1), 1);
		assert_true(look(want));
	}
	assert_false(look(NULL));
	assert_false(saw(question));
	leave();
}

static void
unknown_terminals(void **state)
{
	(void)state;
	launch("xterm-ghostty");
	expect_frame("[ready]");
	leave();
	launch("dumb");
	assert_true(look("claviger account list"));
	assert_int_equal(WEXITSTATUS(finish()), 3);
	close(pty.fd);
}

static void
resize(int columns, int rows)
{
	struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};

	assert_int_equal(ioctl(pty.fd, TIOCSWINSZ, &size), 0);
}

static void
resizing(void **state)
{
	(void)state;
	launch("xterm-256color");
	expect_frame("[ready]");
	resize(60, 20);
	expect_frame("[size 60x20]");
	resize(1, 1);
	assert_true(look(question));
	send_keys(answer);
	forget();
	resize(30, 12);
	expect_frame("[size 30x12]");
	leave();
}

static void
stop_and_go(void **state)
{
	struct termios now;
	int status;

	(void)state;
	launch("xterm-256color");
	expect_frame("[ready]");
	/* The child leads an orphaned group, where SIGTSTP is dropped: it must go on at once. */
	send_keys("\x1a");
	assert_true(look("\033[?1049l"));
	assert_true(look("\033[?1049h"));
	assert_true(saw("\033[?2004l") && saw("\033[?2004h"));
	expect_frame("\033[?1049h");
	/* Stopped from outside, where no handler runs, it repaints when it goes on. */
	kill(pty.child, SIGSTOP);
	assert_int_equal(waitpid(pty.child, &status, WUNTRACED), pty.child);
	assert_true(WIFSTOPPED(status));
	assert_int_equal(tcsetattr(pty.fd, TCSANOW, &pty.before), 0);
	kill(pty.child, SIGCONT);
	expect_frame("\033[?2004h");
	assert_int_equal(tcgetattr(pty.fd, &now), 0);
	assert_int_equal(now.c_lflag & (tcflag_t)(ICANON | ECHO), 0);
	send_keys("b");
	expect_frame("[key b]");
	leave();
}

/* SIGHUP is the application's; where it is ignored the end of input must be seen. */
static void
hang_up_is_the_end_of_input(void **state)
{
	int status;

	(void)state;
	signal(SIGHUP, SIG_IGN);
	launch("xterm-256color");
	signal(SIGHUP, SIG_DFL);
	expect_frame("[ready]");
	close(pty.fd);
	assert_int_equal(waitpid(pty.child, &status, 0), pty.child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
}

/* However it dies, the terminal is left in order. */
static void
crash(const char *key)
{
	struct termios after;
	int status;

	launch("xterm-256color");
	expect_frame("[ready]");
	send_keys(key);
	assert_true(look("\033[?1049l"));
	assert_true(saw("\033[?2004l"));
	status = finish();
	assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	assert_int_equal(tcgetattr(pty.fd, &after), 0);
	assert_memory_equal(&after, &pty.before, sizeof after);
	close(pty.fd);
}

static void
crashes(void **state)
{
	(void)state;
	crash("S");
	crash("A");
	crash("M");
}

static void
no_terminal(void **state)
{
	struct err err;
	int saved = dup(STDIN_FILENO), null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)state;
	dup2(null, STDIN_FILENO);
	assert_false(term_start(&err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.msg, "claviger account list"));
	dup2(saved, STDIN_FILENO);
	close(saved);
	close(null);
	term_stop();
	assert_int_equal(term_wake_fd(), -1);
	assert_true(term_flush());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_and_frames),
		cmocka_unit_test(nothing_painted_nothing_sent),
		cmocka_unit_test(unknown_sequences_are_no_keys),
		cmocka_unit_test(paste_is_one_key),
		cmocka_unit_test(a_slow_terminal_gets_no_queue),
		cmocka_unit_test(a_silent_terminal_is_not_asked_for_ever),
		cmocka_unit_test(unknown_terminals),
		cmocka_unit_test(resizing),
		cmocka_unit_test(stop_and_go),
		cmocka_unit_test(hang_up_is_the_end_of_input),
		cmocka_unit_test(crashes),
		cmocka_unit_test(no_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
