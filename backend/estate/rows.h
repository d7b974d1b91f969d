/* The packed rows of the estate: one table each of accounts, vaults and keys, with its own texts,
 * so that a new reading replaces a table as a whole. Internal to the estate. */
#ifndef CLAVIGER_ESTATE_ROWS_H
#define CLAVIGER_ESTATE_ROWS_H

#include "backend/estate/facts.h"
#include "backend/estate/pool.h"
#include "backend/estate/row_names.h"

enum { ROW_NONE = UINT32_MAX };

/* Principals by number, the same in all tables of an estate; 0 is none, sixteen zeros. */
uint32_t principals_number(struct shapes *principals, const uint8_t principal[16]);
/* Borrowed until the next one is stored. */
const uint8_t *principals_at(const struct shapes *principals, uint32_t number);

/* How far a row has been read beyond what its list told. */
enum detail { DETAIL_LOADING, DETAIL_KNOWN, DETAIL_FAILED };

/* What many accounts have in common, stored once. */
struct account_shape {
	uint32_t group, location, tags; /* tags as compact JSON */
	uint32_t users;                 /* "id principal client\n" each */
	uint32_t user_key;              /* id of the user-assigned identity that opens the key */
	uint32_t tenant;                /* of the system-assigned identity */
	uint32_t federated;             /* application that reaches another tenant */
	uint32_t why;                   /* why it is DETAIL_FAILED, or stale */
	uint32_t read_at;               /* wall time; 0: it is as new as the table (stale.c) */
};

/* What a row tells beside its name and its principal; few accounts differ in it from all others, so
 * that this is stored once as well. */
struct account_row {
	uint32_t shape;
	uint32_t key;     /* "host/key" in lower case, 0: none */
	uint32_t version; /* in use, pinned or followed */
	unsigned subscription : 16, service : 4, system : 2, source : 2, mode : 2, detail : 2;
	unsigned queue : 2, table : 2; /* covered; unknown in rows of the last start */
};

struct account_place {
	uint32_t row;
	uint32_t principal; /* of the system-assigned identity */
};

struct accounts {
	struct pool *pool;
	struct row_names *names; /* by row */
	struct shapes *principals;
	struct account_place *places;
	size_t len, room;
	struct shapes rows, shapes; /* struct account_row, struct account_shape */
};

/* principals, here and below: the estate's, which stays until they are freed. */
struct accounts *account_rows_new(struct shapes *principals);
void account_rows_free(struct accounts *accounts);
size_t account_rows_add(
	struct accounts *accounts, const struct account *account, uint16_t subscription);
/* From a reply for that one account. */
void account_rows_set(struct accounts *accounts, size_t row, const struct account *account);
void account_rows_fail(struct accounts *accounts, size_t row, const struct err *why);
/* Without rows. Their names stay until here where the rows were only forgotten (cache.c). */
void account_rows_empty(struct accounts *accounts);
/* All have come: gives back what was kept for growing. */
void account_rows_trim(struct accounts *accounts);
const char *account_rows_text(const struct accounts *accounts, uint32_t at);
/* Returns out. */
const char *account_rows_name(const struct accounts *accounts, size_t at, char out[ROW_NAME]);
/* Of the system-assigned identity; zeros: none, or not known. */
const uint8_t *account_rows_principal(const struct accounts *accounts, size_t at);

/* A row, borrowed until the next one is stored; the same changed; and one more. */
const struct account_row *account_row(const struct accounts *accounts, size_t at);
void account_row_put(struct accounts *accounts, size_t at, const struct account_row *row);
void account_row_add(struct accounts *accounts, const char *name, const uint8_t principal[16],
	const struct account_row *row);

/* The shape of a row, borrowed until the next one is stored, and the number of one for rows to
 * have. */
const struct account_shape *account_shape(
	const struct accounts *accounts, const struct account_row *row);
uint32_t account_shape_number(struct accounts *accounts, const struct account_shape *shape);

/* "host/key" in lower case, and why something could not be read, as texts of a pool. */
uint32_t rows_put_key(struct pool *pool, const struct keyid *id);
uint32_t rows_put_why(struct pool *pool, const struct err *why);

/* The key's vault host and name out of "host/key". */
void key_text_split(const char *text, struct keyid *out);

struct vault_row {
	uint32_t name, group, location, uri, tenant, sku, host;
	uint32_t network_default, network_bypass, public_access;
	uint32_t entries, entries_len;
	uint32_t why; /* why it could not be read after a change: the row is as it was before */
	uint32_t read_at, stale_why; /* 0: it is as new as the table (stale.c) */
	uint16_t subscription, retention;
	unsigned soft_delete : 2, purge_protection : 2, model : 2, hsm : 1;
};

/* One access policy, as written: several may be of one principal. */
struct entry_row {
	uint32_t principal;
	uint32_t rights; /* see entry_rights */
};

/* What many access policies allow alike, stored once. */
struct entry_rights {
	unsigned keys : 30, others : 1, application : 1; /* keys: perm_set */
	uint32_t unknown;                                /* rights without a name */
};
enum { ENTRY_KEYS = (1 << 30) - 1 };

struct vaults {
	struct pool *pool;
	struct shapes *principals;
	struct vault_row *rows;
	size_t len, room;
	struct entry_row *entries;
	size_t entries_len, entries_room;
	struct shapes rights; /* struct entry_rights */
	struct index hosts;
};

