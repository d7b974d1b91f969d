/* The words about a campaign: every one of them comes from its tables, its findings, its members'
 * results, or the journal. */
#include <stdio.h>
#include <string.h>

#include "backend/json/json.h"
#include "tui/said.h"
#include "tui/words.h"
#include "views/app/keymap.h"
#include "views/campaign/campaign_state.h"
#include "views/command.h"
#include "views/value.h"
#include "views/wizard/field_words.h"

enum { TEXT_BYTES = 1 << 20 };

static bool
is_state(const json_t *step, const char *state)
{
	return strcmp(json_str(step, "state"), state) == 0;
}

static size_t
count_steps(const struct member *member, const char *state)
{
	json_t *step;
	size_t i, n = 0;

	json_array_foreach(json_object_get(member->result, "steps"), i, step)
	{
		n += is_state(step, state);
	}
	return n;
}

static double
seconds_of(const struct member *member)
{
	json_t *step;
	double sum = 0;
	size_t i;

	json_array_foreach(json_object_get(member->result, "steps"), i, step)
	{
		sum += json_number_value(json_object_get(step, "seconds"));
	}
	return sum;
}

static void
mark_running(const struct member *member, char *note, size_t room)
{
	const struct run *run = member->run;
	struct call_wait wait;

	if (run == NULL || run->current >= run->steps_len)
		snprintf(note, room, "%s", draw_glyph(GLYPH_ELLIPSIS));
	else
		snprintf(note, room, member->back ? _("undo: %s") : "%s",
			plan_waits(run, &wait) ? _("waiting")
					       : _(run->steps[run->current].step->title));
}

/* A look at an account may end without having seen what it looked for. */
static bool
was_seen(const struct member *member)
{
	const enum fate fate = member->concern ? member->concern->fate : FATE_NONE;

	if (member->plan == &plan_follow)
		return fate == FATE_MOVED || fate == FATE_UNAFFECTED;
	return member->plan != &plan_canary || fate == FATE_DARK || fate == FATE_RESTORED ||
	       fate == FATE_UNAFFECTED || (fate == FATE_MOVED && member->concern->answers);
}

/* Data that were seen to be readable where they should not be are known, and no question. */
static enum glyph
mark_of(const struct concern *concern)
{
	return concern && concern->fate == FATE_READABLE ? GLYPH_WARNED : GLYPH_UNKNOWN;
}

void
campaign_mark(
	const struct member *member, enum glyph *mark, enum role *role, char *note, size_t room)
{
	size_t needed = count_steps(member, "needed");

	*mark = GLYPH_PENDING;
	*role = ROLE_TEXT;
	*note = '\0';
	if (member->progress == MEMBER_RUNNING) {
		*mark = GLYPH_CURRENT;
		mark_running(member, note, room);
		return;
	}
	if (member->progress == MEMBER_WAITING)
		return;
	switch (member->state) {
	case PLAN_PLANNED:
		snprintf(note, room, _n("%zu step", "%zu steps", needed), needed);
		break;
	case PLAN_UNCHANGED:
		if (member->plan == &plan_follow && !was_seen(member)) {
			snprintf(note, room, _("not yet"));
			break;
		}
		*mark = GLYPH_DONE;
		*role = ROLE_DIM;
		snprintf(note, room, _("as wanted"));
		break;
	case PLAN_DONE:
	case PLAN_ROLLED_BACK:
		*mark = was_seen(member) ? GLYPH_DONE : mark_of(member->concern);
		*role = was_seen(member) ? ROLE_OK : ROLE_WARN;
		if (*mark == GLYPH_WARNED)
			snprintf(note, room, "%s", _(fate_name(member->concern->fate)));
		else
			value_took(seconds_of(member), note, room);
		break;
	case PLAN_PARKED:
		*mark = GLYPH_SKIPPED;
		*role = ROLE_WARN;
		snprintf(note, room, _("parked"));
		break;
	default:
		*mark = GLYPH_FAILED;
		*role = ROLE_BAD;
		snprintf(note, room, "%s",
			member->err.code[0] ? member->err.code
					    : _(value_state(plan_state_name(member->state))));
		break;
	}
}

