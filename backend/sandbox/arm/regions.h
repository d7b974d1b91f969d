/* The regions of the clouds, as the list of locations names them. */
#ifndef CLAVIGER_SANDBOX_REGIONS_H
#define CLAVIGER_SANDBOX_REGIONS_H

#include <jansson.h>

#include "backend/sandbox/call.h"

/* Whether a normalised name (westeurope) is a region of any cloud. */
bool region_known(const char *name);

/* The display names of the regions of the cloud that is asked. New. */
json_t *region_names(const struct call *call);

#endif
