/* Azure's built-in roles as far as keys are concerned: what each lets its holder do with the keys
 * of a vault that grants by roles, or of a managed HSM by its local roles. Sources: Azure built-in
 * roles for security, and Local RBAC built-in roles for Managed HSM (azure-security-docs). */
#ifndef CLAVIGER_AZURE_ROLE_H
#define CLAVIGER_AZURE_ROLE_H

#include "backend/azure/perm.h"

struct role {
	const char *id;   /* GUID of the definition, the same in every cloud */
	const char *name; /* as Azure shows it */
	perm_set keys;    /* rights on keys; 0: it manages, and opens nothing */
};

/* By GUID, case-insensitive; NULL for a custom role, or one that is not known here. */
const struct role *role_find(const char *id);

#endif
