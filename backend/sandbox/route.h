/* From a call to its handler. */
#ifndef CLAVIGER_SANDBOX_ROUTE_H
#define CLAVIGER_SANDBOX_ROUTE_H

#include "backend/sandbox/call.h"

enum route_flags {
	ROUTE_JSON = 1, /* the body must be a JSON object */
};

/* What serves the resource manager and sign-in: their own hosts, or localhost for both. */
enum {
	ROUTE_ARM = HOST_ARM | HOST_LOCAL,
	ROUTE_ENTRA = HOST_ENTRA | HOST_LOCAL,
	ROUTE_GRAPH = HOST_GRAPH | HOST_LOCAL,
	ROUTE_KEYS = HOST_VAULT | HOST_HSM,
};

struct route {
	unsigned hosts; /* bits of enum host_role */
	unsigned verbs; /* bits of enum verb */
	const char
		*pattern; /* /subscriptions/{}/resourceGroups, /{*}/providers, /{}/{+}; any case */
	const char *type; /* resource type of ARM, for its api-versions; NULL elsewhere */
	unsigned flags;
	void (*handle)(struct call *);
};

/* One table per resource kind. */
extern const struct route entra_signin_routes[], entra_device_routes[], entra_managed_routes[],
	graph_routes[], arm_endpoints_routes[], arm_subscription_routes[], arm_provider_routes[],
	arm_region_routes[], arm_group_routes[], arm_resource_routes[], arm_automation_routes[],
	arm_variable_routes[], arm_batch_routes[], arm_pool_routes[], arm_storage_routes[],
	arm_vault_routes[], arm_deleted_vault_routes[], arm_hsm_routes[], arm_identity_routes[],
	arm_role_definition_routes[], arm_role_assignment_routes[], arm_resource_graph_routes[],
	arm_operation_routes[], kv_key_routes[], kv_deleted_routes[], kv_backup_routes[],
	kv_rotation_routes[], hsm_role_routes[], blob_routes[];
extern const size_t entra_signin_routes_len, entra_device_routes_len, entra_managed_routes_len,
	graph_routes_len, arm_endpoints_routes_len, arm_subscription_routes_len,
	arm_provider_routes_len, arm_region_routes_len, arm_group_routes_len,
	arm_resource_routes_len, arm_automation_routes_len, arm_variable_routes_len,
	arm_batch_routes_len, arm_pool_routes_len, arm_storage_routes_len, arm_vault_routes_len,
	arm_deleted_vault_routes_len, arm_hsm_routes_len, arm_identity_routes_len,
	arm_role_definition_routes_len, arm_role_assignment_routes_len,
	arm_resource_graph_routes_len, arm_operation_routes_len, kv_key_routes_len,
	kv_deleted_routes_len, kv_backup_routes_len, kv_rotation_routes_len, hsm_role_routes_len,
	blob_routes_len;

/* Finds the route, checks what all calls of its kind need (token, api-version, subscription, vault,
 * JSON), runs its handler. The reply is complete afterwards but for the common headers. */
void route_call(struct call *call);

/* Answers what a GET of a resource of the same host answers now; the caller has been let in. False,
 * and not answered, when no route has the path. */
bool route_resource(struct call *call, const char *path, const char *api_version) MUST_CHECK;

/* Every route of every table, for tests that must know them all. */
void route_each(void (*visit)(void *user, const struct route *route), void *user);

#endif
