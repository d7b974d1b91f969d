#include "backend/sandbox/route.h"

const struct route arm_deleted_vault_routes[] = {};
const size_t arm_deleted_vault_routes_len = ARRAY_LEN(arm_deleted_vault_routes);
