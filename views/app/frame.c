/* The lines around a view: who and where at the top, what happened and what keys do at the foot. */
#include <stdio.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/base/text.h"
#include "backend/estate/posture_estate.h"
#include "tui/bar.h"
#include "tui/words.h"
#include "views/app/app_state.h"
#include "views/app/keymap.h"
#include "views/tour/tour.h"

enum { SHORT_ID = 6, WIDE_FROM = 110, ROOMY_FROM = 160, PATIENCE_MS = 2000 };
enum { PROGRESS_LEAST = 100, PROGRESS_MS = 1000 };
enum { BRIEF = 48 };
enum { MINUTE_S = 60, HOUR_S = 3600, DAY_S = 86400 };

void
frame_read_at(struct app *app)
{
	struct estate *estate = app->options.estate;
	int age = estate ? estate_age(estate) : -1;
	time_t at = clock_wall() - age;
	struct tm tm;

	if (age < 0 || estate_busy(estate) || localtime_r(&at, &tm) == NULL)
		return;
	app->tried_at[0] = '\0';
	if (estate_notes(estate))
		strftime(app->tried_at, sizeof app->tried_at, "%H:%M:%S", &tm);
	else
		strftime(app->read_at, sizeof app->read_at, "%H:%M:%S", &tm);
}

/* A whole id where there is room, else enough of it to tell two apart. */
static void
add_id(char *out, size_t room, const char *id, int columns)
{
	if (columns >= WIDE_FROM || strlen(id) <= SHORT_ID)
		snprintf(out, room, "%s", id);
	else
		snprintf(out, room, "%.*s%s", SHORT_ID, id, draw_glyph(GLYPH_ELLIPSIS));
}

/* A person's name whole where there is room, else without the domain. */
static void
add_name(char *out, size_t room, const char *name, int columns)
{
	size_t len = strcspn(name, "@");

	if (columns >= WIDE_FROM || name[len] == '\0')
		snprintf(out, room, "%s", name);
	else
		snprintf(out, room, "%.*s", (int)len, name);
}

/* The name that people know it by, once that is known, and how many there are beside it. */
static void
add_tenant(char *out, size_t room, const struct session *session, int columns)
{
	const char *domain = session_tenant_domain(session);
	size_t others = session_tenants(session) - 1, used;

	if (domain[0])
		snprintf(out, room, "%s", domain);
	else
		add_id(out, room, session_tenant(session), columns);
	used = strlen(out);
	if (others)
		snprintf(out + used, room - used, " +%zu", others);
}

/* What must not be overlooked: that nothing here is real, or that all of it is. */
static void
draw_mark(const struct app *app, struct area line, const char *left, const char *right)
{
	const struct profile *profile = session_profile(app->options.session);
	const char *what = profile->sandbox ? _("SANDBOX") : profile->banner;
	char mark[120];

	snprintf(mark, sizeof mark, "%s%s%s", what, *what && app->redacting ? " · " : "",
		app->redacting ? _("REDACTED") : "");
	bar_title(line, left, right, mark[0] ? mark : NULL,
		profile->sandbox ? ROLE_SANDBOX : ROLE_DANGER);
}

static void
draw_title(const struct app *app, struct area line)
{
	const struct app_options *o = &app->options;
	const char *crumb = draw_glyph(GLYPH_CRUMB), *who;
	char left[400], right[200], tenant[160], scope[120];
	size_t subscriptions, used;

	if (o->session == NULL) {
		bar_title(line, "claviger", _("not signed in"), NULL, ROLE_TITLE);
		return;
	}
	subscriptions = o->estate ? estate_subscriptions_seen(o->estate) : 0;
	if (subscriptions)
		snprintf(scope, sizeof scope,
			_n("%zu subscription", "%zu subscriptions", subscriptions), subscriptions);
	else
		snprintf(scope, sizeof scope, "%s",
			app->tried_at[0] ? _("not readable") : _("not read yet"));
	add_tenant(tenant, sizeof tenant, o->session, line.w);
	used = (size_t)snprintf(
		left, sizeof left, "claviger  %.99s", session_cloud(o->session)->name);
	if (tenant[0])
		used += (size_t)snprintf(left + used, sizeof left - used, " %s %s", crumb, tenant);
	snprintf(left + used, sizeof left - used, " %s %s", crumb, scope);
	who = session_client_id(o->session);
	if (session_operator(o->session)[0])
		add_name(right, sizeof right, session_operator(o->session), line.w);
	else if (who[0])
		add_id(right, sizeof right, who, line.w >= ROOMY_FROM ? line.w : 0);
	else
		snprintf(right, sizeof right, _("not signed in"));
	snprintf(right + strlen(right), sizeof right - strlen(right), " · %s",
		session_profile(o->session)->read_only ? _("read-only") : _("read-write"));
	draw_mark(app, line, left, right);
}

