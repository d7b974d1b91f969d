/* What was deleted and not purged yet: it is in no list of what is there. Each subscription is
 * asked for vaults and for managed HSMs, each vault for keys; pages may be empty and still have a
 * next one. */
#include <stdlib.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/list.h"
#include "backend/estate/reply.h"
#include "backend/estate/show.h"

static const struct {
	const char *list, *id, *title;
} kinds_gone[] = {
	{"Microsoft.KeyVault/deletedVaults", "properties.vaultId", "deleted vaults"},
	{"Microsoft.KeyVault/deletedManagedHSMs", "properties.mhsmId", "deleted managed HSMs"},
};

static void
build_gone(struct task *task, struct request *out)
{
	const struct session *session = task->lister->estate->session;

	*out = (struct request){.method = HTTP_GET, .audience = AUDIENCE_ARM};
	out->url = mem_printf("%s/subscriptions/%s/providers/%s?api-version=%s",
		session_cloud(session)->arm,
		task->lister->estate->subscriptions[task->subscription].id,
		kinds_gone[task->hsm].list, session_api_version(session, vault_type(task->hsm)));
}

static bool
accept_gone_vault(void *user, size_t i, const json_t *json, struct err *err)
{
	struct task *task = user;
	char id[ARMID_MAX], location[64], deleted[32], purge[32];
	enum tri protection = TRI_UNKNOWN;
	struct armid was;

	if (!json_need_text(json, kinds_gone[task->hsm].id, id, sizeof id, err) ||
		!armid_take(&was, id, err) ||
		!json_text(json, "properties.location", location, sizeof location, err) ||
		!json_text(json, "properties.deletionDate", deleted, sizeof deleted, err) ||
		!json_text(json, "properties.scheduledPurgeDate", purge, sizeof purge, err) ||
		!json_flag(json, "properties.purgeProtectionEnabled", &protection, err))
		return err_prefix(err, "value[%zu]", i);
	json_array_append_new(task->lister->gone,
		json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:s}", "id", id, "name",
			was.name, "kind", task->hsm ? "managedHsm" : "vault", "location", location,
			"resourceGroup", was.group, "deleted", deleted, "purge", purge,
			"purgeProtection", protection == TRI_YES, "subscriptionId",
			was.subscription));
	return true;
}

static bool
accept_gone(struct task *task, const struct buf *body, struct err *err)
{
	char *next;
	bool ok = reply_rows(body, accept_gone_vault, task, &next, err);

	if (ok)
		lister_came(task->lister, ESTATE_GONE);
	ok = ok && task_follow(task, next, err);
	free(next);
	return ok;
}

static void
fail_gone(struct task *task, const struct err *err)
{
	task_list_failed(task, kinds_gone[task->hsm].title, err);
}

const struct task_kind task_gone = {
	.part = ESTATE_GONE,
	.build = build_gone,
	.accept = accept_gone,
	.fail = fail_gone,
};

static const struct vault_row *
vault_of(const struct task *task)
{
	return &task->lister->vaults->rows[task->row];
}

static void
build_gone_keys(struct task *task, struct request *out)
{
	const struct lister *lister = task->lister;

	*out = (struct request){.method = HTTP_GET,
		.audience = vault_of(task)->hsm ? AUDIENCE_HSM : AUDIENCE_VAULT};
	out->url = mem_printf("https://%s/deletedkeys?maxresults=25&api-version=%s",
		vault_rows_text(lister->vaults, vault_of(task)->host),
		session_api_version(lister->estate->session, "keyvault"));
}

static bool
accept_gone_key(void *user, size_t i, const json_t *json, struct err *err)
{
	struct task *task = user;
	const struct lister *lister = task->lister;
	char kid[KEYID_MAX], plain[KEYID_MAX];
	int64_t deleted = 0, purge = 0;
	struct keyid id;

	if (!json_need_text(json, "kid", kid, sizeof kid, err) ||
		!keyid_parse(&id, kid, session_cloud(lister->estate->session), err) ||
		!json_number(json, "deletedDate", &deleted, err) ||
		!json_number(json, "scheduledPurgeDate", &purge, err))
		return err_prefix(err, "value[%zu]", i);
	if (text_casecmp(id.host, vault_rows_text(lister->vaults, vault_of(task)->host)) != 0)
		return err_set(err, ERR_FAILED, "BadReply",
			"value[%zu].kid names a key of another vault, %s", i, id.vault);
	id.version[0] = '\0';
	json_array_append_new(lister->gone_keys,
		json_pack("{s:s, s:s, s:s, s:o, s:o, s:s}", "id", keyid_print(&id, plain), "name",
			id.key, "vault", id.vault, "deleted", show_time(deleted), "purge",
			show_time(purge), "state", "deleted"));
	return true;
}

static bool
accept_gone_keys(struct task *task, const struct buf *body, struct err *err)
{
	char *next;
	bool ok =
		reply_rows(body, accept_gone_key, task, &next, err) && task_follow(task, next, err);

	free(next);
	return ok;
}

static void
fail_gone_keys(struct task *task, const struct err *err)
{
	stale_keep_gone_keys(task->lister, task->row, err->msg);
	estate_note_row(task->lister->estate, ESTATE_GONE_KEYS, err, "vault %s: deleted keys",
		vault_rows_text(task->lister->vaults, vault_of(task)->name));
}

const struct task_kind task_gone_keys = {
	.part = ESTATE_GONE_KEYS,
	.build = build_gone_keys,
	.accept = accept_gone_keys,
	.fail = fail_gone_keys,
};
