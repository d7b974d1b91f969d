/* Who may make a copy of a key: back it up, or restore one. */
#ifndef CLAVIGER_PLAN_HOLDERS_H
#define CLAVIGER_PLAN_HOLDERS_H

#include "backend/plans/campaign.h"

enum { HOLDERS_COPY = PERM_BACKUP | PERM_RESTORE };

/* What a role lets its holder do of that, in words; NULL: nothing. A role that is not known here
 * may. hsm: it is one of a managed HSM's own. */
const char *holders_may(const struct assignment *assignment, bool hsm);

/* Tells, as findings of the campaign, who may copy this key by roles, with principal and scope:
 * they cannot be cut down to less, and stay. *policies: access policies decide there, which the
 * plan "contain" cuts down. Reads the vault; waits. What cannot be read is a finding too: false
 * only when it was interrupted. */
bool holders_tell(struct campaign *campaign, const struct armid *vault, const struct keyid *key,
	bool *policies, struct err *err) MUST_CHECK;

#endif
