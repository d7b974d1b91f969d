/* The inside of the wizard, shared by the files of that name only. */
#ifndef CLAVIGER_VIEWS_WIZARD_STATE_H
#define CLAVIGER_VIEWS_WIZARD_STATE_H

#include "backend/estate/kind.h"
#include "backend/plans/plan.h"
#include "tui/form.h"
#include "tui/prompt.h"
#include "tui/table.h"
#include "views/app/view.h"
#include "views/list/list.h"
#include "views/list/place.h"
#include "views/page/page.h"
#include "views/wizard/wizard.h"

enum {
	WIZARD_TEXT = ARMID_MAX,
	WIZARD_CHOICES = 12,
	WIZARD_FIELDS = PLAN_FIELDS_MAX + 2, /* those of the plan; before them what it makes */
	WIZARD_OFFERS = 64
};

/* What the value of the current field can be chosen from. */
struct picker {
	bool open;               /* there is something to choose from */
	const struct kind *kind; /* its rows; NULL: the offers */
	struct offer *offers;    /* owned */
	size_t offers_len;
	struct estate *estate;
	struct rows rows; /* of the kind */
	struct table_column columns[LIST_COLUMNS_MAX];
	struct table table;
	struct place place; /* of its cursor */
	bool focus;         /* keys go to the list */
	int page;
};

struct wizard_field {
	char text[WIZARD_TEXT];
	char help[640]; /* the plan's sentence, then the default and its reason */
	char hint[400]; /* what is to be said of the value as it stands */
	const char *choices[WIZARD_CHOICES];
	bool touched; /* by the operator: suggestions keep away */
};

struct wizard {
	struct view *view;
	struct estate *estate;
	const struct plan_def *plan;
	struct subject subject;
	char who[SUBJECT_NAME];
	const struct service *service; /* NULL: it is no account */
	struct keyid used;             /* that the accounts of a fleet are on; key "": unknown */

	struct job *starting;    /* finds what the run needs; the form stands still meanwhile */
	struct subject found;    /* what the run is about */
	struct err refused;      /* why there is no run */
	struct reading *reading; /* of the account, for suggestions */
	struct facts facts;      /* what came of it, once it is known */
	bool known;
	const struct plan_field *asks[WIZARD_FIELDS]; /* the fields of the form */
	size_t asks_len, named; /* named: how many of them say what is to be made */
	struct wizard_field own[WIZARD_FIELDS];
	struct field fields[WIZARD_FIELDS];
	struct form form;
	struct picker picker;
	unsigned as_of; /* estate_changes that the form was made of */

	char past[37]; /* the operation that is gone on with or taken back; "": none */
	bool back;
	struct run *run; /* NULL: the form is shown, or why there is no run of what is past */
	size_t shown;    /* step at the right; run->steps_len: the result */
	struct page text, request;
	struct job *tick;            /* while a step waits: once a second */
	bool told;                   /* the end of the plan has been told to the estate */
	struct prompt name;          /* what cannot be undone is confirmed by typing a name */
	bool naming, then_all, cuts; /* cuts: what was begun cuts off */
};

enum wizard_action {
	WIZARD_SUBMIT = 1,
	WIZARD_LIST,
	WIZARD_FIELD,
	WIZARD_LEAVE,
	WIZARD_TAKE,
	WIZARD_BACK,
	WIZARD_RUN,
	WIZARD_ALL,
	WIZARD_DRY,
	WIZARD_EDIT,
	WIZARD_ON,
	WIZARD_UNDO,
	WIZARD_UP,
	WIZARD_DOWN,
	WIZARD_FIRST,
	WIZARD_LAST,
	WIZARD_SCROLL,
	WIZARD_SCROLL_REQUEST,
	WIZARD_NAME,
	WIZARD_COMMANDS,
};

/* Keymaps by index. */
enum {
	MAP_FORM,
	MAP_LIST,
	MAP_FIELDS,
	MAP_PICK,
	MAP_NEXT,
	MAP_STEP,
	MAP_PLANNED,
	MAP_PARKED,
	MAP_HALF,
	MAP_BUSY,
	MAP_ENDED,
	MAP_AGAIN,
	MAP_LEAVE,
	MAP_EDIT,
	MAP_UNDO,
	MAP_PAGES,
	MAP_NAME
};

