/* What became of a plan, for people: rows of tables and lines on stderr. */
#ifndef CLAVIGER_VIEWS_CLI_REPORT_H
#define CLAVIGER_VIEWS_CLI_REPORT_H

#include "backend/plans/campaign.h"
#include "views/cli/cli.h"

enum { EXIT_PENDING = 10 }; /* a dry run that found something to do */

/* The exit code of a plan that stands still; dry: it was only looked at. */
int report_exit(const struct run *run, bool dry);
/* The same of what stands so; changes: there are some to make. */
int report_state_exit(enum plan_state state, const struct err *err, bool dry, bool changes);
/* The same of a campaign; of a fleet the highest of its members'. */
int report_campaign_exit(const struct campaign *campaign, bool dry);

/* One line on stderr on why it did not get done, with the remedy of what stops it. */
void report_failure(const char *name, const struct run *run);
/* The same for a campaign; of a fleet a line for each that did not. */
void report_campaign_failure(const struct campaign *campaign);

/* After a rollback: what of it stays, and why, a line each on stderr. */
void report_left(const struct run *run);

/* The plan before it is agreed to: findings, steps, requests; to stderr. what: the run, or the
 * campaign. */
void report_plan(const void *what);
void report_campaign(const void *what);

/* How far it is, on one line of the terminal that stderr is; wiped when it stands still. For
 * --accessible every piece of news is a line of its own that stays: spoken, of REPORT_SPOKEN bytes,
 * holds the last one. NULL: as above. */
enum { REPORT_SPOKEN = 512 };
void report_progress(const struct run *run, char *spoken);
void report_campaign_progress(const struct campaign *campaign, char *spoken);
void report_line(const char *line, char *spoken);
/* That its request failed and is to be sent again, and when; returns its length, 0: it is not. */
size_t report_wait(const struct run *run, char *out, size_t room);

/* Where a plan was kept instead of carried out; on stderr. */
void report_kept(const char *path, const char *digest);

/* The result object of what no plan could be begun for; new reference. */
json_t *report_unstarted(const struct plan_def *plan, const char *name, const struct err *err);
/* Prints that and says why. Returns the exit code. */
int report_nothing(struct cli *cli, const char *name, const struct err *err);

/* Tables: one row a step, filled from nothing; of a campaign one a step of each member, of a fleet
 * one a member, after the rows that are there. */
void report_rows(struct sheet *sheet, const struct run *run);
void report_campaign_rows(struct sheet *sheet, const struct campaign *campaign);

#endif
