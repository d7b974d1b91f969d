/* The device authorization grant (RFC 8628) in Entra's words [azure-sdk-for-js identity recordings,
 * devicecodecredential]. Nobody types a password here: whoever can reach the sandbox's page or its
 * control socket is the operator. Codes and refresh tokens are kept as digests. A refresh token
 * that was used stays good until it expires, as Entra's does ("Refresh tokens in the Microsoft
 * identity platform"). */
#include "backend/sandbox/entra/device.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/entra/issue.h"
#include "backend/sandbox/ident.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/route.h"
#include "crypto/b64.h"
#include "crypto/digest.h"
#include "crypto/secret.h"

enum {
	CODE_SECONDS = 900,
	INTERVAL = 5,
	LENIENCE_MS = 500, /* polls that come a little early */
	REFRESH_SECONDS = 90 * 86400,
	OPAQUE_BYTES = 48,
	OPAQUE_ROOM = 72,
	USER_CODE = 9, /* letters */
};

/* Applications of Microsoft that every tenant has and that people sign in by: the Azure CLI (also
 * what the SDKs use by default) and Azure PowerShell. */
static const char *const first_party[] = {
	"04b07795-8ddb-461a-bbee-02f9e1bf7b46", "1950a258-227b-4e31-a9cf-717495945fc2"};

/* A random text that means nothing outside; and what is kept of it. */
static void
opaque(char out[OPAQUE_ROOM], char digest[65])
{
	unsigned char bytes[OPAQUE_BYTES];

	ident_random(bytes, sizeof bytes);
	b64_encode(out, bytes, sizeof bytes);
	secret_wipe(bytes, sizeof bytes);
	digest_sha256_hex(out, strlen(out), digest);
}

/* Letters and digits that are not mistaken for each other. */
static void
make_user_code(char out[USER_CODE + 1])
{
	static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
	unsigned char bytes[USER_CODE];

	ident_random(bytes, sizeof bytes);
	for (size_t i = 0; i < USER_CODE; i++)
		out[i] = letters[bytes[i] % (sizeof letters - 1)];
	out[USER_CODE] = '\0';
}

/* Whether people can sign in to this application here; otherwise answers. */
static bool
is_application(struct call *call, const char *tenant, const char *client)
{
	struct principal ignored;
	bool found = false;

	for (size_t i = 0; i < ARRAY_LEN(first_party) && !found; i++)
		found = text_casecmp(first_party[i], client) == 0;
	if (!found) {
		db_lock(call->world->db);
		found = principal_by_client(call->world->db, tenant, client, &ignored) &&
			ignored.kind == PRINCIPAL_APPLICATION;
		db_unlock(call->world->db);
	}
	if (!found)
		form_refuse(call, 400, "unauthorized_client", 700016,
			"Application with identifier '%s' was not found in the directory '%s'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.",
			client, tenant);
	return found;
}

/* Where people go: this sandbox's own page, or the address that the cloud's sign-in names. */
static void
verification_uri(const struct naming *naming, char out[NAMES_URL])
{
	const char *cloud = naming->cloud ? naming->cloud->name : "";

	if (strcmp(cloud, "AzureCloud") == 0)
		snprintf(out, NAMES_URL, "https://microsoft.com/devicelogin");
	else if (strcmp(cloud, "AzureChinaCloud") == 0)
		snprintf(out, NAMES_URL, "https://microsoft.com/deviceloginchina");
	else if (naming->cloud)
		snprintf(out, NAMES_URL, "https://microsoft.com/deviceloginus");
	else
		snprintf(out, NAMES_URL, "https://localhost%s/devicelogin", naming->port);
}

