#include "backend/sandbox/route.h"

const struct route arm_hsm_routes[] = {};
const size_t arm_hsm_routes_len = ARRAY_LEN(arm_hsm_routes);
