/* What the wizard shows of a plan: the steps at the left, at the right what a step is for and what
 * came of it, below the request as it is sent. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "tui/said.h"
#include "tui/stepper.h"
#include "tui/words.h"
#include "views/app/keymap.h"
#include "views/page/meaning.h"
#include "views/value.h"
#include "views/wizard/field_words.h"
#include "views/wizard/wizard_state.h"

enum { STEPS_WIDE = 43, STEPS_NARROW = 30, WIDE_FROM = 100, TEXT_BYTES = 65536 };

size_t
wizard_next(const struct run *run)
{
	size_t i = 0;

	while (i < run->steps_len && run->steps[i].state != STEP_NEEDED &&
		run->steps[i].state != STEP_ACCEPTED && run->steps[i].state != STEP_RUNNING)
		i++;
	return i;
}

bool
wizard_ended(const struct run *run)
{
	return run->state == PLAN_UNCHANGED || run->state == PLAN_DONE ||
	       run->state == PLAN_FAILED || run->state == PLAN_REFUSED ||
	       run->state == PLAN_PARKED || run->state == PLAN_ROLLED_BACK;
}

bool
wizard_has_result(const struct run *run)
{
	return wizard_ended(run) && run->state != PLAN_REFUSED && run->state != PLAN_UNCHANGED;
}

/* What has an unknown outcome, or is still at work in Azure, may stand too. */
static bool
stands(const struct run_step *step)
{
	return step->partly || step->state == STEP_DONE || step->state == STEP_ACCEPTED ||
	       step->state == STEP_UNKNOWN;
}

bool
wizard_has_changed(const struct run *run)
{
	for (size_t i = 0; i < run->steps_len; i++)
		if (stands(&run->steps[i]) && run->steps[i].step->changes)
			return true;
	return false;
}

bool
wizard_can_undo(const struct run *run)
{
	for (size_t i = 0; i < run->steps_len; i++)
		if (stands(&run->steps[i]) && run->steps[i].step->undo)
			return true;
	return false;
}

/* Whether there is a next step: after a failure there is none. */
static bool
goes_on(const struct run *run)
{
	return !wizard_ended(run) || run->state == PLAN_PARKED;
}

/* After undoing: what a change made stays, what was only looked at was seen before. */
static void
describe_kept(const struct run_step *step, struct stepper_item *item, char *note, size_t room)
{
	if (!step->step->changes) {
		item->mark = GLYPH_SKIPPED;
		item->role = ROLE_DIM;
	}
	snprintf(note, room, "%s", step->step->changes ? _("stays") : _("before that"));
}

/* Mark, role and a few words for one step. */
static void
describe_item(const struct run *run, size_t i, struct stepper_item *item, char *note, size_t room)
{
	const struct run_step *step = &run->steps[i];
	struct call_wait wait;
	bool waits = run->waiting || plan_waits(run, &wait);

	*item = (struct stepper_item){
		_(step->step->title), note, GLYPH_PENDING, ROLE_TEXT, false, 0};
	note[0] = '\0';
	switch (step->state) {
	case STEP_PENDING:
		item->role = ROLE_DIM;
		if (step->note[0])
			item->mark = GLYPH_SKIPPED;
		snprintf(note, room, "%s", said(step->note, (char[SAID]){0}));
		break;
	case STEP_NEEDED:
		item->mark = i == wizard_next(run) && goes_on(run) ? GLYPH_CURRENT : GLYPH_PENDING;
		snprintf(note, room, "%s", step->partly ? _("in part") : "");
		break;
	case STEP_RUNNING:
		item->mark = GLYPH_CURRENT;
		item->role = ROLE_ACCENT;
		item->spare = !waits;
		snprintf(note, room, "%s", waits ? _("waiting") : draw_glyph(GLYPH_ELLIPSIS));
		break;
	case STEP_SKIPPED:
		item->mark = GLYPH_SKIPPED;
		item->role = step->note[0] ? ROLE_WARN : ROLE_DIM;
		item->spare = step->note[0] == '\0';
		snprintf(note, room, "%s", step->note[0] ? _("skipped") : _("not needed"));
		break;
	case STEP_DONE:
		item->mark = GLYPH_DONE;
		item->role = ROLE_OK;
		if (run->state == PLAN_ROLLED_BACK && i)
			describe_kept(step, item, note, room);
		else
			value_took((double)step->us / 1e6, note, room);
		item->spare = true;
		break;
	case STEP_FAILED:
		item->mark = GLYPH_FAILED;
		item->role = ROLE_BAD;
		snprintf(note, room, "%s", step->err.code[0] ? step->err.code : _("failed"));
		break;
	case STEP_ACCEPTED:
		item->mark = GLYPH_UNKNOWN;
		item->role = ROLE_WARN;
		snprintf(note, room, _("accepted"));
		break;
	case STEP_UNKNOWN:
		item->mark = GLYPH_UNKNOWN;
		item->role = ROLE_WARN;
		snprintf(note, room, _("unknown"));
		break;
	}
}

