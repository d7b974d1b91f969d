#include "backend/sandbox/route.h"

const struct route entra_device_routes[] = {};
const size_t entra_device_routes_len = ARRAY_LEN(entra_device_routes);
