#include "backend/sandbox/route.h"

const struct route hsm_role_routes[] = {};
const size_t hsm_role_routes_len = ARRAY_LEN(hsm_role_routes);
