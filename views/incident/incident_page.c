/* What an operator under stress reads: few words, the worst first, and never a zero for what could
 * not be read. */
#include "views/incident/incident_page.h"

#include <stdio.h>
#include <string.h>

#include "backend/json/json.h"
#include "tui/edit.h"
#include "tui/said.h"
#include "tui/words.h"
#include "views/incident/incident_state.h"
#include "views/value.h"

static int
choice(struct area area, int y, bool here, char key, const char *title, const char *what)
{
	struct area below = {area.y + y + 1, area.x + 4, area.h - y - 1, area.w - 4};

	draw_textf(area, y, 0, here ? ROLE_ACCENT : ROLE_TEXT, "%s %c  %s",
		here ? draw_glyph(GLYPH_CURRENT) : " ", key, title);
	if (here)
		draw_cursor(area, y, 0);
	return y + 2 + draw_wrapped(below, 0, ROLE_DIM, what);
}

static void
draw_question(const struct incident *incident, struct area area)
{
	int y = 1;

	draw_text(area, 0, 0, ROLE_ACCENT, _("What has happened?"));
	if (incident->here.key[0])
		draw_textf(area, y++, 0, ROLE_TEXT, _("Under the cursor: %s/%s"),
			incident->here.vault, incident->here.key);
	y = choice(area, y + 1, !incident->chosen, 's',
		_("Key material was stolen, or may have been copied"),
		_("Cutting it now would take every account down, and the thief's copy would go on "
		  "working. So: nobody may make another copy; a new key in another vault; every "
		  "account moved there and proved; the old key disabled last."));
	y = choice(area, y, incident->chosen, 'd', _("Data must go dark now"),
		_("Cut first: disable the versions in use, or take what opens the key, or both; then "
		  "watch each account until its own service refuses. What the way back needs is "
		  "written down before."));
	draw_wrapped((struct area){area.y + y, area.x, area.h - y, area.w}, 0, ROLE_DIM,
		_("Nothing is changed before the key's name is typed."));
}

static void
draw_keys(struct incident *incident, struct area area)
{
	struct area line = {area.y, area.x, 1, area.w}, list = area;

	int label = draw_text(line, 0, 0, ROLE_ACCENT, _("Key:")) + 1;

	list.y += 2;
	list.h -= 2;
	incident->rows = list.h > 1 ? list.h - 1 : 1;
	table_draw(&incident->table, list,
		estate_busy(incident->estate)
			? _("Reading: keys appear as they come; VAULT/NAME may be typed at once")
			: _("No key is known: type VAULT/NAME"));
	place_note(&incident->place, incident->estate, &kind_key, &incident->table);
	edit_draw(
		line, 0, label, line.w - label, ROLE_INPUT, incident->text, incident->caret, true);
}

/* How many accounts, and what becomes of them; sure: none can be missing. */
static void
say_fate(struct page *page, bool stolen, bool sure, size_t len)
{
	if (stolen)
		page_head(page,
			sure ? _n("%zu account moves to another key",
				       "%zu accounts move to another key", len)
			     : _n("%zu account moves to another key, as far as is known",
				       "%zu accounts move to another key, as far as is known", len),
			len);
	else
		page_head(page,
			sure ? _n("%zu account goes dark", "%zu accounts go dark", len)
			     : _n("%zu account goes dark, as far as is known",
				       "%zu accounts go dark, as far as is known", len),
			len);
}

/* Only on evidence: whose state is not known is counted as going dark. */
static bool
is_cut(const json_t *account)
{
	return strcmp(json_str(account, "state"), "locked") == 0;
}

static void
say_account(struct page *page, const json_t *account)
{
	char version[VALUE_SHORT + 3], identity[160];
	const char *slash;

	value_text(account, "identity", identity, sizeof identity);
	slash = strrchr(identity, '/');
	page_text(page, ROLE_TEXT, 0, _("%s: version %s, %s, by %s"), json_str(account, "name"),
		*json_str(account, "version") ? value_short(json_str(account, "version"), version)
					      : _("not known"),
		*json_str(account, "mode") ? _(json_str(account, "mode")) : _("mode not known"),
		slash ? slash + 1 : identity);
	if (is_cut(account))
		page_text(page, ROLE_WARN, 2, _("cut off already: %s"),
			said(json_str(account, "why"), (char[SAID]){0}));
}

