/* Rows of Automation accounts. All functions need the database's lock. */
#ifndef CLAVIGER_SANDBOX_ACCOUNTS_H
#define CLAVIGER_SANDBOX_ACCOUNTS_H

#include "backend/sandbox/call.h"
#include "crypto/envelope.h"

enum { ACCOUNT_WRAPPED_MAX = 1024, ACCOUNT_SEALED = ENVELOPE_KEY + ENVELOPE_OVERHEAD };

struct account {
	int64_t id, group; /* rows */
	char subscription[37], group_name[91], name[64], location[48];
	char account[37];   /* its own GUID, in its URLs */
	char identity[40];  /* None, SystemAssigned */
	char principal[37]; /* "" without a system identity */
	bool local_auth_off;
	int public_access; /* -1: never set */
	const char *tags;  /* a JSON object */
	int64_t created_ms, modified_ms;
	char cmk_vault[25], cmk_key[128], cmk_version[33]; /* "" on Microsoft's keys */
	bool cmk_slash;                             /* the URI was given with a final slash */
	unsigned char wrapped[ACCOUNT_WRAPPED_MAX]; /* the account key */
	size_t wrapped_len;
	unsigned char sealed[ACCOUNT_SEALED]; /* the data key under the account key */
	int64_t revision;                     /* counts the writes */
};

bool accounts_find(struct db *db, struct arena *arena, const char *subscription, const char *group,
	const char *name, struct account *out);

/* Lists: parameters subscription[, group], last id, limit; read with account_read. */
extern const char accounts_by_subscription[], accounts_by_group[];
void accounts_read(sqlite3_stmt *stmt, struct arena *arena, struct account *out);

/* Writes a new row (sets id), or an old one (counts up revision). */
void accounts_insert(struct db *db, struct account *account);
void accounts_update(struct db *db, struct account *account);

/* The ARM id. Returns out. */
char *accounts_id(const struct account *account, char *out, size_t room);

#endif
