/* The form of a plan, made from its fields. A field that has the name of a kind is chosen from that
 * kind's rows: the wizard knows no other relation between the two. */
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "tui/table.h"
#include "views/list.h"
#include "views/value.h"
#include "views/wizard_state.h"

static size_t
count(void *owner)
{
	const struct picker *picker = owner;

	return picker->kind->count(picker->estate);
}

static enum role
cell(void *owner, size_t row, size_t column, char *out, size_t size)
{
	const struct picker *picker = owner;

	return list_role(picker->kind->cell(picker->estate, row, column, out, size));
}

static void
picker_open(struct wizard *wizard, const struct kind *kind)
{
	struct picker *picker = &wizard->picker;

	if (picker->kind == kind)
		return;
	if (picker->kind)
		table_free(&picker->table);
	*picker = (struct picker){.kind = kind, .estate = wizard->estate};
	if (kind == NULL)
		return;
	for (size_t i = 0; i < kind->columns_len && i < WIZARD_COLUMNS; i++)
		picker->columns[i] = (struct table_column){.name = kind->columns[i].name,
			.title = kind->columns[i].title,
			.width = kind->columns[i].width,
			.rank = kind->columns[i].rank,
			.right = kind->columns[i].right};
	table_init(&picker->table, picker->columns, kind->columns_len,
		(struct table_source){count, cell, NULL, picker});
}

static void
follow_field(struct wizard *wizard)
{
	const struct plan_def *plan = wizard->plan;

	picker_open(wizard,
		plan->fields_len ? kind_find(plan->fields[wizard->form.current].name) : NULL);
}

/* What a row is called as a value: VAULT/NAME where the row is in a vault, else its name. */
static void
row_value(const struct picker *picker, size_t row, char *out, size_t room)
{
	json_t *json = picker->kind->json(picker->estate, row);
	char vault[96], name[140];

	value_text(json, "vault", vault, sizeof vault);
	value_text(json, "name", name, sizeof name);
	snprintf(out, room, "%s%s%s", vault, vault[0] ? "/" : "", name);
	json_decref(json);
}

void
wizard_picker_focus(struct wizard *wizard, bool on)
{
	if (wizard->picker.kind)
		wizard->picker.focus = on;
}

void
wizard_picker_take(struct wizard *wizard)
{
	struct wizard_field *own = &wizard->own[wizard->form.current];
	size_t row;

	wizard->picker.focus = false;
	if (!table_current(&wizard->picker.table, &row))
		return;
	row_value(&wizard->picker, row, own->text, sizeof own->text);
	own->touched = true;
	wizard->form.caret = strlen(own->text);
}

static void
explain(struct wizard *wizard, size_t i, const char *reason)
{
	const struct plan_field *field = &wizard->plan->fields[i];
	struct wizard_field *own = &wizard->own[i];

	snprintf(own->help, sizeof own->help, "%s%s%s%s", field->help,
		field->required ? " Required." : "",
		reason[0] == '\0'      ? ""
		: own->text[0] == '\0' ? " Empty: "
				       : " Filled in: ",
		reason);
}

static void
suggest(struct wizard *wizard, const struct facts *facts)
{
	for (size_t i = 0; i < wizard->plan->fields_len; i++) {
		const struct plan_field *field = &wizard->plan->fields[i];
		struct wizard_field *own = &wizard->own[i];
		char value[WIZARD_TEXT] = "", reason[400] = "";

		if (own->touched || field->suggest == NULL ||
			!field->suggest(
				wizard->estate, facts, value, sizeof value, reason, sizeof reason))
			continue;
		if (wizard->fields[i].kind == FIELD_CHECK)
			wizard->fields[i].chosen = strcmp(value, "yes") == 0;
		for (size_t c = 1; c < wizard->fields[i].choices_len; c++)
			if (strcmp(own->choices[c], value) == 0)
				wizard->fields[i].chosen = c;
		if (wizard->fields[i].kind == FIELD_TEXT)
			snprintf(own->text, sizeof own->text, "%s", value);
		explain(wizard, i, reason);
		if (i == wizard->form.current)
			wizard->form.caret = strlen(own->text);
	}
}

static void
account_read(void *user, struct facts *facts, const struct err *err)
{
	struct wizard *wizard = user;

	wizard->reading = NULL;
	if (err && err->kind != ERR_NONE)
		app_say_err(app_of(wizard->view), err);
	else
		suggest(wizard, facts);
	app_dirty(app_of(wizard->view));
}

