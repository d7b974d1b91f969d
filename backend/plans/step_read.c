/* The reads before a plan. Whoever may not read a vault or key gets a finding with the reason, not
 * an aborted plan; an account that cannot be read ends it, since nothing can be said without it. */
#include "backend/plans/step.h"

#include <stdlib.h>
#include <string.h>

#include "backend/net/origin.h"
#include "crypto/selftest.h"

enum { PAGES_MAX = 500 };

const struct step step_selftest = {
	.name = "selftest",
	.title = "Local RSA self-test",
	.work = selftest_brief,
};

/* What a failed read tells about the resource; false when it tells nothing (no network, throttled,
 * an answer that makes no sense) and the plan cannot go on. What is in another tenant may be
 * somebody else's to see: then it stays unread, and cross.h tells of it. */
static bool
take_absence(const struct plan_facts *facts, const struct err *failure, enum known *known,
	struct err *why)
{
	if (facts->cross.asked && failure->kind == ERR_DENIED) {
		*known = KNOWN_NOT_READ;
		*why = *failure;
		return true;
	}
	if (failure->http != 404 && failure->http != 403)
		return false;
	*known = failure->http == 404 ? KNOWN_ABSENT : KNOWN_DENIED;
	*why = *failure;
	return true;
}

static bool
build_account(const struct plan_facts *facts, struct request *out, struct err *err)
{
	(void)err;
	estate_get_account(facts->session, &facts->account, out);
	return true;
}

static enum outcome
accept_account(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	if (reply == NULL) {
		step_failed(failure, err);
		err_prefix(err, "account %s", facts->account.name);
		return OUTCOME_FAILED;
	}
	return step_take_account(facts, reply, err) ? OUTCOME_DONE : OUTCOME_FAILED;
}

const struct step step_read_account = {
	.name = "account",
	.title = "Read the account",
	.build = build_account,
	.accept = accept_account,
};

/* One of another tenant is known by its key's URI alone. */
static bool
has_vault(const struct plan_facts *facts)
{
	return facts->vault.subscription[0] != '\0';
}

static bool
build_vault(const struct plan_facts *facts, struct request *out, struct err *err)
{
	(void)err;
	estate_get_vault(facts->session, &facts->vault, out);
	return true;
}

static enum outcome
accept_vault(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	if (reply)
		return step_take_vault(facts, reply, err) ? OUTCOME_DONE : OUTCOME_FAILED;
	if (take_absence(facts, failure, &facts->facts.vault_known, &facts->facts.vault_why))
		return OUTCOME_DONE;
	return step_failed(failure, err);
}

const struct step step_read_vault = {
	.name = "vault",
	.title = "Read the vault",
	.on = STEP_ON_VAULT,
	.needed = has_vault,
	.build = build_vault,
	.accept = accept_vault,
};

static bool
build_key(const struct plan_facts *facts, struct request *out, struct err *err)
{
	(void)err;
	estate_get_key(facts->session, &facts->want, out);
	return true;
}

/* A version that is not there leaves the key to be read without it, so that the finding can say
 * which of the two is missing. */
static enum outcome
accept_key(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	json_t *json;
	bool ok;

	if (reply == NULL && failure->http == 404 && facts->want.version[0]) {
		facts->want.version[0] = '\0';
		return OUTCOME_AGAIN;
	}
	if (reply == NULL &&
		take_absence(facts, failure, &facts->facts.key_known, &facts->facts.key_why))
		return OUTCOME_DONE;
	if (reply == NULL)
		return step_failed(failure, err);
	json = step_json(reply, "key", err);
	ok = json && step_take_key(facts, json, err);
	json_decref(json);
	return ok ? OUTCOME_DONE : OUTCOME_FAILED;
}

/* A version that is made first cannot be read, and another one tells nothing of it. */
static bool
key_can_be_read(const struct plan_facts *facts)
{
	return !facts->version_mark[0];
}

const struct step step_read_key = {
	.name = "key",
	.title = "Read the key",
	.on = STEP_ON_KEY,
	.needed = key_can_be_read,
	.build = build_key,
	.accept = accept_key,
};

static bool
key_is_read(const struct plan_facts *facts)
{
	return facts->facts.key_known == KNOWN_READ;
}

/* The next page, which must be of the same vault: whoever follows a foreign link gives it the
 * token. */
