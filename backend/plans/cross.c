/* What belongs to which tenant: "Configure cross-tenant customer-managed keys for an existing
 * storage account". The application is registered in the account's tenant, where a federated
 * credential makes it trust the account's identity; in the vault's tenant it is installed as a
 * service principal, which holds the rights on the key. Both are asked of Microsoft Graph (List
 * federatedIdentityCredentials, List servicePrincipals), which not every operator may. */
#include "backend/plans/cross.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/plans/step.h"

static bool
is_given(const char *value)
{
	return value && value[0];
}

static bool
refuse(struct err *err, const char *what)
{
	return err_set(err, ERR_REFUSED, "CrossTenant", "%s", what);
}

bool
cross_take(const struct service *service, const char *tenant, const char *client,
	struct plan_facts *facts, struct err *err)
{
	if (!is_given(tenant) && !is_given(client))
		return true;
	if (!service->cross_tenant)
		return err_set(err, ERR_REFUSED, "CrossTenant",
			"%s needs its key vault in the tenant of the account (%s, prerequisites); "
			"leave --vault-tenant and --federated-client-id out",
			service->title, service->article);
	if (is_given(client) && !armid_is_guid(client))
		return err_set(err, ERR_USAGE, "",
			"--federated-client-id %.80s: give the application's client id, a GUID",
			client);
	if (!is_given(tenant) && !facts->cross.inherits)
		return refuse(err,
			"the application is for a vault of another tenant: name that tenant with "
			"--vault-tenant, or leave --federated-client-id out");
	snprintf(facts->cross.client, sizeof facts->cross.client, "%s", client ? client : "");
	if (!text_copy(facts->cross.tenant, sizeof facts->cross.tenant, tenant ? tenant : ""))
		return err_set(err, ERR_USAGE, "", "--vault-tenant: the name is too long");
	facts->cross.asked = facts->facts.crosses = true;
	return true;
}

void
cross_inherit(struct plan_facts *facts)
{
	const struct account *used = &facts->used.account;
	enum known *vault = &facts->facts.vault_known;

	if (used->federated[0]) {
		facts->cross.asked = facts->facts.crosses = true;
		if (facts->cross.client[0] == '\0' && armid_is_guid(used->federated))
			memcpy(facts->cross.client, used->federated, sizeof facts->cross.client);
	}
	if (facts->cross.asked && (*vault == KNOWN_DENIED || *vault == KNOWN_FAILED))
		*vault = KNOWN_NOT_READ;
}

bool
cross_check(const struct plan_facts *facts, struct err *err)
{
	if (!facts->cross.asked && facts->facts.vault_why.kind == ERR_NONE)
		return true;
	if (!facts->cross.asked)
		return err_set(err, facts->facts.vault_why.kind, facts->facts.vault_why.code,
			"%s; one of another tenant takes --vault-tenant and --federated-client-id",
			facts->facts.vault_why.msg);
	if (facts->cross.client[0] == '\0')
		return refuse(err,
			"a vault of another tenant is reached through an application that both tenants "
			"know: name it with --federated-client-id");
	if (facts->want_identity[0] == '\0')
		return err_set(err, ERR_REFUSED, "UserIdentity",
			"a system-assigned identity cannot reach another tenant (%s): name a "
			"user-assigned identity of %s with --user-identity",
			service_storage.article, facts->account.name);
	return facts->create_bits == 0 ||
	       refuse(err, "a key of another tenant is made by an operator of that tenant: leave "
			   "--create-key out and name the key by the URI he hands over");
}

