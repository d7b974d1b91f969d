/* The built-in local roles of a Managed HSM, as their data plane lists them. */
#ifndef CLAVIGER_SANDBOX_HSM_ROLE_TABLE_H
#define CLAVIGER_SANDBOX_HSM_ROLE_TABLE_H

#include <stddef.h>

struct hsm_role {
	const char *id, *name;
	const char *actions[24]; /* NULL-ended, without Microsoft.KeyVault/managedHsm/ */
};

extern const struct hsm_role hsm_role_table[];
extern const size_t hsm_role_table_len;

/* By GUID; NULL for none. */
const struct hsm_role *hsm_role_find(const char *id);

#endif
