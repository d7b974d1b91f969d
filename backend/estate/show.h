/* Pieces of the `show` objects that more than one kind needs. New references all of them. */
#ifndef CLAVIGER_ESTATE_SHOW_H
#define CLAVIGER_ESTATE_SHOW_H

#include "backend/estate/facts.h"

struct estate;

json_t *show_text(const char *text); /* null for "" */
json_t *show_time(int64_t t);        /* ISO 8601; null for 0 */
json_t *show_perms(perm_set set);

/* SystemAssigned, UserAssigned, both, or None. */
const char *identity_type(const struct identity *identity);

/* The names of the accounts that use a version, as far as the lists tell. */
json_t *show_users(const struct estate *estate, const struct keyid *key, const char *version);

/* Sets field to null and unknown.field to the reason; show_reason leaves the field alone. */
void show_reason(json_t *object, const char *field, const char *why);
void show_unknown(json_t *object, const char *field, const char *why);

/* Puts "unknown" last, empty when everything is known. */
void show_end(json_t *object);

#endif
