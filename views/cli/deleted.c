/* What was deleted and can still come back. */
#include "views/cli/cli.h"

static int
vault_deleted(struct cli *cli)
{
	struct err err = {0};
	json_t *list;

	if (!cli_open(cli, &err))
		return cli_fail(&err);
	list = estate_deleted(cli->estate, &err);
	if (list == NULL)
		return cli_fail(&err);
	cli_notes(cli);
	return cli_print(cli, list, NULL, 0);
}

const struct command command_vault_deleted = {
	.name = "vault deleted",
	.args = "",
	.summary = "List the vaults that were deleted and can be recovered, until when.",
	.options = OPTIONS_COMMON | OPTIONS_DATA | OPTIONS_ESTATE,
	.run = vault_deleted,
};
