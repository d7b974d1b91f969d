/* A scripted Azure behind `world`: two subscriptions, three Automation accounts, two vaults, one
 * key of two versions. A test puts its own answers in front. Bodies follow the published
 * documents. */
#ifndef CLAVIGER_TEST_SCRIPT_H
#define CLAVIGER_TEST_SCRIPT_H

#include "backend/estate/kind.h"
#include "tests/unit/world.h"

#define S1 "11111111-0000-0000-0000-000000000001"
#define S2 "22222222-0000-0000-0000-000000000002"
#define ARM "management.azure.com"
#define AUTOMATION(sub, group, name)                   \
	"/subscriptions/" sub "/resourceGroups/" group \
	"/providers/Microsoft.Automation/automationAccounts/" name
#define VAULT(sub, name) \
	"/subscriptions/" sub "/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/" name
#define GRAPH "/providers/Microsoft.ResourceGraph/resources"
#define GRAPH_FOR(words) GRAPH "\n" words
#define LIST(sub) "/subscriptions/" sub "/providers/Microsoft.Automation/automationAccounts?"
#define VAULTS(sub) "/subscriptions/" sub "/providers/Microsoft.KeyVault/vaults?"
#define ELEMENT(id) \
	"{\"id\":\"" id "\",\"location\":\"westeurope\",\"properties\":{\"state\":\"Ok\"}}"
#define P1 "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"
#define P2 "bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb"
#define TENANT "cccccccc-cccc-cccc-cccc-cccccccccccc"
#define V1 "11111111111111111111111111111111"
#define V2 "22222222222222222222222222222222"
#define CUSTOMER(id, principal, vault, key, version)                                      \
	"{\"id\":\"" id                                                                   \
	"\",\"location\":\"westeurope\",\"identity\":{\"type\":\"SystemAssigned\","       \
	"\"principalId\":\"" principal "\",\"tenantId\":\"" TENANT "\"},\"properties\":{" \
	"\"encryption\":{\"keySource\":\"Microsoft.Keyvault\",\"keyVaultProperties\":{"   \
	"\"keyName\":\"" key "\",\"keyvaultUri\":\"https://" vault                        \
	".vault.azure.net\",\"keyVersion\":\"" version "\"}}}}"
#define MICROSOFT(id)                                                                        \
	"{\"id\":\"" id "\",\"location\":\"westeurope\",\"tags\":{\"owner\":\"财务部\"}," \
	"\"properties\":{\"sku\":{\"name\":\"Basic\"},\"encryption\":{\"keySource\":"        \
	"\"Microsoft.Automation\",\"identity\":{\"userAssignedIdentity\":null}}}}"
#define VAULT_BODY(id, name, policies)                                                          \
	"{\"id\":\"" id "\",\"location\":\"westeurope\",\"properties\":{\"tenantId\":\"" TENANT \
	"\",\"vaultUri\":\"https://" name ".vault.azure.net/\",\"enablePurgeProtection\":true," \
	"\"accessPolicies\":[" policies "]}}"
#define POLICY(principal, rights)                                \
	"{\"tenantId\":\"" TENANT "\",\"objectId\":\"" principal \
	"\",\"permissions\":{\"keys\":[" rights "],\"secrets\":[]}}"
#define FOUR "\"get\",\"recover\",\"wrapKey\",\"unwrapKey\""
#define KID(vault, key) "https://" vault ".vault.azure.net/keys/" key
#define RSA_KEY "\"kty\":\"RSA\",\"key_ops\":[\"wrapKey\",\"unwrapKey\"],\"n\":\"gAE\"},"
#define BUNDLE(vault, key, version, created)                                                \
	"{\"key\":{\"kid\":\"" KID(vault, key) "/" version "\"," RSA_KEY "\"attributes\":{" \
					       "\"enabled\":true,\"created\":" created      \
					       ",\"recoveryLevel\":\"Recoverable\"}}"
#define VERSION(vault, key, version, created, enabled)                                      \
	"{\"kid\":\"" KID(vault, key) "/" version "\",\"attributes\":{\"enabled\":" enabled \
				      ",\"created\":" created "}}"
#define ERROR(code) "{\"error\":{\"code\":\"" code "\",\"message\":\"no\"}}"

struct answer {
	/* beginning of the target; after a line end: what stands in the body of the request */
	const char *host, *target;
	int status;
	const char *body;
};

/* Looked at before the script; ends with host NULL. NULL: nothing. */
extern const struct answer *script_over;

struct stage {
	struct world world;
	struct estate *estate;
};

int stage_setup(void **state);
int stage_teardown(void **state);

/* Reads these parts to their end and fails the test when nothing could be read. */
void script_load(struct stage *stage, unsigned parts);

/* Turns the loop until these parts are no longer busy. */
void script_turn(struct stage *stage, unsigned parts);

/* The row whose first cell is name, and one of its cells compared. */
size_t script_row(const struct kind *kind, const struct estate *estate, const char *name);
void script_cell(const struct kind *kind, const struct estate *estate, const char *row,
	const char *column, const char *want);

/* Fails the test unless a note says part. */
void script_note(const struct estate *estate, const char *part);

#endif
