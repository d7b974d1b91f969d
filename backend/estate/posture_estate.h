/* The findings of a whole estate: every rule on every account, vault and key that can be seen. */
#ifndef CLAVIGER_ESTATE_POSTURE_ESTATE_H
#define CLAVIGER_ESTATE_POSTURE_ESTATE_H

#include "backend/estate/estate.h"

/* Parts that must have been loaded, as far as they can be. */
enum {
	POSTURE_PARTS = ESTATE_ACCOUNTS | ESTATE_VAULTS | ESTATE_USED | ESTATE_GRANTS |
			ESTATE_NAMES | ESTATE_KEYS | ESTATE_GONE
};

/* Reads what lists do not tell (rotation policies, versions that are not current) and judges,
 * waiting. names: accounts, vaults or VAULT/KEY to which it is narrowed, with the vault and key of
 * such an account and the keys of such a vault; none: all. The array of `claviger posture`, the
 * worst first; a new reference. NULL: err tells. */
json_t *posture_estate(struct estate *estate, const char *const *names, size_t names_len,
	struct err *err) MUST_CHECK;

/* For the console, which calls it after every change of the estate: judges in pieces of a few
 * milliseconds, once nothing is being read, and then calls the estate's changed(). Until whole was
 * asked for, nothing is asked of Azure for it, and keys that no account uses are left out. */
void posture_follow(struct estate *estate, bool whole);

/* How far that is. */
struct posture_sight {
	size_t len; /* findings of the last time */
	bool known; /* it has come to its end once */
	bool whole; /* len is of all rules on everything */
	bool fresh; /* nothing has changed since, and nothing is being read */
	bool busy;
};
struct posture_sight posture_sight(const struct estate *estate);

#endif
