/* Codes and topics of the tables, as pages of the console: what `claviger explain` and `claviger
 * help` tell. */
#ifndef CLAVIGER_VIEWS_MEANING_H
#define CLAVIGER_VIEWS_MEANING_H

#include "backend/base/buf.h"
#include "views/page/page.h"

/* Of "Forbidden/ForbiddenByPolicy" the inner code counts, where there is one in the tables. */
bool meaning_known(const char *code);

/* Adds what a code says, below it as a heading; nothing when it is not known. */
void meaning_head(struct page *page, const char *code);

/* Adds why an error comes and what to do, beside the message that says what it is; nothing when the
 * code is not known. */
void meaning_add(struct page *page, const char *code);

/* The same as lines of a text. */
bool meaning_lines(struct buf *out, const char *code) MUST_CHECK;

#endif
