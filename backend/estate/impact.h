/* Who goes dark if a key is cut, and what is not known of that. */
#ifndef CLAVIGER_ESTATE_IMPACT_H
#define CLAVIGER_ESTATE_IMPACT_H

#include "backend/estate/estate.h"

/* Parts that must have been loaded, as far as they can be. */
enum { IMPACT_PARTS = ESTATE_ACCOUNTS | ESTATE_VAULTS | ESTATE_USED };

/* The object of `claviger impact`; asks Resource Graph once for each tenant, waiting. A new
 * reference. NULL only when that was interrupted: err tells. */
json_t *impact_of(struct estate *estate, const struct keyid *key, struct err *err) MUST_CHECK;

/* impact_others.c: the query for whatever else may hold the key, and whether a row of its answer
 * really does: a text of its properties is the key's URI, or one object of them has the vault's URI
 * and the key's name. */
char *impact_query(const struct keyid *key);
bool impact_holds(const json_t *properties, const struct keyid *key, const struct cloud *cloud);

/* Adds what is found to others, and what could not be asked to unknown ({what, why}). */
bool impact_add_others(struct estate *estate, const struct keyid *key, json_t *others,
	json_t *unknown, struct err *err) MUST_CHECK;
void impact_add_unknown(json_t *unknown, const char *what, const char *why);

#endif
