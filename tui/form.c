/* A choice shows every alternative, not one behind a key: what can be chosen is part of the
 * explanation. Where they do not fit it shows the chosen one between arrows. */
#include "tui/form.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "tui/edit.h"

enum { LABEL_MAX = 28, TEXT_MAX = 64 };

/* To the next field that is shown, by fields further on, around the ends. */
static void
move(struct form *form, size_t by)
{
	size_t to = form->current;

	do
		to = (to + by) % form->fields_len;
	while (form->fields[to].hidden && to != form->current);
	form->current = to;
	if (form->fields[to].kind == FIELD_TEXT)
		form->caret = strlen(form->fields[to].text);
}

static bool
choose(struct field *field, key_code key)
{
	size_t len = field->kind == FIELD_CHECK ? 2 : field->choices_len;

	if (len == 0)
		return false;
	if (key == TK_RIGHT || key == ' ')
		field->chosen = (field->chosen + 1) % len;
	else if (key == TK_LEFT)
		field->chosen = (field->chosen + len - 1) % len;
	else
		return false;
	return true;
}

bool
form_key(struct form *form, key_code key)
{
	struct field *field;
	size_t len = form->fields_len;

	if (len == 0)
		return false;
	field = &form->fields[form->current];
	switch (key) {
	case TK_UP:
	case TK_BACKTAB:
		move(form, len - 1);
		return true;
	case TK_DOWN:
	case TK_TAB:
		move(form, 1);
		return true;
	default:
		if (field->kind != FIELD_TEXT)
			return choose(field, key);
		if (form->caret > strlen(field->text))
			form->caret = strlen(field->text);
		return edit_key(field->text, field->size, &form->caret, key);
	}
}

static void
draw_choice(struct area area, int y, int x, const struct field *field, bool current)
{
	enum role on = current ? ROLE_SELECTED : ROLE_ACCENT;
	int width = 0, caret = x;

	for (size_t i = 0; i < field->choices_len; i++)
		width += text_width(field->choices[i]) + 3;
	if (width > area.w - x) {
		draw_textf(area, y, x, on, "< %s >", field->choices[field->chosen]);
	} else {
		for (size_t i = 0; i < field->choices_len; i++) {
			bool chosen = i == field->chosen;

			if (chosen)
				caret = x;
			x += 1 + draw_textf(area, y, x, chosen ? on : ROLE_DIM,
					 chosen ? "[%s]" : " %s ", field->choices[i]);
		}
	}
	if (current)
		draw_cursor(area, y, caret);
}

static bool
has_hint(const struct field *field)
{
	return field->hint && field->hint[0];
}

static const char *
hint_glyph(const struct field *field)
{
	return draw_glyph(field->hint_role == ROLE_BAD    ? GLYPH_FAILED
			  : field->hint_role == ROLE_WARN ? GLYPH_WARNED
			  : field->hint_role == ROLE_OK   ? GLYPH_DONE
							  : GLYPH_CURRENT);
}

static void
draw_field(const struct form *form, struct area area, int y, int x, size_t i)
{
	const struct field *field = &form->fields[i];
	bool current = i == form->current;
	int width = area.w - x - 1;

	draw_text(area, y, 0, current ? ROLE_ACCENT : ROLE_TEXT,
		current ? draw_glyph(GLYPH_CURRENT) : " ");
	draw_cell(area, y, 2, x - 5, false, current ? ROLE_ACCENT : ROLE_TEXT, field->label);
	if (has_hint(field) && (field->hint_role == ROLE_BAD || field->hint_role == ROLE_WARN))
		draw_text(area, y, x - 2, field->hint_role, hint_glyph(field));
	if (field->kind == FIELD_TEXT) {
		edit_draw(area, y, x, width < TEXT_MAX ? width : TEXT_MAX, ROLE_INPUT, field->text,
			current ? form->caret : 0, current);
	} else if (field->kind == FIELD_CHECK) {
		draw_text(area, y, x, current ? ROLE_SELECTED : ROLE_TEXT,
			field->chosen ? "[x]" : "[ ]");
		if (current)
			draw_cursor(area, y, x + 1);
	} else {
		draw_choice(area, y, x, field, current);
	}
}

/* Rows of the fields that are shown, up to one of them. */
static int
rows_before(const struct form *form, size_t field)
{
	int rows = 0;

	for (size_t i = 0; i < field; i++)
		rows += !form->fields[i].hidden;
	return rows;
}

/* Help and hint of the current field, with the blank row above them. */
static int
rows_under(const struct form *form, int width)
{
	const struct field *field = &form->fields[form->current];
	int rows = 0;

	if (field->help && field->help[0])
		rows += draw_rows(width - 2, field->help);
	if (has_hint(field))
		rows += draw_rows(width - 4, field->hint);
	return rows ? rows + 1 : 0;
}

int
form_rows(const struct form *form, int width)
{
	if (form->fields_len == 0)
		return 0;
	return rows_before(form, form->fields_len) + rows_under(form, width);
}

static void
draw_under(const struct field *field, struct area area)
{
	int rows = field->help && field->help[0] ? draw_rows(area.w, field->help) : 0;

	if (rows)
		draw_wrapped(area, 0, ROLE_DIM, field->help);
	if (!has_hint(field) || rows >= area.h)
		return;
	draw_text(area, rows, 0, field->hint_role, hint_glyph(field));
	draw_wrapped((struct area){area.y + rows, area.x + 2, area.h - rows, area.w - 2}, 0,
		field->hint_role, field->hint);
}

static int
label_columns(const struct form *form)
{
	int columns = 0;

	for (size_t i = 0; i < form->fields_len; i++) {
		int width = form->fields[i].hidden ? 0 : text_width(form->fields[i].label);

		columns = width > columns ? width : columns;
	}
	return columns < LABEL_MAX ? columns : LABEL_MAX;
}

void
form_draw(struct form *form, struct area area)
{
	const struct field *current = form->fields_len ? &form->fields[form->current] : NULL;
	int rows = rows_before(form, form->fields_len), at = rows_before(form, form->current);
	int under, top = 0, y;

	draw_clear(area);
	if (current == NULL)
		return;
	if (current->kind == FIELD_TEXT && form->caret > strlen(current->text))
		form->caret = strlen(current->text);
	under = rows_under(form, area.w);
	if (rows + under > area.h)
		under = rows > area.h ? 0 : area.h - rows;
	if (rows > area.h && at >= area.h)
		top = at - area.h + 1;
	y = -top;
	for (size_t i = 0; i < form->fields_len; i++)
		if (!form->fields[i].hidden && y++ >= 0)
			draw_field(form, area, y - 1, 2 + label_columns(form) + 3, i);
	if (under > 1)
		draw_under(current,
			(struct area){area.y + rows + 1, area.x + 2, under - 1, area.w - 2});
}
