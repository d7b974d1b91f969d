#include "backend/sandbox/route.h"

const struct route arm_storage_routes[] = {};
const size_t arm_storage_routes_len = ARRAY_LEN(arm_storage_routes);
