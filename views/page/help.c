/* The keys of the view one came from, printed from its own tables: nothing is typed twice.
 * Searching goes through those of every view, the topics and the demo estate as well. */
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/estate/topics/topic.h"
#include "backend/sandbox/sandbox.h"
#include "tui/prompt.h"
#include "tui/words.h"
#include "views/app/keymap.h"
#include "views/page/reading.h"

enum { HELP_SEARCH = 100, HELP_EVERY, HELP_TYPING };
enum { MAP_PAGE, MAP_NEXT, MAP_READING, MAP_TYPING };

struct help {
	struct reading_view reading; /* first, for what reading views share */
	struct view *view;
	const struct view_ops *of;
	unsigned now;         /* its maps that held when the help was opened, bits */
	struct prompt prompt; /* what is searched for */
	bool typing, every;
	const char *head; /* to be written before the next line of its group; NULL: it was */
	const char *group;
};

/* "Esc Backspace" */
static void
name_keys(const struct binding *binding, char *out, size_t room)
{
	char first[16], second[16] = "";

	key_label(binding->key, first);
	if (binding->twin)
		key_label(binding->twin, second);
	snprintf(out, room, "%s %s", first, second);
}

/* Whether a text is searched for; without a search everything is. */
static bool
wanted(const struct help *help, const char *text)
{
	size_t len = strlen(help->prompt.text);

	for (; *text; text++)
		if (text_case_starts(text, help->prompt.text))
			return true;
	return len == 0;
}

static void
begin_group(struct help *help, const char *group, const char *head)
{
	help->group = group;
	help->head = head;
}

/* A heading is written once something stands under it. */
static void
write_head(struct help *help)
{
	if (help->head && help->group)
		page_head(&help->reading.page, "%s: %s", help->group, help->head);
	else if (help->head)
		page_head(&help->reading.page, "%s", help->head);
	help->head = NULL;
}

static void
add_text(struct help *help, enum role role, const char *text)
{
	if (!wanted(help, text))
		return;
	write_head(help);
	page_text(&help->reading.page, role, 0, "%s", text);
}

static void
add_map(struct help *help, const struct view_ops *view, const struct keymap *map, bool names)
{
	const struct keys *keys = app_options(app_of(help->view))->keys;

	for (const struct binding *b = map->bindings; b->action; b++) {
		struct binding now = keymap_of(keys, view, b);
		char label[40], name[KEY_NAME];

		name_keys(&now, label, sizeof label);
		keymap_name(b, name);
		if (!wanted(help, _(b->help)) && !wanted(help, name))
			continue;
		write_head(help);
		page_field(&help->reading.page, label, ROLE_TEXT,
			names && name[0] ? "%s  [%s]" : "%s", _(b->help), name);
	}
}

/* Those of first (bits) before the others. names: what they are called in the configuration is told
 * too. */
static void
add(struct help *help, const struct view_ops *view, const char *group, const struct keymap *maps,
	unsigned first, bool names)
{
	for (int later = 0; later <= 1; later++)
		for (size_t i = 0; maps && maps[i].bindings; i++) {
			if ((first >> i & 1) == (unsigned)later)
				continue;
			begin_group(help, group, _(maps[i].title));
			add_map(help, view, &maps[i], names);
		}
}

static void
add_marks(struct page *page)
{
	page_head(page, _("What cells and steps say"));
	page_field(page, draw_glyph(GLYPH_ELLIPSIS), ROLE_TEXT, _("being read"));
	page_field(page, draw_glyph(GLYPH_UNKNOWN), ROLE_TEXT,
		_("unknown: could not be read, or no right to read it (N tells why)"));
	page_field(page, draw_glyph(GLYPH_NONE), ROLE_TEXT,
		_("known to be none; of a step: not needed"));
	page_field(page, "+", ROLE_TEXT,
		_("of a number of findings: more may be found, only the lists were looked at"));
	page_field(page, draw_glyph(GLYPH_DONE), ROLE_TEXT, _("done, and seen to be so"));
	page_field(page, draw_glyph(GLYPH_CURRENT), ROLE_TEXT, _("next, or running"));
	page_field(page, draw_glyph(GLYPH_FAILED), ROLE_TEXT, _("failed"));
	page_field(page, draw_glyph(GLYPH_WARNED), ROLE_TEXT,
		_("of a value that is typed: it can be had, but read what is said of it"));
}

static void
add_topics(struct help *help)
{
	for (size_t i = 0; i < topics_len; i++) {
		const struct topic *topic = topics[i];

		begin_group(help, topic->name, _(topic->title));
		for (size_t s = 0; s < topic->statements_len; s++)
			add_text(help, ROLE_TEXT, _(topic->statements[s].text));
	}
}

static void
add_demo(struct help *help)
{
	const char *at = sandbox_demo_help;
	char line[400];

	begin_group(help, NULL, _("The demo estate of the sandbox"));
	while (*at) {
		size_t len = strcspn(at, "\n");

		snprintf(line, sizeof line, "%.*s", (int)len, at);
		add_text(help, ROLE_TEXT, line);
		at += len + (at[len] == '\n');
	}
}

