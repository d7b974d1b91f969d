/* A choice shows every alternative, not one behind a key: what can be chosen is part of the
 * explanation. Where they do not fit it shows the chosen one between arrows. */
#include "tui/form.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "tui/edit.h"

enum { LABEL_MAX = 28, TEXT_MAX = 64 };

static void
move(struct form *form, size_t to)
{
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
		move(form, (form->current + len - 1) % len);
		return true;
	case TK_DOWN:
	case TK_TAB:
		move(form, (form->current + 1) % len);
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

static void
draw_field(const struct form *form, struct area area, int y, int x, size_t i)
{
	const struct field *field = &form->fields[i];
	bool current = i == form->current;
	int width = area.w - x - 1;

	draw_text(area, y, 0, current ? ROLE_ACCENT : ROLE_TEXT,
		current ? draw_glyph(GLYPH_CURRENT) : " ");
	draw_cell(area, y, 2, x - 3, false, current ? ROLE_ACCENT : ROLE_TEXT, field->label);
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

void
form_draw(struct form *form, struct area area)
{
	const struct field *current = form->fields_len ? &form->fields[form->current] : NULL;
	int label = 0, rows = (int)form->fields_len, help = 0, top = 0;

	draw_clear(area);
	if (current == NULL)
		return;
	if (current->kind == FIELD_TEXT && form->caret > strlen(current->text))
		form->caret = strlen(current->text);
	for (size_t i = 0; i < form->fields_len; i++) {
		int width = text_width(form->fields[i].label);

		label = width > label ? width : label;
	}
	if (label > LABEL_MAX)
		label = LABEL_MAX;
	if (current->help)
		help = 1 + draw_rows(area.w - 2, current->help);
	if (rows + help > area.h)
		help = rows > area.h ? 0 : area.h - rows;
	if (rows > area.h && (int)form->current >= area.h)
		top = (int)form->current - area.h + 1;
	for (int i = top; i < rows && i - top < area.h; i++)
		draw_field(form, area, i - top, 2 + label + 2, (size_t)i);
	if (help > 1)
		draw_wrapped((struct area){area.y + rows + 1, area.x + 2, help - 1, area.w - 2}, 0,
			ROLE_DIM, current->help);
}
