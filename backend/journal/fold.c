/* Records are taken in from the last to the first, so that the newest operations are known at once.
 * The last run's "end" record says how an operation stands; where a crash left none, the steps do:
 * an intent without an outcome is a change that may have happened. */
#include "backend/journal/fold.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/journal/scan.h"

enum { ID = 36, LEAST = 256 };

enum phase { PHASE_OTHER, PHASE_INTENT, PHASE_DONE, PHASE_FAILED, PHASE_UNKNOWN, PHASE_PARKED };

/* The last that is known of one. */
struct step {
	struct step *next;
	enum phase phase;
	char name[];
};

struct fold {
	char id[ID + 1];
	char started[32], last[32];
	const char *plan, *subject, *of, *stage; /* safe */
	char *target; /* of the first record, until it is known what it is about; owned */
	struct step *steps;
	uint32_t first; /* spot: 1 + its number */
	uint32_t fleet, all;
	uint32_t members, members_done, members_back; /* of a campaign */
	enum phase phase;                             /* of its last record */
	enum operation_state end;                     /* if it said so */
	bool ended, told, begun, kept, unsure;        /* told: end is known */
};

struct folds {
	struct arena *arena;
	struct fold *all; /* in the order in which they were met */
	size_t len, room;
	uint32_t *table; /* by id: 1 + number; a power of two of places, half of them empty */
	size_t places;
	uint32_t *order; /* of those that were settled, oldest first */
	size_t settled;
	struct spot *spots;
	size_t spots_len, spots_room;
};

/* What is looked at in a record, and in its detail. */
enum { ABOUT, PLAN, STEP, PHASE, TIME, TARGET, DETAIL, FIELDS };
enum { UNDO, KEPT, STATE, NAME, OF, STAGE, FLEET, STEPS, DETAILS };

struct folds *
folds_new(void)
{
	struct folds *folds = mem_alloc(sizeof *folds);

	folds->arena = arena_new();
	return folds;
}

void
folds_free(struct folds *folds)
{
	if (folds == NULL)
		return;
	for (size_t i = 0; i < folds->len; i++)
		free(folds->all[i].target);
	arena_free(folds->arena);
	free(folds->all);
	free(folds->table);
	free(folds->order);
	free(folds->spots);
	free(folds);
}

/* Where the one of that id stands in the table, or would. */
static uint32_t *
place_of(const struct folds *folds, const char *id)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	size_t at;

	for (size_t i = 0; i < ID; i++)
		hash = (hash ^ (unsigned char)id[i]) * UINT64_C(0x100000001b3);
	for (at = (hash ^ hash >> 32) & (folds->places - 1); folds->table[at];
		at = (at + 1) & (folds->places - 1))
		if (memcmp(folds->all[folds->table[at] - 1].id, id, ID) == 0)
			break;
	return &folds->table[at];
}

static void
grow(struct folds *folds)
{
	folds->room = folds->room ? 2 * folds->room : LEAST;
	folds->all = mem_resize(folds->all, folds->room * sizeof *folds->all);
	folds->places = 2 * folds->room;
	free(folds->table);
	folds->table = mem_alloc(folds->places * sizeof *folds->table);
	for (size_t i = 0; i < folds->len; i++)
		*place_of(folds, folds->all[i].id) = (uint32_t)i + 1;
}

/* NULL: nothing of it was met yet. */
static struct fold *
find(const struct folds *folds, const char *id)
{
	uint32_t number = folds->len && strlen(id) == ID ? *place_of(folds, id) : 0;

	return number ? &folds->all[number - 1] : NULL;
}

static struct fold *
meet(struct folds *folds, const char *id)
{
	struct fold *fold;
	uint32_t *place;

	if (folds->len == folds->room)
		grow(folds);
	place = place_of(folds, id);
	if (*place)
		return &folds->all[*place - 1];
	*place = (uint32_t)folds->len + 1;
	fold = &folds->all[folds->len++];
	*fold = (struct fold){.plan = "", .subject = "", .of = "", .stage = ""};
	memcpy(fold->id, id, ID);
	return fold;
}

static void
add_spot(struct folds *folds, struct fold *fold, enum place place, uint64_t at, size_t len)
{
	if (folds->spots_len == folds->spots_room) {
		folds->spots_room = folds->spots_room ? 2 * folds->spots_room : LEAST;
		folds->spots = mem_resize(folds->spots, folds->spots_room * sizeof *folds->spots);
	}
	folds->spots[folds->spots_len++] =
		(struct spot){.place = place, .at = at, .len = (uint32_t)len, .next = fold->first};
	fold->first = (uint32_t)folds->spots_len;
}

