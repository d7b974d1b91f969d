/* Blobs as wholes [Put Blob, Get Blob and the rest of the Blob Storage REST API]. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/blob/blob.h"
#include "backend/sandbox/blob/content.h"
#include "backend/sandbox/reply.h"

enum { PAGE_BYTES = 512, PAGES_MAX = 1 << 20 };

static void
broken(struct call *call)
{
	reply_blob_error(call, 500, "InternalError",
		"Server encountered an internal error. Please try again after some time.");
}

static const char *
header_or(struct call *call, const char *name, const char *fallback)
{
	const char *value = call_header(call, name);

	return value ? value : fallback;
}

static bool
bad_header(struct call *call)
{
	reply_blob_error(call, 400, "InvalidHeaderValue",
		"The value for one of the HTTP headers is not in the correct format.");
	return false;
}

/* Archive, Cool and so on as they are written; NULL for anything else. */
static const char *
tier_named(const char *word)
{
	static const char *const tiers[] = {"Hot", "Cool", "Cold", "Archive"};

	for (size_t i = 0; word && i < ARRAY_LEN(tiers); i++)
		if (text_casecmp(tiers[i], word) == 0)
			return tiers[i];
	return NULL;
}

/* What the blob begins with: the body; pages of zeros; nothing, for an append blob. */
static bool
take_body(struct call *call, struct blob *b, const void **bytes)
{
	const char *size = call_header(call, "x-ms-blob-content-length");
	char *end = NULL;

	*bytes = call->body.data ? call->body.data : "";
	b->length = (int64_t)call->body.len;
	if (strcmp(b->type, "BlockBlob") == 0)
		return true;
	if (b->length)
		return bad_header(call);
	if (strcmp(b->type, "AppendBlob") == 0)
		return true;
	b->length = size ? strtol(size, &end, 10) : -1;
	if (b->length < 0 || b->length > PAGES_MAX || b->length % PAGE_BYTES || *end)
		return bad_header(call);
	*bytes = arena_alloc(call->arena, (size_t)b->length + 1);
	return true;
}

static bool
take_headers(struct call *call, struct blob *b)
{
	static const char *const types[] = {"BlockBlob", "AppendBlob", "PageBlob"};
	const char *type = call_header(call, "x-ms-blob-type");
	const char *tier = call_header(call, "x-ms-access-tier");

	if (call_header(call, "x-ms-copy-source")) {
		reply_blob_error(call, 400, "UnsupportedHeader",
			"One of the HTTP headers specified in the request is not supported.");
		return false;
	}
	if (!type) {
		reply_blob_error(call, 400, "MissingRequiredHeader",
			"An HTTP header that's mandatory for this request is not specified.");
		return false;
	}
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (text_casecmp(types[i], type) == 0)
			b->type = types[i];
	b->tier = tier ? tier_named(tier) : "";
	if (!b->type || !b->tier)
		return bad_header(call);
	b->content_type = header_or(call, "x-ms-blob-content-type",
		header_or(call, "Content-Type", "application/octet-stream"));
	b->metadata = blob_metadata(call);
	return b->metadata;
}

static bool
check_md5(struct call *call, struct blob *b, const void *bytes)
{
	const char *sent = call_header(call, "Content-MD5");

	b->md5 = header_or(
		call, "x-ms-blob-content-md5", content_md5(call->arena, bytes, (size_t)b->length));
	if (strcmp(b->type, "BlockBlob") != 0)
		b->md5 = header_or(call, "x-ms-blob-content-md5", "");
	if (!sent || strcmp(sent, content_md5(call->arena, call->body.data ? call->body.data : "",
					  call->body.len)) == 0)
		return true;
	reply_blob_error(call, 400, "Md5Mismatch",
		"The MD5 value specified in the request did not match with the MD5 value calculated by the server.");
	return false;
}

/* Writes unless the container has gone or the blob has changed meanwhile. */
static bool
store(struct call *call, const struct target *t, struct blob *b)
{
	struct db *db = call->world->db;
	struct target now = {.account = t->account};
	struct container again;

	db_begin(db);
	if (!container_find(db, call->arena, t->account->id, t->container.name, &again) ||
		again.id != t->container.id) {
		db_rollback(db);
		reply_blob_error(
			call, 404, "ContainerNotFound", "The specified container does not exist.");
		return false;
	}
	if (blob_find(db, call->arena, again.id, b->name, false, &now.blob))
		b->revision = now.blob.revision + 1;
	if (!blob_conditions_hold(call, &now)) {
		db_rollback(db);
		return false;
	}
	blob_put(db, b);
	if (db_commit(db))
		return true;
	broken(call);
	return false;
}

