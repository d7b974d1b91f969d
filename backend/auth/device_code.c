/* Whoever answers decides what the person sees, and a person enters a code wherever they are told
 * to: so only pages that are known to be the cloud's own are ever shown. */
#include "backend/auth/device_code.h"

#include <stdio.h>
#include <string.h>

#include "backend/auth/ways.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/json/json.h"
#include "backend/net/origin.h"
#include "crypto/jws.h"

enum {
	FORM_MAX = 16 << 10,
	CLAIMS_MAX = 64 << 10,
	CODE_MAX = 8 << 10,
	SLOWER_S = 5, /* RFC 8628, 3.5 */
	INTERVAL_MOST_S = 60,
	EXPIRES_MOST_S = 3600,
};

/* Besides these every cloud's own authority may name a page of its own [the verification_uri of
 * recordings and of Microsoft's "OAuth 2.0 device authorization grant"]. */
static const struct {
	const char *cloud, *address;
} pages[] = {
	{"AzureCloud", "https://microsoft.com/devicelogin"},
	{"AzureCloud", "https://www.microsoft.com/devicelogin"},
	{"AzureCloud", "https://login.microsoft.com/device"},
	{"AzureChinaCloud", "https://microsoft.com/deviceloginchina"},
	{"AzureChinaCloud", "https://login.partner.microsoftonline.cn/common/oauth2/deviceauth"},
	{"AzureUSGovernment", "https://microsoft.com/deviceloginus"},
};

void
device_code_free(struct device_code *code)
{
	secret_free(&code->code);
	*code = (struct device_code){0};
}

static void
post(const struct cloud *cloud, const char *tenant, const char *call, struct buf *form,
	struct request *out)
{
	*out = (struct request){
		.method = HTTP_POST,
		.audience = AUDIENCE_NONE,
		.url = mem_printf("%s/%s/oauth2/v2.0/%s", cloud->authority, tenant, call),
		.body = mem_strdup(buf_text(form)),
		.form = true,
	};
	buf_free(form);
}

bool
device_code_build(const struct cloud *cloud, const char *tenant, const char *client_id,
	struct device_code *code, struct request *out, struct err *err)
{
	struct buf form;

	*code = (struct device_code){0};
	if (!entra_is_name(tenant) || !entra_is_name(client_id))
		return err_set(err, ERR_USAGE, "",
			"the tenant must be a GUID or a domain name and the client id a GUID; "
			"check the profile, AZURE_TENANT_ID and AZURE_CLIENT_ID");
	snprintf(code->tenant, sizeof code->tenant, "%s", tenant);
	snprintf(code->client_id, sizeof code->client_id, "%s", client_id);
	snprintf(code->scopes, sizeof code->scopes, "%s/.default offline_access openid profile",
		cloud->arm_audience);
	buf_init(&form, FORM_MAX);
	if (!http_form_add(&form, "client_id", client_id) ||
		!http_form_add(&form, "scope", code->scopes)) {
		buf_free(&form);
		return err_set(err, ERR_USAGE, "", "the cloud's audience is too long");
	}
	post(cloud, tenant, "devicecode", &form, out);
	return true;
}

static bool
is_page(const char *address, const struct cloud *cloud)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/?&=%";
	size_t len = strlen(address);

	if (address[strspn(address, letters)] != '\0')
		return false;
	if (origin_same(address, cloud->authority))
		return true;
	len -= len && address[len - 1] == '/';
	for (size_t i = 0; i < ARRAY_LEN(pages); i++)
		if (strcmp(pages[i].cloud, cloud->name) == 0 && strlen(pages[i].address) == len &&
			text_case_starts(address, pages[i].address))
			return true;
	return false;
}

static bool
is_user_code(const char *s)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";

	return *s && s[strspn(s, letters)] == '\0';
}

static int
between(int64_t value, int least, int most)
{
	return value < least ? least : value > most ? most : (int)value;
}

static bool
read_code(const json_t *root, const struct cloud *cloud, struct device_code *code, struct err *err)
{
	const json_t *device = json_at(root, "device_code");
	int64_t expires = 900, interval = SLOWER_S;

	if (!json_need_text(root, "user_code", code->user_code, sizeof code->user_code, err) ||
		!json_need_text(
			root, "verification_uri", code->address, sizeof code->address, err) ||
		!json_number(root, "expires_in", &expires, err) ||
		!json_number(root, "interval", &interval, err))
		return false;
	if (!is_user_code(code->user_code) || !json_is_string(device) ||
		json_string_length(device) > CODE_MAX ||
		!credential_is_token(json_string_value(device), json_string_length(device)))
		return err_set(err, ERR_FAILED, "BadReply", "the reply holds no usable code");
	if (!is_page(code->address, cloud))
		return err_set(err, ERR_DENIED, "ForeignAddress",
			"%s: sends people to %s, which is no page of %s known here, so the code is "
			"not shown; check the profile's cloud and authority, and who answers there",
			cloud->authority, code->address, cloud->name);
	secret_set(&code->code, json_string_value(device), json_string_length(device));
	code->expires_in_s = between(expires, 1, EXPIRES_MOST_S);
	code->interval_s = between(interval, 1, INTERVAL_MOST_S);
	return true;
}

