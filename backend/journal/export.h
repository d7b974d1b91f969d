/* The journal for people: a timeline for a post-mortem, or a sheet. */
#ifndef CLAVIGER_JOURNAL_EXPORT_H
#define CLAVIGER_JOURNAL_EXPORT_H

#include <jansson.h>

#include "backend/base/buf.h"

/* records as journal_each gives them, whose texts are clean. False when out is full. */
bool export_markdown(const json_t *records, struct buf *out) MUST_CHECK;
bool export_csv(const json_t *records, struct buf *out) MUST_CHECK;

#endif
