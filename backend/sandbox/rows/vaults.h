/* Rows of vaults and Managed HSMs, and of access policies. All functions need the database's lock.
 */
#ifndef CLAVIGER_SANDBOX_VAULTS_H
#define CLAVIGER_SANDBOX_VAULTS_H

#include <jansson.h>
#include <time.h>

#include "backend/azure/armid.h"
#include "backend/azure/perm.h"
#include "backend/sandbox/db.h"
#include "backend/sandbox/names.h"

struct vault {
	int64_t id, group; /* rows */
	enum store_kind kind;
	char subscription[37], group_name[ARMID_GROUP], name[25], location[48], tenant[37], sku[12];
	bool soft_delete, purge_protection, rbac;
	int retention;           /* days */
	const char *tags, *more; /* JSON objects */
	const char *created_by, *modified_by;
	int64_t created_ms, modified_ms;
	int64_t deleted_at; /* 0: it lives */
};

/* A living one by its name, or by its place and name. Strings in the arena. */
bool vaults_find(struct db *db, struct arena *arena, enum store_kind kind, const char *name,
	struct vault *out);
bool vaults_find_in(struct db *db, struct arena *arena, enum store_kind kind,
	const char *subscription, const char *group, const char *name, struct vault *out);

/* A deleted one, by the subscription and region that it was in. */
bool vaults_find_deleted(struct db *db, struct arena *arena, enum store_kind kind,
	const char *subscription, const char *location, const char *name, struct vault *out);

/* Whether the name is taken, by a living or a deleted vault. */
enum vault_name { VAULT_NAME_FREE, VAULT_NAME_TAKEN, VAULT_NAME_DELETED };
enum vault_name vaults_name_state(struct db *db, enum store_kind kind, const char *name);

/* Lists of living and of deleted ones (subscription, [group,] after, limit), and the row that one
 * of them stands at. */
extern const char vault_by_subscription[], vault_by_group[], vault_deleted[];
extern const char hsm_by_subscription[], hsm_by_group[], hsm_deleted[];
void vaults_read(sqlite3_stmt *stmt, struct arena *arena, struct vault *out);

/* Whether the firewall lets a visitor in: a caller on the network (loopback), one of the services
 * that Azure trusts (with the bypass), or another service. Reads properties networkAcls and
 * publicNetworkAccess. */
enum visitor { VISITOR_CALLER, VISITOR_TRUSTED, VISITOR_SERVICE };
bool vaults_admits(const struct vault *vault, enum visitor visitor);

/* Writes a new row (sets id) or the changed fields of an old one. */
void vaults_insert(struct db *db, struct vault *vault);
void vaults_update(struct db *db, const struct vault *vault);

/* Deletes (for good where soft delete is off) with the roles assigned on it or below; brings back
 * (modified_* are written); removes with all keys. */
void vaults_delete(struct db *db, const struct vault *vault, time_t now);
void vaults_recover(struct db *db, struct vault *vault);
void vaults_purge(struct db *db, const struct vault *vault);

/* The ARM id; the URI without a final slash, in lower case whatever the name's. Each returns out.
 */
char *vaults_id(const struct vault *vault, char *out, size_t room);
char *vaults_uri(const struct vault *vault, const struct naming *naming, char out[NAMES_URL]);

/* An entry of a vault's access policies as JSON, and how a set of entries changes them. */
enum policy_change { POLICY_ADD, POLICY_REPLACE, POLICY_REMOVE };
json_t *vaults_policies(struct db *db, int64_t vault);
void vaults_change_policy(
	struct db *db, int64_t vault, enum policy_change change, const json_t *entry);
void vaults_clear_policies(struct db *db, int64_t vault);

#endif
