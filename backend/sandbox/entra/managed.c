#include "backend/sandbox/route.h"

const struct route entra_managed_routes[] = {};
const size_t entra_managed_routes_len = ARRAY_LEN(entra_managed_routes);
