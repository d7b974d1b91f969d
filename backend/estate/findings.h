/* Findings as packed rows. Internal to posture and its kind. */
#ifndef CLAVIGER_ESTATE_FINDINGS_H
#define CLAVIGER_ESTATE_FINDINGS_H

#include "backend/estate/inside.h"
#include "backend/estate/posture.h"

/* Whom a finding is of: names, "" for none. */
struct whom {
	const char *account, *vault, *key;
};

/* cause and remedy: see findings_say. */
struct finding_row {
	const char *rule; /* its id */
	uint32_t account, vault, key, cause, source, remedy;
	enum severity severity;
};

enum { FINDING_TEXT = 1024 };

struct findings {
	struct pool *pool;
	struct finding_row *rows; /* the worst first, once sorted */
	size_t len, room;
};

struct findings *findings_new(void);
void findings_free(struct findings *findings);
void findings_add(
	struct findings *findings, const struct whom *whom, const struct finding *finding);
/* The worst first, else as they were added. */
void findings_sort(struct findings *findings);
const char *findings_text(const struct findings *findings, uint32_t at);
/* The cause or the remedy of a row, which are kept without the name of its account. */
const char *findings_say(const struct findings *findings, const struct finding_row *row,
	uint32_t at, char out[FINDING_TEXT]);
/* One of the array of `claviger posture`; a new reference. */
json_t *findings_json(const struct findings *findings, size_t row);

#endif
