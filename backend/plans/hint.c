/* The same questions that prepare and the preflight ask, answered from the rows that are there: an
 * operator sees while he types what he would else be told after three requests. A row that is not
 * there proves nothing as long as not everything was read, so only prepare refuses. */
#include "backend/plans/hint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/period.h"
#include "backend/base/text.h"
#include "backend/estate/kind.h"
#include "backend/json/json.h"

const char *
filling_value(const struct filling *filling, const char *field)
{
	for (size_t i = 0; i < filling->fields_len; i++)
		if (strcmp(filling->fields[i]->name, field) == 0)
			return filling->values[i] ? filling->values[i] : "";
	return "";
}

const char *
filling_text(const json_t *object, const char *member)
{
	const char *text = json_string_value(json_object_get(object, member));

	return text ? text : "";
}

static const char *
own_value(const struct filling *filling)
{
	const char *value = filling->values[filling->field];

	return value ? value : "";
}

static enum hint
say(enum hint hint, char *out, size_t room, const char *text)
{
	snprintf(out, room, "%s", text);
	return hint;
}

const char *
filling_tenant(const struct filling *filling)
{
	const char *tenant;

	if (filling->facts && filling->facts->account.identity.tenant[0])
		return filling->facts->account.identity.tenant;
	tenant = session_tenant(estate_session(filling->estate));
	return armid_is_guid(tenant) ? tenant : "";
}

json_t *
filling_vault(const struct filling *filling, const char *name)
{
	const struct estate *estate = filling->estate;
	struct armid id;

	for (size_t i = 0; *name && i < kind_vault.count(estate); i++) {
		kind_vault_id(estate, i, &id);
		if (text_casecmp(id.name, name) == 0)
			return kind_vault.json(estate, i);
	}
	return NULL;
}

json_t *
filling_key(const struct filling *filling, const struct keyid *key)
{
	const struct estate *estate = filling->estate;
	struct keyid id;

	for (size_t i = 0; key->key[0] && i < kind_key.count(estate); i++) {
		kind_key_id(estate, i, &id);
		if (text_casecmp(id.key, key->key) == 0 && text_casecmp(id.vault, key->vault) == 0)
			return kind_key.json(estate, i);
	}
	return NULL;
}

bool
filling_has_read(const struct filling *filling, unsigned part)
{
	struct err why;

	return (estate_read(filling->estate) & part) && !estate_lacks(filling->estate, part, &why);
}

static bool
takes_tenants(const struct filling *filling)
{
	for (size_t i = 0; i < filling->fields_len; i++)
		if (strcmp(filling->fields[i]->name, "vault-tenant") == 0)
			return filling->service && filling->service->cross_tenant;
	return false;
}

/* Not there by name is only not there when all of them were read. */
static enum hint
no_vault(const struct filling *filling, const char *name, char *out, size_t room)
{
	if (filling_has_read(filling, ESTATE_VAULTS)) {
		if (takes_tenants(filling))
			snprintf(out, room,
				"No vault %.24s is known here: ^P lists those that are; one of "
				"another tenant needs its tenant and application below",
				name);
		else
			snprintf(out, room, "No vault %.24s is known here: ^P lists those that are",
				name);
		return HINT_BAD;
	}
	snprintf(out, room, "No vault %.24s among those read so far; not all could be read", name);
	return HINT_WARNS;
}

/* What the vault is like as a home for a key that an account is to use. */
static enum hint
judge_vault(const struct filling *filling, const char *name, char *out, size_t room)
{
	json_t *json = filling_vault(filling, name);
	const char *tenant = filling_text(json, "tenantId"), *own = filling_tenant(filling);
	const char *model = filling_text(json, "grantModel"), *kind = filling_text(json, "kind");
	bool crosses = *tenant && *own && text_casecmp(tenant, own) != 0;
	bool hsm = strcmp(kind, "managedHsm") == 0;
	enum hint hint = HINT_GOOD;

	if (json == NULL)
		return *name ? no_vault(filling, name, out, room) : HINT_NONE;
	if (crosses && filling->service && !filling->service->cross_tenant) {
		snprintf(out, room, "%s is in another tenant: %s takes keys of its own tenant only",
			name, filling->service->title);
		hint = HINT_BAD;
	} else if (crosses && *filling_value(filling, "vault-tenant") == '\0') {
		snprintf(out, room,
			"%s is in another tenant (%.36s): say which, and the federated application",
			name, tenant);
		hint = HINT_WARNS;
	} else if (hsm && filling->service && !filling->service->managed_hsm) {
		snprintf(out, room, "%s takes keys of key vaults, not of a managed HSM",
			filling->service->title);
		hint = HINT_BAD;
	} else if (json_is_false(json_object_get(json, "purgeProtection"))) {
		snprintf(out, room,
			"%s has no purge protection yet: no service takes its keys before", name);
		hint = HINT_WARNS;
	} else {
		snprintf(out, room, "%s, %s, %s", hsm ? "A managed HSM" : "A key vault",
			filling_text(json, "location"),
			strcmp(model, "rbac") == 0 ? "rights by roles"
						   : "rights by access policies");
	}
	json_decref(json);
	return hint;
}

enum hint
hint_vault(const struct filling *filling, char *out, size_t room)
{
	return judge_vault(filling, own_value(filling), out, room);
}

