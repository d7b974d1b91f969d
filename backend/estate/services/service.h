/* What can be encrypted, as a table: one const struct service per Azure service. */
#ifndef CLAVIGER_ESTATE_SERVICE_H
#define CLAVIGER_ESTATE_SERVICE_H

#include "backend/azure/perm.h"
#include "backend/estate/account.h"
#include "backend/net/request.h"

struct service {
	const char *name;      /* automation: the type in JSON */
	const char *title;     /* Automation */
	const char *arm_type;  /* Microsoft.Automation/automationAccounts */
	perm_set policy_perms; /* what an access policy must give, by the service's article */
	perm_set role_perms;   /* what a role must give */
	unsigned bits_min, bits_max;
	bool list_reduced; /* lists leave out identity and encryption: one GET each */
	bool auto_version; /* an account may follow the newest version */
	bool managed_hsm, cross_tenant, trusted_by_firewall;
	bool identity_at_creation; /* made without an identity it can never take a customer key */
	bool one_identity;         /* system or user-assigned, never both; it opens the key */
	const char *article;       /* on customer keys, by its title */
	const char *impact;        /* what becomes unreadable when its key is cut, one sentence */

	const char *provisioning; /* path in a reply */
	const char *own_source;   /* keySource of Microsoft's keys */

	/* From a GET or PATCH reply, or an element of a list. cloud tells vault hosts apart. */
	bool (*decode)(const json_t *, const struct cloud *, struct account *, struct err *);

	/* Bodies of PATCH requests. New references. They keep identities that are there.
	 * version is the text to send: a version, a mark of one that is not known yet, or "" for an
	 * account that is to follow new ones. */
	json_t *(*identity_body)(const struct account *);
	json_t *(*encrypt_body)(
		const struct account *, const struct keyid *key, const char *version);
	json_t *(*detach_body)(const struct account *);
};

extern const struct service service_automation, service_batch, service_storage;

extern const struct service *const services[];
extern const size_t services_len;

/* By name or ARM type, case-insensitive; NULL if none. */
const struct service *service_find(const char *name);

#endif
