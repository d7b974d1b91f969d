/* Blobs in parts [Put Block, Put Block List, Get Block List, Append Block]. Putting blocks together
 * needs no key: it is not in the list of what a cut stops. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/blob/content.h"
#include "backend/sandbox/blob/listing.h"
#include "backend/sandbox/reply.h"

enum { BLOCKS_MAX = 1000, BLOB_MAX = 16 << 20, BLOCK_ID_MAX = 88 };

static void
broken(struct call *call)
{
	reply_blob_error(call, 500, "InternalError",
		"Server encountered an internal error. Please try again after some time.");
}

/* The body as one sealed piece. */
static unsigned char *
sealed_body(struct call *call, struct target *t, size_t *len)
{
	struct secret key = {0};
	unsigned char *piece;

	if (!blob_key(call, t, &key))
		return NULL;
	piece = content_seal(
		call->arena, &key, call->body.data ? call->body.data : "", call->body.len, len);
	secret_free(&key);
	if (!piece)
		broken(call);
	return piece;
}

static void
put_block(struct call *call, struct target *t)
{
	const char *id = call_query(call, "blockid");
	struct db *db = call->world->db;
	unsigned char *piece;
	size_t len;

	if (!id || !*id || strlen(id) > BLOCK_ID_MAX || strlen(id) % 4 ||
		strcspn(id, "<>&\"' ") != strlen(id)) {
		reply_blob_error(call, 400, "InvalidQueryParameterValue",
			"Value for one of the query parameters specified in the request URI is invalid.");
		return;
	}
	piece = sealed_body(call, t, &len);
	if (!piece)
		return;
	db_begin(db);
	db_do(db,
		"INSERT OR REPLACE INTO block(container,name,block,committed,place,length,content)"
		" VALUES(?,?,?,0,0,?,?)",
		"ittib", t->container.id, t->blob_name, id, (int64_t)call->body.len,
		(const void *)piece, len);
	if (!db_commit(db)) {
		broken(call);
		return;
	}
	reply_empty(call, 201);
	reply_header_text(call, "Content-MD5",
		content_md5(call->arena, call->body.data ? call->body.data : "", call->body.len));
	reply_header_text(call, "x-ms-request-server-encrypted", "true");
}

struct part {
	const char *id;
	int from; /* 1 committed, 0 waiting, -1 the latest of both */
	int64_t length;
	const void *content;
	size_t len;
};

/* Reads <Latest>id</Latest> and its like from the body; false when it is none of it. */
static bool
read_parts(struct call *call, struct part *parts, size_t *n)
{
	static const struct {
		const char *open, *close;
		int from;
	} words[] = {
		{"<Latest>", "</Latest>", -1},
		{"<Committed>", "</Committed>", 1},
		{"<Uncommitted>", "</Uncommitted>", 0},
	};
	const char *at = strstr(buf_text(&call->body), "<BlockList");

	*n = 0;
	for (at = at ? strpbrk(at, ">") : NULL; at;) {
		size_t w = 0, len;

		at++;
		at += strspn(at, " \t\r\n");
		if (strncmp(at, "</BlockList>", 12) == 0 || !*at)
			return *at || strstr(buf_text(&call->body), "/>");
		while (w < ARRAY_LEN(words) && strncmp(at, words[w].open, strlen(words[w].open)))
			w++;
		if (w == ARRAY_LEN(words) || *n == BLOCKS_MAX)
			return false;
		at += strlen(words[w].open);
		len = strcspn(at, "<");
		if (strncmp(at + len, words[w].close, strlen(words[w].close)) != 0)
			return false;
		parts[(*n)++] = (struct part){.id = arena_printf(call->arena, "%.*s", (int)len, at),
			.from = words[w].from};
		at += len + strlen(words[w].close) - 1;
	}
	return false;
}

/* The lock is held. */
static bool
load_part(struct call *call, const struct target *t, struct part *part)
{
	static const char find[] =
		"SELECT length, content FROM block WHERE container=? AND name=? AND block=?"
		" AND (?4=-1 OR committed=?4) ORDER BY committed";
	struct db *db = call->world->db;
	sqlite3_stmt *stmt = db_ask(
		db, find, "itti", t->container.id, t->blob_name, part->id, (int64_t)part->from);
	void *copy;

	if (!db_next(db, stmt))
		return false;
	part->length = sqlite3_column_int64(stmt, 0);
	part->len = (size_t)sqlite3_column_bytes(stmt, 1);
	copy = arena_alloc(call->arena, part->len + 1);
	memcpy(copy, sqlite3_column_blob(stmt, 1), part->len);
	part->content = copy;
	db_done(stmt);
	return true;
}

/* All parts behind one another, into the blob; false when one is missing or they are too many. */
static bool
join(struct call *call, const struct target *t, struct part *parts, size_t n, struct blob *b)
{
	unsigned char *out;

	for (size_t i = 0; i < n; i++) {
		if (!load_part(call, t, &parts[i]))
			return false;
		b->length += parts[i].length;
		b->content_len += parts[i].len;
	}
	if (b->length > BLOB_MAX)
		return false;
	b->content = out = arena_alloc(call->arena, b->content_len + 1);
	for (size_t i = 0; i < n; i++) {
		memcpy(out, parts[i].content, parts[i].len);
		out += parts[i].len;
	}
	return true;
}

static void
put_parts(struct db *db, const struct target *t, const struct part *parts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		db_do(db,
			"INSERT OR REPLACE INTO block(container,name,block,committed,place,length,content)"
			" VALUES(?,?,?,1,?,?,?)",
			"ittiib", t->container.id, t->blob_name, parts[i].id, (int64_t)i,
			parts[i].length, parts[i].content, parts[i].len);
}

