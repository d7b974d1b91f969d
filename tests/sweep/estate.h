/* Two dumps of an estate compared, so that what differs is named. */
#ifndef CLAVIGER_SWEEP_ESTATE_H
#define CLAVIGER_SWEEP_ESTATE_H

#include <jansson.h>

/* Fails the test, with the first place that is not as wanted. left: every place may also be as it
 * is there (what a plan leaves behind); NULL: it may not. */
void estate_expect(const json_t *now, const json_t *want, const json_t *left);

#endif
