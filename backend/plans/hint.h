/* What a form says of a value while it is typed, and what can be chosen instead of typing it. From
 * what the estate knows by now: nothing here asks Azure, and nothing here refuses: prepare does. */
#ifndef CLAVIGER_PLAN_HINT_H
#define CLAVIGER_PLAN_HINT_H

#include "backend/plans/plan.h"

/* The value of a field by its name, "" if there is none. Borrowed. */
const char *filling_value(const struct filling *filling, const char *field);

/* A member of a `show` object, "" when it is no text. */
const char *filling_text(const json_t *object, const char *member);

/* The `show` objects of a vault and a key; NULL: not among what was read. New references. */
json_t *filling_vault(const struct filling *filling, const char *name);
json_t *filling_key(const struct filling *filling, const struct keyid *key);

/* Whether an ESTATE_ part was read, and nothing is missing of it. */
bool filling_has_read(const struct filling *filling, unsigned part);

/* The key and vault that the values name so far; key "" or vault "" where they do not. False, and
 * err tells why, when they cannot be meant. */
bool filling_names(const struct filling *filling, struct keyid *out, struct err *err) MUST_CHECK;

/* Tenant of the account that it is about, as an id; "" : not known. */
const char *filling_tenant(const struct filling *filling);

/* plan_field.hint */
enum hint hint_key(const struct filling *filling, char *out, size_t room);
enum hint hint_new_key(const struct filling *filling, char *out, size_t room);
enum hint hint_follow(const struct filling *filling, char *out, size_t room);
enum hint hint_version(const struct filling *filling, char *out, size_t room);
enum hint hint_vault(const struct filling *filling, char *out, size_t room);
enum hint hint_other_vault(const struct filling *filling, char *out, size_t room);
enum hint hint_bits(const struct filling *filling, char *out, size_t room);
enum hint hint_identity(const struct filling *filling, char *out, size_t room);
enum hint hint_client(const struct filling *filling, char *out, size_t room);
enum hint hint_tenant(const struct filling *filling, char *out, size_t room);
enum hint hint_location(const struct filling *filling, char *out, size_t room);
enum hint hint_period(const struct filling *filling, char *out, size_t room);

/* plan_field.offer */
size_t offer_versions(const struct filling *filling, struct offer *out, size_t max);
size_t offer_other_vaults(const struct filling *filling, struct offer *out, size_t max);
size_t offer_vault_keys(const struct filling *filling, struct offer *out, size_t max);
size_t offer_new_keys(const struct filling *filling, struct offer *out, size_t max);
size_t offer_identities(const struct filling *filling, struct offer *out, size_t max);
size_t offer_clients(const struct filling *filling, struct offer *out, size_t max);
size_t offer_tenants(const struct filling *filling, struct offer *out, size_t max);
size_t offer_locations(const struct filling *filling, struct offer *out, size_t max);
/* A resource group as that field takes it: SUBSCRIPTION/GROUP where there are several. */
void offer_group(const struct estate *estate, const struct armid *id, char *out, size_t room);
size_t offer_groups(const struct filling *filling, struct offer *out, size_t max);
size_t offer_users(const struct filling *filling, struct offer *out, size_t max);
size_t offer_periods(const struct filling *filling, struct offer *out, size_t max);
size_t offer_skus(const struct filling *filling, struct offer *out, size_t max);
size_t offer_covered(const struct filling *filling, struct offer *out, size_t max);

#endif
