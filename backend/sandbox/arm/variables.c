/* Variables of Automation accounts: the canary of that service, and the one kind of secure asset
 * kept here; of the others only the empty lists. Shapes: variable.json 2023-11-01 and its examples.
 * The value of an encrypted variable is never told; it is sealed with the account's data key, so
 * that whoever writes or reads it needs the account's outermost key. What real Automation answers
 * when that is cut is not established: 403 here, in the provider's form without "error". */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/arm/arm.h"
#include "backend/sandbox/arm/provider.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/rights.h"
#include "backend/sandbox/route.h"
#include "backend/sandbox/service/reach.h"

static const char type[] = "Microsoft.Automation/automationAccounts";

enum { VALUE_MAX = 1 << 20, NAME_MAX_LEN = 128 };

/* bytes: the value, sealed when encrypted; in the call's arena. */
struct variable {
	int64_t id;
	char name[NAME_MAX_LEN + 1];
	bool encrypted;
	const char *description; /* "" for none */
	const unsigned char *bytes;
	size_t len;
	int64_t created_ms, modified_ms;
};

static void
read_variable(sqlite3_stmt *stmt, struct arena *arena, struct variable *out)
{
	const void *bytes = sqlite3_column_blob(stmt, 4);
	size_t len = (size_t)sqlite3_column_bytes(stmt, 4);
	unsigned char *copy = arena_alloc(arena, len + 1);

	if (bytes)
		memcpy(copy, bytes, len);
	*out = (struct variable){
		.id = sqlite3_column_int64(stmt, 0),
		.encrypted = sqlite3_column_int(stmt, 2),
		.description = db_text(stmt, 3, arena),
		.bytes = copy,
		.len = len,
		.created_ms = sqlite3_column_int64(stmt, 5),
		.modified_ms = sqlite3_column_int64(stmt, 6),
	};
	db_copy(stmt, 1, out->name, sizeof out->name);
}

#define COLUMNS \
	"SELECT id, name, encrypted, description, value, created_ms, modified_ms FROM variable "

/* The lock must be held. */
static bool
find(struct call *call, int64_t account, struct variable *out)
{
	sqlite3_stmt *stmt = db_ask(call->world->db, COLUMNS "WHERE account=? AND name=?", "it",
		account, call->params[3]);

	if (!db_next(call->world->db, stmt))
		return false;
	read_variable(stmt, call->arena, out);
	db_done(stmt);
	return true;
}

static bool
load(struct call *call, const char *kind, const char *verb, struct account *a)
{
	const char *scope = arm_scope(call, type);

	if (call->params_len > 3)
		scope = arena_printf(call->arena, "%s/%s/%s", scope, kind, call->params[3]);
	return rights_action(
		       call, arena_printf(call->arena, "%s/%s/%s", type, kind, verb), scope) &&
	       provider_load(call, SERVICE_AUTOMATION, a);
}

static json_t *
variable_json(struct call *call, const struct account *a, const struct variable *v)
{
	json_t *properties = json_object();
	char id[640];

	if (!v->encrypted && v->len)
		json_object_set_new(
			properties, "value", json_stringn((const char *)v->bytes, v->len));
	json_object_set_new(properties, "isEncrypted", json_boolean(v->encrypted));
	json_object_set_new(
		properties, "creationTime", json_string(reply_time_offset(call, v->created_ms)));
	json_object_set_new(properties, "lastModifiedTime",
		json_string(reply_time_offset(call, v->modified_ms)));
	json_object_set_new(properties, "description",
		v->description[0] ? json_string(v->description) : json_null());
	return json_pack("{s:o,s:s,s:s,s:o}", "id",
		json_sprintf("%s/variables/%s", accounts_id(a, id, sizeof id), v->name), "name",
		v->name, "type", "Microsoft.Automation/AutomationAccounts/Variables", "properties",
		properties);
}

static void
refuse_missing(struct call *call)
{
	reply_flat_error(
		call, 404, "NotFound", "The variable '%s' was not found.", call->params[3]);
}

static void
refuse_dark(struct call *call, const struct cmk_refusal *refusal)
{
	reply_flat_error(call, 403, "KeyVaultAuthenticationFailure",
		"The operation failed because of authentication issue on the keyvault. %s",
		refusal->message);
}

