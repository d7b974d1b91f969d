#include "backend/sandbox/route.h"

const struct route arm_provider_routes[] = {};
const size_t arm_provider_routes_len = ARRAY_LEN(arm_provider_routes);
