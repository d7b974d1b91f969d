#include "backend/sandbox/route.h"

const struct route arm_batch_routes[] = {};
const size_t arm_batch_routes_len = ARRAY_LEN(arm_batch_routes);
