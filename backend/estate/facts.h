/* What is known about one account and the key it has or is to get: what rules judge, what plans
 * build on and what detail panes show. */
#ifndef CLAVIGER_ESTATE_FACTS_H
#define CLAVIGER_ESTATE_FACTS_H

#include "backend/estate/account.h"
#include "backend/estate/assignment.h"
#include "backend/estate/key.h"
#include "backend/estate/services/service.h"
#include "backend/estate/vault.h"

enum known { KNOWN_NOT_READ, KNOWN_READ, KNOWN_ABSENT, KNOWN_DENIED, KNOWN_FAILED };

struct facts {
	enum known account_known, vault_known, key_known;
	struct account account;
	struct vault vault;
	struct key key;
	/* For DENIED and FAILED. key_why beside KNOWN_READ: its versions could not be listed. */
	struct err account_why, vault_why, key_why;
	/* What the identity may do with the key by roles, where the vault grants by them, and why
	 * it may be more, "" when it cannot. roles_known is KNOWN_NOT_READ otherwise. */
	enum known roles_known;
	perm_set roles;
	const char *roles_maybe;
	struct err roles_why;        /* for DENIED */
	struct assignments assigned; /* a plan's: those behind roles, as they were listed */
	/* Whether a policy rotates the key; read for posture only, of keys in use. */
	enum known rotation_known;
	bool rotates;
	struct err rotation_why;
	char target[33]; /* set by a plan: the version the account is to get, judged instead of
			  * the one that it uses; "" : none */
	bool crosses;    /* set by a plan: an application is to reach the vault in another tenant */
	time_t now;      /* wall time of the judgement */
};

void facts_free(struct facts *facts);

/* KNOWN_READ, KNOWN_ABSENT (404), KNOWN_DENIED (401, 403) or KNOWN_FAILED for how a read ended. */
enum known known_of(const struct err *err);

/* The account already uses facts->key, in whatever version. */
bool facts_same_key(const struct facts *facts);

/* The version that rules judge: the target of a plan, else the one the account uses of this key,
 * else the key's current one. NULL: not among the versions that were listed. */
const struct key_version *facts_version(const struct facts *facts);
const char *facts_version_name(const struct facts *facts);

/* What a proof said of a key: claimed only when seen. */
enum proof { PROOF_NONE, PROOF_PROVED, PROOF_DENIED, PROOF_FAILED };

/* ok, locked, unknown or none (Microsoft keys), as `account show` says it. */
enum account_state { ACCOUNT_NONE, ACCOUNT_OK, ACCOUNT_LOCKED, ACCOUNT_UNKNOWN };
enum account_state facts_state(const struct facts *facts);
/* The one link that keeps the state from being known, where it is ACCOUNT_UNKNOWN. */
const char *facts_why_unknown(const struct facts *facts);
/* Why a link of the chain is not known; why: as the facts have it beside that. */
const char *facts_reason(enum known known, const struct err *why);
const char *account_state_name(enum account_state state);

#endif