enum hint
hint_other_vault(const struct filling *filling, char *out, size_t room)
{
	const char *name = own_value(filling);

	if (*name && text_casecmp(name, filling->subject->key.vault) == 0)
		return say(HINT_WARNS, out, room,
			"The same vault: whoever copied the old key there may copy the new one");
	return judge_vault(filling, name, out, room);
}

enum hint
hint_bits(const struct filling *filling, char *out, size_t room)
{
	unsigned bits = (unsigned)strtoul(own_value(filling), NULL, 10);
	const struct service *service = filling->service;

	if (bits == 0)
		return say(HINT_TELLS, out, room,
			filling->plan->makes ? "Required: 3072 is enough for new keys beyond 2030"
					     : "None: the key must be there already");
	if (service && (bits < service->bits_min || bits > service->bits_max)) {
		snprintf(out, room, "%s takes RSA keys of %u to %u bits", service->title,
			service->bits_min, service->bits_max);
		return HINT_BAD;
	}
	if (service && strcmp(service->name, "batch") == 0 && bits > 2048)
		return say(HINT_TELLS, out, room,
			"Batch: the first article knew 2048 only, the newer one takes this size");
	return say(HINT_GOOD, out, room, "The three services take this size");
}

enum hint
hint_identity(const struct filling *filling, char *out, size_t room)
{
	const char *text = own_value(filling);
	const struct facts *facts = filling->facts;
	char known[ARMID_MAX];
	struct armid id;
	struct err err;

	if (*text == '\0')
		return HINT_NONE;
	if (!armid_parse(&id, text, &err))
		return say(HINT_BAD, out, room, "An ARM id is wanted: ^P lists the identities");
	for (size_t i = 0; facts && i < facts->account.identity.users_len; i++)
		if (text_casecmp(facts->account.identity.users[i].id, text) == 0)
			return say(HINT_GOOD, out, room, "The account has it");
	for (size_t i = 0; i < kind_identity.count(filling->estate); i++) {
		kind_identity_id(filling->estate, i, &id);
		if (text_casecmp(armid_print(&id, known), text) != 0)
			continue;
		if (facts && !strstr(filling->plan->name, "assign"))
			return say(HINT_WARNS, out, room,
				"It is there, but the account does not have it: identity assign first");
		return say(HINT_GOOD, out, room, "It is there");
	}
	return filling_has_read(filling, ESTATE_IDENTITIES)
		       ? say(HINT_BAD, out, room, "No such identity: ^P lists those that are there")
		       : HINT_NONE;
}

enum hint
hint_client(const struct filling *filling, char *out, size_t room)
{
	const char *text = own_value(filling);

	if (*text == '\0')
		return *filling_value(filling, "vault-tenant")
			       ? say(HINT_BAD, out, room,
					 "Another tenant is reached through an application: its client id")
			       : HINT_NONE;
	if (!armid_is_guid(text))
		return say(HINT_BAD, out, room, "A client id is a GUID of 36 characters");
	return say(HINT_TELLS, out, room,
		"It must be multi-tenant, trust the identity, and be installed in the vault's "
		"tenant: the preflight looks");
}

enum hint
hint_tenant(const struct filling *filling, char *out, size_t room)
{
	const char *text = own_value(filling);

	if (*text == '\0')
		return *filling_value(filling, "federated-client-id")
			       ? say(HINT_BAD, out, room,
					 "The application is for a vault of another "
					 "tenant: which?")
			       : say(HINT_TELLS, out, room, "Empty: the vault is in this tenant");
	if (text_casecmp(text, filling_tenant(filling)) == 0)
		return say(
			HINT_WARNS, out, room, "That is the account's own tenant: leave it empty");
	if (*filling_value(filling, "user-identity") == '\0')
		return say(HINT_WARNS, out, room,
			"A system-assigned identity reaches no other tenant: give a user-assigned one");
	return say(HINT_GOOD, out, room,
		"The key is then named by its URI, as its owner hands it over");
}

enum hint
hint_location(const struct filling *filling, char *out, size_t room)
{
	const char *text = own_value(filling);
	json_t *vault = filling_vault(filling, filling_value(filling, "vault"));
	const char *there = filling_text(vault, "location");
	enum hint hint = HINT_NONE;

	if (*text && text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789")])
		hint = say(HINT_BAD, out, room,
			"A region is named in small letters and digits, as westeurope");
	else if (*text && *there && strcmp(there, text) != 0) {
		snprintf(out, room, "The vault is in %.40s: allowed, but both regions must be up",
			there);
		hint = HINT_WARNS;
	}
	json_decref(vault);
	return hint;
}

enum hint
hint_period(const struct filling *filling, char *out, size_t room)
{
	const char *text = own_value(filling);
	struct period period;
	int days;

	if (*text == '\0')
		return say(HINT_TELLS, out, room, "Empty: stays as it is");
	if (!period_parse(text, &period) || period.seconds)
		return say(HINT_BAD, out, room,
			"P, then years, months, weeks or days: P90D, P6M, P1Y, P2Y");
	days = period.months / 12 * 365 + period.months % 12 * 30 + period.days;
	if (period.months)
		snprintf(out, room, "%d days, a month counted as 30 and a year as 365", days);
	else
		snprintf(out, room, "%d days", days);
	return HINT_GOOD;
}