static const char *
tab_key(const struct app *app, size_t i, char label[KEY_LABEL])
{
	int action = app->roots[i] == &view_incident ? APP_INCIDENT : APP_TAB + (int)i;

	return app_key(app, NULL, 0, action, label);
}

/* What was found wrong, and the key that lists it. More may be found where only the lists were
 * looked at (+); what is being looked through again has its number of before. */
static void
describe_findings(const struct app *app, char *out, size_t room, char brief[BRIEF])
{
	struct posture_sight sight = posture_sight(app->options.estate);
	const char *being_read = draw_glyph(GLYPH_ELLIPSIS);
	const char *more = !sight.fresh ? being_read : sight.whole ? "" : "+";
	char label[KEY_LABEL];
	const char *key = app_key(app, NULL, 0, APP_FINDINGS, label);

	if (sight.known) {
		snprintf(out, room,
			_n("%s %zu%s finding", "%s %zu%s findings", *more ? 2 : sight.len), key,
			sight.len, more);
		snprintf(brief, BRIEF, "%s %zu%s", key, sight.len, more);
	} else {
		more = estate_busy(app->options.estate) ? being_read : draw_glyph(GLYPH_UNKNOWN);
		snprintf(out, room, _("%s %s findings"), key, more);
		snprintf(brief, BRIEF, "%s %s", key, more);
	}
}

static void
draw_tabs(const struct app *app, struct area line)
{
	struct bar_tab tabs[APP_TABS];
	char labels[APP_TABS][KEY_LABEL], right[160], brief[BRIEF];

	describe_findings(app, right, sizeof right, brief);
	for (size_t i = 0; i < app->tabs_len; i++) {
		tabs[i] = (struct bar_tab){tab_key(app, i, labels[i]), app->roots[i]->title};
		if (i != app->tab)
			for (size_t v = 0; v < app->tabs[i].depth; v++) {
				const struct view *view = app->tabs[i].stack[v];

				if (view->ops->work == NULL || !(view->ops->work(view) & VIEW_PLAN))
					continue;
				snprintf(right, sizeof right, _("a plan runs in %s"), labels[i]);
				snprintf(brief, sizeof brief, "%s %s", labels[i],
					draw_glyph(GLYPH_CURRENT));
			}
	}
	bar_tabs(line, tabs, app->tabs_len, app->tab, right, brief);
}

/* The names of the views that stand on each other in a tab, without the first few of them. */
static void
name_crumbs(const struct tab *tab, size_t first, char *out, size_t room)
{
	snprintf(out, room, "%s", first ? draw_glyph(GLYPH_ELLIPSIS) : "");
	for (size_t i = first; i < tab->depth; i++) {
		const struct view *view = tab->stack[i];
		size_t used = strlen(out);
		char name[200];

		/* The palette stands over a view, which stays where it is. */
		if (view->ops == &view_palette)
			continue;

		if (view->ops->crumb)
			view->ops->crumb(view, name, sizeof name);
		else
			snprintf(name, sizeof name, "%s", _(view->ops->title));
		snprintf(out + used, room - used, "%s%s%s%s", i ? " " : "",
			i ? draw_glyph(GLYPH_CRUMB) : "", i ? " " : "", name);
	}
}

/* Where we are, when that is not the tab itself: Accounts > aa-payroll > Onboard. Where there is no
 * room for all of it, that says more than how we came there. */
static bool
draw_crumbs(const struct app *app, struct area line)
{
	const struct tab *tab = &app->tabs[app->tab];
	size_t last = tab->depth - 1;
	char text[600];

	name_crumbs(tab, 0, text, sizeof text);
	if (strcmp(text, _(app->roots[app->tab]->title)) == 0)
		return false;
	if (tab->stack[last]->ops == &view_palette)
		last--;
	for (size_t first = 1; first <= last && text_width(text) > line.w - 2; first++)
		name_crumbs(tab, first, text, sizeof text);
	draw_clear(line);
	draw_text(line, 0, 1, ROLE_DIM, text);
	return true;
}

