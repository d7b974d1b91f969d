/* The forms are those of the recordings, one row a kind. A Location carries t, c, s and h as the
 * resource manager's do: a time, a certificate, a signature and a hash, 3,000 characters in all,
 * new at every poll; here they are random. The wait that is asked for is never longer than the
 * operation takes. */
#include "backend/sandbox/arm/operations.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/ident.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/route.h"
#include "crypto/b64.h"

enum { CERTIFICATE = 1960, SIGNATURE = 256, HASH = 32, KEEP_MS = 86400 * 1000 };

enum end { END_RESOURCE, END_EMPTY, END_STATUS };

static const struct {
	const char *name;            /* stored */
	const char *provider, *word; /* in the path of its polls; NULL: see poll_path */
	const char *query;
	const char *type;            /* content type of an empty answer; NULL: none */
	int first_after, poll_after; /* Retry-After in seconds; 0: no such header */
	enum end end;
} forms[] = {
	[OPERATION_STORAGE_PUT] = {"storage-put", "Microsoft.Storage", "asyncoperations",
		"monitor=true&", "text/plain; charset=utf-8", 17, 3, END_RESOURCE},
	[OPERATION_BATCH_PUT] = {"batch-put", NULL, NULL, "", NULL, 15, 0, END_RESOURCE},
	[OPERATION_BATCH_DELETE] = {"batch-delete", "Microsoft.Batch", "accountOperationResults",
		"", NULL, 15, 0, END_EMPTY},
	[OPERATION_HSM] = {"hsm", "Microsoft.KeyVault", "managedHsmOperationResults", "", NULL, 10,
		0, END_RESOURCE},
	[OPERATION_VAULT_PURGE] = {"vault-purge", "Microsoft.KeyVault", "operationResults", "",
		NULL, 5, 5, END_STATUS},
	[OPERATION_GROUP_DELETE] = {"group-delete", NULL, NULL, "", NULL, 15, 15, END_EMPTY},
};

struct row {
	enum operation kind;
	char path[512], api_version[40];
	int64_t started_ms, due_ms;
};

/* Random bytes as base64url. In the call's arena. */
static const char *
noise(struct call *call, size_t bytes)
{
	unsigned char raw[CERTIFICATE];
	char *out = arena_alloc(call->arena, bytes * 4 / 3 + 8);

	ident_random(raw, bytes);
	b64_encode(out, raw, bytes);
	return out;
}

/* .NET ticks: hundreds of nanoseconds since the year 1 [recorded]. */
static long long
ticks(struct call *call)
{
	return (621355968000000000LL / 10000 + vclock_ms(&call->world->clock)) * 10000;
}

/* Sends the client on: every answer but the last has a Location of its own. */
static void
point(struct call *call, enum operation kind, const char *path, const char *api_version)
{
	char base[NAMES_URL];

	reply_header_text(call, "Location",
		arena_printf(call->arena, "%s%s?%sapi-version=%s&t=%lld&c=MII%s&s=%s&h=%s",
			names_arm(&call->naming, base), path, forms[kind].query, api_version,
			ticks(call), noise(call, CERTIFICATE), noise(call, SIGNATURE),
			noise(call, HASH)));
}

static void
ask_to_wait(struct call *call, int seconds, int64_t due_ms)
{
	int64_t left = (due_ms - vclock_ms(&call->world->clock) + 999) / 1000;

	if (seconds && left < seconds)
		seconds = left < 1 ? 1 : (int)left;
	if (seconds)
		reply_header(call, "Retry-After", "%d", seconds);
}

static void
accepted(struct call *call, enum operation kind)
{
	reply_empty(call, 202);
	if (forms[kind].type)
		reply_bytes(call, 202, forms[kind].type, "", 0);
}

/* Job names of group deletions are JSON in base64 [recorded]; Batch puts the account before. */
static const char *
make_id(struct call *call, enum operation kind, const char *region)
{
	char guid[37], text[256], *out;

	ident_guid(guid);
	if (kind == OPERATION_BATCH_DELETE && call->segments_len > 7)
		return arena_printf(call->arena, "%s-%s", call->segments[7], guid);
	if (kind != OPERATION_GROUP_DELETE)
		return arena_strdup(call->arena, guid);
	snprintf(text, sizeof text,
		"{\"jobId\":\"RESOURCEGROUPDELETIONJOB-%.60s-%s\",\"jobLocation\":\"%.40s\"}",
		call->segments_len > 3 ? call->segments[3] : "", guid, region);
	out = arena_alloc(call->arena, sizeof text * 2);
	b64_encode(out, text, strlen(text));
	return out;
}

/* Where the operation is polled. */
static const char *
poll_path(struct call *call, enum operation kind, const char *region, const char *id)
{
	const char *subscription = call->segments_len > 1 ? call->segments[1] : "";

	if (kind == OPERATION_BATCH_PUT)
		return arena_printf(call->arena, "%s/operationResults/%s", call->path, id);
	if (kind == OPERATION_GROUP_DELETE)
		return arena_printf(
			call->arena, "/subscriptions/%s/operationresults/%s", subscription, id);
	return arena_printf(call->arena, "/subscriptions/%s/providers/%s/locations/%s/%s/%s",
		subscription, forms[kind].provider, region, forms[kind].word, id);
}

