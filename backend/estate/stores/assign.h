/* What Azure's roles and the local roles of a managed HSM share: one assignment per identity, role
 * and place. Internal to stores/. */
#ifndef CLAVIGER_ESTATE_STORES_ASSIGN_H
#define CLAVIGER_ESTATE_STORES_ASSIGN_H

#include "backend/estate/stores/store.h"

perm_set assign_needs(const struct service *service);
perm_set assign_holds(const struct facts *facts, const char *principal, const char *key);
bool assign_given(const struct facts *facts, const char *principal, const char *key, size_t i,
	struct gift *out);

/* The tail of a URL that lists, or that names one. Returns an owned string. */
char *assign_query(const struct grantee *grantee, const char *api_version);
char *assign_tail(
	const struct facts *facts, const struct grantee *grantee, const char *api_version);

/* {"properties":{roleDefinitionId, principalId, principalType}}; type NULL: without it. */
char *assign_body(const struct grantee *grantee, const char *definition, const char *type);

#endif
