/* What an extension resource, such as a role assignment, hangs on: the part of the path before its
 * own provider. */
#ifndef CLAVIGER_SANDBOX_SCOPE_H
#define CLAVIGER_SANDBOX_SCOPE_H

#include "backend/sandbox/call.h"

/* The scope in the path of a route /{*}/...: all but the last `tail` segments, as written; "/" for
 * the tenant. In the arena. NULL, and answered 404, when it is no scope. */
const char *scope_of(struct call *call, size_t tail);

/* Whether the group and the resource that it names are there; otherwise answers 404. What lies
 * within a resource (a key, a container) is not looked for, as in Azure. Takes the lock. */
bool scope_exists(struct call *call, const char *scope) MUST_CHECK;

/* The subscription of a scope into out; "" for the tenant. Returns out. */
char *scope_subscription(const char *scope, char out[37]);

#endif
