/* What the parts of the estate share. Internal. */
#ifndef CLAVIGER_ESTATE_INSIDE_H
#define CLAVIGER_ESTATE_INSIDE_H

#include "backend/estate/estate.h"
#include "backend/estate/rows.h"

struct subscription {
	char id[37];
	char name[128];
};

enum { PARTS = 3 }; /* accounts, vaults, keys: the bits of ESTATE_ALL in order */

struct note {
	unsigned part; /* ESTATE_ bit that it belongs to; 0: subscriptions */
	struct err err;
};

struct estate {
	struct session *session;
	struct subscription *subscriptions; /* only ever added to: rows hold numbers */
	size_t subscriptions_len, subscriptions_room;
	struct accounts *accounts;
	struct vaults *vaults;
	struct keys *keys;
	struct identities *identities;
	struct grants *grants;
	unsigned read;            /* ESTATE_ parts that were read at least once */
	struct err failed[PARTS]; /* why the last reading of a part gave nothing at all */
	struct note *notes;
	size_t notes_len, notes_room, notes_more;
	int64_t read_ms; /* monotonic; when the last reading ended, 0: never */
	void (*changed)(void *user);
	void *user;
	struct lister *lister;
	struct joins *joins;
	struct reading *readings; /* under way */
	bool named;               /* the names of all accounts were read, not what is behind them */
	bool idle; /* nothing of `waiting` is busy any more, or the names are there */
	bool waiting_names;
	unsigned waiting;
};

/* Whether any of these parts was never read to its end. */
bool estate_unread(const struct estate *estate, unsigned parts);

/* Number of a part's bit: 0 for ESTATE_ACCOUNTS. */
size_t part_number(unsigned part);

/* Adds a note "what: why". More than a screenful of notes is counted, not kept. */
void estate_note_add(struct estate *estate, unsigned part, const struct err *why, const char *fmt,
	...) PRINTF_LIKE(4, 5);
void estate_notes_drop(struct estate *estate, unsigned parts);

/* The number of a subscription, added when it is new. */
uint16_t estate_subscription_add(struct estate *estate, const char *id, const char *name);

/* list.c: the asynchronous reader. */
struct lister *lister_new(struct estate *estate);
void lister_free(struct lister *lister);
void lister_start(struct lister *lister, unsigned parts);
/* The accounts' lists only, without one request for each of them. */
void lister_start_names(struct lister *lister);
/* Whether every list of accounts has come, whatever is still asked for one by one. */
bool lister_has_names(const struct lister *lister);
unsigned lister_busy(const struct lister *lister);
void lister_progress(const struct lister *lister, size_t *done, size_t *total);

/* join.c: what follows from several tables together. Worked out when asked, dropped on changes. */
struct joins *joins_new(void);
void joins_free(struct joins *joins);
void joins_drop(struct joins *joins);

/* One row per principal and vault. */
struct policy_row {
	uint32_t vault;    /* row */
	uint32_t account;  /* the first account with this principal, ROW_NONE: not one of ours */
	uint32_t user_key; /* text of that account's table: id of the user-assigned identity */
	uint32_t unknown;  /* text of the vaults' table: rights without a name */
	perm_set holds;    /* as written */
	perm_set needs;    /* what the accounts that use this vault with it need */
	uint8_t principal[16];
	bool entry, others, application, uses; /* uses: an account uses this vault with it */
};
size_t joins_policies(const struct estate *estate, const struct policy_row **out);

/* How many keys a vault has; *why tells why they are unknown. */
enum detail joins_vault_keys(
	const struct estate *estate, uint32_t vault, uint32_t *count, const char **why);

/* How many accounts use a version (row of keys->versions). */
uint32_t joins_used(const struct estate *estate, size_t version);
uint32_t joins_key_used(const struct estate *estate, size_t key);

/* The accounts that use a key, in whatever version: ROW_NONE ends. */
uint32_t joins_first_user(const struct estate *estate, uint32_t key);
uint32_t joins_next_user(const struct estate *estate, uint32_t account);

/* An account's state as far as the lists tell. why is for ACCOUNT_UNKNOWN and LOCKED. */
struct account_sight {
	enum account_state state;
	bool loading;   /* unknown only because it is still being read */
	int behind;     /* versions; -1 unknown */
	uint32_t key;   /* row of keys, ROW_NONE */
	uint32_t vault; /* row of vaults, ROW_NONE */
	const char *why;
};
void joins_sight(const struct estate *estate, size_t account, struct account_sight *out);

/* The principal that opens the account's key, zeros when unknown. */
void joins_principal(const struct estate *estate, const struct account_row *row, uint8_t out[16]);

/* rowfacts.c: what the lists told of one account, as facts: the same rules and the same JSON then
 * serve lists and details. out is owned by the caller. */
void row_facts(const struct estate *estate, size_t account, struct facts *out);
void row_vault(const struct estate *estate, size_t vault, struct vault *out);
void row_key(const struct estate *estate, size_t key, struct key *out);

/* Waits for the names of all accounts. */
bool estate_load_names(struct estate *estate, struct err *err) MUST_CHECK;

/* ids of rows */
void estate_account_id(const struct estate *estate, size_t row, struct armid *out);
void estate_vault_id(const struct estate *estate, size_t row, struct armid *out);

/* read.c */
void readings_cancel(struct estate *estate);
/* The vaults were listed: whoever waited for that goes on. */
void readings_vaults_known(struct estate *estate);

#endif
