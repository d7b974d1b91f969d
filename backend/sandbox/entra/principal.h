/* Who a directory knows: applications, managed identities and people. All functions need the
 * database's lock. */
#ifndef CLAVIGER_SANDBOX_PRINCIPAL_H
#define CLAVIGER_SANDBOX_PRINCIPAL_H

#include "backend/azure/armid.h"
#include "backend/sandbox/db.h"

enum principal_kind {
	PRINCIPAL_APPLICATION = 0,
	PRINCIPAL_USER_ASSIGNED = 1,
	PRINCIPAL_SYSTEM = 2, /* the identity of an account */
	PRINCIPAL_PERSON = 3,
};

struct principal {
	enum principal_kind kind;
	char tenant[37], object[37];
	char client[37]; /* its application id; "" for people */
	char name[129];
	char upn[129];            /* people */
	char resource[ARMID_MAX]; /* managed identities: the ARM id */
};

/* The id of a tenant by id or domain. "adfs", "organizations" and "common" mean the home tenant. */
bool principal_tenant(struct db *db, const char *name, char out[37]);

bool principal_by_object(
	struct db *db, const char *tenant, const char *object, struct principal *out);

/* An application or user-assigned identity. */
bool principal_by_client(
	struct db *db, const char *tenant, const char *client, struct principal *out);

/* A person by its user principal name. */
bool principal_by_upn(struct db *db, const char *tenant, const char *upn, struct principal *out);

/* Service principals in the order of their object ids: parameters tenant, name, object id that
 * they come after, limit; read with principal_read. A name of NULL means all. */
extern const char principal_list_named[], principal_list_prefixed[];
void principal_read(sqlite3_stmt *stmt, struct principal *out);

#endif
