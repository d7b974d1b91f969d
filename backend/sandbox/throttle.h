/* Azure's limits, by request (--throttle). They count on the sandbox's clock. Figures: Microsoft's
 * pages "Understand how Azure Resource Manager throttles requests" (for China the page of
 * docs.azure.cn), "Scalability targets for the Azure Storage resource provider", "Guidance for
 * throttled requests in Azure Resource Graph" and "Azure Key Vault service limits". */
#ifndef CLAVIGER_SANDBOX_THROTTLE_H
#define CLAVIGER_SANDBOX_THROTTLE_H

#include "backend/sandbox/call.h"

struct throttle *throttle_new(void);
void throttle_free(struct throttle *throttle);

/* Counts a call whose caller is known; false, and answered with 429, when it is one too many. Notes
 * what is left in call->quota. Without --throttle it is always true. Takes the lock. */
bool throttle_admit(struct call *call) MUST_CHECK;

/* A bucket: it holds `most`, and fills by `refill` every `every_ms`, all at once (window) or
 * steadily. Takes `cost` parts of a million of one; false, and *wait_ms set, when they are not
 * there. *left gets whole ones. For throttle.c and its test. */
struct throttle_limit {
	long most, refill, every_ms;
	bool window;
};
bool throttle_take(struct throttle *throttle, const char *key, const struct throttle_limit *limit,
	int64_t cost, int64_t now_ms, long *left, int64_t *wait_ms) MUST_CHECK;

#endif
