#include "backend/sandbox/route.h"

const struct route arm_operation_routes[] = {};
const size_t arm_operation_routes_len = ARRAY_LEN(arm_operation_routes);