struct steps {
	struct stepper_item items[PLAN_STEPS_MAX + 1];
	size_t len;
	char notes[PLAN_STEPS_MAX][80];
};

static void
describe_steps(const struct run *run, struct steps *out)
{
	out->len = run->steps_len;
	for (size_t i = 0; i < run->steps_len; i++)
		describe_item(run, i, &out->items[i], out->notes[i], sizeof out->notes[i]);
	if (wizard_has_result(run))
		out->items[out->len++] = (struct stepper_item){_("Result"),
			_(value_state(plan_state_name(run->state))),
			run->state == PLAN_DONE || run->state == PLAN_ROLLED_BACK ? GLYPH_DONE
			: run->state == PLAN_PARKED                               ? GLYPH_SKIPPED
										  : GLYPH_FAILED,
			ROLE_TEXT, false, 0};
}

void
wizard_say_error(struct page *page, const struct plan_def *plan, const struct err *err)
{
	/* Who parked it knows why, and what is left is told beside it. */
	if (err->kind == ERR_NONE || strcmp(err->code, "Parked") == 0)
		return;
	page_text(page, err->kind == ERR_PARKED ? ROLE_WARN : ROLE_BAD, 0, "%s%s%s", err->code,
		err->code[0] ? ": " : "", field_words(plan, err->msg, (char[SAID]){0}));
	if (err->kind != ERR_PARKED)
		meaning_add(page, err->code);
	if (err->request_id[0])
		page_text(page, ROLE_DIM, 0, _("request %s"), err->request_id);
}

static const char *
step_title(const struct run *run, const char *name)
{
	for (size_t i = 0; i < run->steps_len; i++)
		if (strcmp(run->steps[i].step->name, name) == 0)
			return _(run->steps[i].step->title);
	return name;
}

static void
add_finding(struct page *page, const struct run *run, const struct finding *finding)
{
	const char *severity = severity_name(finding->rule->severity);
	enum role role = finding->effect == FINDING_MENDED ? ROLE_TEXT : value_severity(severity);
	char source[200];

	page_blank(page);
	page_item(page, role, "%s %s: %s",
		draw_glyph(finding->effect == FINDING_BLOCKS ? GLYPH_FAILED : GLYPH_CURRENT),
		_(severity), field_words(run->plan, finding->cause, (char[SAID]){0}));
	if (finding->effect == FINDING_MENDED)
		page_text(page, run->state == PLAN_REFUSED ? ROLE_TEXT : ROLE_OK, 2, "%s: %s",
			run->state == PLAN_REFUSED ? _("would be mended by the step")
						   : _("mended by the step"),
			step_title(run, finding->mended_by));
	else
		page_text(page, ROLE_TEXT, 2, "%s",
			field_words(run->plan, finding->rule->remedy, (char[SAID]){0}));
	page_text(page, ROLE_DIM, 2, _("source: %s"),
		_(finding_source(finding, source, sizeof source)));
}

