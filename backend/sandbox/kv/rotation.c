#include "backend/sandbox/kv/kv.h"
#include "backend/sandbox/route.h"

void
kv_rotate_due(struct world *world, time_t now)
{
	(void)world;
	(void)now;
}

const struct route kv_rotation_routes[] = {};
const size_t kv_rotation_routes_len = ARRAY_LEN(kv_rotation_routes);
