/* What config.c and its table of keys share; nobody else includes this. */
#ifndef CLAVIGER_CONFIG_KEYS_H
#define CLAVIGER_CONFIG_KEYS_H

#include <stdint.h>
#include <stdio.h>

#include "backend/config/config.h"

struct config_profile {
	struct profile profile;
	char cloud[32];
	int line, cloud_line;
	bool banner; /* it says whether it has one */
};

struct config_cloud {
	struct cloud cloud;
	int line;
};

struct config {
	const char *path;
	FILE *file;
	int line;
	const char *key; /* that is being read */
	struct err *err;
	bool failed;
	struct config_profile *profiles;
	struct config_cloud *clouds;
	struct config_binding *bindings;
	size_t profiles_len, clouds_len, bindings_len;
	/* The last profile or cloud, or the keys of the view, are being read. */
	enum { NOWHERE, IN_PROFILE, IN_CLOUD, IN_KEYS } where;
	char view[sizeof((struct config_binding *)0)->view];
	uint32_t seen; /* bits of its keys, by their place in the table */
	bool goes_on;  /* the line begins with a blank: more of the key before it */
};

struct config_key {
	const char *name;
	bool (*set)(struct config *c, const char *value); /* into the last entry; at most 31 keys */
	bool list;        /* lines that begin with a blank add to it */
	const char *help; /* what it says, a sentence for the manual */
};

/* Both end with a NULL name. */
extern const struct config_key config_profile_keys[];
extern const struct config_key config_cloud_keys[];

/* Takes one line of a section [keys]. */
bool config_bind(struct config *c, const char *action, const char *keys);

/* "PATH:LINE: what; remedy". Only the first error is kept. Returns false. */
bool config_bad(struct config *c, int line, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* The profile that the Azure CLI's own configuration amounts to; *found: there is one. */
bool config_az(struct profile *out, bool *found, struct err *err) MUST_CHECK;

#endif
