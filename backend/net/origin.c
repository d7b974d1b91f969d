/* A token is worth what its owner may do, so every host is compared as a whole, after a strict
 * reading: https only, no user information, no trailing dots, ports spelled out. What reads
 * differently in two URL parsers is refused. */
#include "backend/net/origin.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"

enum { HOST_MAX = 253, PORT_MAX = 65535, HTTPS_PORT = 443, HTTP_PORT = 80 };

static bool
is_host_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

/* Labels of letters, digits and dashes, none empty. */
static bool
is_host(const char *s, size_t len)
{
	if (len == 0 || len > HOST_MAX || s[0] == '.' || s[len - 1] == '.')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_host_char(s[i]) || (s[i] == '.' && s[i + 1] == '.'))
			return false;
	return true;
}

static bool
read_port(const char *s, long *port)
{
	size_t len = strlen(s);

	if (len == 0 || len > 5 || s[0] == '0' || strspn(s, "0123456789") != len)
		return false;
	*port = strtol(s, NULL, 10);
	return *port <= PORT_MAX;
}

static void
lower(char *s)
{
	for (; *s; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s - 'A' + 'a');
}

/* What follows a scheme, whose own port is left out. */
static bool
read_authority(const char *url, long scheme_port, char *out, size_t room)
{
	char authority[HOST_MAX + 8];
	size_t len = strcspn(url, "/?#");
	long port = scheme_port;
	char *colon;

	out[0] = '\0';
	if (len == 0 || len >= sizeof authority)
		return false;
	memcpy(authority, url, len);
	authority[len] = '\0';
	lower(authority);
	colon = strchr(authority, ':');
	if (colon) {
		*colon = '\0';
		if (!read_port(colon + 1, &port))
			return false;
	}
	if (!is_host(authority, strlen(authority)))
		return false;
	if (port == scheme_port)
		return text_copy(out, room, authority);
	return snprintf(out, room, "%s:%ld", authority, port) < (int)room;
}

bool
origin_host(const char *url, char *out, size_t room)
{
	out[0] = '\0';
	return text_case_starts(url, "https://") &&
	       read_authority(url + strlen("https://"), HTTPS_PORT, out, room);
}

/* This machine, or its link: addresses that no router passes on (RFC 1122 3.2.1.3, RFC 3927). A
 * name other than localhost could lead anywhere. */
static bool
is_near(const char *host)
{
	char name[INET_ADDRSTRLEN];
	size_t len = strcspn(host, ":");
	unsigned char ip[4];

	if (len >= sizeof name)
		return false;
	memcpy(name, host, len);
	name[len] = '\0';
	return strcmp(name, "localhost") == 0 ||
	       (inet_pton(AF_INET, name, ip) == 1 &&
		       (ip[0] == 127 || (ip[0] == 169 && ip[1] == 254)));
}

bool
origin_local(const char *url, char *out, size_t room)
{
	bool plain = text_case_starts(url, "http://");

	return (plain ? read_authority(url + strlen("http://"), HTTP_PORT, out, room)
		      : origin_host(url, out, room)) &&
	       is_near(out);
}

bool
origin_request(const struct request *request, char *out, size_t room)
{
	return request->local ? origin_local(request->url, out, room)
			      : origin_host(request->url, out, room);
}

bool
origin_same(const char *a, const char *b)
{
	char host_a[HOST_MAX + 8], host_b[HOST_MAX + 8];

	return origin_host(a, host_a, sizeof host_a) && origin_host(b, host_b, sizeof host_b) &&
	       strcmp(host_a, host_b) == 0;
}

static bool
foreign(struct err *err, const char *url, const char *expected)
{
	char shown[120];

	text_cleans(shown, sizeof shown, url ? url : "");
	return err_set(err, ERR_DENIED, "ForeignOrigin",
		"%s: not at %s, so nothing was sent there; check the profile's cloud, and who wrote "
		"this address",
		shown, expected);
}

