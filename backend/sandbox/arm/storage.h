/* What the two halves of the Storage provider agree on: the properties that it keeps as one JSON
 * object with the account. All but services are missing until somebody sets them.
 *   {"sku":NAME, "kind":NAME, "identity":true (one was ever sent), "properties":{as shown},
 *    "encryption":{"services":{NAME:{keyType,enabled,lastEnabledTime}},
 *                  "requireInfrastructureEncryption":true, "identity":{as shown}}} */
#ifndef CLAVIGER_SANDBOX_ARM_STORAGE_H
#define CLAVIGER_SANDBOX_ARM_STORAGE_H

#include "backend/sandbox/service/change.h"

#define STORAGE_SKU "Standard_LRS"
#define STORAGE_KIND "StorageV2"

/* The object of an account, with sku and kind; new. */
json_t *storage_properties(const struct account *account);

/* A member of json, made when it is missing. */
json_t *storage_object(json_t *json, const char *name);

extern const struct account_change storage_change;

/* The encryption of a body: onto the kept properties and into a wish. Answers and is false when it
 * is wrong. */
bool storage_take_encryption(struct call *call, const struct account *account, json_t *kept,
	struct account_wish *wish) MUST_CHECK;

/* 400 InvalidValuesForRequestParameters; false. */
bool storage_invalid(struct call *call, const char *name);

/* 400 AccountPropertyCannotBeUpdated; false. */
bool storage_fixed(struct call *call, const char *name);

#endif
