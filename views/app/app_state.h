/* The inside of the app, shared by the files that are the console itself. */
#ifndef CLAVIGER_VIEWS_APP_STATE_H
#define CLAVIGER_VIEWS_APP_STATE_H

#include "tui/said.h"
#include "views/app/look_up.h"
#include "views/app/view.h"

enum { APP_TABS = 6, APP_DEPTH = 8, APP_COLUMNS_MIN = 60, APP_ROWS_MIN = 15 };

/* What the console's own keys do. */
enum app_action {
	APP_HELP = 10000,
	APP_BACK,
	APP_LEAVE,
	APP_REFRESH,
	APP_REPAINT,
	APP_CHECKS,
	APP_NOTES,
	APP_FINDINGS,
	APP_WIRE,
	APP_INCIDENT,
	APP_MOUSE,
	APP_COPY,
	APP_PALETTE,
	APP_MESSAGES,
	APP_REDACT,
	APP_EXPLAIN,
	APP_GO_ON,
	APP_TOUR_AWAY,
	APP_TAB, /* the last: further tabs follow */
	APP_ACTIVITY = APP_TAB + 4,
};

/* What the operator left open in one tab stays there while he looks at another. */
struct tab {
	struct view *stack[APP_DEPTH];
	size_t depth;
};

/* Rows of the estate whose names the veil knows, from the first on. */
struct learned {
	unsigned replaced; /* estate_replaced then */
	size_t accounts, vaults, keys, identities;
};

struct app {
	struct app_options options;
	struct loop *loop;
	bool own_loop;
	const struct view_ops *const *roots; /* one per tab */
	struct tab tabs[APP_TABS];
	size_t tabs_len, tab;
	bool dirty;           /* something has changed since the last frame */
	bool unsent;          /* the terminal was not ready for the last frame */
	bool popping;         /* the top view goes after this key */
	bool leaving;         /* gone as soon as no plan runs */
	struct job *patience; /* ends the wait for an answer that does not come; NULL: none */
	bool quit;
	int exit_code;
	enum app_choice choice;
	char say[2 * SAID]; /* until the next key */
	char pointer[160];  /* the same, in the place of what the view has to say */
	enum role say_role;
	char error[64];     /* code of the last error that was said; "": none yet */
	char question[512]; /* "": none */
	bool seen;          /* it has been on the screen */
	const char
		*answer_rest; /* what goes on with the last answer; "": any word; NULL: nothing */
	int64_t answer_ms;    /* when its last letter came */
	struct view *asker;   /* NULL: the app itself */
	void (*yes)(struct view *);
	const char *else_say; /* for any other answer, a sentence to be translated */
	char read_at[16];     /* when all of the estate was read; "": not yet */
	char tried_at[16];    /* a reading since then that got only a part of it; "": none */
	struct call *naming;  /* asks what the tenant is called; NULL: not any more */
	struct tour *tour;    /* NULL: there is none */
	struct look_up looking;
	struct job *copying;      /* tmux is given a text; NULL: not now */
	bool copied;              /* by the key before this one; nobody knows whether it arrived */
	struct message *messages; /* what was said, oldest first */
	size_t messages_len, messages_said;
	void (*then)(struct app *, void *); /* once the top view is gone; NULL: nothing */
	void *then_with;
	struct veil *veil; /* the words that stand for names; NULL: nothing was hidden yet */
	bool redacting;
	struct learned learned;
	bool unlearned;       /* the estate may have names by now that the veil does not know */
	bool patient;         /* Azure's limits hold calls back */
	int64_t reading_ms;   /* when the reading under way began; 0: nothing is read */
	bool news;            /* the next frame is drawn for news */
	struct job *pointing; /* begins to look what was left half-way; NULL: it has */
	struct past *past;    /* which is read from the journal; NULL: it was */
	int64_t news_ms;      /* when the next news may be shown */
	int64_t calm_ms;      /* until when a key has the screen to itself */
	struct job *framing;  /* shows what has come since; NULL: nothing has */
	int wake;             /* readable when a key or a signal comes */
	bool too_small;
};

struct view *app_top(const struct app *app);

/* The ESTATE_ parts that what is on the screen is made of. */
unsigned app_parts(const struct app *app);

/* What a key means now: to a question, to the view on top, or to the console itself. */
void app_press(struct app *app, key_code key);

/* Does what one of the console's own keys does (its action in app_keys). */
void app_act(struct app *app, int action);

/* messages.c: keeps what was said; forgets all of it. */
void messages_add(struct app *app, enum role role, const char *text);
void messages_free(struct app *app);

/* redact.c: hides names and ids, or shows them again; learns those that have come; the end. */
void redact_switch(struct app *app, bool on);
void redact_look(struct app *app);
void redact_end(struct app *app);

/* Closes the view on top of a tab. */
void app_drop(struct tab *tab);

/* Leaves once what runs has come to a safe point; asked twice, at once. */
void app_leave(struct app *app, int exit_code);

/* Whether any view of any tab is at one of these (bits of enum view_work). */
bool app_works(const struct app *app, unsigned work);

/* Draws the whole console into ncurses' screen. */
void frame_draw(struct app *app);

/* Keeps the time of the last reading, so that it need not tick. */
void frame_read_at(struct app *app);

/* activity.c: looks what was left before its end, and lets pointer say where to go on with it. */
void activity_point(struct app *app);

/* copy.c: copies what the view on top offers: into the clipboard, or onto a page. */
void copy_top(struct app *app);

/* Lets keys and signals end a wait of the loop. */
bool wake_start(struct app *app, struct err *err) MUST_CHECK;
void wake_stop(struct app *app);

#endif
