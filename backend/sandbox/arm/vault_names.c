/* Messages: recordings TestVaultsClient (Go) and test_keyvault_hsm_mgmt (azure-cli), public
 * reports, general/common-error-codes.md; ConflictError of a Managed HSM: azure-rest-api-specs
 * 18732. */
#include "backend/sandbox/arm/vault_names.h"

#include <ctype.h>
#include <string.h>

#include "backend/azure/keyid.h"
#include "backend/base/text.h"
#include "backend/sandbox/arm/arm.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/rights.h"
#include "backend/sandbox/rows/vaults.h"

static const char invalid[] =
	"The vault name '%s' is invalid. A vault's name must be between 3-24 alphanumeric characters. The name must begin with a letter, end with a letter or digit, and not contain consecutive hyphens. Follow this link for more information: https://go.microsoft.com/fwlink/?linkid=2147742";
static const char taken[] =
	"The vault name '%s' is already in use. Vault names are globaly unique so it is possible that the name is already taken. If you are sure that the vault name was not taken then it is possible that a vault with the same name was recently deleted but not purged after being placed in a recoverable state. If the vault is in a recoverable state then the vault will need to be purged before reusing the name. ";

/* Letters, digits, single dashes; a letter first, no dash last. */
static bool
well_formed(const char *name)
{
	return keyid_is_vault_name(name) && isalpha((unsigned char)name[0]) &&
	       name[strlen(name) - 1] != '-' && !strstr(name, "--");
}

static bool
refuse_invalid(struct call *call, enum store_kind kind, const char *name)
{
	if (kind == STORE_HSM)
		reply_error(call, 400, "400",
			"The managed HSM name '%s' is invalid. A name must be between 3-24 alphanumeric characters, begin with a letter, end with a letter or digit, and not contain consecutive hyphens.",
			name);
	else
		reply_error(call, 400, "VaultNameNotValid", invalid, name);
	return false;
}

static bool
refuse_taken(struct call *call, enum store_kind kind, const char *name)
{
	if (kind == STORE_HSM)
		reply_error(call, 409, "409", "The name '%s' is already in use.", name);
	else
		reply_error(call, 409, "VaultAlreadyExists", "%s%s",
			arena_printf(call->arena, taken, name),
			"For more information on VaultAlreadyExists, follow this link https://go.microsoft.com/fwlink/?linkid=2147740");
	return false;
}

static bool
refuse_deleted(struct call *call, enum store_kind kind)
{
	reply_error(call, 409, "ConflictError", "%s",
		kind == STORE_HSM
			? "A KV MHSM with the same name already exists in deleted state. You need to either recover or purge existing KV MHSM."
			: "A vault with the same name already exists in deleted state. You need to either recover or purge existing key vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft delete.");
	return false;
}

bool
vault_name_free(struct call *call, enum store_kind kind)
{
	const char *name = call->params[2];

	if (!well_formed(name))
		return refuse_invalid(call, kind, name);
	switch (vaults_name_state(call->world->db, kind, name)) {
	case VAULT_NAME_TAKEN:
		return refuse_taken(call, kind, name);
	case VAULT_NAME_DELETED:
		return refuse_deleted(call, kind);
	case VAULT_NAME_FREE:
		break;
	}
	return true;
}

/* Answers 200 with a reason; the name of one's own vault counts as taken [recorded]. */
static void
check(struct call *call, enum store_kind kind, const char *name)
{
	const char *reason, *message;
	enum vault_name state;

	db_lock(call->world->db);
	state = vaults_name_state(call->world->db, kind, name);
	db_unlock(call->world->db);
	if (!well_formed(name)) {
		reason = "AccountNameInvalid";
		message = arena_printf(call->arena, invalid, name);
	} else if (state == VAULT_NAME_FREE) {
		reply_json(call, 200, json_pack("{s:b}", "nameAvailable", 1));
		return;
	} else {
		reason = "AlreadyExists";
		message =
			kind == STORE_HSM
				? arena_printf(
					  call->arena, "The name '%s' is already in use.", name)
				: arena_printf(call->arena, "%s%s",
					  arena_printf(call->arena, taken, name),
					  "For more information on soft delete and purging a vault follow this link https://go.microsoft.com/fwlink/?linkid=2147740.");
	}
	reply_json(call, 200,
		json_pack(
			"{s:b,s:s,s:s}", "nameAvailable", 0, "reason", reason, "message", message));
}

void
vault_name_check(struct call *call)
{
	const char *name = call_text(call->json, "name"), *type = call_text(call->json, "type");

	if (!rights_action(
		    call, "Microsoft.KeyVault/checkNameAvailability/read", arm_scope(call, "")))
		return;
	if (!name || !type || text_casecmp(type, "Microsoft.KeyVault/vaults") != 0)
		reply_error(call, 400, "BadRequest",
			"The parameters name and type (Microsoft.KeyVault/vaults) must be given.");
	else
		check(call, STORE_VAULT, name);
}

void
hsm_name_check(struct call *call)
{
	const char *name = call_text(call->json, "name");

	if (!rights_action(
		    call, "Microsoft.KeyVault/checkMhsmNameAvailability/read", arm_scope(call, "")))
		return;
	if (!name)
		reply_error(call, 400, "400", "The parameter name must be given.");
	else
		check(call, STORE_HSM, name);
}
