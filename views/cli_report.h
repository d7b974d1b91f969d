/* What became of a plan, for people: rows of tables and lines on stderr. */
#ifndef CLAVIGER_VIEWS_CLI_REPORT_H
#define CLAVIGER_VIEWS_CLI_REPORT_H

#include "backend/plans/plan.h"
#include "views/print.h"

enum { EXIT_PENDING = 10 }; /* a dry run that found something to do */

/* The exit code of a plan that stands still; dry: it was only looked at. */
int report_exit(const struct run *run, bool dry);

/* One line on stderr on why it did not get done, with the remedy of what stops it. */
void report_failure(const char *name, const struct run *run);

/* The plan before it is agreed to: findings, steps, requests; to stderr. */
void report_plan(const char *name, const struct run *run);

/* The step under way on one line of the terminal that stderr is; wiped when it stands still. */
void report_progress(const struct run *run);

/* The result object of an account for which no plan could be begun; new reference. */
json_t *report_unstarted(const struct plan_def *plan, const char *name, const struct err *err);

/* Tables: one row a step, or, for a fleet, one row an account. */
void report_columns(struct sheet *sheet, bool fleet);
void report_rows(struct sheet *sheet, const struct run *run, const char *name, bool fleet);
void report_unstarted_row(struct sheet *sheet, const char *name, const struct err *err, bool fleet);

#endif
