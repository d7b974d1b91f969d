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
	unsigned bits_min, bits_max;
	bool list_reduced; /* lists leave out identity and encryption: one GET each */
	bool auto_version; /* an account may follow the newest version */
	bool managed_hsm, cross_tenant, trusted_by_firewall;
	const char *impact; /* what becomes unreadable when its key is cut, one sentence */

	/* From a GET or PATCH reply, or an element of a list. cloud tells vault hosts apart. */
	bool (*decode)(const json_t *, const struct cloud *, struct account *, struct err *);

	/* Bodies of PATCH requests. New references. They keep identities that are there. */
	json_t *(*identity_body)(const struct account *);
	json_t *(*encrypt_body)(const struct account *, const struct keyid *key);
	json_t *(*detach_body)(const struct account *);
};

extern const struct service service_automation;

extern const struct service *const services[];
extern const size_t services_len;

/* By name or ARM type, case-insensitive; NULL if none. */
const struct service *service_find(const char *name);

#endif