static bool
build_versions(const struct plan_facts *facts, struct request *out, struct err *err)
{
	char *url;

	estate_get_versions(facts->session, &facts->want, out);
	if (facts->next == NULL)
		return true;
	if (!origin_follow(out->url, facts->next, &url, err))
		return err_prefix(err, "versions of %s/%s", facts->want.vault, facts->want.key);
	free(out->url);
	out->url = url;
	return true;
}

static enum outcome
accept_versions(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	struct key *key = &facts->facts.key;
	char *next = NULL;
	json_t *json;
	bool ok;

	free(facts->next);
	facts->next = NULL;
	/* Without the right to list, the one version that was read is what is known. */
	if (reply == NULL)
		return failure->http == 403 ? OUTCOME_DONE : step_failed(failure, err);
	json = step_json(reply, "versions of the key", err);
	ok = json && key_decode_versions(json, session_cloud(facts->session), key, &next, err);
	if (ok)
		step_find_made(facts, json);
	json_decref(json);
	if (!ok)
		return OUTCOME_FAILED;
	key_sort_versions(key, facts->facts.key.id.version);
	if (next == NULL || next[0] == '\0') {
		free(next);
		return OUTCOME_DONE;
	}
	facts->next = next;
	if (++facts->pages < PAGES_MAX)
		return OUTCOME_AGAIN;
	err_set(err, ERR_FAILED, "EndlessPages",
		"versions of %s/%s: the vault sends no end after %d pages", facts->want.vault,
		facts->want.key, PAGES_MAX);
	return OUTCOME_FAILED;
}

const struct step step_read_versions = {
	.name = "versions",
	.title = "Read the key's versions",
	.on = STEP_ON_KEY,
	.needed = key_is_read,
	.build = build_versions,
	.accept = accept_versions,
};

static bool
grants_stand_apart(const struct plan_facts *facts)
{
	return facts->facts.vault_known == KNOWN_READ && store_of(&facts->facts.vault)->list &&
	       step_principal(facts)[0];
}

static bool
build_grants(const struct plan_facts *facts, struct request *out, struct err *err)
{
	const struct store *store = store_of(&facts->facts.vault);
	const struct grantee grantee = {.principal = step_principal(facts)};
	char *url;

	if (store->list == NULL)
		return build_vault(facts, out, err);
	if (!store->list(facts->session, &facts->facts, &grantee, out, err))
		return false;
	if (facts->next == NULL)
		return true;
	if (!origin_follow(out->url, facts->next, &url, err))
		return err_prefix(err, "%s of %s", store->title, facts->vault.name);
	free(out->url);
	out->url = url;
	return true;
}

/* All pages are there: what they give on the key that rules judge. */
static void
take_grants(struct plan_facts *facts)
{
	struct facts *read = &facts->facts;
	char scope[SCOPE_MAX];
	bool custom;

	store_of(&read->vault)->scope(read, read->key.id.key, scope);
	read->roles = assignments_rights(&read->assigned, scope, &custom);
	read->roles_maybe =
		custom ? "it has a custom role there, and what that allows is not known" : "";
	read->roles_known = KNOWN_READ;
}

/* Where access policies decide the vault is read again: they stand in it. */
static enum outcome
accept_grants(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	struct facts *read = &facts->facts;
	char *next = NULL;
	json_t *json;
	bool ok;

	if (store_of(&read->vault)->list == NULL)
		return accept_vault(facts, reply, failure, err);
	if (facts->next == NULL) {
		assignments_free(&read->assigned);
		facts->pages = 0;
	}
	free(facts->next);
	facts->next = NULL;
	if (reply == NULL && read->roles_known == KNOWN_NOT_READ &&
		take_absence(facts, failure, &read->roles_known, &read->roles_why))
		return OUTCOME_DONE;
	if (reply == NULL)
		return step_failed(failure, err);
	json = step_json(reply, "role assignments", err);
	ok = json && assignments_take(&read->assigned, json, step_principal(facts), &next, err);
	json_decref(json);
	if (!ok)
		return OUTCOME_FAILED;
	if (next[0] == '\0') {
		free(next);
		take_grants(facts);
		return OUTCOME_DONE;
	}
	facts->next = next;
	if (++facts->pages < PAGES_MAX)
		return OUTCOME_AGAIN;
	err_set(err, ERR_FAILED, "EndlessPages",
		"role assignments on %s: the list has no end after %d pages", facts->vault.name,
		PAGES_MAX);
	return OUTCOME_FAILED;
}

const struct step step_read_grants = {
	.name = "grants",
	.title = "Read what the identity was given",
	.on = STEP_ON_VAULT,
	.needed = grants_stand_apart,
	.build = build_grants,
	.accept = accept_grants,
};