static void
say_finding(struct page *page, const struct plan_def *plan, const struct finding *finding)
{
	const char *severity = severity_name(finding->rule->severity);
	bool blocks = finding->effect == FINDING_BLOCKS;
	char source[200];

	page_blank(page);
	page_item(page, blocks ? ROLE_BAD : value_severity(severity), "%s %s: %s",
		draw_glyph(blocks ? GLYPH_FAILED : GLYPH_CURRENT), _(severity),
		field_words(plan, finding->cause, (char[SAID]){0}));
	page_text(page, ROLE_TEXT, 2, "%s",
		field_words(plan, finding->rule->remedy, (char[SAID]){0}));
	page_text(page, ROLE_DIM, 2, _("source: %s"),
		_(finding_source(finding, source, sizeof source)));
}

static void
say_command(struct page *page, const struct campaign_view *view)
{
	const struct campaign *campaign = view->campaign;
	struct buf text;

	buf_init(&text, TEXT_BYTES);
	page_head(page, _("The same on the command line"));
	if (campaign_claviger(&text, view))
		page_command(page, ROLE_TEXT, 2, buf_text(&text));
	if (campaign->fleet && campaign->members_len > CAMPAIGN_NAMES)
		page_text(page, ROLE_DIM, 2, _("and %zu more names"),
			campaign->members_len - CAMPAIGN_NAMES);
	buf_free(&text);
}

static void
say_way_back(struct page *page, const struct campaign_view *view)
{
	const char *command = json_str(view->campaign->kept, "restore");

	if (*command == '\0')
		return;
	page_head(page, "%s",
		view->carried && campaign_is_recorded(view->campaign)
			? _("The way back, saved before any change")
			: _("The way back, to be saved before any change"));
	page_command(page, ROLE_TEXT, 2, command);
}

static void
say_concerned(struct page *page, const struct campaign *campaign)
{
	if (campaign->concerns_len == 0)
		return;
	page_head(page, _("Who is concerned"));
	for (size_t i = 0; i < campaign->concerns_len; i++) {
		const struct concern *concern = &campaign->concerns[i];
		char version[VALUE_SHORT + 3];

		page_text(page, ROLE_TEXT, 0, _("%s: version %s, %s"), concern->id.name,
			concern->key.version[0] ? value_short(concern->key.version, version)
						: _("not known"),
			_(key_mode_name(concern->mode)));
	}
}

static void
say_ready(struct page *page, const struct campaign_view *view)
{
	const struct campaign *campaign = view->campaign;
	size_t changing = 0;
	char room[64], vault[64];
	const char *word = campaign_word(view, room);
	const struct step *final = campaign_final(view, vault);

	for (size_t i = 0; i < campaign->members_len; i++)
		changing += campaign->members[i].changes;
	page_text(page, ROLE_TEXT, 0,
		view->back ? _("Parts that would be taken back: %zu of %zu.")
			   : _("Parts that would change something: %zu of %zu."),
		changing, campaign->members_len);
	if (campaign_cuts(view))
		page_text(page, ROLE_DANGER, 0, _("This cuts off."));
	else if (final)
		page_text(page, ROLE_DANGER, 0, "%s: %s", _(final->title),
			final->warning ? _(final->warning) : _("it cannot be undone."));
	if (word)
		page_text(page, ROLE_TEXT, 0,
			_("Enter asks for \"%s\" to be typed, then carries it out."), word);
	else
		page_text(page, ROLE_TEXT, 0, _("Enter asks, then carries it out."));
}

