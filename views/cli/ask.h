/* Whether what is planned may be carried out. */
#ifndef CLAVIGER_VIEWS_CLI_ASK_H
#define CLAVIGER_VIEWS_CLI_ASK_H

#include "views/cli/cli.h"

struct question {
	const struct plan_def *plan;
	const char *name;  /* of what it is about, for messages */
	const char *cuts;  /* it cuts somebody off, and this bare name confirms it; NULL: nobody */
	const char *types; /* this name is typed, as it cannot be undone; NULL: a yes is enough */
	bool agreed;       /* what it cuts was agreed to already */
	bool told;         /* the banner of the profile was shown */
	void (*show)(const void *what); /* shown before a terminal is asked */
	const void *what;
};

/* Without a terminal there is nobody to ask: --yes, or --confirm=NAME where it cuts, decides. A
 * plain no at the terminal is no error: false, and err stays as it was. */
bool ask_may(struct cli *cli, const struct question *question, struct err *err) MUST_CHECK;

/* Whether the call itself says so, and nobody would be asked. */
bool ask_is_answered(const struct cli *cli, const struct question *question);

/* --break-glass is for what must go dark now, and for nothing else. */
bool ask_may_break(const struct cli *cli, struct err *err) MUST_CHECK;

/* --force RULE, each of which has to be one that stops plans; out ends with NULL. */
enum { FORCED_MAX = 8 };
bool ask_forced(const struct cli *cli, const char *out[FORCED_MAX + 1], struct err *err) MUST_CHECK;

#endif
