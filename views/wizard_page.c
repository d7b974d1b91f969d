/* What the wizard shows of a plan: the steps at the left, at the right what a step is for and what
 * came of it, below the request as it is sent. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "tui/stepper.h"
#include "views/command.h"
#include "views/wizard_state.h"

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

static void
add_time(char *out, size_t room, int64_t us)
{
	size_t used = strlen(out);

	if (us >= 1000000)
		snprintf(out + used, room - used, "%.1f s", (double)us / 1e6);
	else if (us > 0)
		snprintf(out + used, room - used, "%d ms", (int)(us / 1000));
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
	snprintf(note, room, "%s", step->step->changes ? "stays" : "before undoing");
}

/* Mark, role and a few words for one step. */
static void
describe_item(const struct run *run, size_t i, struct stepper_item *item, char *note, size_t room)
{
	const struct run_step *step = &run->steps[i];

	*item = (struct stepper_item){step->step->title, note, GLYPH_PENDING, ROLE_TEXT};
	note[0] = '\0';
	switch (step->state) {
	case STEP_PENDING:
		item->role = ROLE_DIM;
		if (step->note[0])
			item->mark = GLYPH_SKIPPED;
		snprintf(note, room, "%s", step->note);
		break;
	case STEP_NEEDED:
		item->mark = i == wizard_next(run) && goes_on(run) ? GLYPH_CURRENT : GLYPH_PENDING;
		break;
	case STEP_RUNNING:
		item->mark = GLYPH_CURRENT;
		item->role = ROLE_ACCENT;
		snprintf(note, room, "%s", run->waiting ? "waiting" : draw_glyph(GLYPH_ELLIPSIS));
		break;
	case STEP_SKIPPED:
		item->mark = GLYPH_SKIPPED;
		item->role = step->note[0] ? ROLE_WARN : ROLE_DIM;
		snprintf(note, room, "%s", step->note[0] ? "skipped" : "not needed");
		break;
	case STEP_DONE:
		item->mark = GLYPH_DONE;
		item->role = ROLE_OK;
		if (run->state == PLAN_ROLLED_BACK && i)
			describe_kept(step, item, note, room);
		else
			add_time(note, room, step->us);
		break;
	case STEP_FAILED:
		item->mark = GLYPH_FAILED;
		item->role = ROLE_BAD;
		snprintf(note, room, "%s", step->err.code[0] ? step->err.code : "failed");
		break;
	case STEP_ACCEPTED:
		item->mark = GLYPH_UNKNOWN;
		item->role = ROLE_WARN;
		snprintf(note, room, "accepted");
		break;
	case STEP_UNKNOWN:
		item->mark = GLYPH_UNKNOWN;
		item->role = ROLE_WARN;
		snprintf(note, room, "unknown");
		break;
	}
}

static void
draw_steps(struct wizard *wizard, struct area area)
{
	const struct run *run = wizard->run;
	struct stepper_item items[PLAN_STEPS_MAX + 1];
	char notes[PLAN_STEPS_MAX][80];
	size_t len = run->steps_len;

	for (size_t i = 0; i < run->steps_len; i++)
		describe_item(run, i, &items[i], notes[i], sizeof notes[i]);
	if (wizard_has_result(run))
		items[len++] = (struct stepper_item){"Result", plan_state_name(run->state),
			run->state == PLAN_DONE || run->state == PLAN_ROLLED_BACK ? GLYPH_DONE
			: run->state == PLAN_PARKED                               ? GLYPH_SKIPPED
										  : GLYPH_FAILED,
			ROLE_TEXT};
	stepper_draw(area, items, len, wizard->shown);
}

static void
add_error(struct page *page, const struct err *err)
{
	page_text(page, ROLE_BAD, 0, "%s%s%s", err->code, err->code[0] ? ": " : "", err->msg);
	if (err->request_id[0])
		page_text(page, ROLE_DIM, 0, "request %s", err->request_id);
}

static enum role
severity_role(enum severity severity)
{
	return severity == SEVERITY_HIGH     ? ROLE_BAD
	       : severity == SEVERITY_MEDIUM ? ROLE_WARN
					     : ROLE_TEXT;
}

static const char *
step_title(const struct run *run, const char *name)
{
	for (size_t i = 0; i < run->steps_len; i++)
		if (strcmp(run->steps[i].step->name, name) == 0)
			return run->steps[i].step->title;
	return name;
}

static void
add_finding(struct page *page, const struct run *run, const struct finding *finding)
{
	enum role role = finding->effect == FINDING_MENDED ? ROLE_TEXT
							   : severity_role(finding->rule->severity);
	char source[200];

	page_blank(page);
	page_text(page, role, 0, "%s %s: %s",
		draw_glyph(finding->effect == FINDING_BLOCKS ? GLYPH_FAILED : GLYPH_CURRENT),
		severity_name(finding->rule->severity), finding->cause);
	if (finding->effect == FINDING_MENDED)
		page_text(page, run->state == PLAN_REFUSED ? ROLE_TEXT : ROLE_OK, 2, "%s: %s",
			run->state == PLAN_REFUSED ? "would be mended by the step"
						   : "mended by the step",
			step_title(run, finding->mended_by));
	else
		page_text(page, ROLE_TEXT, 2, "%s", finding->rule->remedy);
	page_text(page, ROLE_DIM, 2, "source: %s", finding_source(finding, source, sizeof source));
}

