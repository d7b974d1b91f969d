/* The details of an operation, record by record. Only the parts of the journal include it. */
#ifndef CLAVIGER_JOURNAL_DETAIL_H
#define CLAVIGER_JOURNAL_DETAIL_H

#include "backend/journal/operation.h"

/* record: the next one of it; out->steps is an object. */
void detail_add(struct operation *out, const json_t *record);

#endif