struct vaults *vault_rows_new(struct shapes *principals);
void vault_rows_free(struct vaults *vaults);
void vault_rows_add(struct vaults *vaults, const struct vault *vault, uint16_t subscription);
/* From a reply for that one vault, and why there was none. */
void vault_rows_set(struct vaults *vaults, size_t row, const struct vault *vault);
void vault_rows_fail(struct vaults *vaults, size_t row, const struct err *why);
const char *vault_rows_text(const struct vaults *vaults, uint32_t at);
/* Borrowed until the next entry is added. */
const struct entry_rights *entry_rights(const struct vaults *vaults, const struct entry_row *entry);
const uint8_t *entry_principal(const struct vaults *vaults, const struct entry_row *entry);
void entry_rows_add(
	struct vaults *vaults, const uint8_t principal[16], const struct entry_rights *rights);
/* By host of the data plane; ROW_NONE if none. */
uint32_t vault_rows_find(const struct vaults *vaults, const char *host);
/* Merged rights of a principal, as written; 0 and *found false without an entry. */
perm_set vault_rows_rights(
	const struct vaults *vaults, uint32_t vault, const uint8_t principal[16], bool *found);

/* A user-assigned identity. */
struct identity_row {
	uint32_t name, group, location;
	uint8_t principal[16], client[16], tenant[16];
	uint16_t subscription;
};

struct identities {
	struct pool *pool;
	struct identity_row *rows;
	size_t len, room;
};

/* A role given to a principal by Azure's own access control. scope is an id in lower case: of a
 * management group ("/providers/..."), a subscription, a group, a vault, or a vault's key. */
struct grant_row {
	uint32_t principal;
	uint32_t shape; /* see grant_shape */
};

/* What many assignments have in common, stored once. */
struct grant_shape {
	uint32_t scope;
	uint32_t type;    /* ServicePrincipal, User, Group */
	uint8_t role[16]; /* GUID of the role definition */
};

struct grants {
	struct pool *pool;
	struct shapes *principals;
	struct shapes shapes; /* struct grant_shape */
	struct grant_row *rows;
	size_t len, room;
};

/* The two above take elements of lists or of Resource Graph (which have the same shape) one by one:
 * false, and err names the member, when it is not one. */
struct identities *identity_rows_new(void);
void identity_rows_free(struct identities *identities);
bool identity_rows_take(struct identities *identities, const json_t *json, uint16_t subscription,
	struct err *err) MUST_CHECK;
const char *identity_rows_text(const struct identities *identities, uint32_t at);

struct grants *grant_rows_new(struct shapes *principals);
void grant_rows_free(struct grants *grants);
bool grant_rows_take(struct grants *grants, const json_t *json, struct err *err) MUST_CHECK;
const char *grant_rows_text(const struct grants *grants, uint32_t at);
/* Borrowed until the next assignment is added. */
const struct grant_shape *grant_shape(const struct grants *grants, const struct grant_row *grant);
const uint8_t *grant_principal(const struct grants *grants, const struct grant_row *grant);
void grant_rows_add(
	struct grants *grants, const uint8_t principal[16], const struct grant_shape *shape);

struct version_row {
	uint8_t version[16];
	int64_t created, updated, expires, not_before;
	uint8_t enabled; /* enum tri */
};

/* name 0: the keys of this vault could not be listed; why tells. */
struct key_row {
	uint32_t host, name, text; /* text: "host/key" */
	uint32_t kty, recovery, why;
	uint32_t read_at; /* 0: it is as new as the table, else why tells (stale.c) */
	uint32_t ops;     /* perm_set */
	uint32_t versions, versions_len;
	uint16_t bits;
	/* detail: of the versions; whole: kty to ops were asked for too */
	unsigned detail : 2, whole : 1, listed : 1, hsm : 1, denied : 1, ops_known : 1;
	unsigned used : 1; /* by an account, as far as they were looked through for that */
};

struct keys {
	struct pool *pool;
	struct key_row *rows;
	size_t len, room;
	size_t unlisted; /* rows without a name */
	struct version_row *versions;
	size_t versions_len, versions_room;
	struct index texts;
};

struct keys *key_rows_new(void);
void key_rows_free(struct keys *keys);
/* A key of a list, still to be read. The row of before when it is there already. */
size_t key_rows_add(struct keys *keys, const struct keyid *id);
/* A vault whose keys cannot be listed; once. */
void key_rows_add_unknown(struct keys *keys, const char *host, const struct err *why);
/* What was read of it: of its current version, and the list of them, newest first. why is ERR_NONE,
 * or tells what could not be read. */
void key_rows_set_bundle(
	struct keys *keys, size_t row, const struct key *key, const struct err *why);
void key_rows_set_versions(
	struct keys *keys, size_t row, const struct key *key, const struct err *why);
const char *key_rows_text(const struct keys *keys, uint32_t at);
/* By "host/key"; ROW_NONE if none. */
uint32_t key_rows_find(const struct keys *keys, const char *text);
void key_rows_id(const struct keys *keys, size_t row, struct keyid *out);
/* By version text among a key's versions: its place, newest is 0; -1 if not there. */
int key_rows_version(const struct keys *keys, const struct key_row *row, const char *version);

#endif
