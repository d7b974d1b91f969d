/* What a field's value can be chosen from: what its plan offers for it, else the rows of the kind
 * that has the field's name: the wizard knows no other relation between the two. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "tui/said.h"
#include "tui/words.h"
#include "views/list/list.h"
#include "views/value.h"
#include "views/wizard/wizard_state.h"

/* Columns of the values that are offered, at most and at least, and with what they are. */
enum { OFFER_WIDTH = 34, OFFER_WIDTH_MIN = 16, OFFERS_WIDTH = 74 };

static size_t
count_offers(void *owner)
{
	return ((const struct picker *)owner)->offers_len;
}

/* Of an ARM id the name is enough to choose by; the whole of it becomes the value. */
static enum role
offer_cell(void *owner, size_t row, size_t column, char *out, size_t size)
{
	const struct offer *offer = &((const struct picker *)owner)->offers[row];
	const char *name = offer->value[0] == '/' ? strrchr(offer->value, '/') + 1 : offer->value;

	snprintf(out, size, "%s", column == 0 ? name : said(offer->note, (char[SAID]){0}));
	return column == 0 ? ROLE_TEXT : ROLE_DIM;
}

void
wizard_picker_close(struct wizard *wizard)
{
	struct picker *picker = &wizard->picker;

	if (picker->open)
		table_free(&picker->table);
	free(picker->offers);
	*picker = (struct picker){.estate = wizard->estate};
}

static void
open_kind(struct picker *picker, const struct kind *kind)
{
	picker->kind = kind;
	picker->open = true;
	picker->rows = (struct rows){.estate = picker->estate, .kind = kind};
	rows_table(&picker->table, picker->columns, list_columns(kind, picker->columns),
		&picker->rows);
}

/* In the order in which they are offered: the likely ones first. */
static int
by_rank(void *owner, size_t a, size_t b, size_t column)
{
	(void)owner;
	(void)column;
	return a < b ? -1 : a > b;
}

static void
open_offers(struct picker *picker)
{
	int width = OFFER_WIDTH_MIN;
	char name[OFFER_WIDTH + 4];

	for (size_t row = 0; row < picker->offers_len; row++) {
		offer_cell(picker, row, 0, name, sizeof name);
		width = text_width(name) > width ? text_width(name) : width;
	}
	width = width < OFFER_WIDTH ? width : OFFER_WIDTH;
	picker->open = true;
	picker->columns[0] = (struct table_column){
		.name = "value", .title = _("TO CHOOSE FROM"), .width = width};
	picker->columns[1] = (struct table_column){
		.name = "what", .title = _("WHAT IT IS"), .width = OFFERS_WIDTH - width};
	table_init(&picker->table, picker->columns, 2,
		(struct table_source){count_offers, offer_cell, by_rank, picker});
}

void
wizard_picker_follow(struct wizard *wizard)
{
	struct picker *picker = &wizard->picker;
	const char *values[WIZARD_FIELDS];
	const struct plan_field *field;
	struct filling filling;

	wizard_picker_close(wizard);
	if (wizard->asks_len == 0)
		return;
	field = wizard->asks[wizard->form.current];
	if (field->offer) {
		wizard_filling(wizard, wizard->form.current, values, &filling);
		picker->offers = mem_alloc(WIZARD_OFFERS * sizeof *picker->offers);
		picker->offers_len = field->offer(&filling, picker->offers, WIZARD_OFFERS);
		if (picker->offers_len)
			open_offers(picker);
	} else if (kind_find(field->name)) {
		open_kind(picker, kind_find(field->name));
	}
}

/* Rows are many, and are there already; offers are few, and other ones now. */
void
wizard_picker_update(struct wizard *wizard)
{
	struct picker *picker = &wizard->picker;

	if (picker->focus && picker->kind) {
		place_update(&picker->place, picker->estate, picker->kind, &picker->table);
	} else if (picker->kind) {
		table_update(&picker->table);
		picker->table.cursor = picker->table.top = 0;
	} else if (!picker->focus) {
		wizard_picker_follow(wizard);
	}
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
	if (wizard->picker.open)
		wizard->picker.focus = on;
}

/* Of a field that takes several it is one more. */
void
wizard_picker_take(struct wizard *wizard)
{
	struct picker *picker = &wizard->picker;
	struct wizard_field *own = &wizard->own[wizard->form.current];
	char value[WIZARD_TEXT], before[WIZARD_TEXT] = "";
	size_t row;

	wizard_form_look(wizard);
	picker->focus = false;
	if (!table_current(&picker->table, &row))
		return;
	if (picker->kind)
		row_value(picker, row, value, sizeof value);
	else
		snprintf(value, sizeof value, "%s", picker->offers[row].value);
	if (wizard->asks[wizard->form.current]->several)
		snprintf(before, sizeof before, "%s", own->text);
	if (snprintf(own->text, sizeof own->text, "%s%s%s", before, before[0] ? "," : "", value) >=
		(int)sizeof own->text)
		snprintf(own->text, sizeof own->text, "%s", before);
	wizard_form_set(wizard, wizard->form.current);
}

/* The list shows what fits the text typed so far; a name that fits nothing shows all again. */
void
wizard_picker_narrow(struct wizard *wizard)
{
	struct table *table = &wizard->picker.table;
	struct err err;

	if (!wizard->picker.open)
		return;
	if (!table_search(table, wizard->own[wizard->form.current].text, &err) ||
		table->order_len == 0)
		if (!table_filter(table, "", &err))
			app_say_err(app_of(wizard->view), &err);
}

void
wizard_picker_draw(struct wizard *wizard, struct area area)
{
	struct picker *picker = &wizard->picker;

	draw_hline(area, 0);
	area.y++;
	area.h--;
	picker->table.idle = !picker->focus;
	picker->page = area.h > 1 ? area.h - 1 : 1;
	table_draw(&picker->table, area, picker->kind ? _(picker->kind->empty) : "");
	if (picker->kind)
		place_note(&picker->place, picker->estate, picker->kind, &picker->table);
}
