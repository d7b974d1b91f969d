/* The estate: every account, vault, key and policy that the profile can see, in packed rows. Lists
 * come page by page; what is known is there at once, the rest is marked as loading or unknown. */
#ifndef CLAVIGER_ESTATE_H
#define CLAVIGER_ESTATE_H

#include <stddef.h>

#include "backend/estate/facts.h"
#include "backend/session/session.h"

struct estate;

struct estate *estate_new(struct session *session);
void estate_free(struct estate *estate);
struct session *estate_session(const struct estate *estate);

/* ESTATE_USED: the versions of those keys that accounts use, one request a key; ESTATE_NAMES: which
 * keys there are, one list a vault; ESTATE_KEYS: all that `key list` shows of each of them.
 * ESTATE_GONE and ESTATE_GONE_KEYS: deleted vaults and HSMs, two lists a subscription, and deleted
 * keys, one list a vault, that can be recovered. */
enum {
	ESTATE_ACCOUNTS = 1,
	ESTATE_VAULTS = 2,
	ESTATE_KEYS = 4,
	ESTATE_USED = 8,
	ESTATE_IDENTITIES = 16,
	ESTATE_GRANTS = 32,
	ESTATE_NAMES = 64,
	ESTATE_ALL = 127, /* what is there */
	ESTATE_GONE = 128,
	ESTATE_GONE_KEYS = 256,
	ESTATE_PARTS = 511, /* the end of all bits */
	/* what tells the state of every account */
	ESTATE_START = ESTATE_ACCOUNTS | ESTATE_VAULTS | ESTATE_USED | ESTATE_GRANTS,
};

/* Starts reading those parts anew, and first what they rest on if it was never read: keys rest on
 * their names, those on vaults, used keys on accounts. Rows that were there stay until the new ones
 * replace them. changed(user) is called after every page. Without waiting. */
void estate_refresh(struct estate *estate, unsigned parts);
void estate_on_change(struct estate *estate, void (*changed)(void *user), void *user);

/* The parts that were read to their end at least once. */
unsigned estate_read(const struct estate *estate);

/* Parts still being read. */
unsigned estate_busy(const struct estate *estate);

/* Requests done and known to be needed, for a progress line. */
void estate_progress(const struct estate *estate, size_t *done, size_t *total);

/* Turns the loop until the parts are there. False only when nothing at all could be read of them
 * (err tells why); what could be read in part leaves notes. */
bool estate_load(struct estate *estate, unsigned parts, struct err *err) MUST_CHECK;
/* The same, for what must not rest on lists that were read a while ago. */
bool estate_load_new(struct estate *estate, unsigned parts, struct err *err) MUST_CHECK;
/* As estate_load, and reads `also` along: what cannot be read of that leaves notes only. */
bool estate_load_with(
	struct estate *estate, unsigned parts, unsigned also, struct err *err) MUST_CHECK;

/* What could not be read, one error each: "subscription Staging: ...". */
size_t estate_notes(const struct estate *estate);
const struct err *estate_note(const struct estate *estate, size_t i);
/* Whether rows are missing for it; else a row says the same, or came by another way. */
bool estate_note_lacks(const struct estate *estate, size_t i);

/* Whether rows of these parts are missing, as far as is known; err gets the first reason. What a
 * row does not know of itself does not count. */
bool estate_lacks(const struct estate *estate, unsigned parts, struct err *err);

/* After a change: the account, the vault and the key (each may be NULL) are read again and replace
 * their rows, without waiting. So they are after every refresh of the next minutes: Resource Graph
 * tells of a change only then. A row that cannot be read again stays, unknown and with the reason;
 * a key that was not listed becomes a row when it is there. */
void estate_touch(struct estate *estate, const struct armid *account, const struct armid *vault,
	const struct keyid *key);

/* Seconds of monotonic time since the last complete reading; -1: never. */
int estate_age(const struct estate *estate);

/* Those of the parts whose rows are older than they should be: those of the last start (cache.h),
 * not read anew yet, and those of which nothing could be read the last time. *at gets the wall time
 * of the oldest reading. */
unsigned estate_stale(const struct estate *estate, unsigned parts, time_t *at);

/* Counts what was read: while it stays the same, so does every row. */
unsigned estate_changes(const struct estate *estate);

/* Counts how often rows took the place of others: until then rows are only added to a list, and the
 * number of one is good. */
unsigned estate_replaced(const struct estate *estate);

/* Subscriptions seen. */
size_t estate_subscriptions(const struct estate *estate);
/* Those of them that are known by more than the last start. */
size_t estate_subscriptions_seen(const struct estate *estate);
const char *estate_subscription_id(const struct estate *estate, size_t i);
const char *estate_subscription_name(const struct estate *estate, size_t i);

/* Finds one by bare name, ARM id, or VAULT/KEY or key URI (of any known cloud host); reads the
 * lists it needs (waiting) only when they were never read. ERR_NOT_FOUND names near misses; several
 * of one name are ERR_USAGE naming the ids to choose from. group may be NULL. A key that is named
 * together with its vault need not exist yet. */
bool estate_find_account(struct estate *estate, const char *name, const char *group,
	struct armid *out, const struct service **service, struct err *err) MUST_CHECK;
bool estate_find_vault(
	struct estate *estate, const char *name, struct armid *out, struct err *err) MUST_CHECK;
bool estate_find_key(struct estate *estate, const char *key, const char *vault, struct keyid *out,
	struct err *err) MUST_CHECK;

/* The id of what is not there yet: a whole id, or a name in a group, which must be there in exactly
 * one subscription (waits). type: of what is to be made. */
bool estate_new_id(struct estate *estate, const char *name, const char *group, const char *type,
	struct armid *out, struct err *err) MUST_CHECK;

/* Deleted vaults and managed HSMs that can be recovered, as the `vault deleted` objects: an array,
 * new reference; reads them anew and waits. What cannot be read of it leaves notes; NULL when
 * nothing could. */
json_t *estate_deleted(struct estate *estate, struct err *err) MUST_CHECK;
/* One of them by name; location gets where it was. */
bool estate_find_deleted(struct estate *estate, const char *name, struct armid *out,
	char location[64], struct err *err) MUST_CHECK;

/* Reads one account with the vault and key that it uses, without waiting (detail pane). done may
 * steal from facts; what could not be read is marked in them, err is set only when the account
 * itself could not be read. */
typedef void facts_done(void *user, struct facts *facts, const struct err *err);
struct reading *estate_read_start(
	struct estate *estate, const struct armid *account, facts_done *done, void *user);
void reading_cancel(struct reading *reading);
/* Vault and key may be as another reading was told in the last minute (backend/net/memo.h). */
void reading_share(struct reading *reading);

/* The same, waiting (`account show`). */
bool estate_read_facts(struct estate *estate, const struct armid *account, struct facts *out,
	struct err *err) MUST_CHECK;
/* One vault, one key with all its versions. Wait. */
bool estate_read_vault(struct estate *estate, const struct armid *vault, struct vault *out,
	struct err *err) MUST_CHECK;
bool estate_read_key(struct estate *estate, const struct keyid *key, struct key *out,
	struct err *err) MUST_CHECK;

/* Requests for one resource; owned by the caller. Used by the readers here and by plans. */
void estate_get_account(const struct session *session, const struct armid *id, struct request *out);
void estate_get_vault(const struct session *session, const struct armid *id, struct request *out);
void estate_get_key(const struct session *session, const struct keyid *id, struct request *out);
void estate_get_versions(
	const struct session *session, const struct keyid *id, struct request *out);
void estate_get_rotation(
	const struct session *session, const struct keyid *id, struct request *out);

#endif
