/* The local roles of a managed HSM: kept by the HSM itself and changed on its data plane; nothing
 * of Azure's roles opens a key there. Scopes begin at the HSM: /keys or /keys/NAME. */
#include <stdio.h>
#include <stdlib.h>

#include "backend/base/mem.h"
#include "backend/estate/stores/assign.h"

static char *
scope(const struct facts *facts, const char *key, char out[SCOPE_MAX])
{
	(void)facts;
	snprintf(out, SCOPE_MAX, "/keys%s%s", key[0] ? "/" : "", key);
	return out;
}

/* Whom the HSM's own reply names as its host must be one of this cloud. */
static bool
start(const struct session *session, const struct facts *facts, const char *key, char *tail,
	enum http_method method, struct request *out, struct err *err)
{
	char at[SCOPE_MAX];
	struct keyid of;
	bool ok = keyid_parse_vault(&of, facts->vault.uri, session_cloud(session), err);

	if (ok) {
		*out = (struct request){.method = method, .audience = AUDIENCE_HSM};
		out->changes = out->repeatable = method != HTTP_GET;
		out->url = mem_printf("https://%s%s%s", of.host, scope(facts, key, at), tail);
	} else {
		err_prefix(err, "managed HSM %s", facts->vault.id.name);
	}
	free(tail);
	return ok;
}

static const char *
version(const struct session *session)
{
	return session_api_version(session, "keyvault");
}

static bool
list(const struct session *session, const struct facts *facts, const struct grantee *grantee,
	struct request *out, struct err *err)
{
	return start(
		session, facts, "", assign_query(grantee, version(session)), HTTP_GET, out, err);
}

static bool
add(const struct session *session, const struct facts *facts, const struct grantee *grantee,
	perm_set set, struct request *out, struct err *err)
{
	static const char prefix[] =
		"Microsoft.KeyVault/providers/Microsoft.Authorization/roleDefinitions/";
	char definition[sizeof prefix + 37];

	(void)set;
	if (!start(session, facts, grantee->key, assign_tail(facts, grantee, version(session)),
		    HTTP_PUT, out, err))
		return false;
	snprintf(definition, sizeof definition, "%s%s", prefix, store_hsm_roles.role);
	out->body = assign_body(grantee, definition, NULL);
	return true;
}

static bool
take(const struct session *session, const struct facts *facts, const struct grantee *grantee,
	perm_set set, struct request *out, struct err *err)
{
	(void)set;
	return start(session, facts, grantee->key, assign_tail(facts, grantee, version(session)),
		HTTP_DELETE, out, err);
}

const struct store store_hsm_roles = {
	.title = "local roles of the managed HSM",
	.role = "33413926-3206-4cdd-b39a-83574fe37a17",
	.role_name = "Managed HSM Crypto Service Encryption User",
	.needs = assign_needs,
	.holds = assign_holds,
	.given = assign_given,
	.scope = scope,
	.list = list,
	.add = add,
	.remove = take,
};
