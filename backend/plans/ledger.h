/* Who is on the new version of a key, and since when: the versions before it may be disabled only
 * when all are and a day has passed. The ledger is an object of ARM ids and times (seconds since
 * the epoch), which a campaign keeps in the journal. */
#ifndef CLAVIGER_PLAN_LEDGER_H
#define CLAVIGER_PLAN_LEDGER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "backend/azure/armid.h"

/* How long the old version must stay enabled [Customer-managed keys for Azure Storage encryption,
 * key rotation: wait 24 hours before disabling it]. */
enum { LEDGER_WAIT = 24 * 60 * 60 };

/* It was seen on the new version; the first time counts. Or it was seen not to be. */
void ledger_moved(json_t *ledger, const struct armid *account, int64_t now);
void ledger_not_moved(json_t *ledger, const struct armid *account);

/* When it was first seen there; 0: it was not. */
int64_t ledger_time(const json_t *ledger, const struct armid *account);

/* When the versions before may be disabled: a day after the last of all that are written there, or
 * after since where nobody is. */
int64_t ledger_due(const json_t *ledger, int64_t since);

#endif
