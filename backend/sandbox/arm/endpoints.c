#include "backend/sandbox/route.h"

const struct route arm_endpoints_routes[] = {};
const size_t arm_endpoints_routes_len = ARRAY_LEN(arm_endpoints_routes);
