/* The keys of both kinds of section as tables: what a key may hold is said in one function each,
 * and an unknown key is one that no table has. */
#include "backend/config/config_keys.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "backend/azure/armid.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/net/origin.h"

bool
config_bad(struct config *c, int line, const char *fmt, ...)
{
	char what[300];
	va_list ap;

	if (c->failed)
		return false;
	c->failed = true;
	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	return err_set(c->err, ERR_USAGE, "", "%s:%d: %s", c->path, line, what);
}

bool
config_bind(struct config *c, const char *action, const char *keys)
{
	struct config_binding *b;

	c->bindings = mem_resize(c->bindings, (c->bindings_len + 1) * sizeof *c->bindings);
	b = &c->bindings[c->bindings_len++];
	*b = (struct config_binding){0};
	snprintf(b->view, sizeof b->view, "%s", c->view);
	snprintf(b->source, sizeof b->source, "%s:%d", c->path, c->line);
	text_cleans(b->keys, sizeof b->keys, keys);
	return text_copy(b->action, sizeof b->action, action) ||
	       config_bad(c, c->line, "no action has so long a name");
}

static bool
is_made_of(const char *s, const char *more)
{
	static const char alnum[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

	for (; *s; s++)
		if (strchr(alnum, *s) == NULL && strchr(more, *s) == NULL)
			return false;
	return true;
}

static bool
copy(struct config *c, char *dst, size_t room, const char *value)
{
	return text_copy(dst, room, value) ||
	       config_bad(c, c->line, "%s is longer than %zu bytes; shorten it", c->key, room - 1);
}

static bool
set_cloud(struct config *c, const char *value)
{
	struct config_profile *e = &c->profiles[c->profiles_len - 1];

	e->cloud_line = c->line;
	return copy(c, e->cloud, sizeof e->cloud, value);
}

/* The next of several values with commas and blanks between; "" after the last. */
static bool
next_word(struct config *c, const char **value, char *out, size_t room)
{
	size_t len;

	*value += strspn(*value, ", \t");
	len = strcspn(*value, ", \t");
	if (len >= room)
		return config_bad(c, c->line, "%s has a value longer than %zu bytes; shorten it",
			c->key, room - 1);
	memcpy(out, *value, len);
	out[len] = '\0';
	*value += len;
	return true;
}

static bool
has_tenant(const struct profile *p, const char *tenant)
{
	for (size_t i = 0; i < p->other_tenants_len; i++)
		if (text_casecmp(p->other_tenants[i], tenant) == 0)
			return true;
	return text_casecmp(p->tenant, tenant) == 0;
}

/* The first one is where one signs in; the others' subscriptions are shown as well. */
static bool
set_tenant(struct config *c, const char *value)
{
	struct profile *p = &c->profiles[c->profiles_len - 1].profile;
	char tenant[sizeof p->tenant];

	while (next_word(c, &value, tenant, sizeof tenant) && *tenant) {
		if (!is_made_of(tenant, ".-"))
			return config_bad(c, c->line,
				"tenant must be GUIDs or domain names with commas between");
		if (has_tenant(p, tenant))
			return config_bad(c, c->line, "tenant %s is there twice", tenant);
		if (p->tenant[0] && p->other_tenants_len == PROFILE_TENANTS)
			return config_bad(c, c->line, "more than %d tenants; make another profile",
				PROFILE_TENANTS + 1);
		memcpy(p->tenant[0] ? p->other_tenants[p->other_tenants_len++] : p->tenant, tenant,
			sizeof tenant);
	}
	return !c->failed;
}

static bool
set_subscriptions(struct config *c, const char *value)
{
	struct profile *p = &c->profiles[c->profiles_len - 1].profile;
	char id[sizeof p->subscriptions[0]];

	while (next_word(c, &value, id, sizeof id) && *id) {
		if (p->subscriptions_len == PROFILE_SUBSCRIPTIONS)
			return config_bad(c, c->line,
				"more than %d subscriptions; leave the key out to see all",
				PROFILE_SUBSCRIPTIONS);
		if (!armid_is_guid(id))
			return config_bad(
				c, c->line, "subscriptions must be GUIDs with commas between");
		memcpy(p->subscriptions[p->subscriptions_len++], id, sizeof p->subscriptions[0]);
	}
	return !c->failed;
}

const char *const config_auth_names[] = {"auto", "client-secret", "client-certificate",
	"workload-identity", "managed-identity", "az-cli", "login", NULL};

static bool
set_auth(struct config *c, const char *value)
{
	struct profile *p = &c->profiles[c->profiles_len - 1].profile;
	char known[120] = "";

	for (size_t i = 0; config_auth_names[i]; i++) {
		if (strcmp(config_auth_names[i], value) == 0)
			return copy(c, p->auth, sizeof p->auth, value);
		snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s", i ? ", " : "",
			config_auth_names[i]);
	}
	return config_bad(c, c->line, "auth can be one of %s", known);
}

