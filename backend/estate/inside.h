/* What the parts of the estate share. Internal. */
#ifndef CLAVIGER_ESTATE_INSIDE_H
#define CLAVIGER_ESTATE_INSIDE_H

#include "backend/estate/estate.h"
#include "backend/estate/rows.h"

struct findings;
struct posture;
struct stale;

struct subscription {
	char id[37];
	char name[128];
	bool listed;    /* in the list of all that this sign-in sees */
	bool cached;    /* known from the last start only: asked for nothing */
	uint8_t tenant; /* of the session's, who sees it */
};

enum { PARTS = 9 }; /* the bits of ESTATE_PARTS in order */

/* What was changed: names "" where there is nothing of that. */
struct touch {
	struct touch *next;
	struct armid account, vault;
	struct keyid key;
	int64_t until;  /* monotonic ms */
	bool due;       /* to be read again */
	bool roles;     /* the vault's rights are role assignments, */
	bool roles_due; /* which are to be read again */
};

struct note {
	unsigned parts; /* ESTATE_ bits that it belongs to; 0: subscriptions */
	bool in_rows;   /* a row says the same, or came by another way */
	struct err err;
};

struct estate {
	struct session *session;
	struct subscription *subscriptions; /* only ever added to: rows hold numbers */
	size_t subscriptions_len, subscriptions_room;
	json_t *left_out; /* names by id of those that are seen and the profile leaves out */
	struct shapes principals; /* as of those below: only ever added to */
	struct accounts *accounts;
	struct vaults *vaults;
	struct keys *keys;
	struct identities *identities;
	struct grants *grants;
	json_t *gone, *gone_keys; /* what was deleted, as arrays of objects */
	unsigned read;            /* ESTATE_ parts that were read at least once */
	struct err failed[PARTS]; /* why the last reading of a part lacks rows */
	struct note *notes;
	size_t notes_len, notes_room, notes_more;
	int64_t read_ms;     /* monotonic; when the last reading ended, 0: never */
	unsigned stale;      /* ESTATE_ parts whose rows are older than the last try to read them */
	unsigned stale_rows; /* those of which single rows are: stale.c */
	time_t at[PARTS];    /* wall time of the reading that rows are of */
	void (*changed)(void *user);
	void *user;
	struct lister *lister;
	struct joins *joins;
	struct reading *readings; /* under way */
	bool named;               /* the names of all accounts were read, not what is behind them */
	bool idle; /* nothing of `waiting` is busy any more, or the names are there */
	bool waiting_names;
	unsigned waiting;
	unsigned changes;               /* counts what was read into the tables */
	unsigned replaced;              /* counts what took the place of a table */
	struct posture *posture;        /* judging them; NULL: not now */
	struct findings *findings;      /* NULL: not judged yet */
	bool judge_whole, judged_whole; /* as it is wanted, as findings are */
	unsigned judging, judged;       /* changes then */
};

/* posture_estate.c: gives it up; may be NULL. */
void posture_cancel(struct posture *posture);

/* Whether any of these parts was never read to its end, at the last start neither. */
bool estate_unread(const struct estate *estate, unsigned parts);

/* Whether rows of any of these parts are there, read now or at the last start. */
bool estate_has(const struct estate *estate, unsigned parts);

/* Number of a part's bit: 0 for ESTATE_ACCOUNTS. */
size_t part_number(unsigned part);

/* Adds a note "what: why"; one that says the same is given these parts too. More than a screenful
 * of notes is counted, not kept. */
void estate_note_add(struct estate *estate, unsigned parts, const struct err *why, const char *fmt,
	...) PRINTF_LIKE(4, 5);
/* The same, where no row is missing for it. */
void estate_note_row(struct estate *estate, unsigned parts, const struct err *why, const char *fmt,
	...) PRINTF_LIKE(4, 5);
void estate_notes_drop(struct estate *estate, unsigned parts);
/* Gives these parts to a note that begins with what and has this code; false: there is none. */
bool estate_note_join(struct estate *estate, unsigned parts, const char *what, const char *code);

/* Rows of these parts, and of what rests on them, are missing. */
void estate_lack(struct estate *estate, unsigned parts, const struct err *why);

/* Whether there is a number for that subscription, or for one more: rows have 16 bits for it. */
bool estate_subscription_fits(const struct estate *estate, const char *id, struct err *err);
/* The number of a subscription that fits, added when it is new. */
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
/* Reads what touch says as soon as nothing else is being read; takes it over. */
void lister_touch(struct lister *lister, struct touch *touch);
/* touch.c: whether role assignments were changed a moment ago. */
bool touch_has_roles(const struct lister *lister);
void lister_progress(const struct lister *lister, size_t *done, size_t *total);

/* stale.c: rows of before that a new table lacks, or could not read again, are put into it, marked
 * with the time of their reading and with why they could not be read. */
void stale_keep(struct lister *lister, unsigned part);
/* Why a list of these parts failed: the rows that it told of before stay. */
void stale_lost(struct lister *lister, unsigned part, uint16_t subscription,
	const struct service *service, bool hsm, const struct err *why);
/* Why the list that told of such a row failed; NULL: it did not, or nobody asked for it. */
const char *stale_why(const struct lister *lister, unsigned part, uint16_t subscription,
	const struct service *service, bool hsm);
/* These parts are read anew. */
void stale_forget(struct lister *lister, unsigned parts);
/* Whether the row of a table is such a one. */
bool stale_account(const struct estate *estate, size_t row, struct stale *out);
bool stale_vault(const struct estate *estate, size_t row, struct stale *out);
bool stale_key(const struct estate *estate, size_t row, struct stale *out);
/* The same of what was deleted, of ESTATE_GONE or ESTATE_GONE_KEYS; a copy without what is not of
 * Azure, for others to look at. */
