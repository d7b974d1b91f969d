/* The estate as a whole: its tables, its notes, and waiting for it. Reading is in list.c (lists)
 * and read.c (one account), what follows from several tables in join.c. */
#include "backend/estate/estate.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/inside.h"

enum { NOTES_MAX = 200, SUBSCRIPTIONS_MAX = UINT16_MAX };

struct estate *
estate_new(struct session *session)
{
	struct estate *estate = mem_alloc(sizeof *estate);

	estate->session = session;
	estate->accounts = account_rows_new();
	estate->vaults = vault_rows_new();
	estate->keys = key_rows_new();
	estate->identities = identity_rows_new();
	estate->grants = grant_rows_new();
	estate->lister = lister_new(estate);
	estate->joins = joins_new();
	return estate;
}

void
estate_free(struct estate *estate)
{
	if (estate == NULL)
		return;
	readings_cancel(estate);
	lister_free(estate->lister);
	joins_free(estate->joins);
	account_rows_free(estate->accounts);
	vault_rows_free(estate->vaults);
	key_rows_free(estate->keys);
	identity_rows_free(estate->identities);
	grant_rows_free(estate->grants);
	free(estate->subscriptions);
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
	return part == ESTATE_ACCOUNTS ? 0 : part == ESTATE_VAULTS ? 1 : 2;
}

bool
estate_unread(const struct estate *estate, unsigned parts)
{
	return (parts & ~estate->read) != 0;
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
estate_busy(const struct estate *estate)
{
	return lister_busy(estate->lister);
}

void
estate_progress(const struct estate *estate, size_t *done, size_t *total)
{
	lister_progress(estate->lister, done, total);
}

/* Keys cannot be listed without knowing the vaults. */
static unsigned
with_vaults(unsigned parts)
{
	return parts & ESTATE_KEYS ? parts | ESTATE_VAULTS : parts;
}

static bool
interrupted(struct err *err)
{
	return err_set(err, ERR_CANCELLED, "", "the lists were not read to their end: interrupted");
}

bool
estate_load(struct estate *estate, unsigned parts, struct err *err)
{
	unsigned need = with_vaults(parts);
	unsigned unread = need & ~estate->read & ~estate_busy(estate);

	if (unread)
		estate_refresh(estate, unread);
	estate->waiting = need;
	while (estate_busy(estate) & need) {
		estate->idle = false;
		loop_until(session_loop(estate->session), &estate->idle);
		if (!estate->idle)
			return interrupted(err);
	}
	for (unsigned part = 1; part < ESTATE_ALL; part *= 2)
		if ((need & part) && !(estate->read & part)) {
			if (err)
				*err = estate->failed[part_number(part)];
			return false;
		}
	return true;
}

/* A name must be found without waiting for one request for each account. */
bool
estate_load_names(struct estate *estate, struct err *err)
{
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

void
estate_note_add(struct estate *estate, unsigned part, const struct err *why, const char *fmt, ...)
{
	char what[200];
	struct note *note;
	va_list ap;

	if (estate->notes_len == NOTES_MAX) {
		estate->notes_more++;
		note = &estate->notes[NOTES_MAX - 1];
		note->part = 0;
		err_set(&note->err, ERR_FAILED, "", "%zu more could not be read",
			estate->notes_more + 1);
		return;
	}
	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	estate->notes = rows_grow(
		estate->notes, estate->notes_len, &estate->notes_room, sizeof *estate->notes);
	note = &estate->notes[estate->notes_len++];
	*note = (struct note){.part = part, .err = *why};
	err_prefix(&note->err, "%s", what);
}

void
estate_notes_drop(struct estate *estate, unsigned parts)
{
	size_t kept = 0;

	for (size_t i = 0; i < estate->notes_len; i++)
		if (estate->notes[i].part && !(estate->notes[i].part & parts))
			estate->notes[kept++] = estate->notes[i];
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

int
estate_age(const struct estate *estate)
{
	return estate->read_ms ? (int)((clock_mono_ms() - estate->read_ms) / 1000) : -1;
}

uint16_t
estate_subscription_add(struct estate *estate, const char *id, const char *name)
{
	struct subscription *added;
	size_t i;

	for (i = 0; i < estate->subscriptions_len; i++)
		if (text_casecmp(estate->subscriptions[i].id, id) == 0)
			break;
	if (i == SUBSCRIPTIONS_MAX)
		return SUBSCRIPTIONS_MAX - 1;
	if (i == estate->subscriptions_len) {
		estate->subscriptions = rows_grow(estate->subscriptions, i,
			&estate->subscriptions_room, sizeof *estate->subscriptions);
		estate->subscriptions_len++;
	}
	added = &estate->subscriptions[i];
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