bool
cross_find_vault(struct estate *estate, struct plan_facts *facts, struct err *err)
{
	const struct keyid *want = &facts->want;
	struct err why;

	if (estate_find_vault(estate, want->vault, &facts->vault, &why))
		return true;
	if (why.kind == ERR_CANCELLED) {
		*err = why;
		return false;
	}
	facts->vault = (struct armid){0};
	snprintf(facts->vault.name, sizeof facts->vault.name, "%s", want->vault);
	snprintf(facts->vault.type, sizeof facts->vault.type, "%s", vault_type(want->hsm));
	if (why.kind == ERR_NOT_FOUND)
		err_set(&why, why.kind, why.code,
			"no vault %s is among those that this sign-in can list", want->vault);
	facts->facts.vault_why = why;
	return true;
}

bool
cross_hides_vault(const struct plan_facts *facts)
{
	return facts->cross.asked && facts->facts.vault_known == KNOWN_NOT_READ;
}

bool
cross_hides_key(const struct plan_facts *facts)
{
	return facts->cross.asked && facts->facts.key_known == KNOWN_NOT_READ;
}

bool
cross_sees_rights(const struct plan_facts *facts)
{
	const struct facts *read = &facts->facts;

	return read->vault_known == KNOWN_READ && facts->cross.principal[0] &&
	       (store_of(&read->vault)->list == NULL || read->roles_known == KNOWN_READ);
}

/* The name by which the session signs in to the tenant that something in ARM belongs to. */
static const char *
tenant_of(const struct plan_facts *facts, const struct armid *id)
{
	char text[ARMID_MAX], *url = mem_printf("%s%s", session_cloud(facts->session)->arm,
				      armid_print(id, text));
	const char *name = session_tenant_for(facts->session, url);

	free(url);
	return name[0] ? name : session_tenant(facts->session);
}

/* The same of the tenant that was asked for, or that the vault is listed in; NULL: none of the
 * session's. */
static const char *
vault_tenant(const struct plan_facts *facts)
{
	for (size_t i = 0; i < session_tenants(facts->session); i++)
		if (text_casecmp(session_tenant_at(facts->session, i), facts->cross.tenant) == 0)
			return session_tenant_at(facts->session, i);
	return facts->vault.subscription[0] ? tenant_of(facts, &facts->vault) : NULL;
}

bool
cross_is_elsewhere(const struct plan_facts *facts)
{
	return facts->vault.subscription[0] && text_casecmp(tenant_of(facts, &facts->vault),
						       tenant_of(facts, &facts->account)) != 0;
}

static bool
is_across(const struct plan_facts *facts)
{
	return facts->cross.asked;
}

static bool
build_home(const struct plan_facts *facts, struct request *out, struct err *err)
{
	return step_read_tenant.build(facts, out, err);
}

static enum outcome
accept_home(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	if (reply == NULL && (failure->http == 403 || failure->http == 404))
		return OUTCOME_DONE;
	return step_read_tenant.accept(facts, reply, failure, err);
}

const struct step cross_read_home = {
	.name = "tenant",
	.title = "Read the tenant of the account",
	.needed = is_across,
	.build = build_home,
	.accept = accept_home,
};

static bool
asks_trust(const struct plan_facts *facts)
{
	return facts->cross.asked && session_cloud(facts->session)->graph[0];
}

static void
ask_graph(const struct plan_facts *facts, const char *tenant, char *path, struct request *out)
{
	*out = (struct request){.method = HTTP_GET, .audience = AUDIENCE_GRAPH};
	snprintf(out->tenant, sizeof out->tenant, "%s", tenant);
	out->url = mem_printf("%s/v1.0/%s", session_cloud(facts->session)->graph, path);
	free(path);
}

static bool
build_trust(const struct plan_facts *facts, struct request *out, struct err *err)
{
	(void)err;
	ask_graph(facts, tenant_of(facts, &facts->account),
		mem_printf("applications(appId='%s')/federatedIdentityCredentials",
			facts->cross.client),
		out);
	return true;
}

static bool
has_audience(const json_t *credential)
{
	const json_t *list = json_at(credential, "audiences");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *one = json_string_value(json_array_get(list, i));

		if (one && text_case_starts(one, "api://AzureADTokenExchange"))
			return true;
	}
	return false;
}