/* A text that is the same in most records of an operation; room: as long as it is told. */
static void
take(struct folds *folds, const char **kept, struct slice value, size_t room)
{
	char text[256];

	if (scan_is(value, *kept))
		return;
	scan_text(value, text, room < sizeof text ? room : sizeof text);
	if (strcmp(text, *kept) != 0)
		*kept = arena_strdup(folds->arena, text);
}

/* Not in the arena: nearly every one is of no use in the end. */
static void
take_target(struct fold *fold, struct slice target)
{
	char text[OPERATION_SUBJECT];

	if (fold->begun || (fold->target && scan_is(target, fold->target)))
		return;
	scan_text(target, text, sizeof text);
	free(fold->target);
	fold->target = mem_strdup(text);
}

static enum phase
phase_of(struct slice phase)
{
	static const char *const names[] = {[PHASE_INTENT] = "intent",
		[PHASE_DONE] = "done",
		[PHASE_FAILED] = "failed",
		[PHASE_UNKNOWN] = "unknown",
		[PHASE_PARKED] = "parked"};

	for (enum phase i = PHASE_INTENT; i < ARRAY_LEN(names); i++)
		if (scan_is(phase, names[i]))
			return i;
	return PHASE_OTHER;
}

static void
add_step(struct folds *folds, struct fold *fold, struct slice name, enum phase phase, bool undo)
{
	char text[48];
	struct step *step;

	if (phase == PHASE_PARKED || (undo && phase != PHASE_DONE))
		return;
	scan_text(name, text, sizeof text);
	if (!text[0])
		return;
	for (step = fold->steps; step; step = step->next)
		if (strcmp(step->name, text) == 0)
			return;
	step = arena_alloc(folds->arena, sizeof *step + strlen(text) + 1);
	step->next = fold->steps;
	step->phase = undo ? PHASE_OTHER : phase;
	memcpy(step->name, text, strlen(text) + 1);
	fold->steps = step;
}

static void
begin(struct folds *folds, struct fold *fold, const struct slice *detail)
{
	if (fold->begun)
		return;
	fold->begun = true;
	free(fold->target);
	fold->target = NULL;
	take(folds, &fold->subject, detail[NAME], OPERATION_SUBJECT);
	take(folds, &fold->of, detail[OF], OPERATION_ID);
	take(folds, &fold->stage, detail[STAGE], OPERATION_WORD);
	fold->fleet = (uint32_t)scan_count(detail[FLEET]);
	fold->all = (uint32_t)scan_count(detail[STEPS]);
}

/* By the last record of all. */
static void
end(struct fold *fold, struct slice state)
{
	fold->ended = state.at != NULL;
	for (enum operation_state i = OPERATION_PARKED; i <= OPERATION_ROLLED_BACK; i++)
		if (scan_is(state, operation_state_name(i))) {
			fold->end = i;
			fold->told = true;
		}
}

static void
fold_in(struct folds *folds, struct fold *fold, const struct slice *record, bool last)
{
	static const char *const names[DETAILS] = {[UNDO] = "undo",
		[KEPT] = "kept",
		[STATE] = "state",
		[NAME] = "name",
		[OF] = "of",
		[STAGE] = "stage",
		[FLEET] = "fleet",
		[STEPS] = "steps"};
	enum phase phase = phase_of(record[PHASE]);
	struct slice detail[DETAILS] = {0};
	bool whole = scan_is_object(record[DETAIL]) &&
		     scan_object(record[DETAIL].at, record[DETAIL].len, names, DETAILS, detail);

	scan_text(record[TIME], fold->started, sizeof fold->started);
	take(folds, &fold->plan, record[PLAN], OPERATION_WORD);
	if (last) {
		memcpy(fold->last, fold->started, sizeof fold->last);
		fold->phase = phase;
	}
	fold->kept = fold->kept || scan_is_object(detail[KEPT]);
	if (whole && scan_is(record[PHASE], "begin"))
		begin(folds, fold, detail);
	else if (!scan_is(record[PHASE], "end"))
		add_step(folds, fold, record[STEP], phase, scan_is_true(detail[UNDO]));
	else if (last)
		end(fold, detail[STATE]);
	take_target(fold, record[TARGET]);
}

