/* Rows of vaults and Managed HSMs, and of access policies. All functions need the database's lock.
 */
#ifndef CLAVIGER_SANDBOX_VAULTS_H
#define CLAVIGER_SANDBOX_VAULTS_H

#include <jansson.h>

#include "backend/azure/perm.h"
#include "backend/sandbox/db.h"
#include "backend/sandbox/names.h"

struct vault {
	int64_t id, group; /* rows */
	enum store_kind kind;
	char subscription[37], group_name[91], name[25], location[48], tenant[37], sku[12];
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

/* Whether the name is taken, by a living or a deleted vault. */
enum vault_name { VAULT_NAME_FREE, VAULT_NAME_TAKEN, VAULT_NAME_DELETED };
enum vault_name vaults_name_state(struct db *db, enum store_kind kind, const char *name);

/* Reads the row that a SELECT of vault_columns stands at. */
void vaults_read(sqlite3_stmt *stmt, struct arena *arena, struct vault *out);
extern const char vault_by_subscription[], vault_by_group[];

/* Whether the firewall lets a visitor in: a caller on the network (loopback), one of the services
 * that Azure trusts (with the bypass), or another service. Reads properties networkAcls and
 * publicNetworkAccess. */
enum visitor { VISITOR_CALLER, VISITOR_TRUSTED, VISITOR_SERVICE };
bool vaults_admits(const struct vault *vault, enum visitor visitor);

/* Writes a new row (sets id) or the changed fields of an old one. */
void vaults_insert(struct db *db, struct vault *vault);
void vaults_update(struct db *db, const struct vault *vault);

/* The ARM id. Returns out. */
char *vaults_id(const struct vault *vault, char *out, size_t room);

/* An entry of a vault's access policies as JSON, and how a set of entries changes them. */
enum policy_change { POLICY_ADD, POLICY_REPLACE, POLICY_REMOVE };
json_t *vaults_policies(struct db *db, int64_t vault);
void vaults_change_policy(
	struct db *db, int64_t vault, enum policy_change change, const json_t *entry);
void vaults_clear_policies(struct db *db, int64_t vault);

/* The bits of an entry's permissions.keys. */
perm_set vaults_key_perms(const json_t *permissions);

#endif