bool
wizard_say_wait(const struct run *run, char *out, size_t room)
{
	struct call_wait wait;
	char reason[WAIT_REASON];

	if (!plan_waits(run, &wait))
		return false;
	snprintf(out, room, _("%s, again in %d s (%d of %d)"), call_wait_reason(&wait, reason),
		(wait.ms + 999) / 1000, wait.try, wait.tries);
	return true;
}

static void
add_wait(struct page *page, const struct run *run)
{
	char text[160];

	if (wizard_say_wait(run, text, sizeof text))
		page_text(page, ROLE_WARN, 0, "%s", text);
}

static void
add_needed(struct page *page, const struct wizard *wizard, size_t needed, size_t changes)
{
	const struct app *app = app_of(wizard->view);
	char next[KEY_LABEL], all[KEY_LABEL];

	app_key(app, &view_wizard, MAP_NEXT, WIZARD_RUN, next);
	app_key(app, &view_wizard, MAP_PLANNED, WIZARD_ALL, all);
	if (needed == 1)
		page_text(page, ROLE_TEXT, 0,
			changes ? _("One step is to be done, a change. %s shows it, %s runs it.")
				: _("One step is to be done. %s shows it, %s runs it."),
			next, all);
	else
		page_text(page, ROLE_TEXT, 0,
			_("%zu steps are to be done, %zu of them changes. %s shows the next one, %s "
			  "runs them all."),
			needed, changes, next, all);
}

static void
describe_preflight(struct page *page, const struct wizard *wizard)
{
	const struct run *run = wizard->run;
	size_t needed = 0, changes = 0;

	for (size_t i = 0; i < run->steps_len; i++) {
		needed += run->steps[i].state == STEP_NEEDED;
		changes += run->steps[i].state == STEP_NEEDED && run->steps[i].step->changes;
	}
	if (run->state == PLAN_READING) {
		page_text(page, ROLE_TEXT, 0,
			_("Testing the RSA of this machine, then reading what the plan is about. "
			  "Nothing is changed yet."));
		add_wait(page, run);
		return;
	}
	if (run->state == PLAN_FAILED && run->steps[0].state == STEP_FAILED)
		wizard_say_error(page, run->plan, &run->err);
	else if (run->state == PLAN_REFUSED)
		page_text(page, ROLE_BAD, 0,
			_("Refused: nothing was changed. What stands in the way:"));
	else if (run->state == PLAN_UNCHANGED && plan_leaves(run))
		page_text(page, ROLE_WARN, 0,
			_("What it has done cannot be taken back: its steps say why."));
	else if (run->state == PLAN_UNCHANGED)
		page_text(page, ROLE_OK, 0,
			_("Nothing is to be done: everything is as wanted already."));
	else if (needed)
		add_needed(page, wizard, needed, changes);
	if (needed && plan_cuts(run))
		page_text(page, ROLE_DANGER, 0,
			_("This cuts access to data: whatever depends on it goes dark. \"%s\" is "
			  "asked for first."),
			plan_confirm_name(run));
	if (run->findings_len == 0)
		page_text(page, ROLE_DIM, 0, _("No finding."));
	for (int blocks = 1; blocks >= 0; blocks--)
		for (size_t i = 0; i < run->findings_len; i++)
			if ((run->findings[i].effect == FINDING_BLOCKS) == blocks)
				add_finding(page, run, &run->findings[i]);
}

