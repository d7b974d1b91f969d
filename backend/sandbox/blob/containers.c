/* The service itself and its containers [Blob Storage REST API]. A cut of the key stops none of
 * this but List Blobs with metadata. Public access, stored access policies and leases are not kept.
 */
#include <ctype.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/blob/listing.h"
#include "backend/sandbox/reply.h"

static bool
name_ok(struct call *call, const char *name)
{
	size_t len = strlen(name);
	bool ok = isalnum((unsigned char)name[0]) && name[len - 1] != '-';

	if (strcmp(name, "$root") == 0 || strcmp(name, "$logs") == 0 || strcmp(name, "$web") == 0)
		return true;
	for (size_t i = 0; ok && i < len; i++)
		ok = islower((unsigned char)name[i]) || isdigit((unsigned char)name[i]) ||
		     (name[i] == '-' && name[i - 1] != '-');
	if (ok && len >= 3 && len <= 63)
		return true;
	if (ok)
		reply_blob_error(call, 400, "OutOfRangeInput",
			"The specified resource name length is not within the permissible limits.");
	else
		reply_blob_error(call, 400, "InvalidResourceName",
			"The specified resource name contains invalid characters.");
	return false;
}

static void
broken(struct call *call)
{
	reply_blob_error(call, 500, "InternalError",
		"Server encountered an internal error. Please try again after some time.");
}

static void
create_container(struct call *call, struct target *t)
{
	const char *metadata = blob_metadata(call);
	struct container c = {.name = t->container_name,
		.metadata = metadata,
		.modified_ms = vclock_ms(&call->world->clock)};
	struct db *db = call->world->db;
	struct container other;

	if (!metadata || !name_ok(call, c.name))
		return;
	db_begin(db);
	if (container_find(db, call->arena, t->account->id, c.name, &other)) {
		db_rollback(db);
		reply_blob_error(call, 409, "ContainerAlreadyExists",
			"The specified container already exists.");
		return;
	}
	container_insert(db, t->account->id, &c);
	if (!db_commit(db)) {
		broken(call);
		return;
	}
	reply_empty(call, 201);
	blob_stamp(call, c.modified_ms, 0);
}

static void
show_container(struct call *call, struct target *t)
{
	reply_empty(call, 200);
	blob_stamp(call, t->container.modified_ms, 0);
	blob_show_metadata(call, t->container.metadata);
	if (call_query(call, "comp"))
		return;
	reply_header_text(call, "x-ms-lease-status", "unlocked");
	reply_header_text(call, "x-ms-lease-state", "available");
	reply_header_text(call, "x-ms-has-immutability-policy", "false");
	reply_header_text(call, "x-ms-has-legal-hold", "false");
	reply_header_text(call, "x-ms-default-encryption-scope", "$account-encryption-key");
	reply_header_text(call, "x-ms-deny-encryption-scope-override", "false");
}

static void
set_metadata(struct call *call, struct target *t)
{
	const char *metadata = blob_metadata(call);
	int64_t now = vclock_ms(&call->world->clock);
	struct db *db = call->world->db;

	if (!metadata)
		return;
	db_begin(db);
	db_do(db, "UPDATE container SET metadata=?, modified_ms=? WHERE id=?", "tii", metadata, now,
		t->container.id);
	if (!db_commit(db)) {
		broken(call);
		return;
	}
	reply_empty(call, 200);
	blob_stamp(call, now, 0);
}

static void
delete_container(struct call *call, struct target *t)
{
	struct db *db = call->world->db;

	db_begin(db);
	db_do(db, "DELETE FROM container WHERE id=?", "i", t->container.id);
	if (db_commit(db))
		reply_empty(call, 202);
	else
		broken(call);
}

static void
show_policies(struct call *call, struct target *t)
{
	static const char none[] =
		"<?xml version=\"1.0\" encoding=\"utf-8\"?><SignedIdentifiers />";

	reply_bytes(call, 200, "application/xml", none, strlen(none));
	blob_stamp(call, t->container.modified_ms, 0);
}

static void
show_service(struct call *call, struct target *t)
{
	static const char usual[] =
		"<?xml version=\"1.0\" encoding=\"utf-8\"?><StorageServiceProperties><Logging><Version>1.0</Version><Read>false</Read><Write>false</Write><Delete>false</Delete><RetentionPolicy><Enabled>false</Enabled></RetentionPolicy></Logging><HourMetrics><Version>1.0</Version><Enabled>false</Enabled><RetentionPolicy><Enabled>false</Enabled></RetentionPolicy></HourMetrics><MinuteMetrics><Version>1.0</Version><Enabled>false</Enabled><RetentionPolicy><Enabled>false</Enabled></RetentionPolicy></MinuteMetrics><Cors /><DeleteRetentionPolicy><Enabled>false</Enabled></DeleteRetentionPolicy><StaticWebsite><Enabled>false</Enabled></StaticWebsite></StorageServiceProperties>";

	(void)t;
	reply_bytes(call, 200, "application/xml", usual, strlen(usual));
}

static void
show_account(struct call *call, struct target *t)
{
	json_t *more = reply_stored(t->account->more);
	const char *sku = call_text(more, "sku"), *kind = call_text(more, "kind");

	reply_empty(call, 200);
	reply_header(call, "x-ms-sku-name", "%s", sku ? sku : "Standard_LRS");
	reply_header(call, "x-ms-account-kind", "%s", kind ? kind : "StorageV2");
	reply_header_text(call, "x-ms-is-hns-enabled", "false");
	json_decref(more);
}

enum { SEE = VERB_GET | VERB_HEAD };

const struct operation_def container_operations[] = {
	{LEVEL_SERVICE, VERB_GET, "", "list", 0, listing_containers},
	{LEVEL_SERVICE, VERB_GET, "service", "properties", 0, show_service},
	{LEVEL_SERVICE, SEE, "account", "properties", 0, show_account},
	{LEVEL_CONTAINER, SEE, "account", "properties", 0, show_account},
	{LEVEL_CONTAINER, VERB_PUT, "container", "", OP_WRITES, create_container},
	{LEVEL_CONTAINER, SEE, "container", "", OP_CONTAINER, show_container},
	{LEVEL_CONTAINER, SEE, "container", "metadata", OP_CONTAINER, show_container},
	{LEVEL_CONTAINER, VERB_PUT, "container", "metadata", OP_WRITES | OP_CONTAINER,
		set_metadata},
	{LEVEL_CONTAINER, VERB_DELETE, "container", "", OP_WRITES | OP_CONTAINER, delete_container},
	{LEVEL_CONTAINER, SEE, "container", "acl", OP_CONTAINER, show_policies},
	{LEVEL_CONTAINER, VERB_GET, "container", "list", OP_CONTAINER | OP_KEY_INCLUDE,
		listing_blobs},
};
const size_t container_operations_len = ARRAY_LEN(container_operations);
