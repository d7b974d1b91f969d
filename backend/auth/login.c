/* The kept value is the tenant's id, a line end, and the refresh token: who signs in without naming
 * a tenant learns it from the first answer, and later processes must know it too. */
#include "backend/auth/login.h"

#include <stdio.h>
#include <string.h>

#include "backend/auth/aadsts.h"
#include "backend/auth/ways.h"
#include "backend/base/log.h"
#include "backend/base/mem.h"
#include "backend/net/origin.h"

static const char azure_cli[] = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

bool
login_place(
	const struct credential_wish *wish, struct login_place *out, char reason[CREDENTIAL_REASON])
{
	char host[160];

	*out = (struct login_place){0};
	if (!credential_variable("AZURE_TENANT_ID", out->tenant, sizeof out->tenant, reason) ||
		!credential_variable(
			"AZURE_CLIENT_ID", out->client_id, sizeof out->client_id, reason))
		return false;
	if (wish->tenant[0])
		snprintf(out->tenant, sizeof out->tenant, "%s", wish->tenant);
	if (wish->client_id[0])
		snprintf(out->client_id, sizeof out->client_id, "%s", wish->client_id);
	if (!out->tenant[0])
		snprintf(out->tenant, sizeof out->tenant, "organizations");
	if (!out->client_id[0])
		snprintf(out->client_id, sizeof out->client_id, "%s", azure_cli);
	if (!origin_host(wish->cloud->authority, host, sizeof host)) {
		snprintf(reason, CREDENTIAL_REASON, "the cloud's authority is no https address");
		return false;
	}
	snprintf(out->name, sizeof out->name, "claviger:login:%s:%s:%s", host, out->tenant,
		out->client_id);
	return true;
}

static bool
store(const char *name, const char *tenant, const struct secret *refresh, struct err *err)
{
	size_t head = strlen(tenant) + 1;
	struct secret value = {.len = head + refresh->len};
	bool ok;

	value.bytes = mem_zeroing_malloc(value.len);
	memcpy(value.bytes, tenant, head - 1);
	value.bytes[head - 1] = '\n';
	if (refresh->len)
		memcpy(value.bytes + head, refresh->bytes, refresh->len);
	ok = user_keyring_put(name, &value, LOGIN_SECONDS, err);
	mem_zeroing_free(value.bytes);
	return ok;
}

/* Anything else under our name is not ours: as good as nothing. */
static bool
load(const char *name, struct credential *out, struct err *err)
{
	struct secret value;
	const unsigned char *end;
	bool ok;

	if (!user_keyring_get(name, &value, err))
		return false;
	end = memchr(value.bytes, '\n', value.len);
	ok = end && (size_t)(end - value.bytes) < sizeof out->tenant;
	if (ok) {
		memcpy(out->tenant, value.bytes, (size_t)(end - value.bytes));
		secret_set(&out->secret, end + 1, value.len - (size_t)(end + 1 - value.bytes));
		snprintf(out->file, sizeof out->file, "%s", name);
	}
	secret_free(&value);
	return ok || err_set(err, ERR_NOT_FOUND, "", "what is kept there cannot be read");
}

static enum credential_offer
login_find(
	const struct credential_wish *wish, struct credential *out, char reason[CREDENTIAL_REASON])
{
	struct login_place place;
	struct err err;

	if (!login_place(wish, &place, reason))
		return OFFER_NO;
	if (!load(place.name, out, &err)) {
		snprintf(reason, CREDENTIAL_REASON, "%.*s", CREDENTIAL_REASON - 1,
			err.kind == ERR_NOT_FOUND ? "nobody is signed in; run: claviger login"
						  : err.msg);
		return OFFER_NO;
	}
	snprintf(out->client_id, sizeof out->client_id, "%s", place.client_id);
	return OFFER_YES;
}

static bool
login_build(const struct credential *credential, const struct token_ask *ask, struct request *out,
	struct err *err)
{
	if (credential->secret.len == 0)
		return err_set(err, ERR_DENIED, "SignedOut",
			"the sign-in has come to its end; run: claviger login");
	return entra_prove(credential, ask, "refresh_token", "refresh_token", out, err);
}

/* Entra's many words for it all mean the same to the person. Other refusals are for one tenant or
 * one service only, such as a missing consent. */
static bool
login_accept(const struct reply *reply, struct token_reply *out, struct err *err)
{
	if (credential_accept(reply, out, err))
		return true;
	if (aadsts_is_over(aadsts_code(err->msg)))
		err_prefix(err, "the sign-in has come to its end, run: claviger login");
	return false;
}

/* A sign-in that cannot be kept goes on here all the same: the next process asks again. */
static void
login_keep(struct credential *credential, const struct secret *refresh)
{
	struct err err;

	secret_free(&credential->secret);
	if (refresh->len)
		secret_set(&credential->secret, refresh->bytes, refresh->len);
	if (credential->file[0] == '\0')
		return;
	if (refresh->len == 0)
		user_keyring_drop(credential->file);
	else if (!store(credential->file, credential->tenant, refresh, &err))
		log_line("login: %s", err.msg);
}

bool
login_take(const struct login_place *place, const char *tenant, const struct secret *refresh,
	bool keep, struct credential *out, struct err *err)
{
	*out = (struct credential){.kind = &credential_login};
	snprintf(out->tenant, sizeof out->tenant, "%s", tenant);
	snprintf(out->client_id, sizeof out->client_id, "%s", place->client_id);
	secret_set(&out->secret, refresh->bytes, refresh->len);
	if (!keep)
		return true;
	if (!store(place->name, tenant, refresh, err))
		return false;
	snprintf(out->file, sizeof out->file, "%s", place->name);
	return true;
}

bool
login_forget(const struct login_place *place)
{
	return user_keyring_drop(place->name);
}

const struct credential_kind credential_login = {
	.name = "login",
	.title = "a person who signed in with claviger login",
	.find = login_find,
	.build = login_build,
	.accept = login_accept,
	.keep = login_keep,
	.remedy = "run: claviger login",
};
