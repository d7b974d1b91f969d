#include "backend/sandbox/route.h"

const struct route kv_deleted_routes[] = {};
const size_t kv_deleted_routes_len = ARRAY_LEN(kv_deleted_routes);
