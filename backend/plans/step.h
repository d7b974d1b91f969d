/* The steps that plans share, and what their build() and accept() have in common.
 *
 * resume and rollback rebuild a plan from the journal: the same subject, values and operation, then
 * the reads. What a step changed and nobody can read any more has to be in its records: the rights
 * that it added, the version, key or identity that was there before. Such a step has save() and
 * load(): a few allow-listed public values as members of detail (never a body, never a secret), and
 * back into members of plan_facts of their own that no read overwrites (as `granted`). save() is
 * called for the intent too, so that a change whose outcome nobody recorded can be undone. load()
 * gets what a file says: it takes only what has the right form. A step that can be undone from
 * what the reads show needs neither. */
#ifndef CLAVIGER_PLAN_STEP_H
#define CLAVIGER_PLAN_STEP_H

#include "backend/plans/plan.h"

/* Reads: they fill the facts and change nothing. A resource that is not there or may not be read
 * is no failure of the read: the facts say so, and rules judge it. */
extern const struct step step_selftest, step_read_account, step_read_vault, step_read_key,
	step_read_versions, step_read_grants;

/* Changes, and the reads that show them. */
extern const struct step step_protect, step_identity, step_grant, step_ungrant, step_key,
	step_prove, step_federate, step_switch, step_opener, step_verify, step_enable, step_disable,
	step_regrant;

/* Reads for what is not there yet: absent is an answer too. The tenant of the subject's
 * subscription; whether the subject's name can be had; the vault among the deleted ones at
 * facts->location. */
extern const struct step step_read_new_account, step_read_identity, step_read_tenant,
	step_read_name, step_read_gone_vault;

/* Whether the key, which is not there, is among the deleted ones; and the URL for them: verb is ""
 * or "/recover". */
extern const struct step step_read_deleted_key;
void step_deleted_key(const struct plan_facts *facts, enum http_method method, const char *verb,
	struct request *out);

/* The tags of a key that is made, by which it is found again: this operation's id. New reference.
 * And that one among a page of versions, into facts->made. */
json_t *step_tags(const struct plan_facts *facts);
void step_find_made(struct plan_facts *facts, const json_t *versions);

/* West Europe and westeurope are one place: lower case without blanks into out; false where it is
 * no name of a region. */
bool step_location(const char *text, char out[64], struct err *err) MUST_CHECK;

/* The i-th thing that the identity was given and that step_ungrant takes; false at the end. */
bool step_given(const struct plan_facts *facts, size_t i, struct gift *out);
/* One of those as it is written down, and a list {taken: [...]} of them back into facts->taken:
 * what step_regrant gives. */
json_t *step_gift_json(const struct gift *gift);
void step_load_taken(struct plan_facts *facts, const json_t *detail);

/* One more that depends on what is changed, into facts->users; name NULL: it has none. */
void step_add_user(struct plan_facts *facts, const char *name);

/* Whether Azure may refuse only because a grant has not reached the vault yet. */
bool step_may_take_effect_later(const struct plan_facts *facts, const struct err *failure);

/* The JSON text of a body, owned by the caller; takes the reference. */
char *step_body(json_t *body);

/* Parses a reply; what names the request in the error. */
json_t *step_json(const struct reply *reply, const char *what, struct err *err) MUST_CHECK;

/* "‹principalId, from step identity›" into out. Returns out. */
char *step_mark(char *out, size_t room, const char *what, const char *from);

/* Takes the failure over as the reason; FAILED. */
enum outcome step_failed(const struct err *failure, struct err *err);

/* The reply of a GET or PATCH of the account or vault into the facts. */
bool step_take_account(
	struct plan_facts *facts, const struct reply *reply, struct err *err) MUST_CHECK;
bool step_take_vault(
	struct plan_facts *facts, const struct reply *reply, struct err *err) MUST_CHECK;

/* A KeyBundle into the facts; want then names its version. */
bool step_take_key(struct plan_facts *facts, const json_t *json, struct err *err) MUST_CHECK;

/* Principal and tenant of who is to hold the rights on the key: the identity that opens it, or the
 * application that it reaches another tenant by; "" while unknown. */
const char *step_principal(const struct plan_facts *facts);
const char *step_tenant(const struct plan_facts *facts);

/* Principal of the identity itself; "" while unknown. */
const char *step_identity_principal(const struct plan_facts *facts);

/* The entry in the vault's access policies that somebody else had before and has not any more, or
 * not as it was; NULL: all are as they were. What these plans send names one principal and leaves
 * the others alone, so that is another writer's doing: it is told, and is no failure. */
const struct policy_entry *step_lost_entry(const struct plan_facts *facts);

/* Where rights on the vault are given. NULL, and err, unless the vault was read: whether policies
 * or roles decide there is never guessed. */
const struct store *step_store(const struct plan_facts *facts, struct err *err);

/* The rights that the identity still needs on the wanted key, or on all keys of the vault. */
perm_set step_missing(const struct plan_facts *facts);

/* Whether the account uses exactly the wanted key and version, whoever opens it. */
bool step_has_key(const struct plan_facts *facts);

/* Whether who opens the key changes in a request of its own, after the key: step_opener. Into
 * another tenant it comes before the key: step_federate. */
bool step_opener_apart(const struct plan_facts *facts);

/* "kv-billing/cmk-billing version 0398cf12", "Microsoft's keys": what the account uses. Returns
 * out. */
char *step_used(const struct account *account, char *out, size_t room);

/* undo of a step that took the account to another key: back to facts->former. With its save and
 * load. */
bool step_go_back(const struct plan_facts *facts, struct request *out, struct err *err) MUST_CHECK;
void step_save_former(const struct plan_facts *facts, json_t *detail);
void step_load_former(struct plan_facts *facts, const json_t *detail);

#endif
