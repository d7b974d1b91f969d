/* The catalogue: calls of every kind that clients of the resource manager and of vaults make, good
 * ones and bad ones, against the demo estate. Bodies follow the documents. */
#ifndef CLAVIGER_TESTS_SPEC_CALLS_H
#define CLAVIGER_TESTS_SPEC_CALLS_H

#include "tests/spec/traffic.h"

struct calls {
	struct traffic *traffic;
	char hsm[4096];   /* the operator's token for Managed HSM, as a header */
	size_t surprises; /* good calls that were refused, bad ones that were not */
};

/* A call that must be obeyed, or refused with 4xx; says so when it is otherwise. body may be NULL.
 */
void calls_good(struct calls *calls, const char *method, const char *url, const char *body);
void calls_bad(struct calls *calls, const char *method, const char *url, const char *body);

/* A row of a table of such calls. */
struct calls_row {
	bool bad;
	const char *method, *url, *body;
};
void calls_rows(struct calls *calls, const struct calls_row *rows, size_t len);

/* One file each: what must be there for the next comes first. */
void calls_estate(struct calls *calls);
void calls_vaults(struct calls *calls);
void calls_roles(struct calls *calls);
void calls_accounts(struct calls *calls);
void calls_keys(struct calls *calls);
void calls_hsm(struct calls *calls);

/* On a sandbox with --lro. */
void calls_slow(struct calls *calls);

#endif
