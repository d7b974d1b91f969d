/* The first thing somebody sees who has no credentials here: not an error but the ways to go on. */
#include <stdio.h>

#include "tui/words.h"
#include "views/app/view.h"
#include "views/page/page.h"

enum { START_SANDBOX = 1, START_TOUR, START_SIGN_IN, START_DOCTOR, START_SCROLL };

struct start {
	struct page page;
};

static bool
start_open(struct view *view, const void *argument, struct err *err)
{
	struct start *start = view->state;
	struct page *page = &start->page;
	const char *why = app_options(app_of(view))->why;

	(void)argument;
	(void)err;
	page_head(page, _("claviger: customer-managed keys for Azure services"));
	page_text(page, ROLE_TEXT, 0,
		_("It moves accounts from Microsoft-managed keys to keys of your own, shows which key "
		  "opens which account, and proves that it does."));
	page_head(page, _("What to do"));
	page_field(page, _("s  sandbox"), ROLE_TEXT,
		_("Try everything on a small estate in this program: no Azure; it goes when you "
		  "leave; claviger --sandbox=DIR keeps one"));
	page_field(page, _("l  learn"), ROLE_TEXT,
		_("Take the tour: onboard an account, then answer an alarm"));
	page_field(page, _("i  sign in"), ROLE_TEXT,
		_("Sign in with a code that you enter in a browser anywhere"));
	page_field(page, _("d  doctor"), ROLE_TEXT,
		_("Leave, and tell why each credential was not used"));
	page_field(page, _("t  self-test"), ROLE_TEXT, _("Test the RSA of this machine"));
	page_field(page, _("?  help"), ROLE_TEXT, _("The keys of this console"));
	page_field(page, _("q  quit"), ROLE_TEXT, _("Leave"));
	page_head(page, _("Not signed in"));
	page_text(page, ROLE_TEXT, 0, "%s",
		why ? why
		    : _("No credentials were found: set AZURE_TENANT_ID, AZURE_CLIENT_ID and "
			"AZURE_CLIENT_SECRET, then start claviger again."));
	page_text(page, ROLE_TEXT, 0, _("Secrets are never taken from options."));
	return true;
}

static void
start_draw(struct view *view, struct area area)
{
	struct start *start = view->state;

	area.x += 2;
	area.y++;
	area.h--;
	area.w = area.w - 4 < 84 ? area.w - 4 : 84;
	page_draw(&start->page, area);
}

static bool
start_act(struct view *view, int action, key_code key)
{
	struct start *start = view->state;

	if (action == START_SANDBOX)
		app_quit(app_of(view), APP_SANDBOX);
	else if (action == START_TOUR)
		app_quit(app_of(view), APP_TOUR);
	else if (action == START_SIGN_IN)
		app_push(app_of(view), &view_sign_in, NULL);
	else if (action == START_DOCTOR)
		app_quit(app_of(view), APP_DOCTOR);
	else
		return action && page_key(&start->page, key, true);
	return true;
}

static void
start_close(struct view *view)
{
	page_free(&((struct start *)view->state)->page);
}

static const struct binding keys[] = {
	{'s', KEY_NOTHING, START_SANDBOX, "sandbox", "Open the console on the embedded sandbox"},
	{'l', KEY_NOTHING, START_TOUR, "learn", "Take the tour, on a sandbox of its own"},
	{'i', KEY_NOTHING, START_SIGN_IN, "sign in", "Sign in with a code in a browser"},
	{'d', KEY_NOTHING, START_DOCTOR, "doctor", "Leave and run the doctor"},
	{TK_DOWN, 'j', START_SCROLL, NULL, "One row down"},
	{TK_UP, 'k', START_SCROLL, NULL, "One row up"},
	{TK_PAGE_DOWN, ' ', START_SCROLL, NULL, "One page down"},
	{TK_PAGE_UP, 'b', START_SCROLL, NULL, "One page up"},
	{TK_HOME, 'g', START_SCROLL, NULL, "To the beginning"},
	{TK_END, 'G', START_SCROLL, NULL, "To the end"},
	{0},
};

static const struct keymap keymaps[] = {{.title = "Start", .bindings = keys}, {0}};

const struct view_ops view_start = {
	.name = "start",
	.title = "Start",
	.keys = keymaps,
	.state_size = sizeof(struct start),
	.open = start_open,
	.draw = start_draw,
	.act = start_act,
	.close = start_close,
};
