/* Rows of the accounts of all three services. All functions need the database's lock. */
#ifndef CLAVIGER_SANDBOX_ACCOUNTS_H
#define CLAVIGER_SANDBOX_ACCOUNTS_H

#include "backend/azure/armid.h"
#include "backend/sandbox/call.h"
#include "crypto/envelope.h"

/* The numbers are stored. */
enum service { SERVICE_AUTOMATION = 0, SERVICE_BATCH = 1, SERVICE_STORAGE = 2 };

enum { ACCOUNT_WRAPPED_MAX = 1024, ACCOUNT_SEALED = ENVELOPE_KEY + ENVELOPE_OVERHEAD };

/* How the version of the customer key was named. The numbers are stored. */
enum cmk_mode {
	CMK_PINNED = 0,
	CMK_AUTO_EMPTY = 1,  /* as the empty text */
	CMK_AUTO_ABSENT = 2, /* not at all */
};

struct account {
	int64_t id, group; /* rows */
	enum service service;
	char subscription[37], group_name[ARMID_GROUP], name[64], location[48];
	char guid[37];      /* its own, in its URLs */
	char identity[40];  /* None, SystemAssigned, ... as the service spells it */
	char principal[37]; /* "" without a system identity */
	const char *users;  /* user-assigned identities: a JSON array of ARM ids as written */
	const char *tags;   /* a JSON object */
	const char *more;   /* the service's own properties, a JSON object */
	int64_t created_ms, modified_ms;
	enum store_kind cmk_kind;
	char cmk_store[25], cmk_key[128]; /* "" on Microsoft's keys */
	bool cmk_slash;                   /* the URI was given with a final slash */
	enum cmk_mode cmk_mode;
	char cmk_version[33];         /* in use, in every mode */
	char cmk_identity[ARMID_MAX]; /* user-assigned identity that opens the key; "": system */
	char cmk_federated[37];       /* client id of the application that crosses tenants, or "" */
	int64_t cmk_rotated_ms;
	int64_t cmk_due; /* when the service looks for a newer version by itself; 0: never */
	bool dark;       /* see service/reach.h */
	int64_t checked_at, changed_at;             /* seconds; changed_at 0: never went dark */
	unsigned char wrapped[ACCOUNT_WRAPPED_MAX]; /* the account key */
	size_t wrapped_len;
	unsigned char sealed[ACCOUNT_SEALED]; /* the data key under the account key */
	int64_t revision;                     /* counts the writes */
};

bool accounts_find(struct db *db, struct arena *arena, enum service service,
	const char *subscription, const char *group, const char *name, struct account *out);

/* By a name that is unique in the world, as those of Batch (with its location) and Storage are;
 * location NULL: anywhere. */
bool accounts_find_name(struct db *db, struct arena *arena, enum service service, const char *name,
	const char *location, struct account *out);
bool accounts_find_row(struct db *db, struct arena *arena, int64_t id, struct account *out);

/* Lists, by service: parameters subscription[, group], last id, limit; read with accounts_read. */
struct account_lists {
	const char *by_subscription, *by_group;
};
extern const struct account_lists accounts_lists[];
void accounts_read(sqlite3_stmt *stmt, struct arena *arena, struct account *out);

/* Writes a new row (sets id), or an old one (counts up revision). */
void accounts_insert(struct db *db, struct account *account);
void accounts_update(struct db *db, struct account *account);

/* Microsoft.Automation/automationAccounts and so on. */
const char *accounts_type(enum service service);

/* The ARM id. Returns out. */
char *accounts_id(const struct account *account, char *out, size_t room);

#endif
