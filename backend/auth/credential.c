/* What all ways to sign in share: the order in which they are tried, and Entra's answer. */
#include "backend/auth/credential.h"

#include <stdio.h>
#include <string.h>

#include "backend/auth/ways.h"
#include "backend/json.h"

enum { TOKEN_TEXT_MAX = 64 << 10, LIFE_MOST_S = 7 * 24 * 3600 };

const struct credential_kind *const credential_kinds[] = {
	&credential_client_secret,
};
const size_t credential_kinds_len = ARRAY_LEN(credential_kinds);

static bool
complete(const struct credential *credential, const char *name, char reason[160])
{
	const char *missing = NULL;

	if (credential->tenant[0] == '\0')
		missing = "AZURE_TENANT_ID is not set and the profile names no tenant";
	else if (credential->client_id[0] == '\0')
		missing = "AZURE_CLIENT_ID is not set and the profile names no client-id";
	if (missing)
		snprintf(reason, 160, "%s: %s", name, missing);
	return missing == NULL;
}

bool
credential_find_for(
	const char *tenant, const char *client_id, struct credential *out, struct err *err)
{
	char reasons[400] = "", reason[160], line[sizeof reason + 40];
	size_t used;

	for (size_t i = 0; i < credential_kinds_len; i++) {
		const struct credential_kind *kind = credential_kinds[i];

		*out = (struct credential){.kind = kind};
		if (kind->find(out, reason)) {
			if (tenant[0])
				snprintf(out->tenant, sizeof out->tenant, "%s", tenant);
			if (client_id[0])
				snprintf(out->client_id, sizeof out->client_id, "%s", client_id);
			if (complete(out, kind->name, line))
				return true;
		} else {
			snprintf(line, sizeof line, "%s: %s", kind->name, reason);
		}
		credential_free(out);
		used = strlen(reasons);
		snprintf(reasons + used, sizeof reasons - used, "%s%s", used ? "; " : "", line);
	}
	return err_set(err, ERR_DENIED, "NoCredential",
		"no way to sign in was found (%s); set AZURE_TENANT_ID, AZURE_CLIENT_ID and "
		"AZURE_CLIENT_SECRET, or try --sandbox",
		reasons);
}

bool
credential_find(struct credential *out, struct err *err)
{
	return credential_find_for("", "", out, err);
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

static bool
is_token(const char *s, size_t len)
{
	if (len == 0 || len > TOKEN_TEXT_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		if (s[i] < 0x21 || s[i] > 0x7e)
			return false;
	return true;
}

bool
credential_accept(
	const struct reply *reply, struct secret *token, int64_t *expires_in_s, struct err *err)
{
	json_t *root;
	const json_t *text;
	bool ok;

	*token = (struct secret){0};
	*expires_in_s = 0;
	if (reply->status != 200)
		return refused(reply, err);
	root = json_read(buf_text(&reply->body), reply->body.len, "answer to the sign-in", err);
	if (root == NULL)
		return false;
	text = json_at(root, "access_token");
	ok = json_number(root, "expires_in", expires_in_s, err);
	if (ok && (!json_is_string(text) ||
			  !is_token(json_string_value(text), json_string_length(text))))
		ok = err_set(err, ERR_FAILED, "BadReply",
			"the answer to the sign-in holds no usable access_token");
	if (ok && (*expires_in_s <= 0 || *expires_in_s > LIFE_MOST_S))
		ok = err_set(err, ERR_FAILED, "BadReply",
			"the answer to the sign-in holds no usable expires_in");
	if (ok)
		secret_set(token, json_string_value(text), json_string_length(text));
	json_decref(root);
	return ok;
}
