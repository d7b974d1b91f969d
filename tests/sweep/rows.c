/* A plan that is not here is not swept. The estate is the demo; each row begins on it anew. */
#include "tests/sweep/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/mem.h"
#include "backend/json/json.h"
#include "backend/session/session.h"
#include "tests/fixtures/inside.h"

static const char lasting[] =
	"purge protection cannot be taken off; an identity and a key that were made stay";
static const char in_sight[] =
	"Storage keeps in sight the identity that was ever named for a key, an empty one too";
static const char version[] = "a version that was made stays, disabled";
static const char kept[] = "a policy that says what holds without one is one all the same";
static const char made[] = "what was made stays: taking it back would be deleting";

const struct row rows[] = {
	{.words = "onboard aa-payroll --vault kv-payroll --key cmk-new --create-key 2048",
		.stays = lasting},
	{.words = "onboard aa-guidang --key kv-rbac/cmk-rbac"},
	{.words = "onboard barender01 --key kv-archive/cmk-archive"},
	{.words = "onboard barender01 --key kv-rbac/cmk-rbac --auto"},
	{.words = "onboard stledger01 --key kv-billing/cmk-billing --auto", .stays = in_sight},
	{.words = "onboard stledger01 --key kv-rbac/cmk-new --create-key 2048", .stays = made},
	{.words = "onboard stledger01 --key hsm-core/cmk-new --create-key 2048", .stays = made},
	{.words = "onboard stledger01 --key https://kv-fabrikam.vault.azure.net/keys/cmk-fabrikam "
		  "--vault-tenant fabrikam.example --federated-client-id "
		  "5d180bf6-a2c7-4349-be60-9fb251cd8e14 --user-identity @id-storage --auto",
		.before = {"identity assign stledger01 --user-identity @id-storage"},
		.stays = in_sight},
	{.words = "repin aa-billing --key-version @kv-billing/cmk-billing#2"},
	{.words = "repin starchive01 --key-version @kv-archive/cmk-archive#1", .stays = in_sight},
	{.words = "repin barender01 --key-version @kv-archive/cmk-archive#1",
		.before = {"onboard barender01 --key kv-archive/cmk-archive"}},
	{.words = "replace aa-billing --key kv-payroll/cmk-next --create-key 2048",
		.stays = lasting},
	{.words = "replace barender01 --key kv-rbac/cmk-rbac",
		.before = {"onboard barender01 --key kv-archive/cmk-archive"}},
	{.words = "replace stledger01 --key kv-archive/cmk-archive --user-identity @id-storage",
		.before = {"onboard stledger01 --key kv-archive/cmk-export",
			"identity assign stledger01 --user-identity @id-storage"}},
	{.words = "replace stledger01 --key kv-billing/cmk-billing",
		.before = {"onboard stledger01 --key hsm-core/cmk-hsm"}},
	{.words = "detach aa-billing"},
	{.words = "detach barender01",
		.before = {"onboard barender01 --key kv-archive/cmk-archive"}},
	{.words = "detach starchive01", .stays = in_sight},
	{.words = "grant aa-guidang --vault kv-payroll"},
	{.words = "grant barender01 --vault kv-rbac --key cmk-rbac"},
	{.words = "grant stledger01 --vault hsm-core"},
	{.words = "ungrant aa-billing --vault kv-billing --confirm=aa-billing"},
	{.words = "ungrant barender01 --vault kv-rbac",
		.before = {"grant barender01 --vault kv-rbac",
			"grant barender01 --vault kv-rbac --key cmk-rbac"}},
	{.words = "ungrant stledger01 --vault hsm-core",
		.before = {"grant stledger01 --vault hsm-core"}},
	{.words = "protect kv-payroll", .stays = lasting},
	{.words = "key create kv-payroll/cmk-new --bits 2048", .stays = made},
	{.words = "key create hsm-core/cmk-new --bits 2048", .stays = made},
	{.words = "key disable kv-billing/cmk-billing --confirm=cmk-billing"},
	{.words = "key enable kv-billing/cmk-billing",
		.before = {"key disable kv-billing/cmk-billing --confirm=cmk-billing"},
		.confirm = "--confirm=cmk-billing"},
	{.words = "key recover kv-rbac/cmk-rbac",
		.before = {"delete kv-rbac/cmk-rbac"},
		.stays = made},
	{.words = "key rotation-policy kv-payroll/cmk-payroll --every P90D --expire P2Y",
		.stays = kept},
	{.words = "vault create kv-fresh -g rg-finance --location westeurope", .stays = made},
	{.words = "vault recover kv-gone", .stays = made},
	{.words = "identity create id-fresh -g rg-finance --location westeurope", .stays = made},
	{.words = "identity assign aa-payroll --system", .stays = made},
	{.words = "identity assign starchive01 --system", .stays = made},
	{.words = "account create batch bafresh01 -g rg-finance --location westeurope --key "
		  "kv-billing/cmk-billing",
		.stays = made},
	{.words = "account create batch bafresh02 -g rg-finance --location westeurope --key "
		  "kv-billing/cmk-billing --user-identity @id-batch",
		.stays = made},
	{.words = "account create storage stfresh01 -g rg-finance --location westeurope --key "
		  "kv-billing/cmk-billing --user-identity @id-storage --auto",
		.stays = made},
	{.words = "grant aa-guidang stledger01 barender01 --vault kv-archive"},
	{.words = "rotate kv-billing/cmk-billing", .stays = version},
	{.words = "rotate kv-rbac/cmk-rbac",
		.before = {"onboard barender01 --key kv-rbac/cmk-rbac",
			"onboard aa-guidang --key kv-rbac/cmk-rbac"},
		.stays = version},
	{.words = "revoke kv-billing/cmk-billing --confirm=cmk-billing"},
	{.words = "revoke kv-billing/cmk-billing --method ungrant --confirm=cmk-billing"},
	{.words = "revoke kv-billing/cmk-billing --method both --confirm=cmk-billing"},
	{.words = "revoke kv-archive/cmk-archive --confirm=cmk-archive"},
	{.words = "rotate kv-billing/cmk-billing --retire-old --reason leaked", .stays = version},
	{.words = "restore kv-archive/cmk-archive",
		.before = {"revoke kv-archive/cmk-archive --confirm=cmk-archive"},
		.final = true},
	{.words = "restore kv-billing/cmk-billing",
		.before = {"revoke kv-billing/cmk-billing --method both --confirm=cmk-billing"},
		.final = true},
	{.words = "evacuate kv-billing/cmk-billing --vault kv-archive --key cmk-safe --create-key "
		  "2048 --confirm=cmk-billing",
		.stays = made},
};
const size_t rows_len = ARRAY_LEN(rows);

