/* The whole estate as JSON, for comparing runs. */
#ifndef CLAVIGER_SANDBOX_DUMP_H
#define CLAVIGER_SANDBOX_DUMP_H

#include "backend/sandbox/call.h"

/* Sorted and indented. Not raw: generated ids are named by role and ordinal
 * (key:kv-payroll/cmk-payroll#2, principal:aa-payroll); times are left out. Never in it: key
 * material, secrets and what is sealed; role assignments that are removed but still have effect. */
bool dump_estate(struct world *world, bool raw, struct buf *out, struct err *err) MUST_CHECK;

#endif
