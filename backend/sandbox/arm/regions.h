/* The regions of the clouds, as the list of locations names them. */
#ifndef CLAVIGER_SANDBOX_REGIONS_H
#define CLAVIGER_SANDBOX_REGIONS_H

#include <jansson.h>

#include "backend/sandbox/call.h"

/* The normalised name (westeurope) of a region of any cloud, given in any spelling (West Europe).
 * False when there is none; out has what was given then, normalised and cut. */
bool region_read(const char *given, char out[48]) MUST_CHECK;

/* The display names of the regions of the cloud that is asked. New. */
json_t *region_names(const struct call *call);

#endif
