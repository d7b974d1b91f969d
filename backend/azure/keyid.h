/* Key identifiers: https://VAULT.SUFFIX/keys/NAME[/VERSION]. */
#ifndef CLAVIGER_AZURE_KEYID_H
#define CLAVIGER_AZURE_KEYID_H

#include "backend/azure/cloud.h"
#include "backend/base/err.h"

enum { KEYID_MAX = 400 };

struct keyid {
	char host[160];   /* kv1.vault.azure.net, lower case, with :PORT where the cloud has one */
	char vault[64];   /* kv1 */
	char key[128];    /* 1 to 127 letters, digits, dashes [KeyVault 7.4 keys.json] */
	char version[33]; /* 32 hex digits, "" for the current one */
	bool hsm;         /* on a Managed HSM host */
};

/* Takes a key URI of the given cloud. A URI of another cloud, a foreign host, user information, a
 * bad name or version is refused with the reason (code "WrongCloud" where it is of another cloud).
 * A final slash and :443 are tolerated. */
bool keyid_parse(
	struct keyid *out, const char *uri, const struct cloud *cloud, struct err *err) MUST_CHECK;

/* The same for a vault's URI: https://VAULT.SUFFIX[/]; key and version stay "". */
bool keyid_parse_vault(
	struct keyid *out, const char *uri, const struct cloud *cloud, struct err *err) MUST_CHECK;

/* Writes the URI, with version when there is one. Returns out. */
char *keyid_print(const struct keyid *id, char out[KEYID_MAX]);

/* Names by Azure's rules: vault 3-24 letters, digits, single dashes in between; key 1-127 letters,
 * digits, dashes. */
bool keyid_is_vault_name(const char *s);
bool keyid_is_key_name(const char *s);
bool keyid_is_version(const char *s);

#endif
