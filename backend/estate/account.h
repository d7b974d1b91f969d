/* An account whose keys can be wrapped by a customer key: its facts, as read from ARM. */
#ifndef CLAVIGER_ESTATE_ACCOUNT_H
#define CLAVIGER_ESTATE_ACCOUNT_H

#include "backend/azure/armid.h"
#include "backend/azure/keyid.h"
#include "backend/json/json.h"

struct service;

enum key_source { KEY_SOURCE_UNKNOWN, KEY_SOURCE_MICROSOFT, KEY_SOURCE_CUSTOMER };
enum key_mode { KEY_MODE_UNKNOWN, KEY_MODE_NONE, KEY_MODE_PINNED, KEY_MODE_AUTO };

enum { IDENTITIES_MAX = 16 };

struct identity {
	enum tri system;    /* a system-assigned identity is there */
	char principal[37]; /* of the system-assigned one, "" if none */
	char tenant[37];
	size_t users_len; /* user-assigned ones */
	struct {
		char id[ARMID_MAX];
		char principal[37], client[37];
	} users[IDENTITIES_MAX];
};

struct account {
	const struct service *service;
	struct armid id;
	char location[64];
	char provisioning[32]; /* Automation: properties.state; others provisioningState */
	json_t *tags;          /* object of clean texts; owned; NULL: none */
	bool detailed;         /* false: from a reduced list, identity and encryption are unknown */
	struct identity identity;
	enum key_source source;
	enum key_mode mode;
	struct keyid key;             /* host, vault, key, version of the customer key */
	char used[33];                /* following new versions: the one in use, "" if not told */
	char key_identity[ARMID_MAX]; /* user-assigned identity that opens the key; "" : system */
	enum tri queue_covered, table_covered; /* Storage: by the customer key */
	char federated[37]; /* application by which that identity reaches another tenant, or "" */
	bool unfederate;    /* set by a plan: it had one that is to go */
};

void account_free(struct account *account);
void account_copy(struct account *to, const struct account *from);

/* Who must hold the rights: key_identity's principal, or the system-assigned one; "" unknown. */
const char *account_principal(const struct account *account);

/* Whether the reply tells which identity opens the key: of several user-assigned ones Batch does
 * not say. An account that has none at all is known to have none. */
bool account_tells_opener(const struct account *account);

/* The version in use as the account says it, pinned or followed; "" if it does not. */
const char *account_version(const struct account *account);

const char *key_source_name(enum key_source source); /* customer, microsoft, "" */
const char *key_mode_name(enum key_mode mode);       /* auto, pinned, none, "" */

#endif