bool
operation_accept(struct call *call, enum operation kind, const char *region, const char *path)
{
	struct db *db = call->world->db;
	int64_t now_ms = vclock_ms(&call->world->clock);
	int64_t due_ms = now_ms + (int64_t)call->world->lro * 1000;
	const char *id;

	if (call->world->lro <= 0)
		return false;
	id = make_id(call, kind, region);
	db_begin(db);
	db_do(db, "DELETE FROM operation WHERE due_ms<?", "i", now_ms - KEEP_MS);
	db_do(db,
		"INSERT INTO operation(id,kind,path,api_version,started_ms,due_ms,polls)"
		" VALUES(?,?,?,?,?,?,0)",
		"ttttii", id, forms[kind].name, path, call->api_version, now_ms, due_ms);
	if (!db_commit(db)) {
		reply_broken(call);
		return true;
	}
	accepted(call, kind);
	point(call, kind, poll_path(call, kind, region, id), call->api_version);
	ask_to_wait(call, forms[kind].first_after, due_ms);
	return true;
}

bool
operation_pending(struct call *call, const char *path)
{
	struct db *db = call->world->db;
	sqlite3_stmt *stmt;
	bool pending;

	if (call->world->lro <= 0)
		return false;
	stmt = db_ask(db, "SELECT 1 FROM operation WHERE path=? COLLATE NOCASE AND due_ms>?", "ti",
		path, vclock_ms(&call->world->clock));
	pending = db_next(db, stmt);
	if (pending)
		db_done(stmt);
	return pending;
}

/* Counts the poll. The lock is taken. */
static bool
find(struct call *call, const char *id, struct row *out)
{
	struct db *db = call->world->db;
	char kind[32] = "";
	sqlite3_stmt *stmt;
	bool found = false;

	db_begin(db);
	stmt = db_ask(db,
		"SELECT kind, path, api_version, started_ms, due_ms FROM operation WHERE id=?", "t",
		id);
	if (db_next(db, stmt)) {
		db_copy(stmt, 0, kind, sizeof kind);
		db_copy(stmt, 1, out->path, sizeof out->path);
		db_copy(stmt, 2, out->api_version, sizeof out->api_version);
		out->started_ms = sqlite3_column_int64(stmt, 3);
		out->due_ms = sqlite3_column_int64(stmt, 4);
		db_done(stmt);
	}
	db_do(db, "UPDATE operation SET polls=polls+1 WHERE id=?", "t", id);
	for (size_t i = 0; i < ARRAY_LEN(forms) && !found; i++)
		if (strcmp(forms[i].name, kind) == 0) {
			out->kind = (enum operation)i;
			found = true;
		}
	return db_commit(db) && found;
}

/* 2022-05-16 12:37:56Z, as Key Vault writes the times of a purge [recorded]. */
static json_t *
status_json(const struct row *row, bool done)
{
	char created[32], last[32];
	time_t start = (time_t)(row->started_ms / 1000), end = (time_t)(row->due_ms / 1000);
	struct tm tm;

	gmtime_r(&start, &tm);
	strftime(created, sizeof created, "%Y-%m-%d %H:%M:%SZ", &tm);
	gmtime_r(&end, &tm);
	strftime(last, sizeof last, "%Y-%m-%d %H:%M:%SZ", &tm);
	return done ? json_pack("{s:s,s:s,s:s}", "createdDateTime", created, "lastActionDateTime",
			      last, "status", "Succeeded")
		    : json_pack("{s:s,s:s}", "createdDateTime", created, "status", "NotStarted");
}

static void
answer_pending(struct call *call, const struct row *row)
{
	const char *path = call->path;

	accepted(call, row->kind);
	if (forms[row->kind].end == END_STATUS)
		reply_json(call, 202, status_json(row, false));
	point(call, row->kind, path, call->api_version);
	ask_to_wait(call, forms[row->kind].poll_after, row->due_ms);
}

static void
poll_operation(struct call *call)
{
	const char *id = call->params[call->params_len - 1];
	struct row *row = arena_alloc(call->arena, sizeof *row);

	if (!find(call, id, row)) {
		reply_error(call, 404, "NotFound", "The operation '%s' was not found.", id);
		return;
	}
	if (row->due_ms > vclock_ms(&call->world->clock)) {
		answer_pending(call, row);
		return;
	}
	if (forms[row->kind].end == END_STATUS)
		reply_json(call, 200, status_json(row, true));
	else if (forms[row->kind].end == END_EMPTY || !row->path[0] ||
		 !route_resource(call, row->path, row->api_version))
		reply_empty(call, 200);
}

#define AT "/subscriptions/{}/providers/"

const struct route arm_operation_routes[] = {
	{ROUTE_ARM, VERB_GET, AT "Microsoft.Storage/locations/{}/asyncoperations/{}", "", 0,
		poll_operation},
	{ROUTE_ARM, VERB_GET,
		"/subscriptions/{}/resourceGroups/{}/providers/Microsoft.Batch/batchAccounts/{}/operationResults/{}",
		"", 0, poll_operation},
	{ROUTE_ARM, VERB_GET, AT "Microsoft.Batch/locations/{}/accountOperationResults/{}", "", 0,
		poll_operation},
	{ROUTE_ARM, VERB_GET, AT "Microsoft.KeyVault/locations/{}/managedHsmOperationResults/{}",
		"", 0, poll_operation},
	{ROUTE_ARM, VERB_GET, AT "Microsoft.KeyVault/locations/{}/operationResults/{}", "", 0,
		poll_operation},
	{ROUTE_ARM, VERB_GET, "/subscriptions/{}/operationresults/{}", "", 0, poll_operation},
};
const size_t arm_operation_routes_len = ARRAY_LEN(arm_operation_routes);
