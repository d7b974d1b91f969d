/* An identity keeps its place and spelling in the list; a system identity that is taken away and
 * given again is a new principal, as in Azure. */
#include "backend/sandbox/service/assign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/ident.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/rights.h"
#include "backend/sandbox/rows/identities.h"

static bool
refuse_body(struct call *call, const char *text)
{
	reply_error(call, 400, "InvalidRequestContent",
		"The request content was invalid and could not be deserialized: '%s'.", text);
	return false;
}

static bool
refuse_unknown(struct call *call, const struct account *a, const char *id)
{
	char own[ARMID_MAX];

	reply_error(call, 400, "FailedIdentityOperation",
		"Identity operation for resource '%s' failed with error 'Failed to perform resource identity operation. Status: 'BadRequest'. Response: '{\"error\":{\"code\":\"BadRequest\",\"message\":\"Resource '%s' was not found.\"}}'.'.",
		accounts_id(a, own, sizeof own), id);
	return false;
}

/* Who gives an account an identity must be allowed to, at the identity: those of the body are all
 * looked at, also where the account has them already [aad-pod-identity 339 and 613]. */
static bool
may_assign(struct call *call, const struct account *a, const char *id)
{
	static const char action[] =
		"Microsoft.ManagedIdentity/userAssignedIdentities/assign/action";
	char own[ARMID_MAX];
	bool holds;

	db_lock(call->world->db);
	holds = rights_hold(call, action, id);
	db_unlock(call->world->db);
	if (!holds)
		reply_error(call, 403, "LinkedAuthorizationFailed",
			"The client '%s' with object id '%s' has permission to perform action '%s/write' on scope '%s'; however, it does not have permission to perform action '%s' on the linked scope(s) '%s' or the linked scope(s) are invalid.",
			call->caller.app, call->caller.object, accounts_type(a->service),
			accounts_id(a, own, sizeof own), action, id);
	return holds;
}

static size_t
index_of(const json_t *list, const char *id)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (text_casecmp(json_string_value(json_array_get(list, i)), id) == 0)
			return i;
	return json_array_size(list);
}

/* One member of userAssignedIdentities onto the list. */
static bool
take_one(struct call *call, const struct account *a, json_t *list, const char *id,
	const json_t *value)
{
	size_t at = index_of(list, id);
	struct identity identity;
	bool found;

	if (json_is_null(value)) {
		json_array_remove(list, at);
		return true;
	}
	if (!may_assign(call, a, id))
		return false;
	if (at < json_array_size(list))
		return true;
	db_lock(call->world->db);
	found = identities_find_arm(call->world->db, call->arena, id, &identity);
	db_unlock(call->world->db);
	if (!found)
		return refuse_unknown(call, a, id);
	json_array_append_new(list, json_string(id));
	return true;
}

static bool
take_users(struct call *call, struct account *a, json_t *users, bool wanted)
{
	json_t *list = wanted ? reply_stored(a->users) : json_array();
	const char *id;
	json_t *value;
	bool ok = true;
	char *text;

	if (wanted)
		json_object_foreach(users, id, value) ok = ok && take_one(call, a, list, id, value);
	if (ok && wanted && json_array_size(list) == 0) {
		reply_error(call, 400, "LinkedInvalidPropertyId",
			"The identity type UserAssigned needs at least one member of userAssignedIdentities.");
		ok = false;
	}
	text = json_dumps(list, JSON_COMPACT);
	a->users = arena_strdup(call->arena, text);
	free(text);
	json_decref(list);
	return ok;
}

bool
assign_identity(struct call *call, struct account *a, bool both, const char *between)
{
	const json_t *identity = call_member(call->json, "identity");
	json_t *users = call_member(identity, "userAssignedIdentities");
	json_t *type = call_member(identity, "type");
	const char *word = json_string_value(type);
	bool none, system, user;

	if (!identity || json_is_null(identity))
		return true;
	if (!json_is_object(identity) || (users && !json_is_null(users) && !json_is_object(users)))
		return refuse_body(call, "identity must be an object");
	if (type && !json_is_null(type) && !word)
		return refuse_body(call, "identity.type must be a text");
	if (!word)
		return !users || refuse_body(call, "identity.type is missing");
	none = text_casecmp(word, "None") == 0;
	system = text_case_has(word, "SystemAssigned");
	user = text_case_has(word, "UserAssigned");
	if ((!none && !system && !user) || (system && user && !both))
		return refuse_body(
			call, arena_printf(call->arena,
				      "identity.type '%s' is not one of its values", word));
	if (!take_users(call, a, users, user))
		return false;
	if (!system)
		a->principal[0] = '\0';
	else if (!a->principal[0])
		ident_guid(a->principal);
	snprintf(a->identity, sizeof a->identity, "%s%s%s", system ? "SystemAssigned" : "",
		system && user ? between : "",
		user   ? "UserAssigned"
		: none ? "None"
		       : "");
	return true;
}

json_t *
assign_shown(struct call *call, const struct account *a)
{
	json_t *json = json_pack("{s:s}", "type", a->identity), *list, *users;

	if (a->principal[0]) {
		char tenant[40];

		db_meta(call->world->db, "tenant", tenant, sizeof tenant);
		json_object_set_new(json, "principalId", json_string(a->principal));
		json_object_set_new(json, "tenantId", json_string(tenant));
	}
	if (!text_case_has(a->identity, "UserAssigned"))
		return json;
	users = json_object();
	list = reply_stored(a->users);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *id = json_string_value(json_array_get(list, i));
		struct identity found = {0};

		identities_find_arm(call->world->db, call->arena, id, &found);
		json_object_set_new(users, id,
			json_pack("{s:s,s:s}", "principalId", found.principal, "clientId",
				found.client));
	}
	json_decref(list);
	json_object_set_new(json, "userAssignedIdentities", users);
	return json;
}

bool
assign_has(const struct account *a, const char *arm_id)
{
	json_t *list = reply_stored(a->users);
	bool has = index_of(list, arm_id) < json_array_size(list);

	json_decref(list);
	return has;
}
