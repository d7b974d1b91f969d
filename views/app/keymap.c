/* A table of keys is also what a view understands, so a key that was chosen for something is turned
 * back into the key of the table before the view sees it. What was chosen is checked as a whole
 * once it is read: no key may come to mean two things at once. Two bindings that share a key by
 * their tables never hold together, or one of them hides the other on purpose: those stay. */
#include "views/app/keymap.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/config/config.h"
#include "views/app/view.h"
#include "views/near.h"

struct choice {
	const struct view_ops *view; /* NULL: every one */
	const struct binding *binding;
	key_code key, twin;
	char source[PATH_MAX + 16];
};

struct keys {
	struct choice *choices;
	size_t len;
};

static const struct view_ops *const views[] = {&view_accounts, &view_vaults, &view_keys,
	&view_policies, &view_posture, &view_activity, &view_incident, &view_wizard, &view_campaign,
	&view_actions, &view_versions, &view_operation, &view_wire, &view_exchange, &view_selftest,
	&view_messages, &view_palette, &view_help, &view_topics, &view_topic, &view_code,
	&view_text, &view_start, &view_sign_in};

const struct view_ops *
keymap_view(size_t i)
{
	return i < ARRAY_LEN(views) ? views[i] : NULL;
}

/* Words that tell nothing apart. */
static bool
is_small(const char *word, size_t len)
{
	static const char *const small[] = {
		"the", "a", "an", "of", "to", "it", "its", "this", "is"};

	for (size_t i = 0; i < ARRAY_LEN(small); i++)
		if (strlen(small[i]) == len && strncmp(small[i], word, len) == 0)
			return true;
	return false;
}