static void
add_outcome(struct page *page, const struct run *run, const struct run_step *step)
{
	char seconds[32];

	if (step->state == STEP_RUNNING && run->waiting) {
		const struct err *why = plan_tries_again(run);
		int left = (int)((run->budget_us - run->waited_us) / 1000000);

		if (why)
			page_text(page, ROLE_WARN, 0, _("Not done: %d %s"), why->http, why->code);
		else
			page_text(page, ROLE_ACCENT, 0, "%s", _("It has not taken effect yet"));
		page_text(page, ROLE_ACCENT, 0, _("Trying again for %d:%02d more at most."),
			left > 0 ? left / 60 : 0, left > 0 ? left % 60 : 0);
	}
	if (step->note[0])
		page_item(page, step->state == STEP_DONE ? ROLE_OK : ROLE_TEXT, "%s %s",
			draw_glyph(step->state == STEP_DONE ? GLYPH_DONE : GLYPH_CURRENT),
			said(step->note, (char[SAID]){0}));
	wizard_say_error(page, run->plan, &step->err);
	value_took((double)step->us / 1e6, seconds, sizeof seconds);
	if (step->request_id[0])
		page_text(page, ROLE_DIM, 0, _("request %s  %s"), step->request_id, seconds);
}

/* A description is parts with "; " between; each gets a row of its own. */
static void
add_parts(struct page *page, const char *text)
{
	char room[SAID];
	const char *stop = _("; "), *end;

	for (text = said(text, room); *text; text = end + strlen(stop)) {
		end = strstr(text, stop);
		page_text(page, ROLE_ACCENT, 0, "%.*s", end ? (int)(end - text) : (int)strlen(text),
			text);
		if (end == NULL)
			return;
	}
}

static void
describe_step(struct page *page, const struct run *run, const struct run_step *step, bool back)
{
	char does[600] = "";

	if (step->step->describe && !back)
		step->step->describe(&run->facts, does, sizeof does);
	if (step->state == STEP_SKIPPED && step->note[0] == '\0')
		page_text(page, ROLE_DIM, 0, _("Not needed, as things stand."));
	else if (step->state != STEP_SKIPPED)
		add_parts(page, does);
	add_outcome(page, run, step);
	if (step == &run->steps[run->current])
		add_wait(page, run);
	if (page->len)
		page_blank(page);
	if (step->step->why)
		page_text(page, ROLE_TEXT, 0, "%s", _(step->step->why));
	if (step->step->warning)
		page_text(page, ROLE_DANGER, 0, "%s", _(step->step->warning));
}

static void
describe_request(struct page *page, const struct run_step *step)
{
	char *line;

	if (step->method == NULL) {
		page_text(page, ROLE_DIM, 0, "%s",
			step->step->work ? _("No request: this is done on this machine.")
			: step->state == STEP_PENDING ? _("The request is not known yet.")
						      : _("No request."));
		return;
	}
	line = mem_printf("%s %s", step->method, step->url);
	page_literal(page, ROLE_ACCENT, 0, line);
	free(line);
	if (step->body)
		page_literal(page, ROLE_TEXT, 0, step->body);
}

/* JSON is easier to judge in lines; what is no JSON is shown as it is. */
static char *
pretty(const char *body)
{
	json_error_t error;
	json_t *json = json_loads(body, 0, &error);
	char *text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;

	json_decref(json);
	return text ? text : mem_strdup(body);
}

/* body: owned, gone after this. */
static bool
add_request(struct buf *out, const char *method, const char *url, char *body)
{
	bool ok = buf_addf(out, "%s %s\n%s\n\n", method, url, body ? body : "");

	free(body);
	return ok;
}

/* A step that changes one thing after the other has a request for each. */
static bool
add_requests(struct buf *out, const struct run_step *step)
{
	const json_t *other;
	size_t i;
	bool ok = true;

	if (step->method == NULL)
		return buf_addf(out, "%s\n\n\n", _("no request"));
	ok = add_request(out, step->method, step->url, step->body ? pretty(step->body) : NULL);
	json_array_foreach(step->others, i, other)
	{
		ok = ok && add_request(out, json_string_value(json_object_get(other, "method")),
				   json_string_value(json_object_get(other, "url")),
				   json_dumps(json_object_get(other, "body"), JSON_INDENT(2)));
	}
	return ok;
}

