/* The api-version of every kind of call: one table. A version is selectable when the shapes of its
 * replies are read here; the first of each row is the one that is used unless a profile says
 * otherwise. */
#ifndef CLAVIGER_API_VERSION_H
#define CLAVIGER_API_VERSION_H

#include <stddef.h>
#include <time.h>

#include "backend/base/err.h"

enum { API_TYPES_MAX = 32, API_VERSIONS_MAX = 6 };

struct api_type {
	const char *name; /* Microsoft.KeyVault/vaults; keyvault: data plane */
	const char *versions[API_VERSIONS_MAX]; /* ended by NULL */
	/* Versions before this one end on that day (2027-02-27), as the source says; NULL: no end
	 * has been announced. */
	const char *stays, *ends, *source;
};

extern const struct api_type api_types[];
extern const size_t api_types_len;

/* By place in the table the place of the version that a profile chose; all 0: the defaults. */
struct api_choice {
	unsigned char version[API_TYPES_MAX];
};

/* Takes "TYPE VERSION". ERR_USAGE when either is unknown: it says what there is. */
bool api_choose(struct api_choice *choice, const char *words, struct err *err) MUST_CHECK;

/* NULL for an unknown type. Types compare without regard to case. */
const char *api_version(const struct api_choice *choice, const char *type);

/* Whether the version chosen for this type ends before that time. */
bool api_ends_by(const struct api_choice *choice, const struct api_type *type, time_t by);

#endif
