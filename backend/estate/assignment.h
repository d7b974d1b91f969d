/* Role assignments, of one principal or of all, as far as rights on keys go: of Azure's roles, or
 * of the local roles of a managed HSM, which look the same. */
#ifndef CLAVIGER_ESTATE_ASSIGNMENT_H
#define CLAVIGER_ESTATE_ASSIGNMENT_H

#include "backend/azure/armid.h"
#include "backend/azure/perm.h"
#include "backend/json/json.h"

enum { SCOPE_MAX = ARMID_MAX + 160 };

struct assignment {
	char name[37], role[37], principal[37]; /* GUIDs */
	char type[32];         /* of the principal: User, Group, ServicePrincipal; "": not told */
	char scope[SCOPE_MAX]; /* where it stands: it holds for everything below */
};

struct assignments {
	struct assignment *rows; /* owned */
	size_t len;
};

/* Adds those of a principal (NULL: of everybody) that are on one page of a list; *next gets the
 * nextLink, "" at the end (an owned string). */
bool assignments_take(struct assignments *assignments, const json_t *json, const char *principal,
	char **next, struct err *err) MUST_CHECK;
void assignments_free(struct assignments *assignments);

/* Whether an assignment counts at this scope. */
bool assignment_covers(const struct assignment *assignment, const char *scope);

/* What all that count at this scope give on keys; custom roles, of which that is not known, give
 * nothing here and set *custom. */
perm_set assignments_rights(const struct assignments *assignments, const char *scope, bool *custom);

#endif
