/* Only versions whose documents were compared with what is read here: it is the reader that makes
 * a version usable, not the server that offers it. Key Vault's accessPolicies are a row of their
 * own, because the articles grant by a version that does not tell whether a vault is one of role
 * assignments. */
#include "backend/config/api_version.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/base/text.h"

#define VAULT_ENDS                                   \
	.stays = "2026-02-01", .ends = "2027-02-27", \
	.source = "Key Vault documentation, access-control-default"

const struct api_type api_types[] = {
	{.name = "Microsoft.Automation/automationAccounts",
		.versions = {"2023-11-01", "2020-01-13-preview", "2021-06-22"}},
	{.name = "Microsoft.Batch/batchAccounts",
		.versions = {"2024-02-01", "2022-10-01", "2023-05-01"}},
	{.name = "Microsoft.Storage/storageAccounts",
		.versions = {"2023-05-01", "2022-09-01", "2023-01-01"}},
	{.name = "Microsoft.KeyVault/vaults",
		.versions = {"2023-07-01", "2022-07-01", "2026-02-01"},
		VAULT_ENDS},
	{.name = "Microsoft.KeyVault/vaults/accessPolicies",
		.versions = {"2023-07-01", "2018-02-14", "2022-07-01", "2026-02-01"},
		VAULT_ENDS},
	{.name = "Microsoft.KeyVault/managedHSMs",
		.versions = {"2023-07-01", "2022-07-01", "2026-02-01"},
		VAULT_ENDS},
	{.name = "Microsoft.ManagedIdentity/userAssignedIdentities",
		.versions = {"2023-01-31", "2018-11-30"}},
	{.name = "Microsoft.Authorization/roleAssignments", .versions = {"2022-04-01"}},
	{.name = "Microsoft.Authorization/roleDefinitions", .versions = {"2022-04-01"}},
	{.name = "Microsoft.ResourceGraph/resources", .versions = {"2022-10-01", "2021-03-01"}},
	{.name = "keyvault", .versions = {"7.4", "7.5", "2025-07-01"}},
	{.name = "resourcegroups", .versions = {"2022-09-01", "2021-04-01"}},
	{.name = "subscriptions", .versions = {"2022-12-01"}},
	{.name = "tenants", .versions = {"2022-12-01"}},
};
const size_t api_types_len = ARRAY_LEN(api_types);

_Static_assert(ARRAY_LEN(api_types) <= API_TYPES_MAX, "a choice has room for every type");

static const struct api_type *
find(const char *name)
{
	for (size_t i = 0; i < api_types_len; i++)
		if (text_casecmp(api_types[i].name, name) == 0)
			return &api_types[i];
	return NULL;
}

/* Whole words only: a list that does not fit ends early. */
static void
list_add(char *list, size_t room, const char *word)
{
	size_t used = strlen(list);

	if (used + strlen(word) + 3 < room)
		snprintf(list + used, room - used, "%s%s", used ? ", " : "", word);
}

static bool
unknown_type(const char *name, struct err *err)
{
	char list[280] = "", shown[80];

	for (size_t i = 0; i < api_types_len; i++) {
		const char *known = api_types[i].name;

		list_add(list, sizeof list,
			text_case_starts(known, "Microsoft.") ? known + strlen("Microsoft.")
							      : known);
	}
	text_cleans(shown, sizeof shown, name);
	return err_set(err, ERR_USAGE, "", "no calls of type %s are made; there are (Microsoft.)%s",
		shown, list);
}

bool
api_choose(struct api_choice *choice, const char *words, struct err *err)
{
	char name[96], version[32], list[160] = "", shown[48];
	const struct api_type *type;

	if (sscanf(words, " %95[^ \t] %31[^ \t]", name, version) != 2)
		return err_set(err, ERR_USAGE, "",
			"must be TYPE VERSION, TYPE VERSION: Microsoft.KeyVault/vaults 2026-02-01");
	type = find(name);
	if (type == NULL)
		return unknown_type(name, err);
	for (size_t i = 0; type->versions[i]; i++) {
		if (strcmp(type->versions[i], version) == 0) {
			choice->version[type - api_types] = (unsigned char)i;
			return true;
		}
		list_add(list, sizeof list, type->versions[i]);
	}
	text_cleans(shown, sizeof shown, version);
	return err_set(err, ERR_USAGE, "", "%s has no version %s that is read here; there are %s",
		type->name, shown, list);
}

const char *
api_version(const struct api_choice *choice, const char *name)
{
	const struct api_type *type = find(name);

	return type ? type->versions[choice->version[type - api_types]] : NULL;
}

bool
api_ends_by(const struct api_choice *choice, const struct api_type *type, time_t by)
{
	char day[32];

	if (type->ends == NULL ||
		strcmp(type->versions[choice->version[type - api_types]], type->stays) >= 0)
		return false;
	return strncmp(type->ends, clock_iso(by, day), strlen("2027-02-27")) <= 0;
}
