/* One request with what came back, as it was kept: written into the page at once, since its place
 * in the ring may be taken while it is read. */
#include <stdio.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/base/text.h"
#include "backend/session/session.h"
#include "backend/session/wire.h"
#include "tui/words.h"
#include "views/command.h"
#include "views/page/meaning.h"
#include "views/page/reading.h"

enum { TEXT_BYTES = 64 << 10 };

static void
add_known(struct page *page, const char *label, const char *value)
{
	if (value[0])
		page_field(page, label, ROLE_TEXT, "%s", value);
}

static void
add_request(struct page *page, const struct wire_exchange *x, const char *url)
{
	page_head(page, _("Request"));
	page_text(page, ROLE_TEXT, 0, "%s", http_method_name(x->method));
	page_literal(page, ROLE_TEXT, 2, url);
	page_field(page, _("token for"), ROLE_TEXT, "%s",
		x->audience[0] ? x->audience : _("nobody: this is a sign-in"));
	page_field(page, _("try"), ROLE_TEXT, "%d", x->tries);
	page_field(page, _("body"), ROLE_TEXT, _("%zu bytes%s"), x->sent,
		x->sent && x->body == NULL ? _(", not kept") : "");
	if (x->body)
		page_literal(page, ROLE_TEXT, 2, x->body);
}

static void
add_reply(struct page *page, const struct wire_exchange *x)
{
	char at[32];

	page_head(page, _("Reply"));
	if (x->status)
		page_field(
			page, _("status"), x->status < 400 ? ROLE_OK : ROLE_BAD, "%d", x->status);
	else
		page_field(page, _("status"), ROLE_BAD, _("none: %s"), x->error);
	add_known(page, _("code"), x->azure_error);
	meaning_add(page, x->azure_error);
	add_known(page, _("request id"), x->request_id);
	add_known(page, _("correlation"), x->correlation);
	page_field(page, _("time"), ROLE_TEXT, "%s", clock_iso(x->at, at));
	page_field(page, _("waited"), ROLE_TEXT, "%lld ms", (long long)(x->wait_us / 1000));
	page_field(page, _("connecting"), ROLE_TEXT, "%lld ms", (long long)(x->connect_us / 1000));
	page_field(page, _("answer"), ROLE_TEXT, "%lld ms", (long long)(x->answer_us / 1000));
	page_field(page, _("body"), ROLE_TEXT, _("%zu bytes%s"), x->received,
		x->received && x->reply == NULL ? _(", not kept") : "");
	if (x->reply)
		page_literal(page, ROLE_TEXT, 2, x->reply);
}

static void
add_command(struct page *page, const struct wire_exchange *x, const char *url,
	const struct session *session)
{
	bool arm = text_case_starts(url, session_cloud(session)->arm);
	struct buf text;

	buf_init(&text, TEXT_BYTES);
	page_head(page, _("The same with the Azure CLI"));
	if (x->audience[0] == '\0')
		page_text(page, ROLE_DIM, 0, _("az login: a token is not asked for with az rest"));
	else if (command_rest(&text, http_method_name(x->method), url, x->body,
			 arm ? NULL : x->audience))
		page_command(page, ROLE_TEXT, 0, buf_text(&text));
	if (strstr(x->query, "\xe2\x80\xa6"))
		page_text(page, ROLE_DIM, 0,
			_("Values that the query had are not kept: put them in."));
	buf_free(&text);
}

static bool
exchange_open(struct view *view, const void *argument, struct err *err)
{
	struct reading_view *state = view->state;
	const struct wire_exchange *x = argument;
	struct buf url;

	(void)err;
	buf_init(&url, TEXT_BYTES);
	snprintf(state->title, sizeof state->title, "%s %s", http_method_name(x->method), x->host);
	if (wire_url(x, &url)) {
		add_request(&state->page, x, buf_text(&url));
		add_reply(&state->page, x);
		add_command(&state->page, x, buf_text(&url), app_options(app_of(view))->session);
	}
	buf_free(&url);
	return true;
}

const struct view_ops view_exchange = {
	.name = "exchange",
	.title = "Exchange",
	.keys = reading_keys,
	.active = reading_active,
	.state_size = sizeof(struct reading_view),
	.open = exchange_open,
	.draw = reading_draw,
	.act = reading_act,
	.close = reading_close,
	.crumb = reading_crumb,
	.copy = reading_copy,
};
