/* A key in another tenant than the account's. Two operators may share the work: one of the
 * account's tenant (the identity, the application's trust in it, the switch), one of the vault's
 * (the application installed there, its rights, the key). What this operator can read is checked;
 * what he cannot is told as unknown with the reason, and whose it is to do. */
#ifndef CLAVIGER_PLAN_CROSS_H
#define CLAVIGER_PLAN_CROSS_H

#include "backend/plans/judge.h"

/* What the options say (NULL or "": not given) into facts->cross; ERR_REFUSED where that cannot be.
 */
bool cross_take(const struct service *service, const char *tenant, const char *client,
	struct plan_facts *facts, struct err *err) MUST_CHECK;

/* Once facts->used is read: an account that reaches another tenant goes on doing so, by the
 * application that it has where none was asked for. */
void cross_inherit(struct plan_facts *facts);

/* Whether what was asked for can be had across tenants; ERR_REFUSED. And whether a vault that could
 * not be found is in another tenant at all. */
bool cross_check(const struct plan_facts *facts, struct err *err) MUST_CHECK;

/* After a key's URI: the vault, in whichever tenant. One that this sign-in cannot list is known by
 * its name alone. */
bool cross_find_vault(struct estate *estate, struct plan_facts *facts, struct err *err) MUST_CHECK;

/* Whether this session reads the vault with the token of another tenant than the account. */
bool cross_is_elsewhere(const struct plan_facts *facts);

/* Reads: the account's tenant; whether the application trusts the identity; what the application is
 * in the vault's tenant. Only across tenants; what cannot be read is no failure. */
extern const struct step cross_read_home, cross_read_trust, cross_read_installed;

/* What is in another tenant and could not be read there. */
bool cross_hides_vault(const struct plan_facts *facts);
bool cross_hides_key(const struct plan_facts *facts);

/* Whether the rights of the application on the vault are known. */
bool cross_sees_rights(const struct plan_facts *facts);

/* The checklist of both tenants as findings, and what of it is known to be missing; or only what
 * concerns the key. In the account's own tenant nothing, as long as the vault is there as well. */
void cross_judge(const struct plan_facts *facts, struct judging *judging);
void cross_judge_key(const struct plan_facts *facts, struct judging *judging);

#endif
