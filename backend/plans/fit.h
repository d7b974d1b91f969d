/* plan_def.unfit: what a row of a list tells by now against beginning a plan with it. Only what is
 * known counts; what a list does not know the preflight will. */
#ifndef CLAVIGER_PLAN_FIT_H
#define CLAVIGER_PLAN_FIT_H

#include "backend/plans/plan.h"

/* Of accounts: for those on Microsoft's keys; on a customer key. */
const char *unfit_onboard(const struct service *service, const json_t *row);
const char *unfit_customer(const struct service *service, const json_t *row);
/* For another identity. */
const char *unfit_assign(const struct service *service, const json_t *row);
/* Of vaults. */
const char *unfit_protect(const struct service *service, const json_t *row);
/* Of keys: all of its versions are enabled, or disabled, already, or the one that the row is of; it
 * is no RSA key. */
const char *unfit_enable(const struct service *service, const json_t *row);
const char *unfit_disable(const struct service *service, const json_t *row);
const char *unfit_rotate(const struct service *service, const json_t *row);
/* Of keys, and of accounts by their keys: nothing is cut. */
const char *unfit_restore(const struct service *service, const json_t *row);

#endif
