/* Where a reading goes. The first one is filled in sight; later ones stand beside the table that is
 * shown and take its place when they are complete, so that no row flickers and what was known stays
 * known until it is known better. */
#include "backend/base/clock.h"
#include "backend/estate/list.h"

/* Keys and those in use share a table: the second of them adds to what the first has read. */
static void
start_keys(struct lister *lister, unsigned parts)
{
	struct estate *estate = lister->estate;

	lister->next_key = 0;
	if (parts & ESTATE_NAMES)
		lister->next_vault = 0;
	if (lister->busy & KEY_PARTS & ~parts)
		return;
	lister->keys = estate->keys;
	if (estate->keys->len && !(estate->read & KEY_PARTS & ~parts))
		lister->keys = key_rows_new();
}

void
tables_start(struct lister *lister, unsigned parts)
{
	struct estate *estate = lister->estate;

	if (!(lister->busy & ~parts & ESTATE_ACCOUNTS))
		lister->accounts = estate->accounts;
	if (!(lister->busy & ~parts & ESTATE_VAULTS))
		lister->vaults = estate->vaults;
	if (parts & ESTATE_ACCOUNTS) {
		lister->names_only = false;
		lister->next_account = 0;
		if (estate->accounts->len)
			lister->accounts = account_rows_new(&estate->principals);
		else
			account_rows_empty(lister->accounts);
	}
	if ((parts & ESTATE_VAULTS) && estate->vaults->len)
		lister->vaults = vault_rows_new(&estate->principals);
	if (parts & ESTATE_IDENTITIES)
		lister->identities =
			estate->identities->len ? identity_rows_new() : estate->identities;
	if (parts & ESTATE_GRANTS)
		lister->grants =
			estate->grants->len ? grant_rows_new(&estate->principals) : estate->grants;
	if (parts & KEY_PARTS)
		start_keys(lister, parts);
	if (parts & ESTATE_GONE)
		lister->gone = json_array();
	if (parts & ESTATE_GONE_KEYS) {
		lister->gone_keys = json_array();
		lister->next_gone = 0;
	}
}

/* Lists of what was deleted are short: one is always made beside the other. */
static void
drop_gone(json_t **at, json_t *shown)
{
	if (*at != shown)
		json_decref(*at);
	*at = shown;
}

static void
replace_gone(json_t **shown, json_t *at)
{
	if (*shown != at)
		json_decref(*shown);
	*shown = at;
}

/* Gives back what stands beside the estate's own tables. */
void
tables_drop(struct lister *lister, unsigned parts)
{
	struct estate *estate = lister->estate;

	if ((parts & ESTATE_ACCOUNTS) && lister->accounts != estate->accounts) {
		account_rows_free(lister->accounts);
		lister->accounts = estate->accounts;
	}
	if ((parts & ESTATE_VAULTS) && lister->vaults != estate->vaults) {
		vault_rows_free(lister->vaults);
		lister->vaults = estate->vaults;
	}
	if ((parts & KEY_PARTS) && !(lister->busy & KEY_PARTS & ~parts) &&
		lister->keys != estate->keys) {
		key_rows_free(lister->keys);
		lister->keys = estate->keys;
	}
	if ((parts & ESTATE_IDENTITIES) && lister->identities != estate->identities) {
		identity_rows_free(lister->identities);
		lister->identities = estate->identities;
	}
	if ((parts & ESTATE_GRANTS) && lister->grants != estate->grants) {
		grant_rows_free(lister->grants);
		lister->grants = estate->grants;
	}
	if (parts & ESTATE_GONE)
		drop_gone(&lister->gone, estate->gone);
	if (parts & ESTATE_GONE_KEYS)
		drop_gone(&lister->gone_keys, estate->gone_keys);
}

