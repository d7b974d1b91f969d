/* Small pieces that more than one step needs. */
#include "backend/plans/step.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/plans/cross.h"

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
	return facts->cross.asked ? facts->cross.principal : step_identity_principal(facts);
}

const char *
step_identity_principal(const struct plan_facts *facts)
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

static bool
is_same_entry(const struct policy_entry *a, const struct policy_entry *b)
{
	return text_casecmp(a->principal, b->principal) == 0 &&
	       text_casecmp(a->tenant, b->tenant) == 0 &&
	       text_casecmp(a->application, b->application) == 0;
}

const struct policy_entry *
step_lost_entry(const struct plan_facts *facts)
{
	const struct vault *now = &facts->facts.vault, *before = &facts->before;

	for (size_t i = 0; i < before->policies_len; i++) {
		const struct policy_entry *old = &before->policies[i];
		bool kept = text_casecmp(old->principal, step_principal(facts)) == 0;

		for (size_t j = 0; !kept && j < now->policies_len; j++)
			kept = is_same_entry(old, &now->policies[j]) &&
			       old->keys == now->policies[j].keys &&
			       old->others == now->policies[j].others &&
			       strcmp(old->unknown, now->policies[j].unknown) == 0;
		if (!kept)
			return old;
	}
	return NULL;
}

const struct store *
step_store(const struct plan_facts *facts, struct err *err)
{
	const struct facts *read = &facts->facts;

	if (read->vault_known == KNOWN_READ &&
		(read->vault.hsm || read->vault.model != GRANT_UNKNOWN))
		return store_of(&read->vault);
	err_set(err, ERR_UNAVAILABLE, "VaultUnread",
		"vault %s could not be read%s%s, so whether policies or roles decide there is not "
		"known; nothing was sent; try again",
		facts->vault.name, read->vault_why.msg[0] ? ": " : "", read->vault_why.msg);
	return NULL;
}

perm_set
step_missing(const struct plan_facts *facts)
{
	const char *principal = step_principal(facts);
	const struct service *service = facts->facts.account.service;
	const struct store *store = store_of(&facts->facts.vault);
	perm_set needs = service ? store->needs(service) : 0;

	if (facts->cross.asked && !cross_sees_rights(facts))
		return 0;
	return principal[0] ? needs & ~store->holds(&facts->facts, principal, facts->want.key)
			    : needs;
}

bool
step_has_key(const struct plan_facts *facts)
{
	const struct account *account = &facts->facts.account;

	/* Storage looks for a new version once a day, and at once when it is told the key again. */
	bool lags = facts->follow && account->used[0] && facts->want.version[0] &&
		    text_casecmp(account->used, facts->want.version) != 0;

	bool told = facts->want.version[0] || (facts->follow && facts->cross.asked);

	return account->source == KEY_SOURCE_CUSTOMER && told && !lags &&
	       text_casecmp(account->key.host, facts->want.host) == 0 &&
	       text_casecmp(account->key.key, facts->want.key) == 0 &&
	       text_casecmp(account->key.version, facts->follow ? "" : facts->want.version) == 0;
}

bool
step_opener_apart(const struct plan_facts *facts)
{
	const struct service *service = facts->facts.account.service;

	return facts->former.known && service && service->opener_apart && !facts->cross.asked &&
	       text_casecmp(facts->former.identity, facts->want_identity) != 0;
}

char *
step_used(const struct account *account, char *out, size_t room)
{
	if (account->source != KEY_SOURCE_CUSTOMER)
		snprintf(out, room, "Microsoft's keys");
	else
		snprintf(out, room, "%s/%s%s%.8s", account->key.vault, account->key.key,
			account->mode == KEY_MODE_AUTO ? ", whatever version is current"
						       : " version ",
			account->key.version);
	return out;
}

void
step_add_user(struct plan_facts *facts, const char *name)
{
	size_t used = strlen(facts->users);

	facts->users_len++;
	if (name && used + strlen(name) + 3 < sizeof facts->users)
		snprintf(facts->users + used, sizeof facts->users - used, "%s%s", used ? ", " : "",
			name);
}
