#include "backend/sandbox/route.h"

const struct route kv_backup_routes[] = {};
const size_t kv_backup_routes_len = ARRAY_LEN(kv_backup_routes);