static void
give_code(struct call *call, const char *tenant, const char *client, const char *scope, bool v2)
{
	char device[OPAQUE_ROOM], digest[65], user[USER_CODE + 1], uri[NAMES_URL];
	struct db *db = call->world->db;
	json_t *number, *interval;

	opaque(device, digest);
	make_user_code(user);
	db_begin(db);
	db_do(db, "DELETE FROM device_code WHERE expires<?", "i", (int64_t)call->now - 86400);
	db_do(db,
		"INSERT INTO device_code(device,user_code,client,tenant,scope,expires,polled_ms,"
		"interval) VALUES(?,?,?,?,?,?,0,?)",
		"tttttii", digest, user, client, tenant, scope, (int64_t)call->now + CODE_SECONDS,
		(int64_t)INTERVAL);
	if (!db_commit(db)) {
		reply_broken(call);
		return;
	}
	verification_uri(&call->naming, uri);
	number = v2 ? json_integer(CODE_SECONDS) : json_sprintf("%d", CODE_SECONDS);
	interval = v2 ? json_integer(INTERVAL) : json_sprintf("%d", INTERVAL);
	reply_json(call, 200,
		json_pack("{s:s,s:s,s:s,s:o,s:o,s:o}", "user_code", user, "device_code", device,
			v2 ? "verification_uri" : "verification_url", uri, "expires_in", number,
			"interval", interval, "message",
			json_sprintf(
				"To sign in, use a web browser to open the page %s and enter the code %s to authenticate.",
				uri, user)));
}

static void
device_code(struct call *call, bool v2)
{
	const char *client, *wish, *audience;
	struct form form;
	char tenant[37];
	bool found;

	form_read(call, &form);
	db_lock(call->world->db);
	found = principal_tenant(call->world->db, call->params[0], tenant);
	db_unlock(call->world->db);
	if (!found) {
		form_refuse(call, 400, "invalid_request", 90002,
			"Tenant '%s' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.",
			call->params[0]);
		return;
	}
	client = form_need(call, &form, "client_id");
	wish = *client ? form_need(call, &form, v2 ? "scope" : "resource") : "";
	if (!*wish || !is_application(call, tenant, client))
		return;
	audience = wish;
	if ((!v2 || issue_scope(call, wish, true, &audience)) &&
		issue_known(call, tenant, audience))
		give_code(call, tenant, client, wish, v2);
}

static void
device_code_v2(struct call *call)
{
	device_code(call, true);
}

static void
device_code_v1(struct call *call)
{
	device_code(call, false);
}

struct pending {
	char scope[1024], person[37];
	int64_t expires, polled_ms, interval;
};

static bool
find_pending(struct db *db, const char *digest, const char *client, const char *tenant,
	struct pending *out)
{
	sqlite3_stmt *stmt = db_ask(db,
		"SELECT scope, person, expires, polled_ms, interval FROM device_code"
		" WHERE device=? AND client=? COLLATE NOCASE AND tenant=? COLLATE NOCASE",
		"ttt", digest, client, tenant);

	if (!db_next(db, stmt))
		return false;
	db_copy(stmt, 0, out->scope, sizeof out->scope);
	db_copy(stmt, 1, out->person, sizeof out->person);
	out->expires = sqlite3_column_int64(stmt, 2);
	out->polled_ms = sqlite3_column_int64(stmt, 3);
	out->interval = sqlite3_column_int64(stmt, 4);
	db_done(stmt);
	return true;
}

enum poll_state { POLL_UNKNOWN, POLL_EXPIRED, POLL_EARLY, POLL_PENDING, POLL_DONE };

/* One poll: an approved code is used up by it, an early one makes the client wait longer. */
static enum poll_state
take_poll(struct call *call, const char *digest, const char *client, const char *tenant,
	struct pending *code)
{
	struct db *db = call->world->db;
	int64_t now_ms = vclock_ms(&call->world->clock);
	enum poll_state state = POLL_PENDING;

	db_begin(db);
	if (!find_pending(db, digest, client, tenant, code)) {
		state = POLL_UNKNOWN;
	} else if (call->now >= code->expires) {
		state = POLL_EXPIRED;
	} else if (code->person[0]) {
		state = POLL_DONE;
		db_do(db, "DELETE FROM device_code WHERE device=?", "t", digest);
	} else {
		bool early = now_ms - code->polled_ms < code->interval * 1000 - LENIENCE_MS;

		state = early ? POLL_EARLY : POLL_PENDING;
		db_do(db, "UPDATE device_code SET polled_ms=?, interval=? WHERE device=?", "iit",
			now_ms, code->interval + (early ? INTERVAL : 0), digest);
	}
	return db_commit(db) ? state : POLL_UNKNOWN;
}

static bool
asks_for_refresh(const char *scope)
{
	return strstr(scope, "offline_access") != NULL;
}

