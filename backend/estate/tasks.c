/* What is asked for the lists, and what the answers mean. A refusal is written down where it will
 * be seen: as a note, and as a row or cell that says unknown. It never makes a list shorter. */
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
subscription_name(const struct task *task)
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

static void
get_list(const struct task *task, const char *type, struct request *out)
{
	const struct estate *estate = task->lister->estate;
	char *path =
		mem_printf("/%s/providers/%s", estate->subscriptions[task->subscription].id, type);

	get_arm(task, path, type, out);
	free(path);
}

/* A page's elements one by one: what one of them lacks does not cost the others. */
static bool
accept_page(struct task *task, const json_t *json,
	bool (*one)(struct task *task, const json_t *json, struct err *err), const char *what,
	struct err *err)
{
	struct lister *lister = task->lister;
	const json_t *value;
	char *next;
	bool ok;

	if (!reply_page(json, &value, &next, err))
		return false;
	lister->lists_read[part_number(task->kind->part)]++;
	for (size_t i = 0; i < json_array_size(value); i++) {
		struct err why = {0};

		if (!one(task, json_array_get(value, i), &why))
			estate_note_add(lister->estate, task->kind->part, &why, "%s of %s", what,
				subscription_name(task));
	}
	ok = task_follow(task, next, err);
	free(next);
	return ok;
}

static void
fail_list(struct task *task, const char *what, const struct err *err)
{
	struct estate *estate = task->lister->estate;
	struct err *failed = &estate->failed[part_number(task->kind->part)];

	*failed = *err;
	err_prefix(failed, "%s of subscription %s", what, subscription_name(task));
	estate_note_add(estate, task->kind->part, err, "subscription %s: %s",
		subscription_name(task), what);
}

static void
build_subscriptions(struct task *task, struct request *out)
{
	get_arm(task, "", "subscriptions", out);
}

static bool
accept_subscriptions(struct task *task, const json_t *json, struct err *err)
{
	struct estate *estate = task->lister->estate;
	const struct profile *profile = session_profile(estate->session);
	const json_t *value;
	char *next;
	bool ok = true;

	if (!reply_page(json, &value, &next, err))
		return false;
	for (size_t i = 0; ok && i < json_array_size(value); i++) {
		const json_t *one = json_array_get(value, i);
		char id[37], name[128];
		bool wanted = profile->subscriptions_len == 0;

		ok = json_need_text(one, "subscriptionId", id, sizeof id, err) &&
		     json_text(one, "displayName", name, sizeof name, err);
		for (size_t s = 0; ok && s < profile->subscriptions_len; s++)
			wanted |= text_casecmp(profile->subscriptions[s], id) == 0;
		if (ok && wanted)
			estate_subscription_add(estate, id, name);
	}
	ok = ok && task_follow(task, next, err);
	free(next);
	if (ok && task->url == NULL)
		lister_subscriptions_known(task->lister);
	return ok;
}

/* The subscriptions that a profile names are read even when the list of all cannot be. */
static void
fail_subscriptions(struct task *task, const struct err *err)
{
	struct estate *estate = task->lister->estate;
	struct err why = *err;

	if (estate_subscriptions(estate)) {
		estate_note_add(estate, 0, err, "subscriptions");
		lister_subscriptions_known(task->lister);
		return;
	}
	err_prefix(&why, "subscriptions");
	for (size_t i = 0; i < PARTS; i++)
		estate->failed[i] = why;
	estate_note_add(estate, 0, err, "subscriptions");
	task->lister->wants = 0;
}

const struct task_kind task_subscriptions = {
	.build = build_subscriptions,
	.accept = accept_subscriptions,
	.fail = fail_subscriptions,
};

static void
build_accounts(struct task *task, struct request *out)
{
	get_list(task, task->service->arm_type, out);
}

/* An element that cannot be read whole still is a row when its id can be read. */
static bool
one_account(struct task *task, const json_t *json, struct err *err)
{
	struct accounts *accounts = task->lister->accounts;
	struct account account;

	if (task->service->decode(json, cloud_of(task), &account, err)) {
		if (!task->service->list_reduced)
			account.detailed = true;
		account_rows_add(accounts, &account, task->subscription);
		account_free(&account);
		return true;
	}
	account = (struct account){.service = task->service};
	if (reply_id(json, task->service->arm_type, &account.id, NULL))
		account_rows_fail(
			accounts, account_rows_add(accounts, &account, task->subscription), err);
	return false;
}

static bool
accept_accounts(struct task *task, const json_t *json, struct err *err)
{
	return accept_page(task, json, one_account, "account", err);
}

static void
fail_accounts(struct task *task, const struct err *err)
{
	char what[64];

	snprintf(what, sizeof what, "%s accounts", task->service->title);
	fail_list(task, what, err);
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
	const struct account_row *row = &accounts->rows[task->row];

	*out = (struct armid){0};
	snprintf(out->subscription, sizeof out->subscription, "%s",
		task->lister->estate->subscriptions[row->subscription].id);
	snprintf(out->group, sizeof out->group, "%s", account_rows_text(accounts, row->group));
	snprintf(out->type, sizeof out->type, "%s", services[row->service]->arm_type);
	snprintf(out->name, sizeof out->name, "%s", account_rows_text(accounts, row->name));
}

static void
build_account(struct task *task, struct request *out)
{
	struct armid id;

	account_id(task, &id);
	estate_get_account(task->lister->estate->session, &id, out);
}