/* wizard.c */
void wizard_go(struct wizard *wizard); /* the next step, all of them, or back */
void wizard_run_changed(void *user);   /* the run of a wizard has */

/* wizard_ask.c: each begins what it asks about, once it is agreed to. */
void wizard_ask_step(struct wizard *wizard, size_t at);
void wizard_ask_all(struct wizard *wizard);
/* A key while a name is typed. */
void wizard_name_key(struct wizard *wizard, key_code key);

/* wizard_keys.c: the first few serve every wizard. */
extern const struct keymap wizard_keymaps[];
extern const struct binding wizard_form_keys[], wizard_field_keys[], wizard_list_keys[],
	wizard_pick_keys[], wizard_name_keys[];

/* wizard_form.c */
/* values by index of plan->fields, NULL: to be asked for. */
void wizard_form_open(struct wizard *wizard, const char *const *values);
void wizard_form_close(struct wizard *wizard);
void wizard_form_draw(struct wizard *wizard, struct area area);
/* What is bound nowhere: typing and moving. */
bool wizard_form_key(struct wizard *wizard, key_code key);
void wizard_form_look(struct wizard *wizard); /* takes up what the estate has told since */
/* Field i got a value in another way than by keys of its own. */
void wizard_form_set(struct wizard *wizard, size_t i);
/* The form as its tables see it; values has room for them, both borrow from the wizard. */
void wizard_filling(const struct wizard *wizard, size_t field, const char *values[WIZARD_FIELDS],
	struct filling *out);
/* True when the form is filled far enough; otherwise says what is missing. */
bool wizard_form_ready(struct wizard *wizard);
/* By index of plan->fields; NULL: not given. Borrowed from the wizard. */
void wizard_form_values(const struct wizard *wizard, const char *values[PLAN_FIELDS_MAX]);
const char *wizard_field_hint(const struct wizard *wizard, const struct binding *binding);

/* wizard_subject.c: what the first fields name, of a plan that makes something or brings it back;
 * waits for Azure (job_beside). */
bool wizard_find(const struct wizard *wizard, struct subject *out, struct err *err) MUST_CHECK;

/* On the message line: why it cannot begin, in the words of the form. */
void wizard_say_refusal(const struct wizard *wizard, const struct err *err);

/* wizard_pick.c */
void wizard_picker_follow(struct wizard *wizard); /* another field is the current one */
void wizard_picker_update(struct wizard *wizard); /* the estate has changed */
void wizard_picker_close(struct wizard *wizard);
void wizard_picker_focus(struct wizard *wizard, bool on);
void wizard_picker_take(struct wizard *wizard);
void wizard_picker_narrow(struct wizard *wizard); /* its text has changed */
void wizard_picker_draw(struct wizard *wizard, struct area area);

/* wizard_page.c */
void wizard_page_draw(struct wizard *wizard, struct area area);
/* The first step that is still to be done; steps_len: none. */
size_t wizard_next(const struct run *run);
bool wizard_ended(const struct run *run);
/* Whether a change was made that stands. */
bool wizard_has_changed(const struct run *run);
/* Whether any of those can be taken back. */
bool wizard_can_undo(const struct run *run);
/* Whether there is more to tell at its end than the preflight does. */
bool wizard_has_result(const struct run *run);
/* That its request failed and is to be sent again; false: it does not wait for that. */
bool wizard_say_wait(const struct run *run, char *out, size_t room);
/* Why it came to nothing, what that means and its request; ERR_NONE: nothing. */
void wizard_say_error(struct page *page, const struct plan_def *plan, const struct err *err);

/* wizard_result.c */
void wizard_say_result(struct page *page, const struct wizard *wizard);
/* The same as commands, a script of them; owned by the caller. */
char *wizard_commands(const struct wizard *wizard);

/* wizard_page.c: every request as text for the pager; owned by the caller. */
char *wizard_requests(const struct run *run);

#endif
