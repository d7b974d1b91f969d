/* In Azure the name of a vault that does not exist does not resolve; there is no recorded body. */
#include "backend/base/text.h"
#include "backend/sandbox/access.h"
#include "backend/sandbox/kv/kv.h"
#include "backend/sandbox/reply.h"

/* Key Vault's REST versions that its documentation has listed. */
static bool
is_known(const char *version)
{
	static const char *const known[] = {"2015-06-01", "2016-10-01", "7.0", "7.0-preview", "7.1",
		"7.1-preview", "7.2", "7.2-preview", "7.3", "7.3-preview", "7.4", "7.4-preview.1",
		"7.5", "7.5-preview.1", "7.6", "7.6-preview.1", "7.6-preview.2",
		"2025-06-01-preview", "2025-07-01"};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (text_casecmp(known[i], version) == 0)
			return true;
	return false;
}

/* A Managed HSM's link to a next page has no version, and clients follow it as it is (recorded). */
static bool
version_ok(struct call *call)
{
	if (!call->api_version[0])
		return (call->vault->kind == STORE_HSM && call_query(call, "$skiptoken")) ||
		       kv_bad(call, "api-version must be specified");
	return is_known(call->api_version) ||
	       kv_bad(call,
		       arena_printf(call->arena,
			       "The specified version (%s) is not recognized. Consider using the latest supported version (7.6).",
			       call->api_version));
}

bool
kv_prepare(struct call *call)
{
	bool hsm = call->naming.role == HOST_HSM, found;
	struct vault *vault = arena_alloc(call->arena, sizeof *vault);

	db_lock(call->world->db);
	found = vaults_find(call->world->db, call->arena, hsm ? STORE_HSM : STORE_VAULT,
		call->naming.store, vault);
	db_unlock(call->world->db);
	if (!found) {
		reply_vault_error(call, 404, "VaultNotFound", NULL,
			"No vault is named '%s'; in Azure this host name would not resolve.",
			call->naming.store);
		return false;
	}
	call->vault = vault;
	call->reply.sorted = hsm;
	reply_header_text(call, "x-ms-keyvault-region", vault->location);
	reply_header_text(call, "x-ms-keyvault-network-info",
		"conn_type=Ipv4;addr=127.0.0.1;act_addr_fam=InterNetwork;");
	return access_vault(call, vault) && access_firewall(call, vault) && version_ok(call);
}