/* How old the rows of the last start are, in the largest unit that says something. Those of lists
 * that nobody looks at are nobody's concern, and are not read anew before somebody does. */
static void
add_stale(const struct app *app, char *out, size_t room)
{
	size_t used = strlen(out);
	long long age;
	time_t at;

	if (estate_stale(app->options.estate, app_parts(app), &at) == 0)
		return;
	age = (long long)clock_wall() - at;
	if (age < 1)
		age = 1;
	if (age >= 2 * DAY_S)
		snprintf(out + used, room - used, _("as of %lld days ago · "), age / DAY_S);
	else if (age >= HOUR_S)
		snprintf(out + used, room - used, _("as of %lld h ago · "), age / HOUR_S);
	else if (age >= MINUTE_S)
		snprintf(out + used, room - used, _("as of %lld min ago · "), age / MINUTE_S);
	else
		snprintf(out + used, room - used, _("as of %lld s ago · "), age);
}

/* Told as a time of the day, which stays right while nothing else happens. */
static void
add_patience(const struct session *session, char *out, size_t room)
{
	int ms = session ? session_patience_ms(session) : 0;
	time_t until = clock_wall() + ms / 1000;
	size_t used = strlen(out);
	struct tm tm;

	if (ms < PATIENCE_MS || localtime_r(&until, &tm) == NULL)
		return;
	snprintf(out + used, room - used, _("Azure asks for patience until "));
	used = strlen(out);
	strftime(out + used, room - used, "%H:%M:%S  ", &tm);
}

/* What is being read, or when it was read. Rows outlive a reading that fails, so the last whole one
 * is told as well, where there is room for it. */
static void
add_times(const struct app *app, bool whole, char *out, size_t room)
{
	const char *at = whole ? app->read_at : "", *last = *at ? _(", last read ") : "";
	size_t done, total;

	if (estate_busy(app->options.estate)) {
		estate_progress(app->options.estate, &done, &total);
		snprintf(out, room, _("reading %zu of %zu%s%s"), done, total, last, at);
	} else if (app->tried_at[0]) {
		snprintf(out, room, _("tried %s%s%s"), app->tried_at, last, at);
	} else if (app->read_at[0]) {
		snprintf(out, room, _("read %s"), app->read_at);
	}
}

/* Right end of the message line, in at most so many columns if it can be. */
static void
describe_reading(const struct app *app, int columns, char *out, size_t room)
{
	struct estate *estate = app->options.estate;
	size_t notes, used;

	out[0] = '\0';
	if (estate == NULL)
		return;
	notes = estate_notes(estate);
	if (notes)
		snprintf(out, room, _("%zu not readable: %s tells  "), notes,
			app_key(app, NULL, 0, APP_NOTES, (char[KEY_LABEL]){0}));
	add_stale(app, out, room);
	add_patience(app->options.session, out, room);
	used = strlen(out);
	add_times(app, true, out + used, room - used);
	if (text_width(out) > columns)
		add_times(app, false, out + used, room - used);
}

/* A sentence that is longer than the line takes rows of the body rather than losing its end, which
 * is where the remedy stands. */
static void
draw_sentence(struct area screen, enum role role, const char *text, bool question)
{
	struct area area = {screen.h - 2, 1, 1, screen.w - 2};
	int used;

	area.h = draw_rows(area.w, text);
	if (area.h > screen.h - 6)
		area.h = screen.h - 6;
	area.y -= area.h - 1;
	draw_clear((struct area){area.y, 0, area.h, screen.w});
	draw_wrapped(area, 0, role, text);
	used = text_width(text);
	if (question)
		draw_cursor(area, area.h - 1, area.h == 1 && used < area.w ? used : area.w - 1);
}

/* A reading that takes its time gets a bar with its rate; what was known of the list before stands
 * in the list itself. Nothing ticks: it is drawn when replies have come. */
static bool
draw_progress(struct app *app, struct area line)
{
	const struct estate *estate = app->options.estate;
	int64_t now = clock_mono_ms();
	char what[160] = "";
	size_t done, total;

	if (estate == NULL || !estate_busy(estate)) {
		app->reading_ms = 0;
		return false;
	}
	if (app->reading_ms == 0)
		app->reading_ms = now;
	estate_progress(estate, &done, &total);
	if (total < PROGRESS_LEAST || now - app->reading_ms < PROGRESS_MS)
		return false;
	add_stale(app, what, sizeof what);
	snprintf(what + strlen(what), sizeof what - strlen(what), "%s", _("reading"));
	bar_progress(line, what, done, total, (double)(now - app->reading_ms) / 1000);
	return true;
}