/* Answers with the tokens of a person, and a fresh refresh token where the client may have one. */
static void
sign_in(struct call *call, const char *person, const char *client, const char *tenant,
	const char *scope, const struct form *form, bool v2)
{
	bool info = strcmp(form_get(form, "client_info"), "1") == 0, found;
	char refresh[OPAQUE_ROOM] = "", digest[65];
	struct db *db = call->world->db;
	struct principal who;
	struct issue issue = {.who = &who,
		.client = client,
		.audience = scope,
		.v2 = v2,
		.seconds = ISSUE_SECONDS};

	if (v2 && !issue_scope(call, scope, true, &issue.audience))
		return;
	if (!issue_known(call, tenant, issue.audience))
		return;
	db_begin(db);
	found = principal_by_object(db, tenant, person, &who);
	if (found && (!v2 || asks_for_refresh(scope))) {
		opaque(refresh, digest);
		db_do(db, "DELETE FROM refresh_token WHERE expires<?", "i", (int64_t)call->now);
		db_do(db,
			"INSERT INTO refresh_token(digest,client,tenant,person,scope,expires)"
			" VALUES(?,?,?,?,?,?)",
			"ttttti", digest, client, tenant, person, scope,
			(int64_t)call->now + REFRESH_SECONDS);
	}
	if (!db_commit(db))
		reply_broken(call);
	else if (!found)
		form_refuse(call, 400, "invalid_grant", 50034,
			"The user account %s does not exist in the %s directory. To sign into this application, the account must be added to the directory.",
			person, tenant);
	else
		issue_person(call, &issue, scope, refresh, info);
	secret_wipe(refresh, sizeof refresh);
}

void
device_poll(struct call *call, const struct form *form, const char *tenant, bool v2)
{
	const char *client = form_need(call, form, "client_id"), *device;
	struct pending code;
	char digest[65];

	if (!*client)
		return;
	device = form_get(form, "code"); /* version 1 */
	if (!*device)
		device = form_need(call, form, "device_code");
	if (!*device)
		return;
	digest_sha256_hex(device, strlen(device), digest);
	switch (take_poll(call, digest, client, tenant, &code)) {
	case POLL_UNKNOWN:
		form_refuse(call, 400, v2 ? "bad_verification_code" : "invalid_grant", 70000,
			"The provided value for the input parameter 'device_code' is not valid.");
		break;
	case POLL_EXPIRED:
		form_refuse(call, 400, v2 ? "expired_token" : "code_expired", 70020,
			"The provided value for the input parameter 'device_code' is not valid. This device code has expired.");
		break;
	case POLL_EARLY:
		form_refuse(call, 400, "slow_down", 70016,
			"OAuth 2.0 device flow error. The client polls too often; wait %d seconds longer between polls.",
			(int)INTERVAL);
		break;
	case POLL_PENDING:
		form_refuse(call, 400, "authorization_pending", 70016,
			"OAuth 2.0 device flow error. Authorization is pending. Continue polling.");
		break;
	case POLL_DONE:
		sign_in(call, code.person, client, tenant, code.scope, form, v2);
		break;
	}
}

void
device_refresh(struct call *call, const struct form *form, const char *tenant, bool v2)
{
	const char *client = form_need(call, form, "client_id"), *token, *wish;
	char digest[65], person[37] = "", scope[1024] = "";
	struct db *db = call->world->db;
	sqlite3_stmt *stmt;
	int64_t expires = 0;

	token = *client ? form_need(call, form, "refresh_token") : "";
	if (!*token)
		return;
	digest_sha256_hex(token, strlen(token), digest);
	db_lock(db);
	stmt = db_ask(db,
		"SELECT person, scope, expires FROM refresh_token WHERE digest=?"
		" AND client=? COLLATE NOCASE AND tenant=? COLLATE NOCASE",
		"ttt", digest, client, tenant);
	if (db_next(db, stmt)) {
		db_copy(stmt, 0, person, sizeof person);
		db_copy(stmt, 1, scope, sizeof scope);
		expires = sqlite3_column_int64(stmt, 2);
		db_done(stmt);
	}
	db_unlock(db);
	wish = form_get(form, v2 ? "scope" : "resource");
	if (!person[0])
		form_refuse(call, 400, "invalid_grant", 9002313,
			"Invalid request. Request is malformed or invalid.");
	else if (call->now >= expires)
		form_refuse(call, 400, "invalid_grant", 700082,
			"The refresh token has expired due to inactivity. The token was inactive for 90.00:00:00.");
	else
		sign_in(call, person, client, tenant, *wish ? wish : scope, form, v2);
}

