/* One account with the vault and key that it uses, request by request. Each link that cannot be
 * read is marked with its reason and the next one is tried all the same: a pane that shows two
 * links of three is worth more than an error. */
#include <stdlib.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/inside.h"
#include "backend/net/origin.h"

enum { PAGES_MAX = 2000 };

enum stage {
	STAGE_ACCOUNT,
	STAGE_LIST_VAULTS,
	STAGE_VAULT,
	STAGE_KEY,
	STAGE_VERSIONS,
	STAGE_PINNED,
	STAGE_END
};

struct reading {
	struct reading *next;
	struct estate *estate;
	struct armid id;
	enum stage stage;
	struct call *call;
	struct job *job;
	struct facts facts;
	char *sent, *follow; /* pages of versions */
	unsigned pages;
	bool shared; /* see reading_share */
	facts_done *done;
	void *user;
};

static void step(struct reading *reading);

static const struct cloud *
cloud_of(const struct reading *reading)
{
	return session_cloud(reading->estate->session);
}

static void
unlink_reading(struct reading *reading)
{
	struct reading **at = &reading->estate->readings;

	while (*at != reading)
		at = &(*at)->next;
	*at = reading->next;
}

static void
reading_free(struct reading *reading)
{
	facts_free(&reading->facts);
	free(reading->sent);
	free(reading->follow);
	free(reading);
}

void
reading_cancel(struct reading *reading)
{
	if (reading == NULL)
		return;
	call_cancel(reading->call);
	if (reading->job)
		job_cancel(reading->job);
	unlink_reading(reading);
	reading_free(reading);
}

void
reading_share(struct reading *reading)
{
	reading->shared = true;
}

void
readings_cancel(struct estate *estate)
{
	while (estate->readings)
		reading_cancel(estate->readings);
}

static void
end(struct reading *reading, const struct err *err)
{
	static const struct err none;
	uint32_t vault = vault_rows_find(reading->estate->vaults, reading->facts.account.key.host);

	if (reading->facts.vault_known == KNOWN_READ && vault != ROW_NONE)
		row_roles(reading->estate, vault, &reading->facts);
	unlink_reading(reading);
	reading->facts.now = clock_wall();
	reading->done(reading->user, &reading->facts, err ? err : &none);
	reading_free(reading);
}

static bool
take_account(struct reading *reading, const json_t *json, struct err *err)
{
	struct facts *facts = &reading->facts;
	const struct service *service = service_find(reading->id.type);

	if (service == NULL)
		return err_set(err, ERR_USAGE, "", "%s: claviger knows no accounts of that type",
			reading->id.type);
	if (!service->decode(json, cloud_of(reading), &facts->account, err))
		return false;
	facts->account_known = KNOWN_READ;
	reading->stage =
		facts->account.source == KEY_SOURCE_CUSTOMER ? STAGE_LIST_VAULTS : STAGE_END;
	return true;
}

static bool
take_vault(struct reading *reading, const json_t *json, struct err *err)
{
	if (!vault_decode(json, &reading->facts.vault, err))
		return false;
	reading->facts.vault_known = KNOWN_READ;
	reading->stage = STAGE_KEY;
	return true;
}

static bool
take_key(struct reading *reading, const json_t *json, struct err *err)
{
	if (!key_decode(json, cloud_of(reading), &reading->facts.key, err))
		return false;
	reading->facts.key_known = KNOWN_READ;
	reading->stage = STAGE_VERSIONS;
	return true;
}

static bool
uses_other_version(const struct facts *facts)
{
	const char *pinned = facts->account.key.version;

	return pinned[0] && text_casecmp(pinned, facts->key.id.version) != 0;
}

static bool
take_versions(struct reading *reading, const json_t *json, struct err *err)
{
	struct facts *facts = &reading->facts;
	char *next;
	bool ok = true;

	if (!key_decode_versions(json, cloud_of(reading), &facts->key, &next, err))
		return false;
	if (next[0] && ++reading->pages == PAGES_MAX)
		ok = err_set(err, ERR_FAILED, "BadReply", "the list of versions does not end");
	else if (next[0])
		ok = origin_follow(reading->sent, next, &reading->follow, err);
	else if (uses_other_version(facts))
		reading->stage = STAGE_PINNED;
	else
		reading->stage = STAGE_END;
	free(next);
	return ok;
}

/* Versions of a key may differ in type, size and operations: those of the one in use count. */
static bool
take_pinned(struct reading *reading, const json_t *json, struct err *err)
{
	struct key *key = &reading->facts.key, pinned;

	reading->stage = STAGE_END;
	if (!key_decode(json, cloud_of(reading), &pinned, err))
		return false;
	memcpy(key->kty, pinned.kty, sizeof key->kty);
	memcpy(key->recovery, pinned.recovery, sizeof key->recovery);
	key->bits = pinned.bits;
	key->ops = pinned.ops;
	key->ops_known = pinned.ops_known;
	json_decref(key->jwk);
	key->jwk = json_incref(pinned.jwk);
	key_put_version(key, &pinned.versions[0]);
	key_sort_versions(key, key->id.version);
	key_free(&pinned);
	return true;
}

/* What a failure at this stage means, and where to go on. False: the account itself. */
static bool
take_failure(struct reading *reading, const struct err *err)
{
	struct facts *facts = &reading->facts;

	switch (reading->stage) {
	case STAGE_VAULT:
		facts->vault_known = known_of(err);
		facts->vault_why = *err;
		reading->stage = STAGE_KEY;
		return true;
	case STAGE_KEY:
		facts->key_known = known_of(err);
		facts->key_why = *err;
		reading->stage = STAGE_END;
		return true;
	case STAGE_VERSIONS:
		facts->key_why = *err;
		reading->stage = uses_other_version(facts) ? STAGE_PINNED : STAGE_END;
		return true;
	case STAGE_PINNED:
		/* A version that is not there is missing in the list as well. */
		if (known_of(err) != KNOWN_ABSENT || !facts->key.listed)
			facts->key_why = *err;
		reading->stage = STAGE_END;
		return true;
	default:
		facts->account_known = known_of(err);
		facts->account_why = *err;
		return false;
	}
}