static void
get_variable(struct call *call)
{
	struct account *a = arena_alloc(call->arena, sizeof *a);
	struct cmk_refusal refusal;
	struct variable v;
	bool found;

	if (!load(call, "variables", "read", a))
		return;
	db_lock(call->world->db);
	found = find(call, a->id, &v);
	db_unlock(call->world->db);
	if (!found)
		refuse_missing(call);
	else if (v.encrypted && !reach_data(call->world, call->arena, a, call->now, &refusal))
		refuse_dark(call, &refusal);
	else
		reply_json(call, 200, variable_json(call, a, &v));
}

/* Names and times are no secret: a list is answered in any state. */
static void
list_variables(struct call *call)
{
	static const char sql[] = COLUMNS "WHERE account=? AND id>? ORDER BY id LIMIT ?";
	struct account *a = arena_alloc(call->arena, sizeof *a);
	struct db *db = call->world->db;
	struct variable v = {0};
	json_t *value, *json;
	sqlite3_stmt *stmt;
	int64_t after;

	if (!load(call, "variables", "read", a) || !arm_after(call, &after))
		return;
	value = json_array();
	json = json_pack("{s:o}", "value", value);
	db_lock(db);
	stmt = db_ask(db, sql, "iii", a->id, after, (int64_t)ARM_PAGE + 1);
	while (db_next(db, stmt)) {
		if (json_array_size(value) == ARM_PAGE) {
			json_object_set_new(json, "nextLink", arm_next_link(call, v.id));
			db_done(stmt);
			break;
		}
		read_variable(stmt, call->arena, &v);
		json_array_append_new(value, variable_json(call, a, &v));
	}
	db_unlock(db);
	reply_json(call, 200, json);
}

static bool
bad(struct call *call, const char *message)
{
	reply_flat_error(call, 400, "BadRequest", "%s", message);
	return false;
}

/* The body onto v; old: there was such a variable. A value is a JSON text. */
static bool
take_body(struct call *call, struct variable *v, bool old)
{
	const json_t *properties = call_member(call->json, "properties");
	const json_t *encrypted = call_member(properties, "isEncrypted");
	const char *name = call_text(call->json, "name"), *value = call_text(properties, "value");
	const char *description = call_text(properties, "description");
	json_t *parsed;

	if (!json_is_object(properties))
		return bad(call, "The properties of the variable must be given.");
	if (name && text_casecmp(name, call->params[3]) != 0)
		return bad(call, "The name of the variable is not the one of the request URI.");
	if (old && json_is_boolean(encrypted) && json_is_true(encrypted) != v->encrypted)
		return bad(call,
			"The encrypted property of a variable cannot be changed after it is created.");
	if (!old)
		v->encrypted = json_is_true(encrypted);
	if (description)
		v->description = description;
	if (!value)
		return true;
	parsed = strlen(value) <= VALUE_MAX ? json_loads(value, JSON_DECODE_ANY, NULL) : NULL;
	json_decref(parsed);
	if (!parsed)
		return bad(call, "Invalid JSON - Kindly check the value of the variable.");
	v->bytes = (const unsigned char *)value;
	v->len = strlen(value);
	return true;
}

/* The value as it is kept, sealed where that is asked for. */
static bool
seal(struct call *call, const struct account *a, struct variable *v)
{
	unsigned char *out = arena_alloc(call->arena, v->len + ENVELOPE_OVERHEAD);
	struct secret data = {0};
	bool ok = reach_data_key(call->world, a, &data) &&
		  envelope_seal(&data, "variable", v->bytes, v->len, out, NULL);

	secret_free(&data);
	if (!ok) {
		reply_broken(call);
		return false;
	}
	v->bytes = out;
	v->len += ENVELOPE_OVERHEAD;
	return true;
}

static bool
well_named(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < len; i++)
		if (iscntrl((unsigned char)name[i]) || strchr("<>*%&:\\?+/#", name[i]))
			return false;
	return len >= 1 && len <= NAME_MAX_LEN;
}

/* Within a transaction. */
static void
store(struct call *call, int64_t account, const struct variable *v, bool old)
{
	struct db *db = call->world->db;

	if (old)
		db_do(db,
			"UPDATE variable SET encrypted=?, value=?, description=?, modified_ms=?"
			" WHERE account=? AND name=?",
			"ibtiit", (int64_t)v->encrypted, (const void *)v->bytes, v->len,
			v->description, v->modified_ms, account, v->name);
	else
		db_do(db,
			"INSERT INTO variable(account,name,encrypted,value,description,created_ms,"
			"modified_ms) VALUES(?,?,?,?,?,?,?)",
			"itibtii", account, v->name, (int64_t)v->encrypted, (const void *)v->bytes,
			v->len, v->description, v->created_ms, v->modified_ms);
}

