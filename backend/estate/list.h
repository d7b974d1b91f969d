/* How the lists are read: one task is one chain of requests. Internal to list.c and tasks.c. */
#ifndef CLAVIGER_ESTATE_LIST_H
#define CLAVIGER_ESTATE_LIST_H

#include "backend/estate/inside.h"

struct task;

/* What a task asks and what it makes of the answers. accept and fail may set task->url to go on
 * with another request (after accept, only one of the same origin), else the task is over. */
struct task_kind {
	unsigned part; /* ESTATE_ bit; 0: subscriptions */
	void (*build)(struct task *task, struct request *out);
	bool (*accept)(struct task *task, const json_t *json, struct err *err);
	void (*fail)(struct task *task, const struct err *err);
};

struct task {
	struct task *next; /* in the queue, or under way */
	const struct task_kind *kind;
	struct lister *lister;
	struct call *call;
	char *sent;     /* the URL under way */
	char *url;      /* the next page; NULL: build() */
	uint64_t *seen; /* of every page so far, against circles */
	size_t seen_len, seen_room;
	uint16_t subscription;
	const struct service *service;
	size_t row; /* of accounts, vaults or keys */
	struct keyid id;
	struct key key;
	struct err why;
	bool again; /* go on with build() of kind */
};

extern const struct task_kind task_subscriptions, task_accounts, task_account, task_vaults,
	task_vault_keys, task_key, task_versions;

/* The tables being read: those of the estate as long as they are empty, else new ones beside. */
struct lister {
	struct estate *estate;
	struct accounts *accounts;
	struct vaults *vaults;
	struct keys *keys;
	struct task *queue, **queue_end;
	struct task *sent;
	size_t sent_len;
	unsigned wants; /* parts that wait for the subscriptions */
	unsigned busy;
	size_t next_account, next_vault, next_key; /* what is still to be asked for one by one */
	size_t lists_read[PARTS];                  /* lists that came whole or in part */
	size_t done, total;
	bool names_only; /* accounts are not asked for one by one */
	bool turn;       /* takes keys and accounts in turn */
};

/* Puts a task into the queue. */
struct task *lister_add(struct lister *lister, const struct task_kind *kind);

/* Takes the nextLink of a page: "" ends the task. */
bool task_follow(struct task *task, const char *next, struct err *err) MUST_CHECK;

/* The subscriptions are known: adds the lists of every part that waits for them. */
void lister_subscriptions_known(struct lister *lister);

#endif
