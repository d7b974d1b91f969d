/* What joins keep until the next change. Internal to join*.c. */
#ifndef CLAVIGER_ESTATE_JOIN_H
#define CLAVIGER_ESTATE_JOIN_H

#include "backend/estate/inside.h"

/* An account and a principal that it may act as: its own, or that of a user-assigned identity. */
struct owner {
	uint8_t principal[16];
	uint32_t account;
};

struct joins {
	bool used_known, policies_known, counts_known, roles_known, owners_known, gone_known;
	uint32_t *used;  /* by row of keys->versions */
	uint32_t *first; /* by row of keys: an account that uses it */
	uint32_t *next;  /* by row of accounts: the next one that uses the same key */
	struct policy_row *policies;
	size_t policies_len, policies_room;
	struct role_right *roles;
	size_t roles_len, roles_room;
	struct owner *owners; /* in order of principals */
	size_t owners_len, owners_room;
	struct {
		uint32_t count, unknown; /* unknown: row of keys that tells why, ROW_NONE */
	} * counts;                      /* by row of vaults */
	uint32_t *gone;    /* by place in gone_keys: the row of the same key, ROW_NONE */
	size_t gone_alone; /* those without one */
};

/* The vault of an account's key; ROW_NONE if it is not known. */
uint32_t joins_vault(const struct estate *estate, const struct account_row *row);

#endif