/* An encrypted variable needs the account's key even where only its description changes. */
static bool
prepare(struct call *call, struct account *a, struct variable *v, bool old)
{
	const unsigned char *bytes = v->bytes;
	struct cmk_refusal refusal;

	if (!old)
		snprintf(v->name, sizeof v->name, "%s", call->params[3]);
	v->modified_ms = vclock_ms(&call->world->clock);
	if (!old)
		v->created_ms = v->modified_ms;
	if (!take_body(call, v, old))
		return false;
	if (!v->encrypted)
		return true;
	if (!reach_data(call->world, call->arena, a, call->now, &refusal)) {
		refuse_dark(call, &refusal);
		return false;
	}
	return (old && v->bytes == bytes) || seal(call, a, v);
}

/* Whether nobody wrote it between two readings. */
static bool
same(const struct variable *a, const struct variable *b)
{
	return a->id == b->id && a->modified_ms == b->modified_ms && a->len == b->len &&
	       memcmp(a->bytes, b->bytes, a->len) == 0 &&
	       strcmp(a->description, b->description) == 0;
}

static void
write_variable(struct call *call, bool make)
{
	struct account *a = arena_alloc(call->arena, sizeof *a);
	struct variable v = {.description = "", .bytes = (const unsigned char *)""}, was, now;
	struct db *db = call->world->db;
	bool old;

	if (!load(call, "variables", "write", a))
		return;
	if (!well_named(call->params[3])) {
		bad(call, "The name of the variable is not valid.");
		return;
	}
	db_lock(db);
	old = find(call, a->id, &v);
	db_unlock(db);
	was = v;
	if (!old && !make) {
		refuse_missing(call);
		return;
	}
	if (!prepare(call, a, &v, old))
		return;
	db_begin(db);
	if (find(call, a->id, &now) != old || (old && !same(&was, &now))) {
		db_rollback(db);
		reply_flat_error(call, 409, "Conflict",
			"The variable is being changed by another request; try again.");
		return;
	}
	store(call, a->id, &v, old);
	if (db_commit(db))
		reply_json(call, old ? 200 : 201, variable_json(call, a, &v));
	else
		reply_broken(call);
}

static void
put_variable(struct call *call)
{
	write_variable(call, true);
}

static void
patch_variable(struct call *call)
{
	write_variable(call, false);
}

static void
delete_variable(struct call *call)
{
	struct account *a = arena_alloc(call->arena, sizeof *a);
	struct db *db = call->world->db;
	struct variable v;
	bool found;

	if (!load(call, "variables", "delete", a))
		return;
	db_begin(db);
	found = find(call, a->id, &v);
	if (found)
		db_do(db, "DELETE FROM variable WHERE id=?", "i", v.id);
	if (!db_commit(db))
		reply_broken(call);
	else if (found)
		reply_empty(call, 200);
	else
		refuse_missing(call);
}

/* The other secure assets: none are kept. */
static void
list_none(struct call *call)
{
	struct account *a = arena_alloc(call->arena, sizeof *a);

	if (load(call, call->segments[8], "read", a))
		reply_json(call, 200, json_pack("{s:[]}", "value"));
}

#define ACCOUNT \
	"/subscriptions/{}/resourceGroups/{}/providers/Microsoft.Automation/automationAccounts/{}/"

const struct route arm_variable_routes[] = {
	{ROUTE_ARM, VERB_GET, ACCOUNT "variables", type, 0, list_variables},
	{ROUTE_ARM, VERB_GET, ACCOUNT "variables/{}", type, 0, get_variable},
	{ROUTE_ARM, VERB_PUT, ACCOUNT "variables/{}", type, ROUTE_JSON, put_variable},
	{ROUTE_ARM, VERB_PATCH, ACCOUNT "variables/{}", type, ROUTE_JSON, patch_variable},
	{ROUTE_ARM, VERB_DELETE, ACCOUNT "variables/{}", type, 0, delete_variable},
	{ROUTE_ARM, VERB_GET, ACCOUNT "credentials", type, 0, list_none},
	{ROUTE_ARM, VERB_GET, ACCOUNT "certificates", type, 0, list_none},
	{ROUTE_ARM, VERB_GET, ACCOUNT "connections", type, 0, list_none},
};
const size_t arm_variable_routes_len = ARRAY_LEN(arm_variable_routes);