static void
add_every(struct help *help)
{
	const struct view_ops *view;

	for (size_t i = 0; (view = keymap_view(i)); i++)
		add(help, view, _(view->title), view->keys, ~0u, true);
}

/* What redaction does not do must be known before a screen is shared. */
static void
add_redaction(struct help *help)
{
	begin_group(help, NULL, _("While names are redacted"));
	add_text(help, ROLE_TEXT,
		_("Names, ids, tenants and users stand as words such as account#3, the same word "
		  "for the same thing on every page; copies have these words too."));
	add_text(help, ROLE_TEXT,
		_("Whoever is asked to type a name types the real one, shown as stars: a word such "
		  "as key#2 confirms nothing. Other letters that are typed can be seen."));
	add_text(help, ROLE_TEXT,
		_("Files that are written (timelines, bundles) hold the real names, after a "
		  "question. Requests and filters work with the real names."));
}

static void
write_page(struct help *help)
{
	struct page *page = &help->reading.page;
	bool searching = help->prompt.text[0] != '\0';

	page_clear(page);
	if (!help->every && !searching)
		add(help, help->of, NULL, help->of->keys, help->now, false);
	else
		add_every(help);
	add(help, help->of, NULL, app_keys, ~0u, help->every || searching);
	if (!searching)
		add_marks(page);
	add_redaction(help);
	if (searching) {
		add_topics(help);
		add_demo(help);
	} else {
		begin_group(help, NULL, _("More"));
		add_text(help, ROLE_TEXT,
			_("/ searches the keys of every view, the topics and the demo estate; a "
			  "shows the keys of every view with the names that a section [keys] of the "
			  "configuration can move them by; E lists topics and codes."));
	}
	if (page->len == 0)
		page_text(page, ROLE_DIM, 0, "%s", _("Nothing in the help has these letters"));
}

static bool
help_open(struct view *view, const void *argument, struct err *err)
{
	struct help *help = view->state;
	const struct view *of = argument;

	(void)err;
	help->view = view;
	help->of = of->ops;
	help->now = of->ops->active ? of->ops->active(of) : ~0u;
	snprintf(help->reading.title, sizeof help->reading.title, _("Help for %s"),
		_(of->ops->title));
	write_page(help);
	return true;
}

static void
type(struct help *help, key_code key)
{
	enum prompt_result result = prompt_key(&help->prompt, key);

	help->typing = result == PROMPT_OPEN;
	if (result == PROMPT_CANCELLED)
		help->prompt.text[0] = '\0';
	help->reading.page.top = 0;
	write_page(help);
}

static bool
help_act(struct view *view, int action, key_code key)
{
	struct help *help = view->state;

	if (help->typing) {
		type(help, key);
		return true;
	}
	switch (action) {
	case HELP_SEARCH:
		prompt_start(&help->prompt, _("Search the help: "), help->prompt.text, false);
		help->typing = true;
		return true;
	case HELP_EVERY:
		help->every = !help->every;
		help->prompt.text[0] = '\0';
		help->reading.page.top = 0;
		write_page(help);
		return true;
	default:
		return reading_act(view, action, key);
	}
}

static bool
help_line(struct view *view, struct area line)
{
	struct help *help = view->state;

	if (help->typing)
		prompt_draw(&help->prompt, line);
	return help->typing;
}

static void
help_status(const struct view *view, char *out, size_t room)
{
	const struct help *help = view->state;

	if (help->prompt.text[0])
		snprintf(out, room, _("found: %s"), help->prompt.text);
}

static unsigned
help_active(const struct view *view)
{
	return ((const struct help *)view->state)->typing
		       ? 1u << MAP_TYPING
		       : 1u << MAP_PAGE | 1u << MAP_NEXT | 1u << MAP_READING;
}

static const struct binding keys[] = {
	{'/', KEY_NOTHING, HELP_SEARCH, N_("search"),
		N_("Search the help: keys, topics and the demo estate")},
	{'a', KEY_NOTHING, HELP_EVERY, N_("every view"),
		N_("The keys of every view, and what they are called in the configuration")},
	{0},
};

static const struct binding typing_keys[] = {
	{TK_ENTER, KEY_NOTHING, HELP_TYPING, N_("keep it"), N_("Read what was found")},
	{TK_ESC, KEY_CTRL('g'), HELP_TYPING, N_("all of it"), N_("Show all of the help again")},
	{0},
};

static const struct keymap keymaps[] = {
	[MAP_PAGE] = {.title = N_("The help"), .bindings = keys},
	[MAP_NEXT] = {.title = N_("A long page"), .bindings = reading_next},
	[MAP_READING] = {.title = N_("This page"), .bindings = reading_moves},
	[MAP_TYPING] = {.title = N_("While something is searched for"),
		.bindings = typing_keys,
		.typing = true},
	{0},
};

const struct view_ops view_help = {
	.name = "help",
	.title = N_("Help"),
	.keys = keymaps,
	.state_size = sizeof(struct help),
	.open = help_open,
	.draw = reading_draw,
	.act = help_act,
	.close = reading_close,
	.active = help_active,
	.crumb = reading_crumb,
	.copy = reading_copy,
	.status = help_status,
	.draw_line = help_line,
};
