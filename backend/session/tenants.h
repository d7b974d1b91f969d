/* The tenants of a session beside the first one, and what belongs to them: whose token a request
 * takes. Internal to the session; what the world sees of it is in session.h. A tenant goes by the
 * name that the profile has for it, a GUID or a domain; "" is the first one. */
#ifndef CLAVIGER_TENANTS_H
#define CLAVIGER_TENANTS_H

#include "backend/config/config.h"

struct tenants;

struct tenants *tenants_new(const struct profile *profile);
void tenants_free(struct tenants *tenants);

/* A token that was given by tenant `name` says that its id is this. */
void tenants_learn_id(struct tenants *tenants, const char *name, const char *id);

/* The name of the tenant with this id; NULL if it is none of these, or not known to be one. */
const char *tenants_find(const struct tenants *tenants, const char *id);

/* Where a place (a subscription's id, a vault's host) belongs, by the tenant's name or id: the
 * first answer stays. */
void tenants_learn_place(struct tenants *tenants, const char *place, const char *name);

/* The place that url is in turned out to belong to this tenant. */
void tenants_correct(
	struct tenants *tenants, const struct cloud *cloud, const char *url, const char *name);

/* The tenant of the subscription in the path of url, or of its host; "" where nothing is known. */
const char *tenants_for(const struct tenants *tenants, const struct cloud *cloud, const char *url);

#endif
