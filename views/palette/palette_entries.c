/* What can be done from anywhere by its name: actions on the rows, the keys of the view and of the
 * console, pages of help, themes. What cannot be done here says why. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/estate/topics/topic.h"
#include "backend/sandbox/sandbox.h"
#include "tui/words.h"
#include "views/app/keymap.h"
#include "views/list/subjects.h"
#include "views/palette/palette_state.h"
#include "views/wizard/wizard.h"

const struct palette_place palette_places[PALETTE_PLACES] = {
	{&kind_account, &view_accounts}, {&kind_vault, &view_vaults}, {&kind_key, &view_keys}};

static struct entry *
add(struct entries *out, enum entry_of of, const char *name, const char *what)
{
	struct entry *entry;

	out->at = mem_resize(out->at, (out->len + 1) * sizeof *out->at);
	entry = &out->at[out->len++];
	*entry = (struct entry){.of = of};
	snprintf(entry->name, sizeof entry->name, "%s", name);
	snprintf(entry->what, sizeof entry->what, "%s", what);
	return entry;
}

/* "Rotate · kv1/key1" */
static void
name_action(const struct plan_def *plan, const struct actions_argument *on, char *out, size_t room)
{
	char about[SUBJECT_NAME + 16], name[SUBJECT_NAME];

	if (on->subjects_len > 1)
		snprintf(about, sizeof about, _("%zu marked"), on->subjects_len);
	else
		snprintf(about, sizeof about, "%s", subjects_name(&on->subjects[0], name));
	snprintf(out, room, on->subjects[0].id.name[0] ? "%.60s · %.80s" : "%.60s", _(plan->title),
		about);
}

static void
add_actions(struct entries *out, const struct view *under)
{
	struct actions_argument on = {0};
	struct action actions[ACTIONS_MAX];
	size_t len;

	if (under->ops->subjects == NULL || !under->ops->subjects(under, &on))
		return;
	len = actions_of(app_of(under), &on, actions);
	for (size_t i = 0; i < len; i++) {
		struct entry *entry = add(out, OF_ACTION, "", _(actions[i].plan->summary));

		name_action(actions[i].plan, &on, entry->name, sizeof entry->name);
		entry->plan = actions[i].plan;
		entry->why_not = actions[i].why_not;
	}
	subjects_free(&on);
}

/* Moving about is quicker done than named. */
static bool
is_movement(const struct binding *binding)
{
	return (binding->key >= TK_UP && binding->key <= TK_END) || binding->key == TK_CLICK ||
	       binding->key == TK_ESC;
}

static void
add_map(struct entries *out, const struct view *under, enum entry_of of, const struct keymap *map)
{
	const struct keys *keys = app_options(app_of(under))->keys;
	char name[KEY_NAME], first[16], second[16];

	for (const struct binding *b = map->bindings; b->action; b++) {
		struct binding now = keymap_of(keys, under->ops, b);
		struct entry *entry;

		if (keymap_name(b, name)[0] == '\0' || is_movement(b))
			continue;
		entry = add(out, of, name, _(b->help));
		entry->binding = b;
		if (of == OF_VIEW && view_begins(under, b->action))
			entry->why_not = wizard_why_not(app_of(under));
		snprintf(entry->keys, sizeof entry->keys, "%s%s%s", key_label(now.key, first),
			now.twin ? " " : "", now.twin ? key_label(now.twin, second) : "");
	}
}

static void
add_view_keys(struct entries *out, const struct view *under)
{
	unsigned active = under->ops->active ? under->ops->active(under) : ~0u;

	for (size_t i = 0; under->ops->keys && under->ops->keys[i].bindings; i++)
		if (active >> i & 1)
			add_map(out, under, OF_VIEW, &under->ops->keys[i]);
}

static void
add_themes(struct entries *out)
{
	char names[400], name[80];

	theme_names(names, sizeof names);
	for (const char *at = names; *(at += strspn(at, " ")); at += strcspn(at, " ")) {
		snprintf(name, sizeof name, "theme %.*s", (int)strcspn(at, " "), at);
		add(out, OF_THEME, name, _("Colours of the console, until it is left"));
	}
}

void
entries_make(struct entries *out, const struct view *under)
{
	add_actions(out, under);
	add_map(out, under, OF_CONSOLE, &app_keys[0]);
	add_view_keys(out, under);
	for (size_t i = 0; i < topics_len; i++)
		add(out, OF_TOPIC, topics[i]->name, _(topics[i]->title));
	add(out, OF_DEMO, "demo", _("The demo estate of the sandbox"));
	add_themes(out);
}

/* The list under it may have changed since the entry was made. */
static void
take_action(struct app *app, const struct entry *entry)
{
	const struct view *view = app_top(app);
	struct action action = {.plan = entry->plan, .why_not = entry->why_not};
	struct actions_argument on = {0};
	char name[sizeof entry->name] = "";

	if (view->ops->subjects(view, &on))
		name_action(entry->plan, &on, name, sizeof name);
	if (strcmp(name, entry->name) == 0)
		actions_begin(app, &on, &action);
	else
		app_say(app, ROLE_MESSAGE, "%s", _("The rows have changed: look again"));
	subjects_free(&on);
}

/* What the view was at when the entry was made may be over. */
static void
take_binding(struct view *view, const struct binding *binding)
{
	unsigned active = view->ops->active ? view->ops->active(view) : ~0u;

	for (size_t i = 0; view->ops->keys[i].bindings; i++)
		for (const struct binding *b = view->ops->keys[i].bindings; b->action; b++)
			if (b == binding && (active >> i & 1)) {
				view->ops->act(view, b->action, b->key);
				return;
			}
	app_say(view->app, ROLE_MESSAGE, "%s", _("It cannot be done any more: look again"));
}

static void
take_theme(struct app *app, const char *name)
{
	struct err err = {0};

	if (!theme_load(name, &err))
		app_say_err(app, &err);
}

static void
take_row(struct app *app, const struct entry *entry)
{
	struct list_argument argument = {
		.title = entry->kind->title, .filter = "", .row = &entry->row};

	for (size_t i = 0; i < PALETTE_PLACES; i++)
		if (palette_places[i].kind == entry->kind)
			app_push(app, palette_places[i].view, &argument);
}

void
entry_take(struct app *app, const struct entry *entry)
{
	struct view *view = app_top(app);

	switch (entry->of) {
	case OF_ACTION:
		take_action(app, entry);
		break;
	case OF_VIEW:
		take_binding(view, entry->binding);
		break;
	case OF_CONSOLE:
		app_act(app, entry->binding->action);
		break;
	case OF_TOPIC:
		app_push(app, &view_topic, entry->name);
		break;
	case OF_DEMO:
		app_push(app, &view_text,
			&(struct text_argument){
				_("The demo estate of the sandbox"), sandbox_demo_help, false});
		break;
	case OF_THEME:
		take_theme(app, entry->name + strlen("theme "));
		break;
	case OF_ROW:
		take_row(app, entry);
		break;
	}
}
