/* The inside of the wizard, shared by the files of that name only. */
#ifndef CLAVIGER_VIEWS_WIZARD_STATE_H
#define CLAVIGER_VIEWS_WIZARD_STATE_H

#include "backend/estate/kind.h"
#include "backend/plans/plan.h"
#include "tui/form.h"
#include "tui/prompt.h"
#include "tui/table.h"
#include "views/page.h"
#include "views/view.h"
#include "views/wizard.h"

enum { WIZARD_TEXT = 256, WIZARD_CHOICES = 12, WIZARD_COLUMNS = 24 };

/* The rows of a kind, to choose the value of a field from. */
struct picker {
	const struct kind *kind; /* NULL: the current field is none that a kind has rows for */
	struct estate *estate;
	struct table_column columns[WIZARD_COLUMNS];
	struct table table;
	bool focus; /* keys go to the list */
	int page;
};

struct wizard_field {
	char text[WIZARD_TEXT];
	char help[640]; /* the plan's sentence, then the default and its reason */
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

	struct reading *reading; /* of the account, for suggestions */
	struct wizard_field own[PLAN_FIELDS_MAX];
	struct field fields[PLAN_FIELDS_MAX];
	struct form form;
	struct picker picker;

	bool again, back; /* an operation of the journal is gone on with, or taken back */
	struct run *run;  /* NULL: the form is shown */
	size_t shown;     /* step at the right; run->steps_len: the result */
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
	WIZARD_UNDO,
	WIZARD_UP,
	WIZARD_DOWN,
	WIZARD_SCROLL,
	WIZARD_SCROLL_REQUEST,
	WIZARD_NAME,
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
	MAP_WHOLE,
	MAP_HALF,
	MAP_BUSY,
	MAP_ENDED,
	MAP_UNDO,
	MAP_PAGES,
	MAP_NAME
};

/* wizard_keys.c: the first few serve every wizard. */
extern const struct keymap wizard_keymaps[];
extern const struct binding wizard_form_keys[], wizard_field_keys[], wizard_list_keys[],
	wizard_pick_keys[], wizard_name_keys[];

/* wizard_form.c */
void wizard_form_open(struct wizard *wizard);
void wizard_form_close(struct wizard *wizard);
void wizard_form_draw(struct wizard *wizard, struct area area);
/* What is bound nowhere: typing and moving. */
bool wizard_form_key(struct wizard *wizard, key_code key);
void wizard_form_estate(struct wizard *wizard); /* the rows to choose from have changed */
void wizard_picker_focus(struct wizard *wizard, bool on);
void wizard_picker_take(struct wizard *wizard);
/* True when the form is filled far enough; otherwise says what is missing. */
bool wizard_form_ready(struct wizard *wizard);
/* By index of plan->fields; NULL: not given. Borrowed from the wizard. */
void wizard_form_values(const struct wizard *wizard, const char *values[PLAN_FIELDS_MAX]);

/* wizard_page.c */
void wizard_page_draw(struct wizard *wizard, struct area area);
/* The first step that is still to be done; steps_len: none. */
size_t wizard_next(const struct run *run);
bool wizard_ended(const struct run *run);
/* Whether there is more to tell at its end than the preflight does. */
bool wizard_has_result(const struct run *run);
/* Every request as text for the pager; owned by the caller. */
char *wizard_requests(const struct run *run);

#endif
