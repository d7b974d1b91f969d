/* Signing in from the start page: shows the code and ends by itself once it was entered. Nothing
 * ticks meanwhile: the page says until when, not how long still. */
#include <stdio.h>
#include <time.h>

#include "backend/auth/aadsts.h"
#include "tui/words.h"
#include "views/app/view.h"
#include "views/device_flow.h"
#include "views/page/page.h"

enum { SIGN_IN_AGAIN = 1, SIGN_IN_SCROLL };

struct sign_in {
	struct device_flow flow;
	struct page page;
	bool kept; /* beyond this console */
};

static void
write_code(struct sign_in *sign_in)
{
	const struct device_flow *flow = &sign_in->flow;
	struct page *page = &sign_in->page;
	char until[16] = "";
	struct tm tm;

	if (localtime_r(&flow->until, &tm))
		strftime(until, sizeof until, "%H:%M:%S", &tm);
	page_head(page, _("Open this page in a browser on any machine, and enter the code"));
	page_field(page, _("page"), ROLE_ACCENT, "%s", flow->code.address);
	page_field(page, _("code"), ROLE_ACCENT, "%s", flow->code.user_code);
	page_blank(page);
	page_field(page, _("tenant"), ROLE_TEXT, "%s", flow->code.tenant);
	page_field(page, _("client"), ROLE_TEXT, "%s", flow->code.client_id);
	page_field(page, _("scopes"), ROLE_TEXT, "%s", flow->code.scopes);
	page_field(page, _("until"), ROLE_TEXT, "%s", until);
	page_field(page, _("kept"), ROLE_TEXT, "%s",
		sign_in->kept ? _("in the kernel's keyring, for 12 hours after its last use")
			      : _("as long as this console: there is no keyring here"));
	page_blank(page);
	page_text(page, ROLE_WARN, 0, "%s", _(device_flow_warning));
}

static void
write_page(struct sign_in *sign_in)
{
	struct page *page = &sign_in->page;
	const char *remedy = aadsts_remedy(aadsts_code(sign_in->flow.err.msg));

	page_clear(page);
	switch (sign_in->flow.state) {
	case FLOW_ASKING:
		page_text(page, ROLE_TEXT, 0, "%s%s", _("Asking for a code"),
			draw_glyph(GLYPH_ELLIPSIS));
		break;
	case FLOW_WAITING:
		write_code(sign_in);
		break;
	case FLOW_DONE:
		page_text(page, ROLE_OK, 0, _("Signed in as %s"), sign_in->flow.person.user);
		break;
	case FLOW_FAILED:
		page_head(page, _("Not signed in"));
		page_text(page, ROLE_ERROR, 0, "%s", sign_in->flow.err.msg);
		if (remedy)
			page_text(page, ROLE_TEXT, 0, _("what to do: %s"), _(remedy));
		page_blank(page);
		page_text(page, ROLE_TEXT, 0, "%s",
			_("n asks for another code. claviger doctor looks for what stands in the way, "
			  "and names the other ways to sign in."));
		break;
	}
}

/* What cannot be kept after all still serves this console. */
static void
take(struct view *view)
{
	struct sign_in *sign_in = view->state;
	const struct device_person *person = &sign_in->flow.person;
	const struct login_place *place = &sign_in->flow.place;
	struct credential *out = app_options(app_of(view))->signed_in;
	struct err err;

	credential_free(out);
	if (!login_take(place, person->tenant, &person->token.refresh, sign_in->kept, out, &err)) {
		credential_free(out);
		(void)!login_take(place, person->tenant, &person->token.refresh, false, out, &err);
	}
	app_quit(app_of(view), APP_SIGNED_IN);
}

static void
on_change(void *user)
{
	struct view *view = user;
	struct sign_in *sign_in = view->state;

	write_page(sign_in);
	app_dirty(app_of(view));
	if (sign_in->flow.state == FLOW_DONE)
		take(view);
}

static bool
sign_in_open(struct view *view, const void *argument, struct err *err)
{
	struct session *door = app_options(app_of(view))->door;
	struct sign_in *sign_in = view->state;
	struct err ignored;

	(void)argument;
	if (door == NULL)
		return err_set(err, ERR_FAILED, "", "there is no profile here to sign in by");
	sign_in->kept = user_keyring_usable(&ignored);
	if (!device_flow_start(&sign_in->flow, door, on_change, view, err))
		return false;
	write_page(sign_in);
	return true;
}

static void
sign_in_draw(struct view *view, struct area area)
{
	struct sign_in *sign_in = view->state;

	area.x += 2;
	area.y++;
	area.h--;
	area.w = area.w - 4 < 84 ? area.w - 4 : 84;
	page_draw(&sign_in->page, area);
}

static bool
sign_in_act(struct view *view, int action, key_code key)
{
	struct sign_in *sign_in = view->state;
	struct device_flow *flow = &sign_in->flow;

	if (action != SIGN_IN_AGAIN)
		return action && page_key(&sign_in->page, key, true);
	device_flow_stop(flow);
	if (!device_flow_start(flow, app_options(app_of(view))->door, on_change, view, &flow->err))
		flow->state = FLOW_FAILED;
	write_page(sign_in);
	return true;
}

static void
sign_in_close(struct view *view)
{
	struct sign_in *sign_in = view->state;

	device_flow_stop(&sign_in->flow);
	page_free(&sign_in->page);
}

static enum view_work
sign_in_work(const struct view *view)
{
	const struct sign_in *sign_in = view->state;

	return sign_in->flow.state == FLOW_ASKING ? VIEW_READING : VIEW_IDLE;
}

static const struct binding keys[] = {
	{'n', KEY_NOTHING, SIGN_IN_AGAIN, "new code", "Ask for another code"},
	{TK_DOWN, 'j', SIGN_IN_SCROLL, NULL, "One row down"},
	{TK_UP, 'k', SIGN_IN_SCROLL, NULL, "One row up"},
	{TK_PAGE_DOWN, ' ', SIGN_IN_SCROLL, NULL, "One page down"},
	{TK_PAGE_UP, 'b', SIGN_IN_SCROLL, NULL, "One page up"},
	{0},
};

static const struct keymap keymaps[] = {{.title = "Sign in", .bindings = keys}, {0}};

const struct view_ops view_sign_in = {
	.name = "sign-in",
	.title = "Sign in",
	.keys = keymaps,
	.state_size = sizeof(struct sign_in),
	.open = sign_in_open,
	.draw = sign_in_draw,
	.act = sign_in_act,
	.close = sign_in_close,
	.work = sign_in_work,
};