static void
put_block_list(struct call *call, struct target *t)
{
	struct part *parts = arena_alloc(call->arena, BLOCKS_MAX * sizeof *parts);
	const char *kind = call_header(call, "x-ms-blob-content-type");
	const char *md5 = call_header(call, "x-ms-blob-content-md5");
	int64_t now = vclock_ms(&call->world->clock);
	struct blob b = {.container = t->container.id,
		.name = t->blob_name,
		.type = "BlockBlob",
		.content_type = kind ? kind : "application/octet-stream",
		.md5 = md5 ? md5 : "",
		.tier = "",
		.metadata = blob_metadata(call),
		.modified_ms = now};
	struct db *db = call->world->db;
	size_t n;

	if (!b.metadata)
		return;
	if (!read_parts(call, parts, &n)) {
		reply_blob_error(call, 400, "InvalidXmlDocument",
			"XML specified is not syntactically valid.");
		return;
	}
	db_begin(db);
	t->blob = (struct blob){0};
	blob_find(db, call->arena, t->container.id, t->blob_name, false, &t->blob);
	b.created_ms = t->blob.id ? t->blob.created_ms : now;
	b.revision = t->blob.revision + 1;
	if (!blob_conditions_hold(call, t)) {
		db_rollback(db);
		return;
	}
	if (!join(call, t, parts, n, &b)) {
		db_rollback(db);
		reply_blob_error(
			call, 400, "InvalidBlockList", "The specified block list is invalid.");
		return;
	}
	blob_put(db, &b);
	put_parts(db, t, parts, n);
	if (!db_commit(db)) {
		broken(call);
		return;
	}
	reply_empty(call, 201);
	blob_stamp(call, b.modified_ms, b.revision);
	reply_header_text(call, "x-ms-request-server-encrypted", "true");
}

static bool
add_blocks(struct call *call, struct buf *out, const struct target *t, int64_t committed)
{
	static const char list[] = "SELECT block, length FROM block WHERE container=? AND name=?"
				   " AND committed=? ORDER BY place, block";
	struct db *db = call->world->db;
	sqlite3_stmt *stmt = db_ask(db, list, "iti", t->container.id, t->blob_name, committed);
	const char *word = committed ? "CommittedBlocks" : "UncommittedBlocks";
	bool ok = buf_addf(out, "<%s>", word);

	while (db_next(db, stmt))
		ok = ok && buf_addf(out, "<Block><Name>%s</Name><Size>%lld</Size></Block>",
				   db_text(stmt, 0, call->arena),
				   (long long)sqlite3_column_int64(stmt, 1));
	return ok && buf_addf(out, "</%s>", word);
}

static void
get_block_list(struct call *call, struct target *t)
{
	const char *which = call_query(call, "blocklisttype");
	bool committed = !which || text_casecmp(which, "uncommitted") != 0;
	bool waiting = which && text_casecmp(which, "committed") != 0;
	struct buf xml;
	bool ok;

	buf_init(&xml, BLOB_MAX);
	db_lock(call->world->db);
	ok = buf_adds(&xml, "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>") &&
	     (!committed || add_blocks(call, &xml, t, 1)) &&
	     (!waiting || add_blocks(call, &xml, t, 0)) && buf_adds(&xml, "</BlockList>");
	db_unlock(call->world->db);
	listing_reply(call, &xml, ok);
	if (t->blob.id)
		blob_stamp(call, t->blob.modified_ms, t->blob.revision);
	reply_header(call, "x-ms-blob-content-length", "%lld", (long long)t->blob.length);
}

static void
append_block(struct call *call, struct target *t)
{
	struct db *db = call->world->db;
	struct blob b;
	unsigned char *piece, *joined;
	size_t len;
	bool found;

	if (strcmp(t->blob.type, "AppendBlob") != 0) {
		reply_blob_error(call, 409, "InvalidBlobType",
			"The blob type is invalid for this operation.");
		return;
	}
	piece = sealed_body(call, t, &len);
	if (!piece)
		return;
	db_begin(db);
	found = blob_find(db, call->arena, t->container.id, t->blob_name, true, &b);
	if (!found || b.content_len + len > BLOB_MAX) {
		db_rollback(db);
		reply_blob_error(call, found ? 409 : 404,
			found ? "BlockCountExceedsLimit" : "BlobNotFound",
			found ? "The committed block count cannot exceed the maximum limit of 50,000 blocks."
			      : "The specified blob does not exist.");
		return;
	}
	joined = arena_alloc(call->arena, b.content_len + len);
	memcpy(joined, b.content, b.content_len);
	memcpy(joined + b.content_len, piece, len);
	b.content = joined;
	b.content_len += len;
	reply_empty(call, 201);
	reply_header(call, "x-ms-blob-append-offset", "%lld", (long long)b.length);
	b.length += (int64_t)call->body.len;
	b.modified_ms = vclock_ms(&call->world->clock);
	b.revision++;
	blob_put(db, &b);
	if (!db_commit(db)) {
		broken(call);
		return;
	}
	blob_stamp(call, b.modified_ms, b.revision);
	reply_header_text(call, "x-ms-request-server-encrypted", "true");
}

const struct operation_def block_operations[] = {
	{LEVEL_BLOB, VERB_PUT, "", "block", OP_WRITES | OP_CONTAINER | OP_KEY, put_block},
	{LEVEL_BLOB, VERB_PUT, "", "blocklist", OP_WRITES | OP_CONTAINER, put_block_list},
	{LEVEL_BLOB, VERB_GET, "", "blocklist", OP_CONTAINER, get_block_list},
	{LEVEL_BLOB, VERB_PUT, "", "appendblock", OP_WRITES | OP_CONTAINER | OP_BLOB | OP_KEY,
		append_block},
};
const size_t block_operations_len = ARRAY_LEN(block_operations);
