/* What the files of doctor share: the rows they find, and what one check leaves to another. */
#ifndef CLAVIGER_VIEWS_CLI_DOCTOR_H
#define CLAVIGER_VIEWS_CLI_DOCTOR_H

#include "views/cli/cli.h"

enum health { HEALTH_OK, HEALTH_SKIPPED, HEALTH_WARN, HEALTH_BAD };

struct doctor {
	struct cli *cli;
	json_t *array;
	struct sheet sheet;
	bool findings;
	time_t date;       /* of the service's answer; 0: none came */
	struct err failed; /* why */
	json_t *seen;      /* the ids of the subscriptions that were listed */
	bool unseen;       /* a tenant refused its list, or a list has another page */
};

/* Adds a row about check; fix: what mends it, "" where nothing is wrong. */
void PRINTF_LIKE(5, 6) doctor_say(struct doctor *doctor, const char *check, enum health health,
	const char *fix, const char *fmt, ...);

/* Terminal, locale, process and libraries. */
void doctor_process(struct doctor *doctor);
/* False when the profile cannot be used, and the checks that need it must be left out. */
bool doctor_config(struct doctor *doctor);
/* The files beside it: certificates, state, journal, cache. */
void doctor_files(struct doctor *doctor);

/* Asks the service; what came of it is told in its turn. */
void doctor_ask(struct doctor *doctor);
void doctor_credentials(struct doctor *doctor);
void doctor_service(struct doctor *doctor);

#endif