void
campaign_say_whole(struct page *page, const struct campaign_view *view)
{
	const struct campaign *campaign = view->campaign;

	if (campaign->previewing)
		page_text(page, ROLE_TEXT, 0,
			_("Reading and judging each of them. Nothing is changed yet."));
	else if (campaign->state == PLAN_REFUSED)
		page_text(page, ROLE_BAD, 0,
			_("Refused: nothing was changed. What stands in the way:"));
	else if (campaign_is_ready(view))
		say_ready(page, view);
	else if (campaign->state == PLAN_UNCHANGED && !view->carried)
		page_text(page, ROLE_OK, 0, "%s",
			campaign_only_sees(view)
				? _("Nothing is to be changed. Enter looks what has become of the accounts.")
				: _("Nothing is to be changed: everything is as wanted already."));
	if (!view->carried || campaign->state == PLAN_REFUSED)
		wizard_say_error(page, campaign->plan, &campaign->err);
	say_concerned(page, campaign);
	for (int blocks = 1; blocks >= 0; blocks--)
		for (size_t i = 0; i < campaign->findings_len; i++)
			if ((campaign->findings[i].effect == FINDING_BLOCKS) == blocks)
				say_finding(page, campaign->plan, &campaign->findings[i]);
	if (!view->back)
		say_way_back(page, view);
	say_command(page, view);
}

static void
say_row(struct page *page, const struct member *member)
{
	char name[SUBJECT_NAME], note[64];
	enum glyph mark;
	enum role role;

	campaign_mark(member, &mark, &role, note, sizeof note);
	page_item(page, role, "%s %s: %s%s%s", draw_glyph(mark),
		subject_name(&member->subject, name),
		member->progress == MEMBER_ENDED ? _(value_state(plan_state_name(member->state)))
		: member->progress == MEMBER_WAITING ? _("waiting")
						     : _("running"),
		note[0] ? _(", ") : "", note);
	if (member->err.kind != ERR_NONE && strcmp(member->err.code, "Parked") != 0)
		page_text(page, ROLE_DIM, 2, "%s",
			field_words(member->plan, member->err.msg, (char[SAID]){0}));
}

void
campaign_say_stage(struct page *page, const struct campaign_view *view, size_t at)
{
	const struct campaign *campaign = view->campaign;
	const struct stage *stage = campaign->plan->stages[at];
	size_t members = 0;

	page_text(page, ROLE_TEXT, 0, "%s", _(stage->why ? stage->why : stage->title));
	if (stage->first_alone)
		page_text(page, ROLE_DIM, 0,
			_("One goes first, alone: what is wrong with all of "
			  "them shows in one."));
	page_blank(page);
	for (size_t i = 0; i < campaign->members_len; i++)
		if (campaign->members[i].stage == stage && ++members)
			say_row(page, &campaign->members[i]);
	if (members == 0)
		page_text(page, ROLE_DIM, 0, "%s",
			view->carried && at < campaign->stage
				? _("There was nothing to be done.")
				: _("What it will do is known once the stages before it are done."));
}

static void
say_step(struct page *page, const json_t *step)
{
	const json_t *error = json_object_get(step, "error");
	const char *note = json_str(step, "note"), *id = json_str(step, "requestId");
	char seconds[32];

	value_took(json_number_value(json_object_get(step, "seconds")), seconds, sizeof seconds);
	page_text(page,
		is_state(step, "done")     ? ROLE_OK
		: is_state(step, "failed") ? ROLE_BAD
					   : ROLE_TEXT,
		0, "%s: %s%s%s", json_str(step, "name"), _(json_str(step, "state")),
		*note ? _(", ") : "", note);
	if (json_is_object(error))
		page_text(page, ROLE_BAD, 2, "%s %s", json_str(error, "code"),
			json_str(error, "message"));
	if (*id)
		page_text(page, ROLE_DIM, 2, _("request %s  %s"), id, seconds);
}

/* Of a run under way: as it stands; it has no result yet. */
json_t *
campaign_result_of(const struct member *member)
{
	if (member->result)
		return json_incref(member->result);
	return member->run ? plan_json(member->run, false) : NULL;
}

