/* Managed identity: the platform beside the program gives out tokens for the asking, so what is
 * asked must be this machine or its link, and no proxy may be between. App Service names its place
 * and a secret header in the environment ["How to use managed identities for App Service"]; a
 * virtual machine has the metadata service at an address of its own ["How to use managed identities
 * for Azure resources on an Azure VM to acquire an access token"], which only a try finds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/auth/ways.h"
#include "backend/base/mem.h"
#include "backend/net/origin.h"

enum { URL_MAX = 2048 };

static const char metadata_host[] = "http://169.254.169.254";
static const char metadata_path[] = "/metadata/identity/oauth2/token";

static bool
is_set(const char *name)
{
	const char *value = getenv(name);

	return value && *value;
}

static bool
is_local(const char *variable, const char *url, char reason[CREDENTIAL_REASON])
{
	char host[REQUEST_HOST];

	if (origin_local(url, host, sizeof host) && strpbrk(url, "?#") == NULL)
		return true;
	snprintf(reason, CREDENTIAL_REASON,
		"%s names no place on this machine or its link; nothing is sent there", variable);
	return false;
}

/* Arc's endpoint gives its header in a file, Service Fabric's wants its certificate known. */
static enum credential_offer
find_app_service(struct credential *out, char reason[CREDENTIAL_REASON])
{
	const char *header = getenv("IDENTITY_HEADER");

	if (header == NULL || !*header || is_set("IDENTITY_SERVER_THUMBPRINT")) {
		snprintf(reason, CREDENTIAL_REASON,
			"IDENTITY_ENDPOINT is that of Azure Arc or Service Fabric, which are not "
			"supported");
		return OFFER_NO;
	}
	if (!credential_variable(
		    "IDENTITY_ENDPOINT", out->endpoint, sizeof out->endpoint, reason) ||
		!is_local("IDENTITY_ENDPOINT", out->endpoint, reason))
		return OFFER_NO;
	secret_set(&out->secret, header, strlen(header));
	return OFFER_YES;
}

static enum credential_offer
find_metadata(struct credential *out, char reason[CREDENTIAL_REASON])
{
	static const char variable[] = "AZURE_POD_IDENTITY_AUTHORITY_HOST";
	char host[160];
	size_t len;

	if (!credential_variable(variable, host, sizeof host, reason))
		return OFFER_NO;
	if (host[0] && !is_local(variable, host, reason))
		return OFFER_NO;
	for (len = strlen(host); len && host[len - 1] == '/';)
		host[--len] = '\0';
	snprintf(out->endpoint, sizeof out->endpoint, "%s%s", host[0] ? host : metadata_host,
		metadata_path);
	return OFFER_MAYBE;
}

static enum credential_offer
managed_find(
	const struct credential_wish *wish, struct credential *out, char reason[CREDENTIAL_REASON])
{
	(void)wish;
	if (!credential_variable("AZURE_CLIENT_ID", out->client_id, sizeof out->client_id, reason))
		return OFFER_NO;
	return is_set("IDENTITY_ENDPOINT") ? find_app_service(out, reason)
					   : find_metadata(out, reason);
}

static char *
secret_header(const struct secret *secret)
{
	return mem_printf("X-IDENTITY-HEADER: %.*s", (int)secret->len, (char *)secret->bytes);
}

static bool
managed_build(const struct credential *credential, const struct token_ask *ask, struct request *out,
	struct err *err)
{
	bool app_service = credential->secret.len > 0;
	struct buf query;
	bool ok;

	buf_init(&query, URL_MAX);
	ok = http_form_add(&query, "api-version", app_service ? "2019-08-01" : "2018-02-01") &&
	     http_form_add(&query, "resource", ask->audience) &&
	     (credential->client_id[0] == '\0' ||
		     http_form_add(&query, "client_id", credential->client_id));
	if (ok)
		*out = (struct request){
			.audience = AUDIENCE_NONE,
			.local = true,
			.url = mem_printf("%s?%s", credential->endpoint, buf_text(&query)),
			.header = app_service ? secret_header(&credential->secret)
					      : mem_strdup("Metadata: true"),
		};
	buf_free(&query);
	return ok || err_set(err, ERR_FAILED, "BadUrl", "the managed identity's URL is too long");
}

/* 429 and 5xx are the service's own troubles; 400 with a client id says that there is a service but
 * no such identity. All else is no metadata service, or one that has no identity to give. */
static bool
managed_is_absent(const struct credential *credential, const struct err *err)
{
	return err->http != 429 && err->http < 500 &&
	       (err->http != 400 || credential->client_id[0] == '\0');
}

const struct credential_kind credential_managed_identity = {
	.name = "managed-identity",
	.title = "managed identity of this machine, from IDENTITY_ENDPOINT or the metadata service",
	.remedy = "assign that identity to this machine, or correct AZURE_CLIENT_ID or client-id",
	.find = managed_find,
	.build = managed_build,
	.is_absent = managed_is_absent,
};