/* Whether a credential lets the account's identity in: its principal, as the account's tenant
 * issues its tokens. */
static bool
lets_in(const struct plan_facts *facts, const json_t *credential)
{
	const char *principal = step_identity_principal(facts);
	char subject[200], issuer[300], wanted[96];

	if (!json_text(credential, "subject", subject, sizeof subject, NULL) ||
		!json_text(credential, "issuer", issuer, sizeof issuer, NULL))
		return false;
	snprintf(wanted, sizeof wanted, "%s/v2.0", facts->tenant);
	return principal[0] && text_casecmp(subject, principal) == 0 &&
	       text_case_ends(issuer, wanted) && has_audience(credential);
}

/* Whatever goes wrong with these two reads leaves the answer unknown. */
static const json_t *
take_list(const struct reply *reply, const char *what, json_t **json, struct err *why)
{
	const json_t *list = NULL;

	*json = step_json(reply, what, why);
	if (*json && json_list(*json, "value", &list, why) && list == NULL)
		err_set(why, ERR_FAILED, "BadReply", "%s: the reply has no list", what);
	return list;
}

static enum outcome
accept_trust(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	const json_t *list;
	json_t *json;

	(void)err;
	if (reply == NULL) {
		facts->cross.trust_known = known_of(failure);
		facts->cross.trust_why = *failure;
		return OUTCOME_DONE;
	}
	list = take_list(reply, "federated credentials", &json, &facts->cross.trust_why);
	if (list && facts->tenant[0] == '\0') {
		list = NULL;
		err_set(&facts->cross.trust_why, ERR_FAILED, "",
			"the tenant that issues the account's tokens could not be read");
	}
	facts->cross.trust_known = list ? KNOWN_READ : KNOWN_FAILED;
	facts->cross.trusts = false;
	for (size_t i = 0; i < json_array_size(list); i++)
		if (lets_in(facts, json_array_get(list, i)))
			facts->cross.trusts = true;
	json_decref(json);
	return OUTCOME_DONE;
}

const struct step cross_read_trust = {
	.name = "trust",
	.title = "Read whom the application trusts",
	.needed = asks_trust,
	.build = build_trust,
	.accept = accept_trust,
};

static bool
asks_installed(const struct plan_facts *facts)
{
	return asks_trust(facts) && vault_tenant(facts);
}

static bool
build_installed(const struct plan_facts *facts, struct request *out, struct err *err)
{
	(void)err;
	ask_graph(facts, vault_tenant(facts),
		mem_printf("servicePrincipals?$filter=appId%%20eq%%20'%s'", facts->cross.client),
		out);
	return true;
}

static enum outcome
accept_installed(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	struct err *why = &facts->cross.installed_why;
	enum known *known = &facts->cross.installed_known;
	char id[sizeof facts->cross.principal] = "";
	const json_t *list;
	json_t *json;

	(void)err;
	if (reply == NULL) {
		*known = failure->kind == ERR_DENIED ? KNOWN_DENIED : KNOWN_FAILED;
		*why = *failure;
		return OUTCOME_DONE;
	}
	list = take_list(reply, "service principals", &json, why);
	if (json_array_size(list) == 0)
		*known = list ? KNOWN_ABSENT : KNOWN_FAILED;
	else if (json_need_text(json_array_get(list, 0), "id", id, sizeof id, why) &&
		 armid_is_guid(id))
		*known = KNOWN_READ;
	else
		*known = KNOWN_FAILED;
	snprintf(facts->cross.principal, sizeof facts->cross.principal, "%s",
		*known == KNOWN_READ ? id : "");
	json_decref(json);
	return OUTCOME_DONE;
}

const struct step cross_read_installed = {
	.name = "installed",
	.title = "Read what the application is in the vault's tenant",
	.needed = asks_installed,
	.build = build_installed,
	.accept = accept_installed,
};
