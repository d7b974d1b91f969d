/* What the operations of a storage account's blob service share. */
#ifndef CLAVIGER_SANDBOX_BLOB_BLOB_H
#define CLAVIGER_SANDBOX_BLOB_BLOB_H

#include "backend/sandbox/blob/rows.h"
#include "backend/sandbox/rows/accounts.h"

/* What a call is about, as far as it was found before its operation runs. */
struct target {
	struct account *account;
	struct container container;             /* id 0: there is none of that name */
	struct blob blob;                       /* id 0: likewise */
	const char *container_name, *blob_name; /* of the path; NULL: the level is not named */
};

enum level { LEVEL_SERVICE, LEVEL_CONTAINER, LEVEL_BLOB };

enum operation_flags {
	OP_WRITES = 1,      /* needs the right to write */
	OP_CONTAINER = 2,   /* the container must exist */
	OP_BLOB = 4,        /* the blob must exist */
	OP_KEY = 8,         /* fails when the account's key is cut */
	OP_KEY_META = 16,   /* fails so only with metadata among the headers */
	OP_KEY_INCLUDE = 32 /* fails so only when metadata is to be included */
};

struct operation_def {
	enum level level;
	unsigned verbs;
	const char *restype, *comp; /* "" when the query has none */
	unsigned flags;
	void (*run)(struct call *call, struct target *target); /* NULL: not served here */
};

extern const struct operation_def container_operations[], blob_operations[], block_operations[];
extern const size_t container_operations_len, blob_operations_len, block_operations_len;

/* Token or 401; the account's network rules and the caller's roles or 403. Fills call->caller. */
bool blob_access(struct call *call, const struct account *account) MUST_CHECK;
bool blob_rights(struct call *call, const struct account *account, bool write) MUST_CHECK;

/* Whether the account's data can be reached, else answers 403 in the words of the cause. */
bool blob_reachable(struct call *call, struct target *target) MUST_CHECK;

/* Whether If-Match and If-None-Match hold for the blob of target; else answers 412, 409 or 304.
 * What writes asks again within its transaction: another call may have been quicker. */
bool blob_conditions_hold(struct call *call, const struct target *target) MUST_CHECK;

/* The account's data key, else answers 500. Free it. */
bool blob_key(struct call *call, const struct target *target, struct secret *out) MUST_CHECK;

/* ETag and Last-Modified of a thing; the ETag as lists write it, without quotes. */
const char *blob_etag(struct call *call, int64_t modified_ms, int64_t revision);
void blob_stamp(struct call *call, int64_t modified_ms, int64_t revision);

/* The x-ms-meta- headers of the request as a JSON object in the arena; answers 400 and is NULL when
 * one is no identifier of C#. */
const char *blob_metadata(struct call *call);

/* The same as headers of the reply. */
void blob_show_metadata(struct call *call, const char *metadata);

#endif