/* One label before the suffix: host is kv1.vault.azure.net, suffix .vault.azure.net. */
static bool
one_label(const char *host, const char *suffix)
{
	size_t host_len = strlen(host), suffix_len = strlen(suffix), label;

	if (suffix_len == 0 || host_len <= suffix_len || !text_case_ends(host, suffix))
		return false;
	label = host_len - suffix_len;
	return memchr(host, '.', label) == NULL && memchr(host, ':', label) == NULL;
}

bool
origin_check(const struct cloud *cloud, const struct request *request, struct err *err)
{
	char host[HOST_MAX + 8];
	const char *url = request->url ? request->url : "";

	if (request->local)
		return (request->audience == AUDIENCE_NONE &&
			       origin_local(url, host, sizeof host)) ||
		       foreign(err, url, "this machine or its link");
	switch (request->audience) {
	case AUDIENCE_NONE:
		return origin_same(url, cloud->authority) || foreign(err, url, cloud->authority);
	case AUDIENCE_ARM:
		return origin_same(url, cloud->arm) || foreign(err, url, cloud->arm);
	case AUDIENCE_VAULT:
		return (origin_host(url, host, sizeof host) &&
			       one_label(host, cloud->vault_suffix)) ||
		       foreign(err, url, cloud->vault_suffix);
	case AUDIENCE_HSM:
		return (origin_host(url, host, sizeof host) &&
			       one_label(host, cloud->hsm_suffix)) ||
		       foreign(err, url, cloud->hsm_suffix);
	case AUDIENCE_GRAPH:
		return origin_same(url, cloud->graph) || foreign(err, url, cloud->graph);
	case AUDIENCE_BLOB:
		return (origin_host(url, host, sizeof host) &&
			       one_label(host, cloud->blob_suffix)) ||
		       foreign(err, url, cloud->blob_suffix);
	}
	return foreign(err, url, "any known place");
}

char *
origin_encode(const char *url)
{
	size_t len = 0, size = strlen(url) * 3 + 1;
	char *out = mem_alloc(size);

	for (; *url; url++)
		len += (size_t)snprintf(out + len, size - len,
			(unsigned char)*url < 0x80 ? "%c" : "%%%02X", (unsigned char)*url);
	return out;
}

/* Blanks and bytes beyond ASCII, which some services leave in their links, percent-encoded. */
static char *
encoded(const char *prefix, const char *link)
{
	size_t len = strlen(prefix), size = len + strlen(link) * 3 + 1;
	char *out = mem_alloc(size);

	memcpy(out, prefix, len);
	for (; *link && *link != '#'; link++) {
		if (*link > 0x20 && *link < 0x7f)
			out[len++] = *link;
		else
			len += (size_t)snprintf(
				out + len, size - len, "%%%02X", (unsigned char)*link);
	}
	return out;
}

static bool
has_controls(const char *s)
{
	for (; *s; s++)
		if ((*s > 0 && *s < 0x20) || *s == 0x7f || *s == '\\')
			return true;
	return false;
}

bool
origin_follow(const char *from, const char *link, char **out, struct err *err)
{
	char host[HOST_MAX + 8], prefix[HOST_MAX + 16] = "", expected[HOST_MAX + 16];
	char *whole;

	*out = NULL;
	if (!origin_host(from, host, sizeof host))
		return foreign(err, from, "an https address");
	snprintf(expected, sizeof expected, "https://%s", host);
	if (has_controls(link))
		return foreign(err, link, expected);
	if (link[0] == '/' && link[1] == '/')
		snprintf(prefix, sizeof prefix, "https:");
	else if (link[0] == '/')
		snprintf(prefix, sizeof prefix, "%s", expected);
	whole = encoded(prefix, link);
	if (!origin_same(from, whole)) {
		foreign(err, whole, expected);
		free(whole);
		return false;
	}
	*out = whole;
	return true;
}

