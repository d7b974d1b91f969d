/* The versions of a key, each of which can be worked on alone. */
#ifndef CLAVIGER_VIEWS_VERSIONS_H
#define CLAVIGER_VIEWS_VERSIONS_H

#include <jansson.h>

#include "tui/theme.h"

/* What a version of `key show` is, in words: what is used and what is off comes before all. newer:
 * the one that came after it, NULL: none. Returns the role of the words. */
enum role versions_say(const json_t *one, const json_t *newer, char *out, size_t room);

#endif
