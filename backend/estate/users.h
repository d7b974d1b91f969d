/* The accounts that use a key, as the lists tell. */
#ifndef CLAVIGER_ESTATE_USERS_H
#define CLAVIGER_ESTATE_USERS_H

#include "backend/estate/estate.h"

struct key_user {
	struct armid id;
	const struct service *service;
	struct keyid key; /* version "": not told */
	enum key_mode mode;
	enum account_state state; /* LOCKED: it is seen that it cannot open its key */
	char identity[ARMID_MAX]; /* user-assigned one that opens the key; "": the system's */
	char principal[37];       /* of whoever opens it; "": not told */
};

/* Those of any version of it, in order of their names; returns how many, *out owned by the caller.
 * What must have been loaded before: IMPACT_PARTS of impact.h. */
size_t users_of(const struct estate *estate, const struct keyid *key, struct key_user **out);

/* The same of those that open a key (""; any) of the vault by this principal. */
size_t users_by(const struct estate *estate, const char *vault, const char *key,
	const char *principal, struct key_user **out);

/* Accounts and parts of the lists of which it is not known what keys they use. */
size_t users_unread(const struct estate *estate);

#endif
