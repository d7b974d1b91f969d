/* From a call to its handler. */
#ifndef CLAVIGER_SANDBOX_ROUTE_H
#define CLAVIGER_SANDBOX_ROUTE_H

#include "backend/sandbox/call.h"

enum route_flags {
	ROUTE_JSON = 1, /* the body must be a JSON object */
};

struct route {
	unsigned hosts;      /* bits of enum host_role */
	unsigned verbs;      /* bits of enum verb */
	const char *pattern; /* /subscriptions/{}/resourceGroups; words match in any case */
	const char *type;    /* resource type of ARM, for its api-versions; NULL elsewhere */
	unsigned flags;
	void (*handle)(struct call *);
};

/* One table per resource kind. */
extern const struct route entra_routes[], arm_subscription_routes[], arm_group_routes[],
	arm_automation_routes[], arm_vault_routes[], kv_key_routes[];
extern const size_t entra_routes_len, arm_subscription_routes_len, arm_group_routes_len,
	arm_automation_routes_len, arm_vault_routes_len, kv_key_routes_len;

/* Finds the route, checks what all calls of its kind need (token, api-version, subscription, vault,
 * JSON), runs its handler. The reply is complete afterwards but for the common headers. */
void route_call(struct call *call);

#endif