static bool
set_client_id(struct config *c, const char *value)
{
	struct profile *p = &c->profiles[c->profiles_len - 1].profile;

	if (!armid_is_guid(value))
		return config_bad(c, c->line, "client-id must be a GUID");
	return copy(c, p->client_id, sizeof p->client_id, value);
}

static bool
set_certificate(struct config *c, const char *value)
{
	struct profile *p = &c->profiles[c->profiles_len - 1].profile;

	if (value[0] != '/')
		return config_bad(c, c->line,
			"certificate must be the whole path of a PEM file that begins with /");
	return copy(c, p->certificate, sizeof p->certificate, value);
}

static bool
take_yes(struct config *c, bool *out, const char *value)
{
	*out = value[0] == 'y';
	return strcmp(value, "yes") == 0 || strcmp(value, "no") == 0 ||
	       config_bad(c, c->line, "%s must be yes or no", c->key);
}

static bool
set_read_only(struct config *c, const char *value)
{
	return take_yes(c, &c->profiles[c->profiles_len - 1].profile.read_only, value);
}

static bool
set_redact(struct config *c, const char *value)
{
	return take_yes(c, &c->profiles[c->profiles_len - 1].profile.redact, value);
}

/* TYPE VERSION, TYPE VERSION */
static bool
set_api_versions(struct config *c, const char *value)
{
	struct profile *p = &c->profiles[c->profiles_len - 1].profile;
	struct err why;
	char pair[160];

	while (*(value += strspn(value, ", \t"))) {
		size_t len = strcspn(value, ",");

		snprintf(pair, sizeof pair, "%.*s", (int)len, value);
		if (!api_choose(&p->api, pair, &why))
			return config_bad(c, c->line, "api-versions: %s", why.msg);
		value += len;
	}
	return true;
}

static bool
set_banner(struct config *c, const char *value)
{
	struct config_profile *e = &c->profiles[c->profiles_len - 1];
	char clean[sizeof e->profile.banner * 8];

	e->banner = true;
	text_cleans(clean, sizeof clean, value);
	if (strcmp(clean, value) != 0)
		return config_bad(c, c->line, "banner must be plain text");
	return strcmp(value, "none") == 0 ||
	       copy(c, e->profile.banner, sizeof e->profile.banner, value);
}

static bool
set_colour(struct config *c, const char *value)
{
	struct profile *p = &c->profiles[c->profiles_len - 1].profile;

	if (strcmp(value, "auto") != 0 && strcmp(value, "always") != 0 &&
		strcmp(value, "never") != 0)
		return config_bad(c, c->line, "colour must be auto, always or never");
	return copy(c, p->colour, sizeof p->colour, value);
}

static bool
set_theme(struct config *c, const char *value)
{
	struct profile *p = &c->profiles[c->profiles_len - 1].profile;

	return copy(c, p->theme, sizeof p->theme, value);
}