static void
say_accounts(struct page *page, const json_t *impact, bool stolen)
{
	const json_t *accounts = json_object_get(impact, "accounts"), *dark, *one;
	size_t i, cut = 0, len = json_array_size(accounts);
	bool sure = json_array_size(json_object_get(impact, "unknown")) == 0;

	json_array_foreach((json_t *)accounts, i, one)
	{
		cut += is_cut(one);
	}
	say_fate(page, stolen, sure, stolen ? len : len - cut);
	if (cut)
		page_text(page, ROLE_WARN, 0,
			_n("%zu account is cut off already", "%zu accounts are cut off already",
				cut),
			cut);
	json_array_foreach((json_t *)accounts, i, one)
	{
		say_account(page, one);
	}
	dark = stolen ? NULL : json_object_get(impact, "goesDark");
	json_array_foreach((json_t *)dark, i, one)
	{
		page_text(page, ROLE_DANGER, 2, "%s: %s", json_str(one, "service"),
			_(json_str(one, "what")));
	}
}

static void
say_unknown(struct page *page, const json_t *impact)
{
	const json_t *unknown = json_object_get(impact, "unknown"), *one;
	size_t i;

	page_head(page, _("Not known"));
	if (json_array_size(unknown) == 0)
		page_text(page, ROLE_OK, 0, _("nothing that concerns this key"));
	json_array_foreach((json_t *)unknown, i, one)
	{
		page_item(page, ROLE_WARN, "%s %s: %s", draw_glyph(GLYPH_UNKNOWN),
			json_str(one, "what"), said(json_str(one, "why"), (char[SAID]){0}));
	}
}

static void
say_others(struct page *page, const json_t *impact)
{
	const json_t *shared = json_object_get(impact, "shared"), *one, *opens, *other;
	const json_t *others = json_object_get(impact, "others");
	size_t i, k;

	page_head(page, _("What else hangs on it"));
	if (json_array_size(shared) + json_array_size(others) == 0)
		page_text(page, ROLE_TEXT, 0, _("nothing that is known of"));
	json_array_foreach((json_t *)shared, i, one)
	{
		const char *slash = strrchr(json_str(one, "identity"), '/');

		opens = json_object_get(one, "opens");
		json_array_foreach((json_t *)opens, k, other)
		{
			page_text(page, ROLE_WARN, 0, _("%s opens %s of %s as well"),
				slash ? slash + 1 : json_str(one, "identity"),
				json_str(other, "key"), json_str(other, "account"));
		}
	}
	json_array_foreach((json_t *)others, i, one)
	{
		page_text(page, ROLE_WARN, 0, _("%s holds it as well%s%s"), json_str(one, "name"),
			*json_str(one, "type") ? _(", a ") : "", json_str(one, "type"));
	}
}

static void
say_works(struct page *page, const json_t *impact)
{
	const json_t *works = json_object_get(impact, "stillWorks"), *one;
	size_t i;

	page_head(page, _("What a cut does not stop"));
	json_array_foreach((json_t *)works, i, one)
	{
		const char *service = json_str(one, "service");

		page_text(page, ROLE_TEXT, 0, "%s%s%s", service, *service ? ": " : "",
			_(json_str(one, "works")));
		page_text(page, ROLE_DIM, 2, _("source: %s"), json_str(one, "source"));
	}
}

void
incident_tell(struct page *page, const json_t *impact, bool stolen)
{
	say_accounts(page, impact, stolen);
	say_unknown(page, impact);
	say_others(page, impact);
	say_works(page, impact);
}

static void
draw_impact(struct incident *incident, struct area area)
{
	struct page *page = &incident->page;
	char line[300];

	page_clear(page);
	page_text(page, ROLE_ACCENT, 0, "%s %s/%s", _(incident->plan->title),
		incident->subject.key.vault, incident->subject.key.key);
	page_text(page, ROLE_TEXT, 0,
		_("Enter goes on to how; nothing is cut before \"%s\" is typed."),
		incident->subject.key.key);
	if (incident->impact)
		incident_tell(page, incident->impact, incident->plan == &plan_evacuate);
	else
		page_text(page, ROLE_DIM, 0, _("Whom it hits is being found out%s"),
			draw_glyph(GLYPH_ELLIPSIS));
	page_head(page, _("The same on the command line"));
	snprintf(line, sizeof line, "claviger impact %s/%s", incident->subject.key.vault,
		incident->subject.key.key);
	page_literal(page, ROLE_TEXT, 2, line);
	page_draw(page, area);
	draw_cursor(area, 0, 0);
}

void
incident_draw(struct view *view, struct area area)
{
	struct incident *incident = view->state;

	area.x++;
	area.w -= 2;
	draw_clear(area);
	switch (incident->at) {
	case INCIDENT_QUESTION:
		draw_question(incident, area);
		break;
	case INCIDENT_KEY:
		draw_keys(incident, area);
		break;
	case INCIDENT_IMPACT:
		draw_impact(incident, area);
		break;
	}
}
