/* The reads before something is made: whether it is there, whether its name can be had, and what
 * has to be known of where it is to be. What cannot be told here is left to the answer of the call
 * that makes it. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/plans/step.h"

bool
step_location(const char *text, char out[64], struct err *err)
{
	size_t len = 0;

	for (const char *at = text; *at; at++) {
		if (*at == ' ')
			continue;
		if (!isalnum((unsigned char)*at) || len + 1 >= 64)
			return err_set(err, ERR_USAGE, "",
				"--location: a region has letters and digits only, as westeurope");
		out[len++] = (char)tolower((unsigned char)*at);
	}
	out[len] = '\0';
	return len || err_set(err, ERR_USAGE, "", "--location: must name a region");
}

static bool
build_account(const struct plan_facts *facts, struct request *out, struct err *err)
{
	(void)err;
	estate_get_account(facts->session, &facts->account, out);
	return true;
}

/* Until it is there the facts hold the account as it is to be. */
static enum outcome
accept_account(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	if (reply)
		return step_take_account(facts, reply, err) ? OUTCOME_DONE : OUTCOME_FAILED;
	if (failure->http != 404)
		return step_failed(failure, err);
	facts->facts.account_known = KNOWN_ABSENT;
	return OUTCOME_DONE;
}

const struct step step_read_new_account = {
	.name = "account",
	.title = "Look for the account",
	.build = build_account,
	.accept = accept_account,
};

static bool
has_identity(const struct plan_facts *facts)
{
	return facts->identity.name[0] != '\0';
}

static bool
build_identity(const struct plan_facts *facts, struct request *out, struct err *err)
{
	(void)err;
	estate_get_vault(facts->session, &facts->identity, out);
	return true;
}

static enum outcome
accept_identity(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	json_t *json;
	bool ok;

	if (reply == NULL) {
		facts->gone_known = known_of(failure);
		return failure->http == 404 || failure->http == 403 ? OUTCOME_DONE
								    : step_failed(failure, err);
	}
	json = step_json(reply, "identity", err);
	ok = json &&
	     json_need_text(json, "properties.principalId", facts->identity_principal,
		     sizeof facts->identity_principal, err) &&
	     json_text(json, "location", facts->identity_location, sizeof facts->identity_location,
		     err);
	json_decref(json);
	return ok ? OUTCOME_DONE : OUTCOME_FAILED;
}

const struct step step_read_identity = {
	.name = "identity",
	.title = "Read the identity",
	.on = STEP_ON_IDENTITY,
	.needed = has_identity,
	.build = build_identity,
	.accept = accept_identity,
};

static bool
build_tenant(const struct plan_facts *facts, struct request *out, struct err *err)
{
	(void)err;
	*out = (struct request){.method = HTTP_GET, .audience = AUDIENCE_ARM};
	out->url = mem_printf("%s/subscriptions/%s?api-version=%s",
		session_cloud(facts->session)->arm, facts->subject.id.subscription,
		session_api_version(facts->session, "subscriptions"));
	return true;
}

static enum outcome
accept_tenant(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	json_t *json;
	bool ok;

	if (reply == NULL)
		return step_failed(failure, err);
	json = step_json(reply, "subscription", err);
	ok = json && json_need_text(json, "tenantId", facts->tenant, sizeof facts->tenant, err);
	json_decref(json);
	return ok ? OUTCOME_DONE : OUTCOME_FAILED;
}

const struct step step_read_tenant = {
	.name = "tenant",
	.title = "Read the tenant of the subscription",
	.build = build_tenant,
	.accept = accept_tenant,
};

static bool
is_absent(const struct plan_facts *facts)
{
	return (facts->subject.kind == SUBJECT_VAULT ? facts->facts.vault_known
						     : facts->facts.account_known) == KNOWN_ABSENT;
}

/* Batch asks in the region, the others in the subscription. */
static bool
build_name(const struct plan_facts *facts, struct request *out, struct err *err)
{
	const struct armid *id = &facts->subject.id;
	bool batch = text_casecmp(id->type, service_batch.arm_type) == 0;

	(void)err;
	*out = (struct request){.method = HTTP_POST, .audience = AUDIENCE_ARM};
	out->url = mem_printf("%s/subscriptions/%s/providers/%.*s/%s%s%scheckNameAvailability"
			      "?api-version=%s",
		session_cloud(facts->session)->arm, id->subscription, (int)strcspn(id->type, "/"),
		id->type, batch ? "locations/" : "", batch ? facts->location : "", batch ? "/" : "",
		session_api_version(facts->session, id->type));
	out->body = step_body(json_pack("{s:s, s:s}", "name", id->name, "type", id->type));
	return true;
}

static enum outcome
accept_name(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	enum tri available = TRI_UNKNOWN;
	char why[1000] = "";
	json_t *json;
	bool ok;

	if (reply == NULL)
		return failure->http == 403 ? OUTCOME_DONE : step_failed(failure, err);
	json = step_json(reply, "availability of the name", err);
	ok = json && json_flag(json, "nameAvailable", &available, err) &&
	     json_text(json, "message", why, sizeof why, err);
	json_decref(json);
	if (ok && available == TRI_NO)
		snprintf(facts->name_taken, sizeof facts->name_taken, "%.200s",
			why[0] ? why : "Azure says that it cannot be had");
	return ok ? OUTCOME_DONE : OUTCOME_FAILED;
}

const struct step step_read_name = {
	.name = "name",
	.title = "Ask whether the name can be had",
	.needed = is_absent,
	.build = build_name,
	.accept = accept_name,
};

static bool
build_gone(const struct plan_facts *facts, struct request *out, struct err *err)
{
	const struct armid *id = &facts->subject.id;
	bool hsm = text_casecmp(id->type, vault_type(true)) == 0;

	(void)err;
	*out = (struct request){.method = HTTP_GET, .audience = AUDIENCE_ARM};
	out->url = mem_printf("%s/subscriptions/%s/providers/Microsoft.KeyVault/locations/%s/%s/%s"
			      "?api-version=%s",
		session_cloud(facts->session)->arm, id->subscription, facts->location,
		hsm ? "deletedManagedHSMs" : "deletedVaults", id->name,
		session_api_version(facts->session, id->type));
	return true;
}

static enum outcome
accept_gone(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	facts->gone_known = reply ? KNOWN_READ : known_of(failure);
	if (facts->gone_known != KNOWN_FAILED)
		return OUTCOME_DONE;
	return step_failed(failure, err);
}

const struct step step_read_gone_vault = {
	.name = "deleted",
	.title = "Look among the deleted vaults",
	.on = STEP_ON_VAULT,
	.needed = is_absent,
	.build = build_gone,
	.accept = accept_gone,
};
