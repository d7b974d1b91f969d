/* The estate as a whole: its tables, its notes, and waiting for it. Reading is in list.c (lists)
 * and read.c (one account), what follows from several tables in join.c. */
#include "backend/estate/estate.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/findings.h"

enum { NOTES_MAX = 200, SUBSCRIPTIONS_MAX = UINT16_MAX, NEW_FOR = 10 /* seconds */ };

struct estate *
estate_new(struct session *session)
{
	struct estate *estate = mem_alloc(sizeof *estate);

	estate->session = session;
	estate->principals.size = 16;
	estate->accounts = account_rows_new(&estate->principals);
	estate->vaults = vault_rows_new(&estate->principals);
	estate->keys = key_rows_new();
	estate->identities = identity_rows_new();
	estate->grants = grant_rows_new(&estate->principals);
	estate->gone = json_array();
	estate->gone_keys = json_array();
	estate->lister = lister_new(estate);
	estate->joins = joins_new();
	estate->left_out = json_object();
	return estate;
}

void
estate_free(struct estate *estate)
{
	if (estate == NULL)
		return;
	readings_cancel(estate);
	posture_cancel(estate->posture);
	findings_free(estate->findings);
	lister_free(estate->lister);
	joins_free(estate->joins);
	account_rows_free(estate->accounts);
	vault_rows_free(estate->vaults);
	key_rows_free(estate->keys);
	identity_rows_free(estate->identities);
	grant_rows_free(estate->grants);
	shapes_free(&estate->principals);
	json_decref(estate->gone);
	json_decref(estate->gone_keys);
	free(estate->subscriptions);
	json_decref(estate->left_out);
	free(estate->notes);
	free(estate);
}

struct session *
estate_session(const struct estate *estate)
{
	return estate->session;
}

size_t
part_number(unsigned part)
{
	return (size_t)__builtin_ctz(part);
}

bool
estate_unread(const struct estate *estate, unsigned parts)
{
	return (parts & ~(estate->read | estate->stale)) != 0;
}

bool
estate_has(const struct estate *estate, unsigned parts)
{
	return ((estate->read | estate->stale) & parts) != 0;
}

void
estate_on_change(struct estate *estate, void (*changed)(void *user), void *user)
{
	estate->changed = changed;
	estate->user = user;
}

void
estate_refresh(struct estate *estate, unsigned parts)
{
	lister_start(estate->lister, parts);
}

unsigned
estate_read(const struct estate *estate)
{
	return estate->read;
}

unsigned
estate_busy(const struct estate *estate)
{
	return lister_busy(estate->lister);
}

void
estate_progress(const struct estate *estate, size_t *done, size_t *total)
{
	lister_progress(estate->lister, done, total);
}

static bool
interrupted(struct err *err)
{
	return err_set(err, ERR_CANCELLED, "", "the lists were not read to their end: interrupted");
}

bool
estate_load_with(struct estate *estate, unsigned parts, unsigned also, struct err *err)
{
	unsigned unread = (parts | also) & ~estate->read & ~estate_busy(estate);

	if (unread)
		estate_refresh(estate, unread);
	while (estate_busy(estate) & (parts | also)) {
		estate->waiting = parts | also;
		estate->idle = false;
		loop_until(session_loop(estate->session), &estate->idle);
		if (!estate->idle)
			return interrupted(err);
	}
	for (unsigned part = 1; part <= ESTATE_PARTS; part *= 2)
		if ((parts & part) && !(estate->read & part)) {
			if (err)
				*err = estate->failed[part_number(part)];
			return false;
		}
	return true;
}

bool
estate_load(struct estate *estate, unsigned parts, struct err *err)
{
	return estate_load_with(estate, parts, 0, err);
}

bool
estate_load_new(struct estate *estate, unsigned parts, struct err *err)
{
	time_t now = clock_wall();
	unsigned old = 0;

	for (unsigned part = 1; part <= ESTATE_PARTS; part *= 2)
		if ((parts & part) && labs((long)(now - estate->at[part_number(part)])) > NEW_FOR)
			old |= part;
	old &= ~estate_busy(estate);
	if (old)
		estate_refresh(estate, old);
	return estate_load(estate, parts, err);
}

/* A name must be found without waiting for one request for each account. */
bool
estate_load_names(struct estate *estate, struct err *err)
{
	if (estate->stale & ESTATE_ACCOUNTS)
		return estate_load(estate, ESTATE_ACCOUNTS, err);
	if (!estate->named && !(estate_busy(estate) & ESTATE_ACCOUNTS))
		lister_start_names(estate->lister);
	if (estate->named)
		return true;
	estate->waiting = ESTATE_ACCOUNTS;
	estate->waiting_names = true;
	estate->idle = lister_has_names(estate->lister);
	if (!estate->idle)
		loop_until(session_loop(estate->session), &estate->idle);
	estate->waiting_names = false;
	if (!estate->idle)
		return interrupted(err);
	if (estate->named || (estate_busy(estate) & ESTATE_ACCOUNTS))
		return true;
	if (err)
		*err = estate->failed[part_number(ESTATE_ACCOUNTS)];
	return false;
}

/* Gives the parts to a note whose text begins with these bytes. */
static bool
join_note(struct estate *estate, unsigned parts, const char *text, size_t len, const char *code)
{
	for (size_t i = 0; i < estate->notes_len; i++) {
		struct note *note = &estate->notes[i];

		if (strncmp(note->err.msg, text, len) == 0 && strcmp(note->err.code, code) == 0) {
			note->parts |= parts;
			return true;
		}
	}
	return false;
}

bool
estate_note_join(struct estate *estate, unsigned parts, const char *what, const char *code)
{
	return join_note(estate, parts, what, strlen(what), code);
}

