/* What is told of a call that is to be sent again: between a failure and its next try a caller that
 * shows nothing looks as if it had stopped. */
#include <stdio.h>

#include "backend/base/clock.h"
#include "backend/session/call.h"

void
call_notice(struct call *call, void (*noticed)(void *user))
{
	call->noticed = noticed;
}

bool
call_waits(const struct call *call, struct call_wait *out)
{
	int64_t left;

	if (call == NULL || call->wait.try == 0)
		return false;
	left = call->again_ms - clock_mono_ms();
	*out = call->wait;
	out->ms = left > 0 ? (int)left : 0;
	return true;
}

char *
call_wait_reason(const struct call_wait *wait, char out[WAIT_REASON])
{
	if (wait->status)
		snprintf(out, WAIT_REASON, "%d%s%s", wait->status, wait->code[0] ? " " : "",
			wait->code);
	else
		snprintf(out, WAIT_REASON, "%s", wait->code);
	return out;
}