/* A proxy's password would lie in a file that others may read: it belongs into the environment. */
static bool
set_proxy(struct config *c, const char *value)
{
	struct profile *p = &c->profiles[c->profiles_len - 1].profile;
	bool url = text_case_starts(value, "http://") || text_case_starts(value, "https://");

	if (strcmp(value, "none") != 0 && (!url || strpbrk(value, "@ ")))
		return config_bad(c, c->line,
			"proxy must be none or http://HOST:PORT, without user and password");
	return copy(c, p->proxy, sizeof p->proxy, value);
}

static bool
set_ca_file(struct config *c, const char *value)
{
	struct profile *p = &c->profiles[c->profiles_len - 1].profile;

	if (value[0] != '/')
		return config_bad(c, c->line, "ca-file must be a whole path that begins with /");
	return copy(c, p->ca_file, sizeof p->ca_file, value);
}

static bool
is_port(const char *s)
{
	size_t len = strspn(s, "0123456789");
	long port = len && len <= 5 && s[len] == '\0' ? strtol(s, NULL, 10) : 0;

	return port >= 1 && port <= 65535;
}

static bool
set_connect_to(struct config *c, const char *value)
{
	struct profile *p = &c->profiles[c->profiles_len - 1].profile;
	const char *colon = strrchr(value, ':');

	if (value[0] != '/' && (colon == NULL || colon == value || !is_port(colon + 1)))
		return config_bad(
			c, c->line, "connect-to must be HOST:PORT or the path of a socket");
	return copy(c, p->connect_to, sizeof p->connect_to, value);
}

/* https://HOST[:PORT], a final slash is dropped. */
static bool
take_url(struct config *c, char *dst, size_t room, const char *value)
{
	char host[128];
	size_t len;

	if (!origin_host(value, host, sizeof host) || strpbrk(value, "?#"))
		return config_bad(
			c, c->line, "%s must be https://HOST or https://HOST:PORT", c->key);
	if (!copy(c, dst, room, value))
		return false;
	len = strlen(dst);
	if (dst[len - 1] == '/')
		dst[--len] = '\0';
	if (strchr(dst + strlen("https://"), '/'))
		return config_bad(c, c->line,
			"%s must be https://HOST or https://HOST:PORT, without a path", c->key);
	return true;
}

/* prefix.HOST[:PORT]; the audience is HOST as https URL (may be NULL). */
static bool
take_suffix(
	struct config *c, const char *prefix, char suffix[96], char *audience, const char *value)
{
	char url[160], host[82];

	value += value[0] == '.';
	snprintf(url, sizeof url, "https://%s", value);
	if (strlen(value) > 80 || strpbrk(value, "/?#") || !origin_host(url, host, sizeof host))
		return config_bad(c, c->line,
			"%s must be the end of a host name such as .vault.azure.net", c->key);
	snprintf(suffix, 96, "%s.%s", prefix, host);
	if (audience)
		snprintf(audience, 128, "https://%s", host);
	return true;
}

static bool
set_arm(struct config *c, const char *value)
{
	struct cloud *cloud = &c->clouds[c->clouds_len - 1].cloud;

	return take_url(c, cloud->arm, sizeof cloud->arm, value) &&
	       (cloud->arm_audience[0] ||
		       copy(c, cloud->arm_audience, sizeof cloud->arm_audience, cloud->arm));
}

/* Taken as it is: audiences may have a path, and a final slash is part of them. */
static bool
set_arm_audience(struct config *c, const char *value)
{
	struct cloud *cloud = &c->clouds[c->clouds_len - 1].cloud;
	char host[128];

	if (!origin_host(value, host, sizeof host) || strpbrk(value, "?#\" "))
		return config_bad(c, c->line, "%s must be an https URL", c->key);
	return copy(c, cloud->arm_audience, sizeof cloud->arm_audience, value);
}

static bool
set_authority(struct config *c, const char *value)
{
	struct cloud *cloud = &c->clouds[c->clouds_len - 1].cloud;

	return take_url(c, cloud->authority, sizeof cloud->authority, value);
}

