/* Who goes dark if a key is cut: read before revoking, so nothing is changed here. */
#include "backend/estate/impact.h"

#include "views/cli/cli.h"

static int
impact(struct cli *cli)
{
	struct err err = {0};
	struct keyid id;
	json_t *object;

	if (!cli_open(cli, &err) ||
		!estate_load_with(cli->estate, ESTATE_ACCOUNTS, IMPACT_PARTS, &err) ||
		!estate_find_key(cli->estate, cli->words[0], cli_option(cli, "vault"), &id, &err))
		return cli_fail(&err);
	object = impact_of(cli->estate, &id, &err);
	return object ? cli_print(cli, object, NULL, 0) : cli_fail(&err);
}

const struct command command_impact = {
	.name = "impact",
	.args = "KEY",
	.summary = "Who goes dark if the key is cut, what else holds it, and what is not known.",
	.options = OPTIONS_COMMON | OPTIONS_DATA | OPTIONS_ESTATE | OPTIONS_VAULT,
	.words_min = 1,
	.words_max = 1,
	.run = impact,
};
