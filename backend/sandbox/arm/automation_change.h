/* What PATCH and PUT may change on an Automation account. */
#ifndef CLAVIGER_SANDBOX_AUTOMATION_CHANGE_H
#define CLAVIGER_SANDBOX_AUTOMATION_CHANGE_H

#include "backend/sandbox/service/change.h"

extern const struct account_change automation_change;

#endif