char *
wizard_requests(const struct run *run)
{
	struct buf text;
	bool ok = true;
	char *out;

	buf_init(&text, TEXT_BYTES);
	for (size_t i = 1; ok && i < run->steps_len; i++) {
		const struct run_step *step = &run->steps[i];

		ok = buf_addf(&text, "# %s (%s)\n", _(step->step->title),
			     step->state == STEP_SKIPPED && step->note[0] == '\0'
				     ? _("not needed")
				     : _(step_state_name(step->state))) &&
		     add_requests(&text, step);
	}
	out = mem_strdup(buf_text(&text));
	buf_free(&text);
	return out;
}

static void
write_pages(struct wizard *wizard)
{
	const struct run *run = wizard->run;

	page_clear(&wizard->text);
	page_clear(&wizard->request);
	if (wizard->shown >= run->steps_len) {
		wizard_say_result(&wizard->text, wizard);
	} else if (wizard->shown == 0) {
		describe_preflight(&wizard->text, wizard);
	} else {
		describe_step(&wizard->text, run, &run->steps[wizard->shown], wizard->back);
		describe_request(&wizard->request, &run->steps[wizard->shown]);
	}
}

static int
steps_width(int columns)
{
	return columns >= WIDE_FROM ? STEPS_WIDE : STEPS_NARROW;
}

static struct area
right_pane(struct area area)
{
	area.x += steps_width(area.w) + 2;
	area.w -= steps_width(area.w) + 3;
	return area;
}

/* Every step stays in sight; the explanation and the request share what is left by need. */
static int
request_rows(int least, int rows, int text, int request)
{
	if (text > rows * 3 / 5)
		text = rows * 3 / 5;
	if (text > least)
		least = text;
	return request < rows - least ? request : rows - least;
}

static void
draw_request(struct wizard *wizard, const struct steps *steps, struct area *above)
{
	struct area area = {above->y, above->x + 1, 0, above->w - 2};
	int text = page_rows(&wizard->text, right_pane(*above).w);
	int least = stepper_rows(steps_width(above->w), steps->items, steps->len);

	area.h = request_rows(least, above->h - 1, text, page_rows(&wizard->request, area.w));
	if (area.h < 1)
		return;
	above->h -= area.h + 1;
	area.y = above->y + above->h + 1;
	draw_hline((struct area){area.y - 1, above->x, 1, above->w}, 0);
	wizard->request.more = "J";
	page_draw(&wizard->request, area);
}

/* Of what is past there is no form: that it is being looked at, or why that cannot be. */
static void
draw_past(struct wizard *wizard, struct area area)
{
	page_clear(&wizard->text);
	if (wizard->starting)
		page_text(&wizard->text, ROLE_TEXT, 0,
			_("Looking at what the journal has of it. Nothing is changed yet."));
	else
		wizard_say_error(&wizard->text, wizard->plan, &wizard->refused);
	page_draw(&wizard->text, area);
	draw_cursor(area, 0, 0);
}

void
wizard_page_draw(struct wizard *wizard, struct area area)
{
	struct area inner = {area.y, area.x + 1, area.h, area.w - 2}, left;
	struct steps steps;

	if (wizard->run == NULL && wizard->past[0]) {
		draw_past(wizard, inner);
		return;
	}
	if (wizard->run == NULL) {
		wizard_form_draw(wizard, inner);
		return;
	}
	write_pages(wizard);
	describe_steps(wizard->run, &steps);
	if (wizard->request.len)
		draw_request(wizard, &steps, &area);
	left = area;
	left.w = steps_width(area.w);
	draw_vline(area, left.w);
	page_draw(&wizard->text, right_pane(area));
	stepper_draw(left, steps.items, steps.len, wizard->shown);
}