static bool
take(struct reading *reading, const json_t *json, struct err *err)
{
	switch (reading->stage) {
	case STAGE_ACCOUNT:
		return take_account(reading, json, err);
	case STAGE_VAULT:
		return take_vault(reading, json, err);
	case STAGE_KEY:
		return take_key(reading, json, err);
	case STAGE_VERSIONS:
		return take_versions(reading, json, err);
	default:
		return take_pinned(reading, json, err);
	}
}

static void
answered(void *user, struct reply *reply, const struct err *failure)
{
	struct reading *reading = user;
	struct err err = *failure;

	reading->call = NULL;
	if (err.kind == ERR_NONE) {
		json_t *json =
			json_read(buf_text(&reply->body), reply->body.len, "the reply", &err);

		if (json && !take(reading, json, &err))
			memcpy(err.request_id, reply->request_id, sizeof err.request_id);
		json_decref(json);
	}
	if (err.kind != ERR_NONE && !take_failure(reading, &err)) {
		err_prefix(&err, "account %s", reading->id.name);
		end(reading, &err);
		return;
	}
	step(reading);
}

static void
ask(struct reading *reading, struct request *request)
{
	free(reading->sent);
	reading->sent = mem_strdup(request->url);
	request->shared = reading->shared && reading->stage != STAGE_ACCOUNT;
	reading->call = session_send(reading->estate->session, request, answered, reading);
	request_free(request);
}

/* The vault is known by its host alone; its id comes from the list. False: not yet. */
static bool
find_vault(struct reading *reading, struct armid *out)
{
	struct estate *estate = reading->estate;
	struct facts *facts = &reading->facts;
	uint32_t row = vault_rows_find(estate->vaults, facts->account.key.host);

	if (row != ROW_NONE) {
		estate_vault_id(estate, row, out);
		reading->stage = STAGE_VAULT;
		return true;
	}
	if (estate_busy(estate) & ESTATE_VAULTS)
		return false;
	if (!(estate->read & ESTATE_VAULTS) &&
		estate->failed[part_number(ESTATE_VAULTS)].kind == ERR_NONE) {
		estate_refresh(estate, ESTATE_VAULTS);
		return false;
	}
	facts->vault_known = KNOWN_FAILED;
	facts->vault_why = estate->failed[part_number(ESTATE_VAULTS)];
	if (estate->read & ESTATE_VAULTS)
		err_set(&facts->vault_why, ERR_NOT_FOUND, "",
			"no vault %s is among those that this sign-in can list",
			facts->account.key.vault);
	reading->stage = STAGE_KEY;
	return true;
}

static void
step(struct reading *reading)
{
	const struct session *session = reading->estate->session;
	struct keyid key = reading->facts.account.key;
	struct armid vault;
	struct request request;

	if (reading->stage == STAGE_LIST_VAULTS && !find_vault(reading, &vault))
		return;
	if (reading->stage == STAGE_END) {
		end(reading, NULL);
		return;
	}
	if (reading->stage != STAGE_PINNED)
		key.version[0] = '\0';
	if (reading->stage == STAGE_ACCOUNT)
		estate_get_account(session, &reading->id, &request);
	else if (reading->stage == STAGE_VAULT)
		estate_get_vault(session, &vault, &request);
	else if (reading->stage == STAGE_VERSIONS)
		estate_get_versions(session, &key, &request);
	else
		estate_get_key(session, &key, &request);
	if (reading->follow) {
		free(request.url);
		request.url = reading->follow;
		reading->follow = NULL;
	}
	ask(reading, &request);
}

static void
go_on(void *user)
{
	struct reading *reading = user;

	reading->job = NULL;
	step(reading);
}

/* Not at once: done() may free what the lister is still at work with. */
void
readings_vaults_known(struct estate *estate)
{
	for (struct reading *reading = estate->readings; reading; reading = reading->next)
		if (reading->stage == STAGE_LIST_VAULTS && reading->job == NULL)
			reading->job = job_after(session_loop(estate->session), 0, go_on, reading);
}

struct reading *
estate_read_start(struct estate *estate, const struct armid *account, facts_done *done, void *user)
{
	struct reading *reading = mem_alloc(sizeof *reading);

	reading->estate = estate;
	reading->id = *account;
	reading->done = done;
	reading->user = user;
	reading->next = estate->readings;
	estate->readings = reading;
	step(reading);
	return reading;
}

struct waiter {
	struct facts *out;
	struct err err;
	bool done;
};

static void
arrived(void *user, struct facts *facts, const struct err *err)
{
	struct waiter *waiter = user;

	*waiter->out = *facts;
	*facts = (struct facts){0};
	waiter->err = *err;
	waiter->done = true;
}

bool
estate_read_facts(
	struct estate *estate, const struct armid *account, struct facts *out, struct err *err)
{
	struct waiter waiter = {.out = out};
	struct reading *reading;

	*out = (struct facts){0};
	reading = estate_read_start(estate, account, arrived, &waiter);
	loop_until(session_loop(estate->session), &waiter.done);
	if (!waiter.done) {
		reading_cancel(reading);
		return err_set(err, ERR_CANCELLED, "", "account %s: interrupted", account->name);
	}
	if (waiter.err.kind == ERR_NONE)
		return true;
	if (err)
		*err = waiter.err;
	return false;
}
