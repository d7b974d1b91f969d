/* Rows of containers and blobs. All functions need the database's lock. */
#ifndef CLAVIGER_SANDBOX_BLOB_ROWS_H
#define CLAVIGER_SANDBOX_BLOB_ROWS_H

#include "backend/sandbox/db.h"

struct container {
	int64_t id;
	const char *name, *metadata; /* metadata: a JSON object of texts */
	int64_t modified_ms;
};

struct blob {
	int64_t id, container;
	const char *name, *type, *content_type, *md5, *metadata, *tier;
	int64_t length, created_ms, modified_ms, revision;
	const void *content; /* sealed; only where it was asked for */
	size_t content_len;
};

bool container_find(struct db *db, struct arena *arena, int64_t account, const char *name,
	struct container *out);
void container_insert(struct db *db, int64_t account, struct container *container);

/* with_content: the sealed bytes too, in the arena. */
bool blob_find(struct db *db, struct arena *arena, int64_t container, const char *name,
	bool with_content, struct blob *out);

/* The row at which a SELECT of blobs_after (container, last name, prefix) stands. */
extern const char blobs_after[];
void blob_read(sqlite3_stmt *stmt, struct arena *arena, struct blob *out);

/* Writes a new blob in place of one of the same name; its waiting blocks are forgotten. */
void blob_put(struct db *db, struct blob *blob);

/* What SetMetadata and the like change: metadata, tier, content type, md5, times. */
void blob_update(struct db *db, struct blob *blob);

#endif
