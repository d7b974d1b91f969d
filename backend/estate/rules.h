/* The predicates of the table in rules.c: true when it is a finding; only then is cause written,
 * one line: lists judge every row by every rule. */
#ifndef CLAVIGER_ESTATE_RULES_H
#define CLAVIGER_ESTATE_RULES_H

#include "backend/estate/facts.h"

/* Account and vault: rules_vault.c. */
bool rule_not_onboarded(const struct facts *facts, char *cause, size_t room);
bool rule_identity_missing(const struct facts *facts, char *cause, size_t room);
bool rule_identity_never(const struct facts *facts, char *cause, size_t room);
bool rule_identity_lost(const struct facts *facts, char *cause, size_t room);
bool rule_vault_absent(const struct facts *facts, char *cause, size_t room);
bool rule_vault_unreadable(const struct facts *facts, char *cause, size_t room);
bool rule_soft_delete_off(const struct facts *facts, char *cause, size_t room);
bool rule_purge_protection_off(const struct facts *facts, char *cause, size_t room);
bool rule_tenant_mismatch(const struct facts *facts, char *cause, size_t room);
bool rule_grants_unreadable(const struct facts *facts, char *cause, size_t room);
bool rule_vault_firewall(const struct facts *facts, char *cause, size_t room);
bool rule_rights_missing(const struct facts *facts, char *cause, size_t room);
bool rule_rights_not_yet(const struct facts *facts, char *cause, size_t room);
bool rule_rights_excess(const struct facts *facts, char *cause, size_t room);
bool rule_region_differs(const struct facts *facts, char *cause, size_t room);
bool rule_services_not_covered(const struct facts *facts, char *cause, size_t room);

/* A vault that was deleted, and what could not be read: rules_unknown.c. */
bool rule_vault_deleted(const struct facts *facts, char *cause, size_t room);
bool rule_account_unknown(const struct facts *facts, char *cause, size_t room);
bool rule_vault_unknown(const struct facts *facts, char *cause, size_t room);
bool rule_key_unknown(const struct facts *facts, char *cause, size_t room);

/* Key: rules_key.c. */
bool rule_key_absent(const struct facts *facts, char *cause, size_t room);
bool rule_version_absent(const struct facts *facts, char *cause, size_t room);
bool rule_key_unreadable(const struct facts *facts, char *cause, size_t room);
bool rule_key_disabled(const struct facts *facts, char *cause, size_t room);
bool rule_key_expired(const struct facts *facts, char *cause, size_t room);
bool rule_key_not_yet_valid(const struct facts *facts, char *cause, size_t room);
bool rule_key_expires_soon(const struct facts *facts, char *cause, size_t room);
bool rule_key_not_rsa(const struct facts *facts, char *cause, size_t room);
bool rule_key_size(const struct facts *facts, char *cause, size_t room);
bool rule_key_operations(const struct facts *facts, char *cause, size_t room);
bool rule_key_on_hsm(const struct facts *facts, char *cause, size_t room);
bool rule_version_behind(const struct facts *facts, char *cause, size_t room);
bool rule_version_old(const struct facts *facts, char *cause, size_t room);
bool rule_automatic_lagging(const struct facts *facts, char *cause, size_t room);
bool rule_automatic_waiting(const struct facts *facts, char *cause, size_t room);
bool rule_no_rotation_policy(const struct facts *facts, char *cause, size_t room);

#endif
