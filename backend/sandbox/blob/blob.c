#include "backend/sandbox/route.h"

const struct route blob_routes[] = {};
const size_t blob_routes_len = ARRAY_LEN(blob_routes);
