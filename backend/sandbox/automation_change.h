/* What PATCH and PUT may change on an Automation account. */
#ifndef CLAVIGER_SANDBOX_AUTOMATION_CHANGE_H
#define CLAVIGER_SANDBOX_AUTOMATION_CHANGE_H

#include "backend/sandbox/accounts.h"
#include "backend/sandbox/cmk.h"

/* Identity, tags and switches of the body onto account, in memory only. Answers and is false when
 * the body is wrong. */
bool automation_simple_changes(struct call *call, struct account *account) MUST_CHECK;

/* The whole body, encryption included, onto the stored account, which is read again into account.
 * Answers and is false when it is refused: nothing is changed then. */
bool automation_change(struct call *call, struct account *account) MUST_CHECK;

#endif
