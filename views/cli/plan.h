/* Carrying out one plan that does not come from NAMEs and options, by the rules of all of them:
 * --dry-run, --yes, what asks, what is printed, how it ends. */
#ifndef CLAVIGER_VIEWS_CLI_PLAN_H
#define CLAVIGER_VIEWS_CLI_PLAN_H

#include "views/cli/cli.h"

struct cli_source {
	const char *name; /* for messages */
	bool back;        /* its changes are undone, not made */
	bool agreed;      /* what it cuts was agreed to already */
	/* Starts it; waiting is the caller's. */
	struct run *(*start)(const struct cli_source *source, struct cli *cli,
		void (*changed)(void *user), void *user, struct err *err);
	/* After the reads, when there is something to do; may be NULL. */
	bool (*check)(const struct cli_source *source, const struct run *run, struct err *err);
	const void *from;
};

/* Returns the exit code. cli->command.plan is the plan. */
int cli_plan_from(struct cli *cli, const struct cli_source *source);

#endif
