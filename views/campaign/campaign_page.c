/* What the wizard of campaigns shows: at the left the stages with their members, at the right what
 * the one in hand is for and what came of it, below its requests as they are sent. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "tui/stepper.h"
#include "tui/words.h"
#include "views/campaign/campaign_state.h"
#include "views/value.h"

enum { STEPS_WIDE = 52, STEPS_NARROW = 32, WIDE_FROM = 110, NOTE = 48 };

enum item_kind { ITEM_WHOLE, ITEM_STAGE, ITEM_MEMBER, ITEM_RESULT };

struct item {
	enum item_kind kind;
	size_t at; /* of the stage, or of the member */
	char title[96], note[NOTE];
	enum glyph mark;
	enum role role;
	bool spare; /* as in tui/stepper.h */
	int wide;   /* the same */
};

struct items {
	struct item *rows;
	size_t len;
};

static struct item *
add(struct items *items, enum item_kind kind, size_t at, const char *title)
{
	struct item *item;

	items->rows = mem_resize(items->rows, (items->len + 1) * sizeof *items->rows);
	item = &items->rows[items->len++];
	*item = (struct item){.kind = kind, .at = at, .mark = GLYPH_PENDING, .role = ROLE_TEXT};
	snprintf(item->title, sizeof item->title, "%s", title);
	return item;
}

static void
add_whole(struct items *items, const struct campaign *campaign)
{
	struct item *item = add(items, ITEM_WHOLE, 0, _("Preflight"));

	item->mark = campaign->state == PLAN_REFUSED ? GLYPH_FAILED
		     : campaign->previewing          ? GLYPH_CURRENT
						     : GLYPH_DONE;
	item->role = item->mark == GLYPH_FAILED ? ROLE_BAD
		     : item->mark == GLYPH_DONE ? ROLE_OK
						: ROLE_ACCENT;
	if (campaign->findings_len)
		snprintf(item->note, sizeof item->note,
			_n("%zu finding", "%zu findings", campaign->findings_len),
			campaign->findings_len);
}

/* Columns of the longest title of its steps: while one runs its note is the title of that in hand.
 */
static int
longest_step(const struct plan_def *plan)
{
	int most = 0;

	for (size_t i = 0; plan->steps[i]; i++) {
		int width = text_width(_(plan->steps[i]->title));

		most = width > most ? width : most;
	}
	return most;
}

static void
add_member(struct items *items, const struct campaign *campaign, size_t at, const char *indent)
{
	const struct member *member = &campaign->members[at];
	char name[SUBJECT_NAME], title[SUBJECT_NAME + 4];
	struct item *item;

	subject_name(&member->subject, name);
	/* The key is the same in every row: its vault needs no repeating. */
	snprintf(title, sizeof title, "%s%s", indent,
		member->subject.kind == SUBJECT_KEY ? member->subject.key.key : name);
	item = add(items, ITEM_MEMBER, at, title);
	campaign_mark(member, &item->mark, &item->role, item->note, sizeof item->note);
	item->spare = item->mark == GLYPH_DONE;
	if (member->progress != MEMBER_ENDED)
		item->wide = longest_step(member->plan);
}

/* What went worst in a stage counts: no stage is done in which something failed, or in which what
 * was wanted was not seen. */
static enum glyph
worst_of(enum glyph mark, enum glyph other)
{
	return mark == GLYPH_FAILED || other == GLYPH_FAILED     ? GLYPH_FAILED
	       : mark == GLYPH_UNKNOWN || other == GLYPH_UNKNOWN ? GLYPH_UNKNOWN
	       : mark == GLYPH_WARNED || other == GLYPH_WARNED   ? GLYPH_WARNED
								 : GLYPH_DONE;
}

/* A stage is over when a later one is in hand, or all has ended well. */
static void
mark_stage(struct item *item, const struct campaign *campaign, size_t stage, size_t members,
	size_t done, enum glyph worst)
{
	bool well = campaign->state == PLAN_DONE || campaign->state == PLAN_UNCHANGED;

	if (worst != GLYPH_DONE && (well || stage < campaign->stage)) {
		item->mark = worst;
		item->role = worst == GLYPH_FAILED ? ROLE_BAD : ROLE_WARN;
	} else if (well || stage < campaign->stage) {
		item->mark = members ? GLYPH_DONE : GLYPH_SKIPPED;
		item->role = members ? ROLE_OK : ROLE_DIM;
		item->spare = members == 0;
		snprintf(item->note, sizeof item->note, "%s", members ? "" : _("not needed"));
	} else if (stage == campaign->stage) {
		item->mark = campaign->state == PLAN_RUNNING  ? GLYPH_CURRENT
			     : campaign->state == PLAN_PARKED ? GLYPH_SKIPPED
							      : GLYPH_FAILED;
		item->role = campaign->state == PLAN_FAILED ? ROLE_BAD : ROLE_ACCENT;
		if (members > 1)
			snprintf(item->note, sizeof item->note, _("%zu of %zu"), done, members);
	}
}

static void
add_stages(struct items *items, const struct campaign_view *view)
{
	const struct campaign *campaign = view->campaign;

	for (size_t s = 0; campaign->plan->stages[s]; s++) {
		const struct stage *stage = campaign->plan->stages[s];
		size_t place = items->len, members = 0, well = 0;
		enum glyph worst = GLYPH_DONE;

		add(items, ITEM_STAGE, s, _(stage->title));
		for (size_t i = 0; i < campaign->members_len; i++) {
			if (campaign->members[i].stage != stage)
				continue;
			members++;
			add_member(items, campaign, i, "  ");
			well += items->rows[items->len - 1].mark == GLYPH_DONE;
			worst = worst_of(worst, items->rows[items->len - 1].mark);
		}
		if (view->carried)
			mark_stage(&items->rows[place], campaign, s, members, well, worst);
	}
}