/* A view that shows its work here leaves room for why that does not go on. */
static bool
draw_view_line(struct app *app, struct view *view, struct area line)
{
	char patience[80] = "";
	struct area left = line;

	if (view->ops->draw_line == NULL)
		return false;
	if (!view_typing(view))
		add_patience(app->options.session, patience, sizeof patience);
	left.w -= text_width(patience);
	if (!view->ops->draw_line(view, left))
		return false;
	draw_text(line, 0, left.w, ROLE_WARN, patience);
	return true;
}

static void
draw_message(struct app *app, struct area screen)
{
	struct area line = {screen.h - 2, 0, 1, screen.w};
	struct view *view = app_top(app);
	char left[512] = "", right[120];

	draw_clear(line);
	if (app->question[0]) {
		draw_sentence(screen, ROLE_MESSAGE, app->question, true);
	} else if (app->say[0]) {
		draw_sentence(screen, app->say_role, app->say, false);
	} else if (!draw_view_line(app, view, line) && !draw_progress(app, line)) {
		if (app->pointer[0])
			snprintf(left, sizeof left, "%s", app->pointer);
		else if (view->ops->status)
			view->ops->status(view, left, sizeof left);
		describe_reading(app, line.w - text_width(left) - 3, right, sizeof right);
		bar_message(line, app->pointer[0] ? ROLE_WARN : ROLE_DIM, left,
			app->options.estate && estate_notes(app->options.estate) ? ROLE_WARN
										 : ROLE_DIM,
			right);
	}
}

/* Of the console's own keys those that do something here: from a page q goes back as Esc does. */
static void
common_bindings(const struct app *app, struct binding out[VIEW_BINDINGS_MAX])
{
	int idle = app->tabs[app->tab].depth > 1 ? APP_LEAVE : APP_BACK;
	size_t len = 0;

	for (const struct binding *b = app_keys[0].bindings; b->action; b++)
		if (b->action != idle)
			out[len++] = keymap_of(app->options.keys, NULL, b);
	out[len] = (struct binding){0};
}

static void
draw_hints(struct app *app, struct area line)
{
	static const struct binding asked[] = {{'y', KEY_NOTHING, 1, N_("yes"), NULL},
		{TK_ESC, KEY_NOTHING, 2, N_("no"), NULL}, {0}};
	struct binding bindings[VIEW_BINDINGS_MAX], common[VIEW_BINDINGS_MAX];
	struct binding typed[] = {app_binding(app, NULL, 0, APP_HELP), {0}};

	draw_clear(line);
	if (app->question[0]) {
		bar_hints(line, asked, NULL);
		return;
	}
	view_bindings(app_top(app), bindings);
	common_bindings(app, common);
	typed[0].key = keymap_typing(&typed[0]);
	if (typed[0].key == KEY_NOTHING)
		typed[0].hint = NULL;
	bar_hints(line, bindings, view_typing(app_top(app)) ? typed : common);
}

void
frame_draw(struct app *app)
{
	struct area screen = draw_screen(), body = screen;
	struct view *view = app_top(app);

	redact_look(app);
	app->too_small = screen.w < APP_COLUMNS_MIN || screen.h < APP_ROWS_MIN;
	draw_clear(screen);
	if (app->too_small) {
		draw_wrapped(screen, 0, ROLE_TEXT,
			_("claviger needs 60 columns and 15 rows: enlarge the window, or q to leave"));
		return;
	}
	draw_cursor(screen, screen.h - 1, 0);
	draw_title(app, (struct area){0, 0, 1, screen.w});
	body.y = 1;
	body.h = screen.h - 3;
	if (app->options.session) {
		draw_tabs(app, (struct area){body.y, 0, 1, screen.w});
		body.y++;
		body.h--;
	}
	if (draw_crumbs(app, (struct area){body.y, 0, 1, screen.w})) {
		body.y++;
		body.h--;
	}
	body.h -= tour_draw(app->tour, body);
	view->ops->draw(view, body);
	draw_message(app, screen);
	draw_hints(app, (struct area){screen.h - 1, 0, 1, screen.w});
}
