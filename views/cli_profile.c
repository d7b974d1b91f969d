/* The profiles of the configuration file. */
#include "views/cli.h"

static void
collect(void *user, const struct profile *profile)
{
	json_t *subscriptions = json_array();

	for (size_t i = 0; i < profile->subscriptions_len; i++)
		json_array_append_new(subscriptions, json_string(profile->subscriptions[i]));
	json_array_append_new(user,
		json_pack("{s:s, s:s, s:s*, s:o, s:b}", "name", profile->name, "cloud",
			profile->cloud.name, "tenant", profile->tenant[0] ? profile->tenant : NULL,
			"subscriptions", subscriptions, "readOnly", profile->read_only));
}

static int
list(struct cli *cli)
{
	json_t *profiles = json_array();
	struct err err = {0};

	if (!config_list(NULL, collect, profiles, &err)) {
		json_decref(profiles);
		return cli_fail(&err);
	}
	return cli_print(cli, profiles, NULL, 0);
}

const struct command command_profile_list = {
	.name = "profile list",
	.args = "",
	.summary = "List the profiles of the configuration file.",
	.options = OPTIONS_COMMON | OPTIONS_DATA,
	.run = list,
};