static void
find_identity(const struct serving *serving, const char *name, char *out, size_t room)
{
	json_t *list = serving_run(serving, 0, "identity", "list", NULL);

	snprintf(out, room, "%s", text_at(find(list, "name", name), "id"));
	json_decref(list);
}

/* VAULT/KEY#ORDINAL */
static void
find_version(const struct serving *serving, char *name, char *out, size_t room)
{
	char *ordinal = strchr(name, '#');
	const json_t *versions;
	json_t *shown;
	size_t nth;

	*ordinal++ = '\0';
	shown = serving_run(serving, 0, "key", "show", name, NULL);
	versions = value_at(shown, "versions");
	nth = json_array_size(versions) - strtoul(ordinal, NULL, 10);
	snprintf(out, room, "%s", text_at(json_array_get(versions, nth), "version"));
	json_decref(shown);
}

char *
rows_fill(const struct serving *serving, const char *line)
{
	char *out = mem_strdup(line), *at;

	while ((at = strchr(out, '@'))) {
		char name[128], value[400], *filled;
		size_t len = strcspn(at, " ");

		snprintf(name, sizeof name, "%.*s", (int)len - 1, at + 1);
		if (strchr(name, '#'))
			find_version(serving, name, value, sizeof value);
		else
			find_identity(serving, name, value, sizeof value);
		filled = mem_printf("%.*s%s%s", (int)(at - out), out, value, at + len);
		free(out);
		out = filled;
	}
	return out;
}

/* With the insides of the program: it has no verb that deletes. */
static void
delete_key(const struct serving *serving, const char *vault, const char *key)
{
	const struct sandbox_options options = {.state = serving->place.dir};
	struct request request = {
		.method = HTTP_DELETE, .audience = AUDIENCE_VAULT, .changes = true};
	struct sandbox *sandbox;
	struct session *session;
	struct err err = {0};

	json_init();
	sandbox = sandbox_open(&options, &err);
	assert_non_null(sandbox);
	session = inside_sign_in(sandbox);
	request.url = mem_printf("https://%s.vault.azure.net/keys/%s?api-version=7.4", vault, key);
	if (!session_ask(session, &request, NULL, &err))
		fail_msg("%s", err.msg);
	request_free(&request);
	session_close(session);
	sandbox_close(sandbox);
}

bool
rows_do(const struct serving *serving, const char *line)
{
	char vault[32], key[64];

	if (sscanf(line, "delete %31[^/]/%63s", vault, key) != 2)
		return false;
	delete_key(serving, vault, key);
	return true;
}