/* A table that was filled in sight is taken out of sight with what it held. */
void
tables_clear(struct lister *lister, unsigned parts)
{
	struct estate *estate = lister->estate;
	bool accounts = lister->accounts == estate->accounts;
	bool vaults = lister->vaults == estate->vaults;
	bool identities = lister->identities == estate->identities;
	bool grants = lister->grants == estate->grants;

	estate->replaced++;
	joins_drop(estate->joins);
	if (parts & ESTATE_ACCOUNTS) {
		account_rows_free(lister->accounts);
		lister->accounts = account_rows_new(&estate->principals);
		lister->next_account = 0;
		estate->accounts = accounts ? lister->accounts : estate->accounts;
	}
	if (parts & ESTATE_VAULTS) {
		vault_rows_free(lister->vaults);
		lister->vaults = vault_rows_new(&estate->principals);
		lister->next_vault = lister->next_gone = 0;
		estate->vaults = vaults ? lister->vaults : estate->vaults;
	}
	if (parts & ESTATE_IDENTITIES) {
		identity_rows_free(lister->identities);
		lister->identities = identity_rows_new();
		estate->identities = identities ? lister->identities : estate->identities;
	}
	if (parts & ESTATE_GRANTS) {
		grant_rows_free(lister->grants);
		lister->grants = grant_rows_new(&estate->principals);
		estate->grants = grants ? lister->grants : estate->grants;
	}
}

/* Whether no row of the accounts waits for a reply of its own. */
static bool
all_told(const struct accounts *accounts)
{
	for (size_t i = 0; i < accounts->len; i++)
		if (account_row(accounts, i)->detail == DETAIL_LOADING)
			return false;
	return true;
}

static void
replace_accounts(struct lister *lister)
{
	struct estate *estate = lister->estate;

	if (lister->accounts != estate->accounts) {
		stale_keep(lister, ESTATE_ACCOUNTS);
		account_rows_free(estate->accounts);
		estate->accounts = lister->accounts;
	}
	account_rows_trim(estate->accounts);
	estate->named = true;
	if (!lister->names_only || all_told(estate->accounts))
		estate->read |= ESTATE_ACCOUNTS;
}

/* The last of the two parts that fill the table of keys brings it. */
static void
replace_keys(struct lister *lister)
{
	struct estate *estate = lister->estate;

	if (lister->keys == estate->keys || (lister->busy & KEY_PARTS))
		return;
	stale_keep(lister, ESTATE_KEYS);
	key_rows_free(estate->keys);
	estate->keys = lister->keys;
	estate->stale &= ~(unsigned)KEY_PARTS;
}

void
tables_replace(struct lister *lister, unsigned part)
{
	struct estate *estate = lister->estate;

	joins_drop(estate->joins);
	if (lister->lists_read[part_number(part)] == 0) {
		tables_drop(lister, part);
		/* What is there is of before, and this reading has failed. */
		if (!lister->touching)
			estate->stale |= estate->read & part;
		/* Keys are not looked for in vaults of before. */
		if (part == ESTATE_VAULTS)
			lister->next_vault = lister->next_gone = lister->vaults->len;
		return;
	}
	estate->replaced++;
	estate->stale &= ~part;
	estate->at[part_number(part)] = clock_wall();
	if (part == ESTATE_ACCOUNTS) {
		replace_accounts(lister);
		return;
	}
	estate->read |= part;
	if (part == ESTATE_VAULTS && lister->vaults != estate->vaults) {
		stale_keep(lister, part);
		vault_rows_free(estate->vaults);
		estate->vaults = lister->vaults;
	} else if (part & KEY_PARTS) {
		replace_keys(lister);
	} else if (part == ESTATE_IDENTITIES && lister->identities != estate->identities) {
		identity_rows_free(estate->identities);
		estate->identities = lister->identities;
	} else if (part == ESTATE_GRANTS && lister->grants != estate->grants) {
		grant_rows_free(estate->grants);
		estate->grants = lister->grants;
	} else if (part == ESTATE_GONE) {
		stale_keep(lister, part);
		replace_gone(&estate->gone, lister->gone);
	} else if (part == ESTATE_GONE_KEYS) {
		replace_gone(&estate->gone_keys, lister->gone_keys);
		joins_drop(estate->joins);
	}
}
