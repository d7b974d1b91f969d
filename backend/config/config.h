/* Profiles: $XDG_CONFIG_HOME/claviger/config, an INI file. */
#ifndef CLAVIGER_CONFIG_H
#define CLAVIGER_CONFIG_H

#include <limits.h>
#include <stddef.h>

#include "backend/config/api_version.h"
#include "backend/azure/cloud.h"
#include "backend/base/err.h"

enum { PROFILE_SUBSCRIPTIONS = 64, PROFILE_TENANTS = 16 };

struct profile {
	char name[64];
	struct cloud cloud;
	char tenant[64]; /* where one signs in first; "" : the credential's */
	char other_tenants[PROFILE_TENANTS][64]; /* whose subscriptions are shown as well */
	size_t other_tenants_len;
	char subscriptions[PROFILE_SUBSCRIPTIONS][37];
	size_t subscriptions_len; /* 0: all that can be seen */
	struct api_choice api;    /* api-versions other than the usual ones */
	bool read_only;
	bool redact;   /* the console hides names and ids */
	bool sandbox;  /* every screen then says SANDBOX, wall time is the server's */
	char auth[24]; /* name of a credential kind; "" or "auto": all */
	char client_id[64];
	char certificate[PATH_MAX]; /* PEM with key; "" : AZURE_CLIENT_CERTIFICATE_PATH */
	char banner[48];            /* in the title and before changes; "" : none */
	char colour[16];
	char theme[128];
	char proxy[256];
	char ca_file[PATH_MAX];
	char connect_to[PATH_MAX];  /* HOST:PORT, or the path of a Unix socket */
	char source[PATH_MAX + 16]; /* PATH:LINE that it was read from; "" : from nowhere */
};

/* What `auth` may be; NULL ends. The names of all kinds of credential, and "auto". */
extern const char *const config_auth_names[];

/* A profile of the public cloud with nothing else set. */
void profile_default(struct profile *out);

/* Reads the profile `name`. NULL: the one called "default", else one called "az" of what the Azure
 * CLI is set to, else profile_default. path NULL: the usual place, where there need be no file.
 * Unknown sections, keys and values are ERR_USAGE errors of the form "PATH:LINE: what; remedy". */
bool config_read(
	const char *path, const char *name, struct profile *out, struct err *err) MUST_CHECK;

/* One line of a section [keys] or [keys VIEW]: which keys of the console do what. What stands there
 * is judged by those who know the views. */
struct config_binding {
	char view[32]; /* "": in every view */
	char action[64], keys[64];
	char source[PATH_MAX + 16]; /* PATH:LINE */
};

/* Gives each of them to `each`, in their order, until it says false. path as in config_read. */
bool config_bindings(const char *path,
	bool (*each)(void *user, const struct config_binding *binding, struct err *err), void *user,
	struct err *err) MUST_CHECK;

/* Gives each profile of the file to `each`, and "az" where it counts. */
bool config_list(const char *path,
	void (*each)(void *user, const struct profile *profile, bool is_default), void *user,
	struct err *err) MUST_CHECK;

#endif