/* In the order of their texts: replies come in any order. */
static void
note_add(struct estate *estate, unsigned parts, const struct err *why, const char *what,
	bool in_rows)
{
	size_t at = estate->notes_len;
	struct err said = *why;
	struct note *note;

	err_prefix(&said, "%s", what);
	if (join_note(estate, parts, said.msg, strlen(said.msg) + 1, said.code))
		return;
	if (estate->notes_len == NOTES_MAX) {
		estate->notes_more++;
		note = &estate->notes[NOTES_MAX - 1];
		note->parts = 0;
		note->in_rows = false;
		err_set(&note->err, ERR_FAILED, "", "%zu more could not be read",
			estate->notes_more + 1);
		return;
	}
	estate->notes = rows_grow(
		estate->notes, estate->notes_len, &estate->notes_room, sizeof *estate->notes);
	while (at > 0 && strcmp(estate->notes[at - 1].err.msg, said.msg) > 0)
		at--;
	note = &estate->notes[at];
	memmove(note + 1, note, (estate->notes_len++ - at) * sizeof *note);
	*note = (struct note){.parts = parts, .in_rows = in_rows, .err = said};
}

void
estate_note_add(struct estate *estate, unsigned parts, const struct err *why, const char *fmt, ...)
{
	char what[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	note_add(estate, parts, why, what, false);
}

void
estate_note_row(struct estate *estate, unsigned parts, const struct err *why, const char *fmt, ...)
{
	char what[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	note_add(estate, parts, why, what, true);
}

bool
estate_note_lacks(const struct estate *estate, size_t i)
{
	return !estate->notes[i].in_rows;
}

void
estate_notes_drop(struct estate *estate, unsigned parts)
{
	size_t kept = 0;

	for (size_t i = 0; i < estate->notes_len; i++) {
		estate->notes[i].parts &= ~parts;
		if (estate->notes[i].parts)
			estate->notes[kept++] = estate->notes[i];
	}
	estate->notes_len = kept;
	estate->notes_more = 0;
}

size_t
estate_notes(const struct estate *estate)
{
	return estate->notes_len;
}

const struct err *
estate_note(const struct estate *estate, size_t i)
{
	return &estate->notes[i].err;
}

void
estate_lack(struct estate *estate, unsigned parts, const struct err *why)
{
	if (parts & ESTATE_VAULTS)
		parts |= ESTATE_NAMES | ESTATE_KEYS | ESTATE_GONE_KEYS;
	if (parts & ESTATE_ACCOUNTS)
		parts |= ESTATE_USED;
	for (unsigned part = 1; part <= ESTATE_PARTS; part *= 2)
		if (parts & part)
			estate->failed[part_number(part)] = *why;
}

bool
estate_lacks(const struct estate *estate, unsigned parts, struct err *err)
{
	for (unsigned part = 1; part <= ESTATE_PARTS; part *= 2) {
		*err = estate->failed[part_number(part)];
		if ((parts & part) && err->kind != ERR_NONE)
			return true;
	}
	return false;
}

int
estate_age(const struct estate *estate)
{
	return estate->read_ms ? (int)((clock_mono_ms() - estate->read_ms) / 1000) : -1;
}

unsigned
estate_changes(const struct estate *estate)
{
	return estate->changes;
}

unsigned
estate_replaced(const struct estate *estate)
{
	return estate->replaced;
}

unsigned
estate_stale(const struct estate *estate, unsigned parts, time_t *at)
{
	parts &= estate->stale;
	*at = 0;
	for (unsigned part = 1; part <= ESTATE_PARTS; part *= 2)
		if ((parts & part) && (*at == 0 || estate->at[part_number(part)] < *at))
			*at = estate->at[part_number(part)];
	return parts;
}

/* The number behind the last one: it is not there. */
static size_t
subscription_find(const struct estate *estate, const char *id)
{
	size_t i = 0;

	while (i < estate->subscriptions_len && text_casecmp(estate->subscriptions[i].id, id) != 0)
		i++;
	return i;
}

bool
estate_subscription_fits(const struct estate *estate, const char *id, struct err *err)
{
	if (estate->subscriptions_len < SUBSCRIPTIONS_MAX ||
		subscription_find(estate, id) < SUBSCRIPTIONS_MAX)
		return true;
	return err_set(err, ERR_FAILED, "TooManySubscriptions",
		"it is one more than the %d subscriptions of which claviger keeps count",
		SUBSCRIPTIONS_MAX);
}

uint16_t
estate_subscription_add(struct estate *estate, const char *id, const char *name)
{
	size_t i = subscription_find(estate, id);
	struct subscription *added;

	if (i == estate->subscriptions_len) {
		estate->subscriptions = rows_grow(estate->subscriptions, i,
			&estate->subscriptions_room, sizeof *estate->subscriptions);
		estate->subscriptions[estate->subscriptions_len++] = (struct subscription){0};
	}
	added = &estate->subscriptions[i];
	added->cached = false;
	snprintf(added->id, sizeof added->id, "%s", id);
	if (name[0])
		snprintf(added->name, sizeof added->name, "%s", name);
	return (uint16_t)i;
}

size_t
estate_subscriptions(const struct estate *estate)
{
	return estate->subscriptions_len;
}

size_t
estate_subscriptions_seen(const struct estate *estate)
{
	size_t out = 0;

	for (size_t i = 0; i < estate->subscriptions_len; i++)
		out += !estate->subscriptions[i].cached;
	return out;
}

const char *
estate_subscription_id(const struct estate *estate, size_t i)
{
	return estate->subscriptions[i].id;
}

const char *
estate_subscription_name(const struct estate *estate, size_t i)
{
	return estate->subscriptions[i].name;
}
