/* What can be encrypted, as a table: one const struct service per Azure service. */
#ifndef CLAVIGER_ESTATE_SERVICE_H
#define CLAVIGER_ESTATE_SERVICE_H

#include "backend/azure/perm.h"
#include "backend/estate/account.h"
#include "backend/session/session.h"

/* What a canary told: it is a read of data that nothing but the account's key opens. Anything but a
 * clear answer or a clear refusal is UNCLEAR. */
enum canary {
	CANARY_ANSWERS, /* the service gave the data */
	CANARY_REFUSED, /* it did not, because of the key */
	CANARY_ABSENT,  /* there is nothing to read */
	CANARY_DENIED,  /* the operator may not look */
	CANARY_UNCLEAR
};
enum { CANARY_NAME = 129 };

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
	bool opener_apart;         /* the key and who opens it change in two requests */
	bool dead_when_cut;      /* its key unusable, nothing but deleting the account is allowed */
	const char *article;     /* on customer keys, by its title */
	const char *impact;      /* what becomes unreadable when its key is cut, one sentence */
	const char *still_works; /* what that does not stop, one sentence */
	const char *still_source; /* where that stands */

	const char *provisioning;   /* path in a reply */
	const char *own_source;     /* keySource of Microsoft's keys */
	const char *identity_comma; /* between the two words of identity.type */

	/* From a GET or PATCH reply, or an element of a list. cloud tells vault hosts apart. */
	bool (*decode)(const json_t *, const struct cloud *, struct account *, struct err *);

	/* Bodies of PATCH requests. New references. They keep identities that are there.
	 * version is the text to send: a version, a mark of one that is not known yet, or "" for an
	 * account that is to follow new ones. */
	json_t *(*identity_body)(const struct account *);
	json_t *(*encrypt_body)(
		const struct account *, const struct keyid *key, const char *version);
	json_t *(*detach_body)(const struct account *);

	const char *canary_title; /* what is read, as "its list of pools" */
	const char *canary_lack;  /* where there is none: what to make; NULL: there always is one */
	/* Which there are, where they have names: a list of pages, and from an element of it the
	 * name of one that will do (false: it will not). NULL: there is one, without a name. */
	void (*canary_list)(const struct session *, const struct armid *account, struct request *);
	bool (*canary_pick)(const json_t *element, char name[CANARY_NAME]);
	void (*canary_read)(const struct session *, const struct armid *account, const char *name,
		struct request *);
	/* failure NULL: it was answered with 2xx. */
	enum canary (*canary_judge)(const struct err *failure);
};

extern const struct service service_automation, service_batch, service_storage;

extern const struct service *const services[];
extern const size_t services_len;

/* "identity" for a PATCH or PUT: the identities as they are, plus the system-assigned one when
 * asked. comma stands between the two words of the type. New reference. */
json_t *service_identity_body(const struct account *account, bool system, const char *comma);

/* By name or ARM type, case-insensitive; NULL if none. */
const struct service *service_find(const char *name);

#endif
