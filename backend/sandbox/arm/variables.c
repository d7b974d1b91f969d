#include "backend/sandbox/route.h"

const struct route arm_variable_routes[] = {};
const size_t arm_variable_routes_len = ARRAY_LEN(arm_variable_routes);
