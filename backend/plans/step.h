/* The steps that plans share, and what their build() and accept() have in common. */
#ifndef CLAVIGER_PLAN_STEP_H
#define CLAVIGER_PLAN_STEP_H

#include "backend/plans/plan.h"

/* Reads: they fill the facts and change nothing. A resource that is not there or may not be read
 * is no failure of the read: the facts say so, and rules judge it. */
extern const struct step step_selftest, step_read_account, step_read_vault, step_read_key,
	step_read_versions;

/* Changes, and the reads that show them. */
extern const struct step step_protect, step_identity, step_grant, step_key, step_prove, step_switch,
	step_verify;

/* The JSON text of a body, owned by the caller; takes the reference. */
char *step_body(json_t *body);

/* Parses a reply; what names the request in the error. */
json_t *step_json(const struct reply *reply, const char *what, struct err *err) MUST_CHECK;

/* "‹principalId, from step identity›" into out. Returns out. */
char *step_mark(char *out, size_t room, const char *what, const char *from);

/* Takes the failure over as the reason; FAILED. */
enum outcome step_failed(const struct err *failure, struct err *err);

/* The reply of a GET or PATCH of the account or vault into the facts. */
bool step_take_account(
	struct plan_facts *facts, const struct reply *reply, struct err *err) MUST_CHECK;
bool step_take_vault(
	struct plan_facts *facts, const struct reply *reply, struct err *err) MUST_CHECK;

/* A KeyBundle into the facts; want then names its version. */
bool step_take_key(struct plan_facts *facts, const json_t *json, struct err *err) MUST_CHECK;

/* Principal and tenant of the identity that is to open the key; "" while unknown. */
const char *step_principal(const struct plan_facts *facts);
const char *step_tenant(const struct plan_facts *facts);

/* The rights that the identity still needs on the vault. */
perm_set step_missing(const struct plan_facts *facts);

/* Whether the account uses exactly the wanted key and version, opened by the wanted identity. */
bool step_is_switched(const struct plan_facts *facts);

#endif
