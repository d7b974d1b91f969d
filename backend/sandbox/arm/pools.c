#include "backend/sandbox/route.h"

const struct route arm_pool_routes[] = {};
const size_t arm_pool_routes_len = ARRAY_LEN(arm_pool_routes);
