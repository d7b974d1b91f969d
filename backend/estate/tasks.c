/* What is asked of the providers for the lists, and what the answers mean. A refusal is written
 * down where it will be seen: as a note, and as a row or cell that says unknown. It never makes a
 * list shorter. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/list.h"
#include "backend/estate/reply.h"

static const struct cloud *
cloud_of(const struct task *task)
{
	return session_cloud(task->lister->estate->session);
}

static const char *
task_subscription(const struct task *task)
{
	const struct subscription *at = &task->lister->estate->subscriptions[task->subscription];

	return at->name[0] ? at->name : at->id;
}

static void
get_arm(const struct task *task, const char *path, const char *type, struct request *out)
{
	const struct estate *estate = task->lister->estate;

	*out = (struct request){.method = HTTP_GET, .audience = AUDIENCE_ARM};
	out->url = mem_printf("%s/subscriptions%s?api-version=%s", cloud_of(task)->arm, path,
		session_api_version(estate->session, type));
}

/* The list of a type in the task's subscription. */
static void
task_list(const struct task *task, const char *type, struct request *out)
{
	const struct estate *estate = task->lister->estate;
	char *path =
		mem_printf("/%s/providers/%s", estate->subscriptions[task->subscription].id, type);

	get_arm(task, path, type, out);
	free(path);
}

/* What one element of a list means, which one lacks does not cost the others. */
struct page {
	struct task *task;
	bool (*one)(struct task *task, const json_t *json, struct err *err);
	const char *what;
};

static bool
accept_element(void *user, size_t i, const json_t *json, struct err *err)
{
	const struct page *page = user;
	struct err why = {0};

	(void)i;
	(void)err;
	if (!page->one(page->task, json, &why))
		lister_skip(
			page->task, &why, "%s of %s", page->what, task_subscription(page->task));
	return true;
}

static bool
accept_page(struct task *task, const struct buf *body,
	bool (*one)(struct task *task, const json_t *json, struct err *err), const char *what,
	struct err *err)
{
	struct page page = {.task = task, .one = one, .what = what};
	char *next;
	bool ok = reply_rows(body, accept_element, &page, &next, err);

	if (ok)
		lister_came(task->lister, task->parts);
	ok = ok && task_follow(task, next, err);
	free(next);
	return ok;
}

void
task_list_failed(struct task *task, const char *what, const struct err *err)
{
	struct estate *estate = task->lister->estate;
	struct err failed = *err;

	stale_lost(task->lister, task->parts, task->subscription, task->service, task->hsm, err);
	err_prefix(&failed, "%s of subscription %s", what, task_subscription(task));
	estate_lack(estate, task->parts, &failed);
	estate_note_add(
		estate, task->parts, err, "subscription %s: %s", task_subscription(task), what);
}

static void
build_subscriptions(struct task *task, struct request *out)
{
	const struct session *session = task->lister->estate->session;

	get_arm(task, "", "subscriptions", out);
	snprintf(out->tenant, sizeof out->tenant, "%s", session_tenant_at(session, task->tenant));
}

/* What is in it is missing from every list. */
static void
leave_out(struct task *task, const char *id, struct err *why)
{
	struct estate *estate = task->lister->estate;

	estate_note_add(estate, 0, why, "subscription %s", id);
	err_prefix(why, "subscription %s", id);
	estate_lack(estate, task->lister->busy & ~(unsigned)KEY_PARTS, why);
}

static bool
accept_subscription(void *user, size_t i, const json_t *json, struct err *err)
{
	struct task *task = user;
	struct estate *estate = task->lister->estate;
	const struct profile *profile = session_profile(estate->session);
	bool wanted = profile->subscriptions_len == 0;
	char id[37], name[128];
	struct err why;
	uint16_t at;

	(void)i;
	if (!json_need_text(json, "subscriptionId", id, sizeof id, err) ||
		!json_text(json, "displayName", name, sizeof name, err))
		return false;
	for (size_t s = 0; s < profile->subscriptions_len; s++)
		wanted |= text_casecmp(profile->subscriptions[s], id) == 0;
	if (!wanted) {
		json_object_set_new(estate->left_out, id, json_string(name[0] ? name : id));
		return true;
	}
	if (!estate_subscription_fits(estate, id, &why)) {
		leave_out(task, id, &why);
		return true;
	}
	lister_learn(task->lister, id, task->tenant);
	at = estate_subscription_add(estate, id, name);
	if (!estate->subscriptions[at].listed)
		estate->subscriptions[at].tenant = (uint8_t)task->tenant;
	estate->subscriptions[at].listed = true;
	return true;
}

/* Of a subscription that the profile names and that this sign-in does not see every list is empty,
 * without a word from Azure. */
