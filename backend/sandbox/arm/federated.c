/* Shapes, and what a name may be: ManagedIdentity.json 2023-01-31. Refusals: bodies pasted into
 * public threads (zioproto/istio-aks-example 6, Azure/bicep-types-az 2054); where none was found,
 * the words are ours. */
#include "backend/sandbox/arm/federated.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/arm/arm.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/rights.h"
#include "backend/sandbox/rows/identities.h"

static const char type[] = "Microsoft.ManagedIdentity/userAssignedIdentities";

/* Credentials that one identity may have [workload identity federation, considerations]. */
enum { MOST = 20 };

static bool
allowed(struct call *call, const char *verb)
{
	return rights_action(call,
		arena_printf(call->arena, "%s/federatedIdentityCredentials/%s", type, verb),
		arm_scope(call, type));
}

/* The identity that the path names; otherwise answers 404. The lock must be held. */
static bool
owner(struct call *call, struct identity *out)
{
	struct arm_group group;

	if (!arm_group(call, call->params[0], call->params[1], &group))
		return false;
	if (identities_find(call->world->db, call->arena, call->params[0], call->params[1],
		    call->params[2], out))
		return true;
	reply_error(call, 404, "ParentResourceNotFound",
		"Can not perform requested operation on nested resource. Parent resource '%s' not found.",
		call->params[2]);
	return false;
}

static json_t *
credential_json(const struct identity *i, const struct federated *f)
{
	char id[640];

	return json_pack("{s:o,s:s,s:s+,s:{s:s,s:s,s:o}}", "id",
		json_sprintf("%s/federatedIdentityCredentials/%s", identities_id(i, id, sizeof id),
			f->name),
		"name", f->name, "type", type, "/federatedIdentityCredentials", "properties",
		"issuer", f->issuer, "subject", f->subject, "audiences",
		reply_stored(f->audiences));
}

static void
refuse_missing(struct call *call)
{
	reply_error(call, 404, "ResourceNotFound",
		"The Resource '%s/%s/federatedIdentityCredentials/%s' under resource group '%s' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
		type, call->params[2], call->params[3], call->params[1]);
}

void
federated_list(struct call *call)
{
	struct db *db = call->world->db;
	json_t *value = NULL;
	struct federated f;
	struct identity i;

	if (!allowed(call, "read"))
		return;
	db_lock(db);
	if (owner(call, &i)) {
		sqlite3_stmt *stmt = federated_all(db, i.client);

		value = json_array();
		while (federated_next(db, stmt, call->arena, &f))
			json_array_append_new(value, credential_json(&i, &f));
	}
	db_unlock(db);
	if (value)
		reply_json(call, 200, json_pack("{s:o}", "value", value));
}

void
federated_get(struct call *call)
{
	struct db *db = call->world->db;
	struct federated f;
	struct identity i;

	if (!allowed(call, "read"))
		return;
	db_lock(db);
	if (owner(call, &i)) {
		if (federated_find(db, call->arena, i.client, call->params[3], &f))
			reply_json(call, 200, credential_json(&i, &f));
		else
			refuse_missing(call);
	}
	db_unlock(db);
}

static bool
name_ok(const char *name)
{
	size_t len = strlen(name);
	bool ok = len >= 3 && len <= 120 && isalnum((unsigned char)name[0]);

	for (size_t i = 0; ok && i < len; i++)
		ok = isalnum((unsigned char)name[i]) || name[i] == '-' || name[i] == '_';
	return ok;
}

static bool
audiences_ok(const json_t *audiences)
{
	const json_t *one;
	size_t i;

	json_array_foreach(audiences, i, one)
	{
		if (!json_is_string(one) || !json_string_value(one)[0])
			return false;
	}
	return json_array_size(audiences) > 0;
}

/* Fills f from the path and the body. */
static bool
read_wanted(struct call *call, struct federated *f)
{
	const json_t *properties = call_member(call->json, "properties");
	const json_t *audiences = call_member(properties, "audiences");
	char *text;

	*f = (struct federated){
		.issuer = call_text(properties, "issuer"),
		.subject = call_text(properties, "subject"),
	};
	if (!name_ok(call->params[3])) {
		reply_error(call, 400, "BadRequest",
			"The federated identity credential name '%s' is not valid: 3 to 120 letters, digits, dashes and underscores, beginning with a letter or digit.",
			call->params[3]);
		return false;
	}
	snprintf(f->name, sizeof f->name, "%s", call->params[3]);
	if (!f->issuer || !f->issuer[0] || !f->subject || !f->subject[0] ||
		!audiences_ok(audiences)) {
		reply_error(call, 400, "BadRequest",
			"The request format was unexpected. Federated Identity Credential must specify 'issuer', 'subject' and 'audience'.");
		return false;
	}
	if (!text_case_starts(f->issuer, "https://")) {
		reply_error(call, 400, "BadRequest",
			"The issuer '%s' is not valid: it must be an https URL.", f->issuer);
		return false;
	}
	text = json_dumps(audiences, JSON_COMPACT);
	f->audiences = arena_strdup(call->arena, text);
	free(text);
	return true;
}

/* The status, or 0 when it is refused. Inside the transaction. */
static unsigned
write_wanted(struct call *call, const struct identity *i, struct federated *f)
{
	struct db *db = call->world->db;
	struct federated old;
	int count = 0;

	if (federated_taken(db, i->client, f)) {
		reply_error(call, 409, "Conflict",
			"Issuer and subject combination already exists for this Managed Identity.");
		return 0;
	}
	if (federated_find(db, call->arena, i->client, f->name, &old)) {
		f->id = old.id;
		snprintf(f->name, sizeof f->name, "%s", old.name);
	} else {
		sqlite3_stmt *stmt = federated_all(db, i->client);

		while (federated_next(db, stmt, call->arena, &old))
			count++;
	}
	if (count >= MOST) {
		reply_error(call, 400, "BadRequest",
			"A Managed Identity can have at most %d federated identity credentials.",
			MOST);
		return 0;
	}
	federated_put(db, i->client, f);
	return f->id ? 200 : 201;
}

void
federated_write(struct call *call)
{
	struct db *db = call->world->db;
	unsigned status = 0;
	struct federated f;
	struct identity i;

	if (!allowed(call, "write") || !read_wanted(call, &f))
		return;
	db_begin(db);
	if (owner(call, &i))
		status = write_wanted(call, &i, &f);
	if (!status)
		db_rollback(db);
	else if (db_commit(db))
		reply_json(call, status, credential_json(&i, &f));
	else
		reply_broken(call);
}

void
federated_remove(struct call *call)
{
	struct db *db = call->world->db;
	bool found = false;
	struct federated f;
	struct identity i;

	if (!allowed(call, "delete"))
		return;
	db_begin(db);
	if (!owner(call, &i)) {
		db_rollback(db);
		return;
	}
	found = federated_find(db, call->arena, i.client, call->params[3], &f);
	if (found)
		federated_delete(db, f.id);
	if (db_commit(db))
		reply_empty(call, found ? 200 : 204);
	else
		reply_broken(call);
}
