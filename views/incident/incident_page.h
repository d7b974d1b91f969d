/* Whom a cut hits, for the console and for the dialogue of --accessible. */
#ifndef CLAVIGER_VIEWS_INCIDENT_PAGE_H
#define CLAVIGER_VIEWS_INCIDENT_PAGE_H

#include "backend/json/json.h"
#include "views/page/page.h"

/* What `claviger impact` prints: whom it hits, what is not known of that and what it does not stop.
 */
void incident_tell(struct page *page, const json_t *impact, bool stolen);

#endif
