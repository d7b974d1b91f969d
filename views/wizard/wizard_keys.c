/* What keys do in the wizard, by what it is at: one map each, several of them hold at a time. */
#include "views/wizard/wizard_state.h"

const struct binding wizard_form_keys[] = {
	{TK_ENTER, KEY_NOTHING, WIZARD_SUBMIT, "check", "Go on to the preflight; changes nothing"},
	{0},
};

const struct binding wizard_field_keys[] = {
	{TK_ESC, KEY_CTRL('g'), WIZARD_LEAVE, "leave", "Leave; nothing was changed"},
	{TK_DOWN, TK_TAB, WIZARD_FIELD, NULL, "The next field"},
	{TK_UP, TK_BACKTAB, WIZARD_FIELD, NULL, "The field above"},
	{TK_RIGHT, TK_LEFT, WIZARD_FIELD, "another choice", "Another choice; in a text: along it"},
	{KEY_CTRL('u'), KEY_CTRL('w'), WIZARD_FIELD, NULL,
		"Clear the text before the cursor; its last word"},
	{0},
};

const struct binding wizard_list_keys[] = {
	{KEY_CTRL('p'), TK_F1 + 1, WIZARD_LIST, "choose from the list",
		"Choose the value of this field from the list below"},
	{0},
};

const struct binding wizard_pick_keys[] = {
	{TK_ENTER, KEY_NOTHING, WIZARD_TAKE, "take it", "Take the row under the cursor"},
	{TK_ESC, KEY_CTRL('g'), WIZARD_BACK, "back to the form", "Back to the form"},
	{'/', KEY_NOTHING, WIZARD_BACK, "filter by typing",
		"Back to the form, where what is typed narrows the list"},
	{TK_UP, 'k', WIZARD_FIELD, NULL, "One row up"},
	{TK_DOWN, 'j', WIZARD_FIELD, NULL, "One row down"},
	{'>', '<', WIZARD_FIELD, NULL, "Sort by the column to the right, to the left"},
	{0},
};

static const struct binding next_keys[] = {
	{TK_ENTER, KEY_NOTHING, WIZARD_RUN, "next step", "Go to the next step that is to be done"},
	{0},
};

static const struct binding step_keys[] = {
	{TK_ENTER, KEY_NOTHING, WIZARD_RUN, "run this step", "Run the step that is shown"},
	{0},
};

static const struct binding planned_keys[] = {
	{'A', KEY_NOTHING, WIZARD_ALL, "run all", "Run all steps, after asking"},
	{'n', KEY_NOTHING, WIZARD_DRY, "dry run", "Show every request as it would be sent"},
	{0},
};

static const struct binding parked_keys[] = {
	{TK_ENTER, 'A', WIZARD_ON, "go on", "Look how it stands, and go on with it"},
	{0},
};

static const struct binding edit_keys[] = {
	{'e', KEY_NOTHING, WIZARD_EDIT, "edit", "Back to the form"},
	{0},
};

static const struct binding half_keys[] = {
	{'q', TK_ESC, WIZARD_LEAVE, "park", "Park it here; it can be gone on with later"},
	{0},
};

static const struct binding busy_keys[] = {
	{'q', TK_ESC, WIZARD_LEAVE, "park", "Stop after the exchange under way"},
	{0},
};

static const struct binding ended_keys[] = {
	{'n', KEY_NOTHING, WIZARD_DRY, "requests", "Show every request"},
	{0},
};

static const struct binding again_keys[] = {
	{'e', KEY_NOTHING, WIZARD_EDIT, "edit",
		"Back to the form; what is done already is not done again"},
	{0},
};

static const struct binding leave_keys[] = {
	{'q', TK_ESC, WIZARD_LEAVE, "leave", "Leave"},
	{0},
};

static const struct binding undo_keys[] = {
	{'u', KEY_NOTHING, WIZARD_UNDO, "take back",
		"Look at what taking it back would change; it is asked before anything is"},
	{0},
};

static const struct binding page_keys[] = {
	{TK_UP, 'k', WIZARD_UP, NULL, "Look at the step above"},
	{TK_DOWN, 'j', WIZARD_DOWN, NULL, "Look at the step below"},
	{TK_HOME, 'g', WIZARD_FIRST, NULL, "Look at the first step"},
	{TK_END, 'G', WIZARD_LAST, NULL, "Look at the last step, or what has become of it"},
	{TK_PAGE_DOWN, ' ', WIZARD_SCROLL, NULL, "Scroll the explanation down"},
	{TK_PAGE_UP, 'b', WIZARD_SCROLL, NULL, "Scroll the explanation up"},
	{'J', KEY_NOTHING, WIZARD_SCROLL_REQUEST, NULL, "Scroll the request down"},
	{'K', KEY_NOTHING, WIZARD_SCROLL_REQUEST, NULL, "Scroll the request up"},
	{'m', KEY_NOTHING, WIZARD_COMMANDS, "commands",
		"The same as commands of claviger and of the Azure CLI, to be copied"},
	{0},
};

const struct binding wizard_name_keys[] = {
	{TK_ENTER, KEY_NOTHING, WIZARD_NAME, "go on", "Go on when the name is right"},
	{TK_ESC, KEY_CTRL('g'), WIZARD_NAME, "no", "Do nothing"},
	{0},
};

const struct keymap wizard_keymaps[] = {
	[MAP_FORM] = {.title = "In the form", .bindings = wizard_form_keys, .typing = true},
	[MAP_LIST] = {.title = "In a field that has a list",
		.bindings = wizard_list_keys,
		.typing = true},
	[MAP_FIELDS] = {.title = "In every field", .bindings = wizard_field_keys, .typing = true},
	[MAP_PICK] = {.title = "In the list under the form", .bindings = wizard_pick_keys},
	[MAP_NEXT] = {.title = "Looking at another step than the next", .bindings = next_keys},
	[MAP_STEP] = {.title = "Looking at the next step", .bindings = step_keys, .changes = true},
	[MAP_PLANNED] = {.title = "When a plan is ready",
		.bindings = planned_keys,
		.changes = true},
	[MAP_PARKED] = {.title = "When it is parked", .bindings = parked_keys, .changes = true},
	[MAP_HALF] = {.title = "When some of it is done", .bindings = half_keys},
	[MAP_BUSY] = {.title = "While a plan runs", .bindings = busy_keys},
	[MAP_ENDED] = {.title = "After a plan has ended", .bindings = ended_keys},
	[MAP_AGAIN] = {.title = "After a plan of this form has ended", .bindings = again_keys},
	[MAP_LEAVE] = {.title = "When nothing runs", .bindings = leave_keys},
	[MAP_EDIT] = {.title = "Before anything was changed", .bindings = edit_keys},
	[MAP_UNDO] = {.title = "After steps that can be undone",
		.bindings = undo_keys,
		.changes = true},
	[MAP_PAGES] = {.title = "Looking at a plan", .bindings = page_keys},
	[MAP_NAME] = {.title = "While a name is typed",
		.bindings = wizard_name_keys,
		.typing = true},
	{0},
};
