/* What a revoke writes down before it changes anything, and restore goes by: an object in the
 * campaign's `kept`, so that it is in the journal with the first record.
 *   versions  those that are disabled, because an account may use them, in the order of the vault
 *   keys      their public halves (JWK), by version
 *   accounts  by id: identity, principal, version, mode, and taken: what opened the key to it
 *   restore   the command that takes it back */
#ifndef CLAVIGER_PLAN_SAVED_H
#define CLAVIGER_PLAN_SAVED_H

#include "backend/plans/campaign.h"

/* Reads the key; waits. What cannot be read is a finding; ERR_REFUSED where nothing is left to go
 * by. */
bool saved_versions(struct campaign *campaign, struct err *err) MUST_CHECK;

/* The versions of an array as a list with commas; owned by the caller. "": none. */
char *saved_list(const json_t *versions);

/* Adds the reading of each account; saved_account takes the run. */
void saved_survey(struct campaign *campaign);
void saved_account(struct campaign *campaign, const struct member *member, const struct run *run);

/* What an account was written down with; NULL: it was not. */
const json_t *saved_of(const json_t *accounts, const struct armid *id);

/* How the account now differs from what was written down, in a few words; false: it does not. */
bool saved_differs(const json_t *was, const struct plan_facts *now, char *out, size_t room);

#endif
