/* The NAMEs of a verb. */
#ifndef CLAVIGER_VIEWS_CLI_NAMES_H
#define CLAVIGER_VIEWS_CLI_NAMES_H

#include "views/cli/cli.h"

struct names {
	char **rows;
	size_t len;
	bool several;                  /* several were asked for: an array is printed */
	char *joined[PLAN_FIELDS_MAX]; /* values of options that were given several times */
};

/* The words of the call and those of --ids (NAME, @FILE or @-), at least one. */
bool names_collect(const struct cli *cli, struct names *names, struct err *err) MUST_CHECK;
void names_free(struct names *names);

/* The values of the plan's fields, by their index, borrowed; NULL: not given. */
bool names_values(const struct cli *cli, struct names *names, const char *out[PLAN_FIELDS_MAX],
	struct err *err) MUST_CHECK;

/* What NAME names, or is to become the name of, for the plan of the call. Waits. */
bool names_subject(
	struct cli *cli, const char *name, struct subject *out, struct err *err) MUST_CHECK;

#endif