void
campaign_say_member(struct page *page, const struct member *member)
{
	json_t *result = campaign_result_of(member), *step;
	char waits[160];
	size_t i;

	page_text(page, ROLE_ACCENT, 0, "%s", _(member->plan->title));
	if (member->run && wizard_say_wait(member->run, waits, sizeof waits))
		page_text(page, ROLE_WARN, 0, "%s", waits);
	if (member->progress == MEMBER_WAITING)
		page_text(page, ROLE_DIM, 0, _("It waits for its turn."));
	else if (member->progress == MEMBER_ENDED)
		page_text(page, ROLE_TEXT, 0, "%s", _(value_state(plan_state_name(member->state))));
	wizard_say_error(page, member->plan, &member->err);
	json_array_foreach(json_object_get(result, "steps"), i, step)
	{
		if (strcmp(json_str(step, "name"), "preflight") != 0 || !is_state(step, "done"))
			say_step(page, step);
	}
	if (member->progress == MEMBER_ENDED && member->state != PLAN_PLANNED &&
		json_array_size(json_object_get(result, "findings")))
		page_head(page, _("Found before anything was changed"));
	value_findings(page, json_object_get(result, "findings"));
	json_decref(result);
}

static bool
is_well(enum fate fate)
{
	return fate == FATE_DARK || fate == FATE_RESTORED || fate == FATE_MOVED ||
	       fate == FATE_DONE;
}

/* While it runs without the evidence: the lines below would move with each that comes in. */
static void
say_outcome(struct page *page, const struct concern *concern, bool runs)
{
	bool well = is_well(concern->fate);
	const char *fate = concern->fate != FATE_NONE ? _(fate_name(concern->fate))
			   : concern->evidence[0]     ? _("not yet")
						      : _("not known yet");
	char seconds[32], outcome[SAID];

	value_took(concern->fate == FATE_UNKNOWN ? 0 : (double)concern->us / 1e6, seconds,
		sizeof seconds);
	snprintf(outcome, sizeof outcome, seconds[0] ? _("%s after %s") : "%s", fate, seconds);
	page_item(page,
		well                               ? ROLE_OK
		: concern->fate == FATE_FAILED     ? ROLE_BAD
		: concern->fate == FATE_NONE       ? ROLE_DIM
		: concern->fate == FATE_UNAFFECTED ? ROLE_TEXT
						   : ROLE_WARN,
		"%s %s: %s",
		draw_glyph(well                               ? GLYPH_DONE
			   : concern->fate == FATE_FAILED     ? GLYPH_FAILED
			   : concern->fate == FATE_UNAFFECTED ? GLYPH_SKIPPED
							      : mark_of(concern)),
		concern->id.name, outcome);
	if (concern->evidence[0] && !runs)
		page_text(page, ROLE_DIM, 2, "%s", said(concern->evidence, (char[SAID]){0}));
}

static bool
any_done(const struct campaign *campaign)
{
	for (size_t i = 0; i < campaign->members_len; i++)
		if (campaign->members[i].progress == MEMBER_ENDED &&
			(campaign->members[i].state == PLAN_DONE ||
				campaign->members[i].state == PLAN_UNCHANGED))
			return true;
	return false;
}

/* All is done but to see what became of the accounts, each of which tells of itself. */
static bool
still_watches(const struct campaign *campaign)
{
	return campaign->state == PLAN_PARKED && strcmp(campaign->err.code, "StillWatching") == 0;
}

static void
say_state(struct page *page, const struct campaign_view *view)
{
	const struct campaign *campaign = view->campaign;
	char label[KEY_LABEL];

	if (campaign_busy(campaign))
		page_text(page, ROLE_ACCENT, 0,
			_("It runs. The other tabs can be looked at meanwhile; %s parks it at the "
			  "next safe point."),
			app_key(app_of(view->form.view), &view_campaign, CMAP_BUSY, CAMPAIGN_LEAVE,
				label));
	else if (campaign->state == PLAN_DONE || campaign->state == PLAN_UNCHANGED)
		page_text(page, ROLE_OK, 0, _("Done, and read back: %s"), view->form.who);
	else if (campaign->state == PLAN_ROLLED_BACK)
		page_text(
			page, ROLE_OK, 0, _("Taken back as far as it can be: %s"), view->form.who);
	else if (still_watches(campaign))
		page_text(page, ROLE_WARN, 0,
			_("Every change is made, but not every outcome was seen: %s"),
			view->form.who);
	else
		page_text(page, campaign->state == PLAN_PARKED ? ROLE_WARN : ROLE_BAD, 0,
			campaign->state == PLAN_PARKED          ? _("Parked: %s")
			: campaign->fleet && any_done(campaign) ? _("Not done for all: %s")
								: _("Failed: %s"),
			view->form.who);
}

