/* Nothing here may allocate, lock or call ncurses: it runs when the heap may be broken. It has its
 * own signal stack, as a stack that overflowed cannot carry a handler. */
#include "tui/rescue.h"

#include <ncurses.h>
#include <signal.h>
#include <term.h>
#include <unistd.h>

#include "backend/base/mem.h"

enum { STACK_BYTES = 32768 };

static const int fatal[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGQUIT};

static struct {
	bool armed;
	int fd;
	struct termios modes;
	char farewell[256];
	size_t len;
	struct sigaction before[ARRAY_LEN(fatal)];
	stack_t stack_before;
	char stack[STACK_BYTES];
} rescue;

static void
restore(void)
{
	(void)!write(rescue.fd, rescue.farewell, rescue.len);
	tcsetattr(rescue.fd, TCSANOW, &rescue.modes);
}

/* The old disposition comes back first, so that the signal raised again ends the process, or
 * reaches a sanitizer, as if this handler had never been. */
static void
on_fatal(int sig)
{
	restore();
	for (size_t i = 0; i < ARRAY_LEN(fatal); i++)
		if (fatal[i] == sig)
			sigaction(sig, &rescue.before[i], NULL);
	raise(sig);
}

static int
collect(int c)
{
	if (rescue.len < sizeof rescue.farewell)
		rescue.farewell[rescue.len++] = (char)c;
	return c;
}

/* What leaving takes, kept ready for a process that cannot ask terminfo any more. */
static void
prepare(const char *first)
{
	static const char *const names[] = {"sgr0", "op", "rmkx", "cnorm", "rmcup"};

	rescue.len = 0;
	while (*first)
		collect(*first++);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *s = tigetstr(names[i]);

		if (s && s != (const char *)-1)
			tputs(s, 1, collect);
	}
	collect('\r');
}

void
rescue_arm(int fd, const struct termios *modes, const char *first)
{
	struct sigaction action = {.sa_handler = on_fatal, .sa_flags = SA_ONSTACK};
	stack_t stack = {.ss_sp = rescue.stack, .ss_size = sizeof rescue.stack};

	rescue_disarm();
	rescue.fd = fd;
	rescue.modes = *modes;
	prepare(first);
	sigfillset(&action.sa_mask);
	sigaltstack(&stack, &rescue.stack_before);
	for (size_t i = 0; i < ARRAY_LEN(fatal); i++)
		sigaction(fatal[i], &action, &rescue.before[i]);
	mem_on_exhaustion(restore);
	rescue.armed = true;
}

void
rescue_disarm(void)
{
	if (!rescue.armed)
		return;
	for (size_t i = 0; i < ARRAY_LEN(fatal); i++)
		sigaction(fatal[i], &rescue.before[i], NULL);
	sigaltstack(&rescue.stack_before, NULL);
	mem_on_exhaustion(NULL);
	rescue.armed = false;
}
