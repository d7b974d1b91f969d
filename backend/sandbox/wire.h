/* A reply as libmicrohttpd sends it, whole or broken on purpose. */
#ifndef CLAVIGER_SANDBOX_WIRE_H
#define CLAVIGER_SANDBOX_WIRE_H

#include <microhttpd.h>

#include "backend/sandbox/fault.h"

/* NULL: there is nothing to send, and the connection closes. fault and number as fault_after gives
 * them. Waits when the fault says so. */
struct MHD_Response *wire_response(
	struct call *call, struct MHD_Connection *connection, enum fault_action fault, long number);

#endif