bool
origin_parameter(const char *s, const char *name, char *out, size_t room)
{
	while (*s) {
		size_t len, value_len;
		bool wanted, quoted;

		s += strspn(s, ", \t");
		len = strcspn(s, "=, \t");
		wanted = len == strlen(name) && text_case_starts(s, name);
		s += len;
		s += strspn(s, " \t");
		if (*s != '=')
			continue;
		s++;
		s += strspn(s, " \t");
		quoted = *s == '"';
		s += quoted;
		value_len = strcspn(s, quoted ? "\"" : ", \t");
		if (wanted && value_len > 0 && value_len < room) {
			memcpy(out, s, value_len);
			out[value_len] = '\0';
			return true;
		}
		s += value_len;
		s += quoted && *s == '"';
	}
	return false;
}

/* The last part of the authority's path, or the part before /oauth2/authorize. */
static bool
tenant_of(const char *authority, char tenant[64])
{
	char host[HOST_MAX + 8];
	const char *path;
	size_t len;

	if (!origin_host(authority, host, sizeof host))
		return false;
	path = strchr(authority + strlen("https://"), '/');
	if (path == NULL)
		return false;
	len = strcspn(++path, "/?#");
	if (len == 0 || len >= 64)
		return false;
	memcpy(tenant, path, len);
	tenant[len] = '\0';
	return strspn(tenant, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") ==
	       len;
}

static bool
bad_challenge(struct err *err, const char *url, const char *why)
{
	char host[HOST_MAX + 8];

	if (!origin_host(url, host, sizeof host))
		host[0] = '\0';
	return err_set(err, ERR_DENIED, "BadChallenge",
		"%s: its sign-in challenge %s; no token was sent", host, why);
}

/* The audience that this cloud has for the host of url; NULL when it is no vault of the cloud. */
static const char *
audience_of(const char *url, const struct cloud *cloud, char host[HOST_MAX + 8])
{
	if (!origin_host(url, host, HOST_MAX + 8))
		return NULL;
	if (one_label(host, cloud->vault_suffix))
		return cloud->vault_audience;
	return one_label(host, cloud->hsm_suffix) ? cloud->hsm_audience : NULL;
}

static bool
authority_of(const char *challenge, char authority[256])
{
	if (!text_case_starts(challenge, "Bearer"))
		return false;
	challenge += strlen("Bearer");
	return origin_parameter(challenge, "authorization", authority, 256) ||
	       origin_parameter(challenge, "authorization_uri", authority, 256);
}

bool
origin_authority(const char *challenge, char *out, size_t room)
{
	char authority[256];

	return authority_of(challenge, authority) && origin_host(authority, out, room);
}

bool
origin_tenant(const char *challenge, char tenant[64])
{
	char authority[256];

	return authority_of(challenge, authority) && tenant_of(authority, tenant);
}

bool
origin_challenge(const char *challenge, const char *url, const struct cloud *cloud, char tenant[64],
	char resource[160], struct err *err)
{
	char authority[256], host[HOST_MAX + 8], named[HOST_MAX + 8];
	const char *audience = audience_of(url, cloud, host), *at;
	size_t len;

	if (audience == NULL)
		return foreign(err, url, cloud->vault_suffix);
	if (challenge == NULL || !text_case_starts(challenge, "Bearer"))
		return bad_challenge(err, url, "is not of the kind Bearer");
	at = challenge + strlen("Bearer");
	if (!authority_of(challenge, authority))
		return bad_challenge(err, url, "names no authority");
	if (!tenant_of(authority, tenant))
		return bad_challenge(
			err, url, "names an authority that is no https URL of a tenant");
	if (!origin_parameter(at, "resource", resource, 160) &&
		!origin_parameter(at, "scope", resource, 160))
		return bad_challenge(err, url, "names no resource");
	if (text_case_ends(resource, "/.default"))
		resource[strlen(resource) - strlen("/.default")] = '\0';
	for (len = strlen(resource); len && resource[len - 1] == '/';)
		resource[--len] = '\0';
	if (!origin_host(resource, named, sizeof named) || !origin_same(resource, audience))
		return bad_challenge(err, url, "asks for a token of a foreign resource");
	len = strlen(host) - strlen(named);
	if (strlen(host) <= strlen(named) || host[len - 1] != '.' || strcmp(host + len, named) != 0)
		return bad_challenge(err, url, "asks for a token of a foreign resource");
	return true;
}
