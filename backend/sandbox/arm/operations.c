#include "backend/sandbox/arm/operations.h"

#include "backend/sandbox/route.h"

bool
operation_accept(struct call *call, enum operation kind, const char *region, const char *path)
{
	(void)call;
	(void)kind;
	(void)region;
	(void)path;
	return false;
}

bool
operation_pending(struct call *call, const char *path)
{
	(void)call;
	(void)path;
	return false;
}

const struct route arm_operation_routes[] = {};
const size_t arm_operation_routes_len = ARRAY_LEN(arm_operation_routes);
