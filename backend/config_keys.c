/* The keys of both kinds of section as tables: what a key may hold is said in one function each,
 * and an unknown key is one that no table has. */
#include "backend/config_keys.h"

#include <stdarg.h>
#include <string.h>

#include "backend/azure/armid.h"
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
	       config_bad(c, c->line, "the value is longer than %zu bytes; shorten it", room - 1);
}

static bool
set_cloud(struct config *c, const char *value)
{
	struct config_profile *e = &c->profiles[c->profiles_len - 1];

	e->cloud_line = c->line;
	return copy(c, e->cloud, sizeof e->cloud, value);
}

static bool
set_tenant(struct config *c, const char *value)
{
	struct profile *p = &c->profiles[c->profiles_len - 1].profile;

	if (!is_made_of(value, ".-"))
		return config_bad(c, c->line, "tenant must be a GUID or a domain name");
	return copy(c, p->tenant, sizeof p->tenant, value);
}

static bool
set_subscriptions(struct config *c, const char *value)
{
	struct profile *p = &c->profiles[c->profiles_len - 1].profile;

	while (*(value += strspn(value, ", \t"))) {
		size_t len = strcspn(value, ", \t");
		char *out;

		if (p->subscriptions_len == PROFILE_SUBSCRIPTIONS)
			return config_bad(c, c->line,
				"more than %d subscriptions; leave the key out to see all",
				PROFILE_SUBSCRIPTIONS);
		out = p->subscriptions[p->subscriptions_len];
		if (len != sizeof p->subscriptions[0] - 1)
			return config_bad(
				c, c->line, "subscriptions must be GUIDs with commas between");
		memcpy(out, value, len);
		out[len] = '\0';
		if (!armid_is_guid(out))
			return config_bad(
				c, c->line, "subscriptions must be GUIDs with commas between");
		p->subscriptions_len++;
		value += len;
	}
	return true;
}

static bool
set_auth(struct config *c, const char *value)
{
	struct profile *p = &c->profiles[c->profiles_len - 1].profile;
	static const char *const ways[] = {"auto", "client-secret", "client-certificate",
		"workload-identity", "managed-identity", "az-cli", "login"};

	for (size_t i = 0; i < ARRAY_LEN(ways); i++)
		if (strcmp(ways[i], value) == 0)
			return copy(c, p->auth, sizeof p->auth, value);
	return config_bad(c, c->line,
		"auth can be auto, client-secret, client-certificate, workload-identity, "
		"managed-identity, az-cli or login");
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
set_read_only(struct config *c, const char *value)
{
	struct profile *p = &c->profiles[c->profiles_len - 1].profile;

	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return config_bad(c, c->line, "read-only must be yes or no");
	p->read_only = value[0] == 'y';
	return true;
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
set_connect_to(struct config *c, const char *value)
{
	struct profile *p = &c->profiles[c->profiles_len - 1].profile;
	const char *colon = strrchr(value, ':');

	if (value[0] != '/' && (colon == NULL || colon == value || !colon[1] ||
				       colon[1 + strspn(colon + 1, "0123456789")]))
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
		return config_bad(c, c->line, "must be https://HOST or https://HOST:PORT");
	if (!copy(c, dst, room, value))
		return false;
	len = strlen(dst);
	if (dst[len - 1] == '/')
		dst[--len] = '\0';
	if (strchr(dst + strlen("https://"), '/'))
		return config_bad(
			c, c->line, "must be https://HOST or https://HOST:PORT, without a path");
	return true;
}

/* .HOST[:PORT]; the audience is the same without the dot, as https URL (may be NULL). */
static bool
take_suffix(struct config *c, char suffix[96], char *audience, const char *value)
{
	char url[160], host[90];

	value += value[0] == '.';
	snprintf(url, sizeof url, "https://%s", value);
	if (strlen(value) > 80 || strpbrk(value, "/?#") || !origin_host(url, host, sizeof host))
		return config_bad(
			c, c->line, "must be the end of a host name such as .vault.azure.net");
	snprintf(suffix, 96, ".%s", host);
	if (audience)
		snprintf(audience, 128, "https://%s", host);
	return true;
}

static bool
set_arm(struct config *c, const char *value)
{
	struct cloud *cloud = &c->clouds[c->clouds_len - 1].cloud;

	return take_url(c, cloud->arm, sizeof cloud->arm, value) &&
	       copy(c, cloud->arm_audience, sizeof cloud->arm_audience, cloud->arm);
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

	return take_suffix(c, cloud->vault_suffix, cloud->vault_audience, value);
}

static bool
set_hsm_suffix(struct config *c, const char *value)
{
	struct cloud *cloud = &c->clouds[c->clouds_len - 1].cloud;

	return take_suffix(c, cloud->hsm_suffix, cloud->hsm_audience, value);
}

/* Nothing in this version talks to Storage's own host or to Graph; a wrong value is told all the
 * same, so that a profile written today keeps its meaning. */
static bool
check_storage_suffix(struct config *c, const char *value)
{
	char suffix[96];

	return take_suffix(c, suffix, NULL, value);
}

static bool
check_graph(struct config *c, const char *value)
{
	char url[128];

	return take_url(c, url, sizeof url, value);
}

const struct config_key config_profile_keys[] = {
	{"cloud", set_cloud},
	{"tenant", set_tenant},
	{"subscriptions", set_subscriptions},
	{"auth", set_auth},
	{"client-id", set_client_id},
	{"certificate", set_certificate},
	{"read-only", set_read_only},
	{"colour", set_colour},
	{"theme", set_theme},
	{"proxy", set_proxy},
	{"ca-file", set_ca_file},
	{"connect-to", set_connect_to},
	{NULL, NULL},
};

const struct config_key config_cloud_keys[] = {
	{"arm", set_arm},
	{"authority", set_authority},
	{"vault-suffix", set_vault_suffix},
	{"hsm-suffix", set_hsm_suffix},
	{"storage-suffix", check_storage_suffix},
	{"graph", check_graph},
	{NULL, NULL},
};