bool stale_gone(const struct estate *estate, unsigned part, const json_t *gone, struct stale *out);
json_t *stale_gone_copy(const json_t *gone);
/* stale_gone.c: what lists of deleted vaults told of before, where they failed. */
void stale_keep_gone(struct lister *lister);
/* For a list of deleted keys that failed, or was not asked for: what it told of before. */
void stale_keep_gone_keys(struct lister *lister, size_t vault, const char *why);

/* join.c: what follows from several tables together. Worked out when asked, dropped on changes. */
struct joins *joins_new(void);
void joins_free(struct joins *joins);
void joins_drop(struct joins *joins);

/* One row per principal, vault and grant: an access policy, a role assignment, or none at all where
 * an account uses the vault without any. */
struct policy_row {
	uint32_t vault;    /* row */
	uint32_t account;  /* the first account with this principal, ROW_NONE: not one of ours */
	uint32_t identity; /* row of the user-assigned identity it is, ROW_NONE */
	uint32_t user_key; /* text of that account's table: id of the user-assigned identity */
	uint32_t unknown;  /* text of the vaults' table: rights without a name */
	uint32_t scope;    /* text of the grants' table, where the assignment stands; 0: no role */
	perm_set holds;    /* by this grant, as written */
	perm_set all;      /* what all its grants on this vault allow */
	perm_set needs;    /* what the accounts that use this vault with it need */
	const char *maybe; /* why it may hold more than that, "" */
	uint8_t principal[16], role[16];
	bool entry, others, application, uses; /* uses: an account uses this vault with it */
	bool custom; /* the role is none of the built-in ones: what it allows is not known */
};
size_t joins_policies(const struct estate *estate, const struct policy_row **out);

/* A role assignment as it reaches one vault: in order of vaults, then principals. Inherited ones
 * stand there for vaults that grant by roles only. */
struct role_right {
	uint32_t vault, grant; /* rows */
	uint16_t key;          /* where the key's name begins in the scope; 0: all keys */
	bool custom;
	bool above; /* stands above subscriptions: whether the vault is below is not known */
	perm_set keys;
};
size_t joins_roles(const struct estate *estate, const struct role_right **out);

/* What a principal may do with a key (NULL: with all of them) by roles; *maybe tells why it may be
 * more, "" when it cannot. */
perm_set joins_role_rights(const struct estate *estate, uint32_t vault, const uint8_t principal[16],
	const char *key, const char **maybe);

/* The accounts that may act as a principal: count, and the row of the i-th. */
size_t joins_owners(const struct estate *estate, const uint8_t principal[16]);
uint32_t joins_owner(const struct estate *estate, const uint8_t principal[16], size_t i);

/* How many keys a vault has; *why tells why they are unknown. */
enum detail joins_vault_keys(
	const struct estate *estate, uint32_t vault, uint32_t *count, const char **why);

/* How many accounts use a key, in any version. */
uint32_t joins_key_used(const struct estate *estate, size_t key);

/* Deleted keys that are no row of keys: how many, and one of them. And that of a row that only
 * accounts tell of; NULL: it was not deleted, as far as is known. Borrowed. */
size_t joins_gone(const struct estate *estate);
const json_t *joins_gone_alone(const struct estate *estate, size_t at);
const json_t *joins_gone_used(const struct estate *estate, size_t key);

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
void joins_principal(const struct estate *estate, size_t account, uint8_t out[16]);

/* rowfacts.c: what the lists told of one account, as facts: the same rules and the same JSON then
 * serve lists and details. out is owned by the caller. A vault comes without its access policies,
 * in facts with those of the account's identity. */
void row_facts(const struct estate *estate, size_t account, struct facts *out);
void row_account(const struct estate *estate, size_t account, struct account *out);
void row_vault(const struct estate *estate, size_t vault, struct vault *out);
void row_key(const struct estate *estate, size_t key, struct key *out);
/* What the account of these facts may do by roles on the vault of that row, if they were read. */
void row_roles(const struct estate *estate, uint32_t vault, struct facts *out);

/* Waits for the names of all accounts. */
bool estate_load_names(struct estate *estate, struct err *err) MUST_CHECK;

/* ids of rows */
void estate_account_id(const struct estate *estate, size_t row, struct armid *out);
void estate_vault_id(const struct estate *estate, size_t row, struct armid *out);

/* The key of that row into key, key_known and key_why; nothing else of out is touched. */
void row_key_facts(const struct estate *estate, size_t key, struct facts *out);

/* ask.c: one of many requests, and its answer: json, or err tells. */
struct asked {
	struct request request; /* owned */
	json_t *json;           /* owned */
	struct err err;
	struct call *call;
	struct round *round;
};
/* Sends them side by side; done(user) once the last is answered, in a later turn of the loop. Then,
 * and when it is cancelled, the round is gone. */
struct round *round_start(struct estate *estate, struct asked *asks, size_t len,
	void (*done)(void *user), void *user);
void round_cancel(struct round *round);
/* The same, waiting for all; false only when that was interrupted. */
bool estate_ask_all(
	struct estate *estate, struct asked *asks, size_t len, struct err *err) MUST_CHECK;
void asked_free(struct asked *asks, size_t len);

/* read.c */
void readings_cancel(struct estate *estate);
/* The vaults were listed: whoever waited for that goes on. */
void readings_vaults_known(struct estate *estate);

#endif