static bool
accept_account(struct task *task, const json_t *json, struct err *err)
{
	struct accounts *accounts = task->lister->accounts;
	const struct service *service = services[accounts->rows[task->row].service];
	struct account account;
	struct armid id;

	if (!service->decode(json, cloud_of(task), &account, err))
		return false;
	account_id(task, &id);
	if (!armid_same(&id, &account.id)) {
		account_free(&account);
		return err_set(err, ERR_FAILED, "BadReply", "the reply is about another account");
	}
	account_rows_set(accounts, task->row, &account);
	account_free(&account);
	return true;
}

static void
fail_account(struct task *task, const struct err *err)
{
	struct accounts *accounts = task->lister->accounts;
	const char *name = account_rows_text(accounts, accounts->rows[task->row].name);

	account_rows_fail(accounts, task->row, err);
	estate_note_add(task->lister->estate, ESTATE_ACCOUNTS, err, "account %s", name);
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
	get_list(task, "Microsoft.KeyVault/vaults", out);
}

static bool
one_vault(struct task *task, const json_t *json, struct err *err)
{
	struct vault vault;

	if (!vault_decode(json, &vault, err))
		return false;
	vault_rows_add(task->lister->vaults, &vault, task->subscription);
	vault_free(&vault);
	return true;
}

static bool
accept_vaults(struct task *task, const json_t *json, struct err *err)
{
	bool ok = accept_page(task, json, one_vault, "vault", err);

	task->lister->lists_read[part_number(ESTATE_KEYS)] |= ok;
	return ok;
}

static void
fail_vaults(struct task *task, const struct err *err)
{
	struct estate *estate = task->lister->estate;

	fail_list(task, "vaults", err);
	estate->failed[part_number(ESTATE_KEYS)] = estate->failed[part_number(ESTATE_VAULTS)];
}

const struct task_kind task_vaults = {
	.part = ESTATE_VAULTS,
	.build = build_vaults,
	.accept = accept_vaults,
	.fail = fail_vaults,
};

static const char *
vault_text(const struct task *task, bool host)
{
	const struct vaults *vaults = task->lister->vaults;
	const struct vault_row *row = &vaults->rows[task->row];

	return vault_rows_text(vaults, host ? row->host : row->name);
}

static void
build_vault_keys(struct task *task, struct request *out)
{
	const struct session *session = task->lister->estate->session;

	*out = (struct request){.method = HTTP_GET, .audience = AUDIENCE_VAULT};
	out->url = mem_printf("https://%s/keys?maxresults=25&api-version=%s",
		vault_text(task, true), session_api_version(session, "keyvault"));
}

static bool
accept_vault_keys(struct task *task, const json_t *json, struct err *err)
{
	struct lister *lister = task->lister;
	const json_t *value;
	char *next;
	bool ok = true;

	if (!reply_page(json, &value, &next, err))
		return false;
	for (size_t i = 0; ok && i < json_array_size(value); i++) {
		char kid[KEYID_MAX];
		struct keyid id;

		ok = json_need_text(json_array_get(value, i), "kid", kid, sizeof kid, err) &&
		     keyid_parse(&id, kid, cloud_of(task), err);
		if (ok && text_casecmp(id.host, vault_text(task, true)) != 0)
			ok = err_set(err, ERR_FAILED, "BadReply",
				"value[%zu].kid names a key of another vault, %s", i, id.vault);
		if (ok)
			key_rows_add(lister->keys, &id);
	}
	ok = ok && task_follow(task, next, err);
	free(next);
	return ok;
}

static void
fail_vault_keys(struct task *task, const struct err *err)
{
	struct lister *lister = task->lister;

	key_rows_add_unknown(lister->keys, vault_text(task, true), err);
	estate_note_add(
		lister->estate, ESTATE_KEYS, err, "vault %s: keys", vault_text(task, false));
}

const struct task_kind task_vault_keys = {
	.part = ESTATE_KEYS,
	.build = build_vault_keys,
	.accept = accept_vault_keys,
	.fail = fail_vault_keys,
};

static void
build_key(struct task *task, struct request *out)
{
	estate_get_key(task->lister->estate->session, &task->id, out);
}

static bool
accept_key(struct task *task, const json_t *json, struct err *err)
{
	struct key *key = &task->key;

	if (!key_decode(json, cloud_of(task), key, err))
		return false;
	task->kind = &task_versions;
	task->again = true;
	return true;
}

/* Whoever may list keys but not get them still sees their versions. */
static void
fail_key(struct task *task, const struct err *err)
{
	task->why = *err;
	task->key.id = task->id;
	task->kind = &task_versions;
	task->again = true;
}

const struct task_kind task_key = {
	.part = ESTATE_KEYS,
	.build = build_key,
	.accept = accept_key,
	.fail = fail_key,
};

static void
build_versions(struct task *task, struct request *out)
{
	estate_get_versions(task->lister->estate->session, &task->id, out);
}

static void
end_key(struct task *task)
{
	struct lister *lister = task->lister;

	key_rows_set(lister->keys, task->row, &task->key, &task->why);
	if (task->why.kind != ERR_NONE)
		estate_note_add(lister->estate, ESTATE_KEYS, &task->why, "key %s/%s",
			task->id.vault, task->id.key);
}

static bool
accept_versions(struct task *task, const json_t *json, struct err *err)
{
	char *next;
	bool ok;

	if (!key_decode_versions(json, cloud_of(task), &task->key, &next, err))
		return false;
	ok = task_follow(task, next, err);
	free(next);
	if (ok && task->url == NULL)
		end_key(task);
	return ok;
}

static void
fail_versions(struct task *task, const struct err *err)
{
	if (task->why.kind == ERR_NONE)
		task->why = *err;
	end_key(task);
}

const struct task_kind task_versions = {
	.part = ESTATE_KEYS,
	.build = build_versions,
	.accept = accept_versions,
	.fail = fail_versions,
};