static void
add_result(struct items *items, const struct campaign_view *view)
{
	const struct campaign *campaign = view->campaign;
	struct item *item;

	if (!view->carried)
		return;
	item = add(items, ITEM_RESULT, 0, campaign_busy(campaign) ? _("Progress") : _("Result"));
	item->mark = campaign_busy(campaign)          ? GLYPH_CURRENT
		     : campaign->state == PLAN_PARKED ? GLYPH_SKIPPED
		     : campaign->state == PLAN_FAILED || campaign->state == PLAN_REFUSED
			     ? GLYPH_FAILED
			     : GLYPH_DONE;
	snprintf(item->note, sizeof item->note, "%s",
		campaign_busy(campaign) ? "" : _(value_state(plan_state_name(campaign->state))));
}

static void
collect(struct items *items, const struct campaign_view *view)
{
	const struct campaign *campaign = view->campaign;

	*items = (struct items){0};
	add_whole(items, campaign);
	if (!campaign->fleet && !view->back)
		add_stages(items, view);
	else
		for (size_t i = 0; i < campaign->members_len; i++)
			add_member(items, campaign, i, "");
	add_result(items, view);
}

static size_t
place_of(const struct campaign_view *view, const struct items *items)
{
	return view->shown < items->len ? view->shown : items->len - 1;
}

size_t
campaign_place(const struct campaign_view *view, size_t *len)
{
	struct items items;
	size_t place;

	collect(&items, view);
	place = place_of(view, &items);
	*len = items.len;
	free(items.rows);
	return place;
}

static void
write_pages(struct campaign_view *view, const struct item *item)
{
	const struct campaign *campaign = view->campaign;

	page_clear(&view->text);
	page_clear(&view->request);
	switch (item->kind) {
	case ITEM_WHOLE:
		campaign_say_whole(&view->text, view);
		break;
	case ITEM_STAGE:
		campaign_say_stage(&view->text, view, item->at);
		break;
	case ITEM_MEMBER:
		campaign_say_member(&view->text, &campaign->members[item->at]);
		campaign_say_requests(&view->request, &campaign->members[item->at]);
		break;
	case ITEM_RESULT:
		campaign_say_result(&view->text, view);
		break;
	}
}

/* As the stepper draws them; new. */
static struct stepper_item *
steps_of(const struct items *items)
{
	struct stepper_item *steps = mem_alloc(items->len * sizeof *steps);

	for (size_t i = 0; i < items->len; i++)
		steps[i] = (struct stepper_item){items->rows[i].title, items->rows[i].note,
			items->rows[i].mark, items->rows[i].role, items->rows[i].spare,
			items->rows[i].wide};
	return steps;
}

static int
left_width(int columns)
{
	return columns >= WIDE_FROM ? STEPS_WIDE : STEPS_NARROW;
}

/* The requests take what the explanation and the rows at the left can spare. */
static void
draw_request(struct campaign_view *view, struct area *above, int items)
{
	struct area area = {above->y, above->x + 1, 0, above->w - 2};
	int text = page_rows(&view->text, above->w - left_width(above->w) - 3);
	int least = above->h * 3 / 5;

	if (text < least)
		least = text > items ? text : least < items ? least : items;
	area.h = page_rows(&view->request, area.w);
	if (area.h > above->h - 1 - least)
		area.h = above->h - 1 - least;
	if (area.h < 1)
		return;
	above->h -= area.h + 1;
	area.y = above->y + above->h + 1;
	draw_hline((struct area){area.y - 1, above->x, 1, above->w}, 0);
	view->request.more = "J";
	page_draw(&view->request, area);
}

/* Before there is anything to show: that it is being found out, or why it was not. */
static void
draw_none(struct campaign_view *view, struct area area)
{
	page_clear(&view->text);
	if (view->err.kind != ERR_NONE && !view->starting)
		wizard_say_error(&view->text, view->form.plan, &view->err);
	else
		page_text(&view->text, ROLE_TEXT, 0,
			_("Finding out who is concerned. Nothing is changed yet."));
	page_draw(&view->text, area);
	draw_cursor(area, 0, 0);
}

void
campaign_page_draw(struct campaign_view *view, struct area area)
{
	struct area inner = {area.y, area.x + 1, area.h, area.w - 2}, left;
	struct stepper_item *steps;
	struct items items;
	size_t place;

	if (view->campaign == NULL) {
		if (view->starting || view->past[0])
			draw_none(view, inner);
		else
			wizard_form_draw(&view->form, inner);
		return;
	}
	collect(&items, view);
	place = place_of(view, &items);
	steps = steps_of(&items);
	write_pages(view, &items.rows[place]);
	if (view->request.len)
		draw_request(view, &area, stepper_rows(left_width(area.w), steps, items.len));
	left = area;
	left.w = left_width(area.w);
	draw_vline(area, left.w);
	area.x += left.w + 2;
	area.w -= left.w + 3;
	page_draw(&view->text, area);
	stepper_draw(left, steps, items.len, place);
	free(steps);
	free(items.rows);
}
