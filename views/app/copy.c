/* A clipboard is somebody else's: tmux keeps one and tells its own terminal; any other terminal is
 * asked by OSC 52, and never says whether it did. So the same key again shows the text alone on a
 * page, to be selected by hand. What is copied stands on the screen already: never a secret. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "backend/auth/process.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/net/loop.h"
#include "crypto/b64.h"
#include "tui/term.h"
#include "tui/words.h"
#include "views/app/app_state.h"
#include "views/app/keymap.h"

enum { CLIPBOARD_MAX = 49152, TMUX_MS = 3000, SOCKET_MAX = 108 };

/* What a worker is given; owned by it. */
struct copying {
	char program[PATH_MAX], socket[SOCKET_MAX], *text;
	bool done;
};

static void
load_buffer(void *copy)
{
	struct copying *copying = copy;
	const char *argv[] = {
		copying->program, "-S", copying->socket, "load-buffer", "-w", "-", NULL};
	size_t len = strlen(copying->text);
	int in = memfd_create("copy", MFD_CLOEXEC);
	struct process_said said;
	struct err err;

	if (in < 0)
		return;
	if (write(in, copying->text, len) == (ssize_t)len && lseek(in, 0, SEEK_SET) == 0 &&
		process_run(argv, in, CLIPBOARD_MAX, TMUX_MS, -1, &said, &err)) {
		copying->done = said.code == 0;
		process_said_free(&said);
	}
	close(in);
}

static void
drop(void *copy)
{
	free(((struct copying *)copy)->text);
}

static void
show(struct app *app, const char *text)
{
	if (app_top(app)->ops == &view_text)
		app_say(app, ROLE_MESSAGE, _("No clipboard here: select it with the mouse"));
	else
		app_push(app, &view_text, &(struct text_argument){_("To select from"), text, true});
}

/* Where a key was pressed since, something else may be open, or asked, or typed. */
static void
loaded(void *user, void *copy)
{
	struct app *app = user;
	struct copying *copying = copy;

	app->copying = NULL;
	if (copying->done)
		app_say(app, ROLE_MESSAGE, _("Copied into tmux: %.200s"), copying->text);
	else if (app->copied)
		show(app, copying->text);
	else
		app_say(app, ROLE_WARN,
			_("tmux did not take the copy: where it was made, c twice shows it to "
			  "select from"));
	drop(copying);
}

static bool
give_to_tmux(struct app *app, const char *text)
{
	struct copying copying = {.done = false};
	char reason[200];

	if (!term_in_tmux(copying.socket, sizeof copying.socket) ||
		!process_find("tmux", copying.program, reason, sizeof reason))
		return false;
	copying.text = mem_strdup(text);
	app->copying = job_run(app->loop, load_buffer, &copying, sizeof copying, loaded, drop, app);
	return true;
}

/* Terminals that have no clipboard, or print what they do not know. */
static bool
has_clipboard(void)
{
	static const char *const without[] = {"linux", "vt", "ansi", "screen", "cons", "sun"};
	const char *name = term_name();

	for (size_t i = 0; i < ARRAY_LEN(without); i++)
		if (text_case_starts(name, without[i]))
			return false;
	return *name != '\0';
}

/* OSC 52 takes base64 with the letters of RFC 4648 section 4, and padding. */
static void
give_to_terminal(const char *text)
{
	static const char before[] = "\033]52;c;", after[] = "\a";
	size_t len = strlen(text), used = b64_length(len);
	char *sequence = mem_alloc(sizeof before + used + 4 + sizeof after), *data;

	memcpy(sequence, before, sizeof before);
	data = sequence + sizeof before - 1;
	b64_encode(data, text, len);
	for (size_t i = 0; i < used; i++)
		data[i] = (char)(data[i] == '-' ? '+' : data[i] == '_' ? '/' : data[i]);
	while (used % 4)
		data[used++] = '=';
	memcpy(data + used, after, sizeof after);
	term_send(sequence, strlen(sequence));
	free(sequence);
}

void
copy_top(struct app *app)
{
	struct view *view = app_top(app);
	char *text = view->ops->copy ? view->ops->copy(view) : NULL, *veiled;
	bool again = app->copied;

	app->copied = false;
	if (text == NULL) {
		app_say(app, ROLE_MESSAGE, _("Nothing to copy here"));
		return;
	}
	/* What is copied is pasted where others see it too. */
	veiled = draw_veiled(text);
	if (veiled) {
		free(text);
		text = veiled;
	}
	if (again && view->ops != &view_text) {
		show(app, text);
	} else if (app->copying) {
		app_say(app, ROLE_MESSAGE, _("tmux is still being given what was copied before"));
	} else if (strlen(text) <= CLIPBOARD_MAX && give_to_tmux(app, text)) {
		app->copied = true;
	} else if (strlen(text) <= CLIPBOARD_MAX && has_clipboard()) {
		give_to_terminal(text);
		app->copied = true;
		app_say(app, ROLE_MESSAGE,
			_("Sent to the terminal's clipboard; if it takes none, %s again shows it to "
			  "select from"),
			app_key(app, NULL, 0, APP_COPY, (char[KEY_LABEL]){0}));
	} else {
		show(app, text);
	}
	free(text);
}
