#include "backend/sandbox/route.h"

const struct route arm_resource_graph_routes[] = {};
const size_t arm_resource_graph_routes_len = ARRAY_LEN(arm_resource_graph_routes);
