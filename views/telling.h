/* Pages that the console shows and the dialogue of --accessible says. */
#ifndef CLAVIGER_VIEWS_TELLING_H
#define CLAVIGER_VIEWS_TELLING_H

#include "views/page/page.h"

/* Of a finding as `claviger posture` prints it: what was seen and what mends it. how, NULL: none,
 * says how to begin that where it is one command. */
void finding_tell(struct page *page, const json_t *finding, const char *how);

/* Whom a cut hits, what is not known of that and what it does not stop, from what `claviger impact`
 * prints. */
void incident_tell(struct page *page, const json_t *impact, bool stolen);

#endif
