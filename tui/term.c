/* ncurses writes whenever its buffer is full and always at the end of doupdate, so a question to
 * the terminal could not travel in the same write as the frame. For the length of a frame its
 * descriptor therefore leads into a memory file; what gathered there goes out in one write. At all
 * other times it leads to the terminal, as ncurses sets modes through it. Signal handlers only set
 * flags: ncurses may not be entered from one. */
#include "tui/term.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <ncurses.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "tui/canvas.h"
#include "tui/key.h"
#include "tui/pace.h"
#include "tui/rescue.h"

enum { ESC_MS = 25, LAST_ANSWER_MS = 1000, UNLIKELY_ANSWER_MS = 40 };

static const char question[] = "\033[5n", answer[] = "\033[0n";
static const char paste_on[] = "\033[?2004h", paste_off[] = "\033[?2004l";
static const char all_off[] = "\033[?2004l\033[?1006l\033[?1000l"; /* paste and mouse */
static const int watched[] = {SIGTSTP, SIGCONT, SIGWINCH};

static struct {
	SCREEN *screen;
	FILE *out;
	bool interactive, mouse, utf8;
	int memory, wake;
	struct termios modes;
	struct sigaction before[ARRAY_LEN(watched)];
	struct pace pace;
	char *frame;
	size_t frame_room, sent;
	int cursor_y, cursor_x;
} term = {.memory = -1, .wake = -1};

static volatile sig_atomic_t stop_asked, continued, resize_asked;

static void
on_watched(int sig)
{
	static const uint64_t one = 1;
	int saved = errno;

	if (sig == SIGTSTP)
		stop_asked = 1;
	else if (sig == SIGCONT)
		continued = 1;
	else
		resize_asked = 1;
	(void)!write(term.wake, &one, sizeof one);
	errno = saved;
}

/* A signal that was ignored at start (SIGTSTP under a shell without job control) stays so. */
static void
watch(void)
{
	struct sigaction action = {.sa_handler = on_watched};

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < ARRAY_LEN(watched); i++) {
		sigaction(watched[i], &action, &term.before[i]);
		if (term.before[i].sa_handler == SIG_IGN)
			sigaction(watched[i], &term.before[i], NULL);
	}
}

static void
unwatch(void)
{
	for (size_t i = 0; i < ARRAY_LEN(watched); i++)
		sigaction(watched[i], &term.before[i], NULL);
}

static bool
is_utf8(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* Only LC_CTYPE: a decimal comma would reach JSON. A locale forwarded by ssh that does not exist
 * here makes setlocale fail; the terminal it came from is a UTF-8 one nearly always. */
static void
choose_locale(bool headless)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
	bool named = false;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *value = getenv(names[i]);

		named |= value && *value;
	}
	if (setlocale(LC_CTYPE, "") == NULL || (headless && !named))
		setlocale(LC_CTYPE, "C.UTF-8");
	term.utf8 = is_utf8();
}

bool
term_utf8(void)
{
	return term.screen ? term.utf8 : is_utf8();
}

static void
send_bytes(const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = write(STDOUT_FILENO, bytes, len);

		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		} else if (n < 0 && errno == EAGAIN) {
			struct pollfd p = {.fd = STDOUT_FILENO, .events = POLLOUT};

			poll(&p, 1, -1);
		} else if (n == 0 || errno != EINTR) {
			return;
		}
	}
}

/* Asked before newterm, which keeps memory for ever when it fails. */
static bool
is_described(const char *name)
{
	int found;

	if (setupterm(name, fileno(term.out), &found) != OK)
		return false;
	del_curterm(cur_term);
	return true;
}

/* TERM of a terminal that is not in ncurses-base (kitty, foot, alacritty, ghostty) would make
 * newterm fail; all of them understand xterm's language. */
static bool
open_screen(const char *name, FILE *in, struct err *err)
{
	term.screen = newterm(is_described(name) ? name : "xterm-256color", term.out, in);
	if (term.screen == NULL)
		return err_set(err, ERR_FAILED, "",
			"no description of the terminal \"%s\" in terminfo; install ncurses-base "
			"or set TERM=xterm",
			name);
	cbreak();
	noecho();
	nonl();
	typeahead(-1);
	intrflush(stdscr, FALSE);
	idlok(stdscr, TRUE);
	set_escdelay(ESC_MS);
	return true;
}

