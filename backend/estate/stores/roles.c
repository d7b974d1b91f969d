/* Azure's role assignments, for a vault where they decide. Given at the key: the identity needs no
 * other key of the vault. The type of the principal is named, since an identity that was made a
 * moment ago may not be known everywhere yet, and a nameless one would be refused for that. */
#include <stdio.h>
#include <stdlib.h>

#include "backend/base/mem.h"
#include "backend/estate/stores/assign.h"

static const char api[] = "Microsoft.Authorization/roleAssignments";

static char *
scope(const struct facts *facts, const char *key, char out[SCOPE_MAX])
{
	char id[ARMID_MAX];

	snprintf(out, SCOPE_MAX, "%s%s%s", armid_print(&facts->vault.id, id),
		key[0] ? "/keys/" : "", key);
	return out;
}

/* At the vault, which lists what stands above it, on it and on its keys. */
static bool
list(const struct session *session, const struct facts *facts, const struct grantee *grantee,
	struct request *out, struct err *err)
{
	char *tail = assign_query(grantee, session_api_version(session, api)), at[SCOPE_MAX];

	(void)err;
	*out = (struct request){.method = HTTP_GET, .audience = AUDIENCE_ARM};
	out->url = mem_printf("%s%s%s", session_cloud(session)->arm, scope(facts, "", at), tail);
	free(tail);
	return true;
}

static void
start(const struct session *session, const struct facts *facts, const struct grantee *grantee,
	enum http_method method, struct request *out)
{
	char *tail = assign_tail(facts, grantee, session_api_version(session, api)), at[SCOPE_MAX];

	*out = (struct request){
		.method = method, .audience = AUDIENCE_ARM, .changes = true, .repeatable = true};
	out->url = mem_printf(
		"%s%s%s", session_cloud(session)->arm, scope(facts, grantee->key, at), tail);
	free(tail);
}

static bool
add(const struct session *session, const struct facts *facts, const struct grantee *grantee,
	perm_set set, struct request *out, struct err *err)
{
	char *definition =
		mem_printf("/subscriptions/%s/providers/Microsoft.Authorization/roleDefinitions/%s",
			facts->vault.id.subscription, store_roles.role);

	(void)set;
	(void)err;
	start(session, facts, grantee, HTTP_PUT, out);
	out->body = assign_body(grantee, definition, "ServicePrincipal");
	free(definition);
	return true;
}

static bool
take(const struct session *session, const struct facts *facts, const struct grantee *grantee,
	perm_set set, struct request *out, struct err *err)
{
	(void)set;
	(void)err;
	start(session, facts, grantee, HTTP_DELETE, out);
	return true;
}

const struct store store_roles = {
	.title = "role assignments",
	.role = "e147488a-f6f5-4113-8e2d-b22465e65bf6",
	.role_name = "Key Vault Crypto Service Encryption User",
	.needs = assign_needs,
	.holds = assign_holds,
	.given = assign_given,
	.scope = scope,
	.list = list,
	.add = add,
	.remove = take,
};
