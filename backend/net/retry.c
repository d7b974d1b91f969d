/* Two questions kept apart: may this request be sent again at all, and is this answer worth it. A
 * change that is not repeatable is sent again only after 429, which says that nothing was done. */
#include "backend/net/retry.h"

enum {
	AFTER_LEAST_S = 1,
	AFTER_MOST_S = 120,
	FIRST_MS = 800,
	THROTTLED_FIRST_MS = 1000,
	THROTTLED_MOST_MS = 16000,
};

/* A metadata service that is not ready yet answers 404 or 410 ["How to use managed identities on a
 * virtual machine", error handling]. */
static bool
worth_it(const struct request *request, int status)
{
	switch (status) {
	case 404:
	case 410:
		return request->local;
	case 408:
	case 429:
	case 500:
	case 502:
	case 503:
	case 504:
		return true;
	default:
		return false;
	}
}

static int
clamp(int value, int least, int most)
{
	return value < least ? least : value > most ? most : value;
}

int
retry_delay(const struct request *request, const struct reply *reply, int tries, double jitter)
{
	bool throttled = reply && reply->status == 429;
	int doubled = 1 << clamp(tries - 1, 0, 10);

	if (reply && !worth_it(request, reply->status))
		return -1;
	if (tries > (throttled ? RETRY_THROTTLED_MAX : RETRY_MAX))
		return -1;
	if (request->changes && !request->repeatable && !throttled)
		return -1;
	if (reply && reply->retry_after_s >= 0)
		return clamp(reply->retry_after_s, AFTER_LEAST_S, AFTER_MOST_S) * 1000;
	if (throttled)
		return clamp(THROTTLED_FIRST_MS * doubled, 0, THROTTLED_MOST_MS);
	return (int)(FIRST_MS * doubled * (0.8 + 0.5 * jitter));
}
