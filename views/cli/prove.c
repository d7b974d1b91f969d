/* Proves one key: nothing is changed, nothing is kept. */
#include "backend/plans/prove.h"

#include "views/cli/cli.h"

static const char *const result_names[] = {
	[PROOF_NONE] = "failed",
	[PROOF_PROVED] = "proved",
	[PROOF_DENIED] = "denied",
	[PROOF_FAILED] = "failed",
};

static int
prove(struct cli *cli)
{
	struct proof_result proof = {0};
	struct err err = {0};
	struct keyid id;
	char uri[KEYID_MAX];
	struct keyid bare;
	int code = 0;

	if (!cli_open(cli, &err) ||
		!estate_find_key(cli->estate, cli->words[0], cli_option(cli, "vault"), &id, &err) ||
		!prove_key(cli->estate, &id, &proof, &err))
		return cli_fail(&err);
	if (proof.result == PROOF_DENIED)
		code = err_exit(ERR_DENIED);
	else if (proof.result != PROOF_PROVED)
		code = err_exit(ERR_FAILED);
	if (code)
		cli_fail(&proof.why);
	bare = proof.key;
	bare.version[0] = '\0';
	return cli_print(cli,
		json_pack("{s:s, s:s, s:s, s:f}", "key", keyid_print(&bare, uri), "version",
			proof.key.version, "result", result_names[proof.result], "seconds",
			(double)proof.us / 1e6),
		NULL, code);
}

const struct command command_prove = {
	.name = "prove",
	.args = "KEY",
	.summary = "Wrap a random value here with the public key, unwrap it in the vault, compare.",
	.options = OPTIONS_COMMON | OPTIONS_DATA | OPTIONS_ESTATE | OPTIONS_VAULT,
	.words_min = 1,
	.words_max = 1,
	.run = prove,
};
