/* A token has come: what it says of us and of its tenant is read once, and it is kept for the calls
 * to come. What rights it gives only the services know. */
#include <stdio.h>
#include <string.h>

#include "backend/azure/armid.h"
#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/session/call.h"
#include "backend/json/json.h"
#include "crypto/jws.h"

enum { CLAIMS_MAX = 64 << 10 };

/* A managed identity and some others have one tenant, whatever they are asked for: their token must
 * not pass for one of another. id "" is not known. */
static bool
is_of_tenant(const struct session *session, const char *asked, const char *id, struct err *err)
{
	bool own = text_casecmp(asked, session->tenant) == 0;
	bool right = armid_is_guid(asked) ? text_casecmp(asked, id) == 0
					  : own || text_casecmp(session->tenant_id, id) != 0;

	return id[0] == '\0' || right ||
	       err_set(err, ERR_DENIED, "WrongTenant",
		       "its token is of tenant %s; use a profile of that tenant, or a way to sign "
		       "in that this one has",
		       id);
}

/* The first of the claims that hold a name for people. */
static void
take_name(struct session *session, const json_t *claims)
{
	static const char *const names[] = {"upn", "preferred_username", "unique_name"};

	session->operator[0] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(names) && session->operator[0] == '\0'; i++)
		if (!json_text(claims, names[i], session->operator, sizeof session->operator, NULL))
			session->operator[0] = '\0';
}

/* Who we are in the session's own tenant; a token of another one only tells that tenant's id. */
static bool
take_claims(struct session *session, const char *asked, const json_t *claims, struct err *err)
{
	const char *client = json_at(claims, "appid") ? "appid" : "azp";
	char id[64];
	bool ok;

	if (!json_text(claims, "tid", id, sizeof id, NULL))
		id[0] = '\0';
	if (!is_of_tenant(session, asked, id, err))
		return false;
	if (text_casecmp(asked, session->tenant) != 0) {
		tenants_learn_id(session->tenants, asked, id);
		return true;
	}
	memcpy(session->tenant_id, id, sizeof id);
	take_name(session, claims);
	ok = json_text(claims, "oid", session->object_id, sizeof session->object_id, NULL) &&
	     json_text(claims, client, session->client_id, sizeof session->client_id, NULL);
	if (!ok || session->client_id[0] == '\0')
		snprintf(session->client_id, sizeof session->client_id, "%s",
			session->credential.client_id);
	return true;
}

/* Opaque tokens are allowed and say nothing. */
static bool
read_claims(struct session *session, const char *asked, const char *token, struct err *err)
{
	struct buf header, payload;
	json_t *claims = NULL;
	bool ok;

	buf_init(&header, CLAIMS_MAX);
	buf_init(&payload, CLAIMS_MAX);
	if (jws_peek(token, &header, &payload, NULL))
		claims = json_read(buf_text(&payload), payload.len, "token", NULL);
	ok = claims == NULL || take_claims(session, asked, claims, err);
	json_decref(claims);
	buf_free(&header);
	buf_free(&payload);
	return ok;
}

/* A managed identity's tenant, which nobody named, is known from its first token. */
bool
session_take_token(struct session *session, const char *tenant, const char *audience,
	const struct token_reply *reply, struct err *err)
{
	const struct credential_kind *kind = session->credential.kind;
	char *text = secret_text(&reply->token);
	bool ok = read_claims(session, tenant, text, err);

	if (ok && session->tenant[0] == '\0')
		snprintf(session->tenant, sizeof session->tenant, "%s", session->tenant_id);
	if (ok)
		token_put(session->tokens, tenant[0] ? tenant : session->tenant, audience, text,
			reply->expires_in_s, clock_mono_ms());
	mem_zeroing_free(text);
	if (ok && reply->refresh.len && kind->keep)
		kind->keep(&session->credential, &reply->refresh);
	return ok;
}