bool
device_code_accept(const struct reply *reply, const struct cloud *cloud, struct device_code *code,
	struct err *err)
{
	struct token_reply none;
	json_t *root;
	bool ok;

	if (reply->status != 200)
		return credential_accept(reply, &none, err);
	root = json_read(buf_text(&reply->body), reply->body.len, "device code", err);
	ok = root && read_code(root, cloud, code, err);
	json_decref(root);
	return ok;
}

void
device_poll_build(const struct cloud *cloud, const struct device_code *code, struct request *out)
{
	char *device = secret_text(&code->code);
	struct buf form;

	buf_init(&form, FORM_MAX + 3 * CODE_MAX);
	(void)(http_form_add(&form, "grant_type", "urn:ietf:params:oauth:grant-type:device_code") &&
		http_form_add(&form, "client_id", code->client_id) &&
		http_form_add(&form, "device_code", device));
	mem_zeroing_free(device);
	post(cloud, code->tenant, "token", &form, out);
}

/* What the id token says of the person is for people to read; rights come from access tokens. */
static bool
read_person(const struct reply *reply, struct device_person *out, struct err *err)
{
	json_t *root, *claims = NULL;
	struct buf header, payload;
	const char *token;
	bool ok = false;

	buf_init(&header, CLAIMS_MAX);
	buf_init(&payload, CLAIMS_MAX);
	root = json_read(buf_text(&reply->body), reply->body.len, "answer to the sign-in", err);
	token = json_string_value(json_at(root, "id_token"));
	if (root && token == NULL)
		err_set(err, ERR_FAILED, "BadReply", "the answer to the sign-in has no id_token");
	if (token && jws_peek(token, &header, &payload, err))
		claims = json_read(buf_text(&payload), payload.len, "id_token", err);
	if (claims)
		ok = json_need_text(claims, "tid", out->tenant, sizeof out->tenant, err) &&
		     json_text(claims,
			     json_at(claims, "preferred_username") ? "preferred_username" : "upn",
			     out->user, sizeof out->user, err) &&
		     json_text(claims, "name", out->name, sizeof out->name, err);
	json_decref(claims);
	json_decref(root);
	buf_free(&header);
	buf_free(&payload);
	return ok;
}

bool
device_code_expired(struct err *err)
{
	return err_set(err, ERR_DENIED, "expired_token",
		"the code has expired before anybody entered it; start again");
}

/* The words of RFC 8628, 3.5, and Entra's own for two of them. */
static enum device_state
still_open(struct device_code *code, struct err *err)
{
	if (strcmp(err->code, "authorization_pending") == 0)
		return DEVICE_PENDING;
	if (strcmp(err->code, "slow_down") == 0) {
		code->interval_s += SLOWER_S;
		return DEVICE_PENDING;
	}
	if (strcmp(err->code, "expired_token") == 0 || strcmp(err->code, "code_expired") == 0)
		device_code_expired(err);
	else if (strcmp(err->code, "authorization_declined") == 0 ||
		 strcmp(err->code, "access_denied") == 0)
		err_set(err, ERR_DENIED, "authorization_declined",
			"the person who entered the code declined the sign-in");
	return DEVICE_FAILED;
}

enum device_state
device_poll_accept(const struct reply *reply, struct device_code *code, struct device_person *out,
	struct err *err)
{
	*out = (struct device_person){0};
	if (reply->status != 200) {
		json_error(buf_text(&reply->body), reply->body.len, reply->status,
			reply->request_id, err);
		if (err->kind == ERR_FAILED)
			err->kind = ERR_DENIED;
		return still_open(code, err);
	}
	if (!credential_accept(reply, &out->token, err))
		return DEVICE_FAILED;
	if (out->token.refresh.len && read_person(reply, out, err))
		return DEVICE_DONE;
	if (out->token.refresh.len == 0)
		err_set(err, ERR_FAILED, "BadReply",
			"the sign-in gave no refresh token: its application must allow "
			"offline_access");
	token_reply_free(&out->token);
	return DEVICE_FAILED;
}
