/* Where a token may go. A nextLink, a Location or a challenge that names another host is refused
 * before a byte is sent. */
#ifndef CLAVIGER_NET_ORIGIN_H
#define CLAVIGER_NET_ORIGIN_H

#include "backend/azure/cloud.h"
#include "backend/net/request.h"

/* Whether two URLs have the same scheme, host and port (443 is the default); no user information,
 * no look-alikes. */
bool origin_same(const char *a, const char *b);

/* Checks that a request's URL belongs to its audience in this cloud: ARM's or Microsoft Graph's own
 * host, one label under the vault, HSM or blob suffix, or for a local request this machine.
 * ERR_DENIED, code "ForeignOrigin", otherwise. */
bool origin_check(
	const struct cloud *cloud, const struct request *request, struct err *err) MUST_CHECK;

/* The address as it goes over the wire: names in other scripts than ASCII percent-encoded. New. */
char *origin_encode(const char *url);

/* A link found in a reply to `from`: same origin or ERR_DENIED. A relative link is completed.
 * out is owned by the caller. */
bool origin_follow(const char *from, const char *link, char **out, struct err *err) MUST_CHECK;

/* Key Vault's challenge: Bearer authorization="AUTHORITY/TENANT", resource="https://vault..." (or
 * scope=, or authorization_uri=; separators lenient). The request's host must end in "." + the
 * resource's host [azkeys challenge policy]. tenant gets the last part of the path. */
bool origin_challenge(const char *challenge, const char *url, const struct cloud *cloud,
	char tenant[64], char resource[160], struct err *err) MUST_CHECK;

/* The host (with port unless 443) that a challenge names to sign in at, of whatever service; false
 * when there is none to be read. */
bool origin_authority(const char *challenge, char *out, size_t room) MUST_CHECK;

/* The tenant that a challenge names, of whatever service; false when there is none to be read. */
bool origin_tenant(const char *challenge, char tenant[64]) MUST_CHECK;

/* The host (with port unless 443) of a URL, lower case; false when there is none to trust. */
bool origin_host(const char *url, char *out, size_t room) MUST_CHECK;

/* The same for a place on this machine or its link, where http will do: localhost, 127.0.0.0/8,
 * 169.254.0.0/16. False for any other. */
bool origin_local(const char *url, char *out, size_t room) MUST_CHECK;

/* One of the two, as the request says. */
bool origin_request(const struct request *request, char *out, size_t room) MUST_CHECK;

/* Finds name=value or name="value" among a challenge's parameters, which follow the scheme,
 * separated by commas and blanks. False when it is not there, empty, or longer than room. */
bool origin_parameter(const char *s, const char *name, char *out, size_t room) MUST_CHECK;

#endif
