/* A view: one static struct view_ops at the foot of its file. The app keeps a stack of them for
 * each tab, sends keys to the one on top, and prints help and hints from the same key tables. */
#ifndef CLAVIGER_VIEWS_VIEW_H
#define CLAVIGER_VIEWS_VIEW_H

#include "tui/draw.h"
#include "tui/key.h"
#include "views/app/app.h"
#include "views/app/veil.h"

struct actions_argument;
struct app;
struct keyid;
struct kind;
struct loop;

/* A group of keys that hold together, with the heading they have on the help page. */
struct keymap {
	const char *title;
	const struct binding *bindings; /* ended by action 0; NULL ends the array of keymaps */
	bool typing;  /* while it holds letters are text, never keys of the console */
	bool changes; /* its keys set changes going: they are never put on a small letter */
};

/* Bits: what a view is at. Leaving asks first when a plan runs or stands between two steps. */
enum view_work {
	VIEW_IDLE = 0,
	VIEW_READING = 1, /* replies are outstanding, nothing is changed by them */
	VIEW_RUNNING = 2, /* a plan moves by itself */
	VIEW_PAUSED = 4,  /* a plan has changed something and waits for the operator */
	VIEW_PLAN = VIEW_RUNNING | VIEW_PAUSED,
};

struct view {
	const struct view_ops *ops;
	struct app *app;
	void *state; /* state_size zeroed bytes, freed by the app after close() */
};

struct view_ops {
	const char *name;
	const char *title;         /* on the tab and in the breadcrumbs */
	const struct kind *kind;   /* the noun it lists; NULL: none */
	const struct keymap *keys; /* everything it answers to */
	const int *begins; /* its actions that begin a change, ended by 0; NULL: none does */
	size_t state_size;

	/* argument is what app_push was given, borrowed. */
	bool (*open)(struct view *view, const void *argument, struct err *err);
	void (*draw)(struct view *view, struct area area);
	/* action is 0 for a key that no active keymap names. True: eaten. */
	bool (*act)(struct view *view, int action, key_code key);
	void (*close)(struct view *view);

	/* The rest may be NULL. */
	void (*back)(struct view *view); /* goes back, or first stops; NULL: it is closed */
	unsigned (*active)(const struct view *view); /* bit i: keys[i] holds now */
	/* The hint of a binding while the cursor is where it is; NULL: none. */
	const char *(*hint)(const struct view *view, const struct binding *binding);
	void (*crumb)(const struct view *view, char *out, size_t room);  /* NULL: title */
	void (*status)(const struct view *view, char *out, size_t room); /* message line, left */
	bool (*draw_line)(struct view *view, struct area line); /* takes over the message line */
	/* What c copies: new text, nothing secret; NULL: nothing is here. */
	char *(*copy)(const struct view *view);
	void (*changed)(struct view *view); /* the estate has changed */
	enum view_work (*work)(const struct view *view);
	void (*park)(struct view *view); /* stop at the next safe point, then be idle */
	bool (*key_here)(const struct view *view, struct keyid *out); /* the key it is about now */
	void (*take_key)(struct view *view, const struct keyid *key); /* from where it was called */
	/* What an action would be about, the marked rows or the one under the cursor; subjects are
	 * the caller's to free. */
	bool (*subjects)(const struct view *view, struct actions_argument *out);
};

/* What the app offers to views. */
struct app *app_of(const struct view *view);
const struct app_options *app_options(const struct app *app);
struct loop *app_loop(struct app *app);

/* Draws again at the end of this turn. */
void app_dirty(struct app *app);

/* The same for news of work that goes on by itself and may come by the hundred in a second: so
 * seldom that a slow line has room for keys. Its end is drawn by app_dirty. */
void app_news(struct app *app);

/* Puts a view on top of the current tab; a failure to open is told on the message line. */
bool app_push(struct app *app, const struct view_ops *ops, const void *argument);

/* Takes the top view away after the key that is being handled; the last of a tab stays. */
void app_pop(struct app *app);

/* The same, then does something with what is on top then; with is freed. */
void app_then(struct app *app, void (*then)(struct app *app, void *with), void *with);

/* Leaves the console; asks when a plan is running. */
void app_quit(struct app *app, enum app_choice choice);

/* A sentence on the message line until the next key. */
void app_say(struct app *app, enum role role, const char *fmt, ...) PRINTF_LIKE(3, 4);
void app_say_err(struct app *app, const struct err *err);

/* The code of an error that a view tells itself: from now on that is the last one. */
void app_told(struct app *app, const char *code);

/* Makes a name known that no list has, so that it is hidden while names are. */
void app_learn(struct app *app, enum veil_noun noun, const char *name);

/* A yes-or-no question on the message line: y calls yes(view), every other key cancels. */
void app_ask(struct app *app, struct view *view, void (*yes)(struct view *), const char *fmt, ...)
	PRINTF_LIKE(4, 5);

/* Before a file is written: while names are hidden it asks whether theirs may be in it. Else, and
 * after y, calls write(view). */
void app_ask_names(struct app *app, struct view *view, void (*write)(struct view *));

/* Copies the active bindings of a view that can do something here, ended by action 0, for hints. */
enum { VIEW_BINDINGS_MAX = 96 };
void view_bindings(const struct view *view, struct binding out[VIEW_BINDINGS_MAX]);

/* Whether an action of its own begins a change. */
bool view_begins(const struct view *view, int action);

/* Whether letters are text now. */
bool view_typing(const struct view *view);

/* The console's own keys, for the help page. */
extern const struct keymap app_keys[];

/* Views that others open. */
extern const struct view_ops view_accounts, view_vaults, view_keys, view_policies, view_activity;
extern const struct view_ops view_start, view_help, view_text, view_selftest, view_wizard;
extern const struct view_ops view_campaign;  /* argument: struct wizard_argument */
extern const struct view_ops view_actions;   /* argument: struct actions_argument */
extern const struct view_ops view_versions;  /* argument: struct keyid */
extern const struct view_ops view_operation; /* argument: its id, a string */
extern const struct view_ops view_incident;
extern const struct view_ops view_sign_in;
extern const struct view_ops view_posture; /* argument: struct list_argument or NULL */
extern const struct view_ops view_wire;
extern const struct view_ops view_topics;   /* the topics of help, and the codes */
extern const struct view_ops view_topic;    /* argument: its name, a string */
extern const struct view_ops view_code;     /* argument: its name, a string */
extern const struct view_ops view_exchange; /* argument: struct wire_exchange */
extern const struct view_ops view_messages;
extern const struct view_ops view_palette; /* argument: the view that it is opened over */

/* Argument of view_text: a title and a text in the form of tui/pager.h; both are copied. script: it
 * holds commands, which begin at the edge of the screen: who selects a folded one there with the
 * mouse would else get a blank in its middle. */
struct text_argument {
	const char *title, *text;
	bool script;
};

/* Argument of view_accounts and its like when opened by drilling in: the filter to begin with. */
struct list_argument {
	const char *title;  /* breadcrumb */
	const char *filter; /* as typed after / */
	const size_t *row;  /* that is opened at once; NULL: none */
};

#endif