static void
close_files(void)
{
	if (term.out)
		fclose(term.out);
	if (term.memory >= 0)
		close(term.memory);
	if (term.wake >= 0)
		close(term.wake);
	free(term.frame);
	memset(&term, 0, sizeof term);
	term.memory = term.wake = -1;
}

static bool
open_files(struct err *err)
{
	int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);

	if (fd >= 0 && (term.out = fdopen(fd, "w")) == NULL)
		close(fd);
	term.memory = memfd_create("frame", MFD_CLOEXEC);
	term.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (term.out && term.memory >= 0 && term.wake >= 0)
		return true;
	err_set(err, ERR_FAILED, "", "cannot open the terminal: %s", strerror(errno));
	close_files();
	return false;
}

/* newterm takes over SIGINT and SIGTERM where they are at their default; they are given back. */
bool
term_start(struct err *err)
{
	const char *name = getenv("TERM");
	struct sigaction interrupt, terminate;
	bool ok;

	if (term.screen)
		return true;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return err_set(err, ERR_USAGE, "",
			"the console needs a terminal on standard input and output; without one "
			"use the subcommands, such as \"claviger account list\" (claviger help "
			"lists them)");
	if (name == NULL || *name == '\0' || strcmp(name, "dumb") == 0)
		return err_set(err, ERR_USAGE, "",
			"TERM is \"%s\", a terminal that cannot place text; use the subcommands, "
			"such as \"claviger account list\", or set TERM",
			name ? name : "");
	choose_locale(false);
	if (!open_files(err))
		return false;
	tcgetattr(STDIN_FILENO, &term.modes);
	use_env(FALSE);
	use_tioctl(TRUE);
	watch();
	sigaction(SIGINT, NULL, &interrupt);
	sigaction(SIGTERM, NULL, &terminate);
	ok = open_screen(name, stdin, err);
	sigaction(SIGINT, &interrupt, NULL);
	sigaction(SIGTERM, &terminate, NULL);
	if (!ok) {
		unwatch();
		close_files();
		return false;
	}
	term.interactive = true;
	rescue_arm(STDOUT_FILENO, &term.modes, all_off);
	key_start();
	send_bytes(paste_on, sizeof paste_on - 1);
	return true;
}

bool
term_start_headless(int width, int height, struct err *err)
{
	if (term.screen)
		return true;
	choose_locale(true);
	term.out = fopen("/dev/null", "r+e");
	if (term.out == NULL)
		return err_set(err, ERR_FAILED, "", "cannot open /dev/null: %s", strerror(errno));
	use_env(FALSE);
	use_tioctl(FALSE);
	if (!open_screen("xterm-256color", term.out, err)) {
		close_files();
		return false;
	}
	resize_term(height, width);
	return true;
}

/* Answers that are still on their way must not end up as input of the shell. A terminal that never
 * answered so far is hardly waited for. */
static void
await_answers(void)
{
	int64_t end = clock_mono_ms() + (term.pace.proven ? LAST_ANSWER_MS : UNLIKELY_ANSWER_MS);
	size_t at = 0;

	while (term.pace.open) {
		struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
		int64_t left = end - clock_mono_ms();
		char c;

		if (left <= 0 || poll(&p, 1, (int)left) <= 0 || read(STDIN_FILENO, &c, 1) != 1)
			return;
		at = c == answer[at] ? at + 1 : c == answer[0];
		if (answer[at] == '\0') {
			pace_answered(&term.pace, clock_mono_ms());
			at = 0;
		}
	}
}

static void
give_back(void)
{
	await_answers();
	term.pace.open = term.pace.bytes = 0;
	send_bytes(paste_off, sizeof paste_off - 1);
	endwin();
	tcsetattr(STDIN_FILENO, TCSADRAIN, &term.modes);
}

void
term_stop(void)
{
	if (term.screen == NULL)
		return;
	if (term.interactive) {
		give_back();
		key_stop();
		rescue_disarm();
		unwatch();
	} else {
		endwin();
	}
	delscreen(term.screen);
	canvas_free();
	close_files();
}

/* The size is asked for here and not by ncurses, whose own handler would race with the loop. Where
 * it is the old one it may have been another in between, which cut off what was shown. */
static void
take_size(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
		return;
	if (size.ws_row != LINES || size.ws_col != COLS)
		resize_term(size.ws_row, size.ws_col);
	term_repaint();
}

static void
take_again(void)
{
	reset_prog_mode();
	send_bytes(paste_on, sizeof paste_on - 1);
	clearok(curscr, TRUE);
	continued = 0;
	resize_asked = 1;
}

