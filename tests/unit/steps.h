/* What the tests of steps share: an account, a vault and a key as the API documents write them, and
 * the two halves of an exchange without a network. Include after cmocka.h. */
#ifndef CLAVIGER_TEST_STEPS_H
#define CLAVIGER_TEST_STEPS_H

#include <jansson.h>

#include "backend/plans/step.h"
#include "crypto/rsa.h"

#define SUB "00000000-0000-0000-0000-000000000000"
#define ACCOUNT_ID            \
	"/subscriptions/" SUB \
	"/resourceGroups/rg/providers/Microsoft.Automation/automationAccounts/aa"
#define VAULT_ID "/subscriptions/" SUB "/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv1"
#define PRINCIPAL "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"
#define TENANT "bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb"
#define FOREIGN "cccccccc-cccc-cccc-cccc-cccccccccccc"
#define VERSION "7c73556c521340209371eaf623cc099d"
#define OTHER_VERSION "78deebed173b48e48f55abf87ed4cf71"
#define USER_ID               \
	"/subscriptions/" SUB \
	"/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1"
#define POLICY(who, keys)                                                                       \
	"{\"tenantId\":\"" TENANT "\",\"objectId\":\"" who "\",\"permissions\":{\"keys\":" keys \
	",\"secrets\":[\"get\"],\"certificates\":[]}}"

struct fixture {
	struct session *session;
	struct plan_facts facts;
	struct request request;
	struct reply reply;
	struct err err;
};

int steps_setup(void **state);
int steps_teardown(void **state);

/* Builds into f->request; the error goes to f->err. */
bool steps_build(
	struct fixture *f, bool (*how)(const struct plan_facts *, struct request *, struct err *));

/* What the step makes of a 200 with this body, or of an error reply. */
enum outcome steps_answer(struct fixture *f, const struct step *step, const char *body);
enum outcome steps_refuse(struct fixture *f, const struct step *step, int http, const char *body);

void steps_expect(const struct fixture *f, enum http_method method, enum audience audience,
	const char *url, const char *body);

/* Lets the reads see an account with these identity and encryption objects, a vault with these
 * access policies, a key in this version. */
void steps_read_account(struct fixture *f, const char *identity, const char *encryption);
void steps_read_vault(struct fixture *f, const char *policies, const char *more);
void steps_read_key(struct fixture *f, const char *version);
char *steps_key_bundle(const char *version, const char *n, const char *more);

/* The public key as Key Vault writes it. New reference. */
json_t *steps_jwk(const struct rsa_key *key);

extern const char steps_microsoft[], steps_customer[], steps_system_identity[], steps_modulus[];

#endif
