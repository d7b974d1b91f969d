/* The inside of the wizard of campaigns, shared by the files of that name only. */
#ifndef CLAVIGER_VIEWS_CAMPAIGN_STATE_H
#define CLAVIGER_VIEWS_CAMPAIGN_STATE_H

#include "backend/plans/campaign.h"
#include "views/wizard/wizard_state.h"

struct campaign_view {
	struct wizard form; /* the fields, and the list to choose from; it runs nothing */
	struct subject *fleet;
	size_t fleet_len; /* 0: it is about form.subject */
	char past[37];    /* the operation that is gone on with or taken back; "": none */
	bool back;
	struct campaign *campaign; /* NULL: the form is shown, or why there is none */
	struct err err;            /* why there is none */
	struct job *starting;      /* finds out who is concerned, once the screen says so */
	struct job *tick;          /* once a second while it runs */
	int64_t begun_ms;
	size_t shown; /* place in the list at the left; beyond its end: the last */
	struct page text, request;
	struct prompt prompt;
	enum { TYPING_NOTHING, TYPING_NAME, TYPING_FILE } typing;
	bool carried; /* it was carried out, as far as it came */
	bool agreed;  /* to what it cuts off */
};

enum campaign_action {
	CAMPAIGN_GO = 200, /* beside those of the form */
	CAMPAIGN_REQUESTS,
	CAMPAIGN_JSON,
	CAMPAIGN_TIMELINE,
	CAMPAIGN_EDIT,
	CAMPAIGN_BACK,
	CAMPAIGN_LEAVE,
	CAMPAIGN_UP,
	CAMPAIGN_DOWN,
	CAMPAIGN_FIRST,
	CAMPAIGN_LAST,
	CAMPAIGN_SCROLL,
	CAMPAIGN_SCROLL_REQUEST,
	CAMPAIGN_COMMANDS,
};

/* Keymaps by index. */
enum {
	CMAP_FORM,
	CMAP_LIST,
	CMAP_FIELDS,
	CMAP_PICK,
	CMAP_READY,
	CMAP_SEES,
	CMAP_PARKED,
	CMAP_BUSY,
	CMAP_LOOKED,
	CMAP_EDIT,
	CMAP_OVER,
	CMAP_UNDO,
	CMAP_PAGES,
	CMAP_LEAVE,
	CMAP_PROMPT
};

/* campaign_keys.c */
extern const struct keymap campaign_keymaps[];

/* campaign_run.c */
/* Looks at it anew, from the form or from the journal; what was in hand is dropped. */
void campaign_submit(struct campaign_view *view);
void campaign_drop(struct campaign_view *view);
/* For app_ask: begin it; look how it stands, to go on. */
void campaign_carry_out(struct view *from);
void campaign_go_on(struct view *from);
/* Asks, or opens the wizard of the verb that takes it back. */
void campaign_take_back(struct campaign_view *view);
/* What must be typed before it is carried out: the name of the key that it cuts, or of the vault
 * that is changed for good, or of several how many; NULL: nothing. */
const char *campaign_word(const struct campaign_view *view, char out[64]);
/* Whether something was changed, and so is in the journal. */
bool campaign_changed_any(const struct campaign_view *view);
bool campaign_can_go_back(const struct campaign_view *view);
/* Whether it is to cut anybody off, or one of its members is. */
bool campaign_cuts(const struct campaign_view *view);
bool campaign_member_cuts(const struct member *member);
/* A step that is to be done and cannot be undone; vault gets whose name confirms it. NULL: none. */
const struct step *campaign_final(const struct campaign_view *view, char vault[64]);
/* What is left for Enter: it was looked at and changes something; or only sees what became of it.
 */
bool campaign_is_ready(const struct campaign_view *view);
bool campaign_only_sees(const struct campaign_view *view);

/* campaign_page.c */
void campaign_page_draw(struct campaign_view *view, struct area area);
/* The place shown, and how many there are. */
size_t campaign_place(const struct campaign_view *view, size_t *len);

/* campaign_words.c: what the pages at the right say. */
void campaign_say_whole(struct page *page, const struct campaign_view *view);
void campaign_say_stage(struct page *page, const struct campaign_view *view, size_t stage);
void campaign_say_member(struct page *page, const struct member *member);
void campaign_say_result(struct page *page, const struct campaign_view *view);
/* What it came to, of a member: mark, role and a few words. */
void campaign_mark(
	const struct member *member, enum glyph *mark, enum role *role, char *note, size_t room);
/* A member's result, of a run under way as it stands; NULL: none yet. New reference. */
json_t *campaign_result_of(const struct member *member);

/* campaign_requests.c */
void campaign_say_requests(struct page *page, const struct member *member);
/* Every request of every member as text; owned by the caller. */
char *campaign_requests(const struct campaign *campaign);

/* campaign_script.c */
/* The command that does the same; of many names the first CAMPAIGN_NAMES. */
enum { CAMPAIGN_NAMES = 64 };
bool campaign_claviger(struct buf *out, const struct campaign_view *view) MUST_CHECK;

/* The changes that were sent, as who has no claviger would send them. */
void campaign_say_az(struct page *page, const struct campaign *campaign);
/* That and what its requests are for the Azure CLI, as a script; owned by the caller. */
char *campaign_commands(const struct campaign_view *view);

#endif
