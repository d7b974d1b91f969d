/* Keys as the configuration wants them: sections [keys] and [keys VIEW] over the views' own tables,
 * which stay as they are. A binding is known by the name that its table gives it. */
#ifndef CLAVIGER_VIEWS_KEYMAP_H
#define CLAVIGER_VIEWS_KEYMAP_H

#include "tui/key.h"

enum { KEY_NAME = 64 };

struct app;
struct keymap;
struct keys;
struct view_ops;

/* Every view that there is; NULL after the last. */
const struct view_ops *keymap_view(size_t i);

/* What a binding is called in [keys]: its hint, else the first clause of its help, in small letters
 * with - for blanks; "": it stays on its key. Returns out. */
char *keymap_name(const struct binding *binding, char out[KEY_NAME]);

/* Reads the sections [keys] of the configuration file; path NULL: the usual one. NULL on failure:
 * the error names file and line, what is wrong and what can be done. */
struct keys *keymap_read(const char *path, struct err *err);
void keymap_free(struct keys *keys);

/* A binding of a view (NULL: of the console) with the keys that it has now. keys may be NULL. */
struct binding keymap_of(
	const struct keys *keys, const struct view_ops *view, const struct binding *binding);

/* What stands for an action of a view (NULL: of the console) in one of its keymaps, as it is now.
 */
struct binding app_binding(
	const struct app *app, const struct view_ops *view, size_t map, int action);

/* The first key of that, for a text that names it. Returns label. */
const char *app_key(const struct app *app, const struct view_ops *view, size_t map, int action,
	char label[KEY_LABEL]);

/* The one of its keys that is no letter where text is typed; KEY_NOTHING: each is. */
key_code keymap_typing(const struct binding *binding);

/* The action of a key among the keymaps of a view that are active (bits), 0 if none, and in *plain
 * the key that the table has for it, which is what the view knows. */
int keymap_action(const struct keys *keys, const struct view_ops *view, const struct keymap *maps,
	unsigned active, key_code key, key_code *plain);

#endif
