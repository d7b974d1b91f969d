/* Where rights on keys are given, as a table: one const struct store per grant model. A vault has
 * one of them and ignores the other, so its model is read first, and only that one is written. */
#ifndef CLAVIGER_ESTATE_STORE_H
#define CLAVIGER_ESTATE_STORE_H

#include "backend/estate/facts.h"
#include "backend/session/session.h"

/* Who is given rights, and on what. */
struct grantee {
	const char *principal, *tenant; /* of the identity; marks while they are not known yet */
	const char *application; /* that acts for it, of an access policy; NULL or "": none */
	const char *key;         /* its name; "": every key of the vault */
	const char *name; /* GUID of the assignment; "": the one that follows from the rest, so that
			   * asking twice makes one */
};

/* One thing that was given on the vault itself: what one request takes back, and gives again. */
struct gift {
	char key[sizeof((struct keyid *)0)->key]; /* on this key alone; "": on the vault */
	char name[37];                            /* of the assignment; "": it has none */
	perm_set set;
};

struct store {
	const char *title;            /* access policies */
	const char *role, *role_name; /* the one role it gives; NULL: rights one by one */

	/* What a service's identity needs there. */
	perm_set (*needs)(const struct service *);
	/* What a principal may do with a key ("": with every key), by whatever gives it. */
	perm_set (*holds)(const struct facts *, const char *principal, const char *key);
	/* The i-th gift that gives the principal what the account's service needs, on this key
	 * (NULL: on the vault or any of its keys); false at the end. What it inherits is none. */
	bool (*given)(const struct facts *, const char *principal, const char *key, size_t i,
		struct gift *out);
	/* Where a key ("": every key) stands in the names of places. NULL: there are no places,
	 * what is given holds for the whole vault. */
	char *(*scope)(const struct facts *, const char *key, char out[SCOPE_MAX]);
	/* The request whose reply has what the principal (NULL: everybody) was given on the vault
	 * and its keys; NULL: the vault's own reply has it. */
	bool (*list)(const struct session *, const struct facts *, const struct grantee *,
		struct request *, struct err *);
	/* The requests that give and take back. Nothing else that is given there changes by them.
	 */
	bool (*add)(const struct session *, const struct facts *, const struct grantee *, perm_set,
		struct request *, struct err *);
	bool (*remove)(const struct session *, const struct facts *, const struct grantee *,
		perm_set, struct request *, struct err *);
};

extern const struct store store_policies, store_roles, store_hsm_roles;

/* By the vault's grant model, as read. */
const struct store *store_of(const struct vault *vault);

#endif
