/* A key counts as answered when nothing of it waits in the terminal any more and the program
 * sleeps. Only then is what the screen shows what the next key means, so before keys that could say
 * yes the monkey waits for that and looks. */
#include "tests/pty/monkey.h"

#include <ctype.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"

enum { ANSWER_MS = 30000, QUIET_MS = 15, NOISE_MS = 300, COLUMNS = 80, ROWS = 24, BURST = 8 };

static const char *const nurse_word = "--nurse";

int
monkey_nurse(char **words)
{
	static const int ignored[] = {SIGTTOU, SIGINT, SIGQUIT, SIGTSTP};
	sigset_t go_on, before;
	int status, sig;
	pid_t pid;

	/* Keys that come after the program's end are for nobody. */
	for (size_t i = 0; i < ARRAY_LEN(ignored); i++)
		signal(ignored[i], SIG_IGN);
	sigemptyset(&go_on);
	sigaddset(&go_on, SIGCONT);
	sigprocmask(SIG_BLOCK, &go_on, &before);
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		tcsetpgrp(STDIN_FILENO, getpid());
		for (size_t i = 0; i < ARRAY_LEN(ignored); i++)
			signal(ignored[i], SIG_DFL);
		sigprocmask(SIG_SETMASK, &before, NULL);
		execv(words[0], words);
		_exit(127);
	}
	setpgid(pid, pid);
	tcsetpgrp(STDIN_FILENO, pid);
	while (waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status)) {
		tcsetpgrp(STDIN_FILENO, getpid());
		sigwait(&go_on, &sig);
		tcsetpgrp(STDIN_FILENO, pid);
		kill(-pid, SIGCONT);
	}
	tcsetpgrp(STDIN_FILENO, getpid());
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static unsigned
pick(struct monkey *monkey, unsigned below)
{
	monkey->seed ^= monkey->seed << 13;
	monkey->seed ^= monkey->seed >> 7;
	monkey->seed ^= monkey->seed << 17;
	return (unsigned)(monkey->seed >> 33) % below;
}

/* The newest is at the end; the oldest half goes when there is no room. */
static void
note(struct monkey *monkey, const char *bytes)
{
	size_t used = strlen(monkey->last), half = sizeof monkey->last / 2;

	if (used + strlen(bytes) * 4 + 8 > sizeof monkey->last) {
		memmove(monkey->last, monkey->last + half, used - half + 1);
		used -= half;
	}
	monkey->last[used++] = ' ';
	for (; *bytes; bytes++)
		used += (size_t)snprintf(monkey->last + used, sizeof monkey->last - used,
			isgraph((unsigned char)*bytes) ? "%c" : "\\%03o", (unsigned char)*bytes);
	monkey->last[used] = '\0';
}

/* The screen and the keys before are more than a message of cmocka holds. */
static void
give_up(struct monkey *monkey, const char *why)
{
	terminal_shows(&monkey->terminal, "");
	fprintf(stderr, "%s\nafter:%s\n%s\n", why, monkey->last, monkey->terminal.text);
	fail_msg("%s", why);
}

/* The program, when it has the terminal; 0 when it has ended or is stopped. */
static pid_t
in_front(const struct monkey *monkey)
{
	pid_t group = tcgetpgrp(monkey->terminal.master);

	return group > 1 && group != monkey->terminal.pid ? group : 0;
}

