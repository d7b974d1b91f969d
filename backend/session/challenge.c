/* What a 401 says of where to sign in. It is only compared with what the profile says: whoever can
 * write a challenge must not choose where we sign in, nor as whom. */
#include <stdio.h>
#include <string.h>

#include "backend/azure/armid.h"
#include "backend/base/text.h"
#include "backend/session/call.h"
#include "backend/json/json.h"
#include "backend/net/origin.h"

/* Takes the token of the tenant that a challenge names, as long as the profile names it as well. */
static bool
take_tenant(struct call *call, const char *tenant, struct err *err)
{
	struct session *session = call->session;
	const char *home = session->tenant_id[0] ? session->tenant_id : session->tenant;
	const char *other = tenants_find(session->tenants, tenant);
	bool ours = text_casecmp(tenant, home) == 0;

	if (!armid_is_guid(tenant) || (!ours && !other && !armid_is_guid(home)))
		return true;
	if (!ours && !other)
		return err_set(err, ERR_DENIED, "WrongTenant",
			"%s: belongs to tenant %s, but this profile signs in to %s%s; add that "
			"tenant's id to the profile's key tenant, or use a profile of it",
			call->host, tenant, home,
			session->profile.other_tenants_len ? " and others" : "");
	tenants_correct(
		session->tenants, &session->profile.cloud, call->now.url, ours ? "" : other);
	snprintf(call->tenant, sizeof call->tenant, "%s", ours ? session->tenant : other);
	return true;
}

bool
challenge_take(struct call *call, const struct reply *reply, struct err *err)
{
	char tenant[64], resource[AUDIENCE_ROOM];

	bool names_place =
		call->now.audience == AUDIENCE_VAULT || call->now.audience == AUDIENCE_HSM;

	if (reply->challenge == NULL || (!names_place && call->now.audience != AUDIENCE_ARM))
		return true;
	if (call->now.audience == AUDIENCE_ARM) {
		if (!origin_tenant(reply->challenge, tenant) || take_tenant(call, tenant, NULL))
			return true;
		/* What Azure says of a foreign tenant tells more than we could. */
		json_error(buf_text(&reply->body), reply->body.len, reply->status,
			reply->request_id, err);
		return false;
	}
	if (!origin_challenge(reply->challenge, call->now.url, &call->session->profile.cloud,
		    tenant, resource, err) ||
		!take_tenant(call, tenant, err))
		return false;
	snprintf(call->audience, sizeof call->audience, "%s", resource);
	return true;
}

bool
challenge_is_foreign(const struct call *call, const struct reply *reply, char named[HOST_ROOM])
{
	char ours[HOST_ROOM];

	return call->now.audience != AUDIENCE_ARM && reply->challenge &&
	       origin_authority(reply->challenge, named, HOST_ROOM) &&
	       origin_host(call->session->profile.cloud.authority, ours, sizeof ours) &&
	       strcmp(named, ours) != 0;
}
