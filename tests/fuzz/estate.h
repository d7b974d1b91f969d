/* The demo estate without a server, for requests of any kind: each input finds it as it was made.
 */
#ifndef CLAVIGER_TESTS_FUZZ_ESTATE_H
#define CLAVIGER_TESTS_FUZZ_ESTATE_H

#include "backend/sandbox/call.h"

/* Of the operator's application in this estate. */
#define ESTATE_SECRET "operator-secret-of-the-tests"

/* Makes it at the first call; ends the process when that cannot be. */
struct world *estate(void);

/* Everything as it was made: rows, keys, clock. Ends the process when a call has left a statement
 * or a transaction open. */
void estate_reset(void);

/* The operator's Authorization header for the service that a host name means; "" where none is
 * needed. Valid for 20 years. */
const char *estate_authorization(const struct naming *naming);

#endif
