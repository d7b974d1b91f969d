/* A paste into a confirmation could hold the very name that must be typed, without anybody having
 * read it; it is refused with the reason. */
#include "tui/prompt.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "tui/edit.h"
#include "tui/words.h"

enum { TEXT_MIN = 12 };

void
prompt_start(struct prompt *prompt, const char *label, const char *text, bool no_paste)
{
	char keep[sizeof prompt->text];

	/* label and text may be those of the prompt itself. */
	snprintf(keep, sizeof keep, "%s", text ? text : "");
	if (label != prompt->label)
		snprintf(prompt->label, sizeof prompt->label, "%s", label);
	memcpy(prompt->text, keep, sizeof keep);
	prompt->caret = strlen(prompt->text);
	prompt->no_paste = no_paste;
	prompt->notice[0] = '\0';
}

enum prompt_result
prompt_key(struct prompt *prompt, key_code key)
{
	prompt->notice[0] = '\0';
	if (key == TK_ENTER)
		return PROMPT_DONE;
	if (key == TK_ESC || key == KEY_CTRL('g'))
		return PROMPT_CANCELLED;
	if (key == TK_PASTE && prompt->no_paste)
		snprintf(prompt->notice, sizeof prompt->notice,
			_("pasted text is refused: type it"));
	else if (key == TK_PASTE &&
		 strlen(key_pasted()) + strlen(prompt->text) >= sizeof prompt->text)
		snprintf(prompt->notice, sizeof prompt->notice, _("the pasted text is too long"));
	else
		edit_key(prompt->text, sizeof prompt->text, &prompt->caret, key);
	return PROMPT_OPEN;
}

/* The name that confirms is the real one, which nobody is to see. */
static void
draw_stars(const struct prompt *prompt, struct area line, int x, int width)
{
	char stars[sizeof prompt->text];
	size_t len = (size_t)text_width(prompt->text);

	memset(stars, '*', sizeof stars);
	stars[len < sizeof stars ? len : sizeof stars - 1] = '\0';
	edit_draw(line, 0, x, width, ROLE_INPUT, stars, strlen(stars), true);
}

/* Whoever has to type a name has to read all of it. False where there is no room for it either. */
static bool
draw_above(const char *label, struct area line)
{
	struct area rows = {line.y, line.x, draw_rows(line.w - 2, label), line.w};

	if (rows.h > line.y)
		return false;
	rows.y -= rows.h;
	draw_clear(rows);
	rows.x++;
	rows.w -= 2;
	draw_wrapped(rows, 0, ROLE_ACCENT, label);
	return true;
}

/* The notice stands at the right or, where there is no room, in the label's place until the next
 * key; the label gives way before the text. */
void
prompt_draw(struct prompt *prompt, struct area line)
{
	const char *label = prompt->label;
	int notice = text_width(prompt->notice), room = line.w - 1, width = text_width(label);

	draw_cell(line, 0, 0, line.w, false, ROLE_TEXT, "");
	if (width > room - TEXT_MIN && draw_above(label, line))
		width = 0;
	if (notice && width + TEXT_MIN + notice + 2 <= room) {
		room -= notice + 1;
		draw_text(line, 0, room + 1, ROLE_WARN, prompt->notice);
	} else if (notice) {
		label = prompt->notice;
		width = notice + 1;
	}
	if (width > room - TEXT_MIN)
		width = room > TEXT_MIN ? room - TEXT_MIN : 0;
	draw_cell(
		line, 0, 1, width, false, label == prompt->notice ? ROLE_WARN : ROLE_ACCENT, label);
	if (prompt->no_paste && draw_veils())
		draw_stars(prompt, line, 1 + width, room - width);
	else
		edit_draw(line, 0, 1 + width, room - width, ROLE_INPUT, prompt->text, prompt->caret,
			true);
}
