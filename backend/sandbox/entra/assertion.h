/* Client assertions: an application proves itself with a certificate, or with a token of somebody
 * whom it trusts (workload identity federation). */
#ifndef CLAVIGER_SANDBOX_ASSERTION_H
#define CLAVIGER_SANDBOX_ASSERTION_H

#include "backend/sandbox/call.h"

/* The issuer of the token file that every state directory holds, and what it says. */
extern const char assertion_issuer[], assertion_subject[], assertion_audience[];

/* Whether the assertion proves that its sender is this client; otherwise answers. tenant: id of the
 * tenant whose endpoint is called. */
bool assertion_proves(struct call *call, const char *tenant, const char *client,
	const char *assertion) MUST_CHECK;

#endif
