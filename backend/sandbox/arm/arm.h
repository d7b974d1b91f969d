/* What all calls of the resource manager share. */
#ifndef CLAVIGER_SANDBOX_ARM_H
#define CLAVIGER_SANDBOX_ARM_H

#include "backend/azure/armid.h"
#include "backend/sandbox/call.h"

/* Token, api-version for a resource type (NULL: any), the subscription in the path. Answers and is
 * false when one of them is wrong. */
bool arm_prepare(struct call *call, const char *type) MUST_CHECK;

/* The api-versions of a resource type, oldest first, with ", " between; "" when there is no list.
 */
const char *arm_versions(const char *type);

/* Whether a namespace such as Microsoft.KeyVault is one of the providers here. */
bool arm_namespace_known(const char *name);

/* Answers a path of a type that is not served. */
void arm_refuse_type(struct call *call);

/* The group's row, its name and place as stored; otherwise answers 404 ResourceGroupNotFound. Takes
 * no lock: the caller holds it. */
struct arm_group {
	int64_t id;
	char name[ARMID_GROUP], location[48];
};
bool arm_group(struct call *call, const char *subscription, const char *name,
	struct arm_group *out) MUST_CHECK;

/* Answers 404 ResourceNotFound for type 'Microsoft.X/y'. */
void arm_refuse_missing(struct call *call, const char *type, const char *group, const char *name);

/* Region name as ARM normalises it (West Europe -> westeurope); false and 400 when it is none. */
bool arm_location(struct call *call, const char *given, char out[48]) MUST_CHECK;

/* Whether the location of a PUT's body is the one where the resource is already; otherwise answers
 * 400 or 409. */
bool arm_stays(
	struct call *call, const char *name, const char *group, const char *place) MUST_CHECK;

/* tags of a body as JSON text in the arena; fallback when there are none. Answers 400 and is false
 * when they are malformed. */
bool arm_tags(struct call *call, const char *fallback, const char **out) MUST_CHECK;

/* Pages: the row id that $skiptoken continues after (0 at the start), and the nextLink for a page
 * that ended at `last`. ARM_PAGE rows make a page, or fewer when $top says so; the nextLink
 * does not name $top [keyvault.json examples, listVault]. */
enum { ARM_PAGE = 1000 };
size_t arm_page_size(const struct call *call);
bool arm_after(struct call *call, int64_t *after) MUST_CHECK;
json_t *arm_next_link(struct call *call, int64_t last);

/* The scope that a path of a resource type names: subscription, group or resource. In the arena. */
const char *arm_scope(struct call *call, const char *type);

/* Answers a list of resources by subscription or by group, in pages of at most $top. */
struct arm_list {
	const char *type, *read;                /* Microsoft.X/y, and the action that reads it */
	const char *by_subscription, *by_group; /* subscription, [group,] after, limit */
	json_t *(*row)(struct call *call, sqlite3_stmt *stmt, const void *user, int64_t *id);
	const void *user;
};
void arm_list(struct call *call, const struct arm_list *list);

#endif
