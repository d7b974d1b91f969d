/* The name of an assignment follows from its scope, principal and role, so that a request whose
 * answer was lost may be sent again: it cannot make a second one. One that somebody made before
 * keeps its own name. */
#include "backend/estate/stores/assign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uuid/uuid.h>

#include "backend/azure/role.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"

#define PATH "providers/Microsoft.Authorization/roleAssignments"

perm_set
assign_needs(const struct service *service)
{
	return service->role_perms;
}

perm_set
assign_holds(const struct facts *facts, const char *principal, const char *key)
{
	char scope[SCOPE_MAX];
	bool custom;

	(void)principal;
	return assignments_rights(
		&facts->assigned, store_of(&facts->vault)->scope(facts, key, scope), &custom);
}

/* Which key of the vault an assignment stands on; "": on the vault. False: on neither. */
static bool
place(const struct facts *facts, const struct assignment *assignment, char *key, size_t room)
{
	const struct store *store = store_of(&facts->vault);
	const char *last = strrchr(assignment->scope, '/');
	char scope[SCOPE_MAX];

	key[0] = '\0';
	if (text_casecmp(assignment->scope, store->scope(facts, "", scope)) == 0)
		return true;
	return last && text_copy(key, room, last + 1) && keyid_is_key_name(key) &&
	       text_casecmp(assignment->scope, store->scope(facts, key, scope)) == 0;
}

bool
assign_given(const struct facts *facts, const char *principal, const char *key, size_t i,
	struct gift *out)
{
	const struct store *store = store_of(&facts->vault);

	(void)principal;
	*out = (struct gift){.set = role_find(store->role)->keys};
	for (size_t a = 0; a < facts->assigned.len; a++) {
		const struct assignment *one = &facts->assigned.rows[a];

		if (text_casecmp(one->role, store->role) != 0 ||
			!place(facts, one, out->key, sizeof out->key) ||
			(key && text_casecmp(out->key, key) != 0))
			continue;
		memcpy(out->name, one->name, sizeof out->name);
		if (i-- == 0)
			return true;
	}
	return false;
}

/* A UUID of version 5 under the name space of URLs. */
static void
name_of(const struct facts *facts, const struct grantee *grantee, char out[37])
{
	const struct store *store = store_of(&facts->vault);
	char scope[SCOPE_MAX], *text;
	uuid_t uuid;

	text = mem_printf("https://%s%s?principal=%s&role=%s", facts->vault.id.name,
		store->scope(facts, grantee->key, scope), grantee->principal, store->role);
	for (char *p = text; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	uuid_generate_sha1(uuid, *uuid_get_template("url"), text, strlen(text));
	uuid_unparse_lower(uuid, out);
	free(text);
}

char *
assign_query(const struct grantee *grantee, const char *api_version)
{
	if (grantee->principal == NULL)
		return mem_printf("/" PATH "?api-version=%s", api_version);
	return mem_printf("/" PATH "?api-version=%s&$filter=principalId%%20eq%%20'%s'", api_version,
		grantee->principal);
}

char *
assign_tail(const struct facts *facts, const struct grantee *grantee, const char *api_version)
{
	char name[96];

	if (grantee->name[0])
		snprintf(name, sizeof name, "%s", grantee->name);
	else if (strstr(grantee->principal, REQUEST_UNKNOWN_OPEN))
		snprintf(name, sizeof name,
			REQUEST_UNKNOWN_OPEN
			"name that follows from the principalId" REQUEST_UNKNOWN_CLOSE);
	else
		name_of(facts, grantee, name);
	return mem_printf("/" PATH "/%s?api-version=%s", name, api_version);
}

char *
assign_body(const struct grantee *grantee, const char *definition, const char *type)
{
	json_t *properties = json_pack(
		"{s:s, s:s}", "roleDefinitionId", definition, "principalId", grantee->principal);
	json_t *body;
	char *text;

	if (type)
		json_object_set_new(properties, "principalType", json_string(type));
	body = json_pack("{s:o}", "properties", properties);
	text = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	return text;
}
