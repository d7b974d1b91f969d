/* How the lists are read: one task is one chain of requests. Internal to list.c, sources.c,
 * intake.c, graph.c, tasks.c, tasks_keys.c, tasks_gone.c, tables.c and touch.c. */
#ifndef CLAVIGER_ESTATE_LIST_H
#define CLAVIGER_ESTATE_LIST_H

#include "backend/estate/inside.h"

struct task;

/* What a task asks and what it makes of the answers. accept and fail may set task->url or
 * task->again to go on with another request (after accept, only one of the same origin), else the
 * task is over. */
struct task_kind {
	unsigned part; /* ESTATE_ bit; 0: subscriptions, or as the task says */
	void (*build)(struct task *task, struct request *out);
	bool (*accept)(struct task *task, const struct buf *body, struct err *err);
	/* Instead of accept, where pages are long: the member that is a list, what each of its rows
	 * means, and after them all that is not in it. */
	const char *list;
	void (*row)(struct task *task, size_t i, const json_t *row);
	bool (*rest)(struct task *task, const json_t *rest, struct err *err);
	void (*fail)(struct task *task, const struct err *err);
};

struct task {
	struct task *next; /* in the queue, or under way */
	const struct task_kind *kind;
	unsigned parts; /* ESTATE_ bits that it reads */
	struct lister *lister;
	struct call *call;
	struct intake *intake; /* of a page that is long; NULL: none */
	char *sent;            /* the URL under way */
	char *url;             /* the next page; NULL: build() */
	char *token;           /* of Resource Graph's next page; NULL: the first */
	uint64_t *seen;        /* of every page so far, against circles */
	size_t seen_len, seen_room;
	size_t ahead; /* pages behind the one under way, as far as is known */
	uint16_t subscription;
	size_t tenant; /* of the session's: whose subscriptions are listed, or who is asked */
	const struct service *service;
	bool hsm;
	size_t row; /* of accounts, vaults or keys */
	struct keyid id;
	struct key key;
	struct err why;
	bool again;   /* go on with build() of kind */
	bool took;    /* rows of its replies are in the tables */
	bool touched; /* of a change: whatever is known already is read again */
};

extern const struct task_kind task_subscriptions, task_graph, task_accounts, task_account,
	task_vault, task_vaults, task_identities, task_grants, task_vault_keys, task_key,
	task_versions, task_used, task_gone, task_gone_keys;

/* The parts that fill the one table of keys, and those that no list of a subscription tells. */
enum {
	KEY_PARTS = ESTATE_KEYS | ESTATE_USED | ESTATE_NAMES,
	VAULT_PARTS = KEY_PARTS | ESTATE_GONE_KEYS
};

enum { TENANTS_MAX = 1 + PROFILE_TENANTS };

/* The tables being read: those of the estate as long as they are empty, else new ones beside. */
struct lister {
	struct estate *estate;
	struct accounts *accounts;
	struct vaults *vaults;
	struct keys *keys;
	struct identities *identities;
	struct grants *grants;
	json_t *gone, *gone_keys;
	struct task *queue, **queue_end;
	struct task *sent;
	size_t sent_len;
	bool naming;                     /* the subscriptions are being listed */
	struct err unnamed[TENANTS_MAX]; /* why that could not be done */
	unsigned wants[TENANTS_MAX];     /* parts whose lists by subscription wait for that */
	unsigned graphs;                 /* parts that Resource Graph is asked for after that */
	struct touch *touches;
	bool touching; /* only these are being read */
	unsigned busy;
	/* what is still to be asked for one by one; of next_gone, its deleted keys */
	size_t next_account, next_vault, next_key, next_gone;
	size_t lists_read[PARTS]; /* lists that came whole or in part */
	struct lost *lost;        /* lists that failed (stale.c) */
	size_t lost_len, lost_room;
	size_t done, total;
	bool names_only; /* accounts are not asked for one by one */
	bool turn;       /* takes keys and accounts in turn */
};

/* tables.c: begins those of these parts, ends them without their answers, empties them, and puts
 * one in the place of the one before it, unless nothing at all could be read. */
void tables_start(struct lister *lister, unsigned parts);
void tables_drop(struct lister *lister, unsigned parts);
void tables_clear(struct lister *lister, unsigned parts);
void tables_replace(struct lister *lister, unsigned part);

/* intake.c: takes the rows of a reply, from which it steals, in this turn of the loop and, where
 * they are many, in later ones; then task_told. */
void intake_start(struct task *task, struct reply *reply);
void intake_free(struct intake *intake); /* may be NULL */

/* Takes the nextLink of a page: "" ends the task. */
bool task_follow(struct task *task, const char *next, struct err *err) MUST_CHECK;

/* So many pages are to come behind the one under way: they count as known to be needed. */
void task_foresee(struct task *task, size_t pages);

/* Notes that this page comes next: an error when it came before, or when there are too many. */
bool task_mark(struct task *task, const char *page, struct err *err) MUST_CHECK;

/* list.c: rows were taken from a reply that has more; all of it was or, as err says, could not be.
 */
void task_took(const struct task *task);
void task_told(struct task *task, const struct err *err);

/* Puts a task into the queue. */
struct task *lister_add(struct lister *lister, const struct task_kind *kind);

/* A list of these parts has come, whole or a page of it. */
void lister_came(struct lister *lister, unsigned parts);

/* tasks.c: why the list of the task's subscription could not be read. */
void task_list_failed(struct task *task, const char *what, const struct err *err);

/* An element of a list that is none: a note "what: why". */
void lister_skip(struct task *task, const struct err *why, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Where several tenants are signed in to: a subscription's id or a vault's host is of that one. */
void lister_learn(struct lister *lister, const char *place, size_t tenant);

/* sources.c: adds what the lists of these parts begin with. */
void lister_begin(struct lister *lister, unsigned parts);

/* The parts whose lists wait for the subscriptions, in any tenant; these wait no more. */
unsigned lister_wants(const struct lister *lister);
void lister_wants_no(struct lister *lister, unsigned parts);

/* Ends tasks of these parts without their answers. */
void lister_cancel(struct lister *lister, unsigned parts);

/* The subscriptions are known: adds the lists of every part that waits for them. */
void lister_subscriptions_known(struct lister *lister);

/* Reads what a task of Resource Graph was to read from the providers' lists, subscription by
 * subscription. Once it has filled rows, these are forgotten with those of the other tenants. */
void lister_fall_back(struct lister *lister, const struct task *task);

/* touch.c: begins with what is due; false: nothing is. */
bool touch_begin(struct lister *lister);
/* All that was touched of late is due again. */
void touch_again(struct lister *lister);

/* A row of accounts became known: its key is one of those in use. */
void lister_use_key(struct lister *lister, size_t account);

/* tasks.c: one element, of a provider's list or of Resource Graph; false, and err tells. What of an
 * account can be read still becomes a row. */
bool take_account(struct lister *lister, const struct service *service, uint16_t subscription,
	const json_t *json, struct err *err) MUST_CHECK;
bool take_vault(struct lister *lister, uint16_t subscription, const json_t *json,
	struct err *err) MUST_CHECK;

/* graph.c: the query for these parts, owned by the caller. */
char *graph_query(unsigned parts);

#endif
