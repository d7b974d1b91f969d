/* A vault that does not say how it grants is one of access policies [VaultProperties]. */
#include "backend/estate/stores/store.h"

const struct store *
store_of(const struct vault *vault)
{
	if (vault->hsm)
		return &store_hsm_roles;
	return vault->model == GRANT_RBAC ? &store_roles : &store_policies;
}
