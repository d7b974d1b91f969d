#include "backend/sandbox/route.h"

const struct route arm_identity_routes[] = {};
const size_t arm_identity_routes_len = ARRAY_LEN(arm_identity_routes);
