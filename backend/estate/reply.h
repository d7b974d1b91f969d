/* What every reply of ARM and Key Vault has in common: resource ids, tags, pages. */
#ifndef CLAVIGER_ESTATE_REPLY_H
#define CLAVIGER_ESTATE_REPLY_H

#include "backend/azure/armid.h"
#include "backend/azure/keyid.h"
#include "backend/json/json.h"

/* The member "id", which must be of the given ARM type; out->type gets our spelling of it. */
bool reply_id(const json_t *json, const char *type, struct armid *out, struct err *err) MUST_CHECK;

/* Tags as an object of clean texts: a new reference, NULL when there are none. */
bool reply_tags(const json_t *json, json_t **out, struct err *err) MUST_CHECK;

/* One page: *value is borrowed; *next is owned by the caller, "" on the last page (nextLink absent,
 * null or empty). */
bool reply_page(const json_t *json, const json_t **value, char **next, struct err *err) MUST_CHECK;

/* The same for a page that may be long, element by element: see json_rows. */
bool reply_rows(const struct buf *body, json_each *each, void *user, char **next,
	struct err *err) MUST_CHECK;

/* A vault's URI into host and vault name. What is not a vault of this cloud is no error: the host
 * is kept as it was, so that it can be shown, and requests to it are refused by their origin. */
void reply_vault_host(const char *uri, const struct cloud *cloud, struct keyid *out);

#endif
