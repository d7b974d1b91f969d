/* Sign-in by the Azure CLI's own session, which claviger never looks into: it asks `az account
 * get-access-token`. az names no cloud in its answer, so its configuration must say the profile's
 * before it is asked: a token of another cloud would be refused with words that help nobody. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "backend/auth/process.h"
#include "backend/auth/ways.h"
#include "backend/config/az_config.h"
#include "backend/azure/armid.h"
#include "backend/base/text.h"
#include "backend/json/json.h"

enum { AZ_MS = 30000, AZ_OUT_MAX = 128 << 10, WEEK_S = 7 * 24 * 3600 };

static enum credential_offer
az_find(const struct credential_wish *wish, struct credential *out, char reason[CREDENTIAL_REASON])
{
	const struct az_subscription *chosen;
	struct az_config config;
	struct err err;
	bool same;

	if (!process_find("az", out->file, reason, CREDENTIAL_REASON))
		return OFFER_NO;
	if (!az_config_read(&config, &err)) {
		snprintf(reason, CREDENTIAL_REASON, "%.*s", CREDENTIAL_REASON - 1, err.msg);
		return OFFER_NO;
	}
	same = text_casecmp(config.cloud.name, wish->cloud->name) == 0 ||
	       strcmp(config.cloud.authority, wish->cloud->authority) == 0;
	if (!same)
		snprintf(reason, CREDENTIAL_REASON,
			"az is set to the cloud %s, the profile to %s; run: az cloud set --name %s",
			config.cloud.name, wish->cloud->name, wish->cloud->name);
	chosen = az_config_default(&config);
	if (chosen)
		snprintf(out->tenant, sizeof out->tenant, "%s", chosen->tenant);
	az_config_free(&config);
	return same ? OFFER_MAYBE : OFFER_NO;
}

/* expires_on is seconds since the epoch; az before 2.54 has only expiresOn, a local time without
 * a zone, as in 2020-11-12 13:50:47.114324: its process is run in UTC. */
static bool
read_expiry(const json_t *root, int64_t *out, struct err *err)
{
	const char *text = json_string_value(json_at(root, "expiresOn")), *end;
	struct tm tm = {0};

	*out = 0;
	if (!json_number(root, "expires_on", out, err))
		return false;
	if (*out || text == NULL)
		return true;
	end = strptime(text, "%Y-%m-%d %H:%M:%S", &tm);
	if (end && (*end == '\0' || *end == '.'))
		*out = timegm(&tm);
	return true;
}

static bool
bad_answer(struct err *err, const char *what)
{
	return err_set(err, ERR_FAILED, "BadReply",
		"az: its answer %s; try: az account get-access-token", what);
}

bool
az_cli_accept(const char *text, size_t len, const char *tenant, time_t now, struct token_reply *out,
	struct err *err)
{
	json_t *root = json_read(text, len, "the answer of az", err);
	const json_t *token = json_at(root, "accessToken");
	char given[64] = "";
	int64_t expires;
	bool ok = root && read_expiry(root, &expires, err) &&
		  json_text(root, "tenant", given, sizeof given, err);

	*out = (struct token_reply){0};
	if (ok && (!json_is_string(token) || !credential_is_token(json_string_value(token),
						     json_string_length(token))))
		ok = bad_answer(err, "holds no usable accessToken");
	if (ok && armid_is_guid(tenant) && armid_is_guid(given) && text_casecmp(tenant, given) != 0)
		ok = bad_answer(err, "is for another tenant than was asked for");
	if (ok && (expires <= now || expires - now > WEEK_S))
		ok = bad_answer(err, "holds no time to come as expires_on or expiresOn");
	if (ok) {
		out->expires_in_s = expires - now;
		secret_set(&out->token, json_string_value(token), json_string_length(token));
	}
	json_decref(root);
	return ok;
}

/* The line that says what is wrong; az may warn of other things before. */
static void
error_line(const char *text, char *out, size_t room)
{
	const char *at = strstr(text, "ERROR:");

	text = at ? at + strlen("ERROR:") : text;
	text += strspn(text, " \t\r\n");
	text_clean(out, room, text, strcspn(text, "\r\n"));
}

/* az says "Please run 'az login'" when nobody is signed in, and when a person must come back. */
static bool
refused(const struct process_said *said, struct err *err)
{
	char line[300];

	error_line(buf_text(&said->err), line, sizeof line);
	if (strstr(line, "Please run 'az login' to setup account"))
		return err_set(err, ERR_DENIED, "AzNotSignedIn", "az is not signed in: %s", line);
	return err_set(err, ERR_DENIED, "AzRefused",
		"az ended with code %d: %s; run az login, or choose another way by the profile's "
		"key auth",
		said->code, line[0] ? line : "it said nothing on standard error");
}

static bool
az_ask(const struct credential *credential, const struct token_ask *ask, int stop,
	struct token_reply *out, struct err *err)
{
	const char *argv[] = {credential->file, "account", "get-access-token", "--resource",
		ask->audience, "--output", "json", ask->tenant[0] ? "--tenant" : NULL, ask->tenant,
		NULL};
	struct process_said said;
	bool ok;

	*out = (struct token_reply){0};
	if (ask->tenant[0] == '-' || ask->audience[0] == '-')
		return err_set(err, ERR_DENIED, "BadTenant", "the tenant must not begin with -");
	if (ask->claims)
		return err_set(err, ERR_DENIED, "AzClaims",
			"a fresh sign-in is asked for, which az cannot be told; run: az login");
	if (!process_run(argv, -1, AZ_OUT_MAX, AZ_MS, stop, &said, err))
		return false;
	ok = said.code == 0 ? az_cli_accept(buf_text(&said.out), said.out.len, ask->tenant,
				      time(NULL), out, err)
			    : refused(&said, err);
	process_said_free(&said);
	return ok;
}

static bool
az_is_absent(const struct credential *credential, const struct err *err)
{
	(void)credential;
	return strcmp(err->code, "AzNotSignedIn") == 0;
}

const struct credential_kind credential_az_cli = {
	.name = "az-cli",
	.title = "the Azure CLI's session, by az account get-access-token",
	.find = az_find,
	.ask = az_ask,
	.is_absent = az_is_absent,
};
