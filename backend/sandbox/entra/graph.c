#include "backend/sandbox/route.h"

const struct route graph_routes[] = {};
const size_t graph_routes_len = ARRAY_LEN(graph_routes);
