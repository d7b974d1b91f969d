/* Small pieces that more than one step needs. */
#include "backend/plans/step.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"

static int
collect(const char *bytes, size_t len, void *user)
{
	return buf_add(user, bytes, len) ? 0 : -1;
}

char *
step_body(json_t *body)
{
	struct buf text;
	char *out;

	buf_init(&text, 1 << 20);
	(void)!json_dump_callback(body, collect, &text, JSON_COMPACT);
	json_decref(body);
	out = mem_strdup(buf_text(&text));
	buf_free(&text);
	return out;
}

json_t *
step_json(const struct reply *reply, const char *what, struct err *err)
{
	return json_read(buf_text(&reply->body), reply->body.len, what, err);
}

char *
step_mark(char *out, size_t room, const char *what, const char *from)
{
	snprintf(out, room, REQUEST_UNKNOWN_OPEN "%s, from step %s" REQUEST_UNKNOWN_CLOSE, what,
		from);
	return out;
}

enum outcome
step_failed(const struct err *failure, struct err *err)
{
	*err = *failure;
	return OUTCOME_FAILED;
}

bool
step_take_account(struct plan_facts *facts, const struct reply *reply, struct err *err)
{
	const struct service *service = service_find(facts->account.type);
	json_t *json = step_json(reply, "account", err);
	struct account account;
	bool ok;

	if (json == NULL)
		return false;
	ok = service->decode(json, session_cloud(facts->session), &account, err);
	json_decref(json);
	if (!ok)
		return false;
	if (!armid_same(&account.id, &facts->account)) {
		err_set(err, ERR_FAILED, "BadReply", "the reply is of another account, %s",
			account.id.name);
		account_free(&account);
		return false;
	}
	account_free(&facts->facts.account);
	facts->facts.account = account;
	facts->facts.account_known = KNOWN_READ;
	return true;
}

bool
step_take_vault(struct plan_facts *facts, const struct reply *reply, struct err *err)
{
	json_t *json = step_json(reply, "vault", err);
	struct vault vault;
	bool ok;

	if (json == NULL)
		return false;
	ok = vault_decode(json, &vault, err);
	json_decref(json);
	if (!ok)
		return false;
	if (!armid_same(&vault.id, &facts->vault)) {
		err_set(err, ERR_FAILED, "BadReply", "the reply is of another vault, %s",
			vault.id.name);
		vault_free(&vault);
		return false;
	}
	vault_free(&facts->facts.vault);
	facts->facts.vault = vault;
	facts->facts.vault_known = KNOWN_READ;
	if (facts->before.id.name[0] == '\0')
		vault_copy(&facts->before, &vault);
	return true;
}

bool
step_take_key(struct plan_facts *facts, const json_t *json, struct err *err)
{
	struct key key;

	if (!key_decode(json, session_cloud(facts->session), &key, err))
		return false;
	if (text_casecmp(key.id.host, facts->want.host) != 0 ||
		text_casecmp(key.id.key, facts->want.key) != 0 ||
		(facts->want.version[0] &&
			text_casecmp(key.id.version, facts->want.version) != 0) ||
		key.id.version[0] == '\0') {
		err_set(err, ERR_FAILED, "BadReply", "the reply is of another key, %s/%s",
			key.id.vault, key.id.key);
		key_free(&key);
		return false;
	}
	key_free(&facts->facts.key);
	facts->facts.key = key;
	facts->facts.key_known = KNOWN_READ;
	memcpy(facts->want.version, key.id.version, sizeof facts->want.version);
	if (!facts->version_asked)
		memcpy(facts->facts.target, key.id.version, sizeof facts->facts.target);
	return true;
}

const char *
step_principal(const struct plan_facts *facts)
{
	const struct identity *identity = &facts->facts.account.identity;

	if (facts->want_identity[0] == '\0')
		return identity->principal;
	for (size_t i = 0; i < identity->users_len; i++)
		if (text_casecmp(identity->users[i].id, facts->want_identity) == 0)
			return identity->users[i].principal;
	return "";
}

/* Accounts name the tenant of the system-assigned identity only; a user-assigned one has to live in
 * the vault's tenant to be of use. */
const char *
step_tenant(const struct plan_facts *facts)
{
	return facts->want_identity[0] ? facts->facts.vault.tenant
				       : facts->facts.account.identity.tenant;
}

perm_set
step_missing(const struct plan_facts *facts)
{
	const char *principal = step_principal(facts);
	const struct account *account = &facts->facts.account;
	perm_set needs = account->service ? account->service->policy_perms : 0;
	perm_set has = principal[0] ? vault_rights(&facts->facts.vault, principal) : 0;

	return needs & ~perm_effective(has);
}

bool
step_is_switched(const struct plan_facts *facts)
{
	const struct account *account = &facts->facts.account;

	return account->source == KEY_SOURCE_CUSTOMER && facts->want.version[0] &&
	       text_casecmp(account->key.host, facts->want.host) == 0 &&
	       text_casecmp(account->key.key, facts->want.key) == 0 &&
	       text_casecmp(account->key.version, facts->follow ? "" : facts->want.version) == 0 &&
	       text_casecmp(account->key_identity, facts->want_identity) == 0;
}