static void
describe_preflight(struct page *page, const struct run *run)
{
	size_t needed = 0, changes = 0;

	for (size_t i = 0; i < run->steps_len; i++) {
		needed += run->steps[i].state == STEP_NEEDED;
		changes += run->steps[i].state == STEP_NEEDED && run->steps[i].step->changes;
	}
	if (run->state == PLAN_READING) {
		page_text(page, ROLE_TEXT, 0,
			"Testing the RSA of this machine, then reading what the plan is about. "
			"Nothing is changed yet.");
		return;
	}
	if (run->state == PLAN_FAILED && run->steps[0].state == STEP_FAILED)
		add_error(page, &run->err);
	else if (run->state == PLAN_REFUSED)
		page_text(
			page, ROLE_BAD, 0, "Refused: nothing was changed. What stands in the way:");
	else if (run->state == PLAN_UNCHANGED)
		page_text(page, ROLE_OK, 0,
			"Nothing is to be done: everything is as wanted already.");
	else if (needed == 1)
		page_text(page, ROLE_TEXT, 0,
			"One step is to be done%s. Enter shows it, A runs it.",
			changes ? ", a change" : "");
	else if (needed)
		page_text(page, ROLE_TEXT, 0,
			"%zu steps are to be done, %zu of them changes. Enter shows the next one, A "
			"runs them all.",
			needed, changes);
	if (run->findings_len == 0)
		page_text(page, ROLE_DIM, 0, "No finding.");
	for (int blocks = 1; blocks >= 0; blocks--)
		for (size_t i = 0; i < run->findings_len; i++)
			if ((run->findings[i].effect == FINDING_BLOCKS) == blocks)
				add_finding(page, run, &run->findings[i]);
}

static void
add_outcome(struct page *page, const struct run *run, const struct run_step *step)
{
	char seconds[32] = "";

	if (step->state == STEP_RUNNING && run->waiting) {
		int left = (int)((run->budget_us - run->waited_us) / 1000000);

		page_text(page, ROLE_ACCENT, 0,
			"It has not taken effect yet; trying again for %d:%02d more at most.",
			left > 0 ? left / 60 : 0, left > 0 ? left % 60 : 0);
	}
	if (step->note[0])
		page_text(page, step->state == STEP_DONE ? ROLE_OK : ROLE_TEXT, 0, "%s %s",
			draw_glyph(step->state == STEP_DONE ? GLYPH_DONE : GLYPH_CURRENT),
			step->note);
	if (step->err.kind != ERR_NONE)
		add_error(page, &step->err);
	add_time(seconds, sizeof seconds, step->us);
	if (step->request_id[0])
		page_text(page, ROLE_DIM, 0, "request %s  %s", step->request_id, seconds);
}

/* A description is parts with "; " between; each gets a row of its own. */
static void
add_parts(struct page *page, char *text)
{
	while (text && *text) {
		char *end = strstr(text, "; ");

		if (end)
			*end = '\0';
		page_text(page, ROLE_ACCENT, 0, "%s", text);
		text = end ? end + 2 : NULL;
	}
}

static void
describe_step(struct page *page, const struct run *run, const struct run_step *step)
{
	char does[600] = "";

	if (step->step->describe)
		step->step->describe(&run->facts, does, sizeof does);
	if (step->state == STEP_SKIPPED && step->note[0] == '\0')
		page_text(page, ROLE_DIM, 0, "Not needed: it is so already.");
	else if (step->state != STEP_SKIPPED)
		add_parts(page, does);
	add_outcome(page, run, step);
	if (page->len)
		page_blank(page);
	if (step->step->why)
		page_text(page, ROLE_TEXT, 0, "%s", step->step->why);
	if (step->step->warning)
		page_text(page, ROLE_DANGER, 0, "%s", step->step->warning);
}

static void
add_command(struct page *page, struct buf *text)
{
	page_literal(page, ROLE_TEXT, 2, buf_text(text));
	buf_clear(text);
}

static void
add_commands(struct page *page, const struct wizard *wizard)
{
	const struct run *run = wizard->run;
	const char *names[] = {wizard->who};
	struct buf text;

	buf_init(&text, TEXT_BYTES);
	page_head(page, "The same on the command line");
	if (command_claviger(&text, wizard->plan, names, 1, (const char *const *)run->values,
		    wizard->cuts ? plan_confirm_name(run) : NULL))
		add_command(page, &text);
	page_head(page, "The same with the Azure CLI");
	for (size_t i = 0; i < run->steps_len; i++) {
		const struct run_step *step = &run->steps[i];

		if (step->state != STEP_DONE || !step->step->changes || step->method == NULL ||
			!command_az(&text, step, estate_session(wizard->estate)))
			continue;
		add_command(page, &text);
		page_blank(page);
	}
	buf_free(&text);
}