static bool
set_vault_suffix(struct config *c, const char *value)
{
	struct cloud *cloud = &c->clouds[c->clouds_len - 1].cloud;

	return take_suffix(c, "", cloud->vault_suffix, cloud->vault_audience, value);
}

static bool
set_hsm_suffix(struct config *c, const char *value)
{
	struct cloud *cloud = &c->clouds[c->clouds_len - 1].cloud;

	return take_suffix(c, "", cloud->hsm_suffix, cloud->hsm_audience, value);
}

/* What az calls it: core.windows.net, without the service. */
static bool
set_storage_suffix(struct config *c, const char *value)
{
	struct cloud *cloud = &c->clouds[c->clouds_len - 1].cloud;

	return take_suffix(c, ".blob", cloud->blob_suffix, NULL, value);
}

static bool
set_graph(struct config *c, const char *value)
{
	struct cloud *cloud = &c->clouds[c->clouds_len - 1].cloud;

	return take_url(c, cloud->graph, sizeof cloud->graph, value);
}

const struct config_key config_profile_keys[] = {
	{"cloud", set_cloud, false,
		"The cloud: AzureCloud (the usual one), AzureChinaCloud, AzureUSGovernment, or the NAME of a section [cloud NAME]."},
	{"tenant", set_tenant, true,
		"The tenant to sign in to, by name or id; with commas between, further tenants whose subscriptions are shown as well."},
	{"subscriptions", set_subscriptions, true,
		"The ids of the subscriptions to look at, with commas between; without it all that the sign-in sees."},
	{"auth", set_auth, false,
		"The one way to sign in: auto (the first that is there), client-secret, client-certificate, workload-identity, managed-identity, az-cli or login."},
	{"client-id", set_client_id, false,
		"The application, or the user-assigned identity, to sign in as; goes before AZURE_CLIENT_ID."},
	{"certificate", set_certificate, false,
		"The whole path of a PEM file with certificate and RSA key, for client-certificate; goes before AZURE_CLIENT_CERTIFICATE_PATH."},
	{"read-only", set_read_only, false,
		"yes or no: whether every request that changes something is refused."},
	{"banner", set_banner, false,
		"A word for the title line and before changes; a profile whose name begins with prod has PRODUCTION without it, and none takes that away."},
	{"redact", set_redact, false,
		"yes or no: whether the console hides names and ids, for a screen that others see."},
	{"colour", set_colour, false, "auto, always or never."},
	{"theme", set_theme, false, "The console's theme, on the sandbox too: a name or a path."},
	{"proxy", set_proxy, false,
		"none, or http://HOST:PORT, in place of HTTPS_PROXY; a password belongs into the environment."},
	{"ca-file", set_ca_file, false,
		"The whole path of a PEM file of authorities to trust in place of the system's."},
	{"connect-to", set_connect_to, false,
		"HOST:PORT or a Unix socket to which all bytes go; names and certificates stay those of the real addresses."},
	{"api-versions", set_api_versions, true,
		"TYPE VERSION, TYPE VERSION: where another API version than the built-in one is wanted."},
	{NULL, NULL, false, NULL},
};

const struct config_key config_cloud_keys[] = {
	{"arm", set_arm, false, "The resource manager, https://HOST or https://HOST:PORT; needed."},
	{"arm-audience", set_arm_audience, false,
		"The audience of its tokens, where that is another one than the URL."},
	{"authority", set_authority, false,
		"Where one signs in, https://HOST or https://HOST:PORT; needed."},
	{"vault-suffix", set_vault_suffix, false,
		"The end of the host names of vaults, as in .vault.example; needed."},
	{"hsm-suffix", set_hsm_suffix, false,
		"The end of the host names of managed HSMs, where the cloud has them."},
	{"storage-suffix", set_storage_suffix, false,
		"The end of the host names of storage accounts, without blob."},
	{"graph", set_graph, false, "The URL of Microsoft Graph."},
	{NULL, NULL, false, NULL},
};
