/* A finding on a page, for the console and for the dialogue of --accessible. */
#ifndef CLAVIGER_VIEWS_POSTURE_H
#define CLAVIGER_VIEWS_POSTURE_H

#include "backend/json/json.h"
#include "views/page/page.h"

/* As `claviger posture` prints it: what was seen and what mends it. how, NULL: none, says how to
 * begin that where it is one command. */
void finding_tell(struct page *page, const json_t *finding, const char *how);

#endif