/* What people type: blanks and dashes do not count, nor does the case. Too much of it is no code.
 */
static void
fold(const char *typed, char out[USER_CODE + 1])
{
	size_t n = 0;

	for (; *typed; typed++) {
		if (*typed == '-' || *typed == ' ')
			continue;
		if (n == USER_CODE) {
			n = 0;
			break;
		}
		out[n++] = (char)(*typed >= 'a' && *typed <= 'z' ? *typed - 32 : *typed);
	}
	out[n] = '\0';
}

bool
device_approve(struct world *world, const char *user_code, char who[129], struct err *err)
{
	char code[USER_CODE + 1], person[37] = "";
	int64_t now = vclock_now(&world->clock);
	struct db *db = world->db;
	sqlite3_stmt *stmt;
	bool found;

	fold(user_code, code);
	db_begin(db);
	stmt = db_ask(db,
		"SELECT p.object, p.upn FROM device_code d JOIN tenant t ON t.id=d.tenant"
		" LEFT JOIN person p ON p.tenant=d.tenant AND p.upn='operator@'||t.domain"
		" WHERE d.user_code=? AND d.person IS NULL AND d.expires>?",
		"ti", code, now);
	found = db_next(db, stmt);
	if (found) {
		db_copy(stmt, 0, person, sizeof person);
		db_copy(stmt, 1, who, 129);
		db_done(stmt);
	}
	if (person[0])
		db_do(db, "UPDATE device_code SET person=? WHERE user_code=?", "tt", person, code);
	if (!db_commit(db))
		return err_set(err, ERR_FAILED, "", "approve: the state cannot be written");
	if (!found)
		return err_set(err, ERR_NOT_FOUND, "",
			"approve: nobody waits with this code; it may have been used or have expired: ask the client for a new one");
	return person[0] || err_set(err, ERR_NOT_FOUND, "",
				    "approve: the tenant of this code has nobody to sign in");
}

static const char page_head[] = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
				"<title>SANDBOX: enter code</title></head><body><h1>SANDBOX</h1>\n";
static const char page_form[] =
	"<form method=\"post\" action=\"/devicelogin\"><label>The code that your program shows: "
	"<input name=\"code\" maxlength=\"11\" autocomplete=\"off\" autofocus></label> "
	"<button>Sign in as the operator</button></form>\n";

static void
page(struct call *call, unsigned status, const char *text)
{
	reply_empty(call, status);
	call->reply.type = "text/html; charset=utf-8";
	call->reply.text = arena_printf(call->arena, "%s%s</body></html>\n", page_head, text);
	reply_header_text(call, "Content-Security-Policy",
		"default-src 'none'; form-action 'self'; frame-ancestors 'none'");
}

static void
show_page(struct call *call)
{
	page(call, 200, page_form);
}

static void
enter_code(struct call *call)
{
	struct form form;
	struct err err;
	char who[129];

	form_read(call, &form);
	if (device_approve(call->world, form_get(&form, "code"), who, &err))
		page(call, 200,
			arena_printf(call->arena,
				"<p>Signed in as %s. You can close this page.</p>\n", who));
	else
		page(call, err.kind == ERR_NOT_FOUND ? 400 : 500,
			arena_printf(call->arena,
				"<p>That code did not work: check it and try again.</p>\n%s",
				page_form));
}

const struct route entra_device_routes[] = {
	{ROUTE_ENTRA, VERB_POST, "/{}/oauth2/v2.0/devicecode", NULL, 0, device_code_v2},
	{ROUTE_ENTRA, VERB_POST, "/{}/oauth2/devicecode", NULL, 0, device_code_v1},
	{HOST_LOCAL, VERB_GET, "/devicelogin", NULL, 0, show_page},
	{HOST_LOCAL, VERB_POST, "/devicelogin", NULL, 0, enter_code},
};
const size_t entra_device_routes_len = ARRAY_LEN(entra_device_routes);
