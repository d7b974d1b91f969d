/* Who goes dark if a key is cut: read before revoking, so nothing is changed here. */
#include "backend/estate/impact.h"

#include "views/cli/cli.h"

static int
impact(struct cli *cli)
{
	struct err err = {0}, unread;
	struct key key = {0};
	struct keyid id;
	json_t *object;
	bool read;

	if (!cli_open(cli, &err) ||
		!estate_load_with(cli->estate, ESTATE_ACCOUNTS, IMPACT_PARTS, &err) ||
		!estate_find_key(cli->estate, cli->words[0], cli_option(cli, "vault"), &id, &err))
		return cli_fail(&err);
	read = estate_read_key(cli->estate, &id, &key, &unread);
	key_free(&key);
	object = impact_of(cli->estate, &id, &err);
	if (object == NULL)
		return cli_fail(&err);
	/* A key that is gone may still be in use; one that nobody has heard of is a slip. */
	if (!read && unread.kind == ERR_NOT_FOUND &&
		json_array_size(json_object_get(object, "accounts")) == 0) {
		json_decref(object);
		return cli_fail(&unread);
	}
	return cli_print(cli, object, NULL, 0);
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
