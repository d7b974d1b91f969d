/* Findings as packed rows. Internal to posture and its kind. */
#ifndef CLAVIGER_ESTATE_FINDINGS_H
#define CLAVIGER_ESTATE_FINDINGS_H

#include "backend/estate/inside.h"
#include "backend/estate/posture.h"

/* Whom a finding is of: one more than the row of an account, 0 for none; names, "" for none. */
struct whom {
	uint32_t account;
	const char *vault, *key;
};

/* What findings of one rule have in common, stored once: texts of the findings' own. place: of the
 * rule in its table. */
struct finding_rule {
	uint32_t rule, place, severity, source;
};

/* And those on many accounts. cause and remedy: see findings_say. */
struct finding_shape {
	uint32_t rule, vault, key, cause, remedy; /* rule: see findings_rule */
};

struct finding_row {
	uint32_t account; /* as in struct whom */
	uint32_t shape;
};

enum { FINDING_TEXT = 1024 };

/* From which row on they have a shape. */
struct finding_run {
	uint32_t from, shape;
};

/* Those of one severity and place, as they were added: accounts by row, and what is said of them.
 */
struct finding_group {
	uint32_t severity, place;
	uint32_t *accounts;
	size_t len, room;
	struct finding_run *runs;
	size_t runs_len, runs_room;
};

struct findings {
	struct pool *pool;
	struct row_names *names; /* the accounts' table's */
	struct shapes rules;     /* struct finding_rule */
	struct shapes shapes;    /* struct finding_shape */
	struct finding_group *groups;
	size_t groups_len, groups_room;
	size_t len; /* of all rows */
};

struct findings *findings_new(struct row_names *names);
void findings_free(struct findings *findings);
void findings_add(
	struct findings *findings, const struct whom *whom, const struct finding *finding);
/* All have come: gives back what was kept for finding equal ones. */
void findings_trim(struct findings *findings);
/* The worst first, those of one severity in the order of the rules. */
struct finding_row findings_at(const struct findings *findings, size_t row);
const struct finding_shape *findings_shape(
	const struct findings *findings, const struct finding_row *row);
const struct finding_rule *findings_rule(
	const struct findings *findings, const struct finding_row *row);
const char *findings_text(const struct findings *findings, uint32_t at);
/* The name of a row's account, "" for none. Returns out. */
const char *findings_account(
	const struct findings *findings, const struct finding_row *row, char out[ROW_NAME]);
/* The cause or the remedy of a row, which are kept without the name of its account. */
const char *findings_say(const struct findings *findings, const struct finding_row *row,
	uint32_t at, char out[FINDING_TEXT]);
/* One of the array of `claviger posture`; a new reference. */
json_t *findings_json(const struct findings *findings, size_t row);

#endif
