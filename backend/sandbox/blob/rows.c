/* Names of containers and blobs are compared with regard to case, unlike those of ARM. */
#include "backend/sandbox/blob/rows.h"

#include <string.h>

#define COLUMNS                                                                                    \
	"SELECT id, container, name, type, content_type, md5, metadata, tier, length, created_ms," \
	" modified_ms, revision"

const char blobs_after[] = COLUMNS
	" FROM blob WHERE container=? AND name>? AND substr(name,1,length(?3))=?3 ORDER BY name";

bool
container_find(struct db *db, struct arena *arena, int64_t account, const char *name,
	struct container *out)
{
	sqlite3_stmt *stmt = db_ask(db,
		"SELECT id, name, metadata, modified_ms FROM container WHERE account=? AND name=?",
		"it", account, name);

	if (!db_next(db, stmt))
		return false;
	*out = (struct container){.id = sqlite3_column_int64(stmt, 0),
		.name = db_text(stmt, 1, arena),
		.metadata = db_text(stmt, 2, arena),
		.modified_ms = sqlite3_column_int64(stmt, 3)};
	db_done(stmt);
	return true;
}

void
container_insert(struct db *db, int64_t account, struct container *container)
{
	db_do(db, "INSERT INTO container(account,name,metadata,modified_ms) VALUES(?,?,?,?)",
		"itti", account, container->name, container->metadata, container->modified_ms);
	container->id = db_last_id(db);
}

void
blob_read(sqlite3_stmt *stmt, struct arena *arena, struct blob *out)
{
	*out = (struct blob){
		.id = sqlite3_column_int64(stmt, 0),
		.container = sqlite3_column_int64(stmt, 1),
		.name = db_text(stmt, 2, arena),
		.type = db_text(stmt, 3, arena),
		.content_type = db_text(stmt, 4, arena),
		.md5 = db_text(stmt, 5, arena),
		.metadata = db_text(stmt, 6, arena),
		.tier = db_text(stmt, 7, arena),
		.length = sqlite3_column_int64(stmt, 8),
		.created_ms = sqlite3_column_int64(stmt, 9),
		.modified_ms = sqlite3_column_int64(stmt, 10),
		.revision = sqlite3_column_int64(stmt, 11),
	};
}

bool
blob_find(struct db *db, struct arena *arena, int64_t container, const char *name,
	bool with_content, struct blob *out)
{
	static const char find[] = COLUMNS ", content FROM blob WHERE container=? AND name=?";
	sqlite3_stmt *stmt = db_ask(db, find, "it", container, name);

	if (!db_next(db, stmt))
		return false;
	blob_read(stmt, arena, out);
	if (with_content) {
		size_t len = (size_t)sqlite3_column_bytes(stmt, 12);
		void *content = arena_alloc(arena, len + 1);

		if (len)
			memcpy(content, sqlite3_column_blob(stmt, 12), len);
		out->content = content;
		out->content_len = len;
	}
	db_done(stmt);
	return true;
}

void
blob_put(struct db *db, struct blob *b)
{
	db_do(db, "DELETE FROM blob WHERE container=? AND name=?", "it", b->container, b->name);
	db_do(db, "DELETE FROM block WHERE container=? AND name=?", "it", b->container, b->name);
	db_do(db,
		"INSERT INTO blob(container,name,type,content_type,md5,length,content,metadata,tier,"
		"created_ms,modified_ms,revision) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
		"ittttibttiii", b->container, b->name, b->type, b->content_type, b->md5, b->length,
		b->content, b->content_len, b->metadata, b->tier, b->created_ms, b->modified_ms,
		b->revision);
	b->id = db_last_id(db);
}

void
blob_update(struct db *db, struct blob *b)
{
	b->revision++;
	db_do(db,
		"UPDATE blob SET content_type=?, md5=?, metadata=?, tier=?, modified_ms=?,"
		" revision=? WHERE id=?",
		"ttttiii", b->content_type, b->md5, b->metadata, b->tier, b->modified_ms,
		b->revision, b->id);
}
