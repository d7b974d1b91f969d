/* The support bundle: one JSON file that tells of a run what a ticket needs, and no secret. */
#ifndef CLAVIGER_VIEWS_BUNDLE_H
#define CLAVIGER_VIEWS_BUNDLE_H

#include <jansson.h>

#include "backend/base/err.h"

struct estate;
struct profile;
struct session;

/* What it is made from; what is NULL is left out. Nothing is asked of a server. */
struct bundle {
	const struct profile *profile;
	struct session *session;
	const struct estate *estate;
	const char *estate_error; /* why there is no estate */
	const char *journal_dir;  /* NULL: the usual place */
	const json_t *checks;     /* doctor's rows */
};

/* The object, new: of each section only the members of an allow-list, every text made safe. */
json_t *bundle_make(const struct bundle *bundle);

/* Writes it to a new file of mode 0600; what is there already is not touched (ERR_REFUSED). "-" is
 * standard output. */
bool bundle_write(const struct bundle *bundle, const char *path, struct err *err) MUST_CHECK;

#endif