static void
note_unlisted(struct task *task)
{
	struct estate *estate = task->lister->estate;
	const struct profile *profile = session_profile(estate->session);

	for (size_t i = 0; i < profile->subscriptions_len; i++) {
		const char *id = profile->subscriptions[i];
		uint16_t at = estate_subscription_add(estate, id, "");
		struct err why;

		if (estate->subscriptions[at].listed)
			continue;
		err_set(&why, ERR_DENIED, "",
			"the profile names it, but this sign-in does not see it: it has no role "
			"there, or the subscription is of another tenant");
		leave_out(task, id, &why);
	}
}

/* On to the next tenant: what one of them refuses does not cost the others. */
static void
end_tenant(struct task *task, const struct err *why)
{
	struct lister *lister = task->lister;
	bool all = true;

	lister->unnamed[task->tenant] = *why;
	if (++task->tenant < session_tenants(lister->estate->session)) {
		task->seen_len = 0;
		task->again = true;
		return;
	}
	for (size_t i = 0; i < task->tenant; i++)
		all &= lister->unnamed[i].kind == ERR_NONE;
	if (all)
		note_unlisted(task);
	lister_subscriptions_known(lister);
}

static bool
accept_subscriptions(struct task *task, const struct buf *body, struct err *err)
{
	static const struct err none;
	char *next;
	bool ok = reply_rows(body, accept_subscription, task, &next, err) &&
		  task_follow(task, next, err);

	free(next);
	if (ok && task->url == NULL)
		end_tenant(task, &none);
	return ok;
}

/* The subscriptions that a profile names are read even when the list of all cannot be. */
static void
fail_subscriptions(struct task *task, const struct err *err)
{
	struct estate *estate = task->lister->estate;
	struct err why = *err;
	char what[100] = "subscriptions";

	if (session_tenants(estate->session) > 1)
		snprintf(what, sizeof what, "subscriptions of tenant %s",
			session_tenant_at(estate->session, task->tenant));
	err_prefix(&why, "%s", what);
	estate_note_add(estate, 0, err, "%s", what);
	end_tenant(task, &why);
}

const struct task_kind task_subscriptions = {
	.build = build_subscriptions,
	.accept = accept_subscriptions,
	.fail = fail_subscriptions,
};

static void
build_accounts(struct task *task, struct request *out)
{
	task_list(task, task->service->arm_type, out);
}

/* An element that cannot be read whole still is a row when its id can be read. Lists of Automation
 * leave out what encrypts an account; whatever does is asked for each. */
bool
take_account(struct lister *lister, const struct service *service, uint16_t subscription,
	const json_t *json, struct err *err)
{
	struct accounts *accounts = lister->accounts;
	struct account account;
	size_t row;

	if (service->decode(json, session_cloud(lister->estate->session), &account, err)) {
		account.detailed = json_at(json, "properties.encryption") != NULL;
		row = account_rows_add(accounts, &account, subscription);
		lister_use_key(lister, row);
		account_free(&account);
		return true;
	}
	account = (struct account){.service = service};
	if (reply_id(json, service->arm_type, &account.id, NULL)) {
		row = account_rows_add(accounts, &account, subscription);
		account_rows_fail(accounts, row, err);
	} else {
		estate_lack(lister->estate, ESTATE_ACCOUNTS, err);
	}
	return false;
}

static bool
one_account(struct task *task, const json_t *json, struct err *err)
{
	return take_account(task->lister, task->service, task->subscription, json, err);
}

static bool
accept_accounts(struct task *task, const struct buf *body, struct err *err)
{
	return accept_page(task, body, one_account, "account", err);
}

static void
fail_accounts(struct task *task, const struct err *err)
{
	char what[64];

	snprintf(what, sizeof what, "%s accounts", task->service->title);
	task_list_failed(task, what, err);
}

const struct task_kind task_accounts = {
	.part = ESTATE_ACCOUNTS,
	.build = build_accounts,
	.accept = accept_accounts,
	.fail = fail_accounts,
};

static void
account_id(const struct task *task, struct armid *out)
{
	const struct accounts *accounts = task->lister->accounts;
	const struct account_row *row = account_row(accounts, task->row);

	*out = (struct armid){0};
	snprintf(out->subscription, sizeof out->subscription, "%s",
		task->lister->estate->subscriptions[row->subscription].id);
	snprintf(out->group, sizeof out->group, "%s",
		account_rows_text(accounts, account_shape(accounts, row)->group));
	snprintf(out->type, sizeof out->type, "%s", services[row->service]->arm_type);
	account_rows_name(accounts, task->row, out->name);
}

static void
build_account(struct task *task, struct request *out)
{
	struct armid id;

	account_id(task, &id);
	estate_get_account(task->lister->estate->session, &id, out);
}

static bool
accept_account(struct task *task, const struct buf *body, struct err *err)
{
	struct accounts *accounts = task->lister->accounts;
	const struct service *service = services[account_row(accounts, task->row)->service];
	json_t *json = json_read(buf_text(body), body->len, "the reply", err);
	struct account account;
	struct armid id;
	bool ok = json && service->decode(json, cloud_of(task), &account, err);

	json_decref(json);
	if (!ok)
		return false;
	account_id(task, &id);
	ok = armid_same(&id, &account.id);
	if (ok) {
		account_rows_set(accounts, task->row, &account);
		lister_use_key(task->lister, task->row);
	}
	account_free(&account);
	return ok || err_set(err, ERR_FAILED, "BadReply", "the reply is about another account");
}

