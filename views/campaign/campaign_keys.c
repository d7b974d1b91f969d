/* What keys do in the wizard of campaigns, by what it is at. */
#include "views/campaign/campaign_state.h"

static const struct binding ready_keys[] = {
	{TK_ENTER, 'A', CAMPAIGN_GO, "carry out", "Carry it out, after asking"},
	{0},
};

static const struct binding sees_keys[] = {
	{TK_ENTER, KEY_NOTHING, CAMPAIGN_GO, "watch",
		"Look what has become of the accounts; changes nothing"},
	{0},
};

static const struct binding parked_keys[] = {
	{TK_ENTER, 'A', CAMPAIGN_GO, "go on", "Go on with what is left, after asking"},
	{0},
};

static const struct binding busy_keys[] = {
	{'q', TK_ESC, CAMPAIGN_LEAVE, "park",
		"Stop at the next safe point; what is done stays done"},
	{0},
};

static const struct binding looked_keys[] = {
	{'n', KEY_NOTHING, CAMPAIGN_REQUESTS, "dry run", "Show every request as it would be sent"},
	{0},
};

static const struct binding edit_keys[] = {
	{'e', KEY_NOTHING, CAMPAIGN_EDIT, "edit", "Back to the form"},
	{0},
};

static const struct binding over_keys[] = {
	{'x', KEY_NOTHING, CAMPAIGN_TIMELINE, "timeline",
		"Write the timeline with its request ids to a file: NAME.md or NAME.json"},
	{'n', KEY_NOTHING, CAMPAIGN_REQUESTS, "requests", "Show every request"},
	{'y', KEY_NOTHING, CAMPAIGN_JSON, "JSON", "Show the result as the command line gives it"},
	{0},
};

static const struct binding undo_keys[] = {
	{'u', KEY_NOTHING, CAMPAIGN_BACK, "take back",
		"Look at what taking it back would change; it is asked before anything is"},
	{0},
};

static const struct binding page_keys[] = {
	{TK_UP, 'k', CAMPAIGN_UP, NULL, "Look at the row above"},
	{TK_DOWN, 'j', CAMPAIGN_DOWN, NULL, "Look at the row below"},
	{TK_HOME, 'g', CAMPAIGN_FIRST, NULL, "Look at the whole"},
	{TK_END, 'G', CAMPAIGN_LAST, NULL, "Look at what has become of it"},
	{TK_PAGE_DOWN, ' ', CAMPAIGN_SCROLL, NULL, "Scroll the explanation down"},
	{TK_PAGE_UP, 'b', CAMPAIGN_SCROLL, NULL, "Scroll the explanation up"},
	{'J', KEY_NOTHING, CAMPAIGN_SCROLL_REQUEST, NULL, "Scroll the requests down"},
	{'K', KEY_NOTHING, CAMPAIGN_SCROLL_REQUEST, NULL, "Scroll the requests up"},
	{'m', KEY_NOTHING, CAMPAIGN_COMMANDS, "commands",
		"The same as commands of claviger and of the Azure CLI, to be copied"},
	{0},
};

static const struct binding leave_keys[] = {
	{'q', TK_ESC, CAMPAIGN_LEAVE, "leave", "Leave"},
	{0},
};

const struct keymap campaign_keymaps[] = {
	[CMAP_FORM] = {.title = "In the form", .bindings = wizard_form_keys, .typing = true},
	[CMAP_LIST] = {.title = "In a field that has a list",
		.bindings = wizard_list_keys,
		.typing = true},
	[CMAP_FIELDS] = {.title = "In every field", .bindings = wizard_field_keys, .typing = true},
	[CMAP_PICK] = {.title = "In the list under the form", .bindings = wizard_pick_keys},
	[CMAP_READY] = {.title = "When it can be carried out",
		.bindings = ready_keys,
		.changes = true},
	[CMAP_SEES] = {.title = "When nothing is left to be changed", .bindings = sees_keys},
	[CMAP_PARKED] = {.title = "When it is parked", .bindings = parked_keys, .changes = true},
	[CMAP_BUSY] = {.title = "While it runs", .bindings = busy_keys},
	[CMAP_LOOKED] = {.title = "Before anything was changed", .bindings = looked_keys},
	[CMAP_OVER] = {.title = "Once it was carried out", .bindings = over_keys},
	[CMAP_UNDO] = {.title = "After changes", .bindings = undo_keys, .changes = true},
	[CMAP_PAGES] = {.title = "Looking at it", .bindings = page_keys},
	[CMAP_LEAVE] = {.title = "When nothing runs", .bindings = leave_keys},
	[CMAP_EDIT] = {.title = "Before anything was changed", .bindings = edit_keys},
	[CMAP_PROMPT] = {.title = "While a name is typed",
		.bindings = wizard_name_keys,
		.typing = true},
	{0},
};
