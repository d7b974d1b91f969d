/* One operation is told from another by level, method, restype and comp [Blob Storage REST API].
 * Which of them a cut of the key stops: the list of "Customer-managed keys for Azure Storage
 * encryption", and nothing else. */
#include "backend/sandbox/blob/blob.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/route.h"

const char *
blob_etag(struct call *call, int64_t modified_ms, int64_t revision)
{
	/* ticks of 100 ns since the year 1, as real ones seem to be */
	return arena_printf(call->arena, "0x%llX",
		(unsigned long long)(modified_ms * 10000 + 621355968000000000LL + revision));
}

void
blob_stamp(struct call *call, int64_t modified_ms, int64_t revision)
{
	char date[32];

	reply_header(call, "ETag", "\"%s\"", blob_etag(call, modified_ms, revision));
	reply_header(call, "Last-Modified", "%s", vclock_http((time_t)(modified_ms / 1000), date));
}

static bool
is_metadata(const struct pair *header)
{
	return text_case_starts(header->name, "x-ms-meta-");
}

static bool
has_metadata(const struct call *call)
{
	for (size_t i = 0; i < call->headers_len; i++)
		if (is_metadata(&call->headers[i]))
			return true;
	return false;
}

static bool
is_identifier(const char *name)
{
	if (!isalpha((unsigned char)*name) && *name != '_')
		return false;
	while (isalnum((unsigned char)*name) || *name == '_')
		name++;
	return *name == '\0';
}

const char *
blob_metadata(struct call *call)
{
	json_t *json = json_object();
	const char *kept;
	char *text, clean[1024];

	for (size_t i = 0; i < call->headers_len; i++) {
		const char *name = call->headers[i].name + strlen("x-ms-meta-");

		if (!is_metadata(&call->headers[i]))
			continue;
		if (!is_identifier(name)) {
			reply_blob_error(call, 400, *name ? "InvalidMetadata" : "EmptyMetadataKey",
				"The specified metadata is invalid. It includes characters that are not permitted.");
			json_decref(json);
			return NULL;
		}
		text_cleans(clean, sizeof clean, call->headers[i].value);
		json_object_set_new(json, name, json_string(clean));
	}
	text = json_dumps(json, JSON_COMPACT);
	kept = arena_strdup(call->arena, text);
	free(text);
	json_decref(json);
	return kept;
}

void
blob_show_metadata(struct call *call, const char *metadata)
{
	json_t *json = reply_stored(metadata), *value;
	const char *name;

	json_object_foreach(json, name, value)
	{
		reply_header_text(call, arena_printf(call->arena, "x-ms-meta-%s", name),
			arena_strdup(call->arena, json_string_value(value)));
	}
	json_decref(json);
}

static const struct operation_def *
find_in(const struct operation_def *defs, size_t len, enum level level, struct call *call,
	bool *known)
{
	const char *restype = call_query(call, "restype"), *comp = call_query(call, "comp");

	for (size_t i = 0; i < len; i++) {
		const struct operation_def *def = &defs[i];

		if (def->level != level ||
			text_casecmp(def->restype, restype ? restype : "") != 0 ||
			text_casecmp(def->comp, comp ? comp : "") != 0)
			continue;
		if (def->verbs & call->verb)
			return def;
		*known = true;
	}
	return NULL;
}

static const struct operation_def *
find_operation(struct call *call, enum level level)
{
	const struct operation_def *def;
	bool known = false;

	def = find_in(container_operations, container_operations_len, level, call, &known);
	if (!def)
		def = find_in(blob_operations, blob_operations_len, level, call, &known);
	if (!def)
		def = find_in(block_operations, block_operations_len, level, call, &known);
	if (def)
		return def;
	if (known)
		reply_blob_error(call, 405, "UnsupportedHttpVerb",
			"The resource doesn't support specified Http Verb.");
	else
		reply_blob_error(call, 400, "InvalidQueryParameterValue",
			"Value for one of the query parameters specified in the request URI is invalid.");
	return NULL;
}

/* The container and the blob as rows; 404 when one must exist and does not. */
static bool
find_rows(struct call *call, const struct operation_def *def, struct target *t)
{
	struct db *db = call->world->db;

	db_lock(db);
	if (t->container_name)
		container_find(db, call->arena, t->account->id, t->container_name, &t->container);
	if (t->blob_name && t->container.id)
		blob_find(db, call->arena, t->container.id, t->blob_name, false, &t->blob);
	db_unlock(db);
	if (def->flags & OP_CONTAINER && !t->container.id) {
		reply_blob_error(
			call, 404, "ContainerNotFound", "The specified container does not exist.");
		return false;
	}
	if (def->flags & OP_BLOB && !t->blob.id) {
		reply_blob_error(call, 404, "BlobNotFound", "The specified blob does not exist.");
		return false;
	}
	return true;
}

