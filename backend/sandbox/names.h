/* Which service a Host header means, and how the same service writes its own URLs in a reply: in
 * the names that it was asked by, so that no mode has to be chosen or stored. */
#ifndef CLAVIGER_SANDBOX_NAMES_H
#define CLAVIGER_SANDBOX_NAMES_H

#include "backend/azure/cloud.h"
#include "backend/base/err.h"

enum host_role {
	HOST_NONE,
	HOST_LOCAL = 1, /* localhost: resource manager and sign-in at once */
	HOST_ARM = 2,
	HOST_ENTRA = 4,
	HOST_VAULT = 8,
	HOST_HSM = 16,
	HOST_BLOB = 32,
	HOST_GRAPH = 64,
};

/* Where keys live. The numbers are stored. */
enum store_kind { STORE_VAULT = 0, STORE_HSM = 1 };

enum { NAMES_URL = 320 };

struct naming {
	enum host_role role;
	const struct cloud *cloud; /* NULL: local names */
	char port[8];              /* ":40123" or "" */
	char store[64];            /* name of the vault, HSM or storage account */
};

/* Reads a Host header; role is HOST_NONE when the name is none of ours. */
void names_read(struct naming *out, const char *host);

/* URLs without a final slash; out has NAMES_URL bytes. Each returns out. */
char *names_authority(const struct naming *naming, char out[NAMES_URL]);
char *names_arm(const struct naming *naming, char out[NAMES_URL]);
char *names_store(
	const struct naming *naming, enum store_kind kind, const char *store, char out[NAMES_URL]);
char *names_store_audience(const struct naming *naming, enum store_kind kind, char out[NAMES_URL]);
char *names_blob(const struct naming *naming, const char *account, char out[NAMES_URL]);
char *names_graph(const struct naming *naming, char out[NAMES_URL]);

/* The vault or HSM that a URI of any cloud or of this host names, in lower case; *slash tells of a
 * final slash. False when it is no such URI. */
bool names_parse_store(
	const char *uri, enum store_kind *kind, char store[64], bool *slash) MUST_CHECK;

/* Whether audience is one of the resource manager's: its own URL here, or a name that it has in any
 * cloud, with or without a final slash. */
bool names_is_arm_audience(const struct naming *naming, const char *audience);

/* Whether any service of ours has this audience: what sign-in gives tokens for. */
bool names_is_audience(const struct naming *naming, const char *audience);

/* Whether audience is Microsoft Graph's, by its URL here or in any cloud or by its application id.
 */
bool names_is_graph_audience(const struct naming *naming, const char *audience);

/* Whether two URLs of sign-in mean the same: a host that serves it, by any name that it has, and
 * the same path. */
bool names_same_issuer(const char *a, const char *b);

/* Every name of the server certificate; NULL-ended. */
extern const char *const names_certified[];

#endif
