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
#define LOCAL_BLOB ".blob.localhost"

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
	if (before(host, LOCAL_BLOB, out->store))
		return out->role = HOST_BLOB, true;
	for (size_t i = 0; i < clouds_len; i++) {
		const struct {
			const char *suffix;
			enum host_role role;
		} kinds[] = {
			{clouds[i].vault_suffix, HOST_VAULT},
			{clouds[i].hsm_suffix, HOST_HSM},
			{clouds[i].blob_suffix, HOST_BLOB},
		};

		for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
			if (before(host, kinds[k].suffix, out->store)) {
				out->cloud = &clouds[i];
				out->role = kinds[k].role;
				return true;
			}
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
	for (size_t i = 0; i < clouds_len; i++) {
		bool arm = strcmp(host, clouds[i].arm + strlen("https://")) == 0;

		if (arm || strcmp(host, clouds[i].graph + strlen("https://")) == 0) {
			out->cloud = &clouds[i];
			out->role = arm ? HOST_ARM : HOST_GRAPH;
			return;
		}
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
names_store(
	const struct naming *naming, enum store_kind kind, const char *store, char out[NAMES_URL])
{
	bool vault = kind == STORE_VAULT;

	if (naming->cloud)
		snprintf(out, NAMES_URL, "https://%s%s", store,
			vault ? naming->cloud->vault_suffix : naming->cloud->hsm_suffix);
	else
		snprintf(out, NAMES_URL, "https://%s%s%s", store, vault ? LOCAL_VAULT : LOCAL_HSM,
			naming->port);
	return out;
}

char *
names_store_audience(const struct naming *naming, enum store_kind kind, char out[NAMES_URL])
{
	bool vault = kind == STORE_VAULT;

	if (naming->cloud)
		snprintf(out, NAMES_URL, "%s",
			vault ? naming->cloud->vault_audience : naming->cloud->hsm_audience);
	else
		snprintf(out, NAMES_URL, "https://%s%s", (vault ? LOCAL_VAULT : LOCAL_HSM) + 1,
			naming->port);
	return out;
}

char *
names_blob(const struct naming *naming, const char *account, char out[NAMES_URL])
{
	if (naming->cloud)
		snprintf(out, NAMES_URL, "https://%s%s", account, naming->cloud->blob_suffix);
	else
		snprintf(out, NAMES_URL, "https://%s" LOCAL_BLOB "%s", account, naming->port);
	return out;
}

char *
names_graph(const struct naming *naming, char out[NAMES_URL])
{
	if (naming->cloud)
		snprintf(out, NAMES_URL, "%s", naming->cloud->graph);
	else
		snprintf(out, NAMES_URL, "https://localhost%s", naming->port);
	return out;
}

bool
names_parse_store(const char *uri, enum store_kind *kind, char store[64], bool *slash)
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
	if (!(naming.role & (HOST_VAULT | HOST_HSM)) || !keyid_is_vault_name(naming.store))
		return false;
	*kind = naming.role == HOST_VAULT ? STORE_VAULT : STORE_HSM;
	memcpy(store, naming.store, sizeof naming.store);
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

/* The storage account that an audience names (its blob URL), or all of Storage. */
static bool
is_blob_audience(const char *audience)
{
	struct naming naming;
	char host[256];
	size_t len;

	if (same_audience(audience, "https://storage.azure.com"))
		return true;
	if (!text_case_starts(audience, "https://"))
		return false;
	audience += strlen("https://");
	len = strcspn(audience, "/");
	if (len >= sizeof host || (audience[len] && audience[len + 1]))
		return false;
	memcpy(host, audience, len);
	host[len] = '\0';
	names_read(&naming, host);
	return naming.role == HOST_BLOB;
}

bool
names_is_audience(const struct naming *naming, const char *audience)
{
	char own[NAMES_URL];

	if (names_is_arm_audience(naming, audience) || is_blob_audience(audience))
		return true;
	for (size_t i = 0; i < clouds_len; i++)
		if (same_audience(audience, clouds[i].vault_audience) ||
			same_audience(audience, clouds[i].hsm_audience) ||
			same_audience(audience, clouds[i].graph))
			return true;
	return same_audience(audience, names_store_audience(naming, STORE_VAULT, own)) ||
	       same_audience(audience, names_store_audience(naming, STORE_HSM, own));
}

bool
names_is_graph_audience(const struct naming *naming, const char *audience)
{
	char own[NAMES_URL];

	for (size_t i = 0; i < clouds_len; i++)
		if (same_audience(audience, clouds[i].graph))
			return true;
	return same_audience(audience, "00000003-0000-0000-c000-000000000000") ||
	       same_audience(audience, names_graph(naming, own));
}

/* The path of a URL whose host serves sign-in, with its slash; NULL for any other URL. */
static const char *
issuer_path(const char *url)
{
	struct naming naming;
	char host[256];
	size_t len;

	if (!text_case_starts(url, "https://"))
		return NULL;
	url += strlen("https://");
	len = strcspn(url, "/?#@");
	if (len >= sizeof host || url[len] != '/')
		return NULL;
	memcpy(host, url, len);
	host[len] = '\0';
	names_read(&naming, host);
	return naming.role & (HOST_ENTRA | HOST_LOCAL) ? url + len : NULL;
}

bool
names_same_issuer(const char *a, const char *b)
{
	const char *one = issuer_path(a), *other = issuer_path(b);

	return one && other ? text_casecmp(one, other) == 0 : strcmp(a, b) == 0;
}
