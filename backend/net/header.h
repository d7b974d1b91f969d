/* The few headers of a reply that anybody asks for. Pure: no connection, no clock but the reply's
 * own. */
#ifndef CLAVIGER_NET_HEADER_H
#define CLAVIGER_NET_HEADER_H

#include "backend/net/request.h"

/* No header seen: Retry-After and the rate limit unknown (-1). */
void header_reset(struct reply *reply);

/* Takes one line of a reply's head. A status line forgets what an interim reply (1xx) said. */
void header_take(struct reply *reply, const char *line);

#endif