/* What came of each step that did something. True when a change stands. */
static bool
add_outcomes(struct page *page, const struct run *run)
{
	bool changed = false;

	page_head(page, "What happened");
	for (size_t i = 0; i < run->steps_len; i++) {
		const struct run_step *step = &run->steps[i];
		bool undone = step->state == STEP_PENDING && step->note[0];

		if (step->note[0] == '\0' &&
			(step->state == STEP_SKIPPED || step->state == STEP_PENDING))
			continue;
		changed |= step->state == STEP_DONE && step->step->changes;
		page_text(page, ROLE_TEXT, 0, "%s: %s%s%s", step->step->title,
			undone                       ? ""
			: step->state == STEP_NEEDED ? "not done"
						     : step_state_name(step->state),
			step->note[0] && !undone ? ", " : "", step->note);
		if (step->request_id[0])
			page_text(page, ROLE_DIM, 2, "request %s", step->request_id);
	}
	return changed;
}

static void
describe_result(struct page *page, const struct wizard *wizard)
{
	const struct run *run = wizard->run;

	if (run->state == PLAN_DONE)
		page_text(page, ROLE_OK, 0, "Done, and read back: %s", wizard->who);
	else if (run->state == PLAN_ROLLED_BACK)
		page_text(page, ROLE_OK, 0, "Undone as far as it can be, and read back: %s",
			wizard->who);
	else
		page_text(page, run->state == PLAN_PARKED ? ROLE_WARN : ROLE_BAD, 0, "%s: %s",
			plan_state_name(run->state), wizard->who);
	if (run->err.kind != ERR_NONE)
		add_error(page, &run->err);
	if (run->facts.want.key[0]) {
		page_field(page, "key", ROLE_TEXT, "%s/%s", run->facts.want.vault,
			run->facts.want.key);
		page_field(page, "version", ROLE_TEXT, "%s",
			run->facts.want.version[0] ? run->facts.want.version
			: run->facts.create_bits   ? "none yet"
						   : "not known yet");
	}
	if (run->facts.operation[0])
		page_field(page, "operation", ROLE_TEXT, "%s", run->facts.operation);
	if (add_outcomes(page, run) && run->state != PLAN_ROLLED_BACK)
		add_commands(page, wizard);
}

static void
describe_request(struct page *page, const struct run_step *step)
{
	char *line;

	if (step->method == NULL) {
		page_text(page, ROLE_DIM, 0, "%s",
			step->step->work              ? "No request: this is done on this machine."
			: step->state == STEP_PENDING ? "The request is not known yet."
						      : "No request.");
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

char *
wizard_requests(const struct run *run)
{
	struct buf text;
	bool ok = true;
	char *out;

	buf_init(&text, TEXT_BYTES);
	for (size_t i = 1; ok && i < run->steps_len; i++) {
		const struct run_step *step = &run->steps[i];
		char *body = step->body ? pretty(step->body) : NULL;

		ok = buf_addf(&text, "# %s (%s)\n", step->step->title,
			     step_state_name(step->state)) &&
		     buf_addf(&text, "%s%s%s\n", step->method ? step->method : "no request",
			     step->method ? " " : "", step->method ? step->url : "") &&
		     buf_addf(&text, "%s\n\n", body ? body : "");
		free(body);
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
		describe_result(&wizard->text, wizard);
	} else if (wizard->shown == 0) {
		describe_preflight(&wizard->text, run);
	} else {
		describe_step(&wizard->text, run, &run->steps[wizard->shown]);
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
request_rows(const struct wizard *wizard, int rows, int text, int request)
{
	int least = (int)wizard->run->steps_len;

	if (text > rows * 3 / 5)
		text = rows * 3 / 5;
	if (text > least)
		least = text;
	return request < rows - least ? request : rows - least;
}

static void
draw_request(struct wizard *wizard, struct area *above)
{
	struct area area = {above->y, above->x + 1, 0, above->w - 2};
	int text = page_rows(&wizard->text, right_pane(*above).w);

	area.h = request_rows(wizard, above->h - 1, text, page_rows(&wizard->request, area.w));
	if (area.h < 1)
		return;
	above->h -= area.h + 1;
	area.y = above->y + above->h + 1;
	draw_hline((struct area){area.y - 1, above->x, 1, above->w}, 0);
	wizard->request.more = "J";
	page_draw(&wizard->request, area);
}

void
wizard_page_draw(struct wizard *wizard, struct area area)
{
	struct area left;

	if (wizard->run == NULL) {
		area.x++;
		area.w -= 2;
		wizard_form_draw(wizard, area);
		return;
	}
	write_pages(wizard);
	if (wizard->request.len)
		draw_request(wizard, &area);
	left = area;
	left.w = steps_width(area.w);
	draw_vline(area, left.w);
	page_draw(&wizard->text, right_pane(area));
	draw_steps(wizard, left);
}
