/* What a fault makes of a reply. */
#ifndef CLAVIGER_SANDBOX_FAULT_REPLY_H
#define CLAVIGER_SANDBOX_FAULT_REPLY_H

#include "backend/sandbox/fault_spec.h"

/* Answers instead of the handler. */
void fault_answer(struct call *call, const struct fault *fault);

/* Changes the reply; false when it has nothing that the fault could change. */
bool fault_spoil(struct call *call, const struct fault *fault) MUST_CHECK;

#endif
