#include "backend/sandbox/route.h"

const struct route arm_role_assignment_routes[] = {};
const size_t arm_role_assignment_routes_len = ARRAY_LEN(arm_role_assignment_routes);