static void
put_blob(struct call *call, struct target *t)
{
	int64_t now = vclock_ms(&call->world->clock);
	struct blob b = {.container = t->container.id,
		.name = t->blob_name,
		.created_ms = now,
		.modified_ms = now};
	struct secret key = {0};
	const void *bytes;

	if (!take_headers(call, &b) || !take_body(call, &b, &bytes) ||
		!check_md5(call, &b, bytes) || !blob_key(call, t, &key))
		return;
	b.content = content_seal(call->arena, &key, bytes, (size_t)b.length, &b.content_len);
	secret_free(&key);
	if (!b.content)
		broken(call);
	if (!b.content || !store(call, t, &b))
		return;
	reply_empty(call, 201);
	blob_stamp(call, b.modified_ms, b.revision);
	if (strcmp(b.type, "BlockBlob") == 0)
		reply_header_text(call, "Content-MD5", b.md5);
	reply_header_text(call, "x-ms-request-server-encrypted", "true");
}

/* bytes=FIRST-[LAST]; false, answered with 416, when it begins behind the end. One that covers
 * everything is a part all the same: Microsoft's downloader reads the length off Content-Range. */
static bool
take_range(struct call *call, size_t len, size_t *first, size_t *last, bool *part)
{
	const char *range = header_or(call, "x-ms-range", header_or(call, "Range", ""));
	unsigned long long a = 0, b = 0;
	int fields = sscanf(range, "bytes=%llu-%llu", &a, &b);

	*first = 0;
	*last = len ? len - 1 : 0;
	*part = false;
	if (fields < 1 || call->verb == VERB_HEAD || (fields == 2 && b < a))
		return true;
	if (a >= len) {
		reply_blob_error(call, 416, "InvalidRange",
			"The range specified is invalid for the current size of the resource.");
		return false;
	}
	*first = (size_t)a;
	if (fields == 2 && b < len)
		*last = (size_t)b;
	*part = true;
	return true;
}

static void
add_properties(struct call *call, const struct blob *b)
{
	char date[32];

	blob_stamp(call, b->modified_ms, b->revision);
	reply_header(call, "x-ms-creation-time", "%s",
		vclock_http((time_t)(b->created_ms / 1000), date));
	reply_header_text(call, "x-ms-blob-type", b->type);
	reply_header_text(call, "x-ms-lease-status", "unlocked");
	reply_header_text(call, "x-ms-lease-state", "available");
	reply_header_text(call, "x-ms-server-encrypted", "true");
	reply_header_text(call, "Accept-Ranges", "bytes");
	blob_show_metadata(call, b->metadata);
	if (call->verb != VERB_HEAD || strcmp(b->type, "BlockBlob") != 0)
		return;
	reply_header_text(call, "x-ms-access-tier", b->tier[0] ? b->tier : "Hot");
	if (!b->tier[0])
		reply_header_text(call, "x-ms-access-tier-inferred", "true");
}

/* The blob with its content opened; answers and is NULL when it is gone or cannot be. */
static const char *
open_blob(struct call *call, const struct target *t, struct blob *b, size_t *len)
{
	struct db *db = call->world->db;
	struct secret key = {0};
	const char *bytes;
	bool found;

	db_lock(db);
	found = blob_find(db, call->arena, t->container.id, t->blob_name, true, b);
	db_unlock(db);
	if (!found) {
		reply_blob_error(call, 404, "BlobNotFound", "The specified blob does not exist.");
		return NULL;
	}
	if (!blob_key(call, t, &key))
		return NULL;
	bytes = content_open(call->arena, &key, b->content, b->content_len, len);
	secret_free(&key);
	if (!bytes)
		broken(call);
	return bytes;
}

/* Get Blob, and Get Blob Properties as its HEAD: the length is that of the content. */
static void
get_blob(struct call *call, struct target *t)
{
	size_t len, first, last;
	struct blob b;
	const char *bytes;
	bool part;

	if (call->verb == VERB_GET && strcmp(t->blob.tier, "Archive") == 0) {
		reply_blob_error(call, 409, "BlobArchived",
			"This operation is not permitted on an archived blob.");
		return;
	}
	bytes = open_blob(call, t, &b, &len);
	if (!bytes || !take_range(call, len, &first, &last, &part))
		return;
	reply_bytes(
		call, part ? 206 : 200, b.content_type, bytes + first, len ? last - first + 1 : 0);
	if (part)
		reply_header(call, "Content-Range", "bytes %zu-%zu/%zu", first, last, len);
	if (b.md5[0])
		reply_header_text(call, part ? "x-ms-blob-content-md5" : "Content-MD5", b.md5);
	add_properties(call, &b);
}

static void
get_metadata(struct call *call, struct target *t)
{
	reply_empty(call, 200);
	blob_stamp(call, t->blob.modified_ms, t->blob.revision);
	blob_show_metadata(call, t->blob.metadata);
}

