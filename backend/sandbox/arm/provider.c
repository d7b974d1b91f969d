/* Paths of these calls: params[0] the subscription, params[1] the group, params[2] the account. */
#include "backend/sandbox/arm/provider.h"

#include <stdio.h>
#include <string.h>

#include "backend/sandbox/arm/arm.h"
#include "backend/sandbox/ident.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/rights.h"
#include "backend/sandbox/rows/assignments.h"

static bool
allowed(struct call *call, const struct provider *provider, const char *verb)
{
	const char *type = accounts_type(provider->service);

	return rights_action(
		call, arena_printf(call->arena, "%s/%s", type, verb), arm_scope(call, type));
}

static bool
find(struct call *call, enum service service, struct account *out)
{
	return accounts_find(call->world->db, call->arena, service, call->params[0],
		call->params[1], call->params[2], out);
}

bool
provider_load(struct call *call, enum service service, struct account *out)
{
	struct db *db = call->world->db;
	struct arm_group group;
	bool found;

	db_lock(db);
	found = arm_group(call, call->params[0], call->params[1], &group);
	if (found && !find(call, service, out)) {
		arm_refuse_missing(call, accounts_type(service), call->params[1], call->params[2]);
		found = false;
	}
	db_unlock(db);
	return found;
}

static json_t *
shown(struct call *call, const struct provider *provider, const struct account *a)
{
	json_t *json;

	db_lock(call->world->db);
	json = provider->shown(call, a);
	db_unlock(call->world->db);
	return json;
}

static void
show(struct call *call, const struct provider *provider, const struct account *a)
{
	reply_json(call, 200, shown(call, provider, a));
	if (provider->headers)
		provider->headers(call, a);
}

void
provider_get(struct call *call, const struct provider *provider)
{
	struct account *a = arena_alloc(call->arena, sizeof *a);

	if (allowed(call, provider, "read") && provider_load(call, provider->service, a))
		show(call, provider, a);
}

static json_t *
list_row(struct call *call, sqlite3_stmt *stmt, const void *user, int64_t *id)
{
	const struct provider *provider = user;
	struct account *a = arena_alloc(call->arena, sizeof *a);

	accounts_read(stmt, call->arena, a);
	*id = a->id;
	return provider->listed(call, a);
}

void
provider_list(struct call *call, const struct provider *provider)
{
	const char *type = accounts_type(provider->service);
	const struct account_lists *lists = &accounts_lists[provider->service];
	const struct arm_list list = {
		.type = type,
		.read = arena_printf(call->arena, "%s/read", type),
		.by_subscription = lists->by_subscription,
		.by_group = lists->by_group,
		.row = list_row,
		.user = provider,
	};

	arm_list(call, &list);
}

void
provider_patch(struct call *call, const struct provider *provider)
{
	struct account *a = arena_alloc(call->arena, sizeof *a);

	if (allowed(call, provider, "write") && provider_load(call, provider->service, a) &&
		change_account(call, provider->change, a))
		show(call, provider, a);
}

static bool
fill(struct call *call, const struct provider *provider, struct account *a)
{
	*a = (struct account){.service = provider->service, .users = "[]", .more = "{}"};
	if (!arm_location(call, call_text(call->json, "location"), a->location) ||
		!arm_tags(call, "{}", &a->tags))
		return false;
	snprintf(a->subscription, sizeof a->subscription, "%s", call->params[0]);
	snprintf(a->group_name, sizeof a->group_name, "%s", call->params[1]);
	snprintf(a->name, sizeof a->name, "%s", call->params[2]);
	snprintf(a->identity, sizeof a->identity, "None");
	ident_guid(a->guid);
	a->created_ms = a->modified_ms = vclock_ms(&call->world->clock);
	return provider->fill(call, a) && change_new(call, provider->change, a);
}

static bool
name_free(struct call *call, const struct provider *provider)
{
	bool ok;

	db_lock(call->world->db);
	ok = provider->name_free(call, call->params[2]);
	db_unlock(call->world->db);
	return ok;
}

static void
create(struct call *call, const struct provider *provider)
{
	struct account *a = arena_alloc(call->arena, sizeof *a), *again;
	struct db *db = call->world->db;
	struct arm_group group;

	if (!name_free(call, provider) || !fill(call, provider, a))
		return;
	again = arena_alloc(call->arena, sizeof *again);
	db_begin(db);
	if (!arm_group(call, call->params[0], call->params[1], &group) ||
		!provider->name_free(call, call->params[2])) {
		db_rollback(db);
		return;
	}
	if (find(call, provider->service, again)) {
		db_rollback(db);
		reply_error(call, 409, "Conflict",
			"The account is being created by another request; try again.");
		return;
	}
	a->group = group.id;
	accounts_insert(db, a);
	if (!find(call, provider->service, again))
		*again = *a;
	if (!db_commit(db))
		reply_broken(call);
	else if (provider->made)
		provider->made(call, again, shown(call, provider, again));
	else
		show(call, provider, again);
}

void
provider_put(struct call *call, const struct provider *provider)
{
	struct account *a = arena_alloc(call->arena, sizeof *a);
	struct arm_group group;
	bool there, found;

	if (!allowed(call, provider, "write"))
		return;
	db_lock(call->world->db);
	there = arm_group(call, call->params[0], call->params[1], &group);
	found = there && find(call, provider->service, a);
	db_unlock(call->world->db);
	if (!there)
		return;
	if (!found)
		create(call, provider);
	else if (arm_stays(call, a->name, a->group_name, a->location) &&
		 change_account(call, provider->change, a))
		show(call, provider, a);
}

void
provider_delete(struct call *call, const struct provider *provider)
{
	struct account *a = arena_alloc(call->arena, sizeof *a);
	struct db *db = call->world->db;
	struct arm_group group;
	bool found;

	if (!allowed(call, provider, "delete"))
		return;
	db_begin(db);
	if (!arm_group(call, call->params[0], call->params[1], &group)) {
		db_rollback(db);
		return;
	}
	found = find(call, provider->service, a);
	if (found) {
		db_do(db, "DELETE FROM account WHERE id=?", "i", a->id);
		assignments_drop(db, arm_scope(call, accounts_type(provider->service)),
			vclock_ms(&call->world->clock));
	}
	if (!db_commit(db))
		reply_broken(call);
	else if (provider->gone)
		provider->gone(call, a, found);
	else
		reply_empty(call, found ? 200 : 204);
}
