/* Access policies: one entry per principal, which holds for every key of the vault. They are
 * changed by accessPolicies/add and /remove alone: those merge, where a PUT of the vault would wipe
 * what other teams have entered. Rights stand there one by one, or as the word "all". */
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/stores/store.h"

static perm_set
needs(const struct service *service)
{
	return service->policy_perms;
}

static perm_set
holds(const struct facts *facts, const char *principal, const char *key)
{
	(void)key;
	return vault_rights(&facts->vault, principal);
}

/* What the service needs of what is written, and the word "all" that would go on giving it. */
static bool
given(const struct facts *facts, const char *principal, const char *key, size_t i, struct gift *out)
{
	perm_set written = 0;

	(void)key;
	for (size_t e = 0; e < facts->vault.policies_len; e++) {
		const struct policy_entry *entry = &facts->vault.policies[e];

		if (entry->application[0] == '\0' && text_casecmp(entry->principal, principal) == 0)
			written |= entry->keys;
	}
	*out = (struct gift){.set = written & (facts->account.service->policy_perms | PERM_ALL)};
	return i == 0 && out->set;
}

static json_t *
names(perm_set set)
{
	json_t *out = json_array();

	for (size_t i = 0; perm_at(i); i++)
		if (set & perm_at(i))
			json_array_append_new(out, json_string(perm_name(perm_at(i))));
	return out;
}

static bool
change(const struct session *session, const struct facts *facts, const struct grantee *grantee,
	const char *kind, perm_set set, struct request *out)
{
	char id[ARMID_MAX];
	json_t *body = json_pack("{s:{s:[{s:s, s:s, s:{s:o, s:[], s:[]}}]}}", "properties",
		"accessPolicies", "tenantId", grantee->tenant, "objectId", grantee->principal,
		"permissions", "keys", names(set), "secrets", "certificates");
	json_t *entry = json_array_get(
		json_object_get(json_object_get(body, "properties"), "accessPolicies"), 0);

	if (grantee->application && grantee->application[0])
		json_object_set_new(entry, "applicationId", json_string(grantee->application));
	*out = (struct request){
		.method = HTTP_PUT, .audience = AUDIENCE_ARM, .changes = true, .repeatable = true};
	out->url = mem_printf("%s%s/accessPolicies/%s?api-version=%s", session_cloud(session)->arm,
		armid_print(&facts->vault.id, id), kind,
		session_api_version(session, "Microsoft.KeyVault/vaults/accessPolicies"));
	out->body = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	return true;
}

static bool
add(const struct session *session, const struct facts *facts, const struct grantee *grantee,
	perm_set set, struct request *out, struct err *err)
{
	(void)err;
	return change(session, facts, grantee, "add", set, out);
}

static bool
take(const struct session *session, const struct facts *facts, const struct grantee *grantee,
	perm_set set, struct request *out, struct err *err)
{
	(void)err;
	return change(session, facts, grantee, "remove", set, out);
}

const struct store store_policies = {
	.title = "access policies",
	.needs = needs,
	.holds = holds,
	.given = given,
	.add = add,
	.remove = take,
};