/* The blob as it is now, for a change of it: another call may have written it since the path was
 * looked up. Begins a transaction; answers and is false when the blob has gone or its conditions no
 * longer hold. */
static bool
begin_update(struct call *call, struct target *t)
{
	struct db *db = call->world->db;

	db_begin(db);
	if (!blob_find(db, call->arena, t->container.id, t->blob_name, false, &t->blob))
		reply_blob_error(call, 404, "BlobNotFound", "The specified blob does not exist.");
	else if (blob_conditions_hold(call, t))
		return true;
	db_rollback(db);
	return false;
}

static void
delete_blob(struct call *call, struct target *t)
{
	struct db *db = call->world->db;

	if (!begin_update(call, t))
		return;
	db_do(db, "DELETE FROM blob WHERE container=? AND name=?", "it", t->container.id,
		t->blob_name);
	db_do(db, "DELETE FROM block WHERE container=? AND name=?", "it", t->container.id,
		t->blob_name);
	if (!db_commit(db)) {
		broken(call);
		return;
	}
	reply_empty(call, 202);
	reply_header_text(call, "x-ms-delete-type-permanent", "true");
}

static bool
update(struct call *call, struct target *t)
{
	struct db *db = call->world->db;

	t->blob.modified_ms = vclock_ms(&call->world->clock);
	blob_update(db, &t->blob);
	if (db_commit(db))
		return true;
	broken(call);
	return false;
}

static void
set_metadata(struct call *call, struct target *t)
{
	const char *metadata = blob_metadata(call);

	if (!metadata || !begin_update(call, t))
		return;
	t->blob.metadata = metadata;
	if (!update(call, t))
		return;
	reply_empty(call, 200);
	blob_stamp(call, t->blob.modified_ms, t->blob.revision);
	reply_header_text(call, "x-ms-request-server-encrypted", "true");
}

/* Set Blob Properties: what is not sent is cleared. */
static void
set_properties(struct call *call, struct target *t)
{
	if (!begin_update(call, t))
		return;
	t->blob.content_type = header_or(call, "x-ms-blob-content-type", "");
	t->blob.md5 = header_or(call, "x-ms-blob-content-md5", "");
	if (!update(call, t))
		return;
	reply_empty(call, 200);
	blob_stamp(call, t->blob.modified_ms, t->blob.revision);
}

/* Neither the ETag nor the time of the last change moves with the tier. */
static void
set_tier(struct call *call, struct target *t)
{
	struct db *db = call->world->db;
	const char *tier = tier_named(call_header(call, "x-ms-access-tier"));

	if (!tier) {
		bad_header(call);
		return;
	}
	if (!begin_update(call, t))
		return;
	if (strcmp(t->blob.type, "BlockBlob") != 0) {
		db_rollback(db);
		reply_blob_error(call, 409, "InvalidBlobType",
			"The blob type is invalid for this operation.");
		return;
	}
	db_do(db, "UPDATE blob SET tier=? WHERE id=?", "ti", tier, t->blob.id);
	if (db_commit(db))
		reply_empty(call, 200);
	else
		broken(call);
}

enum { SEE = VERB_GET | VERB_HEAD, THERE = OP_CONTAINER | OP_BLOB };

/* Snapshots, leases, tags, pages and queries are not served; whether the key must be there for them
 * is told all the same. */
const struct operation_def blob_operations[] = {
	{LEVEL_BLOB, VERB_PUT, "", "", OP_WRITES | OP_CONTAINER | OP_KEY, put_blob},
	{LEVEL_BLOB, SEE, "", "", THERE | OP_KEY, get_blob},
	{LEVEL_BLOB, VERB_DELETE, "", "", OP_WRITES | THERE, delete_blob},
	{LEVEL_BLOB, SEE, "", "metadata", THERE | OP_KEY, get_metadata},
	{LEVEL_BLOB, VERB_PUT, "", "metadata", OP_WRITES | THERE | OP_KEY, set_metadata},
	{LEVEL_BLOB, VERB_PUT, "", "properties", OP_WRITES | THERE, set_properties},
	{LEVEL_BLOB, VERB_PUT, "", "tier", OP_WRITES | THERE | OP_KEY, set_tier},
	{LEVEL_BLOB, VERB_PUT, "", "snapshot", OP_WRITES | THERE | OP_KEY_META, NULL},
	{LEVEL_BLOB, VERB_PUT, "", "page", OP_WRITES | THERE | OP_KEY, NULL},
	{LEVEL_BLOB, VERB_PUT, "", "incrementalcopy", OP_WRITES | OP_CONTAINER | OP_KEY, NULL},
	{LEVEL_BLOB, VERB_PUT, "", "lease", OP_WRITES | THERE, NULL},
};
const size_t blob_operations_len = ARRAY_LEN(blob_operations);
