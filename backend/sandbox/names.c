/* Hosts are told apart by the Host header alone. Aliases of the sign-in hosts: the instance
 * discovery document of login.microsoftonline.com. */
#include "backend/sandbox/names.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "backend/azure/keyid.h"
#include "backend/base/text.h"

#define LOCAL_VAULT ".vault.localhost"
#define LOCAL_HSM ".managedhsm.localhost"

static const struct {
	const char *host;
	const char *cloud;
} sign_in[] = {
	{"login.microsoftonline.com", "AzureCloud"},
	{"login.windows.net", "AzureCloud"},
	{"login.microsoft.com", "AzureCloud"},
	{"sts.windows.net", "AzureCloud"},
	{"login.chinacloudapi.cn", "AzureChinaCloud"},
	{"login.partner.microsoftonline.cn", "AzureChinaCloud"},
	{"login.microsoftonline.us", "AzureUSGovernment"},
	{"login.usgovcloudapi.net", "AzureUSGovernment"},
};

/* What clients ask a token for the resource manager by, beside its own URL [azure-cli cloud.py]. */
static const char *const arm_audiences[] = {
	"https://management.azure.com",
	"https://management.core.windows.net",
	"https://management.chinacloudapi.cn",
	"https://management.core.chinacloudapi.cn",
	"https://management.usgovcloudapi.net",
	"https://management.core.usgovcloudapi.net",
};

const char *const names_certified[] = {
	"localhost",
	"*.vault.localhost",
	"*.managedhsm.localhost",
	"*.blob.localhost",
	"IP:127.0.0.1",
	"IP:::1",
	"management.azure.com",
	"login.microsoftonline.com",
	"login.windows.net",
	"login.microsoft.com",
	"sts.windows.net",
	"graph.microsoft.com",
	"*.vault.azure.net",
	"*.managedhsm.azure.net",
	"*.blob.core.windows.net",
	"management.chinacloudapi.cn",
	"login.chinacloudapi.cn",
	"login.partner.microsoftonline.cn",
	"microsoftgraph.chinacloudapi.cn",
	"*.vault.azure.cn",
	"*.managedhsm.azure.cn",
	"*.blob.core.chinacloudapi.cn",
	"management.usgovcloudapi.net",
	"login.microsoftonline.us",
	"login.usgovcloudapi.net",
	"graph.microsoft.us",
	"*.vault.usgovcloudapi.net",
	"*.managedhsm.usgovcloudapi.net",
	"*.blob.core.usgovcloudapi.net",
	NULL,
};

/* Takes NAME off NAME.suffix. */
static bool
before(const char *host, const char *suffix, char out[64])
{
	size_t len = strlen(host), tail = strlen(suffix);

	if (len <= tail || len - tail >= 64 || !text_case_ends(host, suffix))
		return false;
	memcpy(out, host, len - tail);
	out[len - tail] = '\0';
	return strchr(out, '.') == NULL;
}

static bool
read_store(struct naming *out, const char *host)
{
	if (before(host, LOCAL_VAULT, out->store))
		return out->role = HOST_VAULT, true;
	if (before(host, LOCAL_HSM, out->store))
		return out->role = HOST_HSM, true;
	for (size_t i = 0; i < clouds_len; i++) {
		bool vault = before(host, clouds[i].vault_suffix, out->store);

		if (!vault && !before(host, clouds[i].hsm_suffix, out->store))
			continue;
		out->cloud = &clouds[i];
		out->role = vault ? HOST_VAULT : HOST_HSM;
		return true;
	}
	return false;
}

static void
read_fixed(struct naming *out, const char *host)
{
	if (strcmp(host, "localhost") == 0 || strcmp(host, "127.0.0.1") == 0 ||
		strcmp(host, "[::1]") == 0) {
		out->role = HOST_LOCAL;
		return;
	}
	for (size_t i = 0; i < clouds_len; i++)
		if (strcmp(host, clouds[i].arm + strlen("https://")) == 0) {
			out->cloud = &clouds[i];
			out->role = HOST_ARM;
			return;
		}
	for (size_t i = 0; i < ARRAY_LEN(sign_in); i++)
		if (strcmp(host, sign_in[i].host) == 0) {
			out->cloud = cloud_find(sign_in[i].cloud);
			out->role = HOST_ENTRA;
			return;
		}
}