static bool
ended(const struct monkey *monkey)
{
	siginfo_t info = {0};

	return waitid(P_PID, (id_t)monkey->terminal.pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid == monkey->terminal.pid;
}

/* Until it has taken all keys; what goes on drawing by itself is not waited for long. */
static void
rest(struct monkey *monkey)
{
	int64_t end = clock_mono_ms() + ANSWER_MS, noise;

	while (in_front(monkey) && !ended(monkey) && !terminal_asleep(&monkey->terminal)) {
		terminal_drain(&monkey->terminal, 5);
		if (clock_mono_ms() > end)
			give_up(monkey, "a key is not answered");
	}
	noise = clock_mono_ms() + NOISE_MS;
	while (terminal_drain(&monkey->terminal, QUIET_MS) && clock_mono_ms() < noise)
		;
}

static void
send(struct monkey *monkey, const char *bytes)
{
	note(monkey, bytes);
	terminal_type(&monkey->terminal, bytes);
}

static void
resize(struct monkey *monkey, int columns, int rows)
{
	char name[32];

	snprintf(name, sizeof name, "[%dx%d]", columns, rows);
	note(monkey, name);
	terminal_resize(&monkey->terminal, columns, rows);
}

/* Where yes is said by one key: to a question, and to a step whose request is shown, or is about
 * to be. */
static bool
would_confirm(struct monkey *monkey, const char *key)
{
	if (key[0] == 'y' || key[0] == 'Y')
		return terminal_shows(&monkey->terminal, "y/N");
	return terminal_shows(&monkey->terminal, "run this step") ||
	       terminal_shows(&monkey->terminal, " park");
}

static bool
could_confirm(const char *key)
{
	return strchr("yY\r\n", key[0]) != NULL;
}

/* Keys that mean something in some view, the frequent ones several times. */
static const char *
one_key(struct monkey *monkey)
{
	static const char *const keys[] = {"\r", "\r", "\r", "\r", "\r", "\033", "\033", "\033[A",
		"\033[B", "\033[B", "\033[B", "\033[C", "\033[D", "\033OA", "\033OB", "\033OB",
		"\033[5~", "\033[6~", "\033[H", "\033[F", "\033OH", "\033OF", "\033[3~", "\033[Z",
		"\t", "\t", "\177", "\b", " ", " ", "\001", "\002", "\004", "\005", "\007", "\013",
		"\014", "\016", "\020", "\020", "\022", "\025", "\027", "\033OP", "\033OQ",
		"\033OR", "\033OS", "\033[15~", "\033[17~", "\033[20~", "\033[24~", "!", "\"", "#",
		"%", "*", "+", ",", "-", ".", "/", "/", ":", ":", ";", "<", ">", "=", "?", "@", "[",
		"]", "0", "1", "1", "2", "2", "3", "3", "4", "4", "5", "5", "6", "9", "A", "A", "A",
		"B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "N", "O", "P", "Q", "R",
		"S", "T", "U", "V", "W", "X", "Y", "Z", "a", "a", "a", "b", "c", "d", "d", "e", "f",
		"g", "h", "i", "j", "j", "k", "l", "m", "n", "o", "o", "p", "q", "r", "s", "t", "u",
		"v", "w", "x", "y", "y", "z", "\303\244", "\350\264\242", "\314\201"};

	return keys[pick(monkey, ARRAY_LEN(keys))];
}

/* Files are written where a path leads: only below the folder it lives in. */
static bool
leads_away(struct monkey *monkey, const char *key)
{
	return key[0] == '/' && terminal_shows(&monkey->terminal, "rite ");
}

static void
press(struct monkey *monkey, const char *key)
{
	if (could_confirm(key) || key[0] == '/')
		rest(monkey);
	if (!in_front(monkey) || leads_away(monkey, key))
		return;
	if (!monkey->confirms && could_confirm(key) && would_confirm(monkey, key))
		return;
	send(monkey, key);
}

/* Without waiting between them, as from a slow line. */
static void
press_many(struct monkey *monkey)
{
	unsigned count = 2 + pick(monkey, BURST);

	while (count--) {
		const char *key = one_key(monkey);

		if (!could_confirm(key) && key[0] != '/')
			send(monkey, key);
	}
}

static void
type_word(struct monkey *monkey)
{
	static const char *const words[] = {"cmk-archive", "kv-payroll", "aa-payroll", "aa-", "st",
		"kv-archive/cmk-archive", "https://kv-archive.vault.azure.net/keys/cmk-archive/",
		"name:st", "!aa", "quit", "onboard", "revoke", "2048", "default", "light", "no",
		"a b c", "\346\227\245\346\234\254", "../x.md", "x.json"};
	const char *word = words[pick(monkey, ARRAY_LEN(words))];

	/* A y among others could be the answer to a question that stands since the key before. */
	rest(monkey);
	if (terminal_shows(&monkey->terminal, "y/N") || terminal_shows(&monkey->terminal, "Type "))
		return;
	send(monkey, word);
	if (pick(monkey, 2))
		press(monkey, "\r");
}

/* The name that is asked for, if one is. */
static bool
asked_name(struct monkey *monkey, char name[64])
{
	const char *at;

	name[0] = '\0';
	if (!terminal_shows(&monkey->terminal, " to go on (Esc"))
		return false;
	at = strstr(monkey->terminal.text, "Type ");
	return at && sscanf(at, "Type %63s to go on", name) == 1;
}

static void
paste(struct monkey *monkey)
{
	static const char *const texts[] = {"y", "Y\r", "yes\ry\r", "aa-payroll", "", "\033[A\r",
		"a\nb\tc\n", "\377\376\300\200", "\342\200\256cod\342\200\254", "\033]0;owned\007"};
	char bytes[160], name[64];
	const char *text = texts[pick(monkey, ARRAY_LEN(texts))];

	rest(monkey);
	if (asked_name(monkey, name))
		text = name;
	snprintf(bytes, sizeof bytes, "\033[200~%s%s\033[201~", text, text == name ? "\r" : "");
	send(monkey, bytes);
}

static void
point(struct monkey *monkey)
{
	static const int buttons[] = {0, 0, 0, 1, 2, 32, 64, 65};
	char bytes[64];
	int button = buttons[pick(monkey, ARRAY_LEN(buttons))];
	unsigned column = 1 + pick(monkey, 130), row = 1 + pick(monkey, 50);

	snprintf(bytes, sizeof bytes, "\033[<%d;%u;%uM", button, column, row);
	send(monkey, bytes);
	if (pick(monkey, 2) == 0)
		return;
	snprintf(bytes, sizeof bytes, "\033[<%d;%u;%um", button, column, row);
	send(monkey, bytes);
}

static void
garbage(struct monkey *monkey)
{
	static const char *const pieces[] = {"\377", "\300\200", "\302", "\355\240\200", "\033[",
		"\033[1;5D", "\033[99;99;99~", "\033O", "\033[?1;2c", "\033[0n\033[0n", "\033[1;1R",
		"\033]11;rgb:0/0/0\007", "\233", "\200", "\033\033\033", "\033[200~", "\033[201~",
		"\033[M   ", "\023\021"};

	send(monkey, pieces[pick(monkey, ARRAY_LEN(pieces))]);
}

static void
any_size(struct monkey *monkey)
{
	static const int sizes[][2] = {{1, 1}, {2, 1}, {1, 60}, {200, 1}, {3, 3}, {59, 14},
		{60, 15}, {61, 16}, {79, 23}, {80, 24}, {109, 30}, {110, 40}, {120, 40}, {200, 60}};
	size_t i = pick(monkey, ARRAY_LEN(sizes) * 2);

	if (i < ARRAY_LEN(sizes))
		resize(monkey, sizes[i][0], sizes[i][1]);
	else
		resize(monkey, 1 + (int)pick(monkey, 200), 1 + (int)pick(monkey, 60));
}

/* Ctrl-Z, and fg when the terminal has been found to be a shell's again. */
static void
stop_and_go_on(struct monkey *monkey)
{
	int64_t end = clock_mono_ms() + ANSWER_MS;

	rest(monkey);
	send(monkey, "\032");
	while (in_front(monkey) && !ended(monkey) && clock_mono_ms() < end)
		terminal_drain(&monkey->terminal, 5);
	if (ended(monkey))
		return;
	if (in_front(monkey))
		give_up(monkey, "Ctrl-Z does not stop it");
	terminal_drain(&monkey->terminal, QUIET_MS);
	terminal_expect_clean(&monkey->terminal);
	kill(monkey->terminal.pid, SIGCONT);
	while (!in_front(monkey) && !ended(monkey) && clock_mono_ms() < end)
		terminal_drain(&monkey->terminal, 5);
}

/* Says yes, or types the name, half of the times it is asked. */
static bool
confirm(struct monkey *monkey)
{
	char name[64];

	rest(monkey);
	if (asked_name(monkey, name)) {
		send(monkey, name);
		send(monkey, "\r");
		return true;
	}
	if (!terminal_shows(&monkey->terminal, "y/N"))
		return false;
	send(monkey, "y");
	return true;
}

static void
start(struct monkey *monkey)
{
	monkey->starts++;
	note(monkey, "[start]");
	terminal_run(&monkey->terminal, COLUMNS, ROWS, monkey->words);
	terminal_wait(&monkey->terminal, "5 Activity");
}

/* Of its own wish: 0, parked, interrupted. Everything else is a crash, which ASan reports with 1.
 */
static void
finish(struct monkey *monkey)
{
	char why[64];
	int code;

	resize(monkey, COLUMNS, ROWS);
	code = terminal_end(&monkey->terminal, 0);
	snprintf(why, sizeof why, "it ended with %d", code);
	if (code != 0 && code != 75 && code != 130)
		give_up(monkey, why);
	terminal_expect_clean(&monkey->terminal);
	terminal_free(&monkey->terminal);
}

void
monkey_start(struct monkey *monkey, const char *nurse)
{
	static const char *words[16];
	size_t len = 0;

	words[len++] = nurse;
	words[len++] = nurse_word;
	for (size_t i = 0; monkey->words[i] && len + 1 < ARRAY_LEN(words); i++)
		words[len++] = monkey->words[i];
	words[len] = NULL;
	monkey->words = words;
	start(monkey);
}

void
monkey_act(struct monkey *monkey)
{
	bool small = monkey->terminal.columns < 60 || monkey->terminal.rows < 15;
	unsigned what = pick(monkey, 100);

	monkey->acts++;
	if (monkey->confirms && pick(monkey, 2) && confirm(monkey))
		;
	else if (small && what < 40)
		resize(monkey, COLUMNS, ROWS);
	else if (what < 70)
		press(monkey, one_key(monkey));
	else if (what < 78)
		press_many(monkey);
	else if (what < 85)
		type_word(monkey);
	else if (what < 88)
		paste(monkey);
	else if (what < 91)
		point(monkey);
	else if (what < 93)
		garbage(monkey);
	else if (what < 98)
		any_size(monkey);
	else if (what < 99)
		stop_and_go_on(monkey);
	else
		send(monkey, "\003");
	if (pick(monkey, 4) == 0)
		rest(monkey);
	if (ended(monkey)) {
		finish(monkey);
		start(monkey);
	}
}

/* SIGTERM, which also ends a plan that waits. */
void
monkey_end(struct monkey *monkey)
{
	int64_t end = clock_mono_ms() + ANSWER_MS;
	pid_t program;

	rest(monkey);
	note(monkey, "[SIGTERM]");
	program = in_front(monkey);
	if (program)
		kill(program, SIGTERM);
	while (!ended(monkey) && clock_mono_ms() < end)
		terminal_drain(&monkey->terminal, 20);
	if (!ended(monkey))
		give_up(monkey, "SIGTERM does not end it");
	finish(monkey);
}
