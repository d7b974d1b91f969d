/* A key and its versions, as read from the vault's data plane. */
#ifndef CLAVIGER_ESTATE_KEY_H
#define CLAVIGER_ESTATE_KEY_H

#include "backend/azure/keyid.h"
#include "backend/azure/perm.h"
#include "backend/json/json.h"

struct key_version {
	char version[33];
	enum tri enabled;
	int64_t created, updated, expires, not_before; /* epoch seconds; 0: none */
};

struct key {
	struct keyid id; /* id.version: the current one */
	char kty[16];    /* RSA, RSA-HSM, EC, oct */
	unsigned bits;   /* 0 unknown */
	perm_set ops;    /* key_ops, as permissions of the same name */
	bool ops_known;
	char recovery[48];            /* recoveryLevel */
	struct key_version *versions; /* newest first; owned */
	size_t versions_len;
	bool listed; /* a list of versions was read, so a version that is not there is gone */
	json_t *jwk; /* public key of the version that was read; owned; NULL: not read */
};

/* From a KeyBundle: kid, kty, ops, jwk, and its version's attributes (one version). */
bool key_decode(
	const json_t *json, const struct cloud *cloud, struct key *out, struct err *err) MUST_CHECK;

/* Adds a page of GET /keys/{n}/versions to out->versions. Versions come in no useful order: they
 * are sorted by created, ties by a version that `current` names, then by text. *next
 * gets the nextLink, "" at the end (an owned string). */
bool key_decode_versions(const json_t *json, const struct cloud *cloud, struct key *out,
	char **next, struct err *err) MUST_CHECK;
/* Adds one version, or replaces what is known of it; key_sort_versions then. */
void key_put_version(struct key *key, const struct key_version *version);
void key_sort_versions(struct key *key, const char *current);

/* The version by name, or the newest for ""; NULL if none. */
const struct key_version *key_version_find(const struct key *key, const char *version);

/* How many versions are newer than this one; -1 if it is not there. */
int key_versions_behind(const struct key *key, const char *version);

void key_free(struct key *key);

#endif