/* Ctrl-Z: gives the terminal back, stops the process, takes it again after fg. */
static void
suspend(void)
{
	struct sigaction ordinary = {.sa_handler = SIG_DFL}, ours;

	give_back();
	sigemptyset(&ordinary.sa_mask);
	sigaction(SIGTSTP, &ordinary, &ours);
	raise(SIGTSTP);
	sigaction(SIGTSTP, &ours, NULL);
	take_again();
}

bool
term_resized(void)
{
	uint64_t count;

	if (!term.interactive)
		return false;
	/* Even when there is nothing to do: what woke us may have been dealt with already. */
	(void)!read(term.wake, &count, sizeof count);
	if (!(stop_asked || continued || resize_asked))
		return false;
	if (stop_asked) {
		stop_asked = 0;
		suspend();
	}
	if (continued)
		take_again();
	resize_asked = 0;
	take_size();
	return true;
}

int
term_wake_fd(void)
{
	return term.wake;
}

bool
term_interactive(void)
{
	return term.interactive;
}

/* No waiting for a click to become a double one: a press is told at once. */
bool
term_mouse(void)
{
	if (!term.interactive)
		return false;
	term.mouse = !term.mouse;
	mouseinterval(0);
	mousemask(term.mouse ? BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED : 0, NULL);
	return term.mouse;
}

void
term_send(const char *sequence, size_t len)
{
	if (term.interactive)
		send_bytes(sequence, len);
}

const char *
term_name(void)
{
	const char *name = term.interactive ? getenv("TERM") : NULL;

	return name ? name : "";
}

/* TMUX is "SOCKET,PID,SESSION". */
bool
term_in_tmux(char *socket, size_t room)
{
	const char *tmux = term.interactive ? getenv("TMUX") : NULL;
	size_t len = tmux ? strcspn(tmux, ",") : 0;

	if (len == 0 || tmux[0] != '/' || len >= room)
		return false;
	memcpy(socket, tmux, len);
	socket[len] = '\0';
	return true;
}

void
term_cursor(int y, int x)
{
	term.cursor_y = y;
	term.cursor_x = x;
}

void
term_cursor_at(int *y, int *x)
{
	*y = term.cursor_y < LINES ? term.cursor_y : LINES - 1;
	*x = term.cursor_x < COLS ? term.cursor_x : COLS - 1;
}

/* Lets ncurses write its frame into the memory file; returns the bytes it took. */
static size_t
gather(void)
{
	int fd = fileno(term.out);
	off_t size;

	dup3(term.memory, fd, O_CLOEXEC);
	doupdate();
	dup3(STDOUT_FILENO, fd, O_CLOEXEC);
	size = lseek(term.memory, 0, SEEK_CUR);
	if (size <= 0)
		return 0;
	if (term.frame_room < (size_t)size + sizeof question) {
		term.frame_room = (size_t)size + sizeof question;
		term.frame = mem_resize(term.frame, term.frame_room);
	}
	lseek(term.memory, 0, SEEK_SET);
	return pread(term.memory, term.frame, (size_t)size, 0) == size ? (size_t)size : 0;
}

bool
term_flush(void)
{
	int64_t now = clock_mono_ms();
	size_t len;
	int y, x;

	if (term.screen == NULL)
		return true;
	if (!pace_ready(&term.pace, now))
		return false;
	term_cursor_at(&y, &x);
	canvas_show();
	move(y, x);
	wnoutrefresh(stdscr);
	if (!term.interactive) {
		doupdate();
		return true;
	}
	len = term.sent = gather();
	if (len == 0)
		return true;
	if (!term.pace.off) {
		memcpy(term.frame + len, question, sizeof question - 1);
		len += sizeof question - 1;
		pace_sent(&term.pace, now, len);
	}
	send_bytes(term.frame, len);
	return true;
}

size_t
term_sent(void)
{
	return term.sent;
}

int
term_wait_ms(void)
{
	return pace_wait(&term.pace, clock_mono_ms());
}

bool
term_slow(void)
{
	return term.interactive && pace_slow(&term.pace, clock_mono_ms());
}

void
term_answered(void)
{
	pace_answered(&term.pace, clock_mono_ms());
}

void
term_repaint(void)
{
	if (term.screen == NULL)
		return;
	canvas_forget();
	clearok(curscr, TRUE);
}