void
names_read(struct naming *out, const char *host)
{
	char name[256];
	char *colon;
	size_t len = strlen(host);

	*out = (struct naming){0};
	if (len == 0 || len >= sizeof name)
		return;
	for (size_t i = 0; i <= len; i++)
		name[i] = (char)tolower((unsigned char)host[i]);
	colon = strrchr(name, ':');
	if (colon && !strchr(colon, ']')) {
		size_t digits = strspn(colon + 1, "0123456789");

		if (digits == 0 || digits > 5 || colon[1 + digits] != '\0')
			return;
		if (strcmp(colon, ":443") != 0)
			snprintf(out->port, sizeof out->port, "%.7s", colon);
		*colon = '\0';
	}
	if (!read_store(out, name))
		read_fixed(out, name);
}

char *
names_authority(const struct naming *naming, char out[NAMES_URL])
{
	if (naming->cloud)
		snprintf(out, NAMES_URL, "%s", naming->cloud->authority);
	else
		snprintf(out, NAMES_URL, "https://localhost%s", naming->port);
	return out;
}

char *
names_arm(const struct naming *naming, char out[NAMES_URL])
{
	if (naming->cloud)
		snprintf(out, NAMES_URL, "%s", naming->cloud->arm);
	else
		snprintf(out, NAMES_URL, "https://localhost%s", naming->port);
	return out;
}

char *
names_vault(const struct naming *naming, const char *vault, char out[NAMES_URL])
{
	if (naming->cloud)
		snprintf(out, NAMES_URL, "https://%s%s", vault, naming->cloud->vault_suffix);
	else
		snprintf(out, NAMES_URL, "https://%s" LOCAL_VAULT "%s", vault, naming->port);
	return out;
}

char *
names_vault_audience(const struct naming *naming, char out[NAMES_URL])
{
	if (naming->cloud)
		snprintf(out, NAMES_URL, "%s", naming->cloud->vault_audience);
	else
		snprintf(out, NAMES_URL, "https://vault.localhost%s", naming->port);
	return out;
}

bool
names_parse_vault(const char *uri, char vault[64], bool *slash)
{
	struct naming naming;
	char host[256];
	size_t len;

	if (!text_case_starts(uri, "https://"))
		return false;
	uri += strlen("https://");
	len = strcspn(uri, "/?#@");
	if (len >= sizeof host)
		return false;
	memcpy(host, uri, len);
	host[len] = '\0';
	if (uri[len] != '\0' && strcmp(uri + len, "/") != 0)
		return false;
	names_read(&naming, host);
	*slash = uri[len] == '/';
	if (naming.role != HOST_VAULT || !keyid_is_vault_name(naming.store))
		return false;
	memcpy(vault, naming.store, sizeof naming.store);
	return true;
}

/* Compares two audiences, a final slash of either left aside. */
static bool
same_audience(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);

	if (n && a[n - 1] == '/')
		n--;
	if (m && b[m - 1] == '/')
		m--;
	return n == m && strncasecmp(a, b, n) == 0;
}

bool
names_is_arm_audience(const struct naming *naming, const char *audience)
{
	char own[NAMES_URL];

	for (size_t i = 0; i < ARRAY_LEN(arm_audiences); i++)
		if (same_audience(audience, arm_audiences[i]))
			return true;
	return same_audience(audience, names_arm(naming, own));
}

bool
names_is_audience(const struct naming *naming, const char *audience)
{
	char own[NAMES_URL];

	if (names_is_arm_audience(naming, audience))
		return true;
	for (size_t i = 0; i < clouds_len; i++)
		if (same_audience(audience, clouds[i].vault_audience) ||
			same_audience(audience, clouds[i].hsm_audience))
			return true;
	if (same_audience(audience, names_vault_audience(naming, own)))
		return true;
	snprintf(own, sizeof own, "https://managedhsm.localhost%s", naming->port);
	return !naming->cloud && same_audience(audience, own);
}