bool
folds_add(struct folds *folds, const char *line, size_t len, enum place place, uint64_t at)
{
	static const char *const names[FIELDS] = {[ABOUT] = "operation",
		[PLAN] = "plan",
		[STEP] = "step",
		[PHASE] = "phase",
		[TIME] = "time",
		[TARGET] = "target",
		[DETAIL] = "detail"};
	struct slice record[FIELDS];
	struct fold *fold;
	char id[ID + 8];

	if (len > UINT32_MAX || !scan_object(line, len, names, FIELDS, record))
		return false;
	scan_text(record[ABOUT], id, sizeof id);
	if (strlen(id) != ID)
		return true;
	fold = meet(folds, id);
	fold_in(folds, fold, record, fold->first == 0);
	add_spot(folds, fold, place, at, len);
	return true;
}

static enum operation_state
state_of(const struct fold *fold)
{
	if (fold->told)
		return fold->end;
	for (const struct step *step = fold->steps; step; step = step->next)
		if (step->phase == PHASE_UNKNOWN ||
			(step->phase == PHASE_INTENT && fold->phase != PHASE_PARKED))
			return OPERATION_UNKNOWN;
	if (fold->unsure)
		return OPERATION_UNKNOWN;
	return fold->phase == PHASE_FAILED ? OPERATION_FAILED : OPERATION_PARKED;
}

static int
compare(const void *a, const void *b, void *user)
{
	const struct folds *folds = user;
	const struct spot *x = &folds->spots[folds->all[*(const uint32_t *)a].first - 1];
	const struct spot *y = &folds->spots[folds->all[*(const uint32_t *)b].first - 1];

	if (x->place != y->place)
		return x->place < y->place ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

/* A campaign has no changes of its own: what is counted of it are its members, and where it did not
 * come to say how it stands one that nobody knows of makes it so. */
static void
count_member(struct folds *folds, const struct fold *member)
{
	struct fold *campaign = member->of[0] ? find(folds, member->of) : NULL;
	enum operation_state state = state_of(member);

	if (campaign == NULL)
		return;
	campaign->members++;
	campaign->members_done += state == OPERATION_DONE;
	campaign->members_back += state == OPERATION_ROLLED_BACK;
	campaign->unsure = campaign->unsure || state == OPERATION_UNKNOWN;
}

void
folds_settle(struct folds *folds)
{
	folds->settled = folds->len;
	folds->order = mem_resize(folds->order, (folds->len + 1) * sizeof *folds->order);
	for (size_t i = 0; i < folds->len; i++) {
		struct fold *fold = &folds->all[i];

		folds->order[i] = (uint32_t)(folds->len - 1 - i);
		fold->members = fold->members_done = fold->members_back = 0;
		fold->unsure = false;
	}
	qsort_r(folds->order, folds->len, sizeof *folds->order, compare, folds);
	for (size_t i = 0; i < folds->len; i++)
		count_member(folds, &folds->all[folds->order[i]]);
}

size_t
folds_len(const struct folds *folds)
{
	return folds->settled;
}

static const struct fold *
at(const struct folds *folds, size_t i)
{
	return &folds->all[folds->order[i]];
}

void
folds_get(const struct folds *folds, size_t i, struct operation *out)
{
	const struct fold *fold = at(folds, i);

	*out = (struct operation){.state = state_of(fold),
		.ended = fold->ended,
		.begun = fold->begun,
		.keeps = fold->kept,
		.fleet = fold->fleet,
		.done = fold->members_done,
		.all = fold->members};
	memcpy(out->id, fold->id, sizeof out->id);
	snprintf(out->plan, sizeof out->plan, "%s", fold->plan);
	snprintf(out->subject, sizeof out->subject, "%s",
		fold->target ? fold->target : fold->subject);
	snprintf(out->of, sizeof out->of, "%s", fold->of);
	snprintf(out->stage, sizeof out->stage, "%s", fold->stage);
	memcpy(out->started, fold->started, sizeof out->started);
	memcpy(out->last, fold->last, sizeof out->last);
	out->taken_back = fold->members && fold->members_back == fold->members;
	if (fold->members == 0) {
		out->all = fold->all;
		for (const struct step *step = fold->steps; step; step = step->next)
			out->done += step->phase == PHASE_DONE;
	}
	if (out->taken_back || out->state == OPERATION_ROLLED_BACK)
		out->done = out->all = 0;
}

bool
folds_have(const struct folds *folds, const char *id)
{
	return find(folds, id) != NULL;
}

const struct spot *
folds_first(const struct folds *folds, size_t i)
{
	return &folds->spots[at(folds, i)->first - 1];
}

const struct spot *
folds_next(const struct folds *folds, const struct spot *spot)
{
	return spot->next ? &folds->spots[spot->next - 1] : NULL;
}