static bool
matches(const char *wanted, const char *etag)
{
	size_t len = strlen(etag);

	if (strcmp(wanted, "*") == 0)
		return true;
	wanted += *wanted == '"';
	return strncasecmp(wanted, etag, len) == 0 && (!wanted[len] || wanted[len] == '"');
}

/* [Specifying conditional headers]. */
bool
blob_conditions_hold(struct call *call, const struct target *t)
{
	const char *yes = call_header(call, "If-Match"), *no = call_header(call, "If-None-Match");
	const char *etag =
		t->blob.id ? blob_etag(call, t->blob.modified_ms, t->blob.revision) : NULL;
	bool reads = call->verb & (VERB_GET | VERB_HEAD);

	if (yes && (!etag || !matches(yes, etag))) {
		reply_blob_error(call, 412, "ConditionNotMet",
			"The condition specified using HTTP conditional header(s) is not met.");
		return false;
	}
	if (!no || !etag || !matches(no, etag))
		return true;
	if (strcmp(no, "*") == 0 && call->verb == VERB_PUT)
		reply_blob_error(
			call, 409, "BlobAlreadyExists", "The specified blob already exists.");
	else if (reads)
		reply_empty(call, 304);
	else
		reply_blob_error(call, 412, "ConditionNotMet",
			"The condition specified using HTTP conditional header(s) is not met.");
	return false;
}

static bool
needs_key(struct call *call, const struct operation_def *def)
{
	const char *include = call_query(call, "include");

	return def->flags & OP_KEY || (def->flags & OP_KEY_META && has_metadata(call)) ||
	       (def->flags & OP_KEY_INCLUDE && include && text_case_has(include, "metadata"));
}

static void
run(struct call *call, enum level level, struct target *t)
{
	const struct operation_def *def;

	if (!blob_access(call, t->account))
		return;
	def = find_operation(call, level);
	if (!def || !blob_rights(call, t->account, def->flags & OP_WRITES) ||
		!find_rows(call, def, t) ||
		(level == LEVEL_BLOB && !blob_conditions_hold(call, t)) ||
		(needs_key(call, def) && !blob_reachable(call, t)))
		return;
	if (def->run)
		def->run(call, t);
	else
		reply_blob_error(call, 400, "UnsupportedQueryParameter",
			"One of the query parameters specified in the request URI is not supported.");
}

/* In Azure the host of an account that does not exist does not resolve. */
static void
serve(struct call *call, enum level level)
{
	struct target t = {.account = arena_alloc(call->arena, sizeof *t.account)};
	const char *client = call_header(call, "x-ms-client-request-id");
	const char *version = call_header(call, "x-ms-version");
	bool found;

	reply_header_text(call, "Server", "Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0");
	if (version)
		reply_header_text(call, "x-ms-version", version);
	if (client)
		reply_header_text(call, "x-ms-client-request-id", client);
	db_lock(call->world->db);
	found = accounts_find_name(
		call->world->db, call->arena, SERVICE_STORAGE, call->naming.store, NULL, t.account);
	db_unlock(call->world->db);
	if (!found) {
		reply_blob_error(
			call, 404, "ResourceNotFound", "The specified resource does not exist.");
		return;
	}
	if (level > LEVEL_SERVICE)
		t.container_name = call->params[0];
	if (level > LEVEL_CONTAINER)
		t.blob_name = call->params[1];
	run(call, level, &t);
}

static void
serve_service(struct call *call)
{
	serve(call, LEVEL_SERVICE);
}

static void
serve_container(struct call *call)
{
	serve(call, LEVEL_CONTAINER);
}

static void
serve_blob(struct call *call)
{
	serve(call, LEVEL_BLOB);
}

enum { ANY = VERB_GET | VERB_HEAD | VERB_PUT | VERB_POST | VERB_PATCH | VERB_DELETE };

const struct route blob_routes[] = {
	{HOST_BLOB, ANY, "", NULL, 0, serve_service},
	{HOST_BLOB, ANY, "/{}", NULL, 0, serve_container},
	{HOST_BLOB, ANY, "/{}/{+}", NULL, 0, serve_blob},
};
const size_t blob_routes_len = ARRAY_LEN(blob_routes);
