/* Keys: those of every vault with all that is known of them, or the versions of those in use and
 * nothing else. A vault or key that does not let itself be read stays a row that says so. */
#include <stdlib.h>

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
vault_text(const struct task *task, bool host)
{
	const struct vaults *vaults = task->lister->vaults;
	const struct vault_row *row = &vaults->rows[task->row];

	return vault_rows_text(vaults, host ? row->host : row->name);
}

static void
build_vault_keys(struct task *task, struct request *out)
{
	const struct lister *lister = task->lister;

	*out = (struct request){.method = HTTP_GET,
		.audience = lister->vaults->rows[task->row].hsm ? AUDIENCE_HSM : AUDIENCE_VAULT};
	out->url = mem_printf("https://%s/keys?maxresults=25&api-version=%s",
		vault_text(task, true), session_api_version(lister->estate->session, "keyvault"));
}

static bool
accept_key_of_vault(void *user, size_t i, const json_t *json, struct err *err)
{
	struct task *task = user;
	char kid[KEYID_MAX];
	struct keyid id;

	if (!json_need_text(json, "kid", kid, sizeof kid, err) ||
		!keyid_parse(&id, kid, cloud_of(task), err))
		return err_prefix(err, "value[%zu]", i);
	if (text_casecmp(id.host, vault_text(task, true)) != 0)
		return err_set(err, ERR_FAILED, "BadReply",
			"value[%zu].kid names a key of another vault, %s", i, id.vault);
	key_rows_add(task->lister->keys, &id);
	return true;
}

static bool
accept_vault_keys(struct task *task, const struct buf *body, struct err *err)
{
	char *next;
	bool ok = reply_rows(body, accept_key_of_vault, task, &next, err) &&
		  task_follow(task, next, err);

	free(next);
	return ok;
}

static void
fail_vault_keys(struct task *task, const struct err *err)
{
	struct lister *lister = task->lister;

	key_rows_add_unknown(lister->keys, vault_text(task, true), err);
	estate_note_row(
		lister->estate, ESTATE_NAMES, err, "vault %s: keys", vault_text(task, false));
}

const struct task_kind task_vault_keys = {
	.part = ESTATE_NAMES,
	.build = build_vault_keys,
	.accept = accept_vault_keys,
	.fail = fail_vault_keys,
};

static void
note_key(const struct task *task)
{
	estate_note_row(task->lister->estate, task->parts, &task->why, "key %s/%s", task->id.vault,
		task->id.key);
}

static void
build_key(struct task *task, struct request *out)
{
	estate_get_key(task->lister->estate->session, &task->id, out);
}

/* The versions follow, unless they are known since the accounts asked for them. A key that was
 * touched becomes a row only now. */
static void
ask_versions(struct task *task)
{
	struct lister *lister = task->lister;

	if (task->row == ROW_NONE)
		task->row = key_rows_add(lister->keys, &task->id);
	key_rows_set_bundle(lister->keys, task->row, &task->key, &task->why);
	task->again = task->touched || lister->keys->rows[task->row].detail == DETAIL_LOADING;
	if (task->again)
		task->kind = &task_versions;
	else if (task->why.kind != ERR_NONE)
		note_key(task);
}

static bool
accept_key(struct task *task, const struct buf *body, struct err *err)
{
	json_t *json = json_read(buf_text(body), body->len, "the reply", err);
	bool ok = json && key_decode(json, cloud_of(task), &task->key, err);

	json_decref(json);
	if (!ok)
		return false;
	if (text_casecmp(task->key.id.host, task->id.host) != 0 ||
		text_casecmp(task->key.id.key, task->id.key) != 0) {
		key_free(&task->key);
		task->key = (struct key){0};
		return err_set(err, ERR_FAILED, "BadReply", "the reply is about another key");
	}
	ask_versions(task);
	return true;
}

/* Whoever may list keys but not get them still sees their versions. */
static void
fail_key(struct task *task, const struct err *err)
{
	task->why = *err;
	task->key.id = task->id;
	if (task->row != ROW_NONE)
		ask_versions(task);
	else if (known_of(err) != KNOWN_ABSENT)
		note_key(task);
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
	key_rows_set_versions(task->lister->keys, task->row, &task->key, &task->why);
	if (task->why.kind != ERR_NONE)
		note_key(task);
}

static bool
accept_versions(struct task *task, const struct buf *body, struct err *err)
{
	json_t *json = json_read(buf_text(body), body->len, "the reply", err);
	char *next = NULL;
	bool ok = json && key_decode_versions(json, cloud_of(task), &task->key, &next, err) &&
		  task_follow(task, next, err);

	json_decref(json);
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

static void
build_used(struct task *task, struct request *out)
{
	if (task->key.id.key[0] == '\0')
		task->key.id = task->id;
	build_versions(task, out);
}

const struct task_kind task_used = {
	.part = ESTATE_USED,
	.build = build_used,
	.accept = accept_versions,
	.fail = fail_versions,
};