void
wizard_form_open(struct wizard *wizard)
{
	for (size_t i = 0; i < wizard->plan->fields_len && i < PLAN_FIELDS_MAX; i++) {
		const struct plan_field *from = &wizard->plan->fields[i];
		struct wizard_field *own = &wizard->own[i];
		struct field *field = &wizard->fields[i];

		*field = (struct field){.label = from->title,
			.help = own->help,
			.hidden = from->applies && wizard->service &&
				  !from->applies(wizard->service)};
		explain(wizard, i, "");
		if (from->choices) {
			field->kind = FIELD_CHOICE;
			field->choices = own->choices;
			own->choices[field->choices_len++] = draw_glyph(GLYPH_NONE);
			for (size_t c = 0; from->choices[c] && c + 1 < WIZARD_CHOICES; c++)
				own->choices[field->choices_len++] = from->choices[c];
		} else if (from->arg == NULL) {
			field->kind = FIELD_CHECK;
		} else {
			field->text = own->text;
			field->size = sizeof own->text;
		}
	}
	wizard->form.fields = wizard->fields;
	wizard->form.fields_len = wizard->plan->fields_len;
	follow_field(wizard);
	if (wizard->service)
		wizard->reading = estate_read_start(
			wizard->estate, &wizard->subject.id, account_read, wizard);
}

void
wizard_form_close(struct wizard *wizard)
{
	if (wizard->reading)
		reading_cancel(wizard->reading);
	wizard->reading = NULL;
	picker_open(wizard, NULL);
}

void
wizard_form_estate(struct wizard *wizard)
{
	if (wizard->picker.kind)
		table_update(&wizard->picker.table);
}

/* The list shows what fits the text typed so far; a name that fits nothing shows all again. */
static void
narrow(struct wizard *wizard)
{
	struct table *table = &wizard->picker.table;
	char words[WIZARD_TEXT];
	struct err err;

	if (wizard->picker.kind == NULL)
		return;
	snprintf(words, sizeof words, "%s", wizard->own[wizard->form.current].text);
	for (char *at = words; *at; at++)
		if (strchr("/:!", *at))
			*at = ' ';
	if (!table_filter(table, words, &err) || table->order_len == 0)
		if (!table_filter(table, "", &err))
			app_say_err(app_of(wizard->view), &err);
}

bool
wizard_form_key(struct wizard *wizard, key_code key)
{
	size_t current = wizard->form.current;
	struct wizard_field *own = &wizard->own[current];
	char before[WIZARD_TEXT];
	size_t chosen = wizard->fields[current].chosen;
	bool eaten;

	if (wizard->picker.focus) {
		return table_key(&wizard->picker.table, key, wizard->picker.page);
	}
	memcpy(before, own->text, sizeof before);
	eaten = form_key(&wizard->form, key);
	if (strcmp(before, own->text) != 0 || chosen != wizard->fields[current].chosen) {
		own->touched = true;
		explain(wizard, current, "");
		narrow(wizard);
	}
	if (wizard->form.current != current)
		follow_field(wizard);
	return eaten;
}

static int
rows_wanted(const struct wizard *wizard, int width)
{
	return form_rows(&wizard->form) + 1 +
	       draw_rows(width - 2, wizard->own[wizard->form.current].help);
}

static void
draw_list(struct wizard *wizard, struct area area)
{
	struct picker *picker = &wizard->picker;

	draw_hline(area, 0);
	area.y++;
	area.h--;
	picker->table.idle = !picker->focus;
	picker->page = area.h > 1 ? area.h - 1 : 1;
	table_draw(&picker->table, area, picker->kind->empty);
}

/* What has the keys is drawn last: the cursor rests there. */
void
wizard_form_draw(struct wizard *wizard, struct area area)
{
	const struct picker *picker = &wizard->picker;
	struct area top = area, list = area;

	top.h = rows_wanted(wizard, area.w);
	if (picker->kind && top.h > area.h - 4)
		top.h = area.h - 4;
	list.y += top.h;
	list.h -= top.h;
	if (picker->kind && !picker->focus)
		draw_list(wizard, list);
	form_draw(&wizard->form, top);
	if (picker->kind && picker->focus)
		draw_list(wizard, list);
}

bool
wizard_form_ready(struct wizard *wizard)
{
	for (size_t i = 0; i < wizard->plan->fields_len; i++) {
		const struct plan_field *field = &wizard->plan->fields[i];

		if (!field->required || wizard->fields[i].kind != FIELD_TEXT ||
			wizard->own[i].text[0])
			continue;
		wizard->form.current = i;
		wizard->form.caret = 0;
		follow_field(wizard);
		if (wizard->picker.kind)
			wizard_picker_focus(wizard, true);
		app_say(app_of(wizard->view), ROLE_MESSAGE, "%s is needed: %s", field->title,
			wizard->picker.kind ? "choose one from the list, or Esc and type it"
					    : field->help);
		return false;
	}
	return true;
}

void
wizard_form_values(const struct wizard *wizard, const char *values[PLAN_FIELDS_MAX])
{
	for (size_t i = 0; i < PLAN_FIELDS_MAX; i++) {
		const struct field *field = &wizard->fields[i];

		values[i] = NULL;
		if (i >= wizard->plan->fields_len)
			continue;
		if (field->kind == FIELD_TEXT && wizard->own[i].text[0])
			values[i] = wizard->own[i].text;
		else if (field->kind == FIELD_CHOICE && field->chosen)
			values[i] = field->choices[field->chosen];
		else if (field->kind == FIELD_CHECK && field->chosen)
			values[i] = "yes";
	}
}
