/* Carrying out plans made of plans, and one plan for several NAMEs, by the rules of all plans. */
#ifndef CLAVIGER_VIEWS_CLI_CAMPAIGN_H
#define CLAVIGER_VIEWS_CLI_CAMPAIGN_H

#include "backend/journal/operation.h"
#include "views/cli/names.h"

/* Whether --max-failures is a number. */
bool cli_campaign_limit(const struct cli *cli, struct err *err) MUST_CHECK;

/* The plan of the call; of a plan with stages one campaign a NAME, else a fleet of all. Returns the
 * exit code, as the others. */
int cli_campaign(struct cli *cli, const struct names *names, const char *const *values,
	const char *const *forced);

/* Whether what the journal recorded there was one. */
bool cli_is_campaign(const struct operation *operation);
/* Goes on with it, or takes it back. */
int cli_campaign_again(struct cli *cli, const struct operation *operation, bool back);

/* A plan file's (plan_file.h); approval as in campaign_again. */
int cli_campaign_apply(struct cli *cli, const json_t *file, const char *approval);

#endif