static void
fail_account(struct task *task, const struct err *err)
{
	struct accounts *accounts = task->lister->accounts;
	char name[ROW_NAME];

	account_rows_fail(accounts, task->row, err);
	estate_note_row(task->lister->estate, ESTATE_ACCOUNTS, err, "account %s",
		account_rows_name(accounts, task->row, name));
}

const struct task_kind task_account = {
	.part = ESTATE_ACCOUNTS,
	.build = build_account,
	.accept = accept_account,
	.fail = fail_account,
};

static void
build_vaults(struct task *task, struct request *out)
{
	task_list(task, vault_type(task->hsm), out);
}

bool
take_vault(struct lister *lister, uint16_t subscription, const json_t *json, struct err *err)
{
	struct vaults *vaults = lister->vaults;
	struct vault vault;

	if (!vault_decode(json, &vault, err))
		return false;
	vault_rows_add(vaults, &vault, subscription);
	session_learn_place(lister->estate->session,
		vault_rows_text(vaults, vaults->rows[vaults->len - 1].host), vault.tenant);
	vault_free(&vault);
	return true;
}

static bool
one_vault(struct task *task, const json_t *json, struct err *err)
{
	return take_vault(task->lister, task->subscription, json, err);
}

static bool
accept_vaults(struct task *task, const struct buf *body, struct err *err)
{
	return accept_page(task, body, one_vault, task->hsm ? "managed HSM" : "vault", err);
}

static void
fail_vaults(struct task *task, const struct err *err)
{
	task_list_failed(task, task->hsm ? "managed HSMs" : "vaults", err);
}

const struct task_kind task_vaults = {
	.part = ESTATE_VAULTS,
	.build = build_vaults,
	.accept = accept_vaults,
	.fail = fail_vaults,
};

static void
build_vault(struct task *task, struct request *out)
{
	struct armid id;

	estate_vault_id(task->lister->estate, task->row, &id);
	estate_get_vault(task->lister->estate->session, &id, out);
}

static bool
accept_vault(struct task *task, const struct buf *body, struct err *err)
{
	json_t *json = json_read(buf_text(body), body->len, "the reply", err);
	struct vault vault;
	struct armid id;
	bool ok = json && vault_decode(json, &vault, err);

	json_decref(json);
	if (!ok)
		return false;
	estate_vault_id(task->lister->estate, task->row, &id);
	ok = armid_same(&id, &vault.id);
	if (ok)
		vault_rows_set(task->lister->vaults, task->row, &vault);
	vault_free(&vault);
	return ok || err_set(err, ERR_FAILED, "BadReply", "the reply is about another vault");
}

static void
fail_vault(struct task *task, const struct err *err)
{
	struct vaults *vaults = task->lister->vaults;

	vault_rows_fail(vaults, task->row, err);
	estate_note_row(task->lister->estate, ESTATE_VAULTS, err, "vault %s",
		vault_rows_text(vaults, vaults->rows[task->row].name));
}

const struct task_kind task_vault = {
	.part = ESTATE_VAULTS,
	.build = build_vault,
	.accept = accept_vault,
	.fail = fail_vault,
};

static void
build_identities(struct task *task, struct request *out)
{
	task_list(task, "Microsoft.ManagedIdentity/userAssignedIdentities", out);
}

static bool
one_identity(struct task *task, const json_t *json, struct err *err)
{
	return identity_rows_take(task->lister->identities, json, task->subscription, err);
}

static bool
accept_identities(struct task *task, const struct buf *body, struct err *err)
{
	return accept_page(task, body, one_identity, "identity", err);
}

static void
fail_identities(struct task *task, const struct err *err)
{
	task_list_failed(task, "identities", err);
}

const struct task_kind task_identities = {
	.part = ESTATE_IDENTITIES,
	.build = build_identities,
	.accept = accept_identities,
	.fail = fail_identities,
};

static void
build_grants(struct task *task, struct request *out)
{
	task_list(task, "Microsoft.Authorization/roleAssignments", out);
}

static bool
one_grant(struct task *task, const json_t *json, struct err *err)
{
	return grant_rows_take(task->lister->grants, json, err);
}

static bool
accept_grants(struct task *task, const struct buf *body, struct err *err)
{
	return accept_page(task, body, one_grant, "role assignment", err);
}

static void
fail_grants(struct task *task, const struct err *err)
{
	task_list_failed(task, "role assignments", err);
}

const struct task_kind task_grants = {
	.part = ESTATE_GRANTS,
	.build = build_grants,
	.accept = accept_grants,
	.fail = fail_grants,
};
