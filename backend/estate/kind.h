/* The nouns: one table drives the view, the subcommand, the filter words and the JSON. */
#ifndef CLAVIGER_ESTATE_KIND_H
#define CLAVIGER_ESTATE_KIND_H

#include "backend/estate/estate.h"
#include "backend/estate/posture.h"
#include "backend/estate/row_names.h"

/* How well a cell is known. Loading and unknown are said in the text too ("…", "?"). */
enum cell_state {
	CELL_KNOWN,
	CELL_LOADING,
	CELL_UNKNOWN,
	CELL_GOOD,
	CELL_WARN,
	CELL_BAD,
	CELL_NONE
};

/* A row that is older than the last try to read it. */
struct stale {
	time_t at;       /* when it was read */
	const char *why; /* it could not be read again */
};

struct kind_column {
	const char *name;  /* filter word and table header of the command line: keySource */
	const char *title; /* KEY SOURCE */
	int width, most;   /* it grows to most columns where there is room; most 0: it does not */
	int rank;          /* 0: always shown; higher ones go first when room is short */
	bool right;
	bool words; /* its cells are words of ours, which the console says in its language */
	bool names; /* or names, but for words of ours with a blank or a bracket in them */
	bool own;   /* alike says nothing of its cells */
	const char *const *texts; /* every text a cell can have, # for any number; NULL: any */
};

struct kind {
	const char *name;  /* account */
	const char *title; /* Accounts */
	const char *one;   /* Account */
	const char *empty; /* said when there is no row: what to do */
	unsigned part;     /* ESTATE_ part that must be loaded */
	unsigned also;     /* parts read along: what cannot be read of them stays unknown */
	const struct kind_column *columns;
	size_t columns_len;
	size_t (*count)(const struct estate *);
	enum cell_state (*cell)(
		const struct estate *, size_t row, size_t column, char *out, size_t room);
	/* NULL: by text. */
	int (*compare)(const struct estate *, size_t a, size_t b, size_t column);
	/* A number for the text of a cell, by which equal ones are known without writing them: in a
	 * column the same number is the same text, and the same for compare, until the estate
	 * changes; 0: it has none. NULL: no cell has. */
	uint32_t (*value)(const struct estate *, size_t row, size_t column);
	/* The text of a cell as it is stored, which is as cell writes it, borrowed or in out; NULL:
	 * it is only written. NULL: so are all. */
	const char *(*text)(const struct estate *, size_t row, size_t column, char out[ROW_NAME]);
	/* A number for a whole row: until the estate changes, rows with the same one have the same
	 * cells but for the columns of their own, whose text may stand in the other cells too, as a
	 * word with neither letter, digit, hyphen nor underscore beside it; 0: it has none. NULL:
	 * no row has. */
	uint32_t (*alike)(const struct estate *, size_t row);
	/* The `show` object of the command line from what the lists told; new reference. */
	json_t *(*json)(const struct estate *, size_t row);
	/* Whether a single row is stale; NULL: none ever is. */
	bool (*stale)(const struct estate *, size_t row, struct stale *out);
	/* How many of these rows, NULL: of all, each stand for a vault whose own could not be
	 * listed: they are none themselves. NULL: no row does. */
	size_t (*unlisted)(const struct estate *, const uint32_t *rows, size_t len);
};

extern const struct kind kind_account, kind_vault, kind_key, kind_policy, kind_identity;
/* Those two with what was deleted and can be recovered behind them: for lists to look at. */
extern const struct kind kind_vault_any, kind_key_any;
/* What is wrong with all of them (posture_estate.h), the worst first. */
extern const struct kind kind_finding;
extern const struct kind *const kinds[];
extern const size_t kinds_len;
const struct kind *kind_find(const char *name);

/* What a row is, for drilling in. */
void kind_account_id(
	const struct estate *estate, size_t row, struct armid *out, const struct service **service);
void kind_identity_id(const struct estate *estate, size_t row, struct armid *out);
void kind_vault_id(const struct estate *estate, size_t row, struct armid *out);
void kind_key_id(const struct estate *estate, size_t row, struct keyid *out);
/* Whether the accounts of these rows are all on one customer key. */
bool kind_account_one_key(const struct estate *estate, const size_t *rows, size_t len);
/* How many other accounts are on the key of an account. */
size_t kind_account_sharing(const struct estate *estate, size_t row);
/* The accounts on a vault or key that is there: how many, and the rows of at most max. */
size_t kind_vault_users(const struct estate *estate, size_t row, size_t *out, size_t max);
size_t kind_key_users(const struct estate *estate, size_t row, size_t *out, size_t max);
/* What was deleted, by row of kind_vault_any and kind_key_any; NULL: it is there. */
const json_t *kind_vault_gone(const struct estate *estate, size_t row);
const json_t *kind_key_gone(const struct estate *estate, size_t row);
/* Vault and principal of a policy row. */
void kind_policy_id(
	const struct estate *estate, size_t row, struct armid *vault, char principal[37]);

/* `show` objects from facts read one by one; new references. */
json_t *show_account(const struct facts *facts);
/* The names of its keys; "" among them says that they could not be listed. */
json_t *show_vault(const struct vault *vault, const char *const *keys, size_t keys_len);
/* estate tells who uses which version. */
json_t *show_key(const struct key *key, const struct estate *estate);

#endif
