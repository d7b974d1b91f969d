/* The same rows as PUT writes. Accounts are opened without asking whether their identity may: a
 * seed also makes accounts that have lost their key. */
#include "backend/sandbox/seed/canaries.h"

#include <stdlib.h>
#include <string.h>

#include "backend/sandbox/service/cmk.h"

enum { DAY = 86400 };

static bool
sealed(struct seeding *s, int64_t row, const char *value, unsigned char *out)
{
	struct account *a = arena_alloc(s->arena, sizeof *a);
	struct secret key = {0}, data = {0};
	struct cmk_refusal refusal;
	bool ok;

	if (!accounts_find_row(s->world->db, s->arena, row, a))
		return err_set(s->err, ERR_FAILED, "", "seed: no account for a variable");
	ok = cmk_unwrap(s->world, a, cmk_material(s->world, a), &key, &refusal) &&
	     cmk_data_key(a, &key, &data) &&
	     envelope_seal(&data, "variable", value, strlen(value), out, s->err);
	secret_free(&key);
	secret_free(&data);
	return ok || err_set(s->err, ERR_FAILED, "", "seed: account %s does not open", a->name);
}

bool
seed_variable(struct seeding *s, int64_t account, const char *name, const char *value,
	bool encrypted, int days)
{
	size_t len = strlen(value);
	unsigned char *bytes = arena_alloc(s->arena, len + ENVELOPE_OVERHEAD);
	int64_t when = (s->now - (int64_t)days * DAY) * 1000 + 937;

	memcpy(bytes, value, len);
	if (encrypted && !sealed(s, account, value, bytes))
		return false;
	db_do(s->world->db,
		"INSERT INTO variable(account,name,encrypted,value,description,created_ms,modified_ms)"
		" VALUES(?,?,?,?,'',?,?)",
		"itibii", account, name, (int64_t)encrypted, (const void *)bytes,
		encrypted ? len + ENVELOPE_OVERHEAD : len, when, when);
	return true;
}

void
seed_pool(struct seeding *s, int64_t account, const char *name, const char *vm_size, int nodes,
	int days)
{
	int64_t when = (s->now - (int64_t)days * DAY) * 1000 + 552;
	json_t *json = json_pack(
		"{s:s,s:s,s:i,s:{s:s},s:{s:{s:{s:s,s:s,s:s,s:s},s:s}},s:{s:{s:i,s:i,s:s}}}",
		"vmSize", vm_size, "interNodeCommunication", "Disabled", "taskSlotsPerNode", 1,
		"taskSchedulingPolicy", "nodeFillType", "Spread", "deploymentConfiguration",
		"virtualMachineConfiguration", "imageReference", "publisher", "canonical", "offer",
		"0001-com-ubuntu-server-jammy", "sku", "22_04-lts", "version", "latest",
		"nodeAgentSkuId", "batch.node.ubuntu 22.04", "scaleSettings", "fixedScale",
		"targetDedicatedNodes", nodes, "targetLowPriorityNodes", 0, "resizeTimeout",
		"PT15M");
	char *text = json_dumps(json, JSON_COMPACT);

	db_do(s->world->db,
		"INSERT INTO pool(account,name,properties,created_ms,modified_ms,revision)"
		" VALUES(?,?,?,?,?,0)",
		"ittii", account, name, text, when, when);
	free(text);
	json_decref(json);
}