static void
say_next(struct page *page, const struct campaign_view *view)
{
	const struct campaign *campaign = view->campaign;
	const struct app *app = app_of(view->form.view);
	bool back = campaign_can_go_back(view);
	char label[2][KEY_LABEL];

	page_head(page, _("What can be done next"));
	if (campaign->state == PLAN_PARKED)
		page_text(page, ROLE_TEXT, 0, "%s",
			campaign_changed_any(view)
				? _("Enter looks how it stands and goes on; later Activity does, or "
				    "claviger resume with the operation below.")
				: _("Nothing was changed, and nothing recorded. Enter looks how it "
				    "stands and goes on; later it is begun anew."));
	else if (campaign->state == PLAN_FAILED)
		page_text(page, ROLE_TEXT, 0,
			_("What is marked done stands, what is not was not changed. Mend the cause; "
			  "Activity goes on with it, or claviger resume with the operation below."));
	if (back)
		page_text(page, ROLE_TEXT, 0,
			_("%s looks at what taking it back would change; %s writes the timeline with "
			  "the request ids to a file."),
			app_key(app, &view_campaign, CMAP_UNDO, CAMPAIGN_BACK, label[0]),
			app_key(app, &view_campaign, CMAP_OVER, CAMPAIGN_TIMELINE, label[1]));
	else if (campaign->state != PLAN_PARKED && campaign->state != PLAN_FAILED)
		page_text(page, ROLE_TEXT, 0, _("%s leaves. The lists show it already."),
			app_key(app, &view_campaign, CMAP_LEAVE, CAMPAIGN_LEAVE, label[0]));
}

/* What did not end well is what is looked for. While it runs, those that have no row at the left:
 * it would be painted twice. */
static void
say_outcomes(struct page *page, const struct campaign *campaign)
{
	bool runs = campaign_busy(campaign);
	size_t known = 0, all = campaign->concerns_len;

	page_head(page, _("Accounts"));
	for (size_t i = 0; i < all; i++)
		known += campaign->concerns[i].fate != FATE_NONE;
	if (runs)
		page_text(page, ROLE_DIM, 0, _("Known of %zu of %zu so far"), known, all);
	for (int well = 0; well <= 1; well++)
		for (size_t i = 0; i < all; i++) {
			enum fate fate = campaign->concerns[i].fate;

			if (is_well(fate) == well &&
				(!runs || (fate != FATE_NONE && fate != FATE_MOVED &&
						  fate != FATE_DONE)))
				say_outcome(page, &campaign->concerns[i], runs);
		}
}

/* The same order. */
static void
say_members(struct page *page, const struct campaign *campaign)
{
	page_blank(page);
	for (int well = 0; well <= 1; well++)
		for (size_t i = 0; i < campaign->members_len; i++)
			if ((campaign->members[i].err.kind == ERR_NONE) == well)
				say_row(page, &campaign->members[i]);
}

void
campaign_say_result(struct page *page, const struct campaign_view *view)
{
	const struct campaign *campaign = view->campaign;

	say_state(page, view);
	if (!campaign_busy(campaign) && !still_watches(campaign))
		wizard_say_error(page, campaign->plan, &campaign->err);
	if (campaign->concerns_len)
		say_outcomes(page, campaign);
	if (campaign->fleet || view->back)
		say_members(page, campaign);
	if (!view->back)
		say_way_back(page, view);
	if (campaign_busy(campaign))
		return;
	say_next(page, view);
	page_head(page, _("Operation"));
	page_literal(page, ROLE_TEXT, 2, campaign->operation);
	say_command(page, view);
	if (!view->back)
		campaign_say_az(page, campaign);
}
