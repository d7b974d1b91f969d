/* What the providers of the three kinds of accounts do alike: read, list, change, make, delete.
 * Each provider's file says what is its own. */
#ifndef CLAVIGER_SANDBOX_PROVIDER_H
#define CLAVIGER_SANDBOX_PROVIDER_H

#include "backend/sandbox/service/change.h"

struct provider {
	enum service service;
	const struct account_change *change;

	/* The account as GET shows it, and as lists do. The lock is held. */
	json_t *(*shown)(struct call *call, const struct account *account);
	json_t *(*listed)(struct call *call, const struct account *account);

	/* Headers of a 200 that shows the account; NULL: none. */
	void (*headers)(struct call *call, const struct account *account);

	/* Whether the name that the path wants is one and is free; otherwise answers. The lock is
	 * held. */
	bool (*name_free)(struct call *call, const char *name);

	/* What a new account has before the body is applied; name, place, tags and times are set.
	 * Answers and is false when the body rules it out. */
	bool (*fill)(struct call *call, struct account *account);

	/* Answers a PUT that made an account; json is taken over. NULL: 200. */
	void (*made)(struct call *call, const struct account *account, json_t *json);

	/* Answers a DELETE; found: there was one. NULL: 200 or 204. */
	void (*gone)(struct call *call, const struct account *account, bool found);
};

/* Of the services; Resource Graph shows accounts by them too. */
extern const struct provider automation_provider, batch_provider, storage_provider;

void provider_get(struct call *call, const struct provider *provider);
void provider_list(struct call *call, const struct provider *provider);
void provider_patch(struct call *call, const struct provider *provider);
void provider_put(struct call *call, const struct provider *provider);
void provider_delete(struct call *call, const struct provider *provider);

/* Reads the account that the path names ({} subscription, {} group, {} account), or answers 404.
 * Takes the lock. */
bool provider_load(struct call *call, enum service service, struct account *out) MUST_CHECK;

#endif
