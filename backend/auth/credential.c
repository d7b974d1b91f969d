/* What all ways to sign in share: the order in which they are tried, and Entra's answer. */
#include "backend/auth/credential.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/auth/ways.h"
#include "backend/base/clock.h"
#include "backend/base/text.h"
#include "backend/json/json.h"

enum { TOKEN_TEXT_MAX = 64 << 10, LIFE_MOST_S = 7 * 24 * 3600 };

const struct credential_kind *const credential_kinds[] = {
	&credential_client_secret,
	&credential_client_certificate,
	&credential_workload_identity,
	&credential_managed_identity,
	&credential_az_cli,
	&credential_login,
};
const size_t credential_kinds_len = ARRAY_LEN(credential_kinds);

bool
credential_variable(const char *name, char *out, size_t room, char reason[CREDENTIAL_REASON])
{
	const char *value = getenv(name);

	if (value && !text_copy(out, room, value)) {
		snprintf(reason, CREDENTIAL_REASON, "%s is too long", name);
		return false;
	}
	return true;
}

const struct credential_kind *
credential_kind_find(const char *name)
{
	for (size_t i = 0; i < credential_kinds_len; i++)
		if (strcmp(credential_kinds[i]->name, name) == 0)
			return credential_kinds[i];
	return NULL;
}

static bool
is_complete(const struct credential *credential, char reason[CREDENTIAL_REASON])
{
	const struct credential_kind *kind = credential->kind;
	const char *missing = NULL;

	if (kind->needs_tenant && credential->tenant[0] == '\0')
		missing = "AZURE_TENANT_ID is not set and the profile names no tenant";
	else if (kind->needs_client_id && credential->client_id[0] == '\0')
		missing = "AZURE_CLIENT_ID is not set and the profile names no client-id";
	if (missing)
		snprintf(reason, CREDENTIAL_REASON, "%s", missing);
	return missing == NULL;
}

enum credential_offer
credential_offer(const struct credential_kind *kind, const struct credential_wish *wish,
	struct credential *out, char reason[CREDENTIAL_REASON])
{
	enum credential_offer offer;

	*out = (struct credential){.kind = kind};
	if (wish->way[0] && strcmp(wish->way, "auto") != 0 && strcmp(wish->way, kind->name) != 0) {
		snprintf(reason, CREDENTIAL_REASON, "the profile says auth = %s", wish->way);
		return OFFER_NO;
	}
	offer = kind->find(wish, out, reason);
	out->kind = kind;
	if (wish->tenant[0])
		snprintf(out->tenant, sizeof out->tenant, "%s", wish->tenant);
	if (wish->client_id[0])
		snprintf(out->client_id, sizeof out->client_id, "%s", wish->client_id);
	if (offer != OFFER_NO && !is_complete(out, reason))
		offer = OFFER_NO;
	if (offer == OFFER_NO)
		credential_free(out);
	return offer;
}

void
token_reply_free(struct token_reply *reply)
{
	secret_free(&reply->token);
	secret_free(&reply->refresh);
	*reply = (struct token_reply){0};
}

void
credential_copy(struct credential *to, const struct credential *from)
{
	*to = *from;
	to->secret = (struct secret){0};
	if (from->secret.len)
		secret_set(&to->secret, from->secret.bytes, from->secret.len);
}

void
credential_free(struct credential *credential)
{
	secret_free(&credential->secret);
	*credential = (struct credential){0};
}

/* Entra answers a refused sign-in with 400 or 401: both mean that the caller is not let in. */
static bool
refused(const struct reply *reply, struct err *err)
{
	json_error(buf_text(&reply->body), reply->body.len, reply->status, reply->request_id, err);
	if (err && (reply->status == 400 || reply->status == 401))
		err->kind = ERR_DENIED;
	return false;
}

bool
credential_is_token(const char *s, size_t len)
{
	if (len == 0 || len > TOKEN_TEXT_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		if (s[i] < 0x21 || s[i] > 0x7e)
			return false;
	return true;
}

/* Seconds that a token lives: expires_in, or where App Service writes only a time, what is left
 * until then by its own clock. */
static bool
read_life(const json_t *root, const struct reply *reply, int64_t *out, struct err *err)
{
	int64_t until = 0;

	*out = 0;
	if (!json_number(root, "expires_in", out, err) ||
		(*out == 0 && !json_number(root, "expires_on", &until, err)))
		return false;
	if (until > 0)
		*out = until - (reply->date ? reply->date : clock_wall());
	return (*out > 0 && *out <= LIFE_MOST_S) ||
	       err_set(err, ERR_FAILED, "BadReply",
		       "the answer to the sign-in holds no usable expires_in");
}

bool
credential_accept(const struct reply *reply, struct token_reply *out, struct err *err)
{
	json_t *root;
	const json_t *text, *refresh;
	bool ok;

	*out = (struct token_reply){0};
	if (reply->status != 200)
		return refused(reply, err);
	root = json_read(buf_text(&reply->body), reply->body.len, "answer to the sign-in", err);
	if (root == NULL)
		return false;
	text = json_at(root, "access_token");
	refresh = json_at(root, "refresh_token");
	ok = read_life(root, reply, &out->expires_in_s, err);
	if (ok && (!json_is_string(text) ||
			  !credential_is_token(json_string_value(text), json_string_length(text))))
		ok = err_set(err, ERR_FAILED, "BadReply",
			"the answer to the sign-in holds no usable access_token");
	if (ok)
		secret_set(&out->token, json_string_value(text), json_string_length(text));
	if (ok && json_is_string(refresh) &&
		credential_is_token(json_string_value(refresh), json_string_length(refresh)))
		secret_set(&out->refresh, json_string_value(refresh), json_string_length(refresh));
	json_decref(root);
	return ok;
}
