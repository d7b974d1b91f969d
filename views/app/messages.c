/* What was said on the message line, with its time: a sentence is gone there with the next key, and
 * here it is found again, whole. Only the last ones are kept. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "tui/said.h"
#include "tui/words.h"
#include "views/app/app_state.h"
#include "views/app/keymap.h"
#include "views/page/meaning.h"
#include "views/page/reading.h"

enum { KEPT = 200 };

struct message {
	time_t at;
	enum role role;
	char *text;
};

void
messages_add(struct app *app, enum role role, const char *text)
{
	if (*text == '\0')
		return;
	if (app->messages == NULL)
		app->messages = mem_alloc(KEPT * sizeof *app->messages);
	if (app->messages_len == KEPT) {
		free(app->messages[0].text);
		memmove(app->messages, app->messages + 1, (KEPT - 1) * sizeof *app->messages);
		app->messages_len--;
	}
	app->messages[app->messages_len++] = (struct message){clock_wall(), role, mem_strdup(text)};
	app->messages_said++;
}

void
app_told(struct app *app, const char *code)
{
	snprintf(app->error, sizeof app->error, "%s", code);
}

void
app_say_err(struct app *app, const struct err *err)
{
	struct binding explain = app_binding(app, NULL, 0, APP_EXPLAIN);
	key_code key = keymap_typing(&explain);
	char label[KEY_LABEL], hint[120] = "";

	if (meaning_known(err->code))
		snprintf(hint, sizeof hint, _("; %s explains"),
			key_label(key ? key : explain.key, label));
	app_told(app, err->code);
	app_say(app, ROLE_ERROR, "%s%s%s%s%s%s", err->code, err->code[0] ? ": " : "",
		said(err->msg, (char[SAID]){0}), err->request_id[0] ? _(" · request ") : "",
		err->request_id, hint);
}

void
messages_free(struct app *app)
{
	for (size_t i = 0; i < app->messages_len; i++)
		free(app->messages[i].text);
	free(app->messages);
}

struct messages {
	struct reading_view reading; /* first, for what reading views share */
	size_t written;              /* how many had been said when the page was written */
};

static void
write_page(struct view *view)
{
	struct messages *messages = view->state;
	const struct app *app = app_of(view);
	struct page *page = &messages->reading.page;
	char at[16];
	struct tm tm;

	page_clear(page);
	messages->written = app->messages_said;
	if (app->messages_len == 0)
		page_text(page, ROLE_DIM, 0, "%s", _("Nothing was said yet"));
	for (size_t i = app->messages_len; i-- > 0;) {
		const struct message *message = &app->messages[i];

		at[0] = '\0';
		if (localtime_r(&message->at, &tm))
			strftime(at, sizeof at, "%H:%M:%S", &tm);
		page_field(page, at, message->role == ROLE_MESSAGE ? ROLE_TEXT : message->role,
			"%s", message->text);
	}
}

static bool
messages_open(struct view *view, const void *argument, struct err *err)
{
	struct messages *messages = view->state;

	(void)argument;
	(void)err;
	snprintf(messages->reading.title, sizeof messages->reading.title, "%s", _("Messages"));
	write_page(view);
	return true;
}

static void
messages_draw(struct view *view, struct area area)
{
	if (((struct messages *)view->state)->written != app_of(view)->messages_said)
		write_page(view);
	reading_draw(view, area);
}

const struct view_ops view_messages = {
	.name = "messages",
	.title = "Messages",
	.keys = reading_keys,
	.active = reading_active,
	.state_size = sizeof(struct messages),
	.open = messages_open,
	.draw = messages_draw,
	.act = reading_act,
	.close = reading_close,
	.crumb = reading_crumb,
	.copy = reading_copy,
};
