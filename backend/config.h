/* Profiles: $XDG_CONFIG_HOME/claviger/config, an INI file. */
#ifndef CLAVIGER_CONFIG_H
#define CLAVIGER_CONFIG_H

#include <limits.h>
#include <stddef.h>

#include "backend/azure/cloud.h"
#include "backend/base/err.h"

enum { PROFILE_SUBSCRIPTIONS = 64 };

struct profile {
	char name[64];
	struct cloud cloud;
	char tenant[64]; /* "" : the credential's */
	char subscriptions[PROFILE_SUBSCRIPTIONS][37];
	size_t subscriptions_len; /* 0: all that can be seen */
	bool read_only;
	bool sandbox;  /* every screen then says SANDBOX, wall time is the server's */
	char auth[24]; /* name of a credential kind; "" or "auto": all */
	char client_id[64];
	char certificate[PATH_MAX]; /* PEM with key; "" : AZURE_CLIENT_CERTIFICATE_PATH */
	char colour[16];
	char theme[128];
	char proxy[256];
	char ca_file[PATH_MAX];
	char connect_to[PATH_MAX]; /* HOST:PORT, or the path of a Unix socket */
};

/* A profile of the public cloud with nothing else set. */
void profile_default(struct profile *out);

/* Reads the profile `name` (NULL: the one called "default", or profile_default when there is no
 * file). path NULL: the usual place. Unknown sections, keys and values are ERR_USAGE errors of the
 * form "PATH:LINE: what; remedy". */
bool config_read(
	const char *path, const char *name, struct profile *out, struct err *err) MUST_CHECK;

/* The names of the profiles in the file, each given to `each`. No file: none. */
bool config_list(const char *path, void (*each)(void *user, const struct profile *), void *user,
	struct err *err) MUST_CHECK;

#endif