char *
keymap_name(const struct binding *binding, char out[KEY_NAME])
{
	const char *from = binding->hint ? binding->hint : binding->help;
	char words[KEY_NAME];
	size_t used = 0;

	out[0] = '\0';
	snprintf(words, sizeof words, "%.*s", (int)strcspn(from, ":;,.("), from);
	for (char *at = words; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	if (strcmp(words, "the same") == 0)
		return out;
	for (const char *at = words; *at; at += strspn(at, " ")) {
		size_t len = strcspn(at, " ");

		if (binding->hint || !is_small(at, len))
			used += (size_t)snprintf(out + used, KEY_NAME - used, "%s%.*s",
				used ? "-" : "", (int)len, at);
		at += len;
	}
	return out;
}

struct binding
keymap_of(const struct keys *keys, const struct view_ops *view, const struct binding *binding)
{
	struct binding now = *binding;

	for (size_t i = 0; keys && i < keys->len; i++) {
		const struct choice *choice = &keys->choices[i];

		if (choice->binding != binding || (choice->view && choice->view != view))
			continue;
		now.key = choice->key;
		now.twin = choice->twin;
		if (choice->view)
			break;
	}
	return now;
}

/* What is text where text is typed. */
static bool
is_letter(key_code key)
{
	return key >= ' ' && key < KEY_SPECIAL_BASE;
}

struct binding
app_binding(const struct app *app, const struct view_ops *view, size_t map, int action)
{
	const struct binding *binding = (view ? view->keys : app_keys)[map].bindings;

	while (binding->action != action)
		binding++;
	return keymap_of(app_options(app)->keys, view, binding);
}

const char *
app_key(const struct app *app, const struct view_ops *view, size_t map, int action,
	char label[KEY_LABEL])
{
	return key_label(app_binding(app, view, map, action).key, label);
}

key_code
keymap_typing(const struct binding *binding)
{
	return is_letter(binding->key) ? is_letter(binding->twin) ? KEY_NOTHING : binding->twin
				       : binding->key;
}

int
keymap_action(const struct keys *keys, const struct view_ops *view, const struct keymap *maps,
	unsigned active, key_code key, key_code *plain)
{
	*plain = key;
	if (key == KEY_NOTHING)
		return 0;
	for (size_t i = 0; maps && maps[i].bindings; i++) {
		if (!(active >> i & 1))
			continue;
		for (const struct binding *b = maps[i].bindings; b->action; b++) {
			struct binding now = keymap_of(keys, view, b);

			if (now.key != key && now.twin != key)
				continue;
			*plain = now.key == key || b->twin == KEY_NOTHING ? b->key : b->twin;
			return b->action;
		}
	}
	return 0;
}

/* One line of the file on its way to the bindings that it is about. */
struct taking {
	struct keys *keys;
	const struct config_binding *from;
	key_code key, twin;
	struct near near; /* names that it may have meant */
	bool found;
	struct err *err;
};

static bool
bad(struct taking *taking, const char *what)
{
	return err_set(taking->err, ERR_USAGE, "", "%s: %s: %s", taking->from->source,
		taking->from->action, what);
}

/* A change is not set going by a finger that slips: not by a small letter, nor by Ctrl and one. */
static bool
is_heavy(key_code key)
{
	return key == KEY_NOTHING || key >= KEY_SPECIAL_BASE || (key >= 'A' && key <= 'Z');
}

static bool
take(struct taking *taking, const struct view_ops *view, const struct keymap *map,
	const struct binding *binding)
{
	struct keys *keys = taking->keys;
	struct choice *choice;

	if (map->typing && (is_letter(taking->key) || is_letter(taking->twin)))
		return bad(taking, "there letters are text; take a key such as F5 or ^T");
	if (map->changes && !(is_heavy(taking->key) && is_heavy(taking->twin)))
		return bad(taking,
			"what changes something begins with Enter, a capital letter or a "
			"function key");
	for (size_t i = 0; i < keys->len; i++)
		if (keys->choices[i].binding == binding && keys->choices[i].view == view &&
			strcmp(keys->choices[i].source, taking->from->source) != 0)
			return bad(taking, "it is there twice; take one away");
	keys->choices = mem_resize(keys->choices, (keys->len + 1) * sizeof *keys->choices);
	choice = &keys->choices[keys->len++];
	*choice = (struct choice){view, binding, taking->key, taking->twin, ""};
	/* A function key is there for where letters are text: one letter does not replace it. */
	if (is_letter(taking->key) && taking->twin == KEY_NOTHING && binding->twin >= TK_F1)
		choice->twin = binding->twin;
	snprintf(choice->source, sizeof choice->source, "%s", taking->from->source);
	taking->found = true;
	return true;
}

/* Takes it for all bindings of its name in the keymaps; a table that several views share is taken
 * once for all of them. */
static bool
take_in(struct taking *taking, const struct view_ops *scope, const struct keymap *maps)
{
	char name[KEY_NAME];

	for (; maps && maps->bindings; maps++) {
		for (const struct binding *b = maps->bindings; b->action; b++) {
			struct keys *keys = taking->keys;
			size_t i = 0;

			keymap_name(b, name);
			if (name[0])
				near_offer(&taking->near, name);
			if (strcmp(name, taking->from->action) != 0)
				continue;
			while (i < keys->len &&
				(keys->choices[i].binding != b || keys->choices[i].view != scope ||
					strcmp(keys->choices[i].source, taking->from->source) != 0))
				i++;
			if (i == keys->len && !take(taking, scope, maps, b))
				return false;
		}
	}
	return true;
}

static bool
parse_keys(struct taking *taking)
{
	const char *at = taking->from->keys;
	key_code keys[2] = {KEY_NOTHING, KEY_NOTHING};
	char word[64];

	for (size_t i = 0; *(at += strspn(at, ", \t")); i++) {
		size_t len = strcspn(at, ", \t");

		snprintf(word, sizeof word, "%.*s", (int)len, at);
		at += len;
		if (i == ARRAY_LEN(keys))
			return bad(taking, "two keys are the most that it can have");
		keys[i] = key_parse(word);
		if (keys[i] == KEY_NOTHING || keys[i] == TK_RESIZE || keys[i] == TK_EOF ||
			keys[i] == TK_PASTE || keys[i] == TK_WAIT || keys[i] == KEY_CTRL('c') ||
			keys[i] == KEY_CTRL('z') || keys[i] == KEY_CTRL('m') ||
			keys[i] == KEY_CTRL('j') || keys[i] == KEY_CTRL('i') ||
			keys[i] == KEY_CTRL('h'))
			return bad(taking, "no such key; keys are a letter, ^X, F1 to F12, Enter, "
					   "Tab, Space, Up, PgDn and the like");
	}
	taking->key = keys[0];
	taking->twin = keys[1];
	if (keys[0] == KEY_NOTHING)
		return bad(taking, "it needs a key; take the line away for the usual one");
	if (keys[0] == TK_ESC && keys[1] == KEY_NOTHING)
		return bad(
			taking, "name another key beside Esc, which some terminals are slow with");
	return true;
}

static bool
take_line(void *user, const struct config_binding *binding, struct err *err)
{
	struct taking taking = {.keys = user, .from = binding, .err = err};
	const struct view_ops *scope = NULL;
	char list[160];

	near_start(&taking.near, binding->view);
	for (size_t i = 0; binding->view[0] && i < ARRAY_LEN(views); i++) {
		near_offer(&taking.near, views[i]->name);
		if (strcmp(views[i]->name, binding->view) == 0)
			scope = views[i];
	}
	if (binding->view[0] && scope == NULL)
		return err_set(err, ERR_USAGE, "", "%s: [keys %s]: no such view%s", binding->source,
			binding->view, near_print(&taking.near, list, sizeof list));
	if (!parse_keys(&taking))
		return false;
	near_start(&taking.near, binding->action);
	if (scope && !take_in(&taking, scope, scope->keys))
		return false;
	for (size_t i = 0; scope == NULL && i < ARRAY_LEN(views); i++)
		if (!take_in(&taking, NULL, views[i]->keys))
			return false;
	if (scope == NULL && !take_in(&taking, NULL, app_keys))
		return false;
	return taking.found ||
	       err_set(err, ERR_USAGE, "",
		       "%s: nothing is called '%s'%s; claviger help keys lists the names",
		       binding->source, binding->action,
		       near_print(&taking.near, list, sizeof list));
}

static bool
has_key(const struct binding *binding, key_code key)
{
	return key != KEY_NOTHING && (binding->key == key || binding->twin == key);
}

static bool
share(const struct binding *a, const struct binding *b, key_code *which)
{
	*which = has_key(b, a->key) ? a->key : has_key(b, a->twin) ? a->twin : KEY_NOTHING;
	return *which != KEY_NOTHING;
}

/* Whether two groups of keys hold at different times: then their tables use some key for both. */
static bool
take_turns(const struct keymap *a, const struct keymap *b)
{
	key_code key;

	for (const struct binding *one = a->bindings; a != b && one->action; one++)
		for (const struct binding *other = b->bindings; other->action; other++)
			if (share(one, other, &key))
				return true;
	return a->typing != b->typing;
}

/* Where the line stands that moved a binding of a view, NULL: none did. */
static const char *
source_of(const struct keys *keys, const struct view_ops *view, const struct binding *binding)
{
	for (size_t i = 0; i < keys->len; i++)
		if (keys->choices[i].binding == binding &&
			(keys->choices[i].view == NULL || keys->choices[i].view == view))
			return keys->choices[i].source;
	return NULL;
}

/* A binding that has no name of its own is another way to do what one beside it does. */
static char *
name_among(const struct keymap *map, const struct binding *binding, char out[KEY_NAME])
{
	keymap_name(binding, out);
	for (const struct binding *b = map->bindings; out[0] == '\0' && b->action; b++)
		if (b->action == binding->action)
			keymap_name(b, out);
	return out;
}

/* Fails where a key has come to stand for something of both groups. */
static bool
check_pair(const struct keys *keys, const struct view_ops *view, const struct keymap *a,
	const struct keymap *b, struct err *err)
{
	char one_name[KEY_NAME], other_name[KEY_NAME], label[16];
	key_code key, before;

	for (const struct binding *one = a->bindings; one->action; one++) {
		struct binding one_now = keymap_of(keys, view, one);

		for (const struct binding *other = b->bindings; other->action; other++) {
			struct binding other_now = keymap_of(keys, view, other);
			const char *source = source_of(keys, view, one);

			if (one == other || !share(&one_now, &other_now, &key) ||
				(share(one, other, &before) && has_key(one, key) &&
					has_key(other, key)))
				continue;
			if (source == NULL)
				source = source_of(keys, view, other);
			return err_set(err, ERR_USAGE, "",
				"%s: %s would stand for both '%s' and '%s' in the view %s; give one of "
				"them another key",
				source ? source : "", key_label(key, label),
				name_among(a, one, one_name), name_among(b, other, other_name),
				view->name);
		}
	}
	return true;
}

static bool
check_view(const struct keys *keys, const struct view_ops *view, struct err *err)
{
	for (const struct keymap *a = view->keys; a && a->bindings; a++) {
		for (const struct keymap *b = a; b->bindings; b++)
			if (!take_turns(a, b) && !check_pair(keys, view, a, b, err))
				return false;
		if (!a->typing && !check_pair(keys, view, a, app_keys, err))
			return false;
	}
	return check_pair(keys, view, app_keys, app_keys, err);
}

struct keys *
keymap_read(const char *path, struct err *err)
{
	struct keys *keys = mem_alloc(sizeof *keys);
	bool ok = config_bindings(path, take_line, keys, err);

	for (size_t i = 0; ok && keys->len && i < ARRAY_LEN(views); i++)
		ok = check_view(keys, views[i], err);
	if (ok)
		return keys;
	keymap_free(keys);
	return NULL;
}

void
keymap_free(struct keys *keys)
{
	if (keys)
		free(keys->choices);
	free(keys);
}
